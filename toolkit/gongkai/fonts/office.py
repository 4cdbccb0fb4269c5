"""The fonts that an office has registered: copies in the workspace's ``fonts/``, listed in its ``fonts.yaml``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from gongkai.authored import Model, load_yaml, validate
from gongkai.errors import AuthoringError, UsageError
from gongkai.fonts.faces import ROLES, Role, faces
from gongkai.fonts.inspection import FontFile, inspect
from gongkai.workspace import cannot_write, find_workspace, working_folder, write_text

_REGISTER = "fonts.yaml"


class Entry(Model):
    """What the register says of a role's font: the name of its copy, its family as typst sees it, its SHA-256."""

    file: str
    family: str
    sha256: str


@dataclass(frozen=True)
class Registered:
    """A font that was registered: `replaced` is the family that its role had before, where that was another font."""

    role: Role
    family: str
    file: Path
    replaced: str | None = None


def home() -> Path:
    """The folder of the office's fonts; it need not exist."""
    return find_workspace() / "fonts"


def registered() -> dict[Role, Entry]:
    """The register, each font of which is there and unchanged.

    Raises AuthoringError naming the font that is not, or the key of the register that is wrong.
    """
    entries = _entries()
    for role, entry in entries.items():
        path, named = home() / entry.file, f"{home().name}/{entry.file}"
        if not path.is_file():
            raise AuthoringError("font_vanished", file=named, role=role)
        status = path.stat()
        if _sha256(path, status.st_mtime_ns, status.st_size) != entry.sha256:
            raise AuthoringError("font_changed", file=named, role=role)
    return entries


def _entries() -> dict[Role, Entry]:
    path = home() / _REGISTER
    if not path.exists():
        return {}
    return validate(dict[Role, Entry], load_yaml(path), file=f"{home().name}/{_REGISTER}")


@lru_cache(maxsize=32)
def _sha256(path: Path, modified: int, size: int) -> str:  # noqa: ARG001  # they are the key of the cache
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def register(files: Sequence[Path], role: str | None = None) -> tuple[Registered, ...]:
    """Copy font files into the workspace and register each for `role` (one of ROLES), or for the one its names tell.

    All or none. A later font of a role takes the place of the earlier. Raises InputError for a file that typst cannot
    set Chinese with or that must not be embedded, UsageError for a role that is unknown or cannot be told, and where
    the workspace cannot be written.
    """
    if role is not None and role not in ROLES:
        raise UsageError("unknown_font_role", name=role, known=", ".join(ROLES))
    with working_folder(home()) as scratch:
        before = _entries()
        entries, done = dict(before), []
        for file in files:
            font = inspect(file, scratch)
            place = next((each for each in ROLES if each == role), None) or _role(font, file)
            sha256 = hashlib.sha256(font.copy.read_bytes()).hexdigest()
            entry = Entry(file=f"{place}-{sha256[:8]}{font.copy.suffix}", family=font.family, sha256=sha256)
            earlier = entries.get(place)
            replaced = earlier.family if earlier and earlier.sha256 != sha256 else None
            font.copy.replace(scratch / entry.file)
            entries[place] = entry
            done.append(Registered(place, entry.family, home() / entry.file, replaced))
        _store(scratch, before, entries)
    return tuple(done)


def _role(font: FontFile, file: Path) -> Role:
    """The role that the names of `font` tell. Raises UsageError where they tell none or several."""
    names = [re.sub(r"[\s_-]", "", name) for name in font.names]
    found = [role for role in ROLES if any(re.search(faces()[role].names, name, re.IGNORECASE) for name in names)]
    if len(found) != 1:
        key = "ambiguous_font_role" if found else "font_role_not_told"
        raise UsageError(key, file=file.name, family=font.family, known=", ".join(found or ROLES))
    return found[0]


def _store(scratch: Path, before: dict[Role, Entry], entries: dict[Role, Entry]) -> None:
    """Move the copies that `entries` names into place, then the register, then clear away what it named `before`."""
    try:
        home().mkdir(exist_ok=True)
        for entry in entries.values():
            if (scratch / entry.file).exists():
                (scratch / entry.file).replace(home() / entry.file)
    except OSError as error:
        raise cannot_write(home(), error) from error
    data = {role: entries[role].model_dump() for role in ROLES if role in entries}
    write_text(home() / _REGISTER, yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    kept = {entry.file for entry in entries.values()}
    for role, entry in before.items():
        # Only a copy that we made: a register written by hand may name a file that the office has nowhere else.
        if entry.file not in kept and entry.file.startswith(f"{role}-{entry.sha256[:8]}."):
            (home() / entry.file).unlink(missing_ok=True)
