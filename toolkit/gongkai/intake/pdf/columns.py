"""Tables without rules: lines whose fields stand below each other."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from gongkai.filing import Source
from gongkai.intake.numbers import is_value, vocabulary
from gongkai.intake.pdf.glyphs import FIELD_GAP, Glyph, Line, gap
from gongkai.intake.pdf.stacks import Piece, settled, wrapped
from gongkai.intake.printed import Field, Grid

REACH = 6
"""So many lines of one field may stand between two lines of a table: captions; labels that wrap may be longer."""
CLOSE = 2.6
"""A line so near to a table, in sizes of type, may be of a label that wraps."""
CONTEXT = 60
"""So many lines of a table, the next ones, tell what may be of it."""
APART = 5.0
"""Lines that are further from each other, in sizes of type, are of no one table."""
LARGER = 1.15
"""Headings are set so much larger than tables."""
FEW = 0.1
"""A channel between columns may be crossed by so large a share of lines: heads that span it."""
FIGURES_GAP = 0.35
"""A gap so wide, in sizes of type, parts two figures of a table; no digits of one are as far apart."""
EXACT = 2.0
"""Fields of one column have a side or their middle so near to each other, in points."""
CHANNEL = 1.5
"""A channel is so wide at least, in points."""
CHANNEL_GAP = 0.25
"""A gap is so wide at least, in sizes of type, to be part of a channel."""
BESIDE = 3
"""Lines so far apart may be of one line of heads: those of others, that have more or fewer lines, stand between."""
ENOUGH = 4
"""So many lines show where channels are."""


def tabulated(lines: Sequence[Line], file: str) -> list[Line | Grid]:
    """The lines, which follow each other over pages, those of unruled tables as grids of one row a line.

    A table that a page tears is known as one, and is two grids.
    """
    blocks: list[Line | Grid] = []
    done = 0
    for start, end in _tables(lines):
        blocks += lines[done:start]
        blocks += _grids(lines[start:end], file)
        done = end
    return [*blocks, *lines[done:]]


def _tables(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Where tables begin and end: from one tabular line to the next over what may stand between, then outwards."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if not _is_tabular(lines, number):
            continue
        start, end = found[-1] if found else (0, 0)
        between = lines[end:number]
        joins = found and _are_near(lines[end - 1 : number + 1])
        if joins and (not between or _may_stand(between, [*lines[max(start, end - CONTEXT) : end], line])):
            found[-1] = start, number + 1
        else:
            found.append((number, number + 1))
    widened: list[tuple[int, int]] = []
    for start, end in found:
        first, last = start, end
        free = widened[-1][1] if widened else 0
        while first > free and _is_label(lines[first - 1], lines[first], lines[start : min(start + CONTEXT, end)]):
            first -= 1
        while last < len(lines) and _is_label(lines[last], lines[last - 1], lines[max(start, end - CONTEXT) : end]):
            last += 1
        widened.append((first, last))
    return widened


def _are_near(lines: Sequence[Line]) -> bool:
    """Whether no gap between lines is too wide for a table; the end of a page is none."""
    return all(
        one.page != other.page or other.baseline - one.baseline <= APART * other.size for one, other in pairwise(lines)
    )


def _may_stand(between: Sequence[Line], table: Sequence[Line]) -> bool:
    """Whether lines may stand between those of a table: a few captions, or labels that wrap, and no heading."""
    few = len(between) <= REACH or all(line.right < _figures(table) for line in between)
    return few and not any(_breaks(line, table) for line in between)


def _is_tabular(lines: Sequence[Line], number: int) -> bool:
    """Whether a line has three fields, or two that stand below or above those of a line nearby.

    Before a figure that stands exactly so, a gap that would else be a space is enough.
    """
    line = lines[number]
    figures = list(line.cut(gap(*pair) > FIGURES_GAP for pair in pairwise(line.glyphs)))
    if len(figures) > 2 and all(_is_figure(field) for field in figures):
        return True
    fields = line.fields
    exact = len(fields) == 1
    if exact:
        fields = tuple(line.cut(gap(*pair) > CHANNEL_GAP for pair in pairwise(line.glyphs)))
        if len(fields) != 2 or not _is_figure(fields[1]):
            return False
    # Letters far apart may be a title.
    letters = all(len(field.text) == 1 and field.glyphs[0].wide for field in fields)
    if len(fields) > 2 and not letters:
        return True
    stands = _stands_exactly if exact else _stands
    return any(
        stands(fields[1], field)
        for place in range(max(number - REACH, 0), min(number + REACH + 1, len(lines)))
        if place != number and _are_near(lines[min(place, number) : max(place, number) + 1])
        for field in lines[place].fields[1:]
    )


def _stands(one: Line, other: Line) -> bool:
    """Whether two fields stand below each other."""
    return other.left < one.right and one.left < other.right


def _stands_exactly(one: Line, other: Line) -> bool:
    """Whether two fields have a side or their middle in common."""
    left, right = one.left - other.left, one.right - other.right
    return min(abs(left), abs(right), abs(left + right) / 2) < EXACT


def _is_figure(field: Line) -> bool:
    return field.text.replace(".", "").isdecimal()


def _figures(table: Sequence[Line]) -> float:
    """Where the columns of figures begin; the second column where there are none."""
    others = [field for line in table for field in line.fields[1:]]
    figures = [field for field in others if _is_figure(field)]
    return min((field.left for field in figures or others), default=0.0)


def _breaks(line: Line, table: Sequence[Line]) -> bool:
    """Whether a line between tabular ones is a heading or prose, and no label or caption."""
    if vocabulary()["heading_end"] in line.text:
        return True
    larger = line.size > LARGER * max(each.size for each in table)
    return larger or bool(re.match(vocabulary()["section"], line.text) and line.right > _figures(table))


def _is_label(line: Line, beside: Line, table: Sequence[Line]) -> bool:
    """Whether a line above or below a table is of a label that wraps, or of a head above the figures."""
    near = line.page == beside.page and abs(line.baseline - beside.baseline) < CLOSE * line.size
    narrow = table[0].left - line.size < line.left and line.right < _figures(table)
    head = line.baseline < beside.baseline and line.left > _figures(table) - line.size
    # Nothing but what is beside each other in one row is so near that it overlaps.
    overlaps = abs(line.baseline - beside.baseline) < line.size
    return near and (narrow or head or overlaps) and not _breaks(line, table)


def _grids(lines: Sequence[Line], file: str) -> Iterator[Grid]:
    channels, figures = _channels([line for line in lines if len(line.fields) > 1]), _figures(lines)
    pages = []
    for _, group in groupby(lines, key=lambda each: each.page):
        page = list(group)
        near = [page[max(number - BESIDE, 0) : number + BESIDE + 1] for number in range(len(page))]
        cut = [_cut(line, channels, _twins(line, beside, figures)) for line, beside in zip(page, near, strict=True)]
        pages.append(settled([[(field,) for field in fields] for fields in cut]))
    whole = wrapped([row for rows in pages for row in rows])
    for rows in pages:
        yield Grid(tuple(tuple(_field(piece, file, whole) for piece in row) for row in rows), ruled=False)


def _cut(line: Line, channels: Sequence[tuple[float, float]], apart: Collection[Glyph]) -> Iterator[Line]:
    """The fields of a line; `apart` are glyphs of it that end one."""
    for field in line.cut(pair[0] in apart or _parts(pair, channels) for pair in pairwise(line.glyphs)):
        # What is less than a space apart may still be two values, each whole.
        values = list(field.cut(gap(*pair) > FIGURES_GAP for pair in pairwise(field.glyphs)))
        yield from values if all(is_value(each.text) for each in values) else [field]


def _twins(line: Line, beside: Iterable[Line], figures: float) -> set[Glyph]:
    """The glyphs at which one of two heads ends that stand just as two pieces do on a line `beside`.

    Heads of two lines, side by side, may be no further apart than words. They stand right of where `figures` begin.
    """
    pairs = [pair for other in beside if other is not line for pair in pairwise(_words(other))]
    return {
        one.glyphs[-1]
        for one, other in pairwise(_words(line))
        if one.left > figures - one.size
        and any(_stands_alike(one, each) and _stands_alike(other, next_one) for each, next_one in pairs)
    }


def _stands_alike(one: Line, other: Line) -> bool:
    return max(abs(one.left - other.left), abs(one.right - other.right)) < EXACT


def _field(lines: Piece, file: str, whole: Collection[Piece]) -> Field:
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    source = Source(file=file, page=lines[0].page, line=lines[0].number)
    text = ("" if lines in whole else "\n").join(line.text for line in lines)
    return Field(text, left, right, source)


def _parts(pair: tuple[Glyph, Glyph], channels: Sequence[tuple[float, float]]) -> bool:
    """Whether the gap between two glyphs parts two fields of a table."""
    one, other = pair
    free, figure = gap(one, other), other.text.isdecimal()
    if free > (FIGURES_GAP if figure and one.text.isdecimal() else FIELD_GAP):
        return True
    if free <= CHANNEL_GAP:
        return False
    # A figure may stand anywhere beside a channel that is wider where labels are shorter.
    least = 0.5 if not figure else 0.0
    for start, end in channels[max(bisect_left(channels, (one.right, 0.0)) - 1, 0) :]:
        if start >= other.left:
            break
        if min(end, other.left) - max(start, one.right) > max(CHANNEL, least * (end - start)):
            return True
    return False


def _channels(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Where it stays free between columns in almost all lines, from left to right."""
    if len(lines) < ENOUGH:
        return []
    ends = sorted(end for line in lines for field in _words(line) for end in ((field.left, 1), (field.right, -1)))
    channels, depth = [], 0
    for (place, step), (following, _) in pairwise(ends):
        depth += step
        if depth <= FEW * len(lines) and following - place > CHANNEL:
            channels.append((place, following))
    return channels


def _words(line: Line) -> list[Line]:
    return list(line.cut(gap(*pair) > CHANNEL_GAP for pair in pairwise(line.glyphs)))
