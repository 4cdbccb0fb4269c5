"""Workbooks that are not the official one, and delimited text: each visible sheet is a printed table."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.filing import Filing
from gongkai.intake import archive, delimited, ods, xls
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import Printed
from gongkai.intake.published import filing_of
from gongkai.intake.ranges import Cells
from gongkai.intake.spreadsheet import Book


class SheetsReader(Reader):
    """Reads any workbook (XLSX, XLS, ODS) or delimited text as a published report."""

    def recognises(self, document: Document) -> bool:
        is_workbook = archive.kind(document) in ("xlsx", "ods") or xls.recognises(document.content)
        return is_workbook or delimited.recognises(document)

    def read(self, document: Document) -> Filing:
        return filing_of(printed(document), document)


def printed(document: Document) -> Printed:
    """A table for each visible sheet that holds something, in their order.

    A column is a column of the sheet, an empty field an empty cell, and a merged range one field. Rows that hold
    nothing are left out; fields of delimited text are at lines. Raises InputError for what cannot be read.
    """
    if archive.recognises(document.content):
        sheets = ods.visible(document) if archive.kind(document) == "ods" else Book(document).visible()
        return _grids(sheets)
    if xls.recognises(document.content):
        return _grids(xls.visible(document))
    return (delimited.grid(document),)


def _grids(sheets: Iterable[Cells]) -> Printed:
    return tuple(grid for cells in sheets if (grid := cells.grid()))
