"""Values of unruled tables that were wrapped: set above and below the middle of their row.

Rows do not overlap. What stands less than a size of type above the values of a row, and as much below them in one
place, is in one cell of that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from gongkai.intake.numbers import has_number, is_value
from gongkai.intake.pdf.glyphs import SAME_LINE, Line

EVEN = 0.2
"""How much further from the middle the one line may be than the other, in sizes of type."""
NEAR = 3
"""So many lines may stand that near: those of labels that were wrapped otherwise are between."""

Piece = tuple[Line, ...]
"""The lines of a field."""


def settled(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Rows of one page from top to bottom, with wrapped values in the row that they are of."""
    for number, row in enumerate(rows):
        near = [*rows[max(number - NEAR, 0) : number], *rows[number + 1 : number + 1 + NEAR]]
        single = [piece[0] for other in near for piece in other if len(piece) == 1]
        # The label of several rows may stand between two of them; values may not.
        middle = next((line for piece in row for line in piece if is_value(line.text)), None)
        for upper, lower in list(_pairs(single, middle)) if middle else ():
            if not any(_overlap(line, each) for piece in row for line in piece for each in (upper, lower)):
                for other in near:
                    other[:] = [piece for piece in other if piece[0] not in (upper, lower)]
                row.append((upper, lower))
        row.sort(key=lambda piece: piece[0].left)
    return [row for row in rows if row]


def _pairs(lines: Sequence[Line], middle: Line) -> Iterator[tuple[Line, Line]]:
    """What stands in one place as far above a line as below it, and may be a value together."""
    apart = [(line, (line.baseline - middle.baseline) / middle.size) for line in lines]
    above = [(line, -down) for line, down in apart if -1 < down < -SAME_LINE and has_number(line.text)]
    below = [(line, down) for line, down in apart if SAME_LINE < down < 1] if above else []
    for (upper, up), (lower, down) in product(above, below):
        if abs(up - down) < EVEN and _overlap(upper, lower) and is_value(upper.text + lower.text):
            yield upper, lower


def _overlap(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right
