"""Workbooks that are not the official one, and delimited text: each block of a visible sheet is a printed table."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.filing import Filing
from gongkai.intake import archive, delimited, ods, xls
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import Printed, bounded
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
    """A table for each run of rows that hold something, sheet by sheet; hidden sheets are left out.

    A column is a column of the sheet, an empty field an empty cell, and a merged range one field. The fields
    of delimited text are at lines. Raises InputError for what cannot be read.
    """
    return tuple(bounded((grid for cells in _sheets(document) for grid in cells.grids()), document.name))


def _sheets(document: Document) -> Iterable[Cells]:
    if archive.kind(document) == "ods":
        return ods.visible(document)
    if archive.recognises(document.content):
        return Book(document).visible()
    if xls.recognises(document.content):
        return xls.visible(document)
    return (delimited.cells(document),)
