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
from functools import cache
from itertools import accumulate, combinations, pairwise
from math import comb

from gongkai.forms import CellSpec
from gongkai.intake.numbers import is_padded, read_cell
from gongkai.intake.printed import Field

MOST_WAYS = 5_000
"""A row that can be put together in more ways is not read."""
GOES_ON = re.compile(r"[\d.,]\s*$")
"""How a piece ends that may go on: after its unit or a placeholder a cell ends."""

Cell = tuple[Field, ...]
"""The pieces of one number."""


def unfolded(rows: Sequence[Sequence[Sequence[Field]]], specs: Sequence[CellSpec]) -> list[list[Cell] | None]:
    """The cells of each row, given as lines of pieces, or None where they are not certain.

    `specs` are the columns, of one unit; each that is a total is the sum of those before it, back to the last total.
    """
    found = [_balanced(lines, specs) for lines in rows]
    columns = zip(*(row for row in found if row), strict=True)
    widths = [max(_width(piece.text) for cell in column for piece in cell) for column in columns]
    return [row if row and all(map(_fits, row, widths)) else None for row in found]


def _balanced(lines: Sequence[Sequence[Field]], specs: Sequence[CellSpec]) -> list[Cell] | None:
    """The one way to put pieces together in which everything adds up."""
    pieces = [piece for line in lines for piece in line]
    starts = list(accumulate(map(len, lines[:-1])))
    begun = [start for start in starts if _may_go_on(pieces[start - 1], pieces[start])]
    if any(pieces[start].left for start in starts if start not in begun):
        # What does not begin where lines do stands in some column.
        return None
    joins = len(pieces) - len(specs)
    # Without a number to go on with, nothing explains why there are several lines.
    if not min(len(begun), 1) <= joins <= len(begun) or comb(len(begun), joins) > MOST_WAYS:
        return None
    count = cache(lambda start, end: _count(pieces[start:end], specs[0]))
    ways = (_bounds(len(pieces), chosen) for chosen in combinations(begun, joins))
    right = [way for way in ways if _adds_up([count(*bounds) for bounds in way], specs)]
    return [tuple(pieces[start:end]) for start, end in right[0]] if len(right) == 1 else None


def _may_go_on(before: Field, piece: Field) -> bool:
    """Whether a line may begin with the rest of what the one before ends with: at its left, or below that."""
    below = piece.left < before.right and before.left < piece.right
    return bool(GOES_ON.search(before.text)) and (not piece.left or below)


def _bounds(pieces: int, joins: Sequence[int]) -> list[tuple[int, int]]:
    """From where to where each cell reaches, where some pieces go on with the one before."""
    return list(pairwise([*(number for number in range(pieces) if number not in joins), pieces]))


def _count(pieces: Sequence[Field], spec: CellSpec) -> int | None:
    """What pieces together count; a word for nothing is nothing."""
    text = "".join(piece.text for piece in pieces)
    read = read_cell(text, spec)
    good = read.kind in ("number", "placeholder") and not is_padded(text)
    return int(read.value or 0) if good else None


def _adds_up(counts: Sequence[int | None], specs: Sequence[CellSpec]) -> bool:
    so_far = 0
    for count, spec in zip(counts, specs, strict=True):
        if count is None or (spec.column.total and count != so_far):
            return False
        so_far = 0 if spec.column.total else so_far + count
    return True


def _fits(cell: Cell, width: int) -> bool:
    """Whether no piece but the last had room for the digit that follows it, or the unit, which is wider."""
    return all(_width(piece.text) + (_width(rest.text[0]) or 4) > width for piece, rest in pairwise(cell))


def _width(text: str) -> int:
    """How wide the digits of a text are at least, in half digits; what follows them may stand on a line of its own."""
    digits = text[: max((end for end, each in enumerate(text, start=1) if each.isdecimal()), default=0)]
    return sum(4 if unicodedata.east_asian_width(each) in "WF" else 2 if each.isdecimal() else 1 for each in digits)
