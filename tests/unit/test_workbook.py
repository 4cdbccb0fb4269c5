"""The official workbook: written, read back, and refused where it is not what it says."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.errors import InputError, UsageError
from gongkai.filing import Cell, Filing, Text
from gongkai.forms import load_form
from gongkai.intake import read
from gongkai.intake.numbers import read_cell
from gongkai.intake.spreadsheet import MAX_TEXT
from gongkai.intake.template import blank, write_workbook
from gongkai.wording import doubt_in_words
from tests.helpers import ROOT, balanced_filing, changed

REQUESTS = "三、依申请公开"
DISCLOSURE = "二、主动公开"
DISPUTES = "四、复议诉讼"
FACTS = "基本信息和文字"
LAST_YEAR = {"requests.carried_out.business": 77, "requests.carried_out.total": None}
TITLE = "青杉县财政局2024年政府信息公开工作年度报告"


def told(filing: Filing) -> dict[str, Any]:
    """What a filing says, without where it stood."""
    return {
        "about": (filing.edition, filing.agency, filing.agency_code, filing.level, filing.year, filing.revision),
        "cells": {address: (cell.value, cell.kind, cell.raw) for address, cell in filing.cells.items()},
        "texts": {key: [text.text for text in texts] for key, texts in filing.texts.items()},
        "facts": {key: fact.text for key, fact in filing.facts.items()},
    }


@pytest.fixture(scope="module")
def filing() -> Filing:
    texts = {
        "preamble": (Text("根据《条例》编制。"),),
        "overview.on_request": (Text("=SUM(A1:A9)"), Text("+1 件")),
        "other_matters": (Text("@收取信息处理费 0 元"), Text("-无")),
    }
    facts = {"title": Text(TITLE), "signed": Text("2025年1月20日"), "url": Text("=1")}
    return replace(balanced_filing(3), agency_code="0042", revision=2, texts=texts, facts=facts)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, filing: Filing) -> Path:
    path = tmp_path_factory.mktemp("written") / "a.xlsx"
    write_workbook(path, filing)
    return path


@pytest.fixture
def workbook(tmp_path: Path, written: Path) -> Path:
    """A workbook of `filing` that the test may spoil."""
    return Path(shutil.copy(written, tmp_path))


def edited(path: Path, edit: Callable[[Any], object]) -> Path:
    """The workbook at `path` after `edit`, as a spreadsheet program would leave it."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.file == path.name
    for lang in LANGUAGES:
        with speaking(lang):
            assert path.name in str(caught.value)
    return caught.value


