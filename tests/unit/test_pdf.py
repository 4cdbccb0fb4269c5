"""The PDF: its numbers, its grid, its structure, its marks, each read back from the file."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest

from gongkai.catalogues import LANGUAGES
from gongkai.errors import JobError
from gongkai.export.blocks import (
    Document,
    Figure,
    Heading,
    List,
    Look,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Piece,
    Preformatted,
    Row,
    Run,
    Signature,
    Table,
    TableCell,
    Title,
)
from gongkai.export.pdf import write_pdf
from gongkai.export.pdf.tables import balanced
from gongkai.forms import load_form
from gongkai.report.tables import shown
from tests.helpers import balanced_filing, filing_of
from tests.trees import document, line, official_table, paragraph, report

FILING = balanced_filing(7, largest=4000)
LEFT, RIGHT = 28 / 25.4 * 72, (210 - 26) / 25.4 * 72
TOP, BOTTOM = 37 / 25.4 * 72, (297 - 35) / 25.4 * 72
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><path d="M0 0h90v60z"/></svg>'
Word = tuple[float, float, float, float, str]


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def elements(element: Any, kind: str = "") -> Iterator[Any]:
    """All elements of the structure below `element`, those of a kind."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            if not kind or kind == kid.S:
                yield kid
            yield from elements(kid, kind)


def pages(pdf: bytes, folder: Path) -> list[list[Word]]:
    """The words of each page as poppler sees them: left, top, right, bottom in points, and text."""
    (folder / "a.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-bbox", folder / "a.pdf", "-"], capture_output=True, check=True)
    tree = ElementTree.fromstring(done.stdout)
    found = []
    for page in (each for each in tree.iter() if each.tag.endswith("page")):
        box = [
            (*(float(word.get(side, "")) for side in ("xMin", "yMin", "xMax", "yMax")), word.text or "")
            for word in page
        ]
        found.append(box)
    return found  # type: ignore[return-value]


def lines_of(words: list[Word]) -> list[str]:
    """The lines of a page, by where they stand."""
    found: dict[int, list[Word]] = {}
    for word in words:
        found.setdefault(round(word[1]), []).append(word)
    return ["".join(word[4] for word in sorted(found[top])) for top in sorted(found)]


def cell_texts(pdf: bytes) -> dict[str, str]:
    """What each named cell of a table shows, by the marked content that its element holds."""
    with opened(pdf) as read:
        shown_in = marked_texts(read)
        return {
            str(cell.ID): "".join(shown_in[each] for each in content(cell))
            for kind in ("/TD", "/TH")
            for cell in elements(read.Root.StructTreeRoot, kind)
            if "/ID" in cell
        }


def structured_text(pdf: bytes) -> str:
    """All text in the order of the structure."""
    with opened(pdf) as read:
        shown_in = marked_texts(read)
        return "".join(shown_in[each] for each in content(read.Root.StructTreeRoot))


def marked_texts(read: pikepdf.Pdf) -> dict[tuple[Any, int], str]:
    """The text of each piece of marked content, by its page and number."""
    found: dict[tuple[Any, int], str] = {}
    for page in read.pages:
        fonts = {name: unicode_of(font) for name, font in page.Resources.get("/Font", {}).items()}
        found |= {(page.obj.objgen, mcid): text for mcid, text in marked(page, fonts)}
    return found


def content(element: Any) -> Iterator[tuple[Any, int]]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            yield element.Pg.objgen, kid
        elif "/S" in kid:
            yield from content(kid)
        elif "/MCID" in kid:
            yield kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)


def unicode_of(font: Any) -> dict[str, str]:
    """From glyphs as four hex digits to text, by the font's ToUnicode map."""
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>", font.ToUnicode.read_bytes())
    return {glyph.decode().lower(): bytes.fromhex(code.decode()).decode("utf-16-be") for glyph, code in pairs}


