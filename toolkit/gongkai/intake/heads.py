"""The printed heads of a table: which lines they are, and whether they are the form's own, in the form's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gongkai.errors import InputError
from gongkai.forms import Band, Form
from gongkai.intake.labels import bare, match

LONG = 4
"""From so many characters on, a head that is none of the form's shows that the table is another."""


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line of a table: its fields (empty ones kept) and its number in the file, from one."""

    fields: tuple[str, ...]
    number: int

    def printed(self) -> Iterator[tuple[int, str]]:
        """The fields that hold something: their places and their bare texts."""
        return ((place, bare(text)) for place, text in enumerate(self.fields) if text.strip())


class Heads:
    """What the form prints above the cells of one table."""

    def __init__(self, form: Form, table: str, file: str) -> None:
        self.file = file
        self.edition = form.edition
        self.bands = form.tables[table].bands
        self.specs = {address: spec for address, spec in form.cells.items() if spec.table == table}
        self.columns = {bare(node.label.zh): node.label.zh for node in form.tables[table].walk("column")}
        self.corners = {bare(band.head.zh) for band in self.bands if band.head}
        rows = {bare(node.label.zh) for band in self.bands if band.across for top in band.rows for node in top.walk()}
        self.others = self.corners | (rows - set(self.columns))

    def is_head(self, line: Line) -> bool:
        """Whether `line` prints heads: two of them at least, or nothing but one, or the one above the labels."""
        texts = [text for _, text in line.printed()]
        if texts and texts[0] in self.corners:
            return True
        known = [text for text in texts if text in self.columns or text in self.others]
        return len(known) >= 2 or len(known) == len(texts) == 1

    def unsure(self, heads: Sequence[Line]) -> Iterator[tuple[list[str], str, str]]:
        """Heads that almost print a column: its cells, what is printed, and the form's label.

        Raises InputError for a head of another form: the same rows under other columns would be misread.
        """
        for line in heads:
            for _, text in line.printed():
                if text in self.others or len(text) < LONG:
                    continue
                label, exact = match(text, self.columns)
                if label is None:
                    raise InputError("other_heads", file=self.file, place=line.number, head=text, edition=self.edition)
                if not exact:
                    yield [each for each, spec in self.specs.items() if spec.column.label.zh == label], text, label

    def misplaced(self, heads: Sequence[Line]) -> list[str]:
        """The cells of bands whose heads are not printed in the form's order."""
        wrong = [band for band in self.bands if not (_repeats if band.across else _rises)(band, heads)]
        rows = {row.key for band in wrong for row in band.leaf_rows}
        return [address for address, spec in self.specs.items() if spec.row.key in rows]


def _rises(band: Band, heads: Sequence[Line]) -> bool:
    """Whether the columns stand in the form's order, in each line and in lines on one grid together."""
    order = [bare(node.label.zh) for top in band.columns for node in top.walk()]
    leaves = {bare(column.label.zh) for column in band.leaf_columns}
    grids: dict[int, dict[int, set[str]]] = {}
    for line in heads:
        columns = [(place, text) for place, text in line.printed() if text in order]
        places = [order.index(text) for _, text in columns]
        if places != sorted(places):
            return False
        for place, text in columns:
            if text in leaves:
                grids.setdefault(len(line.fields), {}).setdefault(place, set()).add(text)
    for grid in grids.values():
        # Where two columns share a place the lines are not on one grid, and cannot be compared.
        if all(len(texts) == 1 for texts in grid.values()):
            places = [order.index(text) for place in sorted(grid) for text in grid[place]]
            if places != sorted(places):
                return False
    return True


def _repeats(band: Band, heads: Sequence[Line]) -> bool:
    """Whether the rows laid across stand in the form's order, and their columns repeat in it."""
    rows = [bare(node.label.zh) for top in band.rows for node in top.walk()]
    columns = [bare(column.label.zh) for column in band.leaf_columns]
    for line in heads:
        texts = [text for _, text in line.printed()]
        across = [rows.index(text) for text in texts if text in rows]
        repeated = [columns.index(text) for text in texts if text in columns]
        if across != sorted(across) or repeated != [number % len(columns) for number in range(len(repeated))]:
            return False
    return True
