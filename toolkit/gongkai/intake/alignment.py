"""From the printed lines of an official table to its cells: rows by label, values by the table's grid.

Published tables lose label columns, are torn by page breaks, and carry empty fields at the end of a line that may
be padding or a blank. A line whose values are all there can be read by itself. One with an empty field is read only
where its own borders, the heads above it or complete lines of the same shape beside it show the grid; otherwise the
whole row is doubted. No value is ever moved to make it fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from gongkai.forms import Band, Form, Row
from gongkai.intake.continuation import mended
from gongkai.intake.heads import Extent, Heads
from gongkai.intake.labels import bare, match, ordinal
from gongkai.intake.lines import Line
from gongkai.intake.numbers import has_number, is_value
from gongkai.intake.placing import Choice, Placed, choose, is_regular
from gongkai.intake.tablereading import TableReading

SHORT = 2
"""A label of so few characters names a row only by its number or its place."""


class Aligner:
    """Reads the lines of one table whose fields stand in columns."""

    def __init__(self, form: Form, table: str, file: str) -> None:
        self.form = form
        self.table = form.tables[table]
        self.heads = Heads(form, table)
        self.leaves = [(band, row) for band in self.table.bands for row in band.leaf_rows]
        self.rows = {bare(row.label.zh): str(row.key) for _, row in self.leaves}
        self.groups = {bare(node.label.zh) for node in self.table.walk("row") if node.children}
        self.reading = TableReading(form, table, file)

    def read(self, lines: Sequence[Line]) -> TableReading:
        """The reading of `lines`: all that were printed between the table's heading and what follows it."""
        lines = mended(lines, self.heads.labels | self.rows.keys() | self.groups, self.heads.is_head)
        heads = [line for line in lines if self.heads.is_head(line)]
        for node, field in self.heads.labelled(lines):
            self.reading.labelled(node, field)
        for addresses, text, labels in self.heads.unsure(heads):
            self.reading.doubt("PRS-COL-SHIFT", addresses, text, labels, heads[0].source)
        if self.table.bands[0].across:
            self._across(heads, [line for line in lines if line not in heads])
        else:
            self._matrix(lines, heads)
        if misplaced := self.heads.misplaced(heads):
            # Values under heads in another order are not ours to rearrange.
            self.reading.unreadable("PRS-COL-SHIFT", misplaced, heads[0])
        return self.reading

    # Rows with labels ------------------------------------------------------------------------------------------

    def _matrix(self, lines: Sequence[Line], heads: Sequence[Line]) -> None:
        by_row: dict[str, list[Placed]] = defaultdict(list)
        strays: list[Line] = []
        torn: set[str] = set()
        above: list[Line] = []
        last: Placed | None = None
        after_stray = after_head = False
        for line, block in _blocks(lines):
            if line in heads:
                above, after_head = [*above, line] if after_head else [line], True
                continue
            after_head = False
            placed = self._place(line, block, last, above)
            if placed is not None:
                by_row[placed.key].append(placed)
                # Numbers without a label may belong to the row above or below, if that lacks any.
                torn |= {placed.key} if after_stray and placed.complete() is None else set()
                last, after_stray = placed, False
            elif any(has_number(field.text) for field in line.fields):
                strays.append(line)
                after_stray = True
                # What goes on in another grid after a page's end may be the rest of each of its values.
                lacking = last and (last.complete() is None or (line.ruled and last.line.grid != line.grid))
                torn |= {last.key} if last and lacking else set()
        everything = [each for printed in by_row.values() for each in printed]
        if regular := is_regular(everything):
            by_row = {key: [each.below_stripped() for each in printed] for key, printed in by_row.items()}
            everything = [each for printed in by_row.values() for each in printed]
        for key, printed in by_row.items():
            self._row(printed, everything, regular=regular, torn=key in torn)
        for stray in strays:
            self.reading.doubt("PRS-ROW-UNMATCHED", [], stray.shown, (), stray.source)
        self.reading.unread(set(by_row), strays)

    def _place(self, line: Line, block: int, last: Placed | None, above: Sequence[Line]) -> Placed | None:
        for position in range(len(line.fields) - 1, -1, -1):
            text = line.fields[position].text
            if not text.strip() or has_number(text) or bare(text) in self.groups:
                continue
            key, exact = match(text, self.rows)
            if key is None:
                continue
            band, row = next((band, row) for band, row in self.leaves if row.key == key)
            printed, official = ordinal(text), ordinal(row.label.zh)
            if len(bare(text)) <= SHORT and printed != official and (printed or not self._follows(key, last)):
                return None
            return Placed(
                line,
                key,
                tuple(self.reading.addresses(row)),
                " ".join(text.split()),
                position + 1,
                _depth(band.rows, row),
                exact and printed in ("", official),
                block,
                len(band.leaf_columns),
                self._places(band, _on_grid(above, line)),
                tuple(self.heads.stands(band, _on_grid(above, line))),
                self._places(
                    band, [head for head in above if head.grid == line.grid and len(head.fields) <= len(line.fields)]
                ),
            )
        return None

    def _places(self, band: Band, heads: Sequence[Line]) -> tuple[Extent, ...] | None:
        places = self.heads.places(band, heads)
        return tuple(places) if places else None

    def _follows(self, key: str, last: Placed | None) -> bool:
        keys = [str(row.key) for _, row in self.leaves]
        return last is not None and keys.index(key) == keys.index(last.key) + 1

    def _row(self, placed: Sequence[Placed], everything: Sequence[Placed], *, regular: bool, torn: bool) -> None:
        """The cells of one row, which may be printed more than once."""
        spec = self.reading.specs[placed[0].addresses[0]]
        self.reading.labelled(spec.row, placed[0].line.fields[placed[0].start - 1])
        chosen = [choose(each, everything, regular=regular) for each in placed]
        first, choice = placed[0], chosen[0]
        held = {each.held(choice) if choice else None for each, choice in zip(placed, chosen, strict=True)}
        if len(held) > 1 or choice is None or torn:
            readings = [" | ".join(each.held(window)) for each in placed for window in each.windows()]
            self.reading.unreadable("PRS-COL-SHIFT", first.addresses, first.line, readings)
            return
        self._fill(first, choice)
        if not first.exact:
            row = next(row for _, row in self.leaves if row.key == first.key)
            self.reading.doubt("PRS-ROW-UNMATCHED", first.addresses, first.label, (row.label.zh,), first.line.source)

    def _fill(self, placed: Placed, choice: Choice) -> None:
        for address, number in zip(placed.addresses, choice, strict=True):
            field = placed.line.fields[number]
            self.reading.put(address, field, placed.label)
            if field.height > 1:
                # A value that reaches down into other rows may be the value of each of them, or of all together.
                self.reading.doubt("PRS-COL-SHIFT", [address], field.text, (), field.source)
        for field in placed.unexplained(choice):
            self.reading.doubt("PRS-COL-SHIFT", [], f"{placed.label} | {field.text}", (), field.source)

    # One line across -------------------------------------------------------------------------------------------

    def _across(self, heads: Sequence[Line], lines: Sequence[Line]) -> None:
        band = self.table.bands[0]
        addresses = tuple(self.reading.specs)
        rows = [line for line in lines if len(line.fields) >= len(addresses)]
        # Beside a row of values an empty one is filler, and one of anything else is no second.
        rows = [line for line in rows if any(is_value(field.text) for field in line.fields)] or rows[:1]
        if not rows:
            self.reading.lost()
            return
        placed = [
            Placed(
                line,
                "",
                addresses,
                "",
                0,
                0,
                True,
                line.grid,
                len(band.leaf_columns),
                self._places(band, _on_grid(heads, line)),
            )
            for line in rows
        ]
        chosen = [choose(each, placed, regular=False) for each in placed]
        held = {each.held(choice) if choice else None for each, choice in zip(placed, chosen, strict=True)}
        numbered = [line for line in lines if any(has_number(field.text) for field in line.fields)]
        # Without any head it is a line of numbers, of which nobody can say what they count.
        if not heads or len(held) > 1 or chosen[0] is None or len(rows) < len(numbered):
            self.reading.unreadable("PRS-COL-SHIFT", addresses, rows[0])
            return
        self._fill(placed[0], chosen[0])


def _on_grid(heads: Sequence[Line], line: Line) -> list[Line]:
    return [head for head in heads if head.columns == line.columns]


def _depth(rows: Sequence[Row], wanted: Row) -> int:
    """How deep `wanted` stands below `rows`, from one; 0 where it does not."""
    for row in rows:
        below = _depth(row.rows, wanted)
        if row is wanted or below:
            return 1 + below
    return 0


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[Line, int]]:
    """Each line with the number of its block: lines without a gap between them whose columns are the same."""
    block, last = 0, None
    for line in lines:
        if last and (line.number != last.number + 1 or line.columns != last.columns):
            block += 1
        yield line, block
        last = line
