"""Reports as others publish them in PDF: web pages printed by Chromium, documents exported by LibreOffice."""

from __future__ import annotations

import io
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import docx
import docx.document
import pikepdf
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from pikepdf import Dictionary, Name

from gongkai.filing import Filing
from gongkai.intake.interface import Document
from gongkai.tables import GridCell, layout
from tests.browser.devtools import Page
from tests.browser.test_html_print import tool

PROSE = (
    "根据《中华人民共和国政府信息公开条例》（国务院令第711号）第五十条规定，编制本报告。"
    "本报告所列数据的统计期限自2024年1月1日起至12月31日止，共主动公开政府信息1,234条，办理申请56件。"
)
"""Two lines of a page or more."""

PLAIN = "td { border: 1px solid #000; padding: 2px 4px } table { border-collapse: collapse; width: 100% }"
RULED = {
    "ruled": PLAIN,
    "double": "td { border: 3px double #333 } table { border-collapse: collapse; width: 100% }",
    "separate": "td { border: 1px solid #888 } table { border: 1px solid #888; border-spacing: 2px; width: 100% }",
    "dashed": "td { border: 1px dashed #000; padding: 3px } table { border-collapse: collapse; width: 100% }",
    "dotted": "td { border: 1px dotted #000; padding: 3px } table { border-collapse: collapse; width: 100% }",
    "gaps": "td { background: #fff } table { background: #000; border-spacing: 1px; width: 100% }",
    "tinted": PLAIN + ".head { background: #136; color: #fff } .value { background: #def }",
    "far": "td { border: 3px outset #888 } table { border: 2px outset gray; border-spacing: 3px; width: 90% }",
    "tight": "td { border: 1px solid #000; padding: 0; font-size: 7.5pt } table { border-collapse: collapse }",
    "dots": "td { border: 4px dotted red; padding: 1px; font-size: 7.5pt; line-height: 1 } table { width: 90% }",
    "dashes": "td { border: 4px dashed #000; padding: 0; font-size: 14px; line-height: 1 } table { border-spacing: 0 }",
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


def shown(filing: Filing, cell: GridCell) -> str:
    """The words or the number in a cell of an official table."""
    return str(cell.words) if cell.words else filing.cells[cell.address or ""].raw


def page_of(filing: Filing, style: str, *, heads: bool = False) -> str:
    """A web page of a report, with `heads` repeated on each page of paper."""
    css = {**RULED, **UNRULED}[style]
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
            spans = f"rowspan={cell.rowspan} colspan={cell.colspan}"
            cells.append(f"<td {spans} class='{' '.join(names)}'>{text}</td>")
        opened = "<thead>" if heads and number == 0 and grid.head_rows else ""
        closed = "</thead>" if heads and number == grid.head_rows - 1 else ""
        rows.append(f"{opened}<tr>{''.join(cells)}</tr>{closed}")
    return f"<table>{''.join(rows)}</table>"


def chromium(page: Page, html: str, folder: Path, *, headers: bool = False) -> Document:
    """The PDF that Chromium prints, with its own `headers` of date, title and address."""
    (folder / "report.html").write_text(html, encoding="utf-8")
    page.open(folder / "report.html")
    paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "displayHeaderFooter": headers}
    return Document("report.pdf", b64decode(page.call("Page.printToPDF", **paper)["data"]))


def document_of(
    filing: Filing, *, borders: bool = True, vertical: bool = False, landscape: bool = False
) -> docx.document.Document:
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


def _add_table(made: docx.document.Document, filing: Filing, table: str, *, borders: bool, vertical: bool) -> None:
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


def libreoffice(documents: Mapping[str, docx.document.Document], folder: Path) -> dict[str, Document]:
    """The PDFs that LibreOffice exports."""
    program = tool("soffice")
    for name, made in documents.items():
        made.save(str(folder / f"{name}.docx"))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    paths = [str(folder / f"{name}.docx") for name in documents]
    subprocess.run([*command, *paths], check=True, capture_output=True, timeout=300)
    return {name: Document(f"{name}.pdf", (folder / f"{name}.pdf").read_bytes()) for name in documents}


def drawn(*programs: str, forms: Mapping[str, str] | None = None, **keys: object) -> pikepdf.Pdf:
    """A PDF whose pages (300 pt wide, 400 pt high) draw what their programs say.

    They know the font H and the `forms`; a form is put on the page moved by (7, 9). `keys` are of the pages.
    """
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    objects = Dictionary()
    for name, program in (forms or {}).items():
        form = pdf.make_stream(program.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 300, 400])
        form.Matrix = [1, 0, 0, 1, 7, 9]
        form.Resources = Dictionary(Font=Dictionary(H=font))
        objects[f"/{name}"] = form
    for program in programs:
        page = pdf.add_blank_page(page_size=(300, 400)).obj
        page.Contents = pdf.make_stream(program.encode())
        page.Resources = Dictionary(Font=Dictionary(H=font), XObject=objects)
        for key, value in keys.items():
            page[f"/{key}"] = value
    return pdf


def saved(pdf: pikepdf.Pdf, **options: Any) -> Document:
    buffer = io.BytesIO()
    pdf.save(buffer, **options)
    return Document("drawn.pdf", buffer.getvalue())


def words(x: float, y: float, text: str, before: str = "") -> str:
    """The program that writes a text at a place, after doing something `before`."""
    return f"q BT {before} /H 10 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET Q "
