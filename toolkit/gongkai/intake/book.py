"""A workbook as every door gives it: sheets by name and place, so that its readers need not know its format.

Places are (row, column), counted from one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from gongkai.errors import InputError
from gongkai.filing import Source
from gongkai.intake.ranges import UNCOMPUTED, Cells, cell_name

Place = tuple[int, int]


def place_name(place: Place) -> str:
    """The name of a place as people see it: "D7"."""
    return cell_name(place[0] - 1, place[1] - 1)


@dataclass(frozen=True)
class Sheet:
    """What stands in the upper left part of a sheet: the text of each cell that is not blank.

    Numbers are written in their shortest plain form, dates in ISO form; a formula counts with its stored value, and
    is one of `uncomputed` where it has none.
    """

    file: str
    name: str
    texts: Mapping[Place, str]
    uncomputed: Set[Place]
    merged: Sequence[tuple[Place, Place]] = ()
    """The first and the last place of each merged range."""
    lines: Sequence[int] | None = None
    """The lines on which the rows of a text begin, which has no sheets and cells."""

    @classmethod
    def of(cls, cells: Cells, height: int, width: int) -> Sheet:
        """The upper left `height` by `width` of `cells`."""
        texts = {
            (row + 1, column + 1): text
            for row, found in cells.rows.items()
            for column, text in found.items()
            if row < height and column < width
        }
        uncomputed = {place for place, text in texts.items() if text == UNCOMPUTED}
        merged = [((each.top + 1, each.left + 1), (each.bottom, each.right)) for each in cells.merged]
        return cls(cells.file, cells.sheet, texts, uncomputed, merged, cells.lines)

    def text(self, place: Place) -> str:
        """The text at `place`, "" for a blank. Raises InputError for a formula without a stored value."""
        if place in self.uncomputed:
            raise InputError("formula_without_value", file=self.file, place=self.where(place))
        return self.texts.get(place, "")

    def where(self, place: Place) -> str | int:
        """`place` for a message: sheet and cell, or line."""
        line = self.source(place).line
        return f"{self.name}!{place_name(place)}" if line is None else line

    def source(self, place: Place) -> Source:
        """`place` for a filing."""
        if self.lines is None:
            return Source(file=self.file, sheet=self.name, cell=place_name(place))
        # What is not there any more would stand after the last line.
        return Source(file=self.file, line=self.lines[min(place[0], len(self.lines)) - 1])


class Book(ABC):
    """A workbook that was handed in: its sheets in their order, as (name, whether it is visible).

    Raises InputError where a sheet is there twice.
    """

    def __init__(self, file: str, sheets: Sequence[tuple[str, bool]]) -> None:
        self.file = file
        self.names = tuple(name for name, _ in sheets)
        self._sheets = sheets
        for name, count in Counter(self.names).items():
            if count > 1:
                raise InputError("sheet_twice", file=file, place=name)

    @abstractmethod
    def cells(self, number: int) -> Cells:
        """All that stands in a sheet, hidden rows and columns too; an uncomputed formula is `UNCOMPUTED`.

        Raises InputError for a sheet that is broken, or larger than any report's.
        """

    def visible(self) -> Iterator[Cells]:
        """What stands in each visible sheet. Raises InputError as `cells` does."""
        return (self.cells(number) for number, (_, visible) in enumerate(self._sheets) if visible)

    def sheet(self, name: str, *, height: int, width: int) -> Sheet:
        """The upper left `height` by `width` cells of a sheet. Raises InputError where there is no such sheet."""
        return Sheet.of(self.cells(self._number(name)), height, width)

    def _number(self, name: str) -> int:
        if name not in self.names:
            raise InputError("missing_sheet", file=self.file, name=name, known=", ".join(self.names))
        return self.names.index(name)


class WholeBook(Book):
    """A workbook that was read whole when it was opened: each sheet, and whether it is visible."""

    def __init__(self, file: str, sheets: Sequence[tuple[Cells, bool]]) -> None:
        super().__init__(file, [(cells.sheet, visible) for cells, visible in sheets])
        self._cells = [cells for cells, _ in sheets]

    def cells(self, number: int) -> Cells:
        """What stands in a sheet."""
        return self._cells[number]
