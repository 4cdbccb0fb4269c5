"""The official tables as HTML: merged heads as the form has them, each value under its address."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from gongkai.catalogues import language
from gongkai.filing import Filing, decimal_text
from gongkai.report.display import Page, element, lines
from gongkai.tables import Grid, GridCell, layout

GROUP_WIDTH, LABEL_WIDTH = 9.5, 30.0
"""Percent of the width for the labels of groups and, where there are any, of rows; values share what is left."""


def official_table(filing: Filing, key: str, label: str) -> Page:
    """The official table `key` with the numbers of `filing`; `label` is what a screen reader calls it."""
    grid = layout(filing.edition, key)
    content = lines(["", _widths(grid), *_groups(grid, filing), ""])
    html = element("table", content, data_table=key, aria_label=label)
    return Page(html, lines(_plain_rows(grid, filing)))


def shown(filing: Filing, address: str) -> str:
    """What stands in a cell: its number, nothing where it is blank or missing, else the text as it stood."""
    cell = filing.cells.get(address)
    if cell is None:
        return ""
    return cell.raw if cell.value is None else decimal_text(Decimal(cell.value))


def _widths(grid: Grid) -> str:
    """The width of each column; English words need what they need, which the exporters find."""
    if language() != "zh":
        return ""
    stub = min(cell.column for cell in grid.values())
    labels = [GROUP_WIDTH] * (stub - 1) + [LABEL_WIDTH] if stub > 1 else []
    each = (100 - sum(labels)) / (grid.width - len(labels))
    widths = labels + [each] * (grid.width - len(labels))
    return element("colgroup", "".join(f'<col style="width: {width:.4f}%">' for width in widths))


def _groups(grid: Grid, filing: Filing) -> Iterator[str]:
    """The head, then a body for each band of the table, so that a page breaks between bands where it can."""
    rows = list(grid.rows())
    if grid.head_rows:
        yield _group("thead", grid, rows[: grid.head_rows], filing)
    body = rows[grid.head_rows :]
    starts = [number for number, row in enumerate(body) if row and row[0].role == "caption"] or [0]
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        yield _group("tbody", grid, body[start:end], filing)


def _group(tag: str, grid: Grid, rows: list[tuple[GridCell, ...]], filing: Filing) -> str:
    html = (element("tr", "".join(_cell(cell, grid, filing) for cell in row)) for row in rows)
    return element(tag, "\n" + "\n".join(html) + "\n")


def _cell(cell: GridCell, grid: Grid, filing: Filing) -> str:
    spans = {name: span for name in ("rowspan", "colspan") if (span := getattr(cell, name)) > 1}
    if cell.address is not None:
        headers = " ".join(_id(grid, place) for place in cell.headers)
        text = escape(shown(filing, cell.address))
        return element("td", text, **spans, headers=headers, data_cell=cell.address)
    axis, span = ("row", cell.rowspan) if cell.role == "stub" else ("col", cell.colspan)
    scope = axis if span == 1 else f"{axis}group"
    return element("th", escape(str(cell.words)), **spans, id=_id(grid, cell.place), scope=scope)


def _id(grid: Grid, place: tuple[int, int]) -> str:
    return f"{grid.table}-{place[0]}-{place[1]}"


def _plain_rows(grid: Grid, filing: Filing) -> Iterator[str]:
    for row in grid.rows():
        yield "\t".join(shown(filing, cell.address) if cell.address else str(cell.words) for cell in row)
