"""The check across the agencies of a run: copies of each other's prose, names of others left in, reports missing.

What is found here rests on the reports of others, so it is none of an agency's own findings: it is the run's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gongkai.catalogues import say
from gongkai.consistency.asking import Asking
from gongkai.consistency.between import VIEWS, Row
from gongkai.consistency.group import Expected, Group
from gongkai.consistency.running import ask, framed
from gongkai.consistency.telling import tell_line
from gongkai.consistency.unrun import NotRun
from gongkai.filing import Filing
from gongkai.finding import Concern
from gongkai.rules import Rule, load_rules

__all__ = ["Across", "Expected", "across"]


@dataclass(frozen=True, slots=True)
class Across:
    """What was found across the agencies of a run, in the order of the rules and the filings; and the rules not run."""

    concerns: tuple[Concern, ...] = ()
    not_run: tuple[NotRun, ...] = ()

    @property
    def rules(self) -> dict[str, int]:
        """How many findings there are, by the code of their rule."""
        return dict(Counter(each.finding.rule for each in self.concerns))

    @property
    def blocks(self) -> bool:
        """Whether any of it forbids the release of a report."""
        return any(each.finding.blocks for each in self.concerns)


def across(
    filings: Sequence[Filing],
    *,
    expected: Sequence[Expected] = (),
    year: int | None = None,
    rules: Path | None = None,
) -> Across:
    """Run the rules across all `filings` of a run; whoever is `expected` and has none is told as missing.

    `year` is that of the run; where it is not given, that of the filings. `rules` is the folder of the rules, where
    they are not the workspace's or else ours. Raises UsageError for an edition without rules, InternalError where
    Great Expectations fails.
    """
    group = Group(filings, expected, year)
    loaded = [rule for rule in load_rules(group.edition, rules) if rule.view in VIEWS]
    found: dict[tuple[str, str], list[Concern]] = {}
    asking = Asking()
    rows: dict[str, list[Row]] = {}
    for view, rows_of in VIEWS.items():
        if of_view := [rule for rule in loaded if rule.view == view]:
            rows[view] = list(rows_of(group))
            frame = framed(view, [(row.position, row.line) for row in rows[view]])
            ask(asking, frame, of_view, group.applies)
    failing = asking.failing("across")
    for rule in loaded:
        found[rule.key] = [_concern(rule, group, rows[str(rule.view)][number]) for number in failing.get(rule.key, ())]
    return Across(tuple(each for told in found.values() for each in told), tuple(_not_run(loaded, group)))


def _concern(rule: Rule, group: Group, row: Row) -> Concern:
    return Concern(
        finding=tell_line(rule, group.whose[row.position], row.line),
        title=str(rule.title),
        other=row.other.agency if row.other else None,
        other_code=row.other.agency_code if row.other else None,
        alike=row.alike,
        sentences=row.sentences,
    )


def _not_run(rules: Sequence[Rule], group: Group) -> Iterator[NotRun]:
    """The rules that lack what they need: the roster of the run, or, of one filing, its name, its prose, others."""
    for rule in dict.fromkeys(rule.rule for rule in rules if rule.view == "roster" and not group.expected):
        yield NotRun(rule, say("not_run.roster"), None, group.year)
    for filing in group.filings:
        reasons = {rule.rule: lacking for rule in rules if (lacking := group.lacks(filing, str(rule.view)))}
        for code, reason in reasons.items():
            yield NotRun(code, say(f"not_run.{reason}"), filing.agency, filing.year)
