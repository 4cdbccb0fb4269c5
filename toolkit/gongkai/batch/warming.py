"""What a warm parent does before it forks: once, all that every report needs, but for setting a page."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from gongkai import consistency, report
from gongkai.execute import load_engine
from gongkai.export import rehearse
from gongkai.filing import Cell, Filing
from gongkai.finding import findings_from_json, findings_to_json
from gongkai.forms import editions
from gongkai.report import Page

FIGURES = ("matplotlib.figure", "matplotlib.font_manager", "matplotlib.backends.backend_svg")
"""Of pyplot a notebook must see the import: that is when the backend joins its shell."""


def warm() -> None:
    """Run all rules, and write a report of zeros in every format as far as that can be shared."""
    for name in FIGURES:
        importlib.import_module(name)
    load_engine()
    consistency.warm()
    for edition, form in editions().items():
        zero = Cell(0, "number", "0")
        filing = Filing(edition=edition, cells=dict.fromkeys(form.cells, zero), agency="0", year=form.years.first)
        rehearse(_notebook(Filing.from_json(filing.to_json())))
    findings_from_json(findings_to_json(()))


def _notebook(filing: Filing) -> Any:
    """The executed notebook of `filing`, without running one."""
    import nbformat

    cells = []
    for number, page in enumerate(_pages(filing)):
        output = nbformat.v4.new_output("execute_result", page._repr_mimebundle_(), execution_count=1)
        cells.append(nbformat.v4.new_code_cell("0", id=f"page-{number}", execution_count=1, outputs=[output]))
    return nbformat.v4.new_notebook(cells=cells)


def _pages(filing: Filing) -> Iterator[Page]:
    yield report.heading(filing)
    yield report.preamble(filing)
    yield from (report.section(filing, section.key) for section in filing.form.sections)
    yield report.signature(filing)
    yield report.appendix(report.check(filing))
