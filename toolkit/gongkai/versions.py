"""Versions: each report that was ever made lies under its content key, and its agency's name leads to the current one.

::

    build/versions/<code>/<key>/     the files of one version and its manifest; never changed once it is there
    build/<code>                     a link to the current version
    build/versions/<code>/<key>.kept says that this version is not to be removed
    build/index.html                 the page of the run, see `gongkai.batch.page`
    build/across.json                what was found across agencies, see `gongkai.batch.together`
    build/ledger.sqlite              see `gongkai.ledger`; beside it SQLite has files of its own

A version takes its place whole, by one rename, after all of its files are on the disk.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gongkai.errors import UsageError
from gongkai.filing import canonical_json
from gongkai.workspace import cannot_write, flush, put

FOLDER, MANIFEST = "versions", "manifest.json"

SHOWN = 20
"""Hex digits of a content key by which its folder is named: of a billion versions no two are likely to share them."""


_NAME = re.compile(r"[a-z][a-z.]*")
"""What files of a version are called: they lie in its folder, and nowhere else."""

_TAKEN = re.compile(r"versions|index\.html|across\.json|ledger\.sqlite.*", re.IGNORECASE)
"""Names that no agency can have beside them."""


def place(build: Path, code: str, key: str) -> Path:
    """The folder of a version, whether it is there or not."""
    return build / FOLDER / code / key[:SHOWN]


def manifest(folder: Path) -> dict[str, Any] | None:
    """What a version says of itself; None where there is none, or where it is not as it was made."""
    told = unchecked(folder)
    try:
        sealed = (folder / MANIFEST).stat().st_mtime_ns
        whole = told is not None and all(_stands(folder / name, each, sealed) for name, each in told["files"].items())
    except (OSError, KeyError, TypeError):
        return None
    return told if whole else None


def unchecked(folder: Path) -> dict[str, Any] | None:
    """What a version says of itself, whether it is as it was made or not; None where it says nothing that we know."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    try:
        known = all(_NAME.fullmatch(name) and type(each["sha256"]) is str for name, each in told["files"].items())
    except (KeyError, TypeError, AttributeError):
        return None
    return told if known else None


def _stands(path: Path, about: Mapping[str, object], sealed: int) -> bool:
    """Whether a file is what the manifest tells `about` it; it is read only where it is younger than that."""
    status = path.stat()
    return status.st_size == about["size"] and (status.st_mtime_ns <= sealed or _described(path) == about)


@contextmanager
def new(folder: Path) -> Iterator[Path]:
    """An empty folder that becomes the version `folder` when the block ends without an error.

    What killed processes have left beside it is removed by `prune`. Raises UsageError where it cannot be written.
    """
    # No two processes share one, not even with one that dies only now.
    stage = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        _clear(stage)
        stage.mkdir(parents=True)
        yield stage
        flush(stage)
        _clear(folder)  # there, but not whole
        stage.rename(folder)
        flush(folder.parent)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def seal(stage: Path, about: Mapping[str, Any]) -> None:
    """Write the manifest of the files in `stage`, which are all there, with `about`; nothing is added afterwards."""
    files = {path.name: _described(path) for path in sorted(stage.iterdir())}
    put(stage / MANIFEST, canonical_json({"schema": 1, **about, "files": files}).encode())


def _described(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def current(build: Path, code: str) -> str:
    """The name of the folder that the agency's name leads to; "" where it leads to none."""
    try:
        # As text: of thousands of agencies in a row, paths take longer than the system does.
        return os.readlink(f"{build}/{code}").replace(os.sep, "/").rpartition("/")[2]  # noqa: PTH115
    except OSError:
        return ""


def point(build: Path, code: str, key: str) -> Path:
    """Let the agency's name lead to the version `key`: the path by which people go there.

    Raises UsageError where something else stands at that name, or has its place there.
    """
    link, target = build / code, place(build, code, key)
    if current(build, code) == target.name:
        return link
    if _TAKEN.fullmatch(code) or (link.exists() and not link.is_symlink()):
        raise UsageError("name_taken", file=link.name)
    beside = build / f".{code}.link"
    try:
        beside.unlink(missing_ok=True)
        beside.symlink_to(os.path.relpath(target, build), target_is_directory=True)
        beside.replace(link)
        flush(build)
    except OSError as error:
        raise cannot_write(link, error) from error
    return link


def withdraw(build: Path, code: str) -> None:
    """Let the agency's name lead nowhere: there is no report of what it has handed in now. The versions stay."""
    link = build / code
    if link.is_symlink():
        try:
            link.unlink()
            flush(build)
        except OSError as error:
            raise cannot_write(link, error) from error


def linked(build: Path) -> set[str]:
    """The codes of all agencies whose names lead to a version."""
    return {path.name for path in build.iterdir() if path.is_symlink() and path.readlink().parts[0] == FOLDER}


def keep(build: Path, code: str, key: str) -> None:
    """Never remove this version: somebody has decided on it."""
    put(place(build, code, key).with_suffix(".kept"), b"")


def prune(build: Path, code: str) -> None:
    """Remove the versions of an agency that are neither current nor kept; what cannot be removed now, another time."""
    sweep(build, code)
    folder = build / FOLDER / code
    lasting = {current(build, code)} | {path.stem for path in folder.glob("*.kept")}
    for path in folder.glob("[!.]*"):
        if path.is_dir() and path.name not in lasting:
            with suppress(OSError):
                # First away from its name: half a version must never stand under it.
                shutil.rmtree(path.rename(path.with_name(f".{path.name}")))


def sweep(build: Path, code: str) -> None:
    """Remove what killed processes have left of the versions of an agency."""
    for path in (build / FOLDER / code).glob(".*"):
        shutil.rmtree(path, ignore_errors=True)


def _clear(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
