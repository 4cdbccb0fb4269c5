"""From the printed lines of an official table to its cells: rows by label, values by the table's grid from the right.

Published tables lose label columns, are torn by page breaks, and carry empty fields at the end of a line that may
be padding or a blank. A line whose values are all there can be read by itself. One with an empty field is read only
where complete lines of the same shape beside it show the same grid; otherwise the whole row is doubted. No value is
ever moved to make it fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.filing import Cell, Doubt, Source
from gongkai.forms import Band, Form, Row, Table
from gongkai.intake.heads import Heads, Line
from gongkai.intake.labels import bare, match, ordinal
from gongkai.intake.numbers import has_number, read_cell

SHORT = 2
"""A label of so few characters names a row only by its number or its place."""


@dataclass(slots=True)
class TableReading:
    """What was read of one table."""

    cells: dict[str, Cell] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line whose row is known.

    `start` is where its label ends, `depth` how deep its row stands in the stub, `block` the run of lines around it.
    """

    line: Line
    band: Band
    row: Row
    label: str
    start: int
    depth: int
    exact: bool
    block: int

    @property
    def key(self) -> str:
        return str(self.row.key)

    @property
    def wanted(self) -> int:
        return len(self.band.leaf_columns)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return self.block, len(self.line.fields), self.start, self.wanted

    def readings(self) -> dict[tuple[str, ...], int]:
        """The values by every number of padding fields that leaves room for them and nothing unexplained."""
        fields, found = self.line.fields, {}
        for padding in range(len(fields) - self.start - self.wanted + 1):
            end = len(fields) - padding
            if any(text.strip() for text in fields[end:]):
                break
            if not any(text.strip() for text in fields[self.start : end - self.wanted]):
                found[fields[end - self.wanted : end]] = padding
        return found

    def complete(self) -> tuple[tuple[str, ...], int] | None:
        """The one reading in which no value is empty, and its padding."""
        full = [(values, padding) for values, padding in self.readings().items() if all(map(str.strip, values))]
        return full[0] if len(full) == 1 else None


def align(lines: Sequence[Line], form: Form, table: str, file: str) -> TableReading:
    """Read the lines of one table. Raises InputError where the heads are those of another form."""
    return _Aligner(form, table, file).read(lines)


