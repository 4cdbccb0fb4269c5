"""The one door to workbooks (openpyxl): opens .xlsx files without trusting them, and writes new ones.

Places are (row, column), counted from one.
"""

from gongkai.intake.spreadsheet.places import Place, place_name
from gongkai.intake.spreadsheet.reading import Book, Sheet, sheet_names
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
    "Place",
    "Sheet",
    "Value",
    "place_name",
    "quoted",
    "sheet_names",
]
