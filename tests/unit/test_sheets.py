"""Workbooks of every vintage and delimited text become the same printed tables."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gongkai.forms import load_form
from gongkai.intake import READERS, read
from gongkai.intake.cells import cells_text
from gongkai.intake.containers import contained
from gongkai.intake.interface import Document
from gongkai.intake.numbers import read_cell
from gongkai.intake.printed import Grid
from gongkai.intake.ranges import UNCOMPUTED, Cells, Merged, cell_name
from gongkai.intake.sheets import SheetsReader, printed
from gongkai.intake.template import write_workbook
from tests.helpers import balanced_filing
from tests.unit.test_hostile import EOF, MAIN, biff, container, number, spreadsheet, workbook

NUMBER = '<table:table-cell office:value-type="{kind}" office:value="{value}"{about}><text:p/></table:table-cell>'
ROW = "<table:table-row{about}>{cells}</table:table-row>"


def grids(content: bytes, name: str = "a") -> list[Grid]:
    found = printed(contained(Document(name, content)))
    assert all(isinstance(grid, Grid) and grid.ruled for grid in found)
    return [grid for grid in found if isinstance(grid, Grid)]


def texts(content: bytes) -> list[list[list[str]]]:
    return [[[field.text for field in row] for row in grid.rows] for grid in grids(content)]


def made(edit: Any) -> bytes:
    """A workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def report(book: Any) -> None:
    """All that an agency's own sheet has: a title, merged cells, numbers, dates, formulas, things hidden."""
    sheet = book.active
    sheet.title = "附表"
    sheet["A1"] = "青杉县2023年政府信息公开工作年度报告"
    sheet.merge_cells("A1:E1")
    for row in (
        ["信息内容", "本年制发件数", "日期", "公式", "备注"],
        ["规章\n（含）", 12, datetime(2024, 3, 4), "=1/0", "1,234"],
        ["合并", 0.1 + 0.2, datetime(2024, 3, 4, 5, 6, 7), None, "  "],
        [None, 1.5, None, None, None],
        ["收费", 0, -3, None, "a b"],
    ):
        sheet.append(row)
    sheet.merge_cells("A4:A5")
    sheet.insert_rows(2)
    sheet.merged_cells.ranges = {openpyxl.worksheet.cell_range.CellRange(area) for area in ("A1:E1", "A5:A6")}
    sheet.row_dimensions[4].hidden = sheet.column_dimensions["B"].hidden = True
    for name, state in (("隐", "hidden"), ("更隐", "veryHidden")):
        other = book.create_sheet(name)
        other["A1"], other.sheet_state = "99", state
    book.create_sheet("空")
    book.create_sheet("表三")["C3"] = 7


READ = [
    [["青杉县2023年政府信息公开工作年度报告"]],
    [
        ["信息内容", "本年制发件数", "日期", "公式", "备注"],
        ["规章\n（含）", "12", "2024-03-04", UNCOMPUTED, "1,234"],
        ["合并", "0.3", "2024-03-04 05:06:07", "", ""],
        ["1.5", "", "", ""],
        ["收费", "0", "-3", "", "a b"],
    ],
    [["7"]],
]


def test_visible_sheets_are_read_as_tables_with_what_is_hidden_in_them() -> None:
    assert texts(made(report)) == READ


def test_every_field_has_its_place_and_its_size() -> None:
    title, table, other = grids(made(report), "报告.xlsx")
    ((field,),) = title.rows
    assert (field.left, field.right, field.height) == (0, 5, 1)
    assert [(each.left, each.right, each.height) for each in table.rows[2]] == [
        (0, 1, 2),
        (1, 2, 1),
        (2, 3, 1),
        (3, 4, 1),
        (4, 5, 1),
    ]
    assert [each.left for each in table.rows[3]] == [1, 2, 3, 4]
    source = table.rows[4][1].source
    assert (source.file, source.sheet, source.cell) == ("报告.xlsx", "附表", "B7")
    assert other.rows[0][0].source.cell == "C3"
    assert (other.rows[0][0].left, other.rows[0][0].right) == (2, 3)


