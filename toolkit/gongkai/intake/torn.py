"""From lines without columns to the cells of a table: numbers in reading order, labels around them.

Where a page was turned into plain text, labels are wrapped above and below the numbers of their row, or every cell
stands on a line of its own. What is left is the order: rows come as in the form, and the values of a row come
together. Rows whose label is found whole are fixed points; between two of them as many runs of values as rows are
taken for those rows. A row is read only where all its values are there, or where those that are stand in the columns
of complete rows.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from gongkai.forms import Form, Row
from gongkai.intake.heads import Heads
from gongkai.intake.labels import bare, ordinal
from gongkai.intake.lines import Line
from gongkai.intake.numbers import is_value, plain, vocabulary
from gongkai.intake.printed import Field
from gongkai.intake.tablereading import TableReading

WRAPPED = 4
"""Lines over which the label of one row is wrapped, at most, on each side of its values."""
FOUND = 0.6
"""How much of a label must be found around the values of its row, as a part of its length."""
_CUT = re.compile(r",\d{0,2}$")
"""How a number ends that was cut behind its thousands."""
TELLING = 4
"""The beginning of a label is told from chance from so many characters on."""
SHORT = 2
"""A label of so few characters is no fixed point by itself."""


@dataclass(slots=True)
class _Run:
    """Values that stand together, the line that they stand on, and the pieces of labels around them."""

    values: list[Field]
    line: Line
    lines: list[int]
    """How many of the values stand on each of their lines."""
    before: list[str] = field(default_factory=list)
    own: str = ""
    after: list[str] = field(default_factory=list)

    def labels(self) -> Iterator[str]:
        """Whatever may be the label of these values, as it was printed; no label stands all of it below its values."""
        for above in range(0 if self.own else 1, min(WRAPPED, len(self.before)) + 1):
            for below in range(min(WRAPPED, len(self.after)) + 1):
                pieces = [*self.before[len(self.before) - above :], self.own, *self.after[:below]]
                if text := "".join(pieces):
                    yield text

    @property
    def around(self) -> str:
        return bare("".join([*self.before[-WRAPPED:], self.own, *self.after[:WRAPPED]]))


class TornReader:
    """Reads the lines of one table whose fields stand in no columns."""

    def __init__(self, form: Form, table: str, file: str) -> None:
        self.table = form.tables[table]
        self.heads = Heads(form, table)
        self.rows: list[Row] = [row for band in self.table.bands for row in band.leaf_rows]
        self.labels = [bare(row.label.zh) for row in self.rows]
        self.reading = TableReading(form, table, file)

    def read(self, lines: Sequence[Line]) -> TableReading:
        """The reading of `lines`: all that were printed between the table's heading and what follows it."""
        runs, pieces = _runs(_without_repeated_heads(lines))
        if self.table.bands[0].across:
            self._across(lines, runs, pieces)
            return self.reading
        owners = self._owners(runs)
        torn = _torn(runs, owners)
        columns = _columns([run for run, row in zip(runs, owners, strict=True) if row is not None])
        seen: set[str] = set()
        for run, number in zip(runs, owners, strict=True):
            if number is None:
                self.reading.doubt("PRS-ROW-UNMATCHED", [], _shown(run), (), run.line.source)
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

    def _owners(self, runs: Sequence[_Run]) -> list[int | None]:
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

    def _named(self, run: _Run) -> Iterator[int]:
        """The rows whose whole label stands at the values of `run`."""
        for label in run.labels():
            text = bare(label)
            for number, known in enumerate(self.labels):
                short = len(known) <= SHORT
                if text == known and (not short or ordinal(label) == ordinal(self.rows[number].label.zh) != ""):
                    yield number

    def _begun(self, run: _Run, number: int) -> bool:
        """Whether the label of a row begins before the values of `run`: the rest of it may stand on another page."""
        text, label = bare(run.own), self.labels[number]
        return any(text.endswith(label[:length]) for length in range(TELLING, len(label) + 1))

    def _found(self, run: _Run, number: int) -> float:
        """How much of the label of a row is found around `run`, in its order."""
        blocks = difflib.SequenceMatcher(None, self.labels[number], run.around, autojunk=False).get_matching_blocks()
        return sum(block.size for block in blocks) / len(self.labels[number])

    def _row(self, run: _Run, number: int, columns: Sequence[tuple[float, float]]) -> None:
        row = self.rows[number]
        addresses = self.reading.addresses(row)
        values: Sequence[Field | None] | None = run.values
        if any(map(_glued, run.values)) or run.own[-1:].isdecimal():
            values = None
        elif len(run.values) != len(addresses):
            values = _placed(run.values, columns) if len(columns) == len(addresses) else None
        if values is None:
            self.reading.unreadable("PRS-COL-SHIFT", addresses, run.line, (_shown(run),))
            return
        for address, value in zip(addresses, values, strict=True):
            self.reading.put(address, value or Field("", 0, 0, run.line.source), row.label.zh)
        if self._found(run, number) < 1:
            self.reading.doubt("PRS-ROW-UNMATCHED", addresses, _shown(run), (row.label.zh,), run.line.source)

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

    def _across(self, lines: Sequence[Line], runs: Sequence[_Run], pieces: Sequence[Field]) -> None:
        values: Sequence[Field | None] = [value for run in runs for value in run.values]
        addresses = list(self.reading.specs)
        if not values:
            self.reading.lost(lines)
            return
        columns = self.heads.under([piece for piece in pieces if piece.source.page])
        placed = _placed(runs[0].values, columns) if columns else None
        if len(runs) > 1 or not (placed or self.heads.spelled(bare("".join(piece.text for piece in pieces)))):
            placed = None
        elif len(values) == len(addresses) and not _wrapped(runs[0]):
            placed = list(values)
        if placed is None:
            self.reading.unreadable("PRS-COL-SHIFT", addresses, runs[0].line)
            return
        for address, value in zip(addresses, placed, strict=True):
            self.reading.put(address, value or Field("", 0, 0, runs[0].line.source), "")


