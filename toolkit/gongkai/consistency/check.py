"""The check: all rules of an edition over any number of filings at once, told as findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.catalogues import say
from gongkai.consistency.telling import tell_balance, tell_cells, tell_not_assessable, tell_report
from gongkai.consistency.views import Lookup, balances, cells_view, certain, lookup, reports_view
from gongkai.filing import Cell, Filing
from gongkai.finding import SEVERITIES, Finding
from gongkai.forms import editions, load_form
from gongkai.rules import Equation, Rule, can_be_run, condition, equations, load_rules
from gongkai.workspace import package_data

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class NotRun:
    """A rule that was not run on a filing because what it needs besides the tables was not given."""

    rule: str
    reason: str
    agency: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found: `findings` of each filing, in the filings' order, and the rules not run."""

    findings: tuple[tuple[Finding, ...], ...]
    not_run: tuple[NotRun, ...]

    @property
    def all(self) -> tuple[Finding, ...]:
        """All findings of all filings."""
        return tuple(finding for each in self.findings for finding in each)

    def summary(self, filings: Sequence[Filing]) -> dict[str, Any]:
        """Counts of what was found, and what was not run, as plain JSON data."""
        failed = [finding for finding in self.all if finding.verdict == "fail"]
        return {
            "filings": len(filings),
            **{str(severity): sum(finding.severity == severity for finding in failed) for severity in SEVERITIES},
            "not_assessable": len(self.all) - len(failed),
            "doubts": sum(len(filing.doubts) for filing in filings),
            "not_run": [
                {"rule": each.rule, "reason": each.reason, "agency": each.agency, "year": each.year}
                for each in self.not_run
            ],
        }


def check(
    filings: Sequence[Filing], *, previous: Sequence[Filing | None] | None = None, rules: Path | None = None
) -> Check:
    """Run the rules of each filing's edition over all `filings` in one go.

    `previous` holds last year's filing of each (None where there is none); rules that need it are not run without.
    `rules` is the folder of the rules, where they are not the workspace's or else ours.
    Findings come in the order of the rules and, within a rule, of the form. Raises UsageError for an edition
    without rules, InternalError where Great Expectations fails.
    """
    last = list(previous) if previous is not None else [None] * len(filings)
    editions: dict[str, list[int]] = defaultdict(list)
    for position, filing in enumerate(filings):
        editions[filing.edition].append(position)
    findings: list[tuple[Finding, ...]] = [()] * len(filings)
    not_run: list[NotRun] = []
    for edition, positions in editions.items():
        these, before = [filings[each] for each in positions], [last[each] for each in positions]
        checked = _Edition(edition, load_rules(edition, rules), these, before)
        not_run += checked.not_run()
        for position, found in zip(positions, checked.findings(), strict=True):
            findings[position] = found
    return Check(tuple(findings), tuple(not_run))


def warm() -> None:
    """Do now what takes long the first time: import Great Expectations and run our own rules of every edition."""
    for edition, form in editions().items():
        zero = Filing(edition=edition, cells=dict.fromkeys(form.cells, Cell(0, "number", "0")), year=form.years.first)
        check([zero], previous=[zero], rules=package_data("expectations"))


