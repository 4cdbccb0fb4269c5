"""Reading PDFs: what is drawn in odd ways, what is not seen, and what cannot be read."""

from __future__ import annotations

import io
from itertools import pairwise, product

import pikepdf
import pytest
from pikepdf import Dictionary, Name
from PIL import Image

from gongkai.errors import InputError
from gongkai.intake.interface import Document
from gongkai.intake.pdf import pages_without_text, pdfium, printed
from gongkai.intake.pdf.rulings import Ruling, lattices
from gongkai.intake.printed import Grid, Paragraph
from tests.pdfs import drawn, saved, words

XS, YS = (50, 110, 170, 250), (300, 320, 340, 360)
"""The rules of a table of three by three cells."""
LINES = "".join([*(f"{x} 300 m {x} 360 l S " for x in XS), *(f"50 {y} m 250 {y} l S " for y in YS)])
THIN = "".join([*(f"{x} 300 0.5 60 re f " for x in XS), *(f"50 {y} 200 0.5 re f " for y in YS)])
ONE_PATH = THIN.replace(" f", "") + "f "
CELLS = " ".join(f"{x} {y} {right - x} 20 re S" for (x, right), y in product(pairwise(XS), YS[:-1]))
GROUNDS = "0.9 g " + CELLS.replace(" re S", " re f")
GRID = ((" 1", "2", "3"), ("4", "", "6"), ("7", "8", "9"))
TEXT = "".join(
    words(x + 10, y + 5, text)
    for row, y in zip(GRID, (340, 320, 300), strict=True)
    for text, x in zip(row, XS, strict=False)
    if text
)


def grid_of(document: Document) -> Grid:
    (grid,) = [block for block in printed(document) if isinstance(block, Grid)]
    return grid


def texts(grid: Grid) -> list[list[str]]:
    return [[field.text for field in row] for row in grid.rows]


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in printed(document) if isinstance(block, Paragraph)]


NINE = [["1", "2", "3"], ["4", "", "6"], ["7", "8", "9"]]


@pytest.mark.parametrize("rules", [LINES, THIN, ONE_PATH, CELLS, GROUNDS, f"[2 2] 0 d {LINES}"])
def test_borders_are_drawn_in_many_ways(rules: str) -> None:
    grid = grid_of(saved(drawn(rules + TEXT)))
    assert grid.ruled and texts(grid) == NINE
    assert [(field.left, field.right, field.height) for field in grid.rows[1]] == [(0, 1, 1), (1, 2, 1), (2, 3, 1)]


def test_forms_and_matrices_are_followed() -> None:
    form = f"q 0.5 0 0 0.5 0 0 cm {LINES} {TEXT} Q"
    assert texts(grid_of(saved(drawn("q 1.5 0 0 1.5 10 -20 cm /F Do Q", forms={"F": form})))) == NINE


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_is_read_as_its_text_stands_however_it_is_turned(turn: int) -> None:
    turned = {90: "0 1 -1 0 300 0", 180: "-1 0 0 -1 300 400", 270: "0 -1 1 0 0 300"}
    program = f"q {turned[turn]} cm {LINES} {TEXT} Q" if turn else LINES + TEXT
    box = [-100, -100, 400, 500]
    grid = grid_of(saved(drawn(program, Rotate=turn, MediaBox=box, CropBox=[-90, -90, 390, 490])))
    assert texts(grid) == NINE
    assert [row[0].source.line for row in grid.rows] == [1, 2, 3]


def test_a_border_may_be_missing_at_the_sides() -> None:
    inner = " ".join(f"{x} {YS[0]} m {x} {YS[-1]} l S" for x in XS[1:-1])
    across = " ".join(f"{XS[0]} {y} m {XS[-1]} {y} l S" for y in YS)
    assert texts(grid_of(saved(drawn(inner + " " + across + " " + TEXT)))) == NINE


def test_merged_cells_stand_where_they_begin() -> None:
    rules = LINES.replace("110 300 m 110 360 l S", "110 300 m 110 340 l S").replace(
        "50 320 m 250 320 l S", "50 320 m 170 320 l S"
    )
    grid = grid_of(saved(drawn(rules + words(60, 345, "a") + words(180, 315, "b") + words(60, 305, "c"))))
    spans = [[(field.text, field.left, field.right, field.height) for field in row] for row in grid.rows]
    assert spans == [
        [("a", 0, 2, 1), ("", 2, 3, 1)],
        [("", 0, 1, 1), ("", 1, 2, 1), ("b", 2, 3, 2)],
        [("c", 0, 1, 1), ("", 1, 2, 1)],
    ]


