"""The tables of a PDF as data: how each cell is set, and which rows a page must not part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Any
from unicodedata import category

from gongkai.export.blocks import TEXT_HEIGHT, Table, TableCell
from gongkai.export.fitting import ems

INSET, HEAD_INSET, VALUE_INSET = 2.0, 0.5, 0.6
"""Points free on either side of a cell: of head labels and official values there may be more than room for more."""
LINE, PADDING = 1.2, 3.0
"""The height of a line in ems, and what a row has besides, in points."""
TALL = 10
"""A label beside more rows than this may be cut by a page."""
BESIDE = 4
"""So many rows, those beside the words of a tall label, stand at the start of a table that a page parts."""
LARGEST_GROUP = TEXT_HEIGHT / 3
"""A group of rows is kept together unless the space that it leaves on the page before could be larger than this."""
HIGH = 0.8 * TEXT_HEIGHT
"""What is higher than this a page may cut: it might fit on none."""


def size_of(table: Table, cell: TableCell) -> float:
    """The size of a cell's type in points."""
    return table.value_size if cell.address else table.size


def inset_of(cell: TableCell) -> float:
    """The points free on either side of a cell."""
    return VALUE_INSET if cell.address else INSET if cell.scope in ("", "row") else HEAD_INSET


def fitted(table: Table, cell: TableCell, width: float, beside: float) -> dict[str, Any]:
    """How a `cell` is set: space beside its text, alignment, whether a page may cut it.

    It is `width` points wide, its rows are about `beside` points high.
    """
    label = cell.scope == "row" and table.official
    tall = cell.rowspan > TALL or max(beside, _height(table, cell, width)) > HIGH
    return {"inset": inset_of(cell), "align": cell.align or ("left" if label else "center"), "breakable": tall}


def balanced(text: str, measure: float) -> str:
    """A label of Chinese characters broken into as few lines as a `measure` in ems allows, of like length.

    An ordinal in parentheses has a line of its own; any other label is left to typst.
    """
    if ems(text) != len(text) or len(text) <= measure:
        return text
    first = ordinal(text, measure)
    rest = text[len(first) :]
    count = ceil(len(rest) / max(int(measure), 1))
    ends = [round(len(rest) * number / count) for number in range(count + 1)]
    # No line begins with what closes or separates.
    ends = [end + (0 < end < len(rest) and category(rest[end]) in ("Pe", "Pf", "Po")) for end in ends]
    lines = [rest[start:end] for start, end in pairwise(ends)]
    return "\n".join([first, *lines] if first else lines) if max(map(len, lines)) <= measure else text


def ordinal(text: str, measure: float) -> str:
    """The ordinal in parentheses at the head of a label that is longer than a `measure` of few ems, else ""."""
    kinds = [category(character) for character in text[:3]]
    return text[:3] if kinds[::2] == ["Ps", "Pe"] and 3 <= measure < min(6, len(text)) else ""


def _height(table: Table, cell: TableCell, width: float) -> float:
    """About how high a cell is in points, rather too high."""
    size, room = size_of(table, cell), width - 2 * inset_of(cell)
    texts = ["".join(run.text for run in line) for line in cell.lines]
    lines = sum(ceil(1.1 * ems(part) * size / room) or 1 for text in texts for part in text.split("\n"))
    return max(lines, 1) * LINE * size + PADDING


def heights(table: Table, edges: Sequence[float]) -> tuple[list[float], list[float]]:
    """About how high each row is in points, and how high exactly, or 0 where only typst can tell.

    What need not be measured is set sooner: rows of cells with one line each.
    """
    about, exact = [], []
    for row in table.rows:
        cells = [cell for cell in row.cells if cell.rowspan == 1]
        needs = [_height(table, cell, edges[cell.column + cell.colspan] - edges[cell.column]) for cell in cells]
        single = max((LINE * size_of(table, cell) + PADDING for cell in cells), default=0.0)
        shifted = any(run.look.position for cell in cells for line in cell.lines for run in line)
        about.append(max(needs, default=0.0))
        exact.append(single if about[-1] <= single and not shifted else 0.0)
    for top, row in enumerate(table.rows):
        for cell in (cell for cell in row.cells if cell.rowspan > 1):
            need = _height(table, cell, edges[cell.column + cell.colspan] - edges[cell.column])
            # The last row grows with a label that is higher than the rows beside it.
            if (lacking := need - sum(about[top : top + cell.rowspan])) > 0:
                about[top + cell.rowspan - 1] += lacking
                exact[top + cell.rowspan - 1] = 0.0
    return about, exact


def kept(table: Table, about: Sequence[float]) -> Iterator[tuple[int, int]]:
    """The rows that a page must not part, if they are `about` so high: where they begin, and how many they are."""
    top = 0
    for group in table.groups:
        if top >= table.head_rows and len(group) > 1:
            count = len(group)
            if sum(about[top : top + count]) > LARGEST_GROUP:
                tall = (number for number, row in enumerate(group) if any(cell.rowspan > TALL for cell in row.cells))
                count = min(next(tall, 0) + BESIDE, count)
            while sum(about[top : top + count]) > HIGH:
                count -= 1
            if count > 1:
                yield top, count
        top += len(group)