def test_a_formula_without_a_value_is_neither_a_number_nor_a_blank() -> None:
    cells = '<c r="A1"><f>40+2</f></c><c r="B1"><f>40+2</f><v>42</v></c><c r="C1" t="str"><f>""</f><v/></c>'
    assert texts(workbook(f"<row>{cells}</row>")) == [[[UNCOMPUTED, "42"]]]
    cell = read_cell(UNCOMPUTED, load_form("2021").cells["requests.received.total"])
    assert (cell.value, cell.kind) == (None, "unreadable")


def test_a_date_is_told_by_its_format_also_where_that_is_chinese_excels_own() -> None:
    looks = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 31, 57, 164, 165, 4))
    own = '<numFmt numFmtId="164" formatCode="yyyy年"/><numFmt numFmtId="165" formatCode="0件"/>'
    styles = f"<styleSheet xmlns='{MAIN}'><numFmts>{own}</numFmts><cellXfs>{looks}</cellXfs></styleSheet>"
    row = "".join(f'<c s="{look}"><v>45355</v></c>' for look in range(7))
    date, number = "2024-03-04", "45355"
    read = [number, date, date, date, date, number, number]
    assert texts(workbook(f"<row>{row}</row>", {"xl/styles.xml": styles})) == [[read]]


def test_shared_texts_are_joined_from_their_runs_without_what_is_beside_them() -> None:
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>规</t></r><r><rPr><b/></rPr>'
        "<t>章_x000D_\n二</t></r><rPh sb='0' eb='1'><t>gui</t></rPh></si><si><t/></si></sst>"
    )
    rows = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><t>三</t></is></c></row>'
    assert texts(workbook(rows, {"xl/sharedStrings.xml": shared})) == [[["规章\n二", "", "三"]]]


def test_names_of_cells() -> None:
    names = {(0, 0): "A1", (9, 25): "Z10", (0, 26): "AA1", (0, 701): "ZZ1", (0, 702): "AAA1", (5, 16383): "XFD6"}
    assert {place: cell_name(*place) for place in names} == names


@pytest.mark.parametrize(
    ("merged", "expected"),
    [
        ([], [["a", "", "b"], ["", "c", ""]]),
        ([Merged(0, 0, 2, 1)], [["a", "", "b"], ["c", ""]]),
        # Beyond what is used.
        ([Merged(0, 0, 9, 1)], [["a", "", "b"], ["c", ""]]),
        ([Merged(0, 2, 1, 5)], [["a", "", "b"], ["", "c", "", "", ""]]),
        ([Merged(0, 5, 9, 9)], [["a", "", "b"], ["", "c", ""]]),
        # A blank one does not hide what stands below, one that overlaps another does not count.
        ([Merged(1, 1, 2, 3)], [["a", "", "b"], ["", "c"]]),
        ([Merged(0, 0, 1, 2), Merged(0, 1, 2, 3)], [["a", "b"], ["", "c", ""]]),
    ],
)
def test_merged_ranges_are_fields(merged: Sequence[Merged], expected: list[list[str]]) -> None:
    cells = Cells("a", "A", merged=list(merged))
    for row, column, text in ((0, 0, "a"), (0, 2, "b"), (1, 1, "c")):
        cells.put(row, column, text)
    (grid,) = cells.grids()
    assert [[field.text for field in row] for row in grid.rows] == expected
    assert all(row[at].right <= row[at + 1].left for row in grid.rows for at in range(len(row) - 1))


def test_a_row_without_values_stays_where_its_label_reaches() -> None:
    cells = Cells("a", "A", merged=[Merged(0, 0, 3, 1)])
    for row, column, text in ((0, 0, "label"), (0, 1, "1"), (2, 1, "3"), (4, 0, "other")):
        cells.put(row, column, text)
    first, second = cells.grids()
    assert [[field.text for field in row] for row in first.rows] == [["label", "1"], [""], ["3"]]
    assert first.rows[0][0].height == 3
    assert [[field.text for field in row] for row in second.rows] == [["other"]]