def repacked(path: Path, member: str, change: Callable[[str], str]) -> None:
    """Change the text of one member of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[member] = change(parts[member].decode()).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_written_is_read_back_whatever_language_is_spoken(tmp_path: Path, filing: Filing, lang: str) -> None:
    path = tmp_path / "a.xlsx"
    with speaking(lang):
        write_workbook(path, filing, previous=balanced_filing(4, year=2023))
    assert told(read(path)) == told(filing)


@pytest.mark.parametrize("raw", ["12件", "１２", "1,234", "/", "无", "约十件", "-3", "2.5", "1234567890123456789"])
def test_a_cell_comes_back_as_it_stood(tmp_path: Path, raw: str) -> None:
    address = "requests.received.total"
    cell = read_cell(raw, load_form("2021").cells[address])
    path = tmp_path / "a.xlsx"
    write_workbook(path, changed(balanced_filing(), {address: cell}))
    found = read(path).cells[address]
    assert (found.value, found.kind, found.raw) == (cell.value, cell.kind, cell.raw)


def test_an_empty_template_is_all_blank_and_names_its_agency(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, blank("青杉县财政局", "QS01", "department", 2024))
    found = read(path)
    assert {cell.kind for cell in found.cells.values()} == {"blank"}
    assert list(found.cells) == list(load_form("2021").cells)
    assert (found.agency, found.agency_code, found.level, found.year) == ("青杉县财政局", "QS01", "department", 2024)
    assert not found.texts
    assert not found.facts


@pytest.mark.parametrize(
    ("agency", "code", "words"), [("", "QS01", "单位名称"), ("青杉县财政局", " \u3000", "单位代码")]
)
def test_an_empty_name_or_code_makes_no_template(agency: str, code: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        blank(agency, code, "department", 2024)


def test_every_value_keeps_its_sheet_and_cell(workbook: Path) -> None:
    found = read(workbook)
    assert found.inputs[0].file == "a.xlsx"
    source = found.cells["requests.received.natural_person"].source
    assert source
    assert (source.file, source.sheet, source.cell) == ("a.xlsx", REQUESTS, "D6")
    book: Any = openpyxl.load_workbook(workbook)
    assert book[REQUESTS][source.cell].value == found.cells["requests.received.natural_person"].value
    (preamble,) = found.texts["preamble"]
    assert preamble.source
    assert preamble.source.sheet == FACTS
    assert book[FACTS][preamble.source.cell].value == preamble.text


def test_same_filing_same_bytes_in_every_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.helpers import balanced_filing\n"
        "from gongkai.intake.template import write_workbook\n"
        "write_workbook(Path(sys.argv[1]), balanced_filing(1), previous=balanced_filing(2))"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}"}
        path = tmp_path / f"{seed}.xlsx"
        subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()


def test_no_text_of_a_filing_becomes_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    dangerous = '=HYPERLINK("http://x.test","x")'
    hostile = replace(
        changed(balanced_filing(), {"requests.received.total": Cell(None, "unreadable", dangerous)}),
        agency=dangerous,
        texts={"overview": (Text(dangerous),)},
        facts={"title": Text("#N/A"), "=1+1": Text("=1+1")},
    )
    write_workbook(path, hostile)
    assert told(read(path)) == told(hostile)
    book: Any = openpyxl.load_workbook(path)
    formulas = {cell.value for sheet in book for row in sheet for cell in row if cell.data_type in "fe"}
    assert all(formula.startswith("=IF(COUNT(") for formula in formulas)


def test_characters_that_no_workbook_can_hold_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, replace(balanced_filing(), texts={"overview": (Text("前\x0c后"),)}))
    assert read(path).texts["overview"][0].text == "前后"


def test_a_text_too_long_for_a_cell_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pytest.raises(UsageError, match="B14"):
        write_workbook(path, replace(balanced_filing(), texts={"overview": (Text("长" * (MAX_TEXT + 1)),)}))
    assert list(tmp_path.iterdir()) == []


def test_labels_are_locked_and_inputs_are_free(workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook)
    for name in (FACTS, DISCLOSURE, REQUESTS, DISPUTES):
        assert book[name].protection.sheet
        assert not book[name].protection.password
    free = {cell.coordinate for row in book[REQUESTS] for cell in row if not cell.protection.locked}
    assert free == {f"{column}{row}" for column in "DEFGHIJ" for row in range(6, 31)}
    assert all(not book[DISCLOSURE][place].protection.locked for place in ("B9", "C9", "D9"))
    assert not book[FACTS]["B3"].protection.locked
    assert book[FACTS]["B6"].value == 2024
    assert book[FACTS]["B6"].protection.locked
    assert book["gongkai"].sheet_state == "veryHidden"


def test_every_input_refuses_what_it_cannot_take(workbook: Path) -> None:
    book: Any = openpyxl.load_workbook(workbook)
    taken: dict[str, str] = {}
    for sheet in (DISCLOSURE, REQUESTS, DISPUTES):
        for rule in book[sheet].data_validations.dataValidation:
            assert (rule.showErrorMessage, rule.operator, rule.formula1) == (True, "greaterThanOrEqual", "0")
            assert rule.error.startswith("请填 0 或正")
            places = [place for area in rule.sqref.ranges for place in area.cells]
            taken |= {f"{sheet}!{row}.{column}": rule.type for row, column in places}
    assert len(taken) == len(load_form("2021").cells)
    assert [place for place, kind in taken.items() if kind != "whole"] == [f"{DISCLOSURE}!16.2"]
    (level,) = book[FACTS].data_validations.dataValidation
    assert level.formula1 == '"government,department,township,subdistrict,other"'


def test_last_years_figures_stand_at_the_cells_that_follow_from_them(tmp_path: Path, filing: Filing) -> None:
    path = tmp_path / "a.xlsx"
    previous = changed(
        balanced_filing(5, year=2023), {"requests.carried_out.business": 77, "requests.carried_out.total": None}
    )
    write_workbook(path, filing, previous=previous)
    sheet = openpyxl.load_workbook(path)[REQUESTS]
    prompts = {str(rule.sqref): rule.prompt for rule in sheet.data_validations.dataValidation if rule.showInputMessage}
    assert prompts["E7"] == "上年报告的结转下年度：77"
    assert prompts["J7"] == "上年报告的结转下年度：无数字"
    (row,) = (cell.row for cell in sheet["A"] if cell.value == "上年报告的结转下年度")
    assert sheet.cell(row, 5).value == 77
    assert sheet.cell(row, 5).protection.locked
    assert told(read(path)) == told(filing)


def test_of_last_years_figures_on_another_edition_those_are_shown_that_compare(tmp_path: Path, filing: Filing) -> None:
    path = tmp_path / "a.xlsx"
    previous = balanced_filing(5, edition="2019")
    write_workbook(path, replace(filing, year=2021), previous=previous)
    book = openpyxl.load_workbook(path)
    (row,) = (cell.row for cell in book[REQUESTS]["A"] if cell.value == "上年报告的结转下年度")
    assert book[REQUESTS].cell(row, 10).value == previous.number("requests.carried_out.total")
    assert "上年报告" not in "".join(str(cell.value) for line in book[DISCLOSURE] for cell in line)


def test_the_workbook_of_another_edition_is_filled_and_read_back(tmp_path: Path) -> None:
    empty, path = tmp_path / "blank.xlsx", tmp_path / "a.xlsx"
    write_workbook(empty, blank("青杉县财政局", "QS01", "department", 2020))
    assert {cell.kind for cell in read(empty).cells.values()} == {"blank"}
    changes = {f"disclosure.{row}.change": read_cell(raw, load_form("2019").cells["disclosure.fees.change"])
               for row, raw in {"licences": "减4", "penalties": "+0", "fees": "-2"}.items()}  # fmt: skip
    filing = replace(changed(balanced_filing(4, edition="2019"), dict(changes)), agency_code="QS01")
    write_workbook(path, filing, previous=balanced_filing(5, edition="2021", year=2019))
    assert told(read(path)) == told(filing)
    assert list(read(path).cells) == list(load_form("2019").cells)
    for year, edition in ((2020, "2019"), (2023, "2021")):
        assert blank("青杉县财政局", "QS01", "department", year).edition == edition


def test_a_change_may_be_typed_with_a_minus_sign(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, blank("青杉县财政局", "QS01", "department", 2020))
    rules = {str(rule.sqref): rule for rule in openpyxl.load_workbook(path)[DISCLOSURE].data_validations.dataValidation}
    (change,) = (rule for places, rule in rules.items() if "C17" in places.split())
    assert (change.type, change.operator, int(change.formula1) < -999_999) == ("whole", "greaterThan", True)
    assert "减少填负数" in change.error


def test_a_workbook_with_a_year_of_another_edition_is_read_as_what_it_is(workbook: Path) -> None:
    found = read(edited(workbook, _year(2020)))
    assert (found.year, found.edition) == (2020, "2021")


@pytest.mark.parametrize(
    ("typed", "value", "kind", "raw"),
    [
        (0.1 + 0.2, Decimal("0.3"), "number", "0.3"),
        (12.0, 12, "number", "12"),
        (1234567.8912, Decimal("1234567.8912"), "number", "1234567.8912"),
        ("12", 12, "number", "12"),
        ("１２ 件", 12, "number", "１２ 件"),
        (-3, -3, "number", "-3"),
        ("/", None, "placeholder", "/"),
        ("十二", None, "unreadable", "十二"),
        (True, None, "unreadable", "TRUE"),
        (datetime(2024, 3, 4), None, "unreadable", "2024-03-04"),
        (1e300, None, "unreadable", "1" + "0" * 300),
        ("  ", None, "blank", ""),
    ],
)
def test_whatever_a_clerk_types_is_read_as_what_it_is(
    workbook: Path, typed: object, value: object, kind: str, raw: str
) -> None:
    def fill(book: Any) -> None:
        book[REQUESTS]["D7"] = typed

    cell = read(edited(workbook, fill)).cells["requests.carried_in.natural_person"]
    assert (cell.value, cell.kind, cell.raw) == (value, kind, raw)
    assert cell.source
    assert cell.source.cell == "D7"


def test_an_error_value_is_unreadable(workbook: Path) -> None:
    repacked_formula(workbook, '<c r="D7" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    cell = read(workbook).cells["requests.carried_in.natural_person"]
    assert (cell.kind, cell.raw) == ("unreadable", "#DIV/0!")


def repacked_formula(path: Path, cell: str) -> None:
    def change(xml: str) -> str:
        changed, count = re.subn(r'<c r="D7"[^>]*>.*?</c>(<c r="E7".*?</c>)?', cell, xml)
        assert count == 1
        return changed

    repacked(path, "xl/worksheets/sheet3.xml", change)


def test_a_formula_counts_with_its_stored_value(workbook: Path) -> None:
    repacked_formula(workbook, '<c r="D7"><f>40+2</f><v>42</v></c>')
    assert read(workbook).cells["requests.carried_in.natural_person"].value == 42


def test_a_formula_without_a_stored_value_is_named(workbook: Path) -> None:
    def fill(book: Any) -> None:
        book[REQUESTS]["D7"] = "=40+2"

    error = refused(edited(workbook, fill))
    assert (error.key, error.place) == ("formula_without_value", f"{REQUESTS}!D7")


EMPTY_RESULT = '<c r="D7" t="str"><f aca="false">IF(1=1,"","")</f><v></v></c>'


@pytest.mark.parametrize("cell", [EMPTY_RESULT, EMPTY_RESULT.replace("<v></v>", "<v/>")])
def test_a_formula_whose_stored_value_is_an_empty_text_is_blank(workbook: Path, cell: str) -> None:
    repacked_formula(workbook, cell)
    found = read(workbook).cells["requests.carried_in.natural_person"]
    assert (found.value, found.kind, found.raw) == (None, "blank", "")


@pytest.mark.parametrize("value", ["", "<v></v>"])
def test_an_empty_text_in_one_formula_does_not_excuse_another(workbook: Path, value: str) -> None:
    repacked_formula(workbook, EMPTY_RESULT + f'<c r="E7"><f>40+2</f>{value}</c>')
    error = refused(workbook)
    assert (error.key, error.place) == ("formula_without_value", f"{REQUESTS}!E7")


@pytest.mark.parametrize("text", ["_x000D_", "_x005F_", "a_x0041_b", "__x0009_", "_xD800_", "_x000d", "x000D_"])
def test_a_text_that_looks_like_a_character_by_its_code_stays_as_it_is(tmp_path: Path, text: str) -> None:
    write_workbook(tmp_path / "档案馆.xlsx", replace(balanced_filing(), texts={"overview": (Text(text),)}))
    assert [each.text for each in read(tmp_path / "档案馆.xlsx").texts["overview"]] == [text]


def test_characters_by_their_code_are_what_they_stand_for(workbook: Path) -> None:
    def fill(book: Any) -> None:
        book[FACTS]["B15"] = "_x4E00_、_x005F_x4E00_、_x000A_二_x000D_\n_x0001__xD800_"

    assert [text.text for text in read(edited(workbook, fill)).texts["overview"]] == [
        "一、_x4E00_、",
        "二",
        "_x0001__xD800_",
    ]


def test_paragraphs_are_lines_and_a_date_is_a_date(workbook: Path) -> None:
    def fill(book: Any) -> None:
        book[FACTS]["B15"] = "　　第一段\r\n\n  第二段_x000D_\n"
        book[FACTS]["B11"] = datetime(2025, 1, 20)

    found = read(edited(workbook, fill))
    assert [text.text for text in found.texts["preamble"]] == ["根据《条例》编制。"]
    assert [text.text for text in found.texts["overview"]] == ["第一段", "第二段"]
    assert found.facts["signed"].text == "2025-01-20"


def _rename(book: Any) -> None:
    book[DISPUTES].title = "表四"


def _insert_row(book: Any) -> None:
    book[REQUESTS].insert_rows(8)


def _insert_column(book: Any) -> None:
    book[DISCLOSURE].insert_cols(1)


def _insert_answers(book: Any) -> None:
    book[FACTS].insert_cols(2)


def _delete_answers(book: Any) -> None:
    book[FACTS].delete_cols(2)


def _push_one_answer(book: Any) -> None:
    sheet = book[FACTS]
    sheet["D6"], sheet["C6"], sheet["B6"] = sheet["C6"].value, sheet["B6"].value, None


def _revision(book: Any) -> None:
    book["gongkai"]["B4"] = "二"


def _language(book: Any) -> None:
    book["gongkai"]["B3"] = "fr"


def _reword(book: Any) -> None:
    book[REQUESTS]["A7"] = "二、结转"


def _edition(book: Any) -> None:
    book["gongkai"]["B2"] = "1999"


def _schema(book: Any) -> None:
    book["gongkai"]["B1"] = 99


def _year(value: object) -> Callable[[Any], None]:
    def edit(book: Any) -> None:
        book[FACTS]["B6"] = value

    return edit


def _level(book: Any) -> None:
    book[FACTS]["B5"] = "county"


@pytest.mark.parametrize(
    ("edit", "key", "place"),
    [
        (_schema, "workbook_schema", None),
        (_edition, "unknown_edition", "gongkai"),
        (_revision, "workbook_record", "gongkai"),
        (_language, "workbook_record", "gongkai"),
        (_rename, "missing_sheet", None),
        (_insert_answers, "label_moved", f"{FACTS}!C4"),
        (_delete_answers, "label_moved", f"{FACTS}!C4"),
        (_push_one_answer, "label_moved", f"{FACTS}!C6"),
        (_insert_row, "label_moved", f"{REQUESTS}!A8"),
        (_insert_column, "label_moved", f"{DISCLOSURE}!A3"),
        (_reword, "label_changed", f"{REQUESTS}!A7"),
        (_year(1997), "unknown_year", f"{FACTS}!B6"),
        (_year("二〇二四"), "year_no_number", f"{FACTS}!B6"),
        (_level, "unknown_level", f"{FACTS}!B5"),
    ],
)
def test_a_workbook_that_is_not_as_it_was_made_is_refused_by_place(
    workbook: Path, edit: Callable[[Any], object], key: str, place: str | None
) -> None:
    error = refused(edited(workbook, edit))
    assert (error.key, error.place) == (key, place)


@pytest.mark.parametrize(
    ("title", "others"), [(TITLE, ("2024",)), (TITLE.replace("2024", "2023"), ()), ("年报", ()), (None, ())]
)
def test_a_year_that_the_title_contradicts_is_doubted(
    workbook: Path, title: str | None, others: tuple[str, ...]
) -> None:
    def edit(book: Any) -> None:
        book[FACTS]["B6"], book[FACTS]["B7"] = 2023, title

    found = read(edited(workbook, edit))
    assert found.year == 2023
    assert [doubt.alternatives for doubt in found.doubts] == ([others] if others else [])
    for doubt in found.doubts:
        assert (doubt.code, doubt.text, doubt.cells) == ("PRS-YEAR", "year", ())
        assert doubt.source and doubt.source.cell == "B6"
        for lang in LANGUAGES:
            with speaking(lang):
                assert "2023" in doubt_in_words(found.form, doubt)


def test_a_copy_of_a_table_that_was_filled_otherwise_casts_a_doubt_where_it_differs(workbook: Path) -> None:
    def edit(book: Any) -> None:
        copy = book.copy_worksheet(book[REQUESTS])
        copy.title = "三、依申请公开 (2)"
        copy["D6"], copy["E8"], copy["F9"] = 99999, None, "=1+1"
        book.copy_worksheet(book[DISPUTES])
        book.create_sheet("说明")["A1"] = "填报说明"

    (doubt,) = read(edited(workbook, edit)).doubts
    assert (doubt.code, doubt.read) == ("PRS-TABLE-TWICE", "三、依申请公开 (2)")
    assert doubt.cells[:1] == ("requests.received.natural_person",)
    assert len(doubt.cells) == 3
    assert doubt.source and doubt.source.sheet == "三、依申请公开 (2)"


@pytest.mark.parametrize(
    ("ref", "doubted"),
    [
        ("D6:E7", ("received.natural_person", "received.business", "carried_in.natural_person", "carried_in.business")),
        ("C6:D6", ("received.natural_person",)),
        ("J30:K31", ()),
    ],
)
def test_a_merged_range_that_hides_a_value_casts_a_doubt_on_what_it_covers(
    workbook: Path, filing: Filing, ref: str, doubted: tuple[str, ...]
) -> None:
    repacked(
        workbook,
        "xl/worksheets/sheet3.xml",
        lambda xml: xml.replace('<mergeCell ref="A6:C6"', f'<mergeCell ref="{ref}"'),
    )
    found = read(workbook)
    assert told(found) == told(filing)
    assert [doubt.cells for doubt in found.doubts] == (
        [tuple(f"requests.{each}" for each in doubted)] if doubted else []
    )


def test_a_cell_that_is_there_twice_is_refused_by_its_name(workbook: Path) -> None:
    repacked(workbook, "xl/worksheets/sheet3.xml", lambda xml: xml.replace('<c r="E6"', '<c r="D6"', 1))
    error = refused(workbook)
    assert (error.key, error.place) == ("cell_twice", f"{REQUESTS}!D6")


def test_a_sheet_that_is_there_twice_is_refused_by_its_name(workbook: Path) -> None:
    repacked(workbook, "xl/workbook.xml", lambda xml: xml.replace(f'name="{DISPUTES}"', f'name="{REQUESTS}"'))
    error = refused(workbook)
    assert (error.key, error.place) == ("sheet_twice", REQUESTS)


def test_a_workbook_in_another_encoding_is_still_known(workbook: Path, filing: Filing) -> None:
    with zipfile.ZipFile(workbook) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    text = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")
    with zipfile.ZipFile(workbook, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    assert told(read(workbook)) == told(filing)


def test_spaces_and_line_breaks_in_a_label_do_not_matter(workbook: Path, filing: Filing) -> None:
    def edit(book: Any) -> None:
        book[REQUESTS]["A7"] = "二、上年结转\n政府信息 公开申请数量"

    assert told(read(edited(workbook, edit))) == told(filing)


def test_a_hint_that_was_reworded_or_deleted_does_not_matter(workbook: Path, filing: Filing) -> None:
    def edit(book: Any) -> None:
        book[FACTS]["C4"], book[FACTS]["C6"] = "别的说明", None

    assert told(read(edited(workbook, edit))) == told(filing)


def test_agency_and_year_may_be_left_out(workbook: Path) -> None:
    def edit(book: Any) -> None:
        book[FACTS]["B3"] = book[FACTS]["B6"] = None

    found = read(edited(workbook, edit))
    assert (found.agency, found.year) == (None, None)


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return stream.getvalue()


def test_a_broken_workbook_is_refused_with_what_to_do(tmp_path: Path, workbook: Path) -> None:
    whole = workbook.read_bytes()
    cases = [
        ("broken_archive", whole[: len(whole) // 2]),
        ("broken_archive", whole[:4]),
        ("broken_archive", zipped(**{"xl/workbook.xml": b"<"})),
        ("broken_workbook", zipped(**{"xl/workbook.xml": b"<workbook/>"})),
    ]
    for key, content in cases:
        path = tmp_path / "x.xlsx"
        path.write_bytes(content)
        assert refused(path).key == key


def test_a_sheet_that_breaks_off_is_refused_by_name(workbook: Path) -> None:
    repacked(workbook, "xl/worksheets/sheet3.xml", lambda xml: xml[: len(xml) // 3])
    error = refused(workbook)
    assert (error.key, error.place) == ("broken_workbook", REQUESTS)


def test_a_sheet_of_a_million_rows_is_not_read_to_its_end(workbook: Path, filing: Filing) -> None:
    def far(xml: str) -> str:
        return xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')

    repacked(workbook, "xl/worksheets/sheet3.xml", far)
    assert told(read(workbook)) == told(filing)


def test_marks_speak_the_language_of_the_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with speaking("en"):
        write_workbook(path, blank(None, None, None, 2024))
        incomplete = say("workbook.incomplete")
    sheet = openpyxl.load_workbook(path)["4 Disputes"]
    assert f'"{incomplete}"' in sheet["E9"].value
