"""Tables without rules: lines whose fields stand below each other."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from gongkai.filing import Source
from gongkai.intake.numbers import vocabulary
from gongkai.intake.pdf.glyphs import FIELD_GAP, Glyph, Line, gap
from gongkai.intake.printed import Field, Grid

REACH = 6
"""So many lines of one field may stand between two lines of a table: captions; labels that wrap may be longer."""
CLOSE = 2.6
"""A line so near to a table, in sizes of type, may be of a label that wraps."""
APART = 5.0
"""Lines that are further from each other, in sizes of type, are of no one table."""
LARGER = 1.15
"""Headings are set so much larger than tables."""
FEW = 0.1
"""A channel between columns may be crossed by so large a share of lines: heads that span it."""
CHANNEL = 1.5
"""A channel is so wide at least, in points."""
CHANNEL_GAP = 0.25
"""A gap is so wide at least, in sizes of type, to be part of a channel."""
ENOUGH = 4
"""So many lines show where channels are."""


def tabulated(lines: Sequence[Line], file: str) -> list[Line | Grid]:
    """The lines of a page, those of unruled tables as grids of one row a line."""
    blocks: list[Line | Grid] = []
    done = 0
    for start, end in _tables(lines):
        blocks += lines[done:start]
        blocks.append(_grid(lines[start:end], file))
        done = end
    return [*blocks, *lines[done:]]


def _tables(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Where tables begin and end: from one tabular line to the next over what may stand between, then outwards."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if not _is_tabular(lines, number):
            continue
        if found:
            start, end = found[-1]
            between = lines[end:number]
            table = [*lines[start:end], line]
            labels = len(between) <= REACH or all(each.right < _figures(table) for each in between)
            if labels and _near(lines[end - 1 : number + 1]) and not any(_breaks(each, table) for each in between):
                found[-1] = start, number + 1
                continue
        found.append((number, number + 1))
    return _with_labels(lines, found)


def _near(lines: Sequence[Line]) -> bool:
    """Whether no gap between lines is too wide for a table."""
    return all(other.baseline - one.baseline <= APART * other.size for one, other in pairwise(lines))


def _with_labels(lines: Sequence[Line], tables: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Tables with the lines of labels that wrap above their first or below their last line."""
    widened: list[tuple[int, int]] = []
    for start, end in tables:
        first, last = start, end
        while first > (widened[-1][1] if widened else 0) and _is_label(
            lines[first - 1], lines[first], lines[start:end]
        ):
            first -= 1
        while last < len(lines) and _is_label(lines[last], lines[last - 1], lines[start:end]):
            last += 1
        widened.append((first, last))
    return widened


def _is_tabular(lines: Sequence[Line], number: int) -> bool:
    """Whether a line has three fields, or two that stand below or above those of a line nearby."""
    line = lines[number]
    if len(line.fields) < 2 or all(len(field.text) == 1 and field.glyphs[0].wide for field in line.fields):
        # Letters far apart are a title.
        return False
    if len(line.fields) > 2:
        return True
    return any(
        field.left < line.fields[1].right and line.fields[1].left < field.right
        for place in range(max(number - REACH, 0), min(number + REACH + 1, len(lines)))
        if place != number and _near(lines[min(place, number) : max(place, number) + 1])
        for field in lines[place].fields[1:]
    )


def _figures(table: Sequence[Line]) -> float:
    """Where the columns of figures begin; the second column where there are none."""
    others = [field for line in table for field in line.fields[1:]]
    figures = [field for field in others if field.text.replace(".", "").isdecimal()]
    return min(field.left for field in figures or others)


def _breaks(line: Line, table: Sequence[Line]) -> bool:
    """Whether a line between tabular ones is a heading or prose, and no label or caption."""
    if vocabulary()["heading_end"] in line.text:
        return True
    larger = line.size > LARGER * max(each.size for each in table)
    return larger or bool(re.match(vocabulary()["section"], line.text) and line.right > _figures(table))


def _is_label(line: Line, beside: Line, table: Sequence[Line]) -> bool:
    """Whether a line above or below a table is of a label that wraps, or of a head above the figures."""
    near = abs(line.baseline - beside.baseline) < CLOSE * line.size
    narrow = table[0].left - line.size < line.left and line.right < _figures(table)
    head = line.baseline < beside.baseline and line.left > _figures(table) - line.size
    return near and (narrow or head) and not _breaks(line, table)


def _grid(lines: Sequence[Line], file: str) -> Grid:
    channels = _channels([line for line in lines if len(line.fields) > 1])
    rows = []
    for line in lines:
        fields = line.cut(gap(*pair) > FIELD_GAP or _in_channel(pair, channels) for pair in pairwise(line.glyphs))
        source = Source(file=file, page=line.page, line=line.number)
        rows.append(tuple(Field(field.text, field.left, field.right, source) for field in fields))
    return Grid(tuple(rows), ruled=False)


def _in_channel(pair: tuple[Glyph, Glyph], channels: Sequence[float]) -> bool:
    """Whether a gap holds a channel, given by their middles."""
    one, other = pair
    following = bisect_left(channels, one.right)
    return gap(one, other) > CHANNEL_GAP and following < len(channels) and channels[following] < other.left


def _channels(lines: Sequence[Line]) -> list[float]:
    """The middles of what stays free between columns in almost all lines, from left to right."""
    if len(lines) < ENOUGH:
        return []
    ends = sorted(end for line in lines for field in _words(line) for end in ((field.left, 1), (field.right, -1)))
    channels, depth = [], 0
    for (place, step), (following, _) in pairwise(ends):
        depth += step
        if depth <= FEW * len(lines) and following - place > CHANNEL:
            channels.append((place + following) / 2)
    return channels


def _words(line: Line) -> list[Line]:
    return list(line.cut(gap(*pair) > CHANNEL_GAP for pair in pairwise(line.glyphs)))
