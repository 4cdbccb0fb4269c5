"""Three engines agree on every balance: the suites, a plain evaluation of the rules, the marks of the workbook.

The plain evaluation asks `Equation.holds` with whole numbers and decimals, a cell at a time; Great Expectations adds
floats of thousands of filings; LibreOffice computes the formulas that clerks see.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.catalogues import say
from gongkai.consistency import applying, check
from gongkai.filing import Cell, Filing, decimal_text
from gongkai.forms import counterparts, editions, load_form
from gongkai.intake.template import write_workbook
from gongkai.rules import Equation, Rule, condition, equations, load_rules
from gongkai.rules.equations import PREVIOUS, Number
from tests.helpers import balanced_filing, changed
from tests.integration.test_workbook_libreoffice import (
    Convert,
    convert,  # noqa: F401  # a fixture
    mark_of,
    opened,
    places_of,
)

Case = tuple[Filing, Filing | None]
Verdict = Literal["holds", "fails", "not_assessable", "not_asked", "not_run"]
Found = set[tuple[str, str, tuple[str, ...]]]


@cache
def held(edition: str) -> tuple[tuple[Equation, Equation | None], ...]:
    """Every balance of an edition, with its condition."""
    form = load_form(edition)
    balances = [rule for rule in load_rules(edition) if rule.balance]
    return tuple((each, condition(each, form)) for rule in balances for each in equations(rule, form))


def value(case: Case, operand: str) -> Number | None:
    filing, previous = case
    if not operand.startswith(PREVIOUS):
        return filing.number(operand)
    assert previous
    return previous.number_as(operand.removeprefix(PREVIOUS), filing.edition)


def plainly(case: Case, equation: Equation, when: Equation | None) -> Verdict:
    """What a rule says at a place, one number after the other."""
    filing, previous = case
    operands = [*equation.operands, *(when.operands if when else ())]
    of_last_year = [each.removeprefix(PREVIOUS) for each in operands if each.startswith(PREVIOUS)]
    if of_last_year and not (
        previous and all(counterparts(each, filing.edition, previous.edition) for each in of_last_year)
    ):
        return "not_run"
    if any(value(case, each) is None for each in operands):
        return "not_assessable"
    if when and not when.holds(lambda operand: number(case, operand)):
        return "not_asked"
    return "holds" if equation.holds(lambda operand: number(case, operand)) else "fails"


def number(case: Case, operand: str) -> Number:
    found = value(case, operand)
    assert found is not None
    return found


def is_for(rule: Rule, filing: Filing) -> bool:
    return applying.missing(rule.agencies, filing) is None and applying.is_for(rule.agencies, filing)


def plain_findings(case: Case) -> Found:
    """What a check finds of the balances, told plainly."""
    found: Found = set()
    for equation, when in held(case[0].edition):
        verdict = plainly(case, equation, when)
        if verdict in ("fails", "not_assessable") and is_for(equation.rule, case[0]):
            if verdict == "fails" and not explained(case, equation):
                found.add((equation.rule.rule, "fail", equation.cells))
            if verdict == "not_assessable" and equation.rule.severity != "info":
                # A hint that cannot be given says nothing; what a condition lacks is told with the rest.
                lacking = [each for each in (when.cells if when else ()) if value(case, each) is None]
                found.add((equation.rule.rule, verdict, tuple(dict.fromkeys((*equation.cells, *lacking)))))
    return found


def explained(case: Case, total: Equation) -> bool:
    """Whether the columns that a total column adds up fail as well, by as much."""
    parts = [each for each, _ in held(case[0].edition) if each.rule is total.rule and each is not total]
    operands = {operand for each in parts for operand in each.operands}
    if not total.is_total or any(value(case, each) is None for each in operands):
        return False
    verdicts = [plainly(case, each, condition(each, case[0].form)) for each in parts]
    deltas = [each.delta(lambda operand: number(case, operand)) for each in (total, *parts)]
    return "fails" in verdicts and deltas[0] == sum(deltas[1:])


def checked(cases: list[Case]) -> Iterator[Found]:
    filings, previous = zip(*cases, strict=True)
    codes = {each.rule.rule for edition in editions() for each, _ in held(edition)}
    for found in check(filings, previous=previous).findings:
        yield {(each.rule, each.verdict, each.cells) for each in found if each.rule in codes}


def cells(largest: int) -> st.SearchStrategy[Cell]:
    """What may stand in a cell: whole, negative, with a fraction, or no number."""
    whole = st.integers(-9, largest).map(lambda value: Cell(value, "number", str(value)))
    tenths = st.decimals(0, 999, places=4).map(lambda value: Cell(value, "number", decimal_text(value)))
    others = st.sampled_from([Cell(None, "blank", ""), Cell(None, "placeholder", "/"), Cell(None, "unreadable", "?")])
    return st.one_of(whole, whole, tenths, others)


@st.composite
def filings(draw: st.DrawFn, edition: str, largest: int) -> Filing:
    """A random filing that balances, but for some cells."""
    balanced = balanced_filing(
        draw(st.integers(0, 10**6)), edition=edition, largest=draw(st.sampled_from([2, 40, 4000]))
    )
    addresses = st.sampled_from(list(balanced.cells))
    return changed(balanced, draw(st.dictionaries(addresses, cells(largest), max_size=8)))


@st.composite
def cases(draw: st.DrawFn, largest: int = 10**12) -> Case:
    """A filing of any edition and agency, mostly with last year's, which may be on another edition."""
    edition = draw(st.sampled_from(list(editions())))
    filing = replace(
        draw(filings(edition, largest)),
        agency=draw(st.sampled_from([None, "青杉县财政局", "青杉县公安局"])),
        agency_code=draw(st.sampled_from([None, "990122099", "110000099"])),
        level=draw(st.sampled_from([None, "government", "department"])),
    )
    previous = draw(st.none() | st.sampled_from(list(editions())).flatmap(lambda other: filings(other, largest)))
    return filing, previous


