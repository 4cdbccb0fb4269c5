"""Tables as delimited text: CSV and TSV, in UTF-8, UTF-16 or GB18030, as spreadsheet programs save them."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from gongkai.errors import InputError
from gongkai.intake.book import Book, WholeBook
from gongkai.intake.interface import Document
from gongkai.intake.ranges import Cells

SEPARATORS = ",;\t"
OTHER_KINDS = ("%PDF", "<", "{")
"""How texts begin that are no delimited table."""
SAMPLE = 2**16
"""Characters that are looked at to tell what a text is."""
COLUMNS, ROWS, SHARE = 5, 2, 0.5
"""A table has at least so many columns in at least so many rows, which are at least this share of all."""
FEWEST = 3
"""Columns of a table that is known by its shape: one title over rows of one width, as programs save it."""


def recognises(document: Document) -> bool:
    """Whether the content is a delimited table, and not prose with commas or a report with tab-separated tables."""
    return _separator(_text(document)) is not None


def opened(document: Document) -> Book:
    """A table as a workbook of one sheet, which has no name; each value is at its line.

    Raises InputError for invalid CSV, or for far too much.
    """
    text = _text(document)
    lines: list[int] = []
    found = Cells(document.name, "", lines=lines)
    for row, (line, values) in enumerate(_rows(document.name, text, _separator(text) or ",")):
        lines.append(line)
        for column, value in enumerate(values):
            found.put(row, column, value)
    return WholeBook(document.name, [(found, True)])


def _text(document: Document) -> str:
    """The content as text, "" where it is none; spreadsheet programs save "Unicode text" as UTF-16."""
    if document.content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return document.content.decode("utf-16").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            return ""
    return document.text or ""


def _separator(text: str) -> str | None:
    """What separates the values; None where `text` is no delimited table."""
    if text.lstrip().startswith(OTHER_KINDS):
        return None
    found = {separator: share for separator in SEPARATORS if (share := _share(text, separator)) >= SHARE}
    return max(found, key=lambda separator: found[separator], default=None)


def _share(text: str, separator: str) -> float:
    """The share of rows that are rows of a table with `separator` between its values."""
    try:
        sample = csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=separator)
        rows = [row for row in sample if any(map(str.strip, row))]
    except csv.Error:
        return 0
    widths = [len(row) for row in rows]
    if rows and not any(rows[0][1:]) and min(widths) == max(widths) >= FEWEST:
        return 1
    wide = [width for width in widths if width >= COLUMNS]
    if len(wide) < ROWS:
        return 0
    # Programs give their rows one width. A report as text has tabs in its tables only, so its title has none.
    if separator == "\t" and widths[0] < COLUMNS:
        return 0
    return wide.count(max(set(wide), key=wide.count)) / len(widths)


def _rows(file: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each row, and the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for values in reader:
            yield line, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError("delimited_csv", file=file, place=line, reason=error) from error
