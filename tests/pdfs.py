"""Reports as others publish them in PDF: web pages printed by Chromium, documents exported by LibreOffice."""

from __future__ import annotations

import os
import shutil
import subprocess
from html import escape
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from gongkai.filing import Filing
from gongkai.forms import load_form
from gongkai.tables import GridCell, layout

PROSE = (
    "根据《中华人民共和国政府信息公开条例》（国务院令第711号）第五十条规定，编制本报告。"
    "本报告所列数据的统计期限自2024年1月1日起至12月31日止，共主动公开政府信息1,234条，办理申请56件。"
)
"""Two lines of a page or more."""

PLAIN = "td { border: 1px solid #000; padding: 2px 4px } table { border-collapse: collapse; width: 100% }"
STYLES = {
    "ruled": PLAIN,
    "double": "td { border: 3px double #333 } table { border-collapse: collapse; width: 100% }",
    "separate": "td { border: 1px solid #888 } table { border: 1px solid #888; border-spacing: 2px; width: 100% }",
    "dashed": "td { border: 1px dashed #000; padding: 3px } table { border-collapse: collapse; width: 100% }",
    "dotted": "td { border: 1px dotted #000; padding: 3px } table { border-collapse: collapse; width: 100% }",
    "gaps": "td { background: #fff } table { background: #000; border-spacing: 1px; width: 100% }",
    "tinted": PLAIN + ".head { background: #136; color: #fff } .value { background: #def }",
    "open": PLAIN + "td:first-child, td.first { border-left: none } td.last { border-right: none }",
    "narrow": PLAIN + ".stub { width: 5em } td { font-size: 9pt; line-height: 1.1 }",
    "vertical": PLAIN + "td.group { writing-mode: vertical-rl }",
    "letters": PLAIN + "td.group { width: 1em; padding: 1px }",
    "bold": PLAIN + "td { text-shadow: 0.4px 0 #000; -webkit-text-stroke: 0.4px; font-weight: 900 }",
    "landscape": PLAIN + "@page { size: A4 landscape }",
}
UNRULED = {
    "unruled": "td { padding: 2px 8px } table { width: 100% }",
    "nowrap": "td { padding: 2px 8px; white-space: nowrap; font-size: 7.5pt } td.value { text-align: right }",
}


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing")
        pytest.skip(f"{name} is not installed")
    return path


def shown(filing: Filing, cell: GridCell) -> str:
    """The words or the number in a cell of an official table."""
    return str(cell.words) if cell.words else filing.cells[cell.address or ""].raw


def page_of(filing: Filing, style: str, *, heads: bool = False) -> str:
    """A web page of a report, with `heads` repeated on each page of paper."""
    css = {**STYLES, **UNRULED}[style]
    parts = [f"<meta charset=utf-8><style>body {{ font: 10.5pt serif }} td {{ text-align: center }} {css}</style>"]
    parts.append(f"<h1>{filing.agency}{filing.year}年政府信息公开工作年度报告</h1>")
    for section in filing.form.sections:
        parts.append(f"<h2>{section.heading}</h2>")
        if section.table:
            parts.append(_table(filing, section.table, heads))
        else:
            parts += [f"<p style='text-indent: 2em'>{PROSE}</p>"] * 2
    return "".join(parts)


def _table(filing: Filing, table: str, heads: bool) -> str:
    grid = layout(filing.edition, table)
    rows = []
    for number, row in enumerate(grid.rows()):
        cells = []
        for cell in row:
            group = cell.role == "stub" and cell.rowspan > 1
            names = [cell.role, *(["group"] if group else []), *(["first"] if not cell.column else [])]
            names += ["last"] if cell.column + cell.colspan == grid.width else []
            text = escape(shown(filing, cell))
            # As in `letters`, where the vertical labels have one character a line.
            spans = f"rowspan={cell.rowspan} colspan={cell.colspan}"
            cells.append(f"<td {spans} class='{' '.join(names)}'>{text}</td>")
        opened = "<thead>" if heads and number == 0 and grid.head_rows else ""
        closed = "</thead>" if heads and number == grid.head_rows - 1 else ""
        rows.append(f"{opened}<tr>{''.join(cells)}</tr>{closed}")
    return f"<table>{''.join(rows)}</table>"


def chromium(html: str, folder: Path, *, headers: bool = False) -> bytes:
    """The PDF that Chromium prints, with its own `headers` of date, title and address."""
    (folder / "report.html").write_text(html, encoding="utf-8")
    switches = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
    switches += [] if headers else ["--no-pdf-header-footer"]
    target = [f"--print-to-pdf={folder}/report.pdf", (folder / "report.html").as_uri()]
    subprocess.run([tool("chromium"), *switches, *target], check=True, capture_output=True, timeout=180)
    return (folder / "report.pdf").read_bytes()


def document_of(
    filing: Filing, *, borders: bool = True, vertical: bool = False, landscape: bool = False
) -> docx.Document:
    """A document of a report; `vertical` labels are written downwards."""
    made = docx.Document()
    if landscape:
        section = made.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    made.styles["Normal"].font.size = Pt(10.5)
    made.add_paragraph(f"{filing.agency}{filing.year}年政府信息公开工作年度报告")
    for section in filing.form.sections:
        made.add_paragraph(section.heading)
        if section.table:
            _add_table(made, filing, section.table, borders=borders, vertical=vertical)
        else:
            for _ in range(2):
                made.add_paragraph(PROSE).paragraph_format.first_line_indent = Pt(21)
    return made


def _add_table(made: docx.Document, filing: Filing, table: str, *, borders: bool, vertical: bool) -> None:
    grid = layout(filing.edition, table)
    added = made.add_table(grid.height, grid.width, style="Table Grid" if borders else "Normal Table")
    for cell in grid.cells:
        first = added.cell(cell.row, cell.column)
        last = added.cell(cell.row + cell.rowspan - 1, cell.column + cell.colspan - 1)
        merged = first.merge(last)
        merged.text = shown(filing, cell)
        if vertical and cell.role == "stub" and cell.rowspan > 1:
            direction = OxmlElement("w:textDirection")
            direction.set(qn("w:val"), "tbRlV")
            merged._tc.get_or_add_tcPr().append(direction)


def libreoffice(made: docx.Document, folder: Path) -> bytes:
    """The PDF that LibreOffice exports."""
    made.save(str(folder / "report.docx"))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [tool("soffice"), profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, str(folder / "report.docx")], check=True, capture_output=True, timeout=300)
    return (folder / "report.pdf").read_bytes()


def tables_of(edition: str) -> list[str]:
    return list(load_form(edition).tables)
