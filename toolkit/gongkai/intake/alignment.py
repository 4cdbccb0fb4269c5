"""From the printed lines of an official table to its cells: rows by label, values by the table's grid.

Published tables lose label columns, are torn by page breaks, and carry empty fields at the end of a line that may
be padding or a blank. A line whose values are all there can be read by itself. One with an empty field is read only
where its own borders, the heads above it or complete lines of the same shape beside it show the grid; otherwise the
whole row is doubted. No value is ever moved to make it fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gongkai.forms import Band, Form, Row
from gongkai.intake.continuation import mended
from gongkai.intake.heads import Extent, Heads
from gongkai.intake.labels import bare, match, ordinal
from gongkai.intake.lines import Line
from gongkai.intake.numbers import has_number, is_value
from gongkai.intake.printed import Field
from gongkai.intake.tablereading import TableReading

MANY = 20
"""Rows that are alike by no chance; the table of requests has 28."""
SHORT = 2
"""A label of so few characters names a row only by its number or its place."""

Choice = tuple[int, ...]
"""Which fields of a line hold its values, in the order of the cells."""


@dataclass(frozen=True)
class _Placed:
    """A line whose row is known; where the rows are laid across, it is all of them.

    `start` is where its label ends, `depth` how deep its row stands in the stub, `block` the run of lines around it,
    `step` how many cells the form's own row has, `heads` where the heads above it are if all of them are printed,
    `known` where those of its columns are that are.
    """

    line: Line
    key: str
    addresses: tuple[str, ...]
    label: str
    start: int
    depth: int
    exact: bool
    block: int
    step: int
    heads: tuple[Extent, ...] | None = None
    known: tuple[Extent | None, ...] = ()

    @cached_property
    def texts(self) -> list[str]:
        return [field.text.strip() for field in self.line.fields]

    @property
    def wanted(self) -> int:
        return len(self.addresses)

    @cached_property
    def grid(self) -> tuple[object, ...]:
        return self.block, self.line.columns, self.wanted

    @cached_property
    def shape(self) -> tuple[object, ...]:
        return *self.grid, self.start

    def windows(self) -> list[Choice]:
        """The runs of neighbouring fields that leave nothing else in the line unexplained."""
        texts = self.texts
        found: dict[tuple[str, ...], Choice] = {}
        for end in range(len(texts), self.start + self.wanted - 1, -1):
            choice = tuple(range(end - self.wanted, end))
            if not any(texts[self.start : choice[0]]):
                found.setdefault(self.held(choice), choice)
            if texts[end - 1]:
                break
        return list(found.values())

    def held(self, choice: Choice) -> tuple[str, ...]:
        """The texts of some fields."""
        return tuple(self.texts[each] for each in choice)

    def complete(self) -> Choice | None:
        """The one run of which no field is empty."""
        full = [choice for choice in self.windows() if all(self.held(choice))]
        return full[0] if len(full) == 1 else None

    def closed(self) -> Choice | None:
        """All that stands after the label, if it is as much as is wanted and its ends are not empty.

        Of rows laid across, whole ones may be empty.
        """
        filled = [number for number, text in enumerate(self.texts) if number >= self.start and text]
        if not filled or len(self.texts) - self.start != self.wanted:
            return None
        ends = filled[0] - self.start, len(self.texts) - 1 - filled[-1]
        return tuple(range(self.start, len(self.texts))) if all(end % self.step == 0 for end in ends) else None

    def headed(self) -> Choice | None:
        """The fields under the heads of the columns, each under its own."""
        choice: list[int] = []
        for under in self._under():
            # Converters repeat a merged cell in each of its places.
            choice += under[:1] if len({self.texts[number] for number in under}) == 1 else under
        return tuple(choice) if choice and len(set(choice)) == len(choice) == self.wanted else None

    def _under(self) -> Iterator[list[int]]:
        """For each head the fields that reach over all of it, or stand within it."""
        after = range(self.start, len(self.texts))
        for left, right in self.heads or ():
            yield [
                number
                for number in after
                for field in [self.line.fields[number]]
                if (field.left <= left and right <= field.right) or (left <= field.left and field.right <= right)
            ]

    def misheaded(self, choice: Choice) -> bool:
        """Whether a head stands above the field chosen for another, or none above an empty one though others do."""
        fields = [self.line.fields[number] for number in choice]
        if any(place and place[0] < self.line.fields[self.start].left for place in self.known):
            # Heads that stand above labels were printed on another grid.
            return False
        held = zip(self.held(choice), self.known, strict=True) if any(self.known) else ()
        if any(not text and place is None for text, place in held):
            return True
        return any(
            field.left <= place[0] and place[1] <= field.right
            for column, place in enumerate(self.known)
            for other, field in enumerate(fields)
            if place and other != column
        )

    def beside_heads(self, choice: Choice) -> bool:
        """Whether right beneath the head of a column, and as wide, stands another field than is chosen for it."""
        fields = [(field.left, field.right) for field in self.line.fields]
        heads = ((column, place) for column, place in enumerate(self.known) if place in fields)
        return any(fields.index(place) != choice[column] for column, place in heads if place)

    def crowded(self) -> bool:
        """Whether more stands after the label than there are cells, or the heads leave room for more between them."""
        headed = self.headed()
        spread = headed is not None and headed[-1] - headed[0] >= self.wanted
        return spread or sum(map(bool, self.texts[self.start :])) > self.wanted

    def unexplained(self, choice: Choice) -> list[Field]:
        """The fields after the label that hold something, are not chosen and repeat none that is."""
        again = {
            (number, self.texts[each])
            for under in self._under()
            for each in choice
            if each in under
            for number in under
        }
        return [
            field
            for number, field in enumerate(self.line.fields)
            if number >= self.start
            and number not in choice
            and field.text.strip()
            and (number, field.text.strip()) not in again
        ]


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
        self.regular = False

    def read(self, lines: Sequence[Line]) -> TableReading:
        """The reading of `lines`: all that were printed between the table's heading and what follows it."""
        lines = mended(lines, self.heads.labels | self.rows.keys() | self.groups, self.heads.is_head)
        heads = [line for line in lines if self.heads.is_head(line)]
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
        by_row: dict[str, list[_Placed]] = defaultdict(list)
        strays: list[Line] = []
        torn: set[str] = set()
        above: list[Line] = []
        last: _Placed | None = None
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
        self.regular = _regular(everything)
        for key, printed in by_row.items():
            self._row(printed, everything, torn=key in torn)
        for stray in strays:
            self.reading.doubt("PRS-ROW-UNMATCHED", [], stray.shown, (), stray.source)
        self.reading.unread(set(by_row), strays)

    def _place(self, line: Line, block: int, last: _Placed | None, above: Sequence[Line]) -> _Placed | None:
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
            return _Placed(
                line,
                key,
                tuple(self.reading.addresses(row)),
                " ".join(text.split()),
                position + 1,
                _depth(band.rows, row),
                exact and printed in ("", official),
                block,
                len(band.leaf_columns),
                self._places(band, line, above),
                tuple(self.heads.stands(band, [head for head in above if head.columns == line.columns])),
            )
        return None

    def _places(self, band: Band, line: Line, above: Sequence[Line]) -> tuple[Extent, ...] | None:
        places = self.heads.places(band, [head for head in above if head.columns == line.columns])
        return tuple(places) if places else None

    def _follows(self, key: str, last: _Placed | None) -> bool:
        keys = [str(row.key) for _, row in self.leaves]
        return last is not None and keys.index(key) == keys.index(last.key) + 1

    def _row(self, placed: Sequence[_Placed], everything: Sequence[_Placed], *, torn: bool) -> None:
        """The cells of one row, which may be printed more than once."""
        chosen = [_choose(each, everything, self.regular) for each in placed]
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

    def _fill(self, placed: _Placed, choice: Choice) -> None:
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
            _Placed(
                line, "", addresses, "", 0, 0, True, line.grid, len(band.leaf_columns), self._places(band, line, heads)
            )
            for line in rows
        ]
        chosen = [_choose(each, placed, self.regular) for each in placed]
        held = {each.held(choice) if choice else None for each, choice in zip(placed, chosen, strict=True)}
        numbered = [line for line in lines if any(has_number(field.text) for field in line.fields)]
        # Without any head it is a line of numbers, of which nobody can say what they count.
        if not heads or len(held) > 1 or chosen[0] is None or len(rows) < len(numbered):
            self.reading.unreadable("PRS-COL-SHIFT", addresses, rows[0])
            return
        self._fill(placed[0], chosen[0])


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