@dataclass(slots=True)
class _Edition:
    """The filings of one edition, and last year's of each."""

    edition: str
    rules: Sequence[Rule]
    filings: Sequence[Filing]
    previous: Sequence[Filing | None]
    equations: Sequence[Equation] = field(init=False)

    def __post_init__(self) -> None:
        form = load_form(self.edition)
        self.equations = [each for rule in self.rules if rule.balance for each in equations(rule, form)]

    def not_run(self) -> Iterator[NotRun]:
        form = load_form(self.edition)
        conditions = [(each, condition(each, form)) for each in self.equations]
        asking = [(each, when) for each, when in conditions if not can_be_run(each, when, form, None)]
        for filing, last in zip(self.filings, self.previous, strict=True):
            reason = say("not_run.previous" if last is None else "not_run.edition")
            codes = dict.fromkeys(each.rule.rule for each, when in asking if not can_be_run(each, when, form, last))
            yield from (NotRun(code, reason, filing.agency, filing.year) for code in codes)
            if filing.year is None:
                of_reports = (rule for rule in self.rules if rule.view == "reports")
                yield from (NotRun(rule.rule, say("not_run.year"), filing.agency, None) for rule in of_reports)

    def findings(self) -> list[tuple[Finding, ...]]:
        order = {rule.rule: number for number, rule in enumerate(self.rules)}
        parts = zip(self._of_reports(), self._of_cells(), self._of_balances(), strict=True)
        return [tuple(sorted(chain(*each), key=lambda finding: order[finding.rule])) for each in parts]

    def _of_reports(self) -> list[list[Finding]]:
        found: list[list[Finding]] = [[] for _ in self.filings]
        for rule, rows in self._failing("reports", reports_view(self.filings)):
            for row in rows:
                found[row["filing"]].append(tell_report(rule, self.filings[row["filing"]], row))
        return found

    def _of_cells(self) -> list[list[Finding]]:
        told: set[tuple[int, str]] = set()
        found: list[list[Finding]] = [[] for _ in self.filings]
        # In the order of the rules: a cell gets one finding, that of the first rule that it breaks.
        for rule, rows in self._failing("cells", cells_view(self.filings, load_form(self.edition))):
            groups: dict[tuple[int, str], list[str]] = defaultdict(list)
            for filing, address, table in ((row["filing"], row["address"], row["table"]) for row in rows):
                if (filing, address) not in told:
                    told.add((filing, address))
                    groups[filing, table if rule.together else address].append(address)
            for (filing, _), addresses in groups.items():
                found[filing].append(tell_cells(rule, self.filings[filing], addresses))
        return found

    def _failing(self, name: str, view: pd.DataFrame) -> list[tuple[Rule, list[dict[str, Any]]]]:
        """The rules of a view in their order, each with the rows that fail it."""
        from gongkai.consistency import gx

        own = [rule for rule in self.rules if rule.view == name]
        failing: dict[str, list[dict[str, Any]]] = {}
        for where, rules in _by_selection(own).items():
            selected = view
            for column, values in where:
                selected = selected[selected[column].isin(values)]
            expectations = [gx.Expectation(rule.expect or "", rule.arguments) for rule in rules]
            for rule, rows in zip(rules, gx.failing_rows(selected, expectations, name=name), strict=True):
                failing[rule.rule] = selected.iloc[rows].to_dict("records")
        return [(rule, failing[rule.rule]) for rule in own]

    def _of_balances(self) -> list[list[Finding]]:
        from gongkai.consistency import gx

        numbers = [lookup(filing, last) for filing, last in zip(self.filings, self.previous, strict=True)]
        laid_out = balances(self.filings, self.previous, self.equations)
        failed: list[set[Equation]] = [set() for _ in self.filings]
        for name, view in laid_out.views.items():
            (rows,) = gx.failing_rows(view, [_expectation(gx, list(view.columns))], name=name)
            for row in rows:
                failed[laid_out.rows[name][row].filing].add(laid_out.rows[name][row].equation)
        unknown: list[set[Equation]] = [set() for _ in self.filings]
        for place in laid_out.not_assessable:
            unknown[place.filing].add(place.equation)
        found: list[list[Finding]] = [[] for _ in self.filings]
        for position, filing in enumerate(self.filings):
            number = numbers[position]
            for equation in self.equations:
                if equation in unknown[position]:
                    found[position].append(tell_not_assessable(equation, filing, number))
                elif equation in failed[position] and not self._explained(equation, failed[position], number):
                    found[position].append(tell_balance(equation, filing, number))
        return found

    def _explained(self, equation: Equation, failed: set[Equation], number: Lookup) -> bool:
        """Whether the failure of a total column only repeats those of the columns that it adds up."""
        if not equation.is_total:
            return False
        parts = [each for each in self.equations if each.rule is equation.rule and each is not equation]
        if not any(each in failed for each in parts):
            return False
        if any(number(address) is None for each in parts for address in each.operands):
            return False
        return sum(each.delta(certain(number)) for each in parts) == equation.delta(certain(number))


def _by_selection(rules: Sequence[Rule]) -> dict[tuple[tuple[str, tuple[str, ...]], ...], list[Rule]]:
    """Expectations by the rows that they are for, so that those for the same rows share a validation."""
    selections: dict[tuple[tuple[str, tuple[str, ...]], ...], list[Rule]] = defaultdict(list)
    for rule in rules:
        selections[tuple((column, tuple(values)) for column, values in rule.where.items())].append(rule)
    return selections


def _expectation(gx: Any, columns: list[str]) -> Any:
    if columns == ["greater", "smaller"]:
        arguments: dict[str, Any] = {"column_A": "greater", "column_B": "smaller", "or_equal": True}
        return gx.Expectation("expect_column_pair_values_a_to_be_greater_than_b", arguments)
    arguments = {"column_list": columns, "sum_total": 0, "ignore_row_if": "never"}
    return gx.Expectation("expect_multicolumn_sum_to_equal", arguments)
