"""XLSX: a sheet of all entries, to sort and to filter, and a sheet that counts them by filing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gongkai.catalogues import say
from gongkai.errors import UsageError
from gongkai.filing import Number
from gongkai.formats.entries import COLUMNS, COUNTS, GRAVITY, Result
from gongkai.intake.fitting import fitted
from gongkai.intake.spreadsheet import MAX_TEXT, NewBook, Page

WIDTHS = {
    "agency": 24.0,
    "agency_code": 14.0,
    "file": 24.0,
    "rule": 18.0,
    "title": 32.0,
    "place": 32.0,
    "quote": 32.0,
    "message": 64.0,
    "basis": 32.0,
    "source": 28.0,
    "cells": 32.0,
    "fingerprint": 19.0,
}
"""Of columns, in characters; the others are as wide as a number."""
NUMBER_WIDTH = 11.0
HEAD_HEIGHT = 24.0
MAX_LINES = 2**20
"""Rows that a sheet may have."""

Line = Mapping[str, str | Number]


def written(result: Result) -> bytes:
    """The workbook. Raises UsageError where there are more entries than a sheet has rows."""
    book = NewBook(say("workbook.font"))
    counts = [*result.counts()]
    _write(book, say("sheet.findings"), {name: say(f"column.{name}") for name in COLUMNS}, _lines(result))
    heads = {name: say(f"severity.{name}" if name in GRAVITY else f"column.{name}") for name in COUNTS}
    _write(book, say("sheet.summary"), heads, counts)
    return book.content()


def _lines(result: Result) -> list[Line]:
    found = [entry.values() for entry in result.all]
    if len(found) >= MAX_LINES:
        raise UsageError("too_many_findings", count=len(found), limit=MAX_LINES - 1)
    return list(found)


def _write(book: NewBook, name: str, heads: Mapping[str, str], lines: Sequence[Line]) -> None:
    sheet = book.sheet(name)
    for column, head in enumerate(heads.values(), start=1):
        sheet.put((1, column), head, "label")
    widths = {column: WIDTHS.get(name, NUMBER_WIDTH) for column, name in enumerate(heads, start=1)}
    heights = {1: HEAD_HEIGHT}
    for row, line in enumerate(lines, start=2):
        values = [*_values(line, heads)]
        for column, value in enumerate(values, start=1):
            sheet.put((row, column), value, "fixed")
        heights[row] = fitted([value if isinstance(value, str) else "" for value in values], [*widths.values()])
    table = (1, 1), (len(lines) + 1, len(heads))
    sheet.finish(Page(widths, heights, landscape=True, freeze=(2, 1), filtered=table))


def _values(line: Line, heads: Iterable[str]) -> Iterable[str | Number]:
    for name in heads:
        value = line.get(name)
        yield value[:MAX_TEXT] if isinstance(value, str) else value
