"""From the printed lines of an official table to its cells: rows by label, values by the table's grid from the right.

Published tables lose label columns, are torn by page breaks, and carry empty fields at the end of a line that may
be padding or a blank. Each line is tried with every number of padding fields; where more than one reading is
possible its neighbours of the same shape decide, and where they do not, the whole row is doubted. No value is ever
moved to make it fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.errors import InputError
from gongkai.filing import Cell, CellKind, Doubt, Source
from gongkai.forms import Band, Form, Row, Table
from gongkai.intake.labels import bare, match
from gongkai.intake.numbers import read_cell


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line of a table: its fields (empty ones kept) and its number in the file, from one."""

    fields: tuple[str, ...]
    number: int


@dataclass(slots=True)
class TableReading:
    """What was read of one table."""

    cells: dict[str, Cell] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line whose row is known: `start` is where its label ends, `depth` how deep the row stands in the stub."""

    line: Line
    band: Band
    row: Row
    label: str
    start: int
    depth: int
    exact: bool

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.line.fields), self.depth


def align(lines: Sequence[Line], form: Form, table: str, file: str) -> TableReading:
    """Read the lines of one table. Raises InputError where the heads are those of another form."""
    return _Aligner(form, table, file).read(lines)


class _Aligner:
    def __init__(self, form: Form, table: str, file: str) -> None:
        self.form = form
        self.key = table
        self.file = file
        self.table: Table = form.tables[table]
        self.rows = {bare(row.label.zh): str(row.key) for band in self.table.bands for row in band.leaf_rows}
        self.groups = {bare(node.label.zh) for node in self.table.walk("row") if node.children}
        self.heads = {bare(node.label.zh) for node in self.table.walk("column")}
        self.heads |= {bare(band.head.zh) for band in self.table.bands if band.head}
        self.reading = TableReading()

    def read(self, lines: Sequence[Line]) -> TableReading:
        if self.table.bands[0].across:
            self._across(lines)
        else:
            self._matrix(lines)
        return self.reading

    # Rows with labels ------------------------------------------------------------------------------------------

    def _matrix(self, lines: Sequence[Line]) -> None:
        placed: list[_Placed] = []
        for line in lines:
            if self._is_head(line):
                self._check_heads(line)
            elif (found := self._place(line)) is not None:
                placed.append(found)
            elif any(_is_number(text) for text in line.fields):
                self._stray(line)
        paddings = {each: self._paddings(each) for each in placed}
        seen: set[str] = set()
        for each in placed:
            if str(each.row.key) in seen:
                self._stray(each.line)
                continue
            seen.add(str(each.row.key))
            self._row(each, paddings)
        self._unread(seen)

    def _is_head(self, line: Line) -> bool:
        return sum(bare(text) in self.heads for text in line.fields if text.strip()) >= 2 or (
            bool(line.fields)
            and any(band.head and bare(line.fields[0]) == bare(band.head.zh) for band in self.table.bands)
        )

    def _check_heads(self, line: Line) -> None:
        """Refuse a head that belongs to another form: the same rows under other columns would be misread."""
        columns = {bare(node.label.zh): str(node.label.zh) for node in self.table.walk("column")}
        for text in line.fields[1:]:
            if text.strip() and match(text, columns)[0] is None and len(bare(text)) >= 4:
                place = f"line {line.number}"
                raise InputError(
                    "other_heads", file=self.file, place=place, head=text.strip(), edition=self.form.edition
                )

    def _place(self, line: Line) -> _Placed | None:
        for position in range(len(line.fields) - 1, -1, -1):
            text = line.fields[position]
            if not text.strip() or _is_number(text) or bare(text) in self.groups:
                continue
            key, exact = match(text, self.rows)
            if key is not None:
                band, row, depth = self._row_of(key)
                return _Placed(line, band, row, text.strip(), position + 1, depth, exact)
        return None

    def _row_of(self, key: str) -> tuple[Band, Row, int]:
        for band in self.table.bands:
            for top in band.rows:
                for row, depth in _with_depth(top, 1):
                    if row.key == key:
                        return band, row, depth
        raise KeyError(key)

    def _paddings(self, placed: _Placed) -> list[int]:
        """Every number of padding fields at the end that leaves room for the values and nothing unexplained."""
        fields, wanted = placed.line.fields, len(placed.band.leaf_columns)
        found = []
        for padding in range(len(fields) - placed.start - wanted + 1):
            end = len(fields) - padding
            between = fields[placed.start : end - wanted]
            if any(text.strip() for text in fields[end:]):
                break
            if not any(text.strip() for text in between):
                found.append(padding)
        return found

    def _row(self, placed: _Placed, paddings: dict[_Placed, list[int]]) -> None:
        fields, wanted = placed.line.fields, len(placed.band.leaf_columns)
        readings = {_values(fields, wanted, padding): padding for padding in paddings[placed]}
        chosen = self._choose(placed, readings, paddings)
        addresses = [f"{self.key}.{placed.row.key}.{column.key}" for column in placed.band.leaf_columns]
        source = Source(file=self.file, table=self.key, row=placed.label, line=placed.line.number)
        if chosen is None:
            shown = [" | ".join(values) for values in readings]
            self._doubt_row("PRS-COL-SHIFT", addresses, placed.line, source, shown)
            return
        for address, column, text in zip(addresses, placed.band.leaf_columns, chosen, strict=True):
            spot = Source(
                file=self.file, table=self.key, row=placed.label, column=column.label.zh, line=placed.line.number
            )
            self.reading.cells[address] = read_cell(text, self.form.cells[address], spot)
        if not placed.exact:
            self._doubt("PRS-ROW-UNMATCHED", addresses, placed.label, (placed.row.label.zh,), source)

    def _choose(
        self, placed: _Placed, readings: dict[tuple[str, ...], int], paddings: dict[_Placed, list[int]]
    ) -> tuple[str, ...] | None:
        """The one reading that is certain, if there is one."""
        fields, wanted = placed.line.fields, len(placed.band.leaf_columns)
        if len(readings) == 1:
            (values,) = readings
            fits = len(fields) == placed.start + wanted
            if fits or wanted == 1 or all(text.strip() for text in values):
                return values
        # An empty field is a blank only where rows of the same shape show the same grid beyond doubt.
        neighbours = {
            options[0]
            for other, options in paddings.items()
            if other is not placed
            and other.shape == placed.shape
            and len(options) == 1
            and all(text.strip() for text in _values(other.line.fields, wanted, options[0]))
        }
        agreed = [values for values, padding in readings.items() if neighbours == {padding}]
        return agreed[0] if agreed else None

    def _unread(self, seen: set[str]) -> None:
        """Rows of the form that no line was found for: a doubt if stray lines may hold them, else simply not there."""
        rows = [str(row.key) for band in self.table.bands for row in band.leaf_rows]
        if not seen:
            addresses = [address for address, spec in self.form.cells.items() if spec.table == self.key]
            self._doubt("PRS-TABLE-LOST", addresses, "", (), Source(file=self.file, table=self.key))
            return
        missing = [row for row in rows if row not in seen]
        strays = [doubt for doubt in self.reading.doubts if doubt.code == "PRS-ROW-UNMATCHED" and not doubt.cells]
        if missing and strays:
            addresses = [
                each for each, spec in self.form.cells.items() if spec.table == self.key and spec.row.key in missing
            ]
            self._doubt("PRS-ROW-UNMATCHED", addresses, strays[0].read, (), strays[0].source)

    # One line across -------------------------------------------------------------------------------------------

    def _across(self, lines: Sequence[Line]) -> None:
        band = self.table.bands[0]
        addresses = [address for address, spec in self.form.cells.items() if spec.table == self.key]
        labels = self.heads | {bare(node.label.zh) for node in self.table.walk("row")}
        heads = [line for line in lines if any(bare(text) in labels for text in line.fields if text.strip())]
        rows = [line for line in lines if line not in heads and len(line.fields) >= len(addresses)]
        if len(rows) != 1 or not heads:
            source = Source(file=self.file, table=self.key, line=rows[0].number if rows else None)
            self._doubt("PRS-TABLE-LOST", addresses, "", (), source)
            return
        (line,) = rows
        values = self._across_values(line, heads, len(addresses))
        if values is None:
            source = Source(file=self.file, table=self.key, line=line.number)
            self._doubt_row("PRS-COL-SHIFT", addresses, line, source, [])
            return
        places = [(row, column) for row in band.leaf_rows for column in band.leaf_columns]
        for address, (row, column), text in zip(addresses, places, values, strict=True):
            spot = Source(file=self.file, table=self.key, row=row.label.zh, column=column.label.zh, line=line.number)
            self.reading.cells[address] = read_cell(text, self.form.cells[address], spot)

    def _across_values(self, line: Line, heads: Sequence[Line], wanted: int) -> tuple[str, ...] | None:
        fields = line.fields
        if len(fields) == wanted:
            return fields
        # More fields than cells: only the heads, printed on the same grid, can say where the last cell stands.
        ends = Counter(
            max(position for position, text in enumerate(head.fields) if text.strip())
            for head in heads
            if len(head.fields) == len(fields)
        )
        if not ends:
            return None
        end = max(ends) + 1
        outside = fields[: max(end - wanted, 0)] + fields[end:]
        if end < wanted or any(_is_number(text) for text in outside):
            return None
        return fields[end - wanted : end]

    # Doubts ----------------------------------------------------------------------------------------------------

    def _stray(self, line: Line) -> None:
        source = Source(file=self.file, table=self.key, line=line.number)
        self._doubt("PRS-ROW-UNMATCHED", [], " | ".join(line.fields), (), source)

    def _doubt_row(
        self, code: str, addresses: Sequence[str], line: Line, source: Source, alternatives: Sequence[str]
    ) -> None:
        unreadable: CellKind = "unreadable"
        raw = " | ".join(text.strip() for text in line.fields)
        self.reading.cells |= {address: Cell(None, unreadable, raw, source) for address in addresses}
        self._doubt(code, addresses, raw, tuple(alternatives), source)

    def _doubt(
        self, code: str, addresses: Sequence[str], read: str, alternatives: tuple[str, ...], source: Source | None
    ) -> None:
        self.reading.doubts.append(
            Doubt(code=code, cells=tuple(addresses), read=read, alternatives=alternatives, source=source)
        )


def _values(fields: tuple[str, ...], wanted: int, padding: int) -> tuple[str, ...]:
    end = len(fields) - padding
    return fields[end - wanted : end]


def _is_number(text: str) -> bool:
    return any(character.isdigit() for character in bare(text)) and not any(
        character.isalpha() and not character.isdigit() for character in bare(text)
    )


def _with_depth(row: Row, depth: int) -> Iterator[tuple[Row, int]]:
    yield row, depth
    for child in row.rows:
        yield from _with_depth(child, depth + 1)
