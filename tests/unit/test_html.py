"""Web pages: whatever their markup shows is read as a browser shows it, and nothing that it hides."""

from __future__ import annotations

import email.message
from pathlib import Path

import pytest

from gongkai.errors import InputError
from gongkai.intake import read
from gongkai.intake.html import HTMLReader, printed
from gongkai.intake.interface import Document
from gongkai.intake.printed import Grid, Paragraph
from tests.published.filings import invented
from tests.published.styles import STYLES

PAGE = "<html><head><title>x</title></head><body>{}</body></html>"


def blocks(body: str) -> list[Paragraph | Grid]:
    return list(printed(Document("page.html", PAGE.format(body).encode())))


def texts(body: str) -> list[str]:
    return [each.text.strip() for each in blocks(body) if isinstance(each, Paragraph)]


def grid(body: str) -> list[list[tuple[str, float, float, int]]]:
    (found,) = [each for each in blocks(body) if isinstance(each, Grid)]
    return [[(each.text, each.left, each.right, each.height) for each in row] for row in found.rows]


def test_merged_cells_take_the_columns_that_cells_above_leave_free() -> None:
    rows = grid(
        "<table><tr><td rowspan=2 colspan=2>甲</td><td>乙</td></tr><tr><td>丙</td></tr>"
        "<tr><td>丁</td><td rowspan='999999'>戊</td><td colspan=x>己</td></tr></table>"
    )
    assert rows == [
        [("甲", 0, 2, 2), ("乙", 2, 3, 1)],
        [("丙", 2, 3, 1)],
        [("丁", 0, 1, 1), ("戊", 1, 2, 100), ("己", 2, 3, 1)],
    ]


def test_a_cell_is_the_lines_that_it_shows() -> None:
    assert grid("<table><tr><td><p>商业</p><p>企业&nbsp;</p><script>1</script></td><td>1<br>2</td></tr></table>") == [
        [("商业\n企业", 0, 1, 1), ("1\n2", 1, 2, 1)]
    ]


def test_unclosed_cells_and_upper_case_are_read_as_browsers_read_them() -> None:
    assert grid("<TABLE><TR><TD>a<TD>b<TR><TD>c<TD>d</TABLE>") == [
        [("a", 0, 1, 1), ("b", 1, 2, 1)],
        [("c", 0, 1, 1), ("d", 1, 2, 1)],
    ]


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    inner = "<table><tr><td>1</td></tr></table>"
    body = f"<table><tr><td>菜单</td><td><p>一段<b>文字</b>。</p>{inner}后</td></tr></table>"
    assert texts(body) == ["菜单", "一段文字。", "后"]
    assert texts(f"<table><tr><td><p>{'字' * 400}</p></td></tr></table>") == ["字" * 400]


def test_hidden_rows_and_cells_are_no_part_of_the_grid() -> None:
    rows = (
        "<tr><td rowspan=2>甲</td><td>1</td><td style='display:none'>9</td><td>2</td></tr>",
        "<tr style='display:none'><td>8</td><td>8</td></tr>",
        "<tr><td>3</td><td hidden>9</td><td>4</td></tr>",
        "<tbody hidden><tr><td>7</td><td>7</td></tr></tbody>",
    )
    assert grid(f"<table>{''.join(rows)}</table>") == [
        [("甲", 0, 1, 2), ("1", 1, 2, 1), ("2", 2, 3, 1)],
        [("3", 1, 2, 1), ("4", 2, 3, 1)],
    ]


def test_what_is_hidden_is_not_read() -> None:
    assert texts("<p>见</p><p style='display: none'>不见</p><p hidden>不见</p><script>a</script><!-- 不见 -->尾") == [
        "见",
        "尾",
    ]


def test_a_page_nested_without_end_is_refused_and_one_of_unclosed_fonts_is_read() -> None:
    with pytest.raises(InputError) as error:
        blocks("<div>" * 20_000 + "深")
    assert error.value.key == "broken_page"
    assert "".join(texts("<font>" * 1_000 + "深")) == "深"
    cell = "<span>" * 1_000 + "1" + "</span>" * 1_000
    assert grid(f"<table><tr><td>{cell}</td><td>2</td></tr></table>") == [[("1", 0, 1, 1), ("2", 1, 2, 1)]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_is_read_whatever_the_page_declares(encoding: str) -> None:
    page = PAGE.replace("<head>", "<head><meta charset=gb2312>").format("<p>鄠邑区浉河堃</p>").encode(encoding)
    document = Document("x", page)
    assert HTMLReader().recognises(document)
    (found,) = [each for each in printed(document) if isinstance(each, Paragraph) and each.text.strip()]
    assert found.text == "鄠邑区浉河堃"


def test_a_page_saved_whole_is_read_as_the_page_in_it(tmp_path: Path) -> None:
    filing = invented("2021", 1)
    (page,) = STYLES["html-clean"].publish([filing], [1], tmp_path)
    archive = email.message.EmailMessage()
    archive["Subject"] = "report"
    archive.set_content(page.read_text(encoding="utf-8"), subtype="html")
    archive.add_related(b"\x89PNG", "image", "png")
    saved = tmp_path / "saved.mht"
    saved.write_bytes(
        b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n" + archive.as_bytes().replace(b"MIME-Version: 1.0\n", b"")
    )
    assert {key: cell.value for key, cell in read(saved).cells.items()} == {
        key: cell.value for key, cell in filing.cells.items()
    }


def test_every_value_of_a_page_says_its_table_row_column_and_line(tmp_path: Path) -> None:
    (page,) = STYLES["html-clean"].publish([invented("2021", 1)], [1], tmp_path)
    for address, cell in read(page).cells.items():
        assert cell.source and cell.source.table == address.split(".", maxsplit=1)[0]
        assert cell.source.row and cell.source.column and cell.source.line


def test_digits_on_two_lines_of_a_cell_are_doubted_and_never_joined_in_silence(tmp_path: Path) -> None:
    (page,) = STYLES["html-clean"].publish([invented("2021", 1)], [1], tmp_path)
    address = "requests.received.total"
    raw = invented("2021", 1).cells[address].raw
    text = page.read_text(encoding="utf-8")
    start = text.index(f">{raw}<", text.index("新收政府信息公开申请数量"))
    page.write_text(text[: start + 1] + "1<br>2" + text[start + 1 + len(raw) :], encoding="utf-8")
    found = read(page)
    assert found.cells[address].kind == "unreadable"
    assert [(doubt.code, doubt.cells, doubt.alternatives) for doubt in found.doubts] == [
        ("CEL-SPLIT-DIGIT", (address,), ("12",))
    ]


def test_a_page_about_something_else_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format("<p>今天天气很好</p><table><tr><td>1</td></tr></table>"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(page)
    assert error.value.key == "no_report"


def test_the_rest_of_a_row_beyond_the_end_of_a_page_makes_its_values_doubtful(tmp_path: Path) -> None:
    (page,) = STYLES["html-clean"].publish([invented("2021", 1)], [1], tmp_path)
    text = page.read_text(encoding="utf-8")
    row = text.index("</tr>", text.index("属于四类过程性信息")) + len("</tr>")
    rest = "</table><table><tr><td>7</td><td></td><td></td><td></td><td></td><td></td><td></td></tr>"
    page.write_text(text[:row] + rest + text[row:], encoding="utf-8")
    cells = [address for address in invented("2021", 1).cells if ".deliberative_process." in address]
    found = read(page)
    assert set(cells) <= found.doubted
    assert {found.cells[address].kind for address in cells} == {"unreadable"}
