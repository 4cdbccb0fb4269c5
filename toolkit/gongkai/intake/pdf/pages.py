"""Pages of glyphs and rules put together: tables, and what stands between them, in reading order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gongkai.filing import Source
from gongkai.intake.pdf.columns import tabulated
from gongkai.intake.pdf.glyphs import Glyph, Line, Numbering, by_lines, cell_text, pieces
from gongkai.intake.pdf.marginalia import body
from gongkai.intake.pdf.passages import passages
from gongkai.intake.pdf.rulings import Cell, Lattice
from gongkai.intake.printed import Field, Grid, Printed


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is read: its size in points, its glyphs in the order of its program, its ruled tables.

    `drawn` says that there are pictures or paths on it.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    lattices: Sequence[Lattice]
    drawn: bool


@dataclass(frozen=True, slots=True)
class _Table:
    top: float
    grid: Grid


def compose(pages: Sequence[Page], file: str) -> Printed:
    """All pages as paragraphs and tables. A table that a page tears is two, a paragraph is one."""
    laid = [_laid(page, file) for page in pages]
    between = body([(page.height, lines) for page, (_, lines) in zip(pages, laid, strict=True)])
    blocks: list[Line | Grid] = []
    for (tables, _), lines in zip(laid, between, strict=True):
        placed: list[_Table | Line] = [*tables, *lines]
        placed.sort(key=lambda each: each.top if isinstance(each, _Table) else each.baseline)
        for lined, group in groupby(placed, key=lambda each: isinstance(each, Line)):
            if lined:
                blocks += tabulated([each for each in group if isinstance(each, Line)], file)
            else:
                blocks += [each.grid for each in group if isinstance(each, _Table)]
    return passages(blocks, file)


def _laid(page: Page, file: str) -> tuple[list[_Table], list[Line]]:
    """The ruled tables of a page, and the lines outside them."""
    numbering = Numbering(by_lines(page.glyphs))
    inside, outside = _sorted_in(page)
    tables = []
    for lattice in page.lattices:
        texts = inside[id(lattice)]
        grid = _grid(lattice, texts, lambda y: Source(file=file, page=page.number, line=numbering.at(y)))
        if grid is None:
            outside += [glyph for glyphs in texts.values() for glyph in glyphs]
        else:
            tables.append(_Table(lattice.ys[0], grid))
    # What lies on its side can be read in a cell only.
    upright = by_lines(glyph for glyph in outside if not glyph.turned)
    return tables, [Line(tuple(line), page.number, numbering.at(line[0].middle)) for line in upright]


Texts = defaultdict[Cell, list[Glyph]]
Sourced = Callable[[float], Source]


def _sorted_in(page: Page) -> tuple[dict[int, Texts], list[Glyph]]:
    """The glyphs by the cells of each lattice, the innermost where tables are nested; and those in none."""
    inside: dict[int, Texts] = {id(lattice): defaultdict(list) for lattice in page.lattices}
    by_size = sorted(page.lattices, key=lambda each: (each.xs[-1] - each.xs[0]) * (each.ys[-1] - each.ys[0]))
    outside: list[Glyph] = []
    for piece in pieces(page.glyphs):
        x, y = (piece[0].left + piece[-1].right) / 2, piece[0].middle
        for lattice in by_size:
            if cell := lattice.at(x, y):
                inside[id(lattice)][cell] += piece
                break
        else:
            outside += piece
    return inside, outside


def _grid(lattice: Lattice, texts: Texts, source: Sourced) -> Grid | None:
    """A ruled table; None where it holds nothing, or nothing beside anything else: no table, but a drawing."""
    kept = [cell for cell in lattice.cells if cell in texts or not cell.outside]
    rows: list[list[Field]] = [[] for _ in lattice.ys[1:]]
    for cell in kept:
        glyphs = texts.get(cell, [])
        if glyphs:
            line = source(min(glyph.middle for glyph in glyphs))
        else:
            line = source((lattice.ys[cell.top] + lattice.ys[cell.bottom]) / 2)
        text = cell_text(glyphs) if glyphs else ""
        rows[cell.top].append(Field(text, cell.left, cell.right, line, cell.bottom - cell.top))
    # Where a page tears a table, what is left of its ground may look like a row.
    while rows and _is_void(rows[-1]):
        rows.pop()
    if not texts or all(len(row) < 2 for row in rows):
        return None
    return Grid(tuple(tuple(_within(field, len(rows) - top) for field in row) for top, row in enumerate(rows)))


def _is_void(row: Sequence[Field]) -> bool:
    return len(row) == 1 and not row[0].text and row[0].right - row[0].left > 1


def _within(field: Field, rows: int) -> Field:
    return field if field.height <= rows else replace(field, height=rows)
