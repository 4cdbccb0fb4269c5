"""The official tables as grids of merged cells: one layout for workbook, web page, document and terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from gongkai.authored import Words
from gongkai.forms import Band, Node, load_form

Role = Literal["caption", "head", "stub", "value"]


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of an official table; `row` and `column` count from zero, spans from one.

    `caption` is the line that opens a band, `head` a label of the boxhead (or above the stub), `stub` a label of a
    row, `value` a data cell with its `address`. `headers` are the places of the labels that a value stands under.
    """

    row: int
    column: int
    rowspan: int
    colspan: int
    role: Role
    words: Words | None = None
    address: str | None = None
    headers: tuple[tuple[int, int], ...] = ()

    @property
    def place(self) -> tuple[int, int]:
        return self.row, self.column


@dataclass(frozen=True, slots=True)
class Grid:
    """One official table: `height` rows by `width` columns, the cells in reading order, `head_rows` at the top."""

    table: str
    height: int
    width: int
    head_rows: int
    cells: tuple[GridCell, ...]

    def rows(self) -> Iterator[tuple[GridCell, ...]]:
        """The cells by the row that they begin in."""
        for number in range(self.height):
            yield tuple(cell for cell in self.cells if cell.row == number)

    def values(self) -> Iterator[GridCell]:
        """The data cells."""
        return (cell for cell in self.cells if cell.role == "value")


@cache
def layout(edition: str, table: str) -> Grid:
    """The grid of one official table, its merged cells worked out from the form."""
    model = load_form(edition).tables[table]
    width = max(model.width, *map(_width, model.bands))
    cells: list[GridCell] = []
    top = 0
    for band in model.bands:
        cells += _band(band, table, top, width)
        top = max(cell.row + cell.rowspan for cell in cells)
    head_rows = min(cell.row for cell in cells if cell.role == "value") if len(model.bands) == 1 else 0
    return Grid(table, top, width, head_rows, tuple(sorted(cells, key=lambda cell: cell.place)))


def _depth(nodes: Sequence[Node]) -> int:
    return 1 + max((_depth(node.children) for node in nodes if node.children), default=0)


def _width(band: Band) -> int:
    if band.across:
        return len(band.leaf_rows) * len(band.leaf_columns)
    return _depth(band.rows) + len(band.leaf_columns)


def _band(band: Band, table: str, top: int, width: int) -> Iterator[GridCell]:
    if band.caption:
        yield GridCell(top, 0, 1, width, "caption", band.caption)
        top += 1
    yield from _across(band, table, top) if band.across else _matrix(band, table, top, width)


def _heads(nodes: Sequence[Node], top: int, left: int, height: int, last: int) -> Iterator[GridCell]:
    """The boxhead of `nodes`: spanners above, leaves down to the bottom; `last` more columns fall to the last leaf."""
    for number, node in enumerate(nodes):
        extra = last if number == len(nodes) - 1 else 0
        colspan = sum(1 for _ in node.leaves()) + extra
        rowspan = 1 if node.children else height
        yield GridCell(top, left, rowspan, colspan, "head", node.label)
        yield from _heads(node.children, top + 1, left, height - 1, extra)
        left += colspan


def _stubs(nodes: Sequence[Node], top: int, left: int, width: int) -> Iterator[GridCell]:
    """The stub of `nodes`: group labels on the left, leaves out to the values."""
    for node in nodes:
        rowspan = sum(1 for _ in node.leaves())
        yield GridCell(top, left, rowspan, 1 if node.children else width, "stub", node.label)
        yield from _stubs(node.children, top, left + 1, width - 1)
        top += rowspan


def _matrix(band: Band, table: str, top: int, width: int) -> Iterator[GridCell]:
    stub, head = _depth(band.rows), _depth(band.columns)
    # Where a band has fewer columns than its table, the last one is as wide as what is left.
    extra = width - stub - len(band.leaf_columns)
    corner = [GridCell(top, 0, head, stub, "head", band.head)] if band.head else []
    heads = list(_heads(band.columns, top, stub, head, extra))
    stubs = list(_stubs(band.rows, top + head, 0, stub))
    yield from corner + heads + stubs
    for line, row in enumerate(band.leaf_rows, start=top + head):
        for number, column in enumerate(band.leaf_columns):
            left = stub + number
            colspan = 1 + (extra if number == len(band.leaf_columns) - 1 else 0)
            above = tuple(cell.place for cell in heads if cell.column <= left < cell.column + cell.colspan)
            beside = tuple(cell.place for cell in stubs if cell.row <= line < cell.row + cell.rowspan)
            address = f"{table}.{row.key}.{column.key}"
            yield GridCell(line, left, 1, colspan, "value", address=address, headers=above + beside)


def _across(band: Band, table: str, top: int) -> Iterator[GridCell]:
    depth, each = _depth(band.rows), len(band.leaf_columns)
    heads = list(_spanners(band.rows, band, top, 0, depth))
    yield from heads
    left = 0
    for row in band.leaf_rows:
        for column in band.leaf_columns:
            above = tuple(cell.place for cell in heads if cell.column <= left < cell.column + cell.colspan)
            address = f"{table}.{row.key}.{column.key}"
            yield GridCell(top + depth + 1, left, 1, 1, "value", address=address, headers=above)
            left += 1
    assert left == each * len(band.leaf_rows)


def _spanners(rows: Sequence[Node], band: Band, top: int, left: int, depth: int) -> Iterator[GridCell]:
    """Rows laid across: a spanner a row, the columns of a row that ends early reaching down to the values."""
    for row in rows:
        colspan = sum(1 for _ in row.leaves()) * len(band.leaf_columns)
        yield GridCell(top, left, 1, colspan, "head", row.label)
        if row.children:
            yield from _spanners(row.children, band, top + 1, left, depth - 1)
        else:
            yield from _heads(band.columns, top + 1, left, depth, 0)
        left += colspan