def _without_repeated_heads(lines: Sequence[Line]) -> list[Line]:
    """The lines without those that print again, on a later page, what stands above the first values."""
    texts = [tuple(text for _, text in line.printed()) for line in lines]
    first = next((number for number, line in enumerate(lines) if _split(line)[1]), 0)
    kept: list[Line] = []
    number = 0
    while number < len(lines):
        # Above the first page's heads may stand what no other page has.
        again = next((texts[start:first] for start in range(first - 1) if _repeats(texts, start, first, number)), [])
        kept += [] if again else [lines[number]]
        number += len(again) or 1
    return kept


def _repeats(texts: Sequence[tuple[str, ...]], start: int, end: int, again: int) -> bool:
    return again >= end and texts[start:end] == texts[again : again + end - start]


def _runs(lines: Sequence[Line]) -> tuple[list[_Run], list[Field]]:
    """The runs of values in `lines`, and all other pieces."""
    split = [_split(line) for line in lines]
    lonely = sum(len(values) == 1 and not texts for texts, values in split)
    # Each cell on a line of its own: the values of a row follow each other, and labels come before them.
    one_each = 2 * lonely > sum(bool(values) for _, values in split)
    runs: list[_Run] = []
    gathered: list[str] = []
    pieces: list[Field] = []
    for line, (texts, values) in zip(lines, split, strict=True):
        pieces += texts
        if values and one_each and runs and not texts and not gathered:
            runs[-1].values += values
            runs[-1].lines.append(len(values))
        elif values:
            runs.append(_Run(list(values), line, [len(values)], list(gathered), texts[-1].text if texts else ""))
            gathered = []
        elif texts:
            gathered.append(texts[-1].text)
            if runs and not one_each:
                runs[-1].after.append(texts[-1].text)
    return runs, pieces