SPANNING = """
<table:table-cell table:number-columns-spanned="2" office:value-type="string">
<text:p>a<text:s text:c="2"/>b<text:span>c</text:span></text:p><text:p>d</text:p>
<office:annotation><text:p>99</text:p></office:annotation>
</table:table-cell><table:covered-table-cell/><table:table-cell table:number-columns-repeated="16000"/>
"""
OTHERS = """
<table:table-cell office:value-type="date" office:date-value="2024-03-04T00:00:00"><text:p>x</text:p></table:table-cell>
<table:table-cell table:formula="of:=1+1"/>
<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>
<table:table-cell table:formula="of:=FALSE()" office:value-type="float" office:value="0"/>
"""


def test_opendocument_repeats_and_spans() -> None:
    twice = NUMBER.format(kind="float", value="1.50", about=' table:number-columns-repeated="2"')
    share = NUMBER.format(kind="percentage", value="0.255", about="")
    seven = NUMBER.format(kind="float", value=7, about="")
    rows = ROW.format(cells=twice + SPANNING, about="") + ROW.format(cells=OTHERS + share, about="")
    blank = ROW.format(cells="<table:table-cell/>", about=' table:number-rows-repeated="1048000"')
    content = spreadsheet(rows + blank + ROW.format(cells=seven, about=' table:number-rows-repeated="2"'))
    assert texts(content) == [
        [["1.5", "1.5", "a  bc\nd", ""], ["2024-03-04", UNCOMPUTED, "", "FALSE", "0.255"]],
        [["7"], ["7"]],
    ]
    assert [row[0].source.cell for row in grids(content)[1].rows] == ["A1048003", "A1048004"]


def test_an_old_workbook_has_merged_cells_dates_and_uncomputed_formulas() -> None:
    merged = (0xE5, struct.pack("<H8H", 2, 0, 1, 0, 0, 5, 5, 2, 3))
    zero, computed = (
        (0x06, struct.pack("<HHH8sHIH", row, 1, 0, struct.pack("<d", value), flags, 0, 0))
        for row, value, flags in ((0, 0.0, 2), (1, 0.0, 0))
    )
    content = biff(number(0, 0), zero, computed, (0x0203, struct.pack("<HHHd", 5, 2, 0, 0.1 + 0.2)), merged)
    assert texts(content) == [[["1", UNCOMPUTED], ["0"]], [["0.3"]]]
    first, second = grids(content)
    assert first.rows[0][0].height == 2
    assert second.rows[0][0].right == 4
    # The same in its container, as WPS writes it too.
    assert texts(container("Workbook", content)) == texts(content)


def test_what_is_inside_of_a_container_keeps_its_name_and_the_hash_of_the_whole() -> None:
    whole = container("Package", made(report))
    inner = contained(Document("报告.et", whole))
    assert texts(whole) == READ
    assert inner.record == Document("报告.et", whole).record


TABLE = [
    ["标题,带逗号", "", "", "", "", ""],
    ["", "", "", "", "", ""],
    ["行", "自然人", "商业企业", "科研机构", "其他", "总计"],
    ["新收", "1", "1,234", "", "5\n6", "/"],
]