def test_frames_underlines_and_charts_are_no_tables() -> None:
    frame = (
        "20 20 260 360 re S 25 25 250 350 re S 50 200 m 150 200 l S "
        + words(50, 202, "underlined 5")
        + words(50, 100, "12")
    )
    bars = " ".join(f"{x} 300 12 {x} re f" for x in range(50, 200, 30))
    assert paragraphs(saved(drawn(frame))) == ["underlined 5", "12"]
    assert not [block for block in printed(saved(drawn(bars + words(50, 100, "12")))) if isinstance(block, Grid)]


@pytest.mark.parametrize(
    "hidden",
    [
        words(100, 200, "99", "3 Tr"),
        words(100, 200, "99", "1 g"),
        words(400, 200, "99"),
        words(100, -20, "99"),
        "q BT /H 60 Tf 0.7 0.7 -0.7 0.7 60 60 Tm (99) Tj ET Q ",
        "q BT /H 0.5 Tf 1 0 0 1 60 60 Tm (99) Tj ET Q ",
    ],
)
def test_what_nobody_sees_is_not_read(hidden: str) -> None:
    assert paragraphs(saved(drawn(words(50, 200, "12") + hidden))) == ["12"]


def test_white_letters_on_a_coloured_ground_are_seen() -> None:
    assert paragraphs(saved(drawn("0 0 0.5 rg 40 190 60 30 re f " + words(50, 200, "12", "1 g")))) == ["12"]


@pytest.mark.parametrize(("right", "up"), [(0, 0), (0.3, 0), (0.8, -0.8)])
def test_what_is_drawn_twice_to_look_bold_is_read_once(right: float, up: float) -> None:
    program = words(50, 200, "1122") + words(50 + right, 200 + up, "1122")
    assert paragraphs(saved(drawn(program))) == ["1122"]


def test_a_number_wider_than_its_column_stays_in_its_cell() -> None:
    program = LINES + words(60, 345, "12345678901") + words(120, 325, "5")
    assert texts(grid_of(saved(drawn(program))))[0] == ["12345678901", "", ""]


def test_hyphens_and_letters_far_apart_are_kept() -> None:
    # pdfium makes a control character of a hyphen before the end of a line.
    program = words(50, 300, "a-") + words(50, 200, "-") + words(50, 100, "b  c") + words(150, 100, "d")
    assert paragraphs(saved(drawn(program))) == ["a-", "-", "b c d"]


def test_labels_that_stand_or_lie_are_read_along_their_letters() -> None:
    lying = "q BT /H 10 Tf 0 1 -1 0 75 305 Tm (lying) Tj ET Q "
    rules = "50 300 m 50 360 l S 110 300 m 110 360 l S 170 300 m 170 360 l S 50 300 m 170 300 l S 50 360 m 170 360 l S "
    assert texts(grid_of(saved(drawn(rules + lying + words(120, 330, "standing"))))) == [["lying", "standing"]]


def test_fields_far_apart_that_stand_below_each_other_are_a_table() -> None:
    rows = [("made", "12", "3"), ("repealed", "1", "40"), ("in force", "7", "8")]
    lines = "".join(
        words(x, 300 - 15 * number, text)
        for number, row in enumerate(rows)
        for x, text in zip((50, 130, 200), row, strict=True)
    )
    program = words(50, 350, "A heading") + lines + words(50, 200, "Agency") + words(200, 200, "2025")
    first, grid, last = printed(saved(drawn(program)))
    assert isinstance(grid, Grid) and not grid.ruled
    assert [tuple(field.text for field in row) for row in grid.rows] == rows
    assert [round(field.left) for field in grid.rows[1]] == [50, 130, 200]
    assert [each.text for each in (first, last) if isinstance(each, Paragraph)] == ["A heading", "Agency 2025"]


