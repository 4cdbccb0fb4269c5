"""The one door to xlrd: sheets of old binary workbooks (.xls, .et), given as their stream of BIFF records."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gongkai.errors import InputError
from gongkai.intake import book
from gongkai.intake.interface import Document
from gongkai.intake.ranges import MAX_FIELDS, MAX_ROWS, UNCOMPUTED, Cells, Merged, shown

MAX_RECORDS, MAX_COMMON = 200_000, 30_000
"""Of all sheets together, which have one for each cell or row of them; and of what is common to them."""

_BOF, _EOF, _FILEPASS, _MERGED, _STRINGS, _NUMBERS = 0x0809, 0x0A, 0x2F, 0xE5, 0xFC, 0xBD
_FORMULAS = (0x06, 0x0206, 0x0406)
_CELLS = {0x02, 0x03, 0x04, 0x05, 0x07, 0x7E, 0xBD, 0xD6, 0xFD, 0x0203, 0x0204, 0x0205, 0x0207, 0x027E, *_FORMULAS}
"""Records of cells that hold something, in all versions of BIFF."""
_BEGINNINGS = tuple(struct.pack("<BBH", 0x09, version, length) for version in (0, 2, 4, 8) for length in (4, 6, 8, 16))


def recognises(content: bytes) -> bool:
    """Whether `content` begins as a stream of BIFF does: with a BOF record of version 2, 3, 4, 5 or 8."""
    return content.startswith(_BEGINNINGS)


class Book(book.Book):
    """A workbook that was handed in; dates are in ISO form, a formula counts with its stored value.

    Raises InputError for one that is encrypted or broken.
    """

    def __init__(self, document: Document) -> None:
        import xlrd

        _refuse_dangerous(document)
        with _refused_if_broken(document.name):
            # Cells that only have a format are left out, and rows end with their last cell: neither fills the memory.
            self._book: Any = xlrd.open_workbook(
                file_contents=document.content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
            )
            hidden = self._book._sheet_visibility
            sheets = [(name, not hidden[number]) for number, name in enumerate(self._book.sheet_names())]
        super().__init__(document.name, sheets)
        self._document = document
        self._allowed = iter(range(MAX_RECORDS))
        self._read: dict[int, Cells] = {}

    def cells(self, number: int) -> Cells:
        """What stands in a sheet, as `book.Book` says."""
        if number not in self._read:
            with _refused_if_broken(self.file, self.names[number]):
                self._read[number] = _cells(self._document, self._book, number, self._allowed)
        return self._read[number]


@contextmanager
def _refused_if_broken(file: str, sheet: str | None = None) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # xlrd lets through whatever its parsers raise
        raise InputError("broken_workbook", file=file, place=sheet, reason=type(error).__name__) from error


def _cells(document: Document, opened: Any, number: int, allowed: Iterator[int]) -> Cells:
    cells = Cells(document.name, opened.sheet_names()[number])
    uncomputed = set()
    # Before version 5 there is one sheet, which xlrd has read already, and nothing is merged.
    start = opened._sh_abs_posn[number] if opened.biff_version >= 50 else 0
    rows, fields = set(), 0
    for kind, data in _records(document, start, allowed):
        if kind in _CELLS:
            rows.add(data[:2])
            fields += len(data) // 6 if kind == _NUMBERS else 1
            if len(rows) > MAX_ROWS or fields > MAX_FIELDS:
                raise cells.too_large(int.from_bytes(data[:2], "little"), 0)
            if kind in _FORMULAS and _is_uncomputed(data):
                uncomputed.add(struct.unpack("<HH", data[:4]))
        elif kind == _MERGED:
            for place in range(2, len(data) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<4H", data, place)
                cells.merge(Merged(top, left, bottom + 1, right + 1))
    sheet = opened.sheet_by_index(number)
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            text = _text(cell, opened.datemode)
            cells.put(row, column, UNCOMPUTED if (row, column) in uncomputed else text)
    opened.unload_sheet(number)
    return cells


def _refuse_dangerous(document: Document) -> None:
    for kind, data in _records(document, 0, iter(range(MAX_COMMON))):
        if kind == _FILEPASS:
            raise InputError("encrypted_file", file=document.name)
        if kind == _STRINGS and int.from_bytes(data[4:8], "little") > MAX_FIELDS:
            raise InputError("too_many_texts", file=document.name, limit=MAX_FIELDS)


def _records(document: Document, start: int, allowed: Iterator[int]) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record from `start` to the end of the sheet; charts inside of it count as its own.

    Raises InputError where there are more than are `allowed`, and where the end is not there: xlrd would give what is
    left of a sheet that was cut short.
    """
    content, depth = document.content, 0
    for _ in allowed:
        if start + 4 > len(content):
            raise InputError("broken_workbook", file=document.name, reason="EOF")
        kind, length = struct.unpack_from("<HH", content, start)
        yield kind, content[start + 4 : start + 4 + length]
        start += 4 + length
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0 and kind == _EOF:
            return
    raise InputError("workbook_records", file=document.name, limit=MAX_RECORDS)


def _is_uncomputed(data: bytes) -> bool:
    """Whether a formula is still to be calculated: so marked, with the zero that programs write until then."""
    if len(data) < 16:
        return False
    result, flags = struct.unpack_from("<8sH", data, 6)
    return result == bytes(8) and bool(flags & 2)


def _text(cell: Any, datemode: int) -> str:
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_DATE:
            try:
                return shown(xlrd.xldate_as_datetime(cell.value, datemode))
            except (OverflowError, ValueError):
                return "#VALUE!"
        case xlrd.XL_CELL_BOOLEAN:
            return shown(bool(cell.value))
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#VALUE!"))
    return shown(cell.value)
