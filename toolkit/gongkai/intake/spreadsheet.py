"""The one door to workbooks (openpyxl): opens .xlsx files without trusting them, and writes new ones.

Places are (row, column), counted from one.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, Literal

from gongkai.errors import InputError, UsageError
from gongkai.filing import MAX_DIGITS, Source, decimal_text
from gongkai.intake import escapes
from gongkai.intake.interface import Document
from gongkai.workspace import replacing

Place = tuple[int, int]
Value = str | int | Decimal | None
Look = Literal["title", "hint", "label", "input", "field", "text", "fixed", "figure", "mark", "note"]

MAX_BYTES = 64 * 2**20
"""Of all members of an .xlsx file together, unpacked; an official workbook has some 150 KiB."""
MAX_MEMBERS = 1000
MAX_TEXT = 32767
"""Characters that one cell of a workbook can hold."""

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_WORKBOOK = "xl/workbook.xml"
_EPOCH = datetime(2021, 1, 1)


def recognises(content: bytes) -> bool:
    """Whether `content` is a workbook, or was one: an old, encrypted or broken one is recognised and then refused."""
    if content.startswith(_OLE):
        return True
    if not content.startswith(_ZIP):
        return False
    members = _members(content)
    return members is None or any(member.filename == _WORKBOOK for member in members)


def place_name(place: Place) -> str:
    """The name of a place as people see it: "D7"."""
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(place[1])}{place[0]}"


@dataclass(frozen=True)
class Sheet:
    """What stands in the upper left part of a sheet: the text of each cell that is not blank.

    Numbers are written in their shortest plain form, dates in ISO form; a formula counts with its stored value.
    """

    file: str
    name: str
    texts: Mapping[Place, str]
    find_formulas: Callable[[], set[Place]]
    """Finds those without a stored value; only called where a blank is met, since it reads the sheet once more."""

    def text(self, place: Place) -> str:
        """The text at `place`, "" for a blank. Raises InputError for a formula without a stored value."""
        if place not in self.texts and place in self.uncomputed:
            raise InputError("formula_without_value", file=self.file, place=self.where(place))
        return self.texts.get(place, "")

    @cached_property
    def uncomputed(self) -> set[Place]:
        """Formulas that nobody has calculated yet, so that their value is unknown."""
        with _refused_if_broken(self.file, self.name):
            return self.find_formulas()

    def where(self, place: Place) -> str:
        """`place` for a message: sheet and cell."""
        return f"{self.name}!{place_name(place)}"

    def source(self, place: Place) -> Source:
        """`place` for a filing."""
        return Source(file=self.file, sheet=self.name, cell=place_name(place))


class Book:
    """A workbook that was handed in. Raises InputError for what cannot be opened."""

    def __init__(self, document: Document) -> None:
        self.file = document.name
        _refuse_dangerous(document)
        self._values = self._open(document)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its sheets."""
        return tuple(self._values.sheetnames)

    def sheet(self, name: str, *, height: int, width: int) -> Sheet:
        """The upper left `height` by `width` cells of a sheet. Raises InputError where there is no such sheet."""
        if name not in self.names:
            raise InputError("missing_sheet", file=self.file, name=name, known=", ".join(self.names))
        with _refused_if_broken(self.file, name):
            sheet = self._values[name]
            sheet._get_source = partial(_rows_only, sheet._get_source)
            values = self._cells(sheet, height, width)
        texts = {place: _text(cell.value) for place, cell in values.items()}
        return Sheet(self.file, name, texts, partial(_without_result, sheet, height, width))

    def _open(self, document: Document) -> Any:
        import openpyxl

        with _refused_if_broken(document.name), warnings.catch_warnings():
            # openpyxl warns of parts that it will not write back; nothing is written back.
            warnings.simplefilter("ignore", UserWarning)
            content = io.BytesIO(document.content)
            return openpyxl.load_workbook(content, read_only=True, data_only=True, keep_links=False)

    @staticmethod
    def _cells(sheet: Any, height: int, width: int) -> dict[Place, Any]:
        rows = sheet.iter_rows(max_row=height, max_col=width)
        return {(cell.row, cell.column): cell for row in rows for cell in row if cell.value is not None}


@contextmanager
def _refused_if_broken(file: str, sheet: str | None = None) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # openpyxl lets through whatever its parsers raise
        raise InputError("broken_workbook", file=file, place=sheet, reason=type(error).__name__) from error


def _rows_only(source: Callable[[], IO[bytes]]) -> io.BytesIO:
    """The XML of a sheet without what comes after its rows (marks, checks): openpyxl would read it for nothing."""
    with source() as file:
        xml = file.read()
    end = re.search(rb"</(\w+:)?sheetData\s*>", xml)
    return io.BytesIO(xml[: end.end()] + b"</" + (end[1] or b"") + b"worksheet>" if end else xml)


def _without_result(sheet: Any, height: int, width: int) -> set[Place]:
    """The formulas without a stored value. openpyxl shows values or formulas, and an empty text as no value."""
    from openpyxl.utils.cell import coordinate_to_tuple
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    cell, row, formula, value = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("c", "row", "f", "v"))
    found: set[Place] = set()
    with sheet._get_source() as source:
        for _, element in iterparse(source):
            if element.tag == cell and element.find(formula) is not None and element.get("r"):
                stored = element.find(value)
                if stored is None or not (stored.text or element.get("t") == "str"):
                    found.add(coordinate_to_tuple(element.get("r")))
            elif element.tag == row:
                element.clear()
                if int(element.get("r", 0)) > height:
                    break
    return {place for place in found if place[0] <= height and place[1] <= width}


def _refuse_dangerous(document: Document) -> None:
    """Refuse, before anything is unpacked, what is no .xlsx file or would fill the memory."""
    if document.content.startswith(_OLE):
        raise InputError("encrypted_workbook", file=document.name)
    members = _members(document.content)
    if members is None:
        raise InputError("broken_workbook", file=document.name, reason="ZIP")
    # The sizes can be trusted: zipfile unpacks no more than the directory says.
    if sum(member.file_size for member in members) > MAX_BYTES or len(members) > MAX_MEMBERS:
        raise InputError("workbook_too_large", file=document.name, limit=MAX_BYTES // 2**20)


def _members(content: bytes) -> list[zipfile.ZipInfo] | None:
    """What the directory of a ZIP file lists; None where it is broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except Exception:  # a broken directory raises a dozen kinds of errors
        return None


def _text(value: Any) -> str:
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
    return escapes.decoded(str(value))


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
        """Write the workbook to `target`, whole or not at all."""
        from openpyxl.workbook.protection import WorkbookProtection

        self._book.security = WorkbookProtection(lockStructure=True)
        stream = io.BytesIO()
        self._book.save(stream)
        with replacing(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as new:
            old = zipfile.ZipFile(stream)
            for member in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
                content = old.read(member)
                if member == "docProps/core.xml":
                    content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2021-01-01T00:00:00Z", content)
                information = zipfile.ZipInfo(member, date_time=_EPOCH.timetuple()[:6])
                information.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(information, content)


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
