"""What a document no longer shows for certain: cells that a reader may doubt or leave unread, but never misread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from gongkai.filing import Cell, Filing
from gongkai.tables import layout

Losses = Callable[[Filing], frozenset[str]]

NARROW = 4
"""The characters that a narrow column of a Word file surely holds on one line."""


def nothing(filing: Filing) -> frozenset[str]:
    return frozenset()


def everything(filing: Filing) -> frozenset[str]:
    """Numbers stand apart from their rows, as where columns are taken out one after the other."""
    return frozenset(filing.cells)


def _row_by_row(lost: Callable[[Cell], bool], filing: Filing) -> frozenset[str]:
    """All rows that hold a cell which is `lost`: without its place, no other in its row has a place for certain."""
    return frozenset(
        address for row in _rows(filing) if any(lost(filing.cells[each]) for each in row) for address in row
    )


def _rows(filing: Filing) -> Iterator[list[str]]:
    for table in filing.form.tables:
        for row in layout(filing.edition, table).rows():
            yield [cell.address for cell in row if cell.address]


def _blank(cell: Cell) -> bool:
    return cell.kind == "blank"


def _blank_or_torn(cell: Cell) -> bool:
    return cell.kind == "blank" or len(cell.raw) > NARROW


blanks: Losses = partial(_row_by_row, _blank)
"""Blanks leave no trace."""

blanks_and_long_numbers: Losses = partial(_row_by_row, _blank_or_torn)
"""Blanks leave no trace, and numbers may be torn between lines."""