def _split(line: Line) -> tuple[list[Field], list[Field]]:
    """The pieces of labels of a line, and the values at its end."""
    fields = [each for each in line.fields if each.text.strip()]
    end = len(fields)
    while end and is_value(fields[end - 1].text):
        end -= 1
    texts, values = fields[:end], fields[end:]
    # No label ends with a digit: what does has run into the first value.
    if texts and (joined := _joined().fullmatch(_narrow(texts[-1].text))):
        label, value = _parted(texts[-1], joined.start("value"))
        return [*texts[:-1], label], [value, *values]
    return texts, values


def _narrow(text: str) -> str:
    """`text` with full-width digits and signs made plain, each in its place."""
    plain_each = ((each, unicodedata.normalize("NFKC", each)) for each in text)
    return "".join(plain if len(plain) == 1 else each for each, plain in plain_each)


@cache
def _joined() -> re.Pattern[str]:
    """A label and the value that has run into it, with its unit."""
    return re.compile(rf".*?(?:[^\s\d.,]|(?<!\d)[.,])(?P<value>{vocabulary()['value'].strip('^$')})\s*", re.DOTALL)


def _parted(field: Field, at: int) -> tuple[Field, Field]:
    """A field as two, before and from its character `at`; where that stands follows from how wide characters are."""
    widths = [2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in field.text]
    middle = field.left + (field.right - field.left) * sum(widths[:at]) / sum(widths)
    return replace(field, text=field.text[:at], right=middle), replace(field, text=field.text[at:], left=middle)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest sequence of (run, row) in which both rise; of equally long ones the first."""
    best: list[list[tuple[int, int]]] = []
    for pair in sorted(set(pairs)):
        before = [chain for chain in best if chain[-1][0] < pair[0] and chain[-1][1] < pair[1]]
        best.append([*max(before, key=len, default=[]), pair])
    return max(best, key=len, default=[])


def _columns(runs: Sequence[_Run]) -> list[tuple[float, float]]:
    """Where the columns stand, by the longest runs of values; none where those overlap."""
    most = max((len(run.values) for run in runs), default=0)
    full = [run.values for run in runs if len(run.values) == most]
    columns = [
        (min(each.left for each in column), max(each.right for each in column)) for column in zip(*full, strict=True)
    ]
    apart = all(one[1] <= other[0] for one, other in pairwise(columns))
    return columns if apart and len(full) > 1 else []


def _placed(values: Sequence[Field], columns: Sequence[tuple[float, float]]) -> list[Field | None] | None:
    """The values in the columns that they stand in; None where one stands in none, or in two."""
    placed: list[Field | None] = [None] * len(columns)
    for value in values:
        under = [number for number, (left, right) in enumerate(columns) if value.left < right and left < value.right]
        if len(under) != 1 or placed[under[0]] is not None:
            return None
        placed[under[0]] = value
    return placed


def _torn(runs: Sequence[_Run], owners: Sequence[int | None]) -> list[_Run]:
    """Runs beside values of no row, which may be the rest of one of theirs, and runs whose lines may be torn numbers.

    Cells stand on a line together, or each on its own. Where some do this and some that, a number was wrapped.
    """
    beside = {number + step for number, row in enumerate(owners) if row is None for step in (-1, 1)}
    wrapped = any(map(_wrapped, runs))
    return [run for number, run in enumerate(runs) if number in beside or (wrapped and len(run.lines) > 1)]


def _wrapped(run: _Run) -> bool:
    """Whether the lines of a run are neither its cells, one each, nor all of them, or one ends within a number."""
    cut = any(_CUT.search(plain(value.text)) for value in run.values)
    return len(run.lines) > 1 and (max(run.lines) > 1 or cut)


def _glued(value: Field) -> bool:
    """Whether a number begins as two do that have lost the space between them."""
    text = plain(value.text)
    return len(text) > 1 and text[0] == "0" and text[1].isdigit()


def _shown(run: _Run) -> str:
    return " ".join([run.own or run.around, *(value.text.strip() for value in run.values)]).strip()
