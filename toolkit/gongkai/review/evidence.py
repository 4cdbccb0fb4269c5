"""What a decision is bound to: the SHA-256 of what it was made on, by name.

Of the files of a version the filings, the findings, the executed notebook and every final file, not the drafts, which
show how waivers stand; and of what it was made of: ``input``, ``previous``, ``notebook``, ``rules``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gongkai import versions
from gongkai.filing import canonical_json
from gongkai.waivers import FILE as WAIVERS

Evidence = Mapping[str, str]

FINAL = re.compile(r"report\.(html|docx|pdf)")
"""The files that are published."""


def evidence(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What the version of that `manifest` is, as it was sealed."""
    files = {name: about["sha256"] for name, about in manifest["files"].items()}
    final = {name: sha256 for name, sha256 in files.items() if ".draft." not in name and name != WAIVERS}
    return {**manifest["made_of"], **final}


def digest(bound: Evidence) -> str:
    """One hash of all of them."""
    return hashlib.sha256(canonical_json(dict(bound)).encode()).hexdigest()


def altered(folder: Path, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The files of a version that are not what its manifest says, byte for byte, and those that it does not know."""
    return tuple(sorted(_altered(folder, manifest)))


def _altered(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, about in manifest["files"].items():
        # Where a name leads elsewhere it is not what was made, though it be the same to the byte.
        if (folder / name).is_symlink() or sha256(folder / name) != about["sha256"]:
            yield name
    yield from {path.name for path in folder.iterdir()} - {*manifest["files"], versions.MANIFEST}


def changed(before: Evidence, now: Evidence) -> tuple[str, ...]:
    """The names of the files that differ, were added or are gone."""
    return tuple(sorted(name for name in {*before, *now} if before.get(name) != now.get(name)))


def sha256(path: Path) -> str:
    """The digest of a file; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
