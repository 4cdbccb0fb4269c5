"""What may be published: what was passed at every level, is still the same, and has nothing against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.batch import Selection
from gongkai.review.case import Case, Reason
from gongkai.review.desk import Desk
from gongkai.review.evidence import FINAL
from gongkai.review.policy import in_words
from gongkai.roster import Agency


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the report of an agency may be published: why not, who has passed it, and the digests of its files."""

    agency: Agency
    reasons: tuple[Reason, ...]
    passes: tuple[tuple[str, str, str], ...]
    """Level, person and time (UTC) of each pass that counts."""
    files: Mapping[str, str]

    @property
    def may(self) -> bool:
        """Whether it may."""
        return not self.reasons

    def to_data(self) -> dict[str, Any]:
        """As plain JSON data."""
        names = ("level", "by", "at")
        return {
            "agency": self.agency.agency,
            "agency_code": self.agency.code,
            "publish": self.may,
            "reasons": [each.in_words() for each in self.reasons],
            "passes": [dict(zip(names, each, strict=True)) for each in self.passes],
            "files": dict(self.files),
        }


def verdict(desk: Desk, case: Case) -> Verdict:
    """The verdict on a case of `desk`."""
    passes = tuple((each.content["level"], each.decision.by, each.decision.at) for each in case.standing.passes)
    files = {name: sha256 for name, sha256 in case.evidence.items() if FINAL.fullmatch(name)}
    return Verdict(case.agency, tuple(_against(desk, case)), passes, files)


def verdicts(desk: Desk, agencies: Sequence[str] = ()) -> Iterator[Verdict]:
    """The verdicts on these agencies of a run, by code or name (default: all), every file read byte for byte.

    Raises InputError for a damaged log, UsageError for an agency that there is not.
    """
    if desk.log_fault:
        raise desk.log_fault
    chosen = Selection(agencies=agencies).chosen(desk.plan, {})
    return (verdict(desk, desk.case(agency)) for agency in chosen)


def _against(desk: Desk, case: Case) -> Iterator[Reason]:
    yield from case.blocks()
    standing = case.standing
    if standing.returned:
        yield Reason.of("returned", by=standing.returned.decision.by)
    elif due := standing.due(desk.policy):
        yield Reason.of("void" if standing.void else "not_passed", level=in_words(due))
