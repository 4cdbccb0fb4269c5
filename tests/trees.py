"""Trees for tests: official tables with the numbers of a filing, reports of any length, a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gongkai.authored import Words
from gongkai.catalogues import language
from gongkai.export.blocks import (
    Block,
    Document,
    Heading,
    Line,
    Note,
    Paragraph,
    Piece,
    Row,
    Run,
    Signature,
    Table,
    TableCell,
    Title,
)
from gongkai.export.fitting import fit
from gongkai.filing import Filing
from gongkai.report.tables import shown
from gongkai.tables import Grid, GridCell, layout


def line(text: str) -> Line:
    return (Run(text),) if text else ()


def paragraph(text: str) -> Paragraph:
    return Paragraph(line(text))


def official_table(filing: Filing, key: str, notes: Mapping[str, tuple[Note, ...]] | None = None) -> Table:
    """The official table `key` with the numbers of `filing`, and the notes of a draft at its cells."""
    grid = layout(filing.edition, key)
    rows = [Row(tuple(_cell(grid, cell, filing, notes or {}) for cell in row)) for row in grid.rows()]
    bands = [number for number, row in enumerate(grid.rows()) if row and row[0].role == "caption"]
    starts = sorted({0, grid.head_rows, *bands})
    groups = tuple(tuple(rows[start:end]) for start, end in zip(starts, [*starts[1:], len(rows)], strict=True))
    widths, size, value_size = fit(
        [row.cells for row in rows], grid.width, _shares(grid) if language() == "zh" else None
    )
    return Table(groups, grid.head_rows, widths, size, value_size, official=key, label=key)


def _shares(grid: Grid) -> list[float]:
    stub = min(cell.column for cell in grid.values())
    shares = [0.074] * (stub - 1) + [0.33] * min(stub, 1)
    return shares + [(1 - sum(shares)) / (grid.width - stub)] * (grid.width - stub)


def _cell(grid: Grid, cell: GridCell, filing: Filing, notes: Mapping[str, tuple[Note, ...]]) -> TableCell:
    place: dict[str, Any] = {"column": cell.column, "rowspan": cell.rowspan, "colspan": cell.colspan}
    if cell.address is not None:
        headers = " ".join(_id(grid, each) for each in cell.headers)
        lines = (line(shown(filing, cell.address)),)
        return TableCell(**place, lines=lines, address=cell.address, headers=headers, notes=notes.get(cell.address, ()))
    axis, span = ("row", cell.rowspan) if cell.role == "stub" else ("col", cell.colspan)
    scope: Any = axis if span == 1 else f"{axis}group"
    assert isinstance(cell.words, Words)
    return TableCell(**place, lines=(line(str(cell.words)),), scope=scope, anchor=_id(grid, cell.place))


def _id(grid: Grid, place: tuple[int, int]) -> str:
    return f"{grid.table}-{place[0]}-{place[1]}"


def report(
    filing: Filing, *, text: str = "", draft: bool = False, notes: Mapping[str, tuple[Note, ...]] | None = None
) -> Document:
    """A report with the three official tables of `filing` and `text` in its first section."""
    blocks: list[Block] = [Title((f"{filing.agency}{filing.year}年", "政府信息公开工作年度报告"))]
    blocks += [
        Heading(1, line("一、总体情况")),
        Heading(2, line("（一）主动公开")),
        paragraph(text or "本年主动公开。"),
    ]
    for ordinal, key in zip("二三四", ("disclosure", "requests", "disputes"), strict=True):
        blocks += [Heading(1, line(f"{ordinal}、{key}")), official_table(filing, key, notes)]
    blocks += [Heading(1, line("五、存在的主要问题及改进情况")), paragraph("问题。" * 40)]
    blocks += [Signature((filing.agency or "", "2025年1月20日"))]
    return document(*blocks, draft=draft)


def document(*blocks: Block, draft: bool = False, language: str = "zh", issued: date = date(2025, 1, 20)) -> Document:
    return Document("政府信息公开工作年度报告", language, (Piece("cell-1", blocks),), issued, draft)
