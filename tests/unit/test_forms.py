"""The form as data, and the faults that its loader names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gongkai.errors import AuthoringError, InputError
from gongkai.forms import counterparts, edition_of, editions, form_for_year, load_form
from gongkai.forms.crosswalk import load_crosswalk
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


@pytest.mark.parametrize("edition", editions())
def test_a_form_has_six_sections_and_the_overview_five_parts(edition: str) -> None:
    form = load_form(edition)
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


def test_the_2019_form_has_198_cells_under_the_addresses_of_the_design() -> None:
    cells = load_form("2019").cells
    sizes = Counter(spec.table for spec in cells.values())
    assert sizes == {"disclosure": 22, "requests": 161, "disputes": 15}
    matters = ("licences", "other_services", "penalties", "coercion")
    assert [address.removeprefix("disclosure.") for address in cells if address.startswith("disclosure.")] == [
        *(f"{kind}.{column}" for kind in ("regulations", "normative_documents")
          for column in ("newly_made", "newly_published", "published_total")),
        *(f"{matter}.{column}" for matter in matters for column in ("items_last_year", "change", "decisions")),
        "fees.items_last_year", "fees.change", "procurement.projects", "procurement.amount",
    ]  # fmt: skip
    assert "requests.other.all.total" in cells
    kinds = {address.rpartition(".")[2]: spec.kind for address, spec in cells.items() if spec.kind != "count"}
    assert kinds == {"change": "change", "amount": "amount"}


@pytest.mark.parametrize(("year", "edition"), [(2019, "2019"), (2020, "2019"), (2021, "2021"), (2030, "2021")])
def test_an_edition_applies_to_its_years(year: int, edition: str) -> None:
    assert form_for_year(year).edition == edition


@pytest.mark.parametrize("edition", editions())
def test_every_label_has_an_english_name(edition: str) -> None:
    form = load_form(edition)
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
    assert edition_of(["requests.received.total", "disclosure.fees.change"]).edition == "2019"
    with pytest.raises(InputError, match=r"requests\.received\.total"):
        edition_of(["requests.recieved.total"])


def test_addresses_that_no_edition_has_together_are_told_by_the_one_that_is_astray() -> None:
    with pytest.raises(InputError, match=r"disclosure\.fees\.change.*disclosure\.fees\.amount"):
        edition_of(["disclosure.fees.amount", "requests.other.other.total", "disclosure.fees.change"])


OTHER = tuple(f"requests.other.{each}.total" for each in ("uncorrected", "fee_unpaid", "other"))


@pytest.mark.parametrize(
    ("address", "edition", "other", "cells"),
    [
        ("requests.carried_out.business", "2021", "2019", ("requests.carried_out.business",)),
        ("disclosure.penalties.decisions", "2019", "2021", ("disclosure.penalties.decisions",)),
        ("requests.other.all.total", "2019", "2021", OTHER),
        (OTHER[0], "2021", "2019", ()),
        ("disclosure.regulations.in_force", "2021", "2019", ()),
        ("disclosure.regulations.published_total", "2019", "2021", ()),
        ("disclosure.fees.change", "2019", "2021", ()),
        ("disclosure.regulations.in_force", "2021", "2021", ("disclosure.regulations.in_force",)),
    ],
)
def test_the_crosswalk_tells_which_cells_of_another_edition_say_the_same(
    address: str, edition: str, other: str, cells: tuple[str, ...]
) -> None:
    assert counterparts(address, edition, other) == cells


def test_all_of_tables_3_and_4_compares_and_of_table_2_the_decisions() -> None:
    cells = load_form("2019").cells
    beyond = {address for address in cells if not counterparts(address, "2019", "2021")}
    matters = ("licences", "penalties", "coercion")
    compared = {f"disclosure.{matter}.decisions" for matter in matters}
    assert beyond == {address for address in cells if address.startswith("disclosure.")} - compared


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("- editions: ['2019', '2012']\n  sums: {}", "unknown_edition", "2012"),
        ("- editions: ['2019', '2021']\n  sums: {requests.othr.all: []}", "unknown_row", "requests.other.all"),
        (
            "- editions: ['2019', '2021']\n  sums: {requests.other.all: [requests.other.oter]}",
            "unknown_row",
            "other.other",
        ),
        (
            "- editions: ['2019', '2021']\n  sums: {requests.other.all: [disputes.direct_suit]}",
            "crosswalk_columns",
            "direct",
        ),
        (
            "- editions: ['2019', '2021']\n  sums: {requests.other.all: [requests.other.other, requests.other.other]}",
            "duplicate",
            "requests.other.other",
        ),
        ("- editions: ['2019', '2021']", "missing_key", "sums"),
    ],
)
def test_a_fault_of_the_crosswalk_is_named_by_its_key(tmp_path: Path, text: str, key: str, words: str) -> None:
    (path := tmp_path / "crosswalk.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AuthoringError, match=words) as raised:
        load_crosswalk(path, editions())
    assert (raised.value.key, raised.value.file) == (key, path.name)


def test_what_was_only_renamed_compares_in_both_directions(tmp_path: Path) -> None:
    path = tmp_path / "crosswalk.yaml"
    path.write_text("- editions: ['2019', '2021']\n  sums: {requests.granted: [requests.received]}", encoding="utf-8")
    found = load_crosswalk(path, editions())
    assert found["2019", "2021"]["requests.granted.total"] == ("requests.received.total",)
    assert found["2021", "2019"]["requests.received.total"] == ("requests.granted.total",)
