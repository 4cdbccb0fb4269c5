"""What is laid out and asked for many filings at once is the same as for each of them."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from gongkai.consistency import Check, NotRun, check
from gongkai.consistency.asking import FEW, Asking
from gongkai.consistency.cells import Cells, cells_view
from gongkai.filing import Cell, Doubt, Filing
from gongkai.forms import load_form
from gongkai.rules import condition, equations, load_rules
from tests.helpers import balanced_filing, changed, filing_of
from tests.integration.test_workbook_libreoffice import RULES
from tests.property.test_three_engines import plainly

FORM = load_form("2021")
ABOUT = {"title": {"zh": "规则", "en": "rule"}, "basis": "-", "severity": "error"}
MESSAGE = {"message": {"zh": "{cell}", "en": "{cell}"}}

NOT_X = ("expect_column_values_to_not_be_in_set", {"column": "word", "value_set": ["x"]})


def rules_in(folder: Path, rules: Sequence[Mapping[str, object]]) -> Path:
    """A folder with rules of edition 2021."""
    written = [{"rule": f"OWN-{number}", **ABOUT, **each} for number, each in enumerate(rules)]
    (folder / "2021").mkdir()
    (folder / "2021" / "own.yaml").write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    return folder


def some_filings(count: int) -> list[Filing]:
    """Filings of two editions with every kind of cell, some absent and some doubted."""
    found = []
    for seed in range(count):
        draw = random.Random(seed)
        filing = balanced_filing(seed, edition=draw.choice(["2019", "2021"]), agency=f"青杉县第{seed}局")
        kinds = [
            Cell(None, "blank", ""), Cell(None, "unreadable", "约十"), Cell(-3, "number", "-3"),
            Cell(Decimal("2.5"), "number", "２.5"), Cell(None, "placeholder", "/"),
        ]  # fmt: skip
        filing = changed(filing, {each: draw.choice(kinds) for each in draw.sample(list(filing.cells), seed % 5)})
        if seed % 3 == 0:
            absent = draw.sample(list(filing.cells), 6)
            cells = {address: cell for address, cell in filing.cells.items() if address not in absent}
            doubt = Doubt(code="PRS-CELL", cells=tuple(absent[:3]), read="?")
            filing = replace(filing, cells=cells, doubts=(doubt,))
        found.append(filing)
    return found


def test_filings_are_found_in_chunks_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    filings = some_filings(20)
    previous = [balanced_filing(seed, edition=each.edition) if seed % 2 else None for seed, each in enumerate(filings)]
    monkeypatch.setattr(sys.modules["gongkai.consistency.check"], "CHUNK", 3)
    together = check(filings, previous=previous)
    alone = [check([filing], previous=[last]) for filing, last in zip(filings, previous, strict=True)]
    assert together.findings == tuple(each.findings[0] for each in alone)
    assert sum(map(bool, together.findings)) > 10
    # What was not run is told by edition, then by filing.
    by_edition = [each for edition in dict.fromkeys(filing.edition for filing in filings)
                  for filing, each in zip(filings, alone, strict=True) if filing.edition == edition]  # fmt: skip
    assert list(together.not_run) == [each for one in by_edition for each in one.not_run]


def test_what_was_not_run_is_counted_and_searched_without_being_made() -> None:
    found = check([balanced_filing(1), replace(balanced_filing(2), agency="另一机关")])
    told = list(found.not_run)
    assert len(found.not_run) == len(told) > 0
    assert told[0] in found.not_run
    assert NotRun("XY-CARRY-TOTAL", "-", None, None) not in found.not_run
    assert {each.agency for each in told} == {"青杉县财政局", "另一机关"}
    assert not Check((), ()).not_run


@pytest.mark.parametrize("last_year", [False, True])
def test_all_that_a_balance_can_say_is_found_as_it_is_evaluated(tmp_path: Path, last_year: bool) -> None:
    """Coefficients, constants, tolerances, conditions: also those that name nothing."""
    constant = [
        {"table": "disputes", "each": "row", "balance": "total >= 3", "when": "1 <= 2"},
        {"table": "disputes", "each": "row", "balance": "total >= 3", "when": "2 <= 1"},
        {"table": "disputes", "each": "row", "balance": "0 total = 1"},
        {"table": "disclosure", "each": "row", "balance": "1000000 amount + 3 = 7 amount + 999999 amount"},
    ]
    folder = rules_in(tmp_path, [*RULES, *constant])
    draw = random.Random(3)
    amounts = [Decimal(each) for each in ("0.1", "0.3", "1.1", "0.5", "3", "1234567890123.25")]
    filings = []
    for _ in range(40):
        numbers: dict[str, int | Decimal] = {address: draw.choice([0, 1, 2, 9, 20, 10**14]) for address in FORM.cells}
        numbers["disclosure.fees.amount"] = draw.choice(amounts)
        filings.append(changed(filing_of(numbers), {draw.choice(list(FORM.cells)): None}))
    previous = filings[1:] + filings[:1] if last_year else [None] * len(filings)
    held = [each for rule in load_rules("2021", folder) for each in equations(rule, FORM) if not each.is_total]
    failing = 0
    found = check(filings, previous=previous, rules=folder).findings
    for filing, last, told in zip(filings, previous, found, strict=True):
        failed = {(each.rule, each.cells) for each in told if each.verdict == "fail"}
        for equation in held:
            fails = plainly((filing, last), equation, condition(equation, FORM)) == "fails"
            assert fails == ((equation.rule.rule, equation.cells) in failed), (equation.rule.balance, equation.place)
            failing += fails
    assert failing > 100


def test_rules_may_ask_where_a_cell_stands(tmp_path: Path) -> None:
    view = {"view": "cells", "expect": NOT_X[0], "arguments": {"column": "raw", "value_set": ["7"]}, **MESSAGE}
    folder = rules_in(
        tmp_path,
        [
            view | {"where": {"address": ["disputes.direct_suit.other", "requests.received.total"]}},
            view | {"where": {"table": ["disclosure"]}},
            {**view, "arguments": {"column": "address", "value_set": ["disputes.direct_suit.total"]}},
        ],
    )
    sevens = {"disputes.direct_suit.other": 7, "disputes.direct_suit.total": 7, "disclosure.licences.decisions": 7}
    found = check([filing_of({}), filing_of(sevens)], rules=folder)
    assert [each.cells for each in found.findings[0]] == [("disputes.direct_suit.total",)]
    assert [(each.rule, each.cells) for each in found.findings[1]] == [
        ("OWN-0", ("disputes.direct_suit.other",)),
        ("OWN-1", ("disclosure.licences.decisions",)),
        ("OWN-2", ("disputes.direct_suit.total",)),
    ]


def test_cells_that_are_written_alike_are_one_row_and_known_apart() -> None:
    filings = [balanced_filing(seed) for seed in range(50)]
    cells = Cells(filings, FORM, ["measure"])
    view, whole = cells.view, cells_view(filings, FORM)
    assert len(whole) == 50 * 200
    assert len(view) < len(whole) / 5
    rows = np.flatnonzero((view["raw"] == "3") & (view["measure"] == "count"))
    found = [(place, cells.addresses[number]) for place, number in np.argwhere(cells.written(rows.tolist())).tolist()]
    chosen = whole[(whole["raw"] == "3") & (whole["measure"] == "count")]
    assert found == list(zip(chosen["filing"], chosen["address"], strict=True))
    assert found


@pytest.mark.parametrize("many", [FEW + 1, 20 * FEW])
def test_what_different_views_are_expected_of_is_asked_together_and_answered_apart(many: int) -> None:
    asking = Asking()
    words, numbers = np.array(["x", "y", "x", "y"], dtype=object), np.array([5.0, 1.0])
    asking.ask("first", *NOT_X, {"word": words}, np.array([1, 2]))
    asking.ask("second", *NOT_X[:1], {"column": "name", "value_set": ["x"]}, {"name": words}, np.arange(4))
    asking.ask("none", *NOT_X, {"word": words}, np.array([], dtype=int))
    between, tens = "expect_column_values_to_be_between", np.full(many, 10.0)
    asking.ask("least", between, {"column": "n", "max_value": 3}, {"n": numbers}, np.arange(2))
    asking.ask("most", between, {"column": "n", "max_value": 9}, {"n": tens}, np.arange(many))
    assert len(asking) == 3
    assert asking.failing("words") == {
        "first": [2], "second": [0, 2], "least": [0], "most": list(range(many))
    }  # fmt: skip
