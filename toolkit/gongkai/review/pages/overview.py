"""The page of the run: every agency, how far its report has come, and what keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from gongkai.catalogues import say
from gongkai.filing import LEVELS
from gongkai.review.desk import Desk
from gongkai.review.pages.writing import Around, whole, written
from gongkai.review.policy import PASS, in_words
from gongkai.review.rows import SORTS, STATUSES, WEIGHTS, Filter, Row

SIZE = 100
"""Agencies that a page shows."""

MOST_TOGETHER = 200
"""Agencies that are passed together at most: whoever passes them has them listed before him."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the figure: its words and count, and where it begins and how wide it is, of a hundred."""

    key: str
    words: str
    count: int
    left: float
    width: float


def overview(desk: Desk, around: Around, asked: Mapping[str, str], *, size: int = SIZE) -> str:
    """The page; `asked` are the conditions of the address."""
    rows = desk.rows()
    wanted = conditions(asked)
    found = wanted.of(rows)
    last = max(1, -(-len(found) // size))
    page = min(max(1, whole(asked.get("page", ""))), last)
    plain = {each.name: getattr(wanted, each.name) for each in fields(Filter)}
    return written(
        "overview.html.j2",
        around,
        rows=found[(page - 1) * size : page * size],
        count=len(found),
        total=len(rows),
        page=page,
        pages=last,
        asked=plain,
        parts=list(_parts(rows)),
        late=sum(each.late == "late" for each in rows),
        unknown=sum(each.late == "unknown" for each in rows),
        deadlines=list(_deadlines(desk)),
        choices=_choices(desk, rows),
        together=together(desk, around, found),
        kinds=list(WEIGHTS),
    )


def confirming(desk: Desk, around: Around, asked: Mapping[str, str]) -> str:
    """The page that lists the clean agencies that would be passed together, of those that the address asks for."""
    level = asked.get("level_due", "")
    clean = [each for each in conditions(asked).of(desk.rows()) if each.clean and each.due == level]
    cases = [desk.case(each.agency) for each in clean[:MOST_TOGETHER]]
    may = level in together(desk, around, clean)
    return written(
        "together.html.j2",
        around,
        level=level,
        cases=[each for each in cases if not any(each.blocks())] if may else [],
        more=max(0, len(clean) - MOST_TOGETHER) if may else 0,
    )


def conditions(asked: Mapping[str, str]) -> Filter:
    """The conditions that an address asks for."""
    names = [each.name for each in fields(Filter)]
    return Filter(**{name: asked[name][:200] for name in names if asked.get(name)})


def together(desk: Desk, around: Around, found: Sequence[Row]) -> dict[str, int]:
    """At which levels whoever reads this may pass several at once, and how many of those that are shown."""
    may = desk.policy.may(around.who.roles) if around.who and not around.fault else frozenset()
    counts = Counter(each.due for each in found if each.clean)
    return {level: counts[level] for level in desk.policy.levels if counts[level] and f"{PASS}{level}" in may}


def _parts(rows: Sequence[Row]) -> Iterator[Part]:
    """How many agencies have come how far, side by side."""
    counts = Counter(each.status for each in rows)
    left = 0.0
    for key in STATUSES:
        if count := counts[key]:
            width = 100 * count / len(rows)
            yield Part(key, say(f"review.status.{key}"), count, round(left, 3), round(width, 3))
            left += width


def _deadlines(desk: Desk) -> Iterator[tuple[str, Any]]:
    levels = dict.fromkeys(each.level for each in desk.plan.agencies)
    for level in LEVELS:
        if level in levels and (day := desk.policy.deadline(level, desk.plan.year)):
            yield say(f"workbook.level_{level}"), day


def _choices(desk: Desk, rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen of each condition: values and what they are called."""
    above = {each.agency.parent: each.parent for each in rows if each.agency.parent}
    states: list[tuple[str, str]] = [(each, say(f"review.status.{each}")) for each in STATUSES]
    states += [(f"waiting-{each}", say("review.waits_for", level=in_words(each))) for each in desk.policy.levels]
    states += [(each, say(f"review.{each}")) for each in ("late", "void")]
    levels = dict.fromkeys(each.agency.level for each in rows)
    rules = sorted({rule for each in rows for rule in each.rules})
    return {
        "county": list(above.items()),
        "level": [(each, say(f"workbook.level_{each}")) for each in LEVELS if each in levels],
        "status": states,
        "severity": [(each, say(f"severity.{each}")) for each in WEIGHTS],
        "rule": [(each, each) for each in rules],
        "sort": [(each, say(f"review.sort.{each}")) for each in SORTS],
    }
