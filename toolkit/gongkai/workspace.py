"""The workspace: where relative paths of files resolve, and where an office keeps its own rules and notebooks.

It is the nearest folder upward that holds ``gongkai.toml``; without one, the folder we stand in.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gongkai.errors import UsageError

MARKER = "gongkai.toml"
_PACKAGE = Path(__file__).parent


def find_workspace(start: Path | None = None) -> Path:
    """The workspace of `start` (default: the current folder)."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return folder
    return here


def resolve(path: str, *, base: Path | None = None) -> Path:
    """A path that a file names: relative to the workspace; if it begins with ``./``, to `base` (the current folder)."""
    if path.startswith("./"):
        return (base or Path.cwd()) / path
    return find_workspace() / path


def package_data(name: str) -> Path:
    """A top-level folder or file that travels with the package: in the wheel, or beside a checkout's ``toolkit/``."""
    for root in (_PACKAGE / "_data", _PACKAGE.parents[1]):
        if (root / name).exists():
            return root / name
    raise UsageError("missing_package_data", name=name)


def find_data(name: str) -> Path:
    """A file or folder by its top-level name: the workspace's own first, else the package's."""
    own = find_workspace() / name
    return own if own.exists() else package_data(name)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary file beside `target` that takes its place, whole, when the block ends without an error."""
    if target.is_dir():
        raise UsageError("is_directory", file=target.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}.", suffix=target.suffix)
    except OSError as error:
        raise UsageError("cannot_write", file=target.name, reason=error.strerror) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; what we hand out is as readable as any other new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write `text` to `target` (UTF-8, newlines as given), whole or not at all."""
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
