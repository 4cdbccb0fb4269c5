"""Reads workbooks: what stands in their sheets, never what a formula or a link in them would do."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from gongkai.errors import InputError
from gongkai.intake import archive, book, escapes
from gongkai.intake.book import Place, Sheet, place_name
from gongkai.intake.interface import Document
from gongkai.intake.printed import MAX_CHARACTERS, too_long
from gongkai.intake.ranges import UNCOMPUTED, Cells, Merged, shown

_EAST_ASIAN_DATES = (*range(27, 37), *range(50, 59))
"""Numbers of formats that Chinese Excel has for dates and times without writing them out; openpyxl knows none."""
MAX_LISTED = 30_000
"""Tags of the part that lists sheets and names; thousands of names are left behind where sheets were copied about."""
LONGEST_FORMAT = 255
"""Characters that Excel allows for a number format."""
_UNCOMPUTED = object()
"""The value of a formula that nobody has calculated yet."""


class Book(book.Book):
    """A workbook that was handed in. Raises InputError for what cannot be opened."""

    def __init__(self, document: Document) -> None:
        if archive.recognises(document.content):
            archive.refuse_dangerous(document)
        if archive.kind(document) != "xlsx":
            raise InputError("needs_xlsx", file=document.name)
        with refused_if_broken(document.name):
            self._reader = _opened(document)
            found = [
                (sheet.name, sheet.state == "visible", relation.target)
                for sheet, relation in self._reader.parser.find_sheets()
                if "chartsheet" not in relation.Type and relation.target in self._reader.valid_files
            ]
        super().__init__(document.name, [(name, visible) for name, visible, _ in found])
        self._parts = [part for *_, part in found]
        if len(set(self._parts)) < len(self._parts):
            # Reading one sheet a thousand times takes as long as a thousand sheets.
            raise InputError("broken_workbook", file=self.file, reason="sheets")
        if not found:
            raise InputError("no_sheets", file=self.file)

    def sheet(self, name: str, *, height: int, width: int) -> Sheet:
        """No more than is asked for is read: a sheet may have a million rows."""
        number = self._number(name)
        texts: dict[Place, str] = {}
        uncomputed = set()
        with refused_if_broken(self.file, name):
            rows, rest = self._split(number)
            merged = [((each.top + 1, each.left + 1), (each.bottom, each.right)) for each in _merged(rest)]
            for row, column, value in self._values(rows, height):
                if column > width:
                    continue
                if (row, column) in texts or (row, column) in uncomputed:
                    place = f"{name}!{place_name((row, column))}"
                    raise InputError("cell_twice", file=self.file, place=place)
                if value is _UNCOMPUTED:
                    uncomputed.add((row, column))
                else:
                    texts[row, column] = _text(value)
        return Sheet(self.file, name, texts, uncomputed, merged)

    def cells(self, number: int) -> Cells:
        """What stands in a sheet, as `book.Book` says."""
        cells = Cells(self.file, self.names[number])
        with refused_if_broken(self.file, cells.sheet):
            rows, rest = self._split(number)
            for row, column, value in self._values(rows):
                cells.put(row - 1, column - 1, UNCOMPUTED if value is _UNCOMPUTED else _text(value))
            for merged in _merged(rest):
                cells.merge(merged)
        return cells

    def _split(self, number: int) -> tuple[bytes, bytes]:
        """The XML of a sheet: its rows alone, and all but its rows.

        What comes after the rows (marks, checks) is much, and openpyxl would read it for nothing.
        """
        with self._reader.archive.open(self._parts[number]) as file:
            xml = file.read(archive.MAX_PART)
        begin = re.search(rb"<(?:\w+:)?sheetData\s*>", xml)
        # A search from the beginning would stop at each of the closing tags before it.
        end = re.compile(rb"</(\w+:)?sheetData\s*>").search(xml, xml.rfind(b"</", 0, xml.rfind(b"sheetData")))
        if not begin or not end:
            return xml, xml
        return xml[: end.end()] + b"</" + (end[1] or b"") + b"worksheet>", xml[: begin.start()] + xml[end.end() :]

    def _values(self, xml: bytes, height: int | None = None) -> Iterator[tuple[int, int, Any]]:
        """Row, column (from one) and value of each cell that holds one, in the first `height` rows or in all."""
        book = self._reader.wb
        parser = _parser()(
            io.BytesIO(xml),
            self._reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if height is not None and number > height:
                return
            for cell in cells:
                if isinstance(cell["value"], str) and len(cell["value"]) > MAX_CHARACTERS:
                    raise too_long(self.file)
                if cell["value"] is not None:
                    yield cell["row"], cell["column"], cell["value"]


def _opened(document: Document) -> Any:
    """The reader of openpyxl itself, as far as values need it: without properties, themes, names or looks."""
    from openpyxl.reader import excel

    opening: Any = excel
    reader: Any = excel.ExcelReader(io.BytesIO(document.content), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    main = opening._find_workbook_part(reader.package).PartName[1:]
    if reader.archive.read(main).count(b"<") > MAX_LISTED:
        raise InputError("xml_marks", file=document.name, place=main, limit=MAX_LISTED)
    reader.shared_strings = _strings(reader)
    reader.read_workbook()
    _read_dates(reader)
    return reader


def _read_dates(reader: Any) -> None:
    """Tell the workbook which styles show a number as a date or a duration.

    openpyxl would read all looks of a workbook, of which there are tens of thousands where cells were copied about.
    """
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
    from openpyxl.xml.constants import ARC_STYLE, SHEET_MAIN_NS

    if ARC_STYLE not in reader.valid_files:
        return
    own = dict.fromkeys(map(str, _EAST_ASIAN_DATES), "y")
    formats: list[str | None] = []
    with reader.archive.open(ARC_STYLE) as file:
        for element in _elements(file, "numFmt", "xf"):
            above = element.getparent().tag
            if above == f"{{{SHEET_MAIN_NS}}}numFmts":
                own[element.get("numFmtId")] = element.get("formatCode", "")[:LONGEST_FORMAT]
            elif above == f"{{{SHEET_MAIN_NS}}}cellXfs":
                number = element.get("numFmtId", "0")
                formats.append(own[number] if number in own else BUILTIN_FORMATS.get(int(number)))
    for name, is_of in (("_date_formats", is_date_format), ("_timedelta_formats", is_timedelta_format)):
        found = {each for each in set(formats) if is_of(each)}
        setattr(reader.wb, name, {style for style, each in enumerate(formats) if each in found})


def _strings(reader: Any) -> list[str]:
    """The texts that cells refer to by number: openpyxl takes many times as long, since it keeps how they look."""
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

    run, text = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("r", "t"))

    def parts(item: Any) -> Iterator[str]:
        # Not every text inside: how Japanese words are pronounced is one as well.
        for child in item:
            if child.tag == text:
                yield child.text or ""
            elif child.tag == run:
                yield child.findtext(text, "")

    listed = reader.package.find(SHARED_STRINGS)
    if listed is None:
        return []
    with reader.archive.open(listed.PartName[1:]) as file:
        return ["".join(parts(item)) for item in _elements(file, "si")]


def _elements(source: Any, *names: str) -> Iterator[Any]:
    """The elements of a sheet called so, each for as long as it is looked at."""
    from lxml import etree
    from openpyxl.xml.constants import SHEET_MAIN_NS

    tags = [f"{{{SHEET_MAIN_NS}}}{name}" for name in names]
    options: Any = {"resolve_entities": False, "remove_comments": True, "remove_pis": True}
    for _, element in etree.iterparse(source, tag=tags, **options):
        yield element
        element.clear()


@cache
def _parser() -> Any:
    """The parser of openpyxl for sheets, which also tells a formula without a stored value from a blank."""
    from openpyxl.worksheet import _reader

    base: Any = _reader.WorkSheetParser

    class Parser(base):  # type: ignore[misc]
        row_counter: int

        def parse(self) -> Iterator[Any]:
            # All else in a sheet (marks, checks) is for showing it.
            return map(self.parse_row, _elements(self.source, "row"))

        def parse_row(self, row: Any) -> Any:
            # Sheets may have thousands of rows that only look like something.
            if any(len(cell) for cell in row):
                return super().parse_row(row)
            self.row_counter = int(row.get("r", self.row_counter + 1))
            return self.row_counter, []

        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and element.find(_reader.FORMULA_TAG) is not None:
                stored = element.find(_reader.VALUE_TAG)
                # A formula whose result is the empty text has a value all the same.
                if stored is None or not (stored.text or element.get("t") == "str"):
                    cell["value"] = _UNCOMPUTED
            return cell

    return Parser


def _merged(xml: bytes) -> Iterator[Merged]:
    from openpyxl.utils import range_boundaries

    for element in _elements(io.BytesIO(xml), "mergeCell"):
        bounds: Any = range_boundaries(element.get("ref"))
        left, top, right, bottom = bounds
        yield Merged(top - 1, left - 1, bottom, right)


@contextmanager
def refused_if_broken(file: str, sheet: str | None = None) -> Iterator[None]:
    """Raise InputError for whatever is raised inside of the block: parsers of workbooks raise all there is."""
    try:
        with warnings.catch_warnings():
            # openpyxl warns of parts that it will not write back; nothing is written back.
            warnings.simplefilter("ignore", UserWarning)
            yield
    except InputError:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers raise
        raise InputError("broken_workbook", file=file, place=sheet, reason=type(error).__name__) from error


def _text(value: Any) -> str:
    return escapes.decoded(value) if isinstance(value, str) else shown(value)
