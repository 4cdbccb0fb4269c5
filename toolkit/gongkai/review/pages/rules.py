"""The page of a rule: what it says, and every agency that breaks it."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.errors import UsageError
from gongkai.finding import Finding, findings_from_json
from gongkai.review.desk import Desk
from gongkai.review.pages.writing import Around, written
from gongkai.review.rows import Row
from gongkai.rules.describing import explained, in_words
from gongkai.workspace import standing_in

MOST = 200
"""Agencies whose findings are told; of the others, that there are more."""


def rule(desk: Desk, around: Around, code: str) -> str | None:
    """The page of the rule `code`; None where there is no such rule."""
    try:
        with standing_in(desk.plan.workspace):
            known = explained(code, None, desk.plan.rules)
    except UsageError:
        return None
    breaking = [row for row in desk.rows() if code in row.rules]
    return written(
        "rule.html.j2",
        around,
        code=code,
        title=str(known[0].rule.title),
        severity=known[0].rule.severity,
        lines=[line for each in known for line in in_words(each)],
        breaking=[(row, _findings(desk, row, code)) for row in breaking[:MOST]],
        count=len(breaking),
    )


def _findings(desk: Desk, row: Row, code: str) -> Sequence[Finding]:
    path = desk.folder(row.agency.code) / "findings.json"
    own = [each.finding for each in desk.concerns.get(row.agency.code, ())]
    read = findings_from_json(path.read_text(encoding="utf-8"), file=path.name) if path.is_file() else ()
    found = (*read, *(each for each in own if each.agency_code == row.agency.code))
    return [each for each in found if each.rule == code]
