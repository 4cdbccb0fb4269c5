"""Which fields of a printed line hold the values of its row: decided by the line itself and by those around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gongkai.intake.heads import Extent
from gongkai.intake.lines import Line
from gongkai.intake.printed import Field

MANY = 20
"""Rows that are alike by no chance; the table of requests has 28."""
Choice = tuple[int, ...]
"""Which fields of a line hold its values, in the order of the cells."""


@dataclass(frozen=True)
class Placed:
    """A line whose row is known; where the rows are laid across, it is all of them.

    `start` is where its label ends, `depth` how deep its row stands in the stub, `block` the run of lines around it,
    `step` how many cells the form's own row has, `heads` where the heads above it are if all of them are printed,
    `known` where those of its columns are that are, `stripped` where they are if lines of heads lost empty ends.
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
    stripped: tuple[Extent, ...] | None = None

    def below_stripped(self) -> Placed:
        """The same where only lines of heads have lost empty ends, and the places in them are those in this line."""
        return self if self.heads or not self.stripped else replace(self, heads=self.stripped, known=self.stripped)

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

    def rows_whole(self) -> bool:
        """Whether each of several rows laid across is filled or empty: blanks that were stripped would leave others."""
        rows = [self.texts[place : place + self.step] for place in range(self.start, len(self.texts), self.step)]
        return len(rows) > 1 and all(all(row) or not any(row) for row in rows)

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


def is_regular(everything: Sequence[Placed]) -> bool:
    """Whether all rows of a table have every field: some lack one or have more where ends were stripped or padded.

    Either each line fills the whole grid, though its label stands at any depth, or each has just its own values.
    """
    if len(everything) < MANY:
        return False
    filled = len({len(each.texts) for each in everything}) == 1 and len({each.start for each in everything}) > 1
    return filled or all(_fits(each) for each in everything)


def choose(placed: Placed, everything: Sequence[Placed], *, regular: bool) -> Choice | None:
    """The one reading of a line that is certain, if there is one; `regular` as of its table."""
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
    kept = placed.line.ruled or placed.line.kept or any(not each.texts[-1] for each in everything)
    on_grid = [other for other in everything if other is not placed and other.grid == placed.grid]
    return _like_others(placed, on_grid) if kept or placed.rows_whole() else None


def _like_others(placed: Placed, others: Sequence[Placed]) -> Choice | None:
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


def _fits(placed: Placed) -> bool:
    """Whether as many fields as are wanted stand after the label."""
    return len(placed.line.fields) - placed.start == placed.wanted
