"""Numbers that narrow columns fold over lines of text: which pieces are one number follows from the sums of their row.

Nothing else in such text says whether a line ends a number or goes on with it. But pieces of a number are less than it
is, so that a row that balances does not balance with a number taken for two, but by chance. A row is read where one
way of putting pieces together, and only one, makes as many numbers as it has cells and all sums right, and where no
digit went down that had room above, as other rows show. Else it is not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import combinations, pairwise
from math import comb

from gongkai.forms import CellSpec
from gongkai.intake.numbers import plain, read_cell
from gongkai.intake.printed import Field

MOST_WAYS = 5_000
"""A row that can be put together in more ways is not read."""
GOES_ON = re.compile(r"[\d.,]\s*$")
"""How a piece ends that may go on: after its unit or a placeholder a cell ends."""
PADDED = re.compile(r"[-+]?0[0-9]")
"""No number begins so."""

Cell = tuple[Field, ...]
"""The pieces of one number."""


def unfolded(rows: Sequence[Sequence[Sequence[Field]]], specs: Sequence[CellSpec]) -> list[list[Cell] | None]:
    """The cells of each row, given as lines of pieces, or None where they are not certain.

    `specs` are the columns, in which each that is a total is the sum of those before it, back to the last total.
    """
    found = [_balanced(lines, specs) for lines in rows]
    columns = zip(*(row for row in found if row), strict=True)
    widths = [max(_width(piece.text) for cell in column for piece in cell) for column in columns]
    return [row if row and all(map(_fits, row, widths)) else None for row in found]


def _balanced(lines: Sequence[Sequence[Field]], specs: Sequence[CellSpec]) -> list[Cell] | None:
    """The one way to put pieces together in which everything adds up."""
    pieces = [piece for line in lines for piece in line]
    begun = [line[0] for before, line in pairwise(lines) if _may_go_on(before[-1], line[0])]
    if any(line[0].left and line[0] not in begun for line in lines[1:]):
        # What does not begin where lines do stands in some column.
        return None
    joins = len(pieces) - len(specs)
    # Without a number to go on with, nothing explains why there are several lines.
    if not min(len(begun), 1) <= joins <= len(begun) or comb(len(begun), joins) > MOST_WAYS:
        return None
    ways = (_joined(pieces, chosen) for chosen in combinations(begun, joins))
    right = [cells for cells in ways if _adds_up(cells, specs)]
    return right[0] if len(right) == 1 else None


def _may_go_on(before: Field, piece: Field) -> bool:
    """Whether a line may begin with the rest of what the one before ends with: at its left, or below that."""
    below = piece.left < before.right and before.left < piece.right
    return bool(GOES_ON.search(before.text)) and (not piece.left or below)


def _joined(pieces: Sequence[Field], goes_on: Sequence[Field]) -> list[Cell]:
    starts = [number for number, piece in enumerate(pieces) if not any(piece is each for each in goes_on)]
    return [tuple(pieces[start:end]) for start, end in pairwise([*starts, len(pieces)])]


def _adds_up(cells: Sequence[Cell], specs: Sequence[CellSpec]) -> bool:
    sum_so_far = 0
    for cell, spec in zip(cells, specs, strict=True):
        text = "".join(piece.text for piece in cell)
        read = read_cell(text, spec)
        if read.kind not in ("number", "placeholder") or PADDED.match(plain(text)):
            return False
        value = int(read.value or 0)
        if spec.column.total and value != sum_so_far:
            return False
        sum_so_far = 0 if spec.column.total else sum_so_far + value
    return True


def _fits(cell: Cell, width: int) -> bool:
    """Whether no piece but the last had room for the digit that follows it, or the unit, which is wider."""
    return all(_width(piece.text) + (_width(rest.text[0]) or 4) > width for piece, rest in pairwise(cell))


def _width(text: str) -> int:
    """How wide the digits of a text are at least, in half digits; what follows them may stand on a line of its own."""
    digits = text[: max((end for end, each in enumerate(text, start=1) if each.isdecimal()), default=0)]
    return sum(4 if unicodedata.east_asian_width(each) in "WF" else 2 if each.isdecimal() else 1 for each in digits)