@given(st.lists(cases(), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_suites_find_what_a_plain_evaluation_finds(several: list[Case]) -> None:
    assert list(checked(several)) == [plain_findings(case) for case in several]


def random_case(seed: int, edition: str) -> Case:
    """As a clerk may fill it in: two years of the same edition, some cells of either changed."""
    draw = random.Random(seed)
    years = []
    for _ in range(2):
        balanced = balanced_filing(draw.randint(0, 10**6), edition=edition, largest=draw.choice([0, 3, 40]))
        new = [
            Cell(-3, "number", "-3"), Cell(Decimal("2.5"), "number", "2.5"), Cell(120, "number", "120"),
            Cell(None, "blank", ""), Cell(None, "placeholder", "/"),
        ]  # fmt: skip
        some = draw.sample(list(balanced.cells), draw.choice([0, 2, 8]))
        years.append(changed(balanced, {address: draw.choice(new) for address in some}))
    this, last = years
    if seed % 2:
        # What it is said to have carried in, last year's carried out.
        carried = {address: cell for address, cell in last.cells.items() if ".carried_out." in address}
        last = changed(last, {address: this.cells[address.replace("_out", "_in")] for address in carried})
    return this, last


@pytest.mark.parametrize("edition", editions())
def test_the_marks_of_the_workbook_say_what_the_suites_find(
    edition: str,
    tmp_path: Path,
    convert: Convert,  # noqa: F811  # the fixture
) -> None:
    several = [random_case(seed, edition) for seed in range(16)]
    paths = [tmp_path / f"{number}.xlsx" for number in range(len(several))]
    for path, (filing, previous) in zip(paths, several, strict=True):
        write_workbook(path, filing, previous=previous)
    places = places_of(paths[0])
    marked = [(each, when) for each, when in held(edition) if each.rule.in_workbook and each.rule.table]
    told_apart: set[Verdict] = set()
    for saved, case, found in zip(convert(paths), several, checked(several), strict=True):
        book = opened(saved, data_only=True)
        assert found == plain_findings(case)
        for equation, when in marked:
            verdict = plainly(case, equation, when)
            told_apart.add(verdict)
            assert mark_of(book, equation, places) == mark(case, equation, verdict), (
                equation.rule.rule,
                equation.place,
            )
    assert {"holds", "fails", "not_assessable"} <= told_apart


def mark(case: Case, equation: Equation, verdict: Verdict) -> str:
    """What the workbook shows for a verdict."""
    if verdict == "fails":
        difference = equation.delta(lambda operand: number(case, operand))
        return say("workbook.unbalanced") + decimal_text(Decimal(difference))
    words = {"holds": "workbook.balanced", "not_assessable": "workbook.incomplete"}
    return say(words[verdict]) if verdict in words else ""
