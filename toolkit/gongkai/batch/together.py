"""What shows only where all reports of a run lie side by side: `across.json` in the build folder.

It rests on every report, so it is made last, and anew whenever any of them has changed; none of them rests on it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError, with_config

from gongkai import versions
from gongkai.batch.keys import together_key
from gongkai.filing import STRICT, Filing, canonical_json, plain_data
from gongkai.finding import Concern
from gongkai.ledger import Entry
from gongkai.runfile import Plan
from gongkai.workspace import put_held

FILE = "across.json"


@dataclass(frozen=True, slots=True)
class Together:
    """Whose reports are held against each other, all agencies of the roster, each in the order of codes; their key."""

    key: str
    filed: Mapping[str, str]
    """By code the version that each agency's name leads to."""
    roster: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, plan: Plan, around: str, known: Mapping[str, Entry]) -> Together:
        """The reports that there are of a run, as far as its agencies are `known`."""
        agencies = sorted(plan.agencies, key=lambda each: each.code)
        current = {each.code: versions.current(plan.output, each.code) for each in agencies}
        filed = {code: version for code, version in current.items() if version}
        roster = tuple(
            {
                "agency": each.agency,
                "agency_code": each.code,
                "level": each.level,
                "handed_in": each.code not in known or known[each.code].outcome != "missing",
            }
            for each in agencies
        )
        return cls(together_key(around, filed, roster), filed, roster)

    def is_due(self, build: Path) -> bool:
        """Whether what stands in the build folder was not made from the same."""
        stored = _stored(build)
        return stored is None or stored.key != self.key

    def filings(self, build: Path) -> list[Filing]:
        """The filings of those reports without their tables, which nothing here asks for: a province's fill GiBs."""
        return [_prose(build / code / "filing.json") for code in self.filed]

    def write(self, build: Path, concerns: Iterable[Concern]) -> None:
        """Write what was found."""
        put_held(build / FILE, canonical_json(plain_data(_Stored(2, self.key, self.filed, tuple(concerns)))).encode())


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class _Stored:
    """What the file holds."""

    schema: Literal[2]
    key: str
    filed: Mapping[str, str]
    concerns: tuple[Concern, ...]


def _prose(path: Path) -> Filing:
    data = json.loads(path.read_text(encoding="utf-8"))
    return Filing.from_json(json.dumps(data | {"cells": {}, "doubts": []}), file=path.name)


def forget(build: Path) -> None:
    """Remove what was found before and holds no longer."""
    with suppress(OSError):
        (build / FILE).unlink()


def concerns(build: Path) -> tuple[Concern, ...]:
    """What the last run of a build folder has found across its agencies."""
    stored = _stored(build)
    return stored.concerns if stored else ()


def compared(build: Path) -> Mapping[str, str] | None:
    """By code the versions that were held against each other; None where none were, or what was found is damaged."""
    stored = _stored(build)
    return stored.filed if stored else None


def counted(found: Iterable[Concern]) -> dict[str, int]:
    """How many findings there are, by the code of their rule."""
    return dict(Counter(each.finding.rule for each in found))


def _stored(build: Path) -> _Stored | None:
    """What is stored; None where there is nothing, or it is damaged."""
    try:
        return _adapter().validate_json((build / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


@cache
def _adapter() -> TypeAdapter[_Stored]:
    return TypeAdapter(_Stored)
