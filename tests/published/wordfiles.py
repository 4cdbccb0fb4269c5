"""Reports in Word files, written by python-docx: merged cells, headings as text, page numbers."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.published.report import Line, LineKind, Report, Sheet

TEXT_WIDTH_CM = 16.0
VALUE_WEIGHT = 1.0
STUB_WEIGHTS = {1: (2.2,), 2: (1.2, 3.4), 3: (1.0, 1.4, 3.6)}
"""How wide columns of labels are beside a column of values, by how many there are."""


def write(report: Report, draw: random.Random, path: Path) -> None:
    """The report as a Word file."""
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm((21 - TEXT_WIDTH_CM) / 2)
    document.styles["Normal"].font.size = Pt(draw.choice((12, 14, 16)))
    _number_pages(section)
    outlined = draw.random() < 0.4
    small = Pt(draw.choice((9, 10.5)))
    for block in report.blocks:
        if isinstance(block, Line):
            _line(document, block, outlined=outlined)
        else:
            _table(document, block, draw, small)
            document.add_paragraph()
    document.save(str(path))


def _number_pages(section: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = 1
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph.add_run("— ")
    paragraph._p.append(field)
    paragraph.add_run(" —")


STYLES: dict[LineKind, str] = {"title": "Title", "section": "Heading 1", "part": "Heading 2"}


def _line(document: Any, line: Line, *, outlined: bool) -> None:
    """A paragraph; headings by style where the document is `outlined`, else in bold as most clerks write them."""
    from docx.shared import Pt

    style = STYLES.get(line.kind) if outlined else None
    paragraph = document.add_paragraph(style=style)
    if line.lead:
        paragraph.add_run(line.lead).bold = True
    run = paragraph.add_run(line.text)
    match line.kind:
        case "title":
            paragraph.alignment = 1
            run.font.size = Pt(22)
        case "signature":
            paragraph.alignment = 2
        case "section" | "part":
            run.bold = True
        case _:
            paragraph.paragraph_format.first_line_indent = Pt(32)


def _table(document: Any, sheet: Sheet, draw: random.Random, size: Any) -> None:
    table = document.add_table(sheet.height, sheet.width, style="Table Grid")
    table.autofit = False
    # Looked up once: python-docx works the grid out anew for each access.
    grid = [list(row.cells) for row in table.rows]
    widths = _widths(sheet)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for spot in sheet.spots:
        cell = grid[spot.row][spot.column]
        if spot.rowspan > 1 or spot.colspan > 1:
            cell.merge(grid[spot.row + spot.rowspan - 1][spot.column + spot.colspan - 1])
        cell.width = sum(widths[spot.column : spot.column + spot.colspan])
        paragraph = cell.paragraphs[0]
        paragraph.alignment = 1
        for run in _runs(spot.text, draw):
            paragraph.add_run(run).font.size = size
    if sheet.head_rows and draw.random() < 0.3:
        _repeat_head(table, sheet.head_rows)


def _runs(text: str, draw: random.Random) -> list[str]:
    """Word breaks what it shows as one into runs where it was edited."""
    if len(text) < 2 or draw.random() < 0.7:
        return [text]
    at = draw.randint(1, len(text) - 1)
    return [text[:at], text[at:]]


def _widths(sheet: Sheet) -> list[int]:
    from docx.shared import Cm

    values = [spot for spot in sheet.spots if spot.role == "value"]
    labels = min((spot.column for spot in values), default=0)
    weights = [*STUB_WEIGHTS.get(labels, ()), *[VALUE_WEIGHT] * sheet.width][: sheet.width]
    return [int(Cm(TEXT_WIDTH_CM * weight / sum(weights))) for weight in weights]


def _repeat_head(table: Any, rows: int) -> None:
    """The boxhead again on every page."""
    from docx.oxml import OxmlElement

    for row in table.rows[:rows]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