def delimited(separator: str) -> str:
    rows = (separator.join(f'"{value}"' if value else "" for value in row) for row in TABLE)
    return "\r\n".join(rows) + "\r\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_delimited_text_is_read_in_every_encoding(separator: str, encoding: str) -> None:
    content = delimited(separator).encode(encoding)
    document = Document("a.csv", content)
    assert next(type(each) for each in READERS if each.recognises(document)) is SheetsReader
    assert texts(content) == [[["标题,带逗号"]], [TABLE[2], TABLE[3]]]
    assert [row[0].source.line for grid in grids(content) for row in grid.rows] == [1, 3, 4]
    assert [field.left for field in grids(content)[1].rows[0]] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "青杉县2023年年度报告\n一, 二, 三, 四, 五\n正文，有逗号。\n一, 二, 三, 四, 五\n正文。\n正文。\n",
        "青杉县2023年年度报告\n\n一、总体情况\n正文。\n规章\t1\t2\t3\t4\t5\n文件\t1\t2\t3\t4\t5\n",
        "a,b,c\n1,2,3\n1,2,3\n",
        "a,b,c,d,e\n",
        "<table>1,2,3,4,5\n1,2,3,4,5\n",
        '{"a": [1,2,3,4,5,\n1,2,3,4,5]}',
        cells_text(balanced_filing()),
        "",
    ],
)
def test_prose_with_commas_and_reports_with_tabs_are_no_delimited_text(text: str) -> None:
    assert not SheetsReader().recognises(Document("a.csv", text.encode()))


def test_a_report_in_a_sheet_becomes_a_filing(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    filing = balanced_filing(3)
    write_workbook(tmp_path / "official.xlsx", filing)
    book = openpyxl.load_workbook(tmp_path / "official.xlsx")
    del book["gongkai"]
    # Else it is told as a copy of the official workbook.
    book.worksheets[0]["A2"] = None
    book.save(path)
    found = read(path)
    values = {address: cell.value for address, cell in filing.cells.items()}
    assert {address: cell.value for address, cell in found.cells.items()} == values
    assert found.cells["requests.received.natural_person"].source
    assert found.cells["requests.received.natural_person"].source.cell == "D6"


def test_a_column_that_was_deleted_is_seen_by_the_heads_that_are_left(tmp_path: Path) -> None:
    """Programs that leave merged cells where they were leave a blank at the end of each row."""
    path = tmp_path / "a.xlsx"
    filing = balanced_filing(3)
    write_workbook(path, filing)
    book = openpyxl.load_workbook(path)
    del book["gongkai"]
    # Else it is told as a copy of the official workbook, and refused.
    book.worksheets[0]["A2"] = None
    book["三、依申请公开"].delete_cols(6)
    book.save(path)
    found = read(path)
    for address, cell in found.cells.items():
        if address.startswith("requests."):
            assert cell.kind == "unreadable" and address in found.doubted
        else:
            assert cell.value == filing.cells[address].value


def test_as_many_values_as_are_wanted_under_heads_of_other_columns_are_not_read(tmp_path: Path) -> None:
    """A column of somebody's own, and the last two shown as one."""
    path = tmp_path / "a.xlsx"
    filing = balanced_filing(3)
    write_workbook(path, filing)
    book: Any = openpyxl.load_workbook(path)
    del book["gongkai"]
    # Else it is told as a copy of the official workbook, and refused.
    book.worksheets[0]["A2"] = None
    sheet = book["二、主动公开"]
    sheet.delete_cols(6)  # the marks
    sheet.insert_cols(2)
    for row in (4, 5, 6):
        sheet.cell(row, 2).value = 7
        sheet.merge_cells(start_row=row, end_row=row, start_column=4, end_column=5)
    book.save(path)
    found = read(path)
    for kind in ("regulations", "normative_documents"):
        addresses = [address for address in filing.cells if address.startswith(f"disclosure.{kind}.")]
        assert {found.cells[address].kind for address in addresses} == {"unreadable"}
        assert found.doubted >= set(addresses)


def test_a_chart_inside_of_a_sheet_does_not_end_it() -> None:
    chart = (0x0809, struct.pack("<HHHHII", 0x0600, 0x20, 0, 1996, 0, 0))
    merged = (0xE5, struct.pack("<H4H", 1, 0, 0, 0, 1))
    (grid,) = grids(biff(number(0, 0), chart, EOF, merged))
    assert grid.rows[0][0].right == 2
