"""Pages of glyphs and rules put together: tables, and what stands between them, in reading order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, groupby, pairwise

from gongkai.filing import Source
from gongkai.intake.numbers import is_value, plain, read_number
from gongkai.intake.pdf.columns import tabulated
from gongkai.intake.pdf.glyphs import Glyph, Line, Numbering, by_lines, cell_text, gap, is_vertical, joined, pieces
from gongkai.intake.pdf.marginalia import body
from gongkai.intake.pdf.passages import passages
from gongkai.intake.pdf.rulings import Cell, Lattice
from gongkai.intake.pdf.wrapping import Column, is_full, is_stacked, is_wrapped, least_padding
from gongkai.intake.printed import Field, Grid, Printed

TOUCHING = 0.01
"""Two numbers may be so far apart, or overlap so much, in sizes of type; digits of one are set solid."""
STRIP = 10.0
"""A column or row that is narrower than this, in points, and holds nothing is a gap between cells."""

COVERED, FEW = 0.5, 30
"""A picture that covers such a share of a page is the page where so few characters stand on it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is read: its size in points, its glyphs in the order of its program, its ruled tables.

    `drawn` says that there are pictures or paths on it, `pictured` which share of it its largest picture covers.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    lattices: Sequence[Lattice]
    drawn: bool
    pictured: float

    @property
    def is_picture(self) -> bool:
        """Whether it shows what nobody can read as text: a scan, maybe with the number of the page printed on it."""
        return (self.drawn and not self.glyphs) or (self.pictured >= COVERED and len(self.glyphs) < FEW)


def compose(pages: Sequence[Page], file: str) -> Printed:
    """All pages as paragraphs and tables. A table that a page tears is two, a paragraph is one."""
    sheets = [_Sheet(page, file) for page in pages]
    bodies = body([(sheet.page.height, sheet.lines) for sheet in sheets])
    padding = least_padding(column for sheet in sheets for column in sheet.columns())
    placed = [each for sheet, lines in zip(sheets, bodies, strict=True) for each in sheet.placed(lines, padding)]
    blocks: list[Line | Grid] = []
    for _, group in groupby(placed, key=lambda each: isinstance(each, Line)):
        items = list(group)
        blocks += tabulated([each for each in items if isinstance(each, Line)], file)
        blocks += [each.grid for each in items if isinstance(each, _Table)]
    return passages(blocks, file)


@dataclass(frozen=True, slots=True)
class _Table:
    top: float
    grid: Grid


class _Sheet:
    """A page being put together: what stands in the cells of its ruled tables, and its other lines."""

    def __init__(self, page: Page, file: str) -> None:
        self.page = page
        self._file = file
        self._numbering = Numbering(by_lines(page.glyphs))
        self._inside, outside = _sorted_in(page)
        self._tables = [lattice for lattice in page.lattices if _is_table(lattice, self._inside[id(lattice)])]
        for lattice in page.lattices:
            if lattice not in self._tables:
                outside += [glyph for glyphs in self._inside[id(lattice)].values() for glyph in glyphs]
        # What lies on its side can be read in a cell only.
        upright = by_lines(glyph for glyph in outside if not glyph.turned)
        self.lines = [Line(tuple(line), page.number, self._numbering.at(line[0].middle)) for line in upright]

    def columns(self) -> Iterator[Column]:
        """The cells of all tables."""
        return (column for lattice in self._tables for column in self._columns(lattice).values())

    def placed(self, lines: Sequence[Line], padding: float) -> list[_Table | Line]:
        """The tables and those of the lines that are of none, from top to bottom; cells have so much `padding`."""
        outside = [line for line in lines if not self._take_up(line)]
        tables = [_Table(lattice.ys[0], self._grid(lattice, padding)) for lattice in self._tables]
        both: list[_Table | Line] = [*tables, *outside]
        return sorted(both, key=lambda each: each.top if isinstance(each, _Table) else each.baseline)

    def _take_up(self, line: Line) -> bool:
        """Take a line into the open cells of the table that ends above it, where all of it stands below such."""
        for lattice in self._tables:
            cells = [lattice.above(glyph.center, glyph.middle) for glyph in line.glyphs]
            if all(cells):
                for cell, glyph in zip(cells, line.glyphs, strict=True):
                    self._inside[id(lattice)][cell or lattice.cells[-1]].append(glyph)
                return True
        return False

    def _source(self, y: float) -> Source:
        return Source(file=self._file, page=self.page.number, line=self._numbering.at(y))

    def _columns(self, lattice: Lattice) -> dict[Cell, Column]:
        """The cells that hold lines of text."""
        return {
            cell: Column.of(lattice.xs[cell.right] - lattice.xs[cell.left], glyphs)
            for cell, glyphs in self._inside[id(lattice)].items()
            if glyphs and not is_vertical(glyphs)
        }

    def _grid(self, lattice: Lattice, padding: float) -> Grid:
        texts = self._inside[id(lattice)]
        cells = _cells(lattice, texts)
        columns = self._columns(lattice)
        stacked = [cell for cell, column in columns.items() if is_stacked(column)]
        # Where two figures stand in one cell of a table, they may in others.
        wrapped = stacked if all(is_wrapped(columns[cell], padding) for cell in stacked) else []
        rows: list[list[Field]] = [[] for _ in range(max(cell.bottom for _, cell in cells))]
        for drawn, cell in cells:
            glyphs = texts.get(drawn, [])
            middle = (lattice.ys[drawn.top] + lattice.ys[drawn.bottom]) / 2
            source = self._source(min((glyph.middle for glyph in glyphs), default=middle))
            text = cell_text(glyphs).replace("\n", "" if drawn in wrapped else "\n")
            full = drawn in columns and is_full(columns[drawn], columns[drawn].lines[-1], padding)
            rows[cell.top].append(Field(text, cell.left, cell.right, source, cell.bottom - cell.top, full))
        # Where a page tears a table, what is left of its ground may look like a row.
        while rows and _is_void(rows[-1]):
            rows.pop()
        return Grid(tuple(tuple(_within(field, len(rows) - top) for field in row) for top, row in enumerate(rows)))


