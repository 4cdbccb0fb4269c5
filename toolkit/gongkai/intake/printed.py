"""A report as it is printed: paragraphs and tables in reading order, whatever kind of file they come from.

Readers of files make these, `published` makes a filing of them; nothing about the form is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.filing import Source

LAYOUT = 300
"""Characters from which on what stands in one cell is a page laid out by a table, and no table."""


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of a printed table, its lines joined by newlines; "" where it is empty.

    It spans the columns [`left`, `right`) of its table and `height` rows. Columns are numbers of the grid where the
    table is `ruled`; else they are wherever the text stood: fields of a line, characters, points of a page.
    `full` says that it ends in a digit after which there was no room for another.
    """

    text: str
    left: float
    right: float
    source: Source
    height: int = 1
    full: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line or a paragraph outside any table; its text as it stood, tabs and spaces included."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Grid:
    """A printed table: in each row the fields that begin in it, from left to right.

    `ruled` says that the borders of its cells are known, from markup or from rules on the page, so that an empty
    field is an empty cell. Otherwise the fields were told apart by what stood between them.
    """

    rows: tuple[tuple[Field, ...], ...]
    ruled: bool = True


Printed = Sequence[Paragraph | Grid]
"""A whole report in reading order."""
