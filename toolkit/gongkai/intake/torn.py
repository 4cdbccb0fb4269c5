"""From lines without columns to the cells of a table: numbers in reading order, labels around them.

Where a page was turned into plain text, labels are wrapped above and below the numbers of their row, or every cell
stands on a line of its own. What is left is the order: rows come as in the form, and the values of a row come
together. Rows whose label is found whole are fixed points; between two of them as many runs of values as rows are
taken for those rows. A row is read only where all its values are there, or where those that are stand in the columns
of complete rows.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from gongkai.forms import Form, Row
from gongkai.intake.folding import unfolded
from gongkai.intake.heads import Extent, Heads
from gongkai.intake.labels import bare, ordinal
from gongkai.intake.lines import Line
from gongkai.intake.numbers import is_value, vocabulary
from gongkai.intake.printed import Field
from gongkai.intake.runs import Run, runs_of, without_repeated_heads
from gongkai.intake.tablereading import TableReading

FOUND = 0.6
"""How much of a label must be found around the values of its row, as a part of its length."""
TELLING = 4
"""The beginning of a label is told from chance from so many characters on."""
SHORT = 2
"""A label of so few characters is no fixed point by itself."""


class TornReader:
    """Reads the lines of one table whose fields stand in no columns."""

    def __init__(self, form: Form, table: str, file: str) -> None:
        self.table = form.tables[table]
        self.heads = Heads(form, table)
        self.rows: list[Row] = [row for band in self.table.bands for row in band.leaf_rows]
        self.labels = [bare(row.label.zh) for row in self.rows]
        self.reading = TableReading(form, table, file)
        lines = self.rows if self.table.bands[0].across else self.rows[:1]
        self.specs = [self.reading.specs[address] for row in lines for address in self.reading.addresses(row)]
        # Values that are added up are counts of one thing, in all rows.
        self.units = vocabulary()["unit_words"][self.specs[0].unit.zh] if self.specs[-1].column.total else ()

    def read(self, lines: Sequence[Line]) -> TableReading:
        """The reading of `lines`: all that were printed between the table's heading and what follows it."""
        runs, pieces = runs_of(without_repeated_heads(lines), len(self.specs), self.units)
        if self.table.bands[0].across:
            self._across(lines, runs, pieces)
            return self.reading
        owners = self._owners(runs)
        torn = _torn(runs, owners, self._folded(runs))
        owned = [run for run, row in zip(runs, owners, strict=True) if row is not None]
        columns = _columns(owned, len(self.specs)) or self._under_heads(lines)
        seen: set[str] = set()
        for run, number in zip(runs, owners, strict=True):
            if number is None:
                self.reading.doubt("PRS-ROW-UNMATCHED", [], run.shown, (), run.line.source)
            elif str(self.rows[number].key) in seen or run in torn:
                self.reading.unreadable("PRS-COL-SHIFT", self.reading.addresses(self.rows[number]), run.line)
            else:
                self._row(run, number, columns)
            seen |= {str(self.rows[number].key)} if number is not None else set()
        seen |= self._empty(seen, pieces)
        self.reading.unread(seen, [run.line for run, row in zip(runs, owners, strict=True) if row is None])
        for piece in pieces:
            if bare(piece.text) in vocabulary()["subtotals"]:
                # One column more than the form has: a row that lacks a value has as many as a whole one.
                self.reading.doubt("PRS-COL-SHIFT", list(self.reading.specs), piece.text, (), piece.source)
        if misplaced := self.heads.misplaced([line for line in lines if self.heads.is_head(line)]):
            self.reading.unreadable("PRS-COL-SHIFT", misplaced, lines[0])
        return self.reading

    def _owners(self, runs: Sequence[Run]) -> list[int | None]:
        """The row of each run, as its number in the form."""
        fixed = _rising([(number, row) for number, run in enumerate(runs) for row in self._named(run)])
        owners: list[int | None] = [None] * len(runs)
        for (run, row), (next_run, next_row) in zip(
            [(-1, -1), *fixed], [*fixed, (len(runs), len(self.rows))], strict=True
        ):
            if run >= 0:
                owners[run] = row
            if next_run - run == next_row - row:
                for step in range(1, next_run - run):
                    if self._found(runs[run + step], row + step) >= FOUND or self._begun(runs[run + step], row + step):
                        owners[run + step] = row + step
        return owners

    def _named(self, run: Run) -> Iterator[int]:
        """The rows whose whole label stands at the values of `run`."""
        for label in run.labels():
            text = bare(label)
            for number, known in enumerate(self.labels):
                short = len(known) <= SHORT
                if text == known and (not short or ordinal(label) == ordinal(self.rows[number].label.zh) != ""):
                    yield number

    def _begun(self, run: Run, number: int) -> bool:
        """Whether the label of a row begins before the values of `run`: the rest of it may stand on another page."""
        text, label = bare(run.own), self.labels[number]
        return any(text.endswith(label[:length]) for length in range(TELLING, len(label) + 1))

    def _found(self, run: Run, number: int) -> float:
        """How much of the label of a row is found around `run`, in its order."""
        blocks = difflib.SequenceMatcher(None, self.labels[number], run.around, autojunk=False).get_matching_blocks()
        return sum(block.size for block in blocks) / len(self.labels[number])

    def _folded(self, runs: Sequence[Run]) -> list[Run]:
        """The runs whose lines may be torn numbers; where sums show which, those are put together.

        Cells stand on a line together, or each on its own. Where some do this and some that, or a run has more values
        than a row, numbers were wrapped, or values come in another order.
        """
        if not any(run.is_wrapped or len(run.values) > len(self.specs) for run in runs):
            return []
        folded = [run for run in runs if len(run.lines) > 1]
        if not self.specs[-1].column.total:
            return folded
        read = unfolded([run.broken for run in folded], self.specs)
        for run, cells in zip(folded, read, strict=True):
            if cells:
                run.lines = [[replace(cell[0], text="".join(piece.text for piece in cell)) for cell in cells]]
        return [run for run, cells in zip(folded, read, strict=True) if not cells]

    def _under_heads(self, lines: Sequence[Line]) -> list[Extent]:
        """Where the columns stand by their heads, of which only those on a page have a place."""
        above = takewhile(lambda line: not any(is_value(field.text) for field in line.fields), lines)
        pieces = [field for line in above for field in line.fields if field.text.strip() and field.source.page]
        heads = [each for each in pieces if len(bare(each.text)) <= SHORT or bare(each.text) not in self.labels[0]]
        return (len(self.table.bands) == 1 and self.heads.under(heads)) or []

    def _row(self, run: Run, number: int, columns: Sequence[Extent]) -> None:
        row = self.rows[number]
        addresses = self.reading.addresses(row)
        values: Sequence[Field | None] | None = run.values
        if run.is_glued:
            values = None
        elif len(run.values) != len(addresses):
            values = _placed(run, columns) if len(columns) == len(addresses) else None
        if values is None:
            self.reading.unreadable("PRS-COL-SHIFT", addresses, run.line, (run.shown,))
            return
        for address, value in zip(addresses, values, strict=True):
            self.reading.put(address, value or Field("", 0, 0, run.line.source), row.label.zh)
        if self._found(run, number) < 1:
            self.reading.doubt("PRS-ROW-UNMATCHED", addresses, run.shown, (row.label.zh,), run.line.source)

    def _empty(self, seen: set[str], pieces: Sequence[Field]) -> set[str]:
        """Rows that are printed without any value: blank, if nothing was lost; that is doubted."""
        printed = {bare(piece.text): piece for piece in pieces}
        found = set()
        for row, label in zip(self.rows, self.labels, strict=True):
            if row.key not in seen and label in printed and len(label) > SHORT:
                found.add(str(row.key))
                addresses, source = self.reading.addresses(row), printed[label].source
                for address in addresses:
                    self.reading.put(address, Field("", 0, 0, source), row.label.zh)
                self.reading.doubt("PRS-COL-SHIFT", addresses, row.label.zh, (), source)
        return found

    def _across(self, lines: Sequence[Line], runs: Sequence[Run], pieces: Sequence[Field]) -> None:
        folded = self._folded(runs)
        values: Sequence[Field | None] = [value for run in runs for value in run.values]
        addresses = list(self.reading.specs)
        if not values:
            self.reading.lost(lines)
            return
        columns = self.heads.under([piece for piece in pieces if piece.source.page])
        placed = _placed(runs[0], columns) if columns else None
        if len(runs) > 1 or not (placed or self.heads.spelled(bare("".join(piece.text for piece in pieces)))):
            placed = None
        elif len(values) == len(addresses) and runs[0] not in folded:
            placed = list(values)
        if placed is None:
            self.reading.unreadable("PRS-COL-SHIFT", addresses, runs[0].line)
            return
        for address, value in zip(addresses, placed, strict=True):
            self.reading.put(address, value or Field("", 0, 0, runs[0].line.source), "")


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest sequence of (run, row) in which both rise; of equally long ones the first."""
    best: list[list[tuple[int, int]]] = []
    for pair in sorted(set(pairs)):
        before = [chain for chain in best if chain[-1][0] < pair[0] and chain[-1][1] < pair[1]]
        best.append([*max(before, key=len, default=[]), pair])
    return max(best, key=len, default=[])


def _columns(runs: Sequence[Run], columns: int) -> list[Extent]:
    """Where the columns stand, by the runs that have a value for each; none where those overlap."""
    full = [run.values for run in runs if len(run.values) == columns]
    found = [
        (min(each.left for each in column), max(each.right for each in column)) for column in zip(*full, strict=True)
    ]
    apart = all(one[1] <= other[0] for one, other in pairwise(found))
    return found if apart and len(full) > 1 else []


def _placed(run: Run, columns: Sequence[Extent]) -> list[Field | None] | None:
    """The values in the columns that they stand in.

    None where one stands in none, or in two, or where something else stands in a column that would be blank: a word
    for nothing may have run into the label.
    """
    placed: list[Field | None] = [None] * len(columns)
    for value in run.values:
        under = [number for number, extent in enumerate(columns) if _overlap(value, extent)]
        if len(under) != 1 or placed[under[0]] is not None:
            return None
        placed[under[0]] = value
    blank = [extent for extent, value in zip(columns, placed, strict=True) if value is None]
    return None if any(_overlap(piece, extent) for piece in run.line.fields for extent in blank) else placed


def _overlap(piece: Field, extent: Extent) -> bool:
    return bool(piece.text.strip()) and piece.left < extent[1] and extent[0] < piece.right


def _torn(runs: Sequence[Run], owners: Sequence[int | None], folded: Sequence[Run]) -> list[Run]:
    """The `folded` runs, and those beside values that may be theirs: of no row, or in columns of a folded run above."""
    beside = {number + step for number, row in enumerate(owners) if row is None for step in (-1, 1)}
    below = {number + 1 for number, run in enumerate(runs) if run in folded and not run.flows}
    return [run for number, run in enumerate(runs) if number in beside | below or run in folded]
