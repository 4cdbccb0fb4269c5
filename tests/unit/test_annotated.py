"""The workbook that goes back to the clerk: marked, listed, else as it was, and read as before."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet
from openxml_audit import FileFormat, OpenXmlValidator

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.consistency import check
from gongkai.errors import InputError, UsageError
from gongkai.filing import Cell, Filing, Text
from gongkai.finding import Finding
from gongkai.formats.annotated import COLOURS, annotate, annotated_name
from gongkai.formats.entries import Entry, entries
from gongkai.intake import read
from gongkai.intake.cells import cells_text
from gongkai.intake.spreadsheet import Listing, Mark, annotated
from gongkai.intake.template import write_workbook
from gongkai.tables import layout
from tests.helpers import balanced_filing, changed
from tests.torn import torn_text

FAULTY = changed(
    balanced_filing(3),
    {
        "requests.received.business": 900,
        "requests.granted.research": None,
        "disclosure.licences.decisions": Cell(12, "number", "１２件"),
        "disclosure.regulations.made": 3000,
    },
)
PROSE = "本年度主动公开信息 120 条。"


def found_in(path: Path) -> tuple[Filing, tuple[Entry, ...]]:
    filing = read(path)
    return filing, entries(filing, check([filing]).all)


def marked(path: Path, target: Path | None = None) -> Path:
    target = target or path.parent / "back" / annotated_name(path)
    annotate(path, found_in(path)[1], target)
    return target


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "填报.xlsx"
    filing = replace(FAULTY, texts={"overview": (Text("导语。"), Text(PROSE))}, facts={"title": Text("一份报告")})
    write_workbook(path, filing)
    return path


def edited(path: Path, edit: Any) -> Path:
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, changes: dict[str, bytes]) -> None:
    held = parts(path) | changes
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)


def comments(path: Path) -> dict[tuple[str, str], str]:
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.comment.text
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


def colours(sheet: Worksheet) -> dict[str, str]:
    """The colours that we have given to cells of a sheet."""
    return {
        cell: rule.dxf.fill.bgColor.rgb
        for area in sheet.conditional_formatting
        for rule in area.rules
        if rule.formula == ['LEN("gongkai")=7']
        for cell in str(area.sqref).split()
    }


def without_inputs(filing: Filing) -> Filing:
    return replace(filing, inputs=())


def faults(path: Path) -> set[str]:
    """What the rules of the Open XML SDK find; that texts stand in their cells is our choice."""
    found = OpenXmlValidator(file_format=FileFormat.OFFICE_2019).validate(str(path)).errors
    return {
        str(each) for each in found if not any(word in str(each) for word in ("inline-string", "relationships/theme"))
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_faulty_cells_are_coloured_commented_and_listed_with_links(tmp_path: Path, lang: str) -> None:
    with speaking(lang):
        path = tmp_path / "a.xlsx"
        write_workbook(path, FAULTY)
        filing, found = found_in(path)
        target = marked(path)
        book = openpyxl.load_workbook(target)
        blank, full_width = (
            filing.cells[each].source for each in ("requests.granted.research", "disclosure.licences.decisions")
        )
        assert blank
        assert full_width
        said = comments(target)[blank.sheet or "", blank.cell or ""]
        assert said.count("\n\n") == 2
        assert all(rule in said for rule in ("CEL-BLANK", "T3-RESULT-TOTAL", "T3-ROW-TOTAL"))
        assert say("severity.not_assessable") in said
        table = colours(book[blank.sheet or ""])
        assert table[blank.cell or ""] == COLOURS["error"]
        assert colours(book[full_width.sheet or ""])[full_width.cell or ""] == COLOURS["info"]
        # Of what cannot be assessed only the blank is marked: the other cells of its row have done nothing.
        granted = filing.cells["requests.granted.legal_service"].source
        assert granted
        assert granted.cell not in table
        listing = book[say("listing.sheet")]
        assert listing["A1"].value == say("listing.heading")
        rows = [*listing.iter_rows(min_row=3, values_only=True)]
        assert [row[1] for row in rows] == [entry.rule for entry in found]
        links = {
            cell.coordinate: cell.hyperlink.location for row in listing.iter_rows() for cell in row if cell.hyperlink
        }
        assert links["C3"] == f"'{blank.sheet}'!{blank.cell}"
        assert len(links) == sum(bool(entry.told.cells) for entry in found)


def test_reading_it_again_gives_the_same_filing_and_the_input_stays_as_it_was(workbook: Path) -> None:
    before, filing = workbook.read_bytes(), read(workbook)
    target = marked(workbook)
    assert without_inputs(read(target)) == without_inputs(filing)
    assert workbook.read_bytes() == before
    assert faults(target) <= faults(workbook)


@pytest.mark.filterwarnings("ignore:Unknown extension is not supported:UserWarning")
def test_all_else_in_the_file_stays_as_it_was(workbook: Path) -> None:
    def furnish(book: Any) -> None:
        from openpyxl.chart import BarChart, Reference

        sheet = book.worksheets[2]
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=4, min_row=6, max_row=9))
        sheet.add_chart(chart, "N30")

    edited(workbook, furnish)
    filing = read(workbook)
    sheet = next(name for name, data in parts(workbook).items() if "worksheets/sheet" in name and b"<drawing" in data)
    new = b'<extLst><ext uri="{x}"><n:new xmlns:n="urn:new" n:kept="1"/></ext></extLst></worksheet>'
    repacked(workbook, {sheet: parts(workbook)[sheet].replace(b"</worksheet>", new), "xl/new/part.bin": b"kept"})
    target = marked(workbook)
    old, now = parts(workbook), parts(target)
    touched = {name for name in old if now[name] != old[name]}
    assert not {name for name in touched if "chart" in name or "drawing" in name or "new" in name or "docProps" in name}
    assert old.keys() <= now.keys()
    assert b'n:kept="1"' in now[sheet]
    before, after = (openpyxl.load_workbook(path) for path in (workbook, target))
    for one in before.worksheets:
        other = after[one.title]
        assert {str(each.sqref) for each in one.data_validations.dataValidation} == {
            str(each.sqref) for each in other.data_validations.dataValidation
        }
        assert one.protection.sheet == other.protection.sheet
        assert one.page_setup.orientation == other.page_setup.orientation
        for row in one.iter_rows():
            for cell in row:
                same = other[cell.coordinate]
                assert (cell.value, cell.style, cell.number_format) == (same.value, same.style, same.number_format)
    assert without_inputs(read(target)) == without_inputs(filing)


def test_what_formulas_came_to_stays(workbook: Path) -> None:
    sheet = "xl/worksheets/sheet4.xml"
    filing = read(workbook)
    source = filing.cells["disputes.direct_suit.total"].source
    assert source
    edited(workbook, lambda book: book[source.sheet].__setitem__(source.cell, "=1+1"))
    computed, count = re.subn(
        rb"(<f>1\+1</f>)<v ?/>|(<f>1\+1</f>)<v></v>", b"<f>1+1</f><v>2</v>", parts(workbook)[sheet]
    )
    assert count == 1
    repacked(workbook, {sheet: computed})
    assert read(marked(workbook)).number("disputes.direct_suit.total") == 2


def test_comments_of_others_stay_and_ours_follow_them(workbook: Path) -> None:
    filing = read(workbook)
    faulty, clean = (filing.cells[each].source for each in ("requests.granted.research", "requests.granted.business"))
    assert faulty
    assert clean

    def remark(book: Any) -> None:
        for source in (faulty, clean):
            book[source.sheet][source.cell].comment = Comment("已电话核实", "李四")

    edited(workbook, remark)
    said = comments(marked(workbook))
    assert said[clean.sheet or "", clean.cell or ""] == "已电话核实"
    assert said[faulty.sheet or "", faulty.cell or ""].startswith("已电话核实\n\n[gongkai] ")


def test_marks_go_when_their_faults_are_mended_and_never_pile_up(workbook: Path, tmp_path: Path) -> None:
    once = marked(workbook)
    again = marked(once, tmp_path / "again.xlsx")
    assert comments(again) == comments(once)
    assert openpyxl.load_workbook(again).sheetnames == openpyxl.load_workbook(once).sheetnames
    # As another program saves it, then mended but for one cell.
    filing = read(once)
    sound = balanced_filing(3).number("requests.granted.research")

    def mend(book: Any) -> None:
        for address, value in (("requests.received.business", None), ("requests.granted.research", sound)):
            source = filing.cells[address].source
            assert source
            book[source.sheet][source.cell] = value

    mended = edited(once, mend)
    last = marked(mended, tmp_path / "last.xlsx")
    blank = read(mended).cells["requests.received.business"].source
    assert blank
    was = filing.cells["requests.granted.research"].source
    assert was
    marks = comments(last)
    assert (blank.sheet, blank.cell) in marks
    assert (was.sheet, was.cell) not in marks
    assert was.cell not in colours(openpyxl.load_workbook(last)[was.sheet or ""])
    drawings = b"".join(data for name, data in parts(last).items() if name.endswith(".vml"))
    assert len(re.findall(rb"<\w+:shape ", drawings)) == len(marks)


def test_findings_about_words_are_told_where_the_words_stand(workbook: Path) -> None:
    filing = read(workbook)
    about: dict[str, Any] = {"agency": None, "agency_code": None, "year": 2024, "basis": "", "fingerprint": "0" * 16}
    about |= {"severity": "warning", "verdict": "fail", "cells": (), "message": "不符。"}
    words = Finding(rule="X-WORDS", text="overview", passage=1, span=(10, 13), **about)
    fact = Finding(rule="X-FACT", source=filing.facts["title"].source, **about)
    whole = Finding(rule="X-WHOLE", **about)
    target = workbook.parent / "back.xlsx"
    with speaking("zh"):
        annotate(workbook, entries(filing, [words, fact, whole]), target)
    said = {text.split("：")[0]: place for place, text in comments(target).items()}
    places = {"警告 X-WORDS": filing.texts["overview"][1].source, "警告 X-FACT": filing.facts["title"].source}
    assert said == {rule: (source.sheet, source.cell) for rule, source in places.items() if source}
    assert "警告 X-WORDS：“120”　不符。" in comments(target).values()
    assert [row[1] for row in openpyxl.load_workbook(target).worksheets[-1].iter_rows(min_row=3, values_only=True)] == [
        *("X-WORDS", "X-FACT", "X-WHOLE"),
    ]


@pytest.mark.parametrize("name", ["报告.txt", "报告.csv", "报告.json"])
def test_what_is_no_workbook_becomes_the_official_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = {".txt": torn_text, ".csv": cells_text, ".json": Filing.to_json}[path.suffix](FAULTY)
    path.write_text(text, encoding="utf-8")
    filing, found = found_in(path)
    target = marked(path)
    assert target.name == "报告.xlsx"
    made = read(target)
    assert {address: cell.value for address, cell in made.cells.items()} == {
        address: cell.value for address, cell in filing.cells.items()
    }
    blank = made.cells["requests.granted.research"].source
    assert blank
    assert "CEL-BLANK" in comments(target)[blank.sheet or "", blank.cell or ""]
    assert len(found) == len([*openpyxl.load_workbook(target).worksheets[-1].iter_rows(min_row=3)])


def published(filing: Filing) -> bytes:
    """The report as an office's own workbook: all on one sheet, as it is printed."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"{filing.agency}{filing.year}年政府信息公开工作年度报告"])
    for section in filing.form.sections:
        sheet.append([str(section.heading)])
        if not section.table:
            continue
        top = sheet.max_row + 1
        for cell in layout(filing.edition, section.table).cells:
            row, column = top + cell.row, cell.column + 1
            value = filing.cells[cell.address].raw if cell.address else str(cell.words or "")
            sheet.cell(row, column, int(value) if value.isdigit() and value.isascii() else value or None)
            if cell.rowspan > 1 or cell.colspan > 1:
                bottom, right = row + cell.rowspan - 1, column + cell.colspan - 1
                sheet.merge_cells(start_row=row, start_column=column, end_row=bottom, end_column=right)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_an_offices_own_workbook_goes_back_as_its_own_and_the_list_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "自制.xlsx"
    path.write_bytes(published(FAULTY))
    filing, found = found_in(path)
    assert filing.number("requests.received.business") == 900
    target = marked(path)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames[:-1] == openpyxl.load_workbook(path).sheetnames
    assert without_inputs(read(target)) == without_inputs(filing)
    assert any("T3-IDENTITY" in text for text in comments(target).values())
    assert found


