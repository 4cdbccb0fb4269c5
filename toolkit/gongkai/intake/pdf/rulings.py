"""The tables that the rules of a page draw: their rows and columns, and the cells between the rules.

Places are points from the top left of the page. Nothing is known here of text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

FINE = 0.5
"""What is drawn for one rule lies so near together."""
SNAP = 3.0
"""Rules that are as near to each other as this are one: double borders, borders of neighbours, edges of grounds."""
THICKEST = 8.0
"""Rules put on one line lie within so many points; no row and no column is as narrow."""
MOSTLY = 0.4
"""A side of a cell is closed if so large a share of it is covered: dashes, more than rules that cross there."""
GAP = 7.0
"""A rule may be interrupted by so much: dashes, and what is left out where rules cross."""
SHORTEST = 8.0
"""What is shorter is no border of a cell, but a dot or a part of a letter."""
MEET = 5.0
"""Rules whose ends are so near meet."""
OVERHANG = 8.0
"""A rule that reaches further than the last one across leaves a column or a row open there."""
BELOW = 36.0
"""How far the text of a cell may reach below a table that the end of the page has torn, in points.

Browsers end the borders of a row where its shortest cell ends there.
"""
MOST_PAIRS = 1_000_000
MOST_PLACES = 20_000
"""So many pairs of rules across each other, so many places in a grid: a drawing has more, no table."""


class Ruling(NamedTuple):
    """A straight rule parallel to an edge of the page: `at` on the one axis, from `start` to `end` on the other."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: rows [`top`, `bottom`) and columns [`left`, `right`) of its lattice.

    `outside` says that no rule closes it on a side of the table where other cells have one: where it holds nothing,
    it is a place beside the table.
    """

    top: int
    bottom: int
    left: int
    right: int
    outside: bool = False


@dataclass(frozen=True)
class Lattice:
    """A ruled table: the places of its rules from left to right and from top to bottom, and its cells by rows."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[Cell, ...]
    _owner: dict[tuple[int, int], Cell] = field(repr=False)
    _open: frozenset[int] = field(repr=False)

    def at(self, x: float, y: float) -> Cell | None:
        """The cell at a point of the page."""
        return self._owner.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))

    def above(self, x: float, y: float) -> Cell | None:
        """The cell that ends just above a point of the page, where no rule closes it."""
        column = bisect_right(self.xs, x) - 1
        near = column in self._open and self.ys[-1] <= y < self.ys[-1] + BELOW
        return self._owner[len(self.ys) - 2, column] if near else None


def lattices(horizontal: Iterable[Ruling], vertical: Iterable[Ruling]) -> list[Lattice]:
    """The tables of a page from its rules, those that begin higher (then further left) first."""
    across, down = _merged(horizontal, FINE, FINE), _merged(vertical, FINE, FINE)
    if len(across) * len(down) > MOST_PAIRS:
        return []
    # Only rules of one table are put on one line: columns of others may be as near.
    found = (_lattice(*(_merged(each, SNAP, THICKEST) for each in both)) for both in _connected(across, down))
    return sorted((each for each in found if each), key=lambda each: (each.ys[0], each.xs[0]))


def _merged(rulings: Iterable[Ruling], near: float, thickest: float) -> list[Ruling]:
    """Rules that lie almost on one line are put on it, and those that almost touch there are joined.

    A line takes up rules that are `near` to each other, `thickest` from the first to the last.
    """
    groups: list[list[Ruling]] = []
    for ruling in sorted(rulings):
        if groups and ruling.at - groups[-1][-1].at <= near and ruling.at - groups[-1][0].at <= thickest:
            groups[-1].append(ruling)
        else:
            groups.append([ruling])
    merged = []
    for group in groups:
        weight = sum(each.end - each.start for each in group)
        at = sum(each.at * (each.end - each.start) for each in group) / weight if weight else group[0].at
        spans: list[tuple[float, float]] = []
        for start, end in sorted((each.start, each.end) for each in group):
            if spans and start - spans[-1][1] <= GAP:
                spans[-1] = spans[-1][0], max(end, spans[-1][1])
            else:
                spans.append((start, end))
        merged += [Ruling(at, start, end) for start, end in spans if end - start >= SHORTEST]
    return merged


