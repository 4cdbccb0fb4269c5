"""Executed notebooks without a kernel, and what the exporters make of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import nbformat
from bs4 import BeautifulSoup

from gongkai import report
from gongkai.export import GongkaiDOCXExporter, GongkaiHTMLExporter, GongkaiPDFExporter
from gongkai.export.blocks import Block, Document
from gongkai.export.document import document
from gongkai.filing import Doubt, Filing, decimal_text
from gongkai.report import Checked
from tests.helpers import balanced_filing, changed, plus_one

PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
    )
).decode()
"""A white picture of one pixel."""


def cell(data: dict[str, Any], **about: Any) -> Any:
    """An executed cell that shows `data`."""
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    return nbformat.v4.new_code_cell("source_of_the_cell()", outputs=[output], **about)


def markdown(source: str, **about: Any) -> Any:
    return nbformat.v4.new_markdown_cell(source, **about)


def shown(page: Any, *tags: str) -> Any:
    return cell(page._repr_mimebundle_(), metadata={"tags": list(tags)})


def notebook(cells: Sequence[Any]) -> str:
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=list(cells))))


def report_of(filing: Filing, *extra: Any, checked: Checked | None = None) -> str:
    """The executed notebook of `filing`, with the cells `extra` before the signature."""
    draft = "gongkai-draft"
    return notebook(
        [
            *([shown(checked, draft)] if checked else []),
            shown(report.heading(filing)),
            shown(report.preamble(filing)),
            *(shown(report.section(filing, section.key)) for section in filing.form.sections),
            *extra,
            shown(report.signature(filing)),
            *([shown(report.appendix(checked), draft)] if checked else []),
        ]
    )


def read(text: str) -> Any:
    return nbformat.reads(text, as_version=4)


def tree_of(text: str, *, draft: bool = False) -> Document:
    return document(read(text), name="report", draft=draft)


def blocks_of(*cells: Any) -> list[Block]:
    """What the exporters make of these cells."""
    return list(tree_of(notebook(cells)).blocks)


def to_html(text: str, *, draft: bool = False) -> str:
    return str(GongkaiHTMLExporter(draft=draft).from_notebook_node(read(text))[0])


def to_docx(text: str, *, draft: bool = False) -> bytes:
    return bytes(GongkaiDOCXExporter(draft=draft).from_notebook_node(read(text))[0])


def to_pdf(text: str, *, draft: bool = False) -> bytes:
    return bytes(GongkaiPDFExporter(draft=draft).from_notebook_node(read(text))[0])


def parsed(html: str) -> Any:
    return BeautifulSoup(html, "html.parser", multi_valued_attributes=None)


def shown_values(filing: Filing) -> list[str]:
    """The numbers of `filing` as they are printed."""
    return [decimal_text(Decimal(cell.value)) for cell in filing.cells.values() if cell.value is not None]


def faulty() -> Checked:
    """A filing with an imbalance, a blank and a doubt."""
    doubt = Doubt(code="PRS-COL-SHIFT", cells=("requests.granted.research",), read="1 | 2", alternatives=("1", "2"))
    filing = plus_one(balanced_filing(1), "requests.received.business")
    filing = replace(changed(filing, {"disputes.direct_suit.upheld": None}), doubts=(doubt,))
    return report.check(filing)
