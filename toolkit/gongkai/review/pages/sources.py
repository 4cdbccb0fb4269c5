"""Where numbers and sentences stood: what was read of an agency's workbook or document, in its place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.filing import Filing, Source
from gongkai.wording import cell_in_words, source_in_words, text_in_words

_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

WIDEST = 60
"""Columns of a sheet that are drawn."""


@dataclass(frozen=True, slots=True)
class Stood:
    """What stood at a place: `anchor` is the address of the cell, or the key of the text and its passage."""

    anchor: str
    name: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as far as it was read: its columns, and each row with what stood in each of them."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Stood | None, ...]], ...]


def sheets(filing: Filing) -> list[Sheet]:
    """The sheets of the workbook that a filing was read from; nothing where it was none."""
    places: dict[str, dict[tuple[int, int], Stood]] = defaultdict(dict)
    for source, stood in _all(filing):
        if source and source.sheet and (place := _place(source.cell or "")):
            places[source.sheet].setdefault(place, stood)
    return [_sheet(name, found) for name, found in places.items()]


def others(filing: Filing) -> list[Stood]:
    """What stood elsewhere than in a sheet."""
    return [stood for source, stood in _all(filing) if not (source and source.sheet and _place(source.cell or ""))]


def _all(filing: Filing) -> Iterator[tuple[Source | None, Stood]]:
    form = filing.form
    for address in form.cells:
        if cell := filing.cells.get(address):
            where = source_in_words(form, cell.source)
            yield cell.source, Stood(address, cell_in_words(form, address), cell.raw, where)
    for key, passages in filing.texts.items():
        for number, passage in enumerate(passages):
            where = source_in_words(form, passage.source)
            yield passage.source, Stood(f"{key}-{number}", text_in_words(form, key), passage.text, where)


def _sheet(name: str, found: dict[tuple[int, int], Stood]) -> Sheet:
    columns = sorted({column for _, column in found})[:WIDEST]
    rows = sorted({row for row, _ in found})
    lines = tuple((row, tuple(found.get((row, column)) for column in columns)) for row in rows)
    return Sheet(name, tuple(map(_letters, columns)), lines)


def _place(cell: str) -> tuple[int, int] | None:
    """Row and column of a cell's name, from one."""
    found = _PLACE.match(cell)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - 64
    return int(found[2]), column


def _letters(column: int) -> str:
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
