"""The printed heads of a table: which lines they are, where they stand, and whether they are the form's own."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise

from gongkai.forms import Band, Form, Node
from gongkai.intake.labels import bare, match
from gongkai.intake.lines import Line
from gongkai.intake.numbers import vocabulary
from gongkai.intake.printed import Field
from gongkai.tables import layout

LONG = 4
"""From so many characters on, a head that is none of the form's may stand for another column."""

NEAR = 0.5
"""How alike (difflib's ratio) a head must be to the form's to be its label with characters lost or changed."""

Extent = tuple[float, float]


class Heads:
    """What the form prints above the cells of one table."""

    def __init__(self, form: Form, table: str) -> None:
        self.bands = form.tables[table].bands
        self.specs = {address: spec for address, spec in form.cells.items() if spec.table == table}
        self.columns = {bare(node.label.zh): node.label.zh for node in form.tables[table].walk("column")}
        self.corners = {bare(band.head.zh) for band in self.bands if band.head}
        rows = {bare(node.label.zh) for band in self.bands if band.across for top in band.rows for node in top.walk()}
        self.others = self.corners | (rows - set(self.columns))
        self.lines = list(_lines(form, table))
        self.labels = {*self.columns, *self.others, *(bare(band.caption.zh) for band in self.bands if band.caption)}

    def is_head(self, line: Line) -> bool:
        """Whether `line` prints heads: two of them at least, or nothing but one, or the one above the labels."""
        texts = [text for _, text in line.printed()]
        if texts and texts[0] in self.corners:
            return True
        known = {text for text in texts if text in self.columns or text in self.others}
        return len(known) >= 2 or len(known) == len(texts) == 1

    def unsure(self, heads: Sequence[Line]) -> Iterator[tuple[list[str], str, tuple[str, ...]]]:
        """Heads that print no column of the form: the cells that they cast a doubt on, what is printed, what it may be.

        One that is like a column's casts it on that column, one that is like none on every cell of the table: the
        same rows under other columns would mean something else.
        """
        texts = {text for line in heads for _, text in line.printed()}
        sums = vocabulary()["subtotals"] if texts.issuperset(self.columns) else ()
        for line in heads:
            for _, text in line.printed():
                # A head that is wrapped, or torn by a page, prints a part of a label.
                if (len(text) < LONG and text not in sums) or any(_part(text, each) for each in self.labels):
                    continue
                label, _ = match(text, self.columns)
                cells = [each for each, spec in self.specs.items() if label in (None, spec.column.label.zh)]
                if line.ruled and label is None and self.all_placed(heads):
                    # A column more than the form has: where its own stand is known.
                    cells = []
                yield cells, text, (label,) if label else ()

    def labelled(self, lines: Sequence[Line]) -> Iterator[tuple[Node, Field]]:
        """The rows and columns of whose labels a line of heads prints most as the form does, and this one otherwise."""
        pieces = {text for line in lines for _, text in line.printed()}
        for line in filter(self.is_head, lines):
            printed = list(line.printed())
            # One that is another's label stands in the wrong place, and the rest of a wrapped one stands elsewhere.
            found = [
                (node, field)
                for (label, node), (field, text) in zip(self._like(printed), printed, strict=False)
                if node and text not in self.labels and not _wrapped(text, label, pieces)
            ]
            yield from found

    def _like(self, printed: Sequence[tuple[Field, str]]) -> list[tuple[str, Node | None]]:
        """The line of the form's heads of which half is printed, and the others nearly; [] where there is none."""
        best: tuple[float, list[tuple[str, Node | None]]] = (0.0, [])
        for own in self.lines:
            if len(own) == len(printed):
                alike = [_ratio(text, label) for (_, text), (label, _) in zip(printed, own, strict=True)]
                if alike.count(1.0) * 2 >= len(own) and min(alike) >= NEAR:
                    best = max(best, (sum(alike), own), key=lambda each: each[0])
        return best[1]

    def places(self, band: Band, heads: Sequence[Line]) -> list[Extent] | None:
        """Where each column of `band` stands by its own head, in the order of the cells of a line.

        None where the heads are not printed once for each of them, from left to right.
        """
        labels = [bare(column.label.zh) for column in band.leaf_columns] * (len(band.leaf_rows) if band.across else 1)
        found = sorted({each for line in heads for each in _extents(line) if each[2] in labels})
        places = [(left, right) for left, right, _ in found]
        apart = all(one[1] <= other[0] for one, other in pairwise(places))
        return places if [text for *_, text in found] == labels and apart else None

    def stands(self, band: Band, heads: Sequence[Line]) -> list[Extent | None]:
        """Where each column of `band` stands by its own head, as far as that is printed, and once."""
        printed = {each for line in heads for each in _extents(line)}
        found = [[each[:2] for each in printed if each[2] == bare(column.label.zh)] for column in band.leaf_columns]
        return [places[0] if len(places) == 1 else None for places in found]

    def spelled(self, text: str) -> bool:
        """Whether `text` spells the heads of rows laid across: in the form's order, or torn into their characters."""
        (band,) = self.bands
        labels = [bare(column.label.zh) for column in band.leaf_columns]
        rows = [bare(node.label.zh) for top in band.rows for node in top.walk()]
        printed = re.findall("|".join(labels), re.sub("|".join(rows), "", text))
        wanted = Counter("".join(labels * len(band.leaf_rows)))
        if len(printed) == len(labels) * len(band.leaf_rows):
            return printed == labels * len(band.leaf_rows)
        return not wanted - Counter(text)

    def under(self, pieces: Sequence[Field]) -> list[Extent] | None:
        """Where the columns of the table's one band stand on a page, by the pieces of their heads.

        Those of rows laid across, of heads that span others and of the corner tell nothing. None where the others are
        not the form's own heads, in its order.
        """
        (band,) = self.bands
        rows = {bare(node.label.zh) for top in band.rows for node in top.walk()} if band.across else set()
        spanning = {bare(node.label.zh) for top in band.columns for node in top.walk() if node.children}
        columns: list[tuple[float, float, str]] = []
        for piece in sorted(pieces, key=lambda each: each.left):
            text = bare(piece.text)
            if text in rows | spanning or any(text in corner for corner in self.corners):
                continue
            if columns and piece.left < columns[-1][1]:
                left, right, above = columns[-1]
                columns[-1] = left, max(right, piece.right), above + text
            else:
                columns.append((piece.left, piece.right, text))
        repeated = len(band.leaf_rows) if band.across else 1
        labels = [bare(column.label.zh) for column in band.leaf_columns] * repeated
        spelled = [sorted(text) for *_, text in columns] == [sorted(label) for label in labels]
        return [(left, right) for left, right, _ in columns] if spelled else None

    def all_placed(self, heads: Sequence[Line]) -> bool:
        """Whether every column of every band is known by its own head."""
        grids = {line.columns: [each for each in heads if each.columns == line.columns] for line in heads}
        return all(any(self.places(band, lines) for lines in grids.values()) for band in self.bands)

    def misplaced(self, heads: Sequence[Line]) -> list[str]:
        """The cells of bands whose heads are not printed in the form's order."""
        wrong = [band for band in self.bands if not (_repeats if band.across else _rises)(band, heads)]
        rows = {row.key for band in wrong for row in band.leaf_rows}
        return [address for address, spec in self.specs.items() if spec.row.key in rows]