def _connected(across: Sequence[Ruling], down: Sequence[Ruling]) -> Iterator[tuple[list[Ruling], list[Ruling]]]:
    """The rules by the table that they are of: those that meet, directly or by others."""
    parent = list(range(len(across) + len(down)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, row in enumerate(across):
        for other, column in enumerate(down, start=len(across)):
            if _covers(row, column.at) and _covers(column, row.at):
                parent[root(one)] = root(other)
    tables: dict[int, tuple[list[Ruling], list[Ruling]]] = defaultdict(lambda: ([], []))
    for number, ruling in enumerate([*across, *down]):
        tables[root(number)][number >= len(across)].append(ruling)
    return (table for table in tables.values() if all(table))


def _covers(ruling: Ruling, place: float) -> bool:
    return ruling.start - MEET <= place <= ruling.end + MEET


def _lattice(across: Sequence[Ruling], down: Sequence[Ruling]) -> Lattice | None:
    xs, ys = _places(down, across), _places(across, down)
    if len(xs) < 3 or len(ys) < 2 or len(xs) * len(ys) > MOST_PLACES:
        # One column is a frame around text, or its background.
        return None
    left_of, above = _walls(down, xs, ys), _walls(across, ys, xs)
    size = len(ys) - 1, len(xs) - 1
    sides = {edge for edge, _ in left_of} & {0, size[1]}, {edge for edge, _ in above} & {0, size[0]}
    owner: dict[tuple[int, int], Cell] = {}
    for place in product(range(size[0]), range(size[1])):
        if place not in owner:
            region = _region(place, left_of, above, size)
            outside = any(
                (edge in sides[0] and (edge, row) not in left_of) or (rim in sides[1] and (rim, column) not in above)
                for row, column in region
                for edge, rim in ((column, row), (column + 1, row + 1))
            )
            for cell in _cut(region, outside):
                owner |= dict.fromkeys(product(range(cell.top, cell.bottom), range(cell.left, cell.right)), cell)
    unclosed = frozenset(column for column in range(size[1]) if (size[0], column) not in above)
    cells = sorted(set(owner.values()), key=lambda each: (each.top, each.left))
    return Lattice(tuple(xs), tuple(ys), tuple(cells), owner, unclosed)


def _places(own: Sequence[Ruling], crossing: Sequence[Ruling]) -> list[float]:
    """Where rows or columns end: at each rule, and where the crossing rules end if the table is open there."""
    places = sorted({ruling.at for ruling in own})
    first, last = min(each.start for each in crossing), max(each.end for each in crossing)
    before = [first] if places[0] - first > OVERHANG else []
    after = [last] if last - places[-1] > OVERHANG else []
    return [*before, *places, *after]


Walls = set[tuple[int, int]]
"""Rule and the step along it that it covers, by their numbers in the lattice."""


def _walls(rulings: Sequence[Ruling], places: Sequence[float], along: Sequence[float]) -> Walls:
    number = {place: each for each, place in enumerate(places)}
    covered: defaultdict[tuple[int, int], float] = defaultdict(float)
    for ruling in rulings:
        for step in range(
            max(bisect_right(along, ruling.start) - 1, 0), min(bisect_left(along, ruling.end), len(along) - 1)
        ):
            length = min(ruling.end, along[step + 1]) - max(ruling.start, along[step])
            covered[number[ruling.at], step] += length / (along[step + 1] - along[step])
    return {place for place, share in covered.items() if share >= MOSTLY}


def _region(place: tuple[int, int], left_of: Walls, above: Walls, size: tuple[int, int]) -> set[tuple[int, int]]:
    """All places of the grid (row, column) that no rule parts from this one."""
    height, width = size
    found, waiting = {place}, [place]
    while waiting:
        row, column = waiting.pop()
        ways = (
            (row, column - 1, column > 0 and (column, row) not in left_of),
            (row, column + 1, column + 1 < width and (column + 1, row) not in left_of),
            (row - 1, column, row > 0 and (row, column) not in above),
            (row + 1, column, row + 1 < height and (row + 1, column) not in above),
        )
        for down, right, free in ways:
            if free and (down, right) not in found:
                found.add((down, right))
                waiting.append((down, right))
    return found


def _cut(region: set[tuple[int, int]], outside: bool) -> Iterator[Cell]:
    """The region as a cell; where it is no rectangle (a rule is missing), as one cell for each of its lines."""
    top, bottom = min(row for row, _ in region), max(row for row, _ in region) + 1
    left, right = min(column for _, column in region), max(column for _, column in region) + 1
    if len(region) == (bottom - top) * (right - left):
        yield Cell(top, bottom, left, right, outside)
        return
    for row in range(top, bottom):
        columns = sorted(column for each, column in region if each == row)
        starts = [column for column in columns if column - 1 not in columns]
        ends = [column + 1 for column in columns if column + 1 not in columns]
        for start, end in zip(starts, ends, strict=True):
            yield Cell(row, row + 1, start, end, outside)