def _regular(everything: Sequence[_Placed]) -> bool:
    """Whether all rows of a table have every field: some lack one or have more where ends were stripped or padded.

    Either each line fills the whole grid, though its label stands at any depth, or each has just its own values.
    """
    if len(everything) < MANY:
        return False
    filled = len({len(each.texts) for each in everything}) == 1 and len({each.start for each in everything}) > 1
    return filled or all(_fits(each) for each in everything)


def _choose(placed: _Placed, everything: Sequence[_Placed], regular: bool) -> Choice | None:
    """The one reading that is certain, if there is one."""
    windows, complete, headed = placed.windows(), placed.complete(), placed.headed()
    others = [other for other in everything if other is not placed and other.shape == placed.shape]
    if any(other.crowded() for other in (placed, *others)):
        # A column more than the form has: only the heads can tell which.
        return headed
    if complete:
        return None if placed.line.ruled and placed.beside_heads(complete) else complete
    # Heads that stand beside the values of a complete row were printed on another grid.
    beside = any(other.complete() not in (None, other.headed()) for other in others)
    shown = placed.line.ruled or regular or not placed.depth or any(other.complete() for other in others)
    if headed in windows and shown and not beside:
        return headed
    bounded = placed.line.ruled or placed.line.closed or regular
    if len(windows) == 1 and (placed.wanted == 1 or (bounded and _fits(placed))):
        # An empty field at the end may be where a column was that somebody has deleted.
        return None if placed.misheaded(windows[0]) else windows[0]
    # Where the ends of lines were stripped, maybe of a blank, as many fields as are wanted say nothing.
    whole = placed.line.ruled or placed.line.kept or any(not each.texts[-1] for each in everything)
    on_grid = [other for other in everything if other is not placed and other.grid == placed.grid]
    return _like_others(placed, on_grid) if whole else None


def _like_others(placed: _Placed, others: Sequence[_Placed]) -> Choice | None:
    """The reading by which an empty field is a blank, where the line or complete rows of its shape show the grid."""
    if closed := placed.closed():
        return closed
    for choice in placed.windows():
        # Between a label and its first value there may be filler of the label, as much as the row's depth leaves.
        begun = placed.texts[choice[0]]
        alike = [other for other in others if begun or (other.start, other.depth) == (placed.start, placed.depth)]
        if {found for other in alike if (found := other.complete() or other.closed())} == {choice}:
            return choice
    return None


def _fits(placed: _Placed) -> bool:
    """Whether as many fields as are wanted stand after the label."""
    return len(placed.line.fields) - placed.start == placed.wanted
