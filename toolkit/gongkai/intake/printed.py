"""A report as it is printed: paragraphs and tables in reading order, whatever kind of file they come from.

Readers of files make these, `published` makes a filing of them; nothing about the form is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gongkai.errors import InputError
from gongkai.filing import Source

MAX_LINES, MAX_FIELDS, MAX_CHARACTERS = 10_000, 30_000, 300_000
"""Of a whole report: paragraphs and rows; fields of tables, and words that may be such; characters of text. A long
one, with all that a site prints around it, has some 2,000, 1,500 and 60,000."""
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
    """A line or a paragraph outside any table; its text as it stood, tabs and spaces included.

    A picture is a paragraph without text: `picture` is what it is called.
    """

    text: str
    source: Source
    picture: str = ""


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


def bounded(blocks: Iterable[Paragraph | Grid], file: str) -> Iterator[Paragraph | Grid]:
    """The `blocks`, as far as they are no more than any report has. Raises InputError beyond that."""
    lines = fields = characters = 0
    for block in blocks:
        if isinstance(block, Paragraph):
            lines += 1
            # Words, tabs and pipes may turn out to be fields.
            fields += len(block.text.split()) + block.text.count("\t") + block.text.count("|")
            characters += len(block.text)
        else:
            lines += len(block.rows)
            fields += sum(map(len, block.rows))
            characters += sum(len(field.text) for row in block.rows for field in row)
        if lines > MAX_LINES or fields > MAX_FIELDS or characters > MAX_CHARACTERS:
            raise too_long(file)
        yield block


def too_long(file: str) -> InputError:
    """What is raised for more than any report has."""
    limits = {"lines": MAX_LINES, "fields": MAX_FIELDS, "characters": MAX_CHARACTERS}
    return InputError("report_too_long", file=file, **limits)
