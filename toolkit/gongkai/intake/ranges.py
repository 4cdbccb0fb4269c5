"""A sheet as any kind of workbook holds it: texts and merged ranges, and the printed table that they make.

Rows and columns count from zero here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from gongkai.errors import InputError
from gongkai.filing import Source, decimal_text
from gongkai.intake.printed import Field, Grid

MAX_ROWS, MAX_COLUMNS = 20_000, 200
"""Of one sheet, as far as they hold something; a report has some 60 rows and 10 columns."""
MAX_FIELDS = 200_000
"""Of the table that a sheet makes, and of its merged ranges together."""
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
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Merged] = field(default_factory=list)
    _rows: set[int] = field(default_factory=set)

    def put(self, row: int, column: int, text: str) -> None:
        """Set the text of a cell. Raises InputError where it is there twice, or the sheet larger than any report's."""
        if not text.strip():
            return
        if (row, column) in self.texts:
            raise InputError("cell_twice", file=self.file, place=f"{self.sheet}!{cell_name(row, column)}")
        self._rows.add(row)
        if column >= MAX_COLUMNS or len(self._rows) > MAX_ROWS:
            raise self._too_large(cell_name(row, column))
        self.texts[row, column] = text

    def merge(self, merged: Merged) -> None:
        """Add a merged range. Raises InputError where there are more than any report has."""
        if len(self.merged) == MAX_ROWS:
            raise self._too_large(cell_name(merged.top, merged.left))
        self.merged.append(merged)

    def grid(self) -> Grid | None:
        """The table in this sheet, without rows that hold nothing; None where it holds nothing at all."""
        if not self.texts:
            return None
        rows, width = self._used_rows(), self._used_width()
        if len(rows) * width > MAX_FIELDS:
            raise self._too_large(cell_name(rows[-1], width - 1))
        spans, covered = self._spans(rows, width)
        return Grid(tuple(tuple(self._fields(at, rows, width, spans, covered)) for at in range(len(rows))))

    def _used_rows(self) -> list[int]:
        """The rows that hold something, and those of a merged cell that does: its label may have a row without any."""
        last = max(self._rows)
        used = set(self._rows)
        effort = 0
        for each in self.merged:
            if (each.top, each.left) in self.texts:
                rows = range(each.top, min(each.bottom, last + 1))
                effort += len(rows)
                if effort > MAX_FIELDS:
                    raise self._too_large(cell_name(each.top, each.left))
                used.update(rows)
        return sorted(used)

    def _used_width(self) -> int:
        width = 1 + max(column for _, column in self.texts)
        shown = (each.right for each in self.merged if (each.top, each.left) in self.texts)
        return max([width, *(min(right, MAX_COLUMNS) for right in shown)])

    def _spans(self, rows: list[int], width: int) -> tuple[dict[tuple[int, int], Merged], set[tuple[int, int]]]:
        """The merged range that begins at a place of the table, and the places that merged ranges cover.

        Ranges that overlap, which no program makes, count as not merged but for the first.
        """
        spans: dict[tuple[int, int], Merged] = {}
        covered: set[tuple[int, int]] = set()
        effort = 0
        for each in self.merged:
            top, bottom = bisect_left(rows, each.top), bisect_left(rows, each.bottom)
            places = [
                (row, column) for row in range(top, bottom) for column in range(each.left, min(each.right, width))
            ]
            effort += len(places)
            if effort > MAX_FIELDS:
                raise self._too_large(cell_name(each.top, each.left))
            if not places or not covered.isdisjoint(places) or not spans.keys().isdisjoint(places):
                continue
            spans[places[0]] = each
            covered.update(places[1:])
        return spans, covered

    def _fields(
        self,
        at: int,
        rows: list[int],
        width: int,
        spans: dict[tuple[int, int], Merged],
        covered: set[tuple[int, int]],
    ) -> Iterator[Field]:
        for column in range(width):
            if (at, column) in covered:
                continue
            merged = spans.get((at, column), Merged(rows[at], column, rows[at] + 1, column + 1))
            text = self.texts.get((merged.top, column), "")
            source = Source(file=self.file, sheet=self.sheet, cell=cell_name(merged.top, column))
            height = bisect_left(rows, merged.bottom) - at
            yield Field(text, column, min(merged.right, width), source, height)

    def _too_large(self, cell: str) -> InputError:
        limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
        return InputError("sheet_too_large", file=self.file, place=f"{self.sheet}!{cell}", **limits)


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
