"""Writes workbooks: cells with looks and checks, locked labels, the same bytes for the same content."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from gongkai.errors import UsageError
from gongkai.filing import MAX_DIGITS
from gongkai.intake import escapes
from gongkai.intake.book import Place, place_name
from gongkai.workspace import write_bytes

Value = str | int | Decimal | None
Look = Literal["title", "hint", "label", "input", "field", "text", "fixed", "figure", "mark", "note"]

MAX_TEXT = 32767
"""Characters that one cell of a workbook can hold."""

_EPOCH = datetime(2021, 1, 1)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula to be written; a text is never taken for one."""

    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a cell takes while it is typed: the refusal of anything else, and what is shown beforehand."""

    kind: Literal["count", "amount", "change", "year", "choice"]
    title: str
    refusal: str
    prompt: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """How a sheet is shown and printed; widths are in characters, heights in points."""

    widths: Mapping[int, float]
    heights: Mapping[int, float]
    landscape: bool = False
    freeze: Place | None = None
    filtered: tuple[Place, Place] | None = None
    """The first and the last place of a table to sort and filter by its head; its sheet is not locked."""


@dataclass
class NewSheet:
    """A sheet that is being written; all of it is locked but what looks like an input."""

    _sheet: Any
    _checks: dict[Check, list[Place]] = field(default_factory=dict)

    def put(self, place: Place, value: Value | Formula, look: Look, span: tuple[int, int] = (1, 1)) -> None:
        """Write `value` at `place`, over `span` rows and columns. Raises UsageError for a text too long for a cell."""
        cell: Any = self._sheet.cell(*place)
        match value:
            case Formula():
                cell.value = value.text
            case str() if value:
                self._put_text(cell, place, value)
            case int() | Decimal():
                cell.value = value
        bottom, right = place[0] + span[0] - 1, place[1] + span[1] - 1
        if span != (1, 1):
            self._sheet.merge_cells(start_row=place[0], start_column=place[1], end_row=bottom, end_column=right)
        # A merged cell is framed, and free to be typed in, only where all of its parts are.
        for row in range(place[0], bottom + 1):
            for column in range(place[1], right + 1):
                self._sheet.cell(row, column).style = look

    def _put_text(self, cell: Any, place: Place, text: str) -> None:
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if len(text) > MAX_TEXT:
            raise UsageError("text_too_long", place=f"{self._sheet.title}!{place_name(place)}", limit=MAX_TEXT)
        cell.value = escapes.encoded(ILLEGAL_CHARACTERS_RE.sub("", text))
        # openpyxl takes what begins with "=" for a formula and "#N/A" for an error; a text is a text.
        cell.data_type = "s"

    def check(self, place: Place, check: Check) -> None:
        """Let `place` take only what `check` allows."""
        self._checks.setdefault(check, []).append(place)

    def colour(self, places: Iterable[Place], starts_with: str, *, good: bool) -> None:
        """Colour those of `places` whose text starts so: red, or green where that is good."""
        from openpyxl.formatting import rule
        from openpyxl.styles import Font, PatternFill

        make: Any = rule.FormulaRule
        font = Font(color="FF2E7D32") if good else Font(color="FFB00020", bold=True)
        fill = None if good else PatternFill(bgColor="FFFFC7CE", fill_type="solid")
        for place in places:
            name = place_name(place)
            test = f"LEFT({name},{len(starts_with)})={quoted(starts_with)}"
            self._sheet.conditional_formatting.add(name, make([test], font=font, fill=fill))

    def finish(self, page: Page) -> None:
        """Lay out the page, lock the labels, set the checks."""
        from openpyxl.utils import get_column_letter

        sheet = self._sheet
        for column, width in page.widths.items():
            sheet.column_dimensions[get_column_letter(column)].width = width
        for row, height in page.heights.items():
            sheet.row_dimensions[row].height = height
        sheet.freeze_panes = place_name(page.freeze) if page.freeze else None
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.orientation = "landscape" if page.landscape else "portrait"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_options.horizontalCentered = True
        for margin in ("left", "right", "top", "bottom"):
            setattr(sheet.page_margins, margin, 0.5)
        if page.filtered:
            sheet.auto_filter.ref = ":".join(map(place_name, page.filtered))
        else:
            # Nobody is kept from making room for a long label.
            sheet.protection.formatColumns = sheet.protection.formatRows = False
            sheet.protection.enable()
        for check, places in self._checks.items():
            self._validate(check, places)

    def _validate(self, check: Check, places: Iterable[Place]) -> None:
        from openpyxl.worksheet.datavalidation import DataValidation

        about: dict[str, Any] = {
            "count": {"type": "whole", "operator": "greaterThanOrEqual", "formula1": "0"},
            "amount": {"type": "decimal", "operator": "greaterThanOrEqual", "formula1": "0"},
            "change": {"type": "whole", "operator": "greaterThan", "formula1": str(-(10**MAX_DIGITS))},
            "year": {"type": "whole", "operator": "between", "formula1": "2000", "formula2": "2999"},
            "choice": {"type": "list", "formula1": quoted(",".join(check.choices))},
        }[check.kind]
        rule = DataValidation(**about, allow_blank=True, showErrorMessage=True, showInputMessage=bool(check.prompt))
        rule.errorTitle, rule.error = check.title, check.refusal
        if check.prompt:
            rule.promptTitle, rule.prompt = check.title, check.prompt
        for place in places:
            rule.add(place_name(place))
        self._sheet.add_data_validation(rule)


class NewBook:
    """A workbook that is being written: the same content gives the same bytes."""

    def __init__(self, font: str) -> None:
        import openpyxl
        from openpyxl.styles import NamedStyle

        self._book = openpyxl.Workbook()
        self._book.remove(self._book.worksheets[0])
        self._book.properties.creator = "gongkai"
        self._book.properties.created = _EPOCH
        for name, look in _looks(font).items():
            self._book.add_named_style(NamedStyle(name, **look))

    def sheet(self, name: str, *, hidden: bool = False) -> NewSheet:
        """A new sheet after those there are; a hidden one cannot be shown by hand."""
        sheet = self._book.create_sheet(name)
        sheet.sheet_view.showGridLines = False
        if hidden:
            sheet.sheet_state = "veryHidden"
        return NewSheet(sheet)

    def save(self, target: Path) -> None:
        """Write the workbook to `target`, whole or not at all; its sheets stay those there are."""
        from openpyxl.workbook.protection import WorkbookProtection

        self._book.security = WorkbookProtection(lockStructure=True)
        write_bytes(target, self.content())

    def content(self) -> bytes:
        """The workbook as the bytes of a file."""
        stream, written = io.BytesIO(), io.BytesIO()
        self._book.save(stream)
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
            old = zipfile.ZipFile(stream)
            for member in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
                content = old.read(member)
                if member == "docProps/core.xml":
                    content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2021-01-01T00:00:00Z", content)
                information = zipfile.ZipInfo(member, date_time=_EPOCH.timetuple()[:6])
                information.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(information, content)
        return written.getvalue()


def quoted(text: str) -> str:
    """`text` as a string inside a formula."""
    return '"' + text.replace('"', '""') + '"'


def _looks(font: str) -> Mapping[Look, Mapping[str, Any]]:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

    def fill(colour: str) -> Any:
        return PatternFill("solid", fgColor=colour)

    line = Side(style="thin", color="FF7F7F7F")
    box = Border(left=line, right=line, top=line, bottom=line)
    plain, small, grey = Font(name=font, size=11), Font(name=font, size=9), Font(name=font, size=9, color="FF5F5F5F")
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    left = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
    above = Alignment(horizontal="left", vertical="top", wrap_text=True)
    whole = Alignment(horizontal="center", vertical="center", shrink_to_fit=True)
    boxed = {"font": plain, "alignment": middle, "border": box}
    free = boxed | {"fill": fill("FFFFF8DC"), "protection": Protection(locked=False)}
    return {
        "title": {"font": Font(name=font, size=14, bold=True), "alignment": middle},
        "hint": {"font": grey, "alignment": left},
        "label": boxed | {"fill": fill("FFEDF1F5")},
        "input": free,
        # Kept as text, so that no program makes a number or a date of what is typed.
        "field": free | {"alignment": left, "number_format": "@"},
        "text": free | {"alignment": above, "number_format": "@"},
        "fixed": boxed | {"alignment": left},
        "figure": boxed | {"fill": fill("FFE3EEF9")},
        "mark": boxed | {"font": grey, "alignment": whole},
        "note": boxed | {"font": small, "alignment": left},
    }
