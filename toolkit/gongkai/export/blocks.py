"""The tree that every format is written from: a document of a few kinds of block, each with text in runs.

Whoever reads a notebook makes it, whoever writes HTML, Word or PDF takes it: what is not in it is in no format, what is
in it is in all of them. Lengths are points (1/72 inch), shares of a width are fractions of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongkai.catalogues import say
from gongkai.report import KINDS

TEXT_WIDTH, TEXT_HEIGHT = 442.2, 637.8
"""The type area of an official document in points: 156 mm by 225 mm (GB/T 9704-2012, 5.1)."""

UNDATED = date(1980, 1, 1)
"""The date in files that must hold one, of a report that states none: the first that a zip archive can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a run differs from the text around it; colours are ``#rrggbb``, `link` is an address or ``#anchor``."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    code: bool = False
    position: Literal["", "sub", "super"] = ""
    color: str = ""
    background: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look; a newline in it is a line break."""

    text: str
    look: Look = Look()


Line = tuple[Run, ...]
"""The text of a paragraph, in runs."""


@dataclass(frozen=True, slots=True)
class Title:
    """The title of the report: each of `lines` stands on a line of its own, and fits on it where it can be cut."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; levels count from 1 (a section of the form) without gaps."""

    level: int
    line: Line
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `front` is front matter above the title, `summary` the counts of a draft."""

    line: Line
    style: Literal["body", "quote", "front", "summary"] = "body"
    align: Literal["", "left", "center", "right"] = ""


@dataclass(frozen=True, slots=True)
class List:
    """A list; each item is a sequence of blocks, the first of which stands beside its mark."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Note:
    """What a draft says of a cell, in its margin: entry `number` of the appendix."""

    number: int
    kind: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table at the `column` (from zero) where it begins; `lines` are its paragraphs.

    `scope` is "" for data, else what a heading cell heads. `address` is that of an official cell, `headers` the
    anchors of the headings that it stands under.
    """

    column: int
    lines: tuple[Line, ...]
    rowspan: int = 1
    colspan: int = 1
    scope: Literal["", "row", "rowgroup", "col", "colgroup"] = ""
    address: str = ""
    anchor: str = ""
    headers: str = ""
    align: Literal["", "left", "center", "right"] = ""
    background: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def gravest(self) -> str:
        """The kind of its gravest note; "" where it has none."""
        return min((note.kind for note in self.notes), key=KINDS.index, default="")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the cells that begin in it."""

    cells: tuple[TableCell, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its rows come in groups that a page should not part: the first `head_rows` repeat on each page.

    `official` is the key of an official table, "" for others. `widths` are the shares of the columns, which sum to one;
    `size` is the size of the type, `value_size` that of official values, which may have to be smaller.
    """

    groups: tuple[tuple[Row, ...], ...]
    head_rows: int
    widths: tuple[float, ...]
    size: float
    value_size: float
    official: str = ""
    label: str = ""
    caption: Line = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, those of the head first."""
        return tuple(row for group in self.groups for row in group)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was checked: its bytes, and the size that it is shown at."""

    kind: Literal["png", "jpeg", "svg"]
    data: bytes
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its alternative text and its caption, as far as they were given."""

    picture: Picture
    alt: str = ""
    caption: Line = ()

    @property
    def description(self) -> str:
        """The alternative text; where none was given the caption, else that there is none."""
        return self.alt or "".join(run.text for run in self.caption) or say("page.no_alt")


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Text in a fixed pitch, its line ends kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, and the date: centred over each other, on the right."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Title | Heading | Paragraph | List | Table | Figure | Preformatted | Signature | PageBreak


@dataclass(frozen=True, slots=True)
class Piece:
    """What one cell of the notebook shows."""

    cell: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report, or a draft of one: `language` is that of its words, `issued` the date that it states, or `UNDATED`."""

    title: str
    language: str
    pieces: tuple[Piece, ...]
    issued: date = UNDATED
    draft: bool = False

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        return (block for piece in self.pieces for block in piece.blocks)

    @property
    def unnamed_figures(self) -> Iterator[str]:
        """The cell of each figure without an alternative text."""
        return (piece.cell for piece in self.pieces for figure in _figures(piece.blocks) if not figure.alt)


def _figures(blocks: Iterable[Block]) -> Iterator[Figure]:
    for block in blocks:
        if isinstance(block, Figure):
            yield block
        elif isinstance(block, List):
            yield from (figure for item in block.items for figure in _figures(item))