def marked(page: Any, fonts: dict[str, dict[str, str]]) -> Iterator[tuple[int, str]]:
    mcid, depth, table, text = None, 0, {}, ""
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC" if isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]:
                mcid, depth, text = int(operands[1].MCID), 0, ""
            case "BDC" | "BMC":
                depth += 1
            case "EMC" if depth:
                depth -= 1
            case "Tf":
                table = fonts[str(operands[0])]
            case "Tj" | "TJ":
                strings = operands[0] if isinstance(operands[0], pikepdf.Array) else operands
                for string in (bytes(each).hex() for each in strings if isinstance(each, pikepdf.String)):
                    text += "".join(table[string[at : at + 4]] for at in range(0, len(string), 4))
            case "EMC" if mcid is not None:
                yield mcid, text
                mcid = None


def test_each_official_number_is_read_back_from_its_cell() -> None:
    texts = cell_texts(write_pdf(report(FILING)))
    addresses = load_form("2021").cells
    assert {address: texts[address] for address in addresses} == {each: shown(FILING, each) for each in addresses}


def test_28_characters_a_line_and_22_lines_a_page(tmp_path: Path) -> None:
    found = pages(write_pdf(document(paragraph("公开" * 14 * 22 * 3))), tmp_path)
    full = found[1][:-3]
    assert {len(text) for text in lines_of(full)} == {28}
    assert len(full) == 22
    assert [len(text) for text in lines_of(found[0][:-3])] == [26] + [28] * 21
    tops = [word[1] for word in full]
    assert all(lower - upper == pytest.approx(28.95, abs=0.01) for upper, lower in pairwise(tops))
    assert min(word[0] for word in full) == pytest.approx(LEFT, abs=0.1)
    assert max(word[2] for word in full) == pytest.approx(RIGHT, abs=0.5)


def test_page_numbers_stand_outside(tmp_path: Path) -> None:
    found = pages(write_pdf(document(*[paragraph("公开" * 14 * 22)] * 12)), tmp_path)
    assert [words[-2][4] for words in found] == [str(number) for number in range(1, len(found) + 1)]
    assert all(words[-1][2] == pytest.approx(RIGHT - 14, abs=3) for words in found[::2])
    assert all(words[-3][0] == pytest.approx(LEFT + 14, abs=3) for words in found[1::2])
    assert len(found) > 11


TABLES = [
    *(official_table(FILING, key) for key in ("disclosure", "requests", "disputes")),
    Table(
        (
            (Row((TableCell(0, (line("年"),), scope="col"), TableCell(1, (line("件"),), scope="col"))),),
            tuple(Row((TableCell(0, (line(str(n)),), scope="row"), TableCell(1, (line("1"),)))) for n in range(70)),
        ),
        1,
        (0.5, 0.5),
        10.0,
        10.0,
        label="各年件数",
    ),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.official or table.label)
def test_the_structure_of_a_table_is_that_of_the_tree(table: Table) -> None:
    with opened(write_pdf(document(paragraph("文。" * 250), table, paragraph("文。")))) as pdf:
        (element,) = elements(pdf.Root.StructTreeRoot, "/Table")
        rows = list(elements(element, "/TR"))
        assert [len(list(elements(row, "/TH"))) + len(list(elements(row, "/TD"))) for row in rows] == [
            len(row.cells) for row in table.rows
        ]
        for row, tags in zip(table.rows, rows, strict=True):
            for cell, tag in zip(row.cells, tags.K, strict=True):
                assert ("/TH" if cell.scope else "/TD") == tag.S
                assert int(tag.A.get("/RowSpan", 1)) == cell.rowspan
                assert int(tag.A.get("/ColSpan", 1)) == cell.colspan
                if cell.scope:
                    assert tag.A.Scope == ("/Row" if cell.scope.startswith("row") else "/Column")
                if cell.address:
                    assert str(tag.ID) == cell.address
        assert str(element.A.Summary) == table.label
        names = list(pdf.Root.StructTreeRoot.IDTree.Names)[::2]
        assert [str(name) for name in names] == sorted(str(name) for name in names)


