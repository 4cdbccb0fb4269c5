"""The one door to workbooks (openpyxl): opens .xlsx files without trusting them, writes new ones, marks others."""

from gongkai.intake.spreadsheet.annotating import Mark, annotated
from gongkai.intake.spreadsheet.listing import Listing
from gongkai.intake.spreadsheet.reading import Book
from gongkai.intake.spreadsheet.writing import MAX_TEXT, Check, Formula, Look, NewBook, NewSheet, Page, Value, quoted

__all__ = [
    "MAX_TEXT",
    "Book",
    "Check",
    "Formula",
    "Listing",
    "Look",
    "Mark",
    "NewBook",
    "NewSheet",
    "Page",
    "Value",
    "annotated",
    "quoted",
]
