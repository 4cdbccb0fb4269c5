"""Finds what a first notebook imports, so that the warm parent can import it beforehand."""

from __future__ import annotations

import sys

import nbformat
import papermill

CELL = "import sys\nprint(*sys.modules)"


def scout() -> list[str]:
    """Run a small notebook as any child does: the modules that are imported then, here and in its kernel, in order.

    In another order some would find each other half made.
    """
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(CELL, id="one")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    done = papermill.execute_notebook(notebook, None, {"a": 1}, engine_name="gongkai-warm", progress_bar=False)
    # A clock may have cut what it says.
    said = "".join(output.text for output in done.cells[-1].outputs)
    return list(dict.fromkeys([*sys.modules, *said.split()]))
