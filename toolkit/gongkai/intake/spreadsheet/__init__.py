"""The one door to workbooks (openpyxl): opens .xlsx files without trusting them, and writes new ones."""

from gongkai.intake.spreadsheet.reading import Book
from gongkai.intake.spreadsheet.writing import MAX_TEXT, Check, Formula, Look, NewBook, NewSheet, Page, Value, quoted

__all__ = [
    "MAX_TEXT",
    "Book",
    "Check",
    "Formula",
    "Look",
    "NewBook",
    "NewSheet",
    "Page",
    "Value",
    "quoted",
]