def test_page_numbers_are_left_out_and_numbers_of_the_text_are_not() -> None:
    pages = [words(50, 200, f"page {number}") + words(140, 20, str(number)) for number in (5, 6)]
    assert paragraphs(saved(drawn(*pages))) == ["page 5", "page 6"]
    assert paragraphs(saved(drawn(words(50, 200, "a") + words(140, 20, "- 3 -")))) == ["a"]
    assert paragraphs(saved(drawn(words(50, 200, "a") + words(140, 20, "7")))) == ["a", "7"]
    assert paragraphs(saved(drawn(words(50, 200, "a") + words(140, 300, "1")))) == ["1", "a"]
    # The upper line of a cell that has two, in the first row of a page: it is no number of the page.
    torn = [words(50, 380, "alpha"), words(50, 380, "beta 0 1") + words(140, 386, "2")]
    assert "2" in "".join(paragraphs(saved(drawn(*torn))))


def test_running_heads_are_left_out() -> None:
    pages = [words(50, 380, f"Report {number}/2") + words(50, 200, f"body {number}") for number in (1, 2)]
    assert paragraphs(saved(drawn(*pages))) == ["body 1", "body 2"]
    browser = words(20, 385, "11/24/26, 7:08 PM") + words(20, 15, "https://www.example.gov.cn/a.html 1/1")
    assert paragraphs(saved(drawn(words(50, 200, "body") + browser))) == ["body"]
    other = [words(50, 380, "Report") + words(50, 200, "body"), words(50, 380, "Other") + words(50, 200, "more")]
    assert len(paragraphs(saved(drawn(*other)))) == 4


def picture() -> pikepdf.Pdf:
    buffer = io.BytesIO()
    Image.new("L", (60, 80), 128).save(buffer, "PDF")
    return pikepdf.open(buffer)


def test_a_scan_says_what_it_is() -> None:
    with pytest.raises(InputError, match="扫描件") as caught:
        printed(saved(picture()))
    assert caught.value.key == "scanned_pdf"
    # The text that recognition has put below the picture is not trusted.
    hidden = picture()
    with pytest.raises(InputError, match="扫描件"):
        printed(saved(drawn(words(50, 200, "99", "3 Tr"))))
    mixed = drawn(words(50, 200, "12"))
    mixed.pages.extend(hidden.pages)
    assert paragraphs(saved(mixed)) == ["12"]
    assert pages_without_text(saved(mixed)) == (2,)
    assert pages_without_text(saved(drawn(words(50, 200, "12"), ""))) == ()


def test_text_without_codes_is_refused() -> None:
    pdf = drawn("BT /H 12 Tf 50 200 Td <00010002000300040005> Tj ET")
    fonts = pdf.pages[0].Resources.Font
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/ABCDEF+Song"),
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        FontDescriptor=Dictionary(Type=Name.FontDescriptor, FontName=Name("/ABCDEF+Song"), Flags=4),
    )
    fonts.H = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/ABCDEF+Song"),
        Encoding=Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(descendant)],
    )
    with pytest.raises(InputError) as caught:
        printed(saved(pdf))
    assert caught.value.key == "garbled_pdf"


def test_a_password_is_asked_for_only_where_it_takes_one_to_read() -> None:
    locked = saved(drawn(words(50, 200, "12")), encryption=pikepdf.Encryption(user="a", owner="b"))
    with pytest.raises(InputError) as caught:
        printed(locked)
    assert caught.value.key == "encrypted_pdf"
    assert paragraphs(saved(drawn(words(50, 200, "12")), encryption=pikepdf.Encryption(user="", owner="b"))) == ["12"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_what_is_cut_short_or_damaged_is_refused(share: float) -> None:
    whole = saved(drawn(*(words(50, 200, str(number)) for number in range(20)))).content
    for content in (whole[: int(len(whole) * share)], b"%PDF-1.7\n" + b"\1\2\3" * 100):
        with pytest.raises(InputError) as caught:
            printed(Document("cut.pdf", content))
        assert caught.value.key == "broken_pdf"


def test_no_more_is_read_than_a_report_has(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError) as caught:
        printed(saved(drawn(*["" for _ in range(201)])))
    assert caught.value.key == "too_many_pages"
    monkeypatch.setattr(pdfium, "MAX_OBJECTS", 100)
    for program in (words(50, 200, "1" * 101), "0 0 m 9 9 l S " * 101, "0 0 m " + "9 9 l " * 101 + "S"):
        with pytest.raises(InputError) as caught:
            printed(saved(drawn(program)))
        assert caught.value.key == "pdf_too_complex"


def test_a_drawing_of_many_lines_is_no_table() -> None:
    lines = [Ruling(20.0 * number, 0, 20000) for number in range(1000)]
    assert lattices(lines, lines) == []