def _cells(lattice: Lattice, texts: Texts) -> list[tuple[Cell, Cell]]:
    """The cells as they are drawn, and as they are when gaps between cells are left out."""
    filled = [cell for cell in lattice.cells if texts.get(cell)]
    columns = _without_strips(lattice.xs, [(cell.left, cell.right) for cell in filled])
    lines = _without_strips(lattice.ys, [(cell.top, cell.bottom) for cell in filled])
    cells = [
        (cell, Cell(lines[cell.top], lines[cell.bottom], columns[cell.left], columns[cell.right]))
        for cell in lattice.cells
        if texts.get(cell) or not cell.outside
    ]
    left = [(drawn, cell) for drawn, cell in cells if cell.left < cell.right and cell.top < cell.bottom]
    return sorted(left, key=lambda each: (each[1].top, each[1].left))


def _is_table(lattice: Lattice, texts: Texts) -> bool:
    """Whether it holds anything, and anything beside anything else; else it is a drawing, or a ground of text."""
    tops = Counter(cell.top for _, cell in _cells(lattice, texts))
    return bool(texts) and max(tops.values(), default=0) > 1


def _without_strips(edges: Sequence[float], filled: Sequence[tuple[int, int]]) -> list[int]:
    """The number that each edge of a lattice has when strips are left out: what is narrow and holds nothing.

    Such are the gaps between cells that have borders of their own. `filled` are the spans of cells that hold text.
    """
    kept = [end - start >= STRIP for start, end in pairwise(edges)]
    for start, end in filled:
        if not any(kept[start:end]):
            kept[start] = True
    return list(accumulate(kept, initial=0))


Texts = defaultdict[Cell, list[Glyph]]


def _sorted_in(page: Page) -> tuple[dict[int, Texts], list[Glyph]]:
    """The glyphs by the cells of each lattice, the innermost where tables are nested; and those in none."""
    inside: dict[int, Texts] = {id(lattice): defaultdict(list) for lattice in page.lattices}
    by_size = sorted(page.lattices, key=lambda each: (each.xs[-1] - each.xs[0]) * (each.ys[-1] - each.ys[0]))
    outside: list[Glyph] = []
    numbers: list[tuple[Lattice, Cell, Sequence[Glyph]]] = []
    for piece in chain.from_iterable(_apart(each, by_size) for each in pieces(page.glyphs)):
        x, y = (piece[0].left + piece[-1].right) / 2, piece[0].middle
        for lattice in by_size:
            if cell := lattice.at(x, y):
                inside[id(lattice)][cell] += piece
                numbers += [(lattice, cell, piece)] if len(piece) > 1 and piece[0].text.isdecimal() else []
                break
        else:
            outside += piece
    for lattice, cell, piece in numbers:
        _share(piece, cell, lattice, inside[id(lattice)])
    return inside, outside


def _share(piece: Sequence[Glyph], cell: Cell, lattice: Lattice, texts: Texts) -> None:
    """Digits over a rule and into an empty cell that are no number are two that touch: both cells show them, torn."""
    places = [lattice.at(glyph.center, glyph.middle) or cell for glyph in piece]
    empty = {each for each in places if each != cell and not texts.get(each)}
    if not empty or read_number(plain(joined(piece))) is not None:
        return
    wide, torn = 0.0, []
    for glyph, (before, place) in zip(piece, pairwise([places[0], *places]), strict=True):
        wide += glyph.size if place != before else 0
        torn.append(glyph._replace(left=glyph.left + wide, right=glyph.right + wide))
    texts[cell] = [glyph for glyph in texts[cell] if glyph not in piece] + torn
    for each in empty:
        texts[each] = list(torn)


def _apart(piece: list[Glyph], lattices: Sequence[Lattice]) -> Iterable[Sequence[Glyph]]:
    """A piece, or its parts where those are values that reach over the rules of their own cells until they touch."""
    parts = list(Line(tuple(piece), 0, 0).cut(abs(gap(*pair)) > TOUCHING for pair in pairwise(piece)))
    if len(parts) == 1:
        return (piece,)
    cells = {lattice.at((part.left + part.right) / 2, piece[0].middle) for lattice in lattices for part in parts}
    apart = all(is_value(part.text) for part in parts) and len(cells - {None}) == len(parts)
    return [part.glyphs for part in parts] if apart else (piece,)


def _is_void(row: Sequence[Field]) -> bool:
    return len(row) == 1 and not row[0].text and row[0].right - row[0].left > 1


def _within(field: Field, rows: int) -> Field:
    return field if field.height <= rows else replace(field, height=rows)
