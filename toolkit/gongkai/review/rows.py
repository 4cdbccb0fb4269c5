"""A line for each agency of a run: how far its report has come, what is wrong with it, whether it is late."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongkai.batch.page import KINDS
from gongkai.review.policy import Policy
from gongkai.roster import Agency

Status = Literal["missing", "failed", "damaged", "stale", "returned", "blocked", "waiting", "passed", "unknown"]
"""No input; no report could be made; not as it was made; no longer what would be made; sent back; passed as far as what
blocks it allows; waiting for a level; passed at all; never run."""

STATUSES: tuple[Status, ...] = (
    *("blocked", "waiting", "returned", "passed", "stale", "damaged", "missing", "failed", "unknown"),
)

Late = Literal["", "late", "unknown"]

WEIGHTS = {kind: weight for kind, weight in KINDS.items() if weight}
"""Kinds of findings that are to be seen to, and how heavy they weigh where agencies are sorted by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the page of a run says of an agency. `due` is the level that it waits for; `words` is what is searched."""

    agency: Agency
    parent: str
    status: Status
    due: str
    void: bool
    late: Late
    kinds: Mapping[str, int]
    rules: Mapping[str, int]
    message: str
    words: str

    @property
    def weight(self) -> int:
        """How heavy its findings weigh."""
        return sum(self.kinds.get(kind, 0) * weight for kind, weight in WEIGHTS.items())

    @property
    def clean(self) -> bool:
        """Whether it waits for a level with nothing that blocks it."""
        return self.status == "waiting"


def status(outcome: str, *, stale: bool, returned: bool, blocked: bool, due: str) -> Status:
    """Which of the above a report is, of which a run has made `outcome`."""
    holds: dict[Status, bool] = {
        "missing": outcome == "missing",
        "failed": outcome in ("excepted", "errored"),
        "damaged": outcome == "damaged",
        "unknown": outcome == "unknown",
        "stale": stale,
        "returned": returned,
        "blocked": blocked,
        "waiting": bool(due),
    }
    return next((each for each, does in holds.items() if does), "passed")


def lateness(agency: Agency, year: int, outcome: str, policy: Policy, today: date) -> Late:
    """Whether no filing was received by the deadline for its level; unknown where nobody says when one was."""
    deadline = policy.deadline(agency.level, year)
    if deadline is None:
        return "unknown"
    if agency.received_at is not None:
        return "late" if agency.received_at > deadline else ""
    if outcome == "missing":
        return "late" if today > deadline else ""
    return "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which lines are shown: those for which every condition holds that is given."""

    county: str = ""
    """The code of the agency above, or its own."""
    level: str = ""
    status: str = ""
    """One of `STATUSES`, ``late``, ``void``, or ``waiting-<level of review>``."""
    severity: str = ""
    rule: str = ""
    words: str = ""
    sort: str = "roster"

    def of(self, rows: Iterable[Row]) -> list[Row]:
        """Those of `rows`, sorted."""
        wanted = self.words.casefold().split()
        found = [each for each in rows if self._means(each, wanted)]
        if self.sort in _SORTS:
            found.sort(key=_SORTS[self.sort])
        return found

    def _means(self, each: Row, wanted: Collection[str]) -> bool:
        return (
            (not self.county or self.county in (each.agency.parent, each.agency.code))
            and (not self.level or self.level == each.agency.level)
            and (not self.status or self.status in self._states(each))
            and (not self.severity or bool(each.kinds.get(self.severity)))
            and (not self.rule or self.rule in each.rules)
            and all(word in each.words for word in wanted)
        )

    @staticmethod
    def _states(each: Row) -> set[str]:
        return {each.status, each.late, "void" if each.void else "", f"{each.status}-{each.due}"} - {""}


_SORTS = {
    "code": lambda each: each.agency.code,
    "agency": lambda each: each.agency.agency,
    "findings": lambda each: -each.weight,
    "status": lambda each: STATUSES.index(each.status),
    "received": lambda each: (each.agency.received_at is None, each.agency.received_at or date.min),
}
SORTS = ("roster", *_SORTS)
