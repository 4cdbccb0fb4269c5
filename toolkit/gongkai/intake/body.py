"""A report by where its parts belong: paragraphs by section, rows of grids by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.intake.landmarks import Landmarks, landmarks
from gongkai.intake.lines import Line
from gongkai.intake.narrative import opened
from gongkai.intake.printed import Field, Grid, Paragraph, Printed

Rows = list[tuple[Field, ...]]


@dataclass(slots=True)
class Body:
    """A report by where its parts belong: paragraphs before the first section and in each, lines of each table.

    Paragraphs carry their number, lines of tables too, so that it can be told what stood between them.
    """

    front: list[tuple[int, Paragraph]] = field(default_factory=list)
    sections: dict[str, list[tuple[int, Paragraph]]] = field(default_factory=dict)
    tables: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))


def sort(printed: Printed) -> Body:
    """Every part of the report where it belongs."""
    body, marks = Body(), landmarks()
    current, following = body.front, list(marks.sections)
    number = 0
    for grid, block in enumerate(_pieces(printed, marks)):
        if isinstance(block, Paragraph):
            number += 1
            section = opened(block.text, following)
            if section is None:
                current.append((number, block))
                continue
            following = following[following.index(section) + 1 :]
            current = body.sections.setdefault(section.key, [])
            continue
        table = block.table
        for row in block.grid.rows:
            number += 1
            body.tables[table].append(Line(row, number, grid, block.grid.ruled))
        # Whatever follows a table belongs to its section, whether or not that had a heading.
        keys = [section.key for section in following]
        following = following[keys.index(table) + 1 :] if table in keys else following
        current = body.sections.setdefault(table, [])
    return body


@dataclass(frozen=True, slots=True)
class _Official:
    """A grid that prints a table of the form, or a part of one."""

    table: str
    grid: Grid


def _pieces(printed: Printed, marks: Landmarks) -> Iterator[Paragraph | _Official]:
    """The report with its grids cut into tables of the form; all else in them is paragraphs."""
    last: str | None = None
    for block in printed:
        if isinstance(block, Paragraph):
            yield block
            continue
        for part in _parts(block.rows):
            for table, rows in _cut(part, marks, last):
                if table is None:
                    yield from _paragraphs(rows)
                else:
                    last = table
                    yield _Official(table, Grid(tuple(rows), block.ruled))


def _parts(rows: Sequence[tuple[Field, ...]]) -> Iterator[Rows]:
    """Rows that stand together: a sheet that was put on a page as one table parts its tables and titles by empty rows.

    An empty row ends a part and belongs to it, since it may be a row of blanks.
    """
    part: Rows = []
    ended, covered = False, 0
    for number, row in enumerate(rows):
        texts = [field for field in row if field.text.strip()]
        if texts and ended:
            yield part
            part, ended = [], False
        part.append(row)
        covered = max([covered, *(number + field.height for field in texts)])
        ended = len(part) > 1 and not texts and covered <= number
    yield part


def _cut(rows: Sequence[tuple[Field, ...]], marks: Landmarks, last: str | None) -> Iterator[tuple[str | None, Rows]]:
    """Runs of rows of one table each, or of none. A grid of nothing but numbers goes on with the `last` table."""
    named = [marks.table_of(row) for row in rows]
    if not any(named):
        lonely = last is not None and all(marks.is_number(row) for row in rows)
        yield (last if lonely else None), list(rows)
        return
    current: str | None = None
    gathered: Rows = []
    for number, (row, table) in enumerate(zip(rows, named, strict=True)):
        ahead = next((each for each in named[number:] if each), None)
        # A row that names no table is a part of the one around it, unless it is a line of text.
        belongs = table or (current if not marks.is_text(row) and (ahead in (current, None)) else None)
        belongs = belongs or (ahead if current is None and not marks.is_text(row) else None)
        if belongs != current and gathered:
            yield current, gathered
            gathered = []
        current = belongs
        gathered.append(row)
    yield current, gathered


def _paragraphs(rows: Rows) -> Iterator[Paragraph]:
    for row in rows:
        for each in row:
            for line in each.text.split("\n"):
                if line.strip():
                    yield Paragraph(line, each.source)
