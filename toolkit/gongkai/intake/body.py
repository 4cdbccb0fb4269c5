"""A report by where its parts belong: paragraphs by section, rows of grids by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.forms import Section
from gongkai.intake.labels import is_enumerated
from gongkai.intake.landmarks import Landmarks, landmarks
from gongkai.intake.lines import Line
from gongkai.intake.narrative import Opening, is_bracketed, opened
from gongkai.intake.numbers import is_value
from gongkai.intake.outline import Outline
from gongkai.intake.printed import Field, Grid, Paragraph, Printed

Rows = list[tuple[Field, ...]]


@dataclass(slots=True)
class Body:
    """A report by where its parts belong: paragraphs before the first section and in each, lines of each table.

    Paragraphs carry their number, lines of tables too, so that it can be told what stood between them. `pictures` are
    the first of each section.
    """

    front: list[tuple[int, Paragraph]] = field(default_factory=list)
    sections: dict[str, list[tuple[int, Paragraph]]] = field(default_factory=dict)
    tables: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    outline: Outline = field(default_factory=Outline)
    pictures: dict[str, Paragraph] = field(default_factory=dict)

    @property
    def is_contents(self) -> bool:
        """Whether so far there are headings with nothing below them but the last: a table of contents."""
        filled = [any(each.text.strip() for _, each in lines) for lines in self.sections.values()]
        return len(filled) > 1 and not any(filled[:-1]) and not self.tables

    def forget_contents(self) -> None:
        """Take away headings with nothing below them; what follows them stands before the first section."""
        self.front += [line for lines in self.sections.values() for line in lines]
        self.sections.clear()
        self.pictures.clear()
        self.outline = Outline()


class _Headings:
    """Which sections may still open, as a report goes on."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        self._following = list(sections)
        self._bracketed: bool | None = None

    def opening(self, text: str) -> Opening | None:
        """The section that a line opens; all are numbered alike, or what is in brackets is a part of one."""
        found, numbered = opened(text, self._following), is_enumerated(text)
        if found is None or (numbered and self._bracketed not in (None, is_bracketed(text))):
            return None
        self._bracketed = is_bracketed(text) if numbered else self._bracketed
        self.passed(found.section.key)
        return found

    def passed(self, key: str) -> None:
        """No section up to that of `key` opens any more."""
        keys = [section.key for section in self._following]
        self._following = self._following[keys.index(key) + 1 :] if key in keys else self._following

    def begins_again(self, text: str) -> bool:
        """Whether a line is the heading of the first section, though others were opened."""
        return len(self._following) < len(self._sections) and opened(text, self._sections[:1]) is not None

    def restart(self) -> None:
        """All sections may open."""
        self._following = list(self._sections)


def sort(printed: Printed) -> Body:
    """Every part of the report where it belongs."""
    body, marks = Body(), landmarks()
    headings = _Headings(marks.sections)
    current, section = body.front, ""
    number = 0
    for grid, block in enumerate(_pieces(printed, marks)):
        if isinstance(block, Paragraph):
            if block.picture:
                body.pictures.setdefault(section, block)
                continue
            number += 1
            if body.is_contents and headings.begins_again(block.text):
                body.forget_contents()
                headings.restart()
            opening = headings.opening(block.text)
            if opening is None:
                body.outline.passed(block)
                current.append((number, block))
                continue
            body.outline.opened(opening, block)
            section = opening.section.key
            current = body.sections.setdefault(section, [])
            current += [(number, Paragraph(opening.rest, block.source))] if opening.rest else []
            continue
        table = block.table
        for row in block.grid.rows:
            number += 1
            body.tables[table].append(Line(row, number, grid, block.grid.ruled))
        # Whatever follows a table belongs to its section, whether or not that had a heading.
        headings.passed(table)
        section = table
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
    above: Rows = []
    for block in printed:
        if isinstance(block, Paragraph):
            # An empty one stands between any two tables of a Word file.
            above = [] if block.text.strip() else above
            yield block
            continue
        for number, part in enumerate(_parts(block.rows)):
            goes_on = number == 0 and block.ruled and _goes_on(above, part)
            above = []
            for table, rows in _cut(part, marks, last, goes_on=goes_on):
                if table is None:
                    above = []
                    yield from _paragraphs(rows)
                else:
                    last, above = table, rows
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


def _goes_on(above: Rows, below: Rows) -> bool:
    """Whether rows have as many columns as those above, or as many of values: a page may show fewer of labels."""
    if not (above and below and above[-1] and below[0]):
        return False
    widths = [max(field.right for row in rows for field in row) for rows in (above, below)]
    one, other = _beside_labels(above[-1]), _beside_labels(below[0])
    return widths[0] == widths[1] or one == other > 0


def _beside_labels(row: Sequence[Field]) -> float:
    """How many columns stand beside the labels of a row."""
    labels = [field.right for field in row if field.text.strip() and not is_value(field.text)]
    return max(field.right for field in row) - max(labels) if labels else 0.0


def _cut(
    rows: Sequence[tuple[Field, ...]], marks: Landmarks, last: str | None, *, goes_on: bool
) -> Iterator[tuple[str | None, Rows]]:
    """Runs of rows of one table each, or of none.

    A grid that names none goes on with the `last` table if there is nothing in it but numbers, or if it `goes_on`:
    it has as many columns, and nothing stands between.
    """
    named = [marks.table_of(row) for row in rows]
    if not any(named):
        lonely = last is not None and (
            all(marks.is_number(row) for row in rows) or (goes_on and not any(marks.is_text(row) for row in rows))
        )
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
