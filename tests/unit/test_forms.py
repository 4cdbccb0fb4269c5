"""The form as data, and the faults that its loader names."""

from __future__ import annotations

from collections import Counter

import pytest

from gongkai.errors import AuthoringError, InputError
from gongkai.forms import edition_of, form_for_year, load_form
from gongkai.forms.loader import load_editions
from tests.helpers import ROOT

FAULTS = ROOT / "tests" / "data" / "forms"

EXPECTED = {
    "bad_value": ("needs_int", "years.first"),
    "duplicate_column": ("duplicate", "tables.disclosure.bands.0.columns"),
    "duplicate_ordinal": ("duplicate", "sections.ordinal"),
    "duplicate_row": ("duplicate", "tables.disclosure.rows"),
    "duplicate_text": ("duplicate", "sections.text"),
    "duplicate_yaml_key": ("yaml", None),
    "leaf_without_key": ("leaf_without_key", "tables.disclosure.bands.0.rows"),
    "missing_key": ("missing_key", "sections.0.title"),
    "missing_kind": ("missing_kind", "tables.disclosure.bands.0.columns.made"),
    "missing_unit": ("missing_unit", "tables.disclosure.bands.0.columns.made"),
    "not_yaml": ("yaml", None),
    "overlapping_years": ("overlapping_years", "years"),
    "section_with_both": ("section_text_or_table", "sections.1"),
    "two_totals": ("two_totals", "tables.disclosure.bands.0.columns"),
    "unknown_key": ("unknown_key", "sections.0"),
    "unknown_table": ("unknown_table", "sections.1.table"),
    "unplaced_table": ("unplaced_table", "tables.disclosure"),
    "years_reversed": ("years_reversed", "years"),
}


def test_the_valid_form_loads() -> None:
    assert list(load_editions([FAULTS / "valid.yaml"])) == ["2099"]


@pytest.mark.parametrize("fault", EXPECTED)
def test_an_authoring_fault_is_named_by_file_and_key(fault: str) -> None:
    path = FAULTS / f"{fault}.yaml"
    with pytest.raises(AuthoringError) as raised:
        load_editions([FAULTS / "valid.yaml", path])
    assert (raised.value.key, raised.value.place) == EXPECTED[fault]
    assert raised.value.file == path.name
    assert path.name in str(raised.value)


def test_every_malformed_form_is_tested() -> None:
    assert {path.stem for path in FAULTS.glob("*.yaml")} == {*EXPECTED, "valid"}


def test_the_2021_form_has_six_sections_and_the_overview_five_parts() -> None:
    form = load_form("2021")
    assert [section.ordinal.zh for section in form.sections] == list("一二三四五六")
    assert [section.key for section in form.sections] == [
        "overview", "disclosure", "requests", "disputes", "issues", "other_matters",
    ]  # fmt: skip
    assert len(form.sections[0].parts) == 5


def test_the_2021_form_has_200_cells_under_the_addresses_of_the_design() -> None:
    cells = load_form("2021").cells
    sizes = Counter(spec.table for spec in cells.values())
    assert sizes == {"disclosure": 10, "requests": 175, "disputes": 15}
    for address in (
        "requests.refused.third_party.business",
        "disclosure.normative_documents.in_force",
        "disclosure.fees.amount",
        "disputes.direct_suit.pending",
        "requests.other.other.total",
    ):
        assert address in cells
    assert cells["disclosure.fees.amount"].kind == "amount"
    assert cells["disclosure.fees.amount"].unit.zh == "万元"


def test_every_label_has_an_english_name() -> None:
    form = load_form("2021")
    for table in form.tables.values():
        for axis in ("row", "column"):
            for node in table.walk(axis):
                assert node.label.en.isascii()
                assert node.label.zh != node.label.en


@pytest.mark.parametrize("year", [2018, 1999])
def test_a_year_without_an_edition_is_refused(year: int) -> None:
    with pytest.raises(InputError, match=str(year)):
        form_for_year(year)


def test_the_edition_follows_from_addresses_and_a_wrong_one_is_told_with_the_nearest() -> None:
    assert edition_of(["requests.received.total"]).edition == "2021"
    with pytest.raises(InputError, match=r"requests\.received\.total"):
        edition_of(["requests.recieved.total"])
