"""Finds what a first notebook imports, so that the warm parent can import it beforehand."""

from __future__ import annotations

import sys

import nbformat
import papermill

CELL = "import sys\nprint(*sys.modules)"


def scout() -> list[str]:
    """Run a small notebook as any child does: the modules that this has imported, here and in its kernel."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(CELL, id="one")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    done = papermill.execute_notebook(notebook, None, {"a": 1}, engine_name="gongkai-warm", progress_bar=False)
    return sorted({*sys.modules, *done.cells[-1].outputs[0].text.split()})
