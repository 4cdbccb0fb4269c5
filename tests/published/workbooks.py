"""Reports as workbooks that an office made for itself: no hidden marks, titles and notes around, one sheet or many."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gongkai.filing import Cell, Filing
from tests.published.report import Report, Sheet, Spot
from tests.published.tears import NOTES


@dataclass(frozen=True, slots=True)
class Habit:
    """How one clerk keeps a workbook."""

    as_text: bool
    """Whether numbers are typed into cells formatted as text."""
    formulas: bool
    left: int
    draw: random.Random


def write_one(report: Report, draw: random.Random, path: Path) -> None:
    """All tables below each other on one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = draw.choice(("Sheet1", "年报", "附表"))
    habit = _habit(draw)
    row = _titled(page, report, 1)
    for block in report.blocks:
        if isinstance(block, Sheet):
            row = _placed(page, report.filing, block, row, habit) + draw.randint(1, 3)
        elif block.kind == "section" and _tabled(report, block.text):
            page.cell(row, habit.left, block.text)
            row += 1
    _signed(page, report, row, habit)
    book.save(path)


def write_many(report: Report, draw: random.Random, path: Path) -> None:
    """A sheet for each table."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    habit = _habit(draw)
    named = draw.random() < 0.6
    for number, sheet in enumerate(report.sheets, start=1):
        words = report.filing.form.tables[sheet.table]
        page = book.create_sheet(words.name.zh if named else f"Sheet{number}")
        row = _titled(page, report, 1)
        row = _placed(page, report.filing, sheet, row, habit)
        _signed(page, report, row + 1, habit)
    book.save(path)


def _habit(draw: random.Random) -> Habit:
    return Habit(as_text=draw.random() < 0.3, formulas=draw.random() < 0.3, left=draw.choice((1, 1, 2)), draw=draw)


def _titled(page: Any, report: Report, row: int) -> int:
    """Write what stands above tables; the row below it."""
    # Whoever prints a sheet or makes a PDF of it lets it fit the width of the page.
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToHeight = 0
    page.cell(row, 1, report.title)
    page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=8)
    return row + 2


def _tabled(report: Report, heading: str) -> bool:
    return any(section.table and heading.endswith(section.title.zh) for section in report.filing.form.sections)


def _signed(page: Any, report: Report, row: int, habit: Habit) -> None:
    if habit.draw.random() < 0.5:
        page.cell(row, habit.left, habit.draw.choice(NOTES))
    page.cell(row + 1, habit.left, f"填报单位：{report.filing.agency}")
    page.cell(row + 1, habit.left + 5, f"填报日期：{report.filing.facts['signed'].text}")


def _placed(page: Any, filing: Filing, sheet: Sheet, top: int, habit: Habit) -> int:
    """Write a table with its first row at `top`; the row below it."""
    from openpyxl.styles import Alignment, Border, Side

    edge = Side(style="thin")
    for spot in sheet.spots:
        row, column = top + spot.row, habit.left + spot.column
        cell = page.cell(row, column)
        cell.border = Border(edge, edge, edge, edge)
        cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        _fill(cell, spot, filing, habit)
        if spot.rowspan > 1 or spot.colspan > 1:
            page.merge_cells(
                start_row=row, start_column=column, end_row=row + spot.rowspan - 1, end_column=column + spot.colspan - 1
            )
    _sized(page, sheet, top, habit)
    if habit.formulas:
        _add_up(page, filing, sheet, top, habit)
    return top + sheet.height


def _sized(page: Any, sheet: Sheet, top: int, habit: Habit) -> None:
    """Rows and columns wide enough for what they hold, as whoever prints them makes them; in columns of letters."""
    from openpyxl.utils import get_column_letter

    wide = min((spot.column for spot in sheet.spots if spot.role == "value"), default=0)
    for column in range(sheet.width):
        page.column_dimensions[get_column_letter(habit.left + column)].width = 24 if column < wide else 12
    for spot in sheet.spots:
        room = sum(24 if column < wide else 12 for column in range(spot.column, spot.column + spot.colspan))
        lines = -(-2 * len(spot.text) // (room - 2))
        row = page.row_dimensions[top + spot.row]
        row.height = max(row.height or 0, 16 * -(-lines // spot.rowspan))


def _fill(cell: Any, spot: Spot, filing: Filing, habit: Habit) -> None:
    known = filing.cells[spot.address] if spot.address else None
    if known and known.kind == "number" and _is_plain(known) and not habit.as_text:
        cell.value = float(known.value) if isinstance(known.value, Decimal) else known.value
        if "," in known.raw:
            cell.number_format = "#,##0.####" if "." in known.raw else "#,##0"
    elif spot.text:
        cell.value = spot.text
        cell.number_format = "@"


def _is_plain(cell: Cell) -> bool:
    """Whether a program shows the number as it was printed."""
    return cell.raw.replace(",", "").replace(".", "").isascii() and not cell.raw[-1:].isalpha()


def _add_up(page: Any, filing: Filing, sheet: Sheet, top: int, habit: Habit) -> None:
    """Totals as formulas, where they are what a formula gives."""
    for row in sheet.rows:
        values = [spot for spot in row if spot.address]
        numbers = [filing.cells[spot.address or ""] for spot in values]
        plain = all(isinstance(each.value, int) and _is_plain(each) for each in numbers)
        if len(values) != 7 or not plain or habit.as_text:
            continue
        *members, total = (int(each.value or 0) for each in numbers)
        if sum(members) == total:
            first, last = (
                page.cell(top + spot.row, habit.left + spot.column).coordinate for spot in (values[0], values[-2])
            )
            page.cell(top + values[-1].row, habit.left + values[-1].column).value = f"=SUM({first}:{last})"
