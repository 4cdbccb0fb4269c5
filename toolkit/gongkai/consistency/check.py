"""The check: all rules of an edition over any number of filings at once, told as findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from gongkai.catalogues import say
from gongkai.consistency import applying
from gongkai.consistency.balances import Lookup, balances, certain, lookup
from gongkai.consistency.cells import cells_view
from gongkai.consistency.lines import Subject
from gongkai.consistency.running import Laid, expectation_of, failing, lay_out, selects
from gongkai.consistency.telling import tell_balance, tell_cells, tell_line, tell_not_assessable
from gongkai.consistency.views import LAYOUTS
from gongkai.filing import Cell, Filing
from gongkai.finding import SEVERITIES, Finding
from gongkai.forms import Form, editions, load_form
from gongkai.rules import Book, Equation, Rule, can_be_run, condition, equations, load_book
from gongkai.workspace import package_data


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
        subjects = [Subject(filings[each], last[each]) for each in positions]
        book = load_book(edition, rules)
        checked = _Edition(load_form(edition), book.rules, subjects)
        found = checked.findings()
        not_run += checked.not_run()
        not_run += _switched_off(book, subjects)
        for position, told in zip(positions, found, strict=True):
            findings[position] = told
    return Check(tuple(findings), tuple(not_run))


def _switched_off(book: Book, subjects: Sequence[Subject]) -> Iterator[NotRun]:
    """What an office does not have checked is told as what could not be: nothing is waived silently."""
    for subject in subjects:
        for change in book.off.values():
            rule, filing = change.before, subject.filing
            if applying.missing(rule.agencies, filing) or applying.is_for(rule.agencies, filing):
                key = "not_run.part_switched_off" if rule.part else "not_run.switched_off"
                reason = say(key, reason=change.reason, part=rule.part)
                yield NotRun(rule.rule, reason, filing.agency, filing.year)


def warm() -> None:
    """Do now what takes long the first time: import Great Expectations and run our own rules of every edition."""
    for edition, form in editions().items():
        zero = Filing(edition=edition, cells=dict.fromkeys(form.cells, Cell(0, "number", "0")), year=form.years.first)
        check([zero], previous=[zero], rules=package_data("expectations"))


@dataclass
class _Edition:
    """The filings of one edition, each with last year's."""

    form: Form
    rules: Sequence[Rule]
    subjects: Sequence[Subject]
    found: list[list[tuple[Rule, Finding]]] = field(init=False)

    def __post_init__(self) -> None:
        self.found = [[] for _ in self.subjects]

    @cached_property
    def equations(self) -> Sequence[Equation]:
        return [each for rule in self.rules if rule.balance for each in equations(rule, self.form)]

    @cached_property
    def laid_out(self) -> dict[str, Laid]:
        """The views of single filings that any rule asks for."""
        asked = dict.fromkeys(rule.view for rule in self.rules if rule.view in LAYOUTS)
        return {str(view): lay_out(str(view), self.subjects) for view in asked}

    def findings(self) -> list[tuple[Finding, ...]]:
        self._cells()
        for laid in self.laid_out.values():
            self._lines(laid)
        self._balances()
        order = {rule.key: number for number, rule in enumerate(self.rules)}
        return [
            tuple(finding for _, finding in sorted(each, key=lambda told: order[told[0].key])) for each in self.found
        ]

    def not_run(self) -> Iterator[NotRun]:
        asking = [
            (each, when)
            for each in self.equations
            if not can_be_run(each, when := condition(each, self.form), self.form, None)
        ]
        for position, subject in enumerate(self.subjects):
            filing, last = subject.filing, subject.previous
            reasons: dict[str, str] = {}
            for rule in self.rules:
                lacking = applying.missing(rule.agencies, filing)
                if lacking or not applying.is_for(rule.agencies, filing):
                    reasons |= {rule.rule: f"not_run.{lacking}"} if lacking else {}
                elif rule.view in self.laid_out:
                    absent = [each for each in self.laid_out[rule.view].absent[position] if selects(rule, each.values)]
                    reasons |= {rule.rule: f"not_run.{absent[0].reason}"} if absent else {}
            for each, when in asking:
                if applying.is_for(each.rule.agencies, filing) and not can_be_run(each, when, self.form, last):
                    reasons[each.rule.rule] = "not_run.previous" if last is None else "not_run.edition"
            for code, reason in reasons.items():
                yield NotRun(code, say(reason), filing.agency, filing.year)

    def _applies(self, rule: Rule, position: int) -> bool:
        agencies, filing = rule.agencies, self.subjects[position].filing
        return applying.missing(agencies, filing) is None and applying.is_for(agencies, filing)

    def _lines(self, laid: Laid) -> None:
        for rule, rows in failing(laid.frame, self._of_view(laid.view), self._applies, name=laid.view):
            for row in rows:
                position, line = laid.rows[row]
                self._tell(rule, position, tell_line(rule, self.subjects[position].filing, line))
        for position, line in laid.unknown:
            for rule in self._of_view(laid.view):
                if selects(rule, line.values) and self._applies(rule, position):
                    told = tell_line(rule, self.subjects[position].filing, line, verdict="not_assessable")
                    self._tell(rule, position, told)

    def _of_view(self, view: str) -> list[Rule]:
        return [rule for rule in self.rules if rule.view == view]

    def _tell(self, rule: Rule, position: int, finding: Finding) -> None:
        # Two rows or parts of a rule may say the same of a filing: that something of theirs cannot be assessed.
        if all(finding != told for _, told in self.found[position]):
            self.found[position].append((rule, finding))

    def _cells(self) -> None:
        view = cells_view([each.filing for each in self.subjects], self.form)
        told: set[tuple[int, str]] = set()
        # In the order of the rules: a cell gets one finding, that of the first rule that it breaks.
        for rule, rows in failing(view, self._of_view("cells"), self._applies, name="cells"):
            groups: dict[tuple[int, str], list[str]] = defaultdict(list)
            for row in view.iloc[rows].to_dict("records"):
                filing, address, table = row["filing"], row["address"], row["table"]
                if (filing, address) not in told:
                    told.add((filing, address))
                    groups[filing, table if rule.together else address].append(address)
            for (filing, _), addresses in groups.items():
                self.found[filing].append((rule, tell_cells(rule, self.subjects[filing].filing, addresses)))

    def _balances(self) -> None:
        from gongkai.consistency import gx

        laid_out = balances(self.subjects, self.equations, self._applies)
        failed: list[set[Equation]] = [set() for _ in self.subjects]
        for name, view in laid_out.views.items():
            (rows,) = gx.failing_rows(view, [expectation_of(list(view.columns))], name=name)
            for row in rows:
                failed[laid_out.rows[name][row].filing].add(laid_out.rows[name][row].equation)
        unknown: list[set[Equation]] = [set() for _ in self.subjects]
        for place in laid_out.not_assessable:
            unknown[place.filing].add(place.equation)
        for position, subject in enumerate(self.subjects):
            if not failed[position] and not unknown[position]:
                continue
            filing, number = subject.filing, lookup(subject.filing, subject.previous)
            for equation in self.equations:
                if equation in unknown[position]:
                    self._tell(equation.rule, position, tell_not_assessable(equation, filing, number))
                elif equation in failed[position] and not self._explained(equation, failed[position], number):
                    self._tell(equation.rule, position, tell_balance(equation, filing, number))

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
