"""The official tables of a filing for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape
from rich.table import Table

from gongkai.catalogues import say
from gongkai.filing import Filing, decimal_text
from gongkai.forms import Band, Row

INDENT = "  "


def official_tables(filing: Filing) -> Iterator[Table]:
    """Each band of each official table: a line for each row, what is doubted or missing marked."""
    for section in filing.form.sections:
        if section.table is None:
            continue
        for band in filing.form.tables[section.table].bands:
            title = f"{section.heading}  {band.caption or ''}".strip()
            shown = Table(str(band.head or ""), title=escape(title), title_justify="left", show_lines=False)
            for column in band.leaf_columns:
                shown.add_column(escape(str(column.label)), justify="right")
            for label, row in _stub(band.rows, 0):
                shown.add_row(escape(label), *_values(filing, section.table, band, row))
            yield shown


def _stub(rows: Sequence[Row], depth: int) -> Iterator[tuple[str, Row]]:
    for row in rows:
        yield INDENT * depth + str(row.label), row
        yield from _stub(row.rows, depth + 1)


def _values(filing: Filing, table: str, band: Band, row: Row) -> list[str]:
    if row.rows:
        return []
    return [_value(filing, f"{table}.{row.key}.{column.key}") for column in band.leaf_columns]


def _value(filing: Filing, address: str) -> str:
    """The number of a cell, else what stands in its place."""
    cell = filing.cells.get(address)
    if cell is None:
        words = say("show.missing")
    elif cell.kind == "blank":
        words = say("show.blank")
    elif cell.kind == "unreadable":
        words = say("show.unreadable")
    elif cell.value is None or isinstance(cell.value, int):
        words = cell.raw if cell.value is None else str(cell.value)
    else:
        words = decimal_text(cell.value)
    return f"[magenta]{escape(words)}?[/]" if address in filing.doubted else escape(words)
