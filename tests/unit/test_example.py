"""Figures as sentences and faults name them, and filings as cells files."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
import yaml

from gongkai.example.arithmetic import Disclosure, Documents, Numbers, Tables, cells_of, numbers_of
from gongkai.example.figures import Figures
from gongkai.example.planting import Fault, Found
from gongkai.forms import load_form
from gongkai.intake.cells import CellsReader, cells_text
from gongkai.intake.interface import Document
from tests.helpers import balanced_filing

FORM = load_form("2021")
LAST = numbers_of(
    Tables(
        disclosure=Disclosure(normative_documents=Documents(made=1, in_force=5)),
        requests={"natural_person": {"received": 8, "carried_in": 1, "granted": 6}, "business": {"received": 1}},
    ),
    None,
)
NOW = numbers_of(
    Tables(
        disclosure=Disclosure(normative_documents=Documents(made=2, repealed=3), fees=Decimal("47.50")),
        requests={
            "natural_person": {"received": 9, "granted": 5, "refused.third_party": 2, "refused.state_secret": 1},
            "business": {"received": 3, "granted": 4},
        },
        disputes={"direct_suit": {"upheld": 2}, "suit_after_reconsideration": {"pending": 1}},
    ),
    LAST,
)
FIGURES = Figures(FORM, NOW, LAST)


def test_what_is_left_is_carried_over_and_what_is_in_force_rolls_on() -> None:
    assert LAST["requests.carried_out.natural_person"] == NOW["requests.carried_in.natural_person"] == 3
    assert (NOW["requests.processed.total"], NOW["requests.carried_out.total"]) == (12, 4)
    assert NOW["disclosure.normative_documents.in_force"] == 5 + 2 - 3


def test_a_year_in_which_all_was_zero_is_a_last_year_too() -> None:
    none: Numbers = Counter()
    with pytest.raises(AssertionError, match="follows"):
        numbers_of(Tables(requests={"business": {"carried_in": 1}}), none)


def test_every_cell_of_the_form_gets_its_figure_and_none_else() -> None:
    cells = cells_of(FORM, NOW)
    assert list(cells) == list(FORM.cells)
    assert cells["disclosure.fees.amount"].raw == "47.5"
    with pytest.raises(AssertionError):
        cells_of(FORM, Counter({"requests.granted.nobody": 1}))


@pytest.mark.parametrize(
    ("meaning", "value"),
    [
        ("requests.granted.business", 4),
        ("requests.granted", 9),
        ("requests.refused", 3),
        ("requests.refused.natural_person", 3),
        ("requests.received.organisations", 3),
        ("disputes.litigation.total", 3),
        ("disclosure.fees.amount", Decimal("47.5")),
        ("previous.requests.received", 9),
    ],
)
def test_a_term_means_a_cell_a_total_or_a_group(meaning: str, value: int) -> None:
    assert FIGURES.value(meaning) == value


def test_sums_and_conditions_are_in_the_grammar_of_the_rules() -> None:
    assert FIGURES.sum("requests.granted - 2 requests.refused + 1") == 4
    assert FIGURES.holds(["requests.received >= previous.requests.received + 1", "requests.unavailable = 0"])
    assert not FIGURES.holds(["requests.received <= 11"])
    assert not Figures(FORM, NOW, None).holds(["previous.requests.received >= 0"])


def test_a_text_states_figures_changes_and_words() -> None:
    text = "{agency}收到{requests.received}件，增长{change_percent:requests.received}%，收费{disclosure.fees.amount}"
    assert FIGURES.told(text, {"agency": "本局"}) == "本局收到12件，增长33.3%，收费47.5"


def test_an_entry_of_the_key_file_is_yaml() -> None:
    filing = balanced_filing()
    fault = Fault("x", {"zh": "“总计”：空白", "en": "a: b # c"}, (Found("T4-SUM", "fail", ("a.b", "c.d")),))
    entry = yaml.safe_load(fault.entry("inputs/2024/1.xlsx", filing) + Fault("y", {}, ()).entry("f", filing))
    assert entry[0] == {
        "fault": "x",
        "file": "inputs/2024/1.xlsx",
        "agency": filing.agency,
        "code": None,
        "year": 2024,
        "done": {"zh": "“总计”：空白", "en": "a: b # c"},
        "findings": [{"rule": "T4-SUM", "verdict": "fail", "cells": ["a.b", "c.d"]}],
    }
    assert entry[1]["findings"] == []


def test_a_filing_is_the_same_after_it_was_a_cells_file() -> None:
    filing = balanced_filing(3)
    read = CellsReader().read(Document("x.csv", cells_text(filing).encode()))
    assert (read.agency, read.level, read.year, read.edition) == (filing.agency, filing.level, 2024, "2021")
    assert {key: (cell.value, cell.kind) for key, cell in read.cells.items()} == {
        key: (cell.value, cell.kind) for key, cell in filing.cells.items()
    }