def everything(language: str = "zh") -> Document:
    nested = List(((paragraph("甲"), List(((paragraph("乙"),),), ordered=True, start=3)), (paragraph("丙"),)))
    looks = (
        Look(bold=True),
        Look(italic=True, color="#c00000"),
        Look(underline=True, background="#ffff00"),
        Look(strike=True, code=True),
        Look(position="super"),
        Look(position="sub"),
        Look(link="https://example.gov.cn/"),
        Look(link="#top"),
        Look(link="#nowhere"),
    )
    return document(
        Paragraph(line("索引号"), "front"),
        Title(("青杉县财政局2024年", "政府信息公开工作年度报告")),
        Heading(1, line("一、总体情况"), "top"),
        Paragraph(tuple(Run("字", look) for look in looks)),
        nested,
        Paragraph(line("引文"), "quote"),
        Paragraph(line("居中"), align="center"),
        Figure(Picture("svg", SVG, 90, 60), "折线图", line("图1")),
        Figure(Picture("svg", SVG, 90, 60), ""),
        Preformatted("a\tb\n1  2"),
        *TABLES,
        PageBreak(),
        Signature(("青杉县财政局", "2025年1月20日")),
        language=language,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_standards_ask_for(language: str) -> None:
    with opened(write_pdf(everything(language))) as pdf:
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert str(root.Lang) == {"zh": "zh-CN", "en": "en"}[language]
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        kinds = {str(each.S) for each in elements(root.StructTreeRoot)}
        assert {"/H1", "/P", "/L", "/LI", "/Figure", "/Table", "/TH", "/TD", "/Link", "/BlockQuote"} <= kinds
        assert [str(each.Alt) for each in elements(root.StructTreeRoot, "/Figure")] == [
            "折线图",
            {"zh": "图（未写替代文字）", "en": "Picture (no alternative text given)"}[language],
        ]
        assert not [kind for each in elements(root.StructTreeRoot, "/H1") for kind in elements(each, "/P")]
        assert root.ViewerPreferences.DisplayDocTitle and root.MarkInfo.Marked and "/Suspects" not in root.MarkInfo
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("2", "A", "1")
            assert meta["dc:title"]
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        below = [font.DescendantFonts[0].FontDescriptor for font in fonts]
        assert below
        assert all("/FontFile2" in each or "/FontFile3" in each for each in below)


def test_the_date_is_that_of_the_report() -> None:
    with opened(write_pdf(document(paragraph("文。")))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20250120")


@pytest.mark.parametrize(
    ("blocks", "character"),
    [
        ((paragraph("好𰻝"),), "𰻝"),
        ((Title(("😀",)),), "😀"),
        ((List(((Heading(2, line("😀")),),)),), "😀"),
        ((Figure(Picture("svg", SVG, 9, 9), "", line("😀")),), "😀"),
        ((Table(((Row((TableCell(0, (line("😀"),)),)),),), 0, (1.0,), 10.0, 10.0),), "😀"),
        ((Figure(Picture("svg", SVG.replace(b"<path", b"<text>&#x1F600;</text><path"), 9, 9), "图"),), "😀"),
    ],
)
def test_a_character_that_no_font_has_is_named_with_its_cell(blocks: tuple[Any, ...], character: str) -> None:
    pieces = (Piece("first", (paragraph("好"),)), Piece("second", blocks))
    with pytest.raises(JobError, match=character) as raised:
        write_pdf(Document("题", "zh", pieces))
    assert raised.value.place == "second"


def test_alternative_texts_need_no_glyphs() -> None:
    assert write_pdf(document(Figure(Picture("svg", SVG, 9, 9), "😀")))


URL = "https://www.example.gov.cn/" + "abcdefghij0123456789" * 12


def test_nothing_leaves_the_type_area(tmp_path: Path) -> None:
    narrow = Table(((Row((TableCell(0, (line(URL),)), TableCell(1, (line("1"),)))),),), 0, (0.2, 0.8), 10.0, 10.0)
    inner = List(((paragraph(URL), narrow),))
    blocks = (paragraph("见" + URL), inner, narrow, Preformatted(URL), Title((URL[:60],)), Heading(1, line(URL)))
    for words in pages(write_pdf(document(*blocks)), tmp_path):
        assert min(word[0] for word in words) > LEFT - 0.5
        assert max(word[2] for word in words) < RIGHT + 0.5
        assert max(word[3] for word in words[:-3]) < BOTTOM + 2


@pytest.mark.parametrize("heights", [(3000,), (3000, 1), (1, 3000, 1), (500,) * 9], ids=str)
@pytest.mark.parametrize("head", [0, 1])
def test_what_is_higher_than_a_page_goes_on_overleaf(heights: tuple[int, ...], head: int, tmp_path: Path) -> None:
    label = TableCell(0, (line("甲"),), rowspan=len(heights) - head or 1, scope="rowgroup")
    tops = (TableCell(0, (line("甲"),), scope="col"),) if head else (label,)
    rows = [Row((TableCell(1, (line("高" * count),)),)) for count in heights]
    rows[0] = Row((*tops, *rows[0].cells))
    if head and len(rows) > 1:
        rows[1] = Row((label, *rows[1].cells))
    table = Table(tuple(filter(None, (tuple(rows[:head]), tuple(rows[head:])))), head, (0.2, 0.8), 10.0, 10.0)
    text = structured_text(pdf := write_pdf(document(table, List(((table,), ())))))
    assert text.count("高") == 2 * sum(heights)
    assert all(word[3] < BOTTOM + 2 for words in pages(pdf, tmp_path) for word in words if "高" in word[4])


def test_eight_digits_stay_in_their_cells(tmp_path: Path) -> None:
    filing = filing_of(dict.fromkeys(load_form("2021").cells, 88888888))
    words = [word for page in pages(write_pdf(report(filing)), tmp_path) for word in page]
    assert sum(word[4] == "88888888" for word in words) == len(load_form("2021").cells)


def draft(count: int) -> Document:
    addresses = list(load_form("2021").cells)[:count]
    kinds = ("error", "not_assessable", "warning", "info", "doubt")
    notes = {
        address: (Note(number, kinds[number % 5], "requests.balance", "一加二不等于三加四"),)
        for number, address in enumerate(addresses, start=1)
    }
    rows = tuple(Row((TableCell(0, (line(str(n)),)),), f"finding-{n}") for n in range(1, count + 1))
    appendix = Table((rows,), 0, (1.0,), 9.0, 9.0)
    made = report(FILING, draft=True, notes=notes)
    pieces = (Piece("s", (Paragraph(line("核对结果"), "summary"),)), *made.pieces, Piece("a", (PageBreak(), appendix)))
    return Document(made.title, "zh", pieces, made.issued, draft=True)


@pytest.mark.parametrize("count", [1, 30, 200])
def test_a_draft_has_its_word_on_each_page_and_its_notes_in_the_margin(count: int, tmp_path: Path) -> None:
    pdf = write_pdf(draft(count))
    found = pages(pdf, tmp_path)
    assert all({"草", "稿"} <= set("".join(word[4] for word in words)) for words in found)
    beside = [[word for word in words if word[0] > RIGHT] for words in found]
    numbers = [word[4] for words in beside for word in words if word[4].isdigit()]
    assert sorted(map(int, numbers)) == list(range(1, count + 1))
    for words in beside:
        tops = sorted(word[1] for word in words if word[4] == "requests.balance")
        assert all(lower - upper > 3 for upper, lower in pairwise(tops))
        assert all(word[2] < 595 and word[3] < 842 for word in words)
    with opened(pdf) as read:
        links = [note for page in read.pages for note in page.get("/Annots", []) if note.Subtype == "/Link"]
        assert len(links) == count


def test_a_final_report_has_no_marks(tmp_path: Path) -> None:
    words = [word for page in pages(write_pdf(report(FILING)), tmp_path) for word in page]
    assert not [word for word in words if word[4] in "草稿" or word[0] > RIGHT]


@pytest.mark.parametrize(
    ("text", "measure", "lines"),
    [
        ("（三）不予公开", 3.1, ["（三）", "不予", "公开"]),
        ("三、本年度办理结果", 3.1, ["三、本", "年度办", "理结果"]),
        ("商业企业", 3.6, ["商业", "企业"]),
        ("自然人", 3.6, ["自然人"]),
        ("Total", 1.0, ["Total"]),
    ],
)
def test_labels_are_broken_into_lines_of_like_length(text: str, measure: float, lines: list[str]) -> None:
    assert balanced(text, measure).split("\n") == lines


def test_a_signature_is_not_left_alone(tmp_path: Path) -> None:
    for lines in range(14, 23):
        blocks = (paragraph("公开" * 14 * lines), paragraph("末段。"), Signature(("青杉县财政局", "2025年1月20日")))
        last = "".join(word[4] for word in pages(write_pdf(document(*blocks)), tmp_path)[-1])
        assert "末段" in last
