"""Cells files, numbers and filings as JSON."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.consistency import check
from gongkai.errors import InputError
from gongkai.filing import Doubt, Filing, Source, Text, decimal_text
from gongkai.finding import findings_from_json, findings_to_json
from gongkai.forms import load_form
from gongkai.intake.cells import CellsReader
from gongkai.intake.interface import Document
from gongkai.intake.numbers import read_cell
from tests.helpers import balanced_filing, changed

FORM = load_form("2021")
COUNT, AMOUNT = FORM.cells["requests.received.total"], FORM.cells["disclosure.fees.amount"]
CHANGE = load_form("2019").cells["disclosure.licences.change"]


def read_cells(*lines: str) -> Filing:
    reader, document = CellsReader(), Document("cells.csv", "\n".join(["cell,value", *lines]).encode())
    assert reader.recognises(document)
    return reader.read(document)


def test_a_cells_file_is_read_and_what_is_absent_is_blank() -> None:
    filing = read_cells(
        "agency,青杉县财政局", "year,2024", "requests.received.total,12", "disclosure.fees.amount,3.50",
        'texts.issues,"有问题，在改进。\n第二段。"', "facts.signed,2025年1月3日",
    )  # fmt: skip
    assert (filing.agency, filing.year, filing.edition, filing.level) == ("青杉县财政局", 2024, "2021", None)
    assert filing.number("requests.received.total") == 12
    assert filing.number("disclosure.fees.amount") == Decimal("3.5")
    assert [text.text for text in filing.texts["issues"]] == ["有问题，在改进。", "第二段。"]
    assert filing.facts["signed"].text == "2025年1月3日"
    assert len(filing.cells) == 200
    assert filing.cells["requests.granted.total"].kind == "blank"
    source = filing.cells["requests.received.total"].source
    assert source == Source(file="cells.csv", line=4)


def test_without_year_and_edition_the_edition_follows_from_the_addresses() -> None:
    filing = read_cells("requests.received.total,12")
    assert (filing.edition, filing.year, filing.agency) == ("2021", None, None)


def test_the_edition_that_is_given_goes_before_that_of_the_year() -> None:
    filing = read_cells("year,2023", "edition,2019", "disclosure.licences.change,减4")
    assert (filing.edition, filing.year, filing.number("disclosure.licences.change")) == ("2019", 2023, -4)
    assert [each.rule for each in check([filing]).all if not each.cells] == ["STR-FORMAT-VERSION"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("requests.recieved.total,1", "requests.received.total"),
        ("texts.isues,x", "texts.issues"),
        ("year,二〇二四", "二〇二四"),
        ("year,2018", "2018"),
        ("edition,2031", "2031"),
        ("level,ministry", "department"),
        ("requests.received.total,1,2", "3"),
        ('requests.received.total,"1', "CSV"),
    ],
)
def test_a_fault_is_told_with_what_was_meant(line: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as raised:
        read_cells(line)
    assert raised.value.file == "cells.csv"


def test_a_cell_given_twice_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match="第 3 行"):
        read_cells("requests.received.total,1", "requests.received.total,1")


@pytest.mark.parametrize(
    ("raw", "value"),
    [("0", 0), ("12", 12), (" 12 ", 12), ("１２", 12), ("1,234", 1234), ("12件", 12), ("12 个", 12), ("-3", -3),
     ("－3", -3), ("007", 7), ("3.0", 3), ("3.5", Decimal("3.5")), ("+2", 2), ("123456789012345", 123456789012345)],
)  # fmt: skip
def test_counts_are_read(raw: str, value: object) -> None:
    cell = read_cell(raw, COUNT)
    assert (cell.kind, cell.value, cell.raw) == ("number", value, raw.strip())
    assert isinstance(cell.value, type(value))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [("", "blank"), ("  ", "blank"), ("　", "blank"), ("/", "placeholder"), ("—", "placeholder"),
     ("无", "placeholder"),
     ("若干", "unreadable"), ("12万元", "unreadable"), ("1 2a", "unreadable"), ("1,23", "unreadable"),
     ("1e5", "unreadable"),
     ("1.2.3", "unreadable"), ("12345678901234567", "unreadable"), ("十二", "unreadable"), ("1/2", "unreadable"),
     ("nan", "unreadable"), ("²", "unreadable"), ("①", "unreadable"), ("⑫", "unreadable"),
     ("1 2", "unreadable"), ("٣", "unreadable"), ("5%", "unreadable")],
)  # fmt: skip
def test_what_is_no_plain_number_is_never_guessed(raw: str, kind: str) -> None:
    cell = read_cell(raw, COUNT)
    assert (cell.kind, cell.value) == (kind, None)


@pytest.mark.parametrize(("raw", "value"), [("59237.2449", "59237.2449"), ("0", "0"), ("1,200.50万元", "1200.5")])
def test_amounts_are_decimals(raw: str, value: str) -> None:
    cell = read_cell(raw, AMOUNT)
    assert (cell.value, isinstance(cell.value, Decimal)) == (Decimal(value), True)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("0", 0), ("+0", 0), ("-2", -2), ("+3", 3), ("减4", -4), ("增3", 3), ("减少 4 项", -4), ("新增１２", 12),
     ("－2", -2), ("减0", 0), ("2.5", Decimal("2.5"))],
)  # fmt: skip
def test_changes_are_read_with_their_sign_in_figures_or_words(raw: str, value: object) -> None:
    cell = read_cell(raw, CHANGE)
    assert (cell.kind, cell.value, cell.raw) == ("number", value, raw)
    assert isinstance(cell.value, type(value))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("减", "unreadable"),
        ("增-3", "unreadable"),
        ("增3减2", "unreadable"),
        ("持平", "unreadable"),
        ("-", "placeholder"),
    ],
)
def test_what_is_no_plain_change_is_never_guessed(raw: str, kind: str) -> None:
    assert (read_cell(raw, CHANGE).kind, read_cell(raw, CHANGE).value) == (kind, None)


@pytest.mark.parametrize("raw", ["减4", "增3", "新增3", "减少4件"])
def test_only_a_change_is_read_with_a_word_for_its_sign(raw: str) -> None:
    assert {read_cell(raw, spec).kind for spec in (COUNT, AMOUNT)} == {"unreadable"}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("251000元", "25.1"),
        ("1,200.50 元", "0.12005"),
        ("0元", "0"),
        ("１元", "0.0001"),
        ("999999999999999元", "99999999999.9999"),
    ],
)
def test_an_amount_in_a_smaller_unit_is_converted_exactly(raw: str, value: str) -> None:
    cell = read_cell(raw, AMOUNT)
    assert cell.value is not None
    assert (cell.kind, decimal_text(Decimal(cell.value)), cell.raw) == ("number", value, raw)


@pytest.mark.parametrize("raw", ["1.5亿元", "3千元", "3百元", "1 2元", "元", "9999999999999999元"])
def test_an_amount_in_another_unit_is_not_taken_for_its_own(raw: str) -> None:
    assert read_cell(raw, AMOUNT).kind == "unreadable"
    assert read_cell("12元", COUNT).kind == "unreadable"


FILING = balanced_filing()
TEXTS = st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable())


@given(st.integers(0, 10**6), TEXTS, st.none() | TEXTS)
def test_a_filing_survives_json_and_pickling(seed: int, agency: str, code: str | None) -> None:
    made = balanced_filing(seed, agency=agency)
    filing = Filing(
        edition="2021", cells=changed(made, {"requests.granted.total": None}).cells, agency=agency, agency_code=code,
        texts={"issues": (Text(agency, Source(file="甲.txt", line=3, span=(0, 4))),)},
        facts={"signed": Text("2025年1月3日")},
        doubts=(Doubt(code="PRS-OCR", cells=("requests.granted.total",), read="1 2", alternatives=("12",)),),
    )  # fmt: skip
    assert Filing.from_json(filing.to_json()) == filing
    assert Filing.from_json(filing.to_json()).to_json() == filing.to_json()
    assert pickle.loads(pickle.dumps(filing)) == filing


def test_json_has_its_schema_number_and_readable_chinese() -> None:
    text = FILING.to_json()
    assert '"schema": 1' in text
    assert "青杉县财政局" in text
    assert "null" in text


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"schema": 2}', FILING.to_json().replace('"kind": "number"', '"kind": "wish"', 1),
     FILING.to_json().replace("requests.received.total", "requests.recieved.total")],
)  # fmt: skip
def test_json_that_is_no_filing_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Filing.from_json(text, file="x.json")


def test_a_filing_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FILING.cells["requests.received.total"] = FILING.cells["requests.granted.total"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        FILING.year = 2020  # type: ignore[misc]


def test_findings_survive_json() -> None:
    from gongkai.consistency import check

    found = check([changed(FILING, {"disputes.direct_suit.total": 10**6, "requests.granted.total": None})]).all
    assert findings_from_json(findings_to_json(found)) == found
    assert len({finding.fingerprint for finding in found}) == len(found)


def test_what_the_caller_knows_completes_a_filing_but_never_contradicts_it() -> None:
    filing = read_cells("requests.received.total,12").identified(agency="甲局", year=2023, level="department")
    assert (filing.agency, filing.year, filing.level) == ("甲局", 2023, "department")
    with pytest.raises(InputError, match="2022"):
        filing.identified(year=2022)
    with pytest.raises(InputError, match="2016"):
        read_cells("requests.received.total,12").identified(year=2016)
    with pytest.raises(InputError, match="township"):
        filing.identified(level="village")
