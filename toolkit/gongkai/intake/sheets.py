"""Workbooks of any format and delimited text: the official workbook, or blocks of cells that are printed tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gongkai.filing import Filing
from gongkai.intake import archive, delimited, ods, spreadsheet, workbook, xls
from gongkai.intake.blueprint import ABOUT_SHEET, is_listing
from gongkai.intake.book import Book
from gongkai.intake.copies import filing_of_copies
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import Printed, bounded
from gongkai.intake.published import filing_of
from gongkai.intake.ranges import Cells


class SheetsReader(Reader):
    """Reads any workbook (XLSX, XLS, ODS) or delimited text: the official one by its places, others as published."""

    def recognises(self, document: Document) -> bool:
        is_workbook = archive.kind(document) in ("xlsx", "ods") or xls.recognises(document.content)
        return is_workbook or delimited.recognises(document)

    def read(self, document: Document) -> Filing:
        book = _opened(document)
        if ABOUT_SHEET in book.names:
            return workbook.filing_in(book, document)
        sheets = tuple(_handed_in(book))
        return filing_of_copies(sheets, document) or filing_of(_printed(sheets, document), document)


def printed(document: Document) -> Printed:
    """A table for each run of rows that hold something, sheet by sheet; hidden sheets are left out.

    A column is a column of the sheet, an empty field an empty cell, and a merged range one field. The fields
    of delimited text are at lines. Raises InputError for what cannot be read.
    """
    return _printed(_handed_in(_opened(document)), document)


def _handed_in(book: Book) -> Iterator[Cells]:
    """The visible sheets, without the one that we have added to a workbook that was sent back."""
    return (cells for cells in book.visible() if not is_listing(cells.text(0, 0)))


def _printed(sheets: Iterable[Cells], document: Document) -> Printed:
    return tuple(bounded((grid for cells in sheets for grid in cells.grids()), document.name))


def _opened(document: Document) -> Book:
    if archive.kind(document) == "ods":
        return ods.opened(document)
    if archive.recognises(document.content):
        return spreadsheet.Book(document)
    if xls.recognises(document.content):
        return xls.Book(document)
    return delimited.opened(document)
