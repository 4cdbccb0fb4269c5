"""Content keys: what is unchanged has the same key and is not made again.

The *reading key* of an agency is known before anything is read: it covers the bytes of its inputs, its line of the
roster, its waivers, and the surroundings, all that reports are made with. The *content key* names its report: it covers
what its notebook and the exporters are given.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import gongkai
from gongkai.filing import canonical_json
from gongkai.fonts import folders
from gongkai.roster import Agency
from gongkai.rules import rule_folders
from gongkai.runfile import Plan
from gongkai.waivers import Waiver
from gongkai.workspace import standing_in


def surroundings(plan: Plan) -> str:
    """The key of all that is the same for every agency of a run.

    Package, form, fonts, template, rules, notebook, language, formats, and the versions of Python and of every package
    that ours depends on.
    """
    with standing_in(plan.workspace):
        trees = [Path(gongkai.__file__).parent, *rule_folders(plan.rules), *folders()]
    files = [plan.notebook, plan.workspace / "reference.docx"]
    return _key(
        [
            platform.python_version(),
            sorted(_versions("gongkai")),
            [list(_tree(folder)) for folder in trees],
            [_sha256(path) if path.is_file() else None for path in files],
            [plan.year, plan.language, plan.formats, plan.drafts, plan.checks],
        ]
    )


def made_of(plan: Plan) -> dict[str, str]:
    """What people may change of what every report is made with, by name: its digest, which the versions keep."""
    with standing_in(plan.workspace):
        rules = [list(_tree(folder)) for folder in rule_folders(plan.rules)]
    return {"notebook": _sha256(plan.notebook), "rules": _key(rules)}


def inputs_of(plan: Plan, agency: Agency) -> dict[str, str]:
    """The digests of what an agency has handed in, this year and last, as far as it is there; raises OSError."""
    files = {"input": plan.workspace / plan.input(agency), "previous": plan.previous(agency)}
    return {what: _sha256(path) for what, path in files.items() if path and path.is_file()}


def reading_key(around: str, plan: Plan, agency: Agency, waivers: Sequence[Waiver], inputs: Mapping[str, str]) -> str:
    """The key of what the report of `agency` follows from, of `inputs` with these digests."""
    names = [Path(plan.input(agency)).name, getattr(plan.previous(agency), "name", None)]
    line = [agency.agency, agency.code, agency.level, plan.overrides(agency)]
    return _key([around, line, names, dict(inputs), [waiver.to_data() for waiver in waivers]])


def content_key(around: str, parameters: Mapping[str, Any], files: Mapping[str, str]) -> str:
    """The key of a report: of what its notebook gets as `parameters`, and of the texts of the `files` beside it."""
    return _key([around, dict(parameters), dict(files)])


def together_key(around: str, filed: Mapping[str, str], roster: Sequence[Mapping[str, Any]]) -> str:
    """The key of what is found across agencies: by code the versions of their reports, and the roster."""
    return _key([around, dict(filed), [dict(each) for each in roster]])


def _key(data: Any) -> str:
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tree(folder: Path) -> Iterator[tuple[str, str]]:
    """The files of a folder, with their contents, but for what Python has compiled."""
    paths = [Path(place, name) for place, _, names in os.walk(folder, followlinks=True) for name in names]
    for path in sorted(paths):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(folder).as_posix(), _sha256(path)


def _versions(name: str) -> Iterator[str]:
    """A distribution and all that it needs, each once, with its version; what is not installed here is not needed."""
    waiting, seen = [name], set()
    while waiting:
        found = _distribution(waiting.pop())
        if found is None or found.name in seen:
            continue
        seen.add(found.name)
        yield f"{found.name} {found.version}"
        needed = [each for each in found.requires or () if "extra ==" not in each]
        waiting += [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needed]


def _distribution(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
