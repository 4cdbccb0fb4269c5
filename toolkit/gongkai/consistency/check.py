"""The check: all rules of an edition over any number of filings at once, told as findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from gongkai.catalogues import say
from gongkai.consistency import applying
from gongkai.consistency.asking import Asking, Failing
from gongkai.consistency.balances import Balances, balances
from gongkai.consistency.cells import Cells, asked_of_cells
from gongkai.consistency.lines import Subject
from gongkai.consistency.numbers import Lookup, certain, lookup
from gongkai.consistency.running import Laid, ask, ask_balances, lay_out, selects
from gongkai.consistency.telling import tell_balance, tell_cells, tell_line, tell_not_assessable
from gongkai.consistency.unrun import Lacking, NotRun, NotRuns, not_run
from gongkai.consistency.views import LAYOUTS
from gongkai.filing import Cell, Filing
from gongkai.finding import SEVERITIES, Finding
from gongkai.forms import Form, editions, load_form
from gongkai.rules import Book, Equation, Rule, equations, load_book
from gongkai.workspace import package_data

CHUNK = 10_000
"""Filings that are laid out at once: a validation costs little beside them, and their views not too much memory."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found: `findings` of each filing, in the filings' order, and the rules not run."""

    findings: tuple[tuple[Finding, ...], ...]
    not_run: Collection[NotRun]

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
    lacking: list[Lacking] = []
    for edition, positions in editions.items():
        form, book = load_form(edition), load_book(edition, rules)
        for start in range(0, len(positions), CHUNK):
            chunk = positions[start : start + CHUNK]
            subjects = [Subject(filings[each], last[each]) for each in chunk]
            checked = _Chunk(form, book.rules, subjects)
            for position, told in zip(chunk, checked.findings(), strict=True):
                findings[position] = told
            lacking += checked.not_run()
            lacking += _switched_off(book, subjects)
    return Check(tuple(findings), NotRuns(lacking))


def _switched_off(book: Book, subjects: Sequence[Subject]) -> Iterator[Lacking]:
    """What an office does not have checked is told as what could not be: nothing is waived silently."""
    for subject in subjects if book.off else ():
        filing, reasons = subject.filing, {}
        for change in book.off.values():
            rule = change.before
            if applying.missing(rule.agencies, filing) or applying.is_for(rule.agencies, filing):
                key = "not_run.part_switched_off" if rule.part else "not_run.switched_off"
                reasons[rule.rule] = say(key, reason=change.reason, part=rule.part)
        if reasons:
            yield Lacking(filing.agency, filing.year, reasons)


def warm() -> None:
    """Do now what takes long the first time: import Great Expectations and run our own rules of every edition."""
    for edition, form in editions().items():
        zero = Filing(edition=edition, cells=dict.fromkeys(form.cells, Cell(0, "number", "0")), year=form.years.first)
        check([zero], previous=[zero], rules=package_data("expectations"))


@dataclass
class _Chunk:
    """Some filings of one edition, each with last year's."""

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
        rules = self._of_view("cells")
        cells = Cells([each.filing for each in self.subjects], self.form, asked_of_cells(rules))
        laid_out = balances(self.subjects, self.equations, self._applies)
        asking = Asking()
        ask(asking, cells.view, rules, self._applies)
        for laid in self.laid_out.values():
            ask(asking, laid.frame, self._of_view(laid.view), self._applies)
        ask_balances(asking, laid_out.views)
        failing = asking.failing(self.form.edition)
        self._cells(cells, failing)
        for laid in self.laid_out.values():
            self._lines(laid, failing)
        self._balances(laid_out, failing)
        order = {rule.key: number for number, rule in enumerate(self.rules)}
        return [
            tuple(finding for _, finding in sorted(each, key=lambda told: order[told[0].key])) for each in self.found
        ]

    def not_run(self) -> Iterator[Lacking]:
        return not_run(self.subjects, self.rules, self.equations, self.laid_out)

    def _applies(self, rule: Rule, position: int) -> bool:
        agencies, filing = rule.agencies, self.subjects[position].filing
        return applying.missing(agencies, filing) is None and applying.is_for(agencies, filing)

    def _lines(self, laid: Laid, failing: Failing) -> None:
        for rule in self._of_view(laid.view):
            for row in failing.get(rule.key, ()):
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

    def _cells(self, cells: Cells, failing: Failing) -> None:
        told = np.zeros((len(self.subjects), len(cells.addresses)), dtype=bool)
        # In the order of the rules: a cell gets one finding, that of the first rule that it breaks.
        for rule in self._of_view("cells"):
            if not (rows := failing.get(rule.key)):
                continue
            broken = cells.written(rows) & ~told
            groups: dict[tuple[int, str], list[str]] = defaultdict(list)
            for position, number in np.argwhere(broken).tolist():
                address = cells.addresses[number]
                together = self.form.cells[address].table if rule.together else address
                groups[position, together].append(address)
            told |= broken
            for (position, _), addresses in groups.items():
                finding = tell_cells(rule, self.subjects[position].filing, addresses)
                self.found[position].append((rule, finding))

    def _balances(self, laid_out: Balances, failing: Failing) -> None:
        failed: dict[int, set[Equation]] = defaultdict(set)
        unknown: dict[int, set[Equation]] = defaultdict(set)
        for name, rows in laid_out.rows.items():
            for row in failing.get(name, ()):
                failed[rows[row].filing].add(rows[row].equation)
        for position, equation in laid_out.not_assessable:
            # A hint that cannot be given says nothing: the cell that holds no number is told by itself.
            if equation.rule.severity != "info":
                unknown[position].add(equation)
        for position in sorted({*failed, *unknown}):
            subject = self.subjects[position]
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
