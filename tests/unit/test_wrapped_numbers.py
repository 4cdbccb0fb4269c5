"""Numbers that were wrapped in narrow cells or torn by the end of a page: read only where the page shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gongkai.filing import Source
from gongkai.intake.continuation import mended
from gongkai.intake.lines import Line
from gongkai.intake.pdf import glyphs, printed
from gongkai.intake.pdf.columns import tabulated
from gongkai.intake.pdf.stacks import settled, wrapped
from gongkai.intake.pdf.wrapping import Column, is_full, is_stacked, is_wrapped, least_padding
from gongkai.intake.printed import Field, Grid
from tests.pdfs import drawn, saved, words


def column(width: float, *texts: str) -> Column:
    """A cell of characters that are five points wide, ten where they are Chinese."""
    return Column.of(width, (glyph for y, text in enumerate(texts) for glyph in row(text, 0, 12 * y)))


def row(text: str, x: float, y: float) -> Iterator[glyphs.Glyph]:
    for number, each in enumerate(text):
        width = 5 if each.isascii() else 10
        yield glyphs.Glyph(each, x, x + width, y, 10, number)
        x += width


LABELS = [column(40, "自然", "人"), column(50, "法律服", "务机构"), column(50, "科研机", "构")]


def test_wrapped_words_tell_how_wide_cells_are_inside() -> None:
    # The first claims 10 points; that the others have no room for four characters claims the same.
    assert least_padding(LABELS) == 10
    # A single claim may be a break by hand, and none can be more than the fullest line leaves.
    assert least_padding(LABELS[:1]) == 0
    assert least_padding([*LABELS, column(50, "2024年度12")]) == 0
    # Digits below each other say nothing: they are what is in question.
    assert least_padding([column(35, "12", "3")] * 3) == 0


@pytest.mark.parametrize(
    ("texts", "wrapped"),
    [
        (("1374", "7"), True),
        (("1374", "7件"), True),
        (("1,37", "4"), True),
        (("1374", "1374", "1"), True),
        (("137", "47"), False),
        (("1374", "13", "1"), False),
        (("0374", "7"), False),
    ],
)
def test_a_number_is_one_where_no_other_digit_had_room(texts: tuple[str, ...], wrapped: bool) -> None:
    cell = column(32, *texts)
    assert is_stacked(cell)
    assert is_wrapped(cell, 10) == wrapped


@pytest.mark.parametrize("texts", [("1374",), ("1374", "(7)"), ("1374件", "7"), ("1374", "-7"), ("12", "件")])
def test_other_cells_hold_no_stacked_digits(texts: tuple[str, ...]) -> None:
    assert not is_stacked(column(32, *texts))


def test_full_lines_end_in_a_digit() -> None:
    for text, full in (("1374", True), ("137", False), ("自然人", False)):
        cell = column(32, text)
        assert is_full(cell, cell.lines[0], 10) == full


XS, YS = (50, 118, 150, 182), (300, 330, 360, 390)
RULES = "".join([*(f"{x} 300 m {x} 390 l S " for x in XS), *(f"50 {y} m 182 {y} l S " for y in YS)])
NAMES = "".join(
    words(55, y, first) + words(55, y - 12, second) for y in (377, 347, 317) for first, second in [("wwwwwww", "wi")]
)


def values(*cells: tuple[int, int, str]) -> list[list[str]]:
    """The two columns of values, given which texts stand where, a line for each word."""
    program = RULES + NAMES
    for down, across, text in cells:
        for number, each in enumerate(text.split()):
            program += words(XS[across + 1] + 5, (377, 347, 317)[down] - 12 * number, each)
    (grid,) = [block for block in printed(saved(drawn(program))) if isinstance(block, Grid)]
    return [[field.text for field in line[1:]] for line in grid.rows]


def test_two_figures_in_one_cell_of_a_table_are_not_joined() -> None:
    assert values((0, 0, "1374 7"), (1, 1, "12"))[0] == ["13747", ""]
    assert values((0, 0, "12 7"))[0] == ["12\n7", ""]
    assert values((0, 0, "1374 (7)"))[0] == ["1374\n(7)", ""]
    # Where one cell holds two, a full line proves nothing in another.
    assert values((0, 0, "1374 7"), (1, 1, "12 3"))[0] == ["1374\n7", ""]


@pytest.mark.parametrize("apart", [0.2, -0.2])
def test_numbers_that_overflow_until_they_touch_stay_in_their_cells(apart: float) -> None:
    program = words(118 + 2, 377, "473731") + words(118 + 2 + 33.36 + apart, 377, "5921")
    (grid,) = [block for block in printed(saved(drawn(RULES + NAMES + program))) if isinstance(block, Grid)]
    assert [field.text for field in grid.rows[0][1:]] == ["473731", "5921"]


def test_digits_over_a_rule_that_are_no_number_leave_no_cell_blank() -> None:
    for text, second, read in [
        ("42,9204,576", "", ["42,920 4,576", "42,920 4,576"]),
        ("42,9204,576", "5", ["42,9204,576", "5"]),
        ("429204576", "", ["429204576", ""]),
    ]:
        program = words(118 + 2, 377, text) + (words(176, 377, second) if second else "")
        (grid,) = [block for block in printed(saved(drawn(RULES + NAMES + program))) if isinstance(block, Grid)]
        assert [field.text for field in grid.rows[0][1:]] == read


def line(page: int, number: int, *texts: str, full: bool = False) -> Line:
    source = Source(file="a.pdf", page=page, line=1)
    fields = tuple(Field(text, at, at + 1, source, full=full and text.isdigit()) for at, text in enumerate(texts))
    return Line(fields, number, grid=page, ruled=True)


KNOWN = {"重复申请", "信访举报投诉类申请"}


def texts(lines: list[Line]) -> list[list[str]]:
    return [[field.text for field in each.fields] for each in lines]


def no_head(_: Line) -> bool:
    return False


def test_a_torn_row_is_whole_where_its_label_is() -> None:
    lines = [line(1, 1, "信访举报投", "1374", "5", full=True), line(2, 2, "诉类申请", "7", "")]
    assert texts(mended(lines, KNOWN, no_head)) == [["信访举报投\n诉类申请", "13747", "5"]]
    head = line(2, 2, "单位", "甲", "乙")
    again = [lines[0], head, line(2, 3, "诉类申请", "7", "")]
    assert len(mended(again, KNOWN, lambda each: each is head)) == 2


def test_a_full_number_goes_on_below_a_whole_label() -> None:
    lines = [line(1, 1, "重复申请", "1374", "5", full=True), line(2, 2, "", "7", "")]
    assert texts(mended(lines, KNOWN, no_head)) == [["重复申请", "13747", "5"]]


@pytest.mark.parametrize(
    "lines",
    [
        # Another digit had room.
        [line(1, 1, "重复申请", "1374", "5"), line(2, 2, "", "7", "")],
        [line(1, 1, "信访举报投", "1374", "5"), line(2, 2, "诉类申请", "7", "")],
        # A row of its own.
        [line(1, 1, "重复申请", "1374", "5", full=True), line(2, 2, "信访举报投诉类申请", "7", "1")],
        # On one page, or with something between.
        [line(1, 1, "信访举报投", "1374", "5", full=True), line(1, 2, "诉类申请", "7", "")],
        [line(1, 1, "信访举报投", "1374", "5", full=True), line(2, 3, "诉类申请", "7", "")],
    ],
)
def test_what_may_be_two_rows_stays_two(lines: list[Line]) -> None:
    assert mended(lines, KNOWN, no_head) == lines


def piece(text: str, x: float, y: float) -> tuple[glyphs.Line, ...]:
    return (glyphs.Line(tuple(row(text, x, y)), 1, 1),)


def shown(rows: list[list[tuple[glyphs.Line, ...]]]) -> list[list[str]]:
    return [["\n".join(each.text for each in lines) for lines in pieces] for pieces in rows]


def test_a_value_wrapped_around_the_middle_of_its_row_is_in_it() -> None:
    rows = [
        [piece("211", 50, 94)],
        [piece("重复申请", 0, 100), piece("5", 80, 100)],
        [piece("件", 50, 106)],
    ]
    assert shown(settled(rows)) == [["重复申请", "211\n件", "5"]]


def test_values_of_neighbouring_rows_are_not_stacked() -> None:
    around = [
        [piece("21", 50, 93), piece("5", 80, 93)],
        [piece("（三）", 0, 100)],
        [piece("3", 50, 107), piece("6", 80, 107)],
    ]
    assert len(settled(around)) == 3
    apart = [[piece("21", 50, 88)], [piece("重复申请", 0, 100), piece("5", 80, 100)], [piece("3", 50, 112)]]
    assert len(settled(apart)) == 3


def test_a_value_of_three_lines_is_in_the_row_of_its_middle() -> None:
    rows = [
        [piece("１", 50, 88), piece("２", 110, 88)],
        [piece("重复申请", 0, 100), piece("４", 50, 100), piece("26", 80, 100), piece("３", 110, 100)],
        [piece("７", 50, 112), piece("５", 110, 112)],
    ]
    assert shown(settled(rows)) == [["重复申请", "１\n４\n７", "26", "２\n３\n５"]]


def test_rows_as_close_as_lines_are_not_stacked() -> None:
    middle = [piece("重复申请", 0, 100), piece("4", 50, 100), piece("26", 80, 100)]
    for above, below in [
        ([piece("1", 50, 88)], [piece("其他", 0, 112), piece("7", 50, 112)]),
        ([piece("1", 50, 88), piece("8", 140, 88)], [piece("7", 50, 112)]),
        ([piece("1", 50, 84)], [piece("7", 50, 116)]),
        ([piece("1", 50, 88)], [piece("7", 50, 108)]),
    ]:
        assert len(settled([above, list(middle), below])) == 3


def stack(*texts: str, x: float = 50, y: float = 100) -> tuple[glyphs.Line, ...]:
    return tuple(line for number, text in enumerate(texts) for line in piece(text, x, y + 12 * number))


def test_a_stack_is_one_number_where_its_column_shows_no_wider_line() -> None:
    heads = [piece("申请人情况", 40, 60), piece("自然", 50, 80), piece("总计", 80, 80)]
    number = stack("１２", "３")
    whole = [heads, [piece("一", 0, 106), number, piece("６", 80, 106)]]
    assert wrapped(whole) == {number}
    # There was room, as another row or a head of this column shows, but none that reaches over several.
    assert not wrapped([*whole, [piece("二", 0, 140), piece("１２３", 50, 140), piece("６", 80, 140)]])
    assert not wrapped([*whole, [piece("自然人", 48, 70)]])
    # Where one field holds two numbers, others may.
    assert not wrapped([*whole, [piece("二", 0, 146), stack("5", "6", y=140), piece("６", 80, 146)]])


PLACES = (0, 40, 67, 94)
TABLE = (
    ("总", "复议后起诉的件数"),
    ("结果", "结果", "其他", "尚未"),
    ("维持", "纠正", "结果", "审结"),
    ("0件", "0", "0件", "-"),
    ("1件", "4", "2件", "3"),
)


def test_heads_and_values_less_than_a_space_apart_are_told_by_those_below_them() -> None:
    lines = [
        glyphs.Line(tuple(glyph for at, text in zip(PLACES, texts, strict=False) for glyph in row(text, at, y)), 1, 1)
        for texts, y in zip(TABLE, (66, 80, 92, 110, 128), strict=True)
    ]
    (grid,) = [block for block in tabulated(lines, "a.pdf") if isinstance(block, Grid)]
    assert tuple(tuple(field.text for field in fields) for fields in grid.rows) == TABLE
