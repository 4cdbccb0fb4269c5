"""Numbers that were folded over lines: put together where a row's sums leave one way, and else not at all."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.filing import Source
from gongkai.forms import load_form
from gongkai.intake.folding import Cell, unfolded
from gongkai.intake.printed import Field

FORM = load_form("2021")
REQUESTS = [spec for address, spec in FORM.cells.items() if address.startswith("requests.received.")]
DISPUTES = [spec for address, spec in FORM.cells.items() if address.startswith("disputes.")]


def lines(text: str) -> list[list[Field]]:
    source = Source(file="a.txt", line=1)
    return [[Field(word, 0, 0, source) for word in line.split()] for line in text.split("/")]


def shown(row: Sequence[Cell] | None) -> str | None:
    return " ".join("".join(piece.text for piece in cell) for cell in row) if row else None


def read(*rows: str) -> list[str | None]:
    return [shown(row) for row in unfolded([lines(row) for row in rows], REQUESTS)]


def test_the_one_way_that_balances_is_taken() -> None:
    assert read("60/87/13/57/16/24 1282 1089 17/06/131/45") == ["6087 1357 1624 1282 1089 1706 13145"]
    assert read("- 1/2 0 — 0/件 3 15") == ["- 12 0 — 0件 3 15"]
    assert read("１/２ ０ ０ ０ ０ ０ １/２") == ["１２ ０ ０ ０ ０ ０ １２"]


def test_what_balances_in_no_way_or_in_two_is_not_read() -> None:
    assert read("1/2 0 0 0 0 0 1/3") == [None]
    assert read("1/2 0 0 0 0 12") == [None]
    # Eleven and one, or one and eleven.
    assert read("1/1/1 0 0 0 0 12") == [None]
    # A line ends within a number, or there is one for each cell.
    assert read("1 2/0 0 0 0 3") == [None]
    # No number begins with a zero.
    assert read("1 0/1 0 0 0 0 2") == [None]


def test_a_row_that_can_be_put_together_in_very_many_ways_is_not_read() -> None:
    pieces = ["0"] * 12 + ["1", "2"] * 5 + ["60"]
    assert read("/".join(pieces)) == [None]


def test_no_digit_went_down_that_had_room() -> None:
    assert read("1/2 0 0 0 0 0 1/2") == ["12 0 0 0 0 0 12"]
    assert read("1/2 0 0 0 0 0 1/2", "40 0 0 0 0 1/2 52") == [None, "40 0 0 0 0 12 52"]


def test_each_of_the_rows_laid_across_has_to_balance() -> None:
    (row,) = unfolded([lines("0 0 0 0 0 51/5 2 0 0 51/7 0 0 0 5 5")], DISPUTES)
    assert shown(row) == "0 0 0 0 0 515 2 0 0 517 0 0 0 5 5"
    assert unfolded([lines("0 0 0 0 0 51/5 2 0 0 51/7 0 0 0 5 6")], DISPUTES) == [None]


@st.composite
def folded(draw: st.DrawFn) -> tuple[list[list[int]], str]:
    """Rows of seven values that balance, and the text of one table in which each column holds so many digits."""
    rows = [draw(st.lists(st.integers(0, 99_999), min_size=6, max_size=6)) for _ in range(3)]
    rows = [[*row, sum(row)] for row in rows]
    widths = draw(st.lists(st.integers(1, 6), min_size=7, max_size=7))
    return rows, "|".join("".join(_pieces(row, widths)) for row in rows)


def _pieces(row: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
    for value, width in zip(row, widths, strict=True):
        digits = str(value)
        parts = [digits[start : start + width] for start in range(0, len(digits), width)]
        yield "/".join(parts) + " "


@given(folded())
@settings(max_examples=300, deadline=None)
def test_a_row_is_read_as_it_was_or_not_at_all(case: tuple[list[list[int]], str]) -> None:
    rows, text = case
    for truth, found in zip(rows, read(*text.split("|")), strict=True):
        assert found is None or [int(each) for each in found.split()] == truth


def test_rows_with_a_blank_are_not_read_as_if_they_were_whole() -> None:
    """By chance pieces may balance that are not the cells; of these 20,000 rows with one blank none does."""
    draw = random.Random(1)
    for _ in range(20_000):
        values = [
            draw.choice((0, 0, draw.randrange(10), draw.randrange(300), draw.randrange(20_000))) for _ in range(5)
        ]
        width = draw.choice((1, 2, 3))
        row = [*values, sum(values)]
        assert read("".join(_pieces(row, [width] * 6))) == [None], (row, width)


def test_an_error_in_a_row_is_never_put_right_by_reading_it_otherwise() -> None:
    """By chance other numbers than were meant may balance; of these rows with a wrong value or sum none does."""
    draw = random.Random(7)
    outcomes = {True: 0, False: 0}
    for _ in range(10_000):
        row = [draw.choice((0, 0, draw.randrange(10), draw.randrange(300), draw.randrange(20_000))) for _ in range(6)]
        row.append(sum(row))
        balanced = draw.random() < 0.1
        if not balanced:
            row[draw.randrange(7)] += draw.choice((1, 2, 9, 10, draw.randrange(1, 300)))
        text = "".join(_pieces(row, [draw.choice((1, 2, 3)) for _ in row]))
        if "/" in text and balanced == (sum(row[:-1]) == row[-1]):
            outcomes[balanced] += read(text) != [None]
    assert outcomes[False] == 0
    # Those that balance are read, as far as one way alone does.
    assert outcomes[True] > 500