def test_a_sheet_of_the_same_name_is_left_alone(workbook: Path) -> None:
    edited(workbook, lambda book: book.create_sheet("核对结果").append(["我的"]))
    with speaking("zh"):
        book = openpyxl.load_workbook(marked(workbook))
    assert book.sheetnames[-2:] == ["核对结果", "核对结果 2"]
    assert book["核对结果"]["A1"].value == "我的"


def test_the_input_is_never_written_over(workbook: Path) -> None:
    before = workbook.read_bytes()
    with pytest.raises(UsageError) as refused:
        marked(workbook, workbook)
    assert refused.value.key == "annotates_input"
    assert workbook.read_bytes() == before


def test_a_workbook_with_macros_keeps_its_kind() -> None:
    assert [annotated_name(Path(name)) for name in ("a.XLSM", "a.et", "a.tar.gz")] == ["a.XLSM", "a.xlsx", "a.tar.xlsx"]


LISTING = Listing("列", "宋体", "题", ["一"], [10.0], 0, [], [])


def minimal(marks: Sequence[Mark] = (), files: dict[str, str] | None = None) -> bytes:
    """A workbook with no more than the standard demands, not even formats, marked."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = (
        '<Override PartName="/b/{}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"/>'
    )
    of_relations = "application/vnd.openxmlformats-package.relationships+xml"
    relation = '<Relationship Id="a" Type="{}/{}" Target="{}"/>'
    relations = f'<Relationships xmlns="{package}/relationships">{{}}</Relationships>'
    sheets = '<sheets><sheet name="S" sheetId="1" r:id="a"/></sheets>'
    margins = " ".join(f'{side}="1"' for side in ("left", "right", "top", "bottom", "header", "footer"))
    held = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="{of_relations}"/>'
        f"{kind.format('w.xml', 'sheet.main')}{kind.format('s.xml', 'worksheet')}</Types>",
        "_rels/.rels": relations.format(relation.format(office, "officeDocument", "b/w.xml")),
        "b/w.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>',
        "b/_rels/w.xml.rels": relations.format(relation.format(office, "worksheet", "s.xml")),
        "b/s.xml": f'<x:worksheet xmlns:x="{main}"><x:sheetData/><x:pageMargins {margins}/></x:worksheet>',
    } | (files or {})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return annotated("m.xlsx", stream.getvalue(), marks, COLOURS, LISTING)


@pytest.mark.filterwarnings("ignore:Workbook contains no default style:UserWarning")
def test_the_barest_workbook_can_be_marked(tmp_path: Path) -> None:
    target = tmp_path / "m.xlsx"
    target.write_bytes(minimal([Mark("S", "B2", "error", "错", 1)]))
    book = openpyxl.load_workbook(target)
    assert comments(target) == {("S", "B2"): "错"}
    assert colours(book["S"]) == {"B2": COLOURS["error"]}
    assert book["列"]["A1"].value == "题"
    assert not faults(target)


def test_a_broken_workbook_is_named() -> None:
    with pytest.raises(InputError) as refused:
        minimal(files={"b/s.xml": "<x"})
    assert (refused.value.key, refused.value.file) == ("broken_workbook", "m.xlsx")


@pytest.mark.filterwarnings("ignore:Workbook contains no default style:UserWarning")
@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_whatever_is_said_can_be_read(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(minimal([Mark("S", "A1", "info", text, 1)])))
    assert book["S"]["A1"].comment
