"""Values of unruled tables that were wrapped: set above and below the middle of their row.

Rows do not overlap. What stands less than a size of type above the values of a row, and as much below them in one
place, is in one cell of that row. What stands as far above and below a value as lines of a cell do is so too, where
nothing else stands on those lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise, product

from gongkai.intake.numbers import has_number, is_value
from gongkai.intake.pdf.glyphs import SAME_LINE, Line
from gongkai.intake.pdf.wrapping import ROUNDED, Column, is_stacked, is_wrapped

EVEN = 0.2
"""How much further from the middle the one line may be than the other, in sizes of type."""
LEADING = 1.5
"""The lines of a cell are closer than so many sizes of type."""
NEAR = 5
"""So many lines may stand that near: those of labels that were wrapped otherwise are between."""

Piece = tuple[Line, ...]
"""The lines of a field."""
Row = list[Piece]


def settled(rows: Sequence[Row]) -> list[Row]:
    """Rows of one page from top to bottom, with wrapped values in the row that they are of."""
    # The lines of wrapped values may look like rows themselves: what holds most takes its own first.
    for number in sorted(range(len(rows)), key=lambda each: -sum(map(_holds_value, rows[each]))):
        row = rows[number]
        near = [*rows[max(number - NEAR, 0) : number], *rows[number + 1 : number + 1 + NEAR]]
        # The label of several rows may stand between two of them; values may not.
        middle = next((piece[0] for piece in row if _holds_value(piece)), None)
        while middle and _grow(row, near, middle):
            pass
        row.sort(key=lambda piece: piece[0].left)
    return [row for row in rows if row]


def wrapped(rows: Sequence[Row]) -> Collection[Piece]:
    """The fields that are one number each, in which no digit that went down had room above.

    A column is as wide as the widest line of it. Where two numbers stand in one field of a table, they may in others.
    """
    pieces = [piece for row in rows for piece in row]
    lines = [line for piece in pieces for line in piece]
    spans = _spans(line for piece in pieces if is_value("".join(line.text for line in piece)) for line in piece)
    widths = [0.0] * len(spans)
    for line in lines:
        under = [place for place, (left, right) in enumerate(spans) if line.left < right and left < line.right]
        if len(under) == 1:
            widths[under[0]] = max(widths[under[0]], line.right - line.left)
    stacked = [
        (piece, column)
        for piece in pieces
        for place, width in zip(spans, widths, strict=True)
        if len(piece) > 1 and place[0] <= piece[0].left < place[1] and is_stacked(column := Column(width, piece))
    ]
    # What is as wide as the widest line would have had room.
    whole = all(is_wrapped(column, -2 * ROUNDED) for _, column in stacked)
    return {piece for piece, _ in stacked} if whole else ()


def _spans(lines: Iterable[Line]) -> list[tuple[float, float]]:
    """Where the columns stand in which some lines are."""
    spans: list[tuple[float, float]] = []
    for line in sorted(lines, key=lambda each: each.left):
        if spans and line.left < spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], line.right)
        else:
            spans.append((line.left, line.right))
    return spans


def _holds_value(piece: Piece) -> bool:
    return len(piece) == 1 and is_value(piece[0].text)


def _grow(row: Row, near: Sequence[Row], middle: Line) -> bool:
    """Take the next lines of wrapped values into `row`, and say whether there were any."""
    grown = list(_stacks(row, near, middle))
    ends = {id(line) for stack in grown for line in (stack[0], stack[-1])}
    taken = False
    for stack in grown:
        hosts = [other for other in near if any(piece[0] in (stack[0], stack[-1]) for piece in other)]
        alone = all(id(line) in ends for other in hosts for piece in other for line in piece)
        if len(hosts) == 2 and (alone or len(stack) == 2):
            for other in hosts:
                other[:] = [piece for piece in other if piece[0] not in (stack[0], stack[-1])]
            row[:] = [*(piece for piece in row if piece != stack[1:-1]), stack]
            taken = True
    return taken


def _stacks(row: Row, near: Sequence[Row], middle: Line) -> Iterator[Piece]:
    """What values would be with a line more above and below; those of `row` that hold the lines between, or none."""
    lines = [piece[0] for other in near for piece in other if len(piece) == 1]
    for upper, lower in _pairs(lines, middle):
        between = [piece for piece in row if any(_overlap(line, each) for line in piece for each in (upper, lower))]
        stack = (upper, *between[0], lower) if between else (upper, lower)
        leading = [(other.baseline - one.baseline) / one.size for one, other in pairwise(stack)]
        near_enough = all(SAME_LINE < each < (LEADING if between else 2) for each in leading)
        if len(between) < 2 and near_enough and is_value("".join(line.text for line in stack)):
            yield stack


def _pairs(lines: Sequence[Line], middle: Line) -> Iterator[tuple[Line, Line]]:
    """What stands in one place as far above a line as below it."""
    apart = [(line, (line.baseline - middle.baseline) / middle.size) for line in lines]
    above = [(line, -down) for line, down in apart if down < -SAME_LINE and has_number(line.text)]
    below = [(line, down) for line, down in apart if down > SAME_LINE] if above else []
    for (upper, up), (lower, down) in product(above, below):
        if abs(up - down) < EVEN and _overlap(upper, lower):
            yield upper, lower


def _overlap(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right
