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
from gongkai.intake.book import Place, Sheet
from gongkai.intake.interface import Document
from gongkai.intake.ranges import UNCOMPUTED, Cells, Merged, shown

_UNCOMPUTED = object()
"""The value of a formula that nobody has calculated yet."""


class Book(book.Book):
    """A workbook that was handed in. Raises InputError for what cannot be opened."""

    def __init__(self, document: Document) -> None:
        if archive.recognises(document.content):
            archive.refuse_dangerous(document)
        if archive.kind(document) != "xlsx":
            raise InputError("needs_xlsx", file=document.name)
        with _refused_if_broken(document.name):
            self._reader = _opened(document.content)
            found = [
                (sheet.name, sheet.state == "visible", relation.target)
                for sheet, relation in self._reader.parser.find_sheets()
                if "chartsheet" not in relation.Type and relation.target in self._reader.valid_files
            ]
        if not found:
            raise InputError("no_sheets", file=document.name)
        super().__init__(document.name, [(name, visible) for name, visible, _ in found])
        self._parts = [part for *_, part in found]

    def sheet(self, name: str, *, height: int, width: int) -> Sheet:
        """No more than is asked for is read: a sheet may have a million rows."""
        number = self._number(name)
        texts: dict[Place, str] = {}
        uncomputed = set()
        with _refused_if_broken(self.file, name):
            for row, column, value in self._values(self._split(number)[0], height):
                if column > width:
                    continue
                if value is _UNCOMPUTED:
                    uncomputed.add((row, column))
                else:
                    texts[row, column] = _text(value)
        return Sheet(self.file, name, texts, uncomputed)

    def cells(self, number: int) -> Cells:
        """What stands in a sheet, as `book.Book` says."""
        cells = Cells(self.file, self.names[number])
        with _refused_if_broken(self.file, cells.sheet):
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
                if cell["value"] is not None:
                    yield cell["row"], cell["column"], cell["value"]


def _opened(content: bytes) -> Any:
    """The reader of openpyxl itself, as far as values need it: without properties, themes or names."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    reader: Any = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.shared_strings = _strings(reader)
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    return reader


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


def _elements(source: Any, name: str) -> Iterator[Any]:
    """The elements of a sheet called so, each for as long as it is looked at."""
    from lxml import etree
    from openpyxl.xml.constants import SHEET_MAIN_NS

    tag = f"{{{SHEET_MAIN_NS}}}{name}"
    options: Any = {"resolve_entities": False, "remove_comments": True, "remove_pis": True}
    for _, element in etree.iterparse(source, tag=tag, **options):
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
def _refused_if_broken(file: str, sheet: str | None = None) -> Iterator[None]:
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
