"""A sheet as any kind of workbook holds it: texts and merged ranges, and the printed tables that they make.

Rows and columns count from zero here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from gongkai.errors import InputError
from gongkai.filing import Source, decimal_text
from gongkai.intake.printed import MAX_CHARACTERS, Field, Grid

MAX_ROWS, MAX_COLUMNS = 20_000, 200
"""Of one sheet, as far as they hold something; a report has some 60 rows and 10 columns."""
MAX_FIELDS = 50_000
"""Of the tables that a sheet makes, and of its merged ranges together."""
UNCOMPUTED = "=?"
"""The text of a formula whose result is not in the file: no number, and no blank either."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells that are shown as one; `bottom` and `right` are the first row and column after them."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Cells:
    """What stands in a sheet: the text of each cell that is not blank, and the merged ranges."""

    file: str
    sheet: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Merged] = field(default_factory=list)
    lines: Sequence[int] | None = None
    """The lines on which the rows of a text begin, which has no sheets and cells."""

    characters: int = 0

    def put(self, row: int, column: int, text: str) -> None:
        """Set the text of a cell. Raises InputError where it is there twice, or the sheet larger than any report's."""
        if not text.strip():
            return
        texts = self.rows.setdefault(row, {})
        self.characters += len(text)
        if column >= MAX_COLUMNS or len(self.rows) > MAX_ROWS or self.characters > MAX_CHARACTERS:
            raise self.too_large(row, column)
        if column in texts:
            raise InputError("cell_twice", file=self.file, place=self.place(row, column))
        texts[column] = text

    def merge(self, merged: Merged) -> None:
        """Add a merged range. Raises InputError where there are more than any report has."""
        if len(self.merged) == MAX_ROWS:
            raise self.too_large(merged.top, merged.left)
        self.merged.append(merged)

    def text(self, row: int, column: int) -> str:
        """The text of a cell, "" for a blank."""
        return self.rows.get(row, {}).get(column, "")

    def grids(self) -> Iterator[Grid]:
        """The tables in this sheet: what stands between rows that hold nothing, from its first column to its last.

        Raises InputError where they are larger than any report's.
        """
        fields = 0
        for block in self._blocks():
            fields += len(block.rows) * len(block.columns)
            if fields > MAX_FIELDS:
                raise self.too_large(block.rows[-1], block.columns[-1])
            yield block.grid()

    def _blocks(self) -> Iterator[_Block]:
        rows = self._used_rows()
        begins = [row for at, row in enumerate(rows) if at == 0 or row > rows[at - 1] + 1]
        ends = [row + 1 for at, row in enumerate(rows) if at + 1 == len(rows) or rows[at + 1] > row + 1]
        merged: list[list[Merged]] = [[] for _ in begins]
        effort = 0
        for each in self.merged:
            # One that is blank may reach over several.
            for at in range(bisect_right(ends, each.top), bisect_left(begins, each.bottom)):
                merged[at].append(each)
                effort += 1
            if effort > MAX_FIELDS:
                raise self.too_large(each.top, each.left)
        yield from (_Block(self, range(*limits), inside) for *limits, inside in zip(begins, ends, merged, strict=True))

    def _used_rows(self) -> list[int]:
        """The rows that hold something, and those of a merged cell that does: its label may have a row without any."""
        last = max(self.rows, default=0)
        used = set(self.rows)
        effort = 0
        for each in self.merged:
            if self.text(each.top, each.left):
                rows = range(each.top, min(each.bottom, last + 1))
                effort += len(rows)
                if effort > MAX_FIELDS:
                    raise self.too_large(each.top, each.left)
                used.update(rows)
        return sorted(used)

    def too_large(self, row: int, column: int) -> InputError:
        """What is raised for a sheet that is larger than any report's."""
        place, limits = self.place(row, column), {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
        return InputError("sheet_too_large", file=self.file, place=place, **limits)

    def source(self, row: int, column: int) -> Source:
        """A cell for a filing."""
        if self.lines is not None:
            return Source(file=self.file, line=self.lines[row])
        return Source(file=self.file, sheet=self.sheet, cell=cell_name(row, column))

    def place(self, row: int, column: int) -> str | int:
        """A cell for a message."""
        return self.lines[row] if self.lines is not None else f"{self.sheet}!{cell_name(row, column)}"


class _Block:
    """Rows of a sheet that follow each other and hold something."""

    def __init__(self, cells: Cells, rows: range, merged: Sequence[Merged]) -> None:
        self.rows = rows
        self._cells, self._merged = cells, merged
        used = [column for row in rows for column in cells.rows.get(row, ())]
        shown = [min(each.right, MAX_COLUMNS) for each in merged if cells.text(each.top, each.left)]
        self.columns = range(min(used), max([max(used) + 1, *shown]))

    def grid(self) -> Grid:
        """The table: in each row the cells that begin in it; a merged range is one, of the size that is shown."""
        spans, covered = self._spans()
        return Grid(
            tuple(
                tuple(
                    self._field(row, column, spans.get((row, column)))
                    for column in self.columns
                    if (row, column) not in covered
                )
                for row in self.rows
            )
        )

    def _spans(self) -> tuple[dict[tuple[int, int], Merged], set[tuple[int, int]]]:
        """The merged range that begins at a place, as far as it is shown, and the places that such ranges cover.

        Ranges that overlap, which no program makes, count as not merged but for the first.
        """
        spans: dict[tuple[int, int], Merged] = {}
        covered: set[tuple[int, int]] = set()
        effort = 0
        for each in self._merged:
            rows = range(max(each.top, self.rows.start), min(each.bottom, self.rows.stop))
            columns = range(max(each.left, self.columns.start), min(each.right, self.columns.stop))
            effort += len(rows) * len(columns)
            if effort > MAX_FIELDS:
                raise self._cells.too_large(each.top, each.left)
            places = [(row, column) for row in rows for column in columns]
            if places and covered.isdisjoint(places) and spans.keys().isdisjoint(places):
                spans[places[0]] = Merged(rows.start, columns.start, rows.stop, columns.stop)
                covered.update(places[1:])
        return spans, covered

    def _field(self, row: int, column: int, merged: Merged | None) -> Field:
        right, bottom = (merged.right, merged.bottom) if merged else (column + 1, row + 1)
        cells = self._cells
        return Field(cells.text(row, column), column, right, cells.source(row, column), bottom - row)


def cell_name(row: int, column: int) -> str:
    """The name of a cell as people see it: "D7" for row 6, column 3."""
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def shown(value: Any) -> str:
    """The text of a stored value: numbers in their shortest plain form, dates in ISO form."""
    match value:
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case float():
            # More digits than these are not the number's but the float's.
            return decimal_text(Decimal(f"{value:.15g}"))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
    return str(value)
