"""Values of unruled tables that were wrapped: set above and below the middle of their row.

Rows do not overlap. What stands less than a size of type above the values of a row, and as much below them in one
place, is in one cell of that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
        values = [line for piece in row for line in piece if is_value(line.text)]
        if not values:
            # The label of several rows may stand between two of them.
            continue
        near = [*rows[max(number - NEAR, 0) : number], *rows[number + 1 : number + 1 + NEAR]]
        single = [piece[0] for other in near for piece in other if len(piece) == 1]
        for upper, lower in _pairs(single, values[0]):
            if not any(_overlap(line, each) for piece in row for line in piece for each in (upper, lower)):
                for other in near:
                    other[:] = [piece for piece in other if piece not in ((upper,), (lower,))]
                row.append((upper, lower))
        row.sort(key=lambda piece: piece[0].left)
    return [row for row in rows if row]


def _pairs(lines: Sequence[Line], middle: Line) -> Iterator[tuple[Line, Line]]:
    """What stands in one place as far above a line as below it, and may be a value together."""
    for upper in lines:
        for lower in lines:
            above, below = middle.baseline - upper.baseline, lower.baseline - middle.baseline
            least, most = min(above, below) / middle.size, max(above, below) / middle.size
            near = least > SAME_LINE and most < 1 and most - least < EVEN
            value = has_number(upper.text) and is_value(upper.text + lower.text)
            if near and value and _overlap(upper, lower):
                yield upper, lower


def _overlap(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right