class _Aligner:
    def __init__(self, form: Form, table: str, file: str) -> None:
        self.form = form
        self.key = table
        self.file = file
        self.table: Table = form.tables[table]
        self.heads = Heads(form, table, file)
        self.rows = {bare(row.label.zh): str(row.key) for band in self.table.bands for row in band.leaf_rows}
        self.groups = {bare(node.label.zh) for node in self.table.walk("row") if node.children}
        self.reading = TableReading()

    def read(self, lines: Sequence[Line]) -> TableReading:
        heads = [line for line in lines if self.heads.is_head(line)]
        for columns, text, label in self.heads.unsure(heads):
            self._doubt("PRS-COL-SHIFT", columns, text, (label,), self._source(heads[0]))
        if self.table.bands[0].across:
            self._across(heads, [line for line in lines if line not in heads])
        else:
            self._matrix([line for line in lines if line not in heads])
        misplaced = self.heads.misplaced(heads)
        if misplaced:
            # Values under heads in another order are not ours to rearrange.
            self._unreadable("PRS-COL-SHIFT", misplaced, heads[0], [])
        return self.reading

    # Rows with labels ------------------------------------------------------------------------------------------

    def _matrix(self, lines: Sequence[Line]) -> None:
        by_row: dict[str, list[_Placed]] = defaultdict(list)
        strays: list[Line] = []
        torn: set[str] = set()
        last: _Placed | None = None
        after_stray = False
        for line, block in _blocks(lines):
            placed = self._place(line, block, last)
            if placed is not None:
                by_row[placed.key].append(placed)
                # Numbers without a label may belong to the row above or below, if that lacks any.
                torn |= {placed.key} if after_stray and placed.complete() is None else set()
                last, after_stray = placed, False
            elif any(map(has_number, line.fields)):
                strays.append(line)
                after_stray = True
                torn |= {last.key} if last and last.complete() is None else set()
        everything = [each for printed in by_row.values() for each in printed]
        for key, printed in by_row.items():
            self._row(printed, everything, torn=key in torn)
        self._strays(strays)
        self._unread(set(by_row), strays)

    def _place(self, line: Line, block: int, last: _Placed | None) -> _Placed | None:
        for position in range(len(line.fields) - 1, -1, -1):
            text = line.fields[position]
            if not text.strip() or has_number(text) or bare(text) in self.groups:
                continue
            key, exact = match(text, self.rows)
            if key is None:
                continue
            band, row = self._row_of(key)
            printed, official = ordinal(text), ordinal(row.label.zh)
            if len(bare(text)) <= SHORT and printed != official and (printed or not self._follows(key, last)):
                return None
            exact = exact and printed in ("", official)
            return _Placed(line, band, row, text.strip(), position + 1, _depth(band.rows, row), exact, block)
        return None

    def _follows(self, key: str, last: _Placed | None) -> bool:
        keys = [str(row.key) for band in self.table.bands for row in band.leaf_rows]
        return last is not None and keys.index(key) == keys.index(last.key) + 1

    def _row_of(self, key: str) -> tuple[Band, Row]:
        return next((band, row) for band in self.table.bands for row in band.leaf_rows if row.key == key)

    def _row(self, placed: Sequence[_Placed], everything: Sequence[_Placed], *, torn: bool) -> None:
        """The cells of one row, which may be printed more than once."""
        chosen = {_choose(each, everything) for each in placed}
        (values, first) = (next(iter(chosen)), placed[0])
        addresses = [f"{self.key}.{first.key}.{column.key}" for column in first.band.leaf_columns]
        if len(chosen) > 1 or values is None or torn:
            shown = [" | ".join(reading) for each in placed for reading in each.readings()]
            self._unreadable("PRS-COL-SHIFT", addresses, first.line, shown)
            return
        for address, column, text in zip(addresses, first.band.leaf_columns, values, strict=True):
            source = self._source(first.line, row=first.label, column=column.label.zh)
            self.reading.cells[address] = read_cell(text, self.form.cells[address], source)
        if not first.exact:
            source = self._source(first.line, row=first.label)
            self._doubt("PRS-ROW-UNMATCHED", addresses, first.label, (first.row.label.zh,), source)

    def _strays(self, strays: Sequence[Line]) -> None:
        for line in strays:
            self._doubt("PRS-ROW-UNMATCHED", [], _shown(line), (), self._source(line))

    def _unread(self, seen: set[str], strays: Sequence[Line]) -> None:
        """Rows of the form that no line was found for: a doubt if stray lines may hold them, else simply not there."""
        missing = [
            each for each, spec in self.form.cells.items() if spec.table == self.key and spec.row.key not in seen
        ]
        if not seen:
            self._doubt("PRS-TABLE-LOST", missing, "", (), Source(file=self.file, table=self.key))
        elif missing and strays:
            self._doubt("PRS-ROW-UNMATCHED", missing, _shown(strays[0]), (), self._source(strays[0]))

    # One line across -------------------------------------------------------------------------------------------

    def _across(self, heads: Sequence[Line], lines: Sequence[Line]) -> None:
        band = self.table.bands[0]
        addresses = [address for address, spec in self.form.cells.items() if spec.table == self.key]
        rows = [line for line in lines if len(line.fields) >= len(addresses)]
        if not heads or not rows:
            self._doubt("PRS-TABLE-LOST", addresses, "", (), Source(file=self.file, table=self.key))
            return
        readings = {_across_values(line, heads, len(addresses)) for line in rows}
        values = next(iter(readings))
        if (
            len(readings) > 1
            or values is None
            or len(rows) < len([line for line in lines if any(map(has_number, line.fields))])
        ):
            self._unreadable("PRS-COL-SHIFT", addresses, rows[0], [])
            return
        places = [(row, column) for row in band.leaf_rows for column in band.leaf_columns]
        for address, (row, column), text in zip(addresses, places, values, strict=True):
            source = self._source(rows[0], row=row.label.zh, column=column.label.zh)
            self.reading.cells[address] = read_cell(text, self.form.cells[address], source)

    # Doubts ----------------------------------------------------------------------------------------------------

    def _source(self, line: Line, *, row: str | None = None, column: str | None = None) -> Source:
        return Source(file=self.file, table=self.key, row=row, column=column, line=line.number)

    def _unreadable(self, code: str, addresses: Sequence[str], line: Line, alternatives: Sequence[str]) -> None:
        source = self._source(line)
        cell = Cell(None, "unreadable", _shown(line), source)
        self.reading.cells |= dict.fromkeys(addresses, cell)
        self._doubt(code, addresses, _shown(line), tuple(alternatives), source)

    def _doubt(
        self, code: str, addresses: Sequence[str], read: str, alternatives: tuple[str, ...], source: Source
    ) -> None:
        doubt = Doubt(code=code, cells=tuple(addresses), read=read, alternatives=alternatives, source=source)
        self.reading.doubts.append(doubt)


def _depth(rows: Sequence[Row], wanted: Row) -> int:
    """How deep `wanted` stands below `rows`, from one; 0 where it does not."""
    for row in rows:
        below = _depth(row.rows, wanted)
        if row is wanted or below:
            return 1 + below
    return 0


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[Line, int]]:
    """Each line with the number of its block: lines without a gap between them that have as many fields."""
    block, last = 0, None
    for line in lines:
        if last and (line.number != last.number + 1 or len(line.fields) != len(last.fields)):
            block += 1
        yield line, block
        last = line


def _choose(placed: _Placed, everything: Sequence[_Placed]) -> tuple[str, ...] | None:
    """The one reading that is certain, if there is one."""
    readings, complete = placed.readings(), placed.complete()
    if complete:
        return complete[0]
    if placed.wanted == 1 and len(readings) == 1:
        return next(iter(readings))
    # An empty field is a blank only where complete rows of the same shape show where the grid ends.
    others = [other for other in everything if other is not placed and other.shape == placed.shape]
    for values, padding in readings.items():
        # Between a label and its first value there may be filler of the label, as much as the row's depth leaves.
        alike = [other for other in others if values[0].strip() or other.depth == placed.depth]
        if {found[1] for other in alike if (found := other.complete())} == {padding}:
            return values
    return None


def _across_values(line: Line, heads: Sequence[Line], wanted: int) -> tuple[str, ...] | None:
    """The values of the one row of a table laid across, if it is certain where they stand."""
    filled = [position for position, text in enumerate(line.fields) if text.strip()]
    if len(filled) == wanted == filled[-1] - filled[0] + 1:
        return line.fields[filled[0] : filled[-1] + 1]
    # With a blank among them, only the heads, printed on the same grid, can say where the last cell stands.
    ends = {
        max(position for position, text in enumerate(head.fields) if text.strip())
        for head in heads
        if len(head.fields) == len(line.fields)
    }
    end = max(ends, default=-1) + 1
    if end < wanted or any(text.strip() for text in line.fields[: end - wanted] + line.fields[end:]):
        return None
    return line.fields[end - wanted : end]


def _shown(line: Line) -> str:
    return " | ".join(text.strip() for text in line.fields)
