"""What was read of one official table: its cells, each with where it stood, and the doubts about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from gongkai.filing import Cell, Doubt, Source, Text
from gongkai.forms import Form, Node, Row
from gongkai.intake.labels import differs
from gongkai.intake.lines import Line
from gongkai.intake.numbers import is_split, plain, read_cell
from gongkai.intake.printed import Field


class TableReading:
    """The cells and the doubts of one table, put together as it is read."""

    def __init__(self, form: Form, table: str, file: str) -> None:
        self.file = file
        self.table = table
        self.specs = {address: spec for address, spec in form.cells.items() if spec.table == table}
        self.rows: dict[str | None, list[str]] = defaultdict(list)
        for address, spec in self.specs.items():
            self.rows[spec.row.key].append(address)
        self.cells: dict[str, Cell] = {}
        self.doubts: list[Doubt] = []
        self.labels: dict[str, Text] = {}
        """Labels that are not printed as the form has them, by the key of their row or column."""

    def addresses(self, row: Row) -> list[str]:
        """The cells of one row, in the order of its columns."""
        return self.rows[row.key]

    def put(self, address: str, field: Field, label: str) -> None:
        """The cell at `address` is what `field` holds, in the row printed with `label`."""
        spec = self.specs[address]
        where = self._named(field.source, row=label or spec.row.label.zh, column=spec.column.label.zh)
        self.cells[address] = read_cell(field.text, spec, where)
        if is_split(field.text):
            # No fault of the report: a narrow cell wraps a number as it wraps words.
            self.doubt("CEL-SPLIT-DIGIT", [address], " ".join(field.text.split()), (plain(field.text),), field.source)

    def labelled(self, node: Node, field: Field) -> None:
        """The label of a row or column is printed in `field`; kept where that is not what the form says."""
        # What a page of a PDF shows of a label is told from where its characters stand, and may lack some.
        if node.key and field.source.page is None and differs(field.text, node):
            self.labels.setdefault(node.key, Text(" ".join(field.text.split()), self._named(field.source)))

    def unreadable(self, code: str, addresses: Sequence[str], line: Line, alternatives: Sequence[str] = ()) -> None:
        """It is not certain which values of `line` belong to which of the cells."""
        self.cells |= dict.fromkeys(addresses, Cell(None, "unreadable", line.shown, self._named(line.source)))
        self.doubt(code, addresses, line.shown, tuple(alternatives), line.source)

    def doubt(
        self, code: str, addresses: Sequence[str], read: str, alternatives: tuple[str, ...], source: Source
    ) -> None:
        """We are not sure of some cells, or of what was printed beside them."""
        doubt = Doubt(
            code=code, cells=tuple(addresses), read=read, alternatives=alternatives, source=self._named(source)
        )
        self.doubts.append(doubt)

    def unread(self, seen: Collection[str], strays: Sequence[Line]) -> None:
        """Rows of the form that no line was found for: a doubt if stray lines may hold them, else simply not there."""
        missing = [address for address, spec in self.specs.items() if spec.row.key not in seen]
        if not seen:
            self.lost(strays)
        elif missing and strays:
            self.doubt("PRS-ROW-UNMATCHED", missing, strays[0].shown, (), strays[0].source)

    def lost(self, lines: Sequence[Line] = ()) -> None:
        """Nothing of the table could be read."""
        source = lines[0].source if lines else Source(file=self.file)
        self.doubt("PRS-TABLE-LOST", list(self.specs), "", (), source)

    def _named(self, source: Source, *, row: str | None = None, column: str | None = None) -> Source:
        """`source` with its place in the table; a workbook's cell says enough."""
        return source if source.cell else replace(source, table=self.table, row=row, column=column)
