"""Sheets of OpenDocument workbooks (.ods)."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from gongkai.errors import InputError
from gongkai.intake import archive
from gongkai.intake.book import Book, WholeBook
from gongkai.intake.interface import Document
from gongkai.intake.ranges import UNCOMPUTED, Cells, Merged, shown

_NAMESPACES = {
    name: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "text", "office", "style")
}


@cache
def _name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return _NAMESPACES[prefix] + local


_TABLE, _ROW, _CELL, _COVERED = map(
    _name, ("table:table", "table:table-row", "table:table-cell", "table:covered-table-cell")
)
_STYLE, _LOOK = map(_name, ("style:style", "style:table-properties"))
_PARAGRAPH, _SPACES, _TAB, _BREAK = map(_name, ("text:p", "text:s", "text:tab", "text:line-break"))
LONGEST = 2**15
"""Characters that a cell holds at most; here of its pieces, of which some are many spaces."""
_NUMBERS = ("float", "percentage", "currency")
_TRUTHS = {"of:=TRUE()": True, "of:=FALSE()": False}
"""What LibreOffice makes of a truth value in a cell that is not formatted for one: a formula, its value a number."""


def opened(document: Document) -> Book:
    """A workbook that was handed in; numbers are taken as stored, everything else as shown.

    Raises InputError for a broken workbook, and for a sheet that is larger than any report's.
    """
    from lxml import etree

    archive.refuse_dangerous(document)
    try:
        with zipfile.ZipFile(io.BytesIO(document.content)) as parts, parts.open("content.xml") as file:
            tags = (_TABLE, _ROW, _STYLE)
            events = etree.iterparse(file, events=("start", "end"), tag=tags, resolve_entities=False)
            return WholeBook(document.name, list(_sheets(document.name, events)))
    except InputError:
        raise
    except Exception as error:  # of zipfile, zlib, lxml, or of attributes that are no numbers
        raise InputError("broken_workbook", file=document.name, reason=type(error).__name__) from error


def _sheets(file: str, events: Any) -> Iterator[tuple[Cells, bool]]:
    """Each sheet, and whether it is visible."""
    hidden: set[str] = set()
    cells: Cells | None = None
    depth = row = 0
    for event, element in events:
        if element.tag == _TABLE:
            # A table inside of a cell or a drawing is no sheet.
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                cells = Cells(file, element.get(_name("table:name"), ""))
                row = 0
            elif depth == 0 and cells:
                yield cells, element.get(_name("table:style-name")) not in hidden
                cells = None
                element.clear()
        elif event == "end" and element.tag == _ROW and depth == 1 and cells:
            row += _read_row(cells, row, element)
            element.clear()
        elif event == "end" and element.tag == _STYLE and _is_hidden(element):
            hidden.add(element.get(_name("style:name")))


def _is_hidden(style: Any) -> bool:
    look = style.find(_LOOK)
    return look is not None and look.get(_name("table:display")) == "false"


def _read_row(cells: Cells, first: int, element: Any) -> int:
    """Put what stands in a row, as often as it is repeated, into `cells`. Returns how many rows it stands for."""
    rows = _count(element, "table:number-rows-repeated")
    column = 0
    for cell in element.iterchildren(_CELL, _COVERED):
        columns = _count(cell, "table:number-columns-repeated")
        height, width = _count(cell, "table:number-rows-spanned"), _count(cell, "table:number-columns-spanned")
        text = _text(cell)
        if text.strip() or (height, width) != (1, 1):
            # Beyond what a sheet may hold, `put` or `merge` ends this.
            for row in range(first, first + rows):
                for at in range(column, column + columns):
                    cells.put(row, at, text)
                    if (height, width) != (1, 1):
                        cells.merge(Merged(row, at, row + height, at + width))
        column += columns
    return rows


def _count(element: Any, name: str) -> int:
    count = int(element.get(_name(name), 1))
    if count < 1:
        raise ValueError(name)
    return count


def _text(cell: Any) -> str:
    kind = cell.get(_name("office:value-type"))
    paragraphs = ["".join(islice(_characters(each), LONGEST)) for each in cell.iterchildren(_PARAGRAPH)]
    lines = "\n".join(paragraphs)
    if kind is None:
        # A formula whose result is the empty text has a paragraph all the same.
        return UNCOMPUTED if cell.get(_name("table:formula")) and not paragraphs else lines
    if (truth := _TRUTHS.get(cell.get(_name("table:formula")))) is not None:
        return shown(truth)
    if kind in _NUMBERS:
        value = float(cell.get(_name("office:value")))
        return shown(value) if math.isfinite(value) else lines
    if kind == "date":
        return str(cell.get(_name("office:date-value"))).removesuffix("T00:00:00").replace("T", " ")
    return lines or str(cell.get(_name("office:string-value"), ""))


def _characters(element: Any) -> Iterator[str]:
    """The text of a paragraph; comments, which stand beside it, are not part of it."""
    yield element.text or ""
    for child in element:
        match child.tag:
            case tag if tag == _SPACES:
                # As many as a cell can hold, whatever the file says.
                yield " " * min(int(child.get(_name("text:c"), 1)), 1000)
            case tag if tag == _TAB:
                yield "\t"
            case tag if tag == _BREAK:
                yield "\n"
            case str():
                yield from _characters(child)
        yield child.tail or ""
