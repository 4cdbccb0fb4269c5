"""A county whose runs are disturbed in tests, and what must stand in its build folder whatever happens."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gongkai import versions
from gongkai.batch import PAGE
from gongkai.batch.together import FILE as ACROSS
from gongkai.example import Example, write_example
from gongkai.ledger import FILE, read_entries

JOBS = 2
"""Reports that are made at a time."""


@dataclass(frozen=True)
class County:
    """A workspace of some agencies, and the build folder that its run file names."""

    home: Path
    agencies: int

    @classmethod
    def written(cls, home: Path, *, agencies: int = 8, formats: Sequence[str] = ("html",)) -> County:
        """A new one, the same each time."""
        write_example(home, Example(counties=1, agencies=agencies, years=(2023, 2024), faults=0.3, files="cells"))
        county = cls(home, agencies)
        told = yaml.safe_load(county.run_file.read_text(encoding="utf-8")) | {"formats": list(formats)}
        county.run_file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        return county

    @property
    def run_file(self) -> Path:
        return self.home / "params" / "all.yaml"

    @property
    def build(self) -> Path:
        return self.home / "build" / "all-2024"

    def clear(self) -> None:
        shutil.rmtree(self.build, ignore_errors=True)


def tree(build: Path) -> dict[str, str]:
    """All that stands in a build folder but what belongs to the ledger: links with their aims, files with digests."""
    return {
        path.relative_to(build).as_posix(): _digest(path)
        for path in sorted(build.rglob("*"))
        if not path.name.startswith(FILE) and path.name != ".lock" and (path.is_symlink() or path.is_file())
    }


def _digest(path: Path) -> str:
    return str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()


def finished(build: Path) -> set[str]:
    """The agencies that have a version that is whole."""
    return {each.parent.name for each in (build / "versions").glob("[!.]*/[!.]*") if versions.manifest(each)}


def begun(build: Path) -> set[Path]:
    """The folders of versions that were begun and are not finished."""
    return set((build / "versions").glob("*/.*"))


def check(build: Path, whole: dict[str, str], *, all_made: bool = True) -> None:
    """Whatever stands under a final name after a crash is what an undisturbed run has made `whole`.

    Unless `all_made`, what rests on all reports, since it tells of one that is not there, may differ.
    """
    there = {name: digest for name, digest in tree(build).items() if not _passing(name)}
    if not all_made:
        there = {name: digest for name, digest in there.items() if name not in (PAGE, ACROSS)}
    assert there.items() <= whole.items(), sorted(there.items() - whole.items())[:5]
    for link in build.glob("[!.]*"):
        assert not link.is_symlink() or versions.manifest(link), link.name
    read_entries(build)


def _passing(name: str) -> bool:
    """Whether a name is one under which nobody looks for anything: it begins with a dot, or its folder's does."""
    return any(part.startswith(".") for part in name.split("/"))


@dataclass
class Figures:
    """What was done, and what was seen."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    """Seconds from the death of a worker until its reason was told."""
    failed: bool = False
    """Whether something was wrong."""

    def __str__(self) -> str:
        told = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
        return f"{told}; slowest reason {self.slowest:.2f} s"