def _ratio(text: str, label: str) -> float:
    return difflib.SequenceMatcher(None, text, label).ratio()


def _wrapped(text: str, label: str, pieces: Collection[str]) -> bool:
    """Whether what `text` lacks of `label` is one of the pieces that are printed beside it."""
    return any(each and label in (text + each, each + text) for each in pieces)


def _lines(form: Form, table: str) -> Iterator[list[tuple[str, Node | None]]]:
    """The lines of heads as the form prints them: each label with its row or column, if it is one's."""
    model = form.tables[table]
    nodes = {node.label.zh: node for axis in ("row", "column") for node in model.walk(axis)}
    for row in layout(form.edition, table).rows():
        labels = [cell.words.zh for cell in row if cell.role == "head" and cell.words]
        yield [(bare(label), nodes.get(label)) for label in labels]


def _extents(line: Line) -> Iterator[tuple[float, float, str]]:
    """Where each head of a line stands: what converters repeat in each place of a merged cell is one head."""
    for text, fields in groupby(line.fields, lambda field: bare(field.text)):
        first, *others = fields
        yield first.left, (others or [first])[-1].right, text


def _part(text: str, label: str) -> bool:
    """Whether one is the other, with more before or after it."""
    return text in label or (len(label) >= LONG and label in text)


def _rises(band: Band, heads: Sequence[Line]) -> bool:
    """Whether the columns stand in the form's order, in each line and in lines on one grid together."""
    order = [bare(node.label.zh) for top in band.columns for node in top.walk()]
    leaves = {bare(column.label.zh) for column in band.leaf_columns}
    grids: dict[object, dict[float, set[str]]] = {}
    for line in heads:
        columns = [(field.left, text) for field, text in line.printed() if text in order]
        places = [order.index(text) for _, text in columns]
        if places != sorted(places):
            return False
        for place, text in columns:
            if text in leaves:
                grids.setdefault(line.columns, {}).setdefault(place, set()).add(text)
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
