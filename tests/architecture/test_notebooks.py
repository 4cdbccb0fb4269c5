"""Committed notebooks: canonical to the byte, and thin: a cell is one call into `gongkai.report`."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from gongkai import report
from tests.helpers import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def test_there_is_the_annual_report() -> None:
    assert "annual_report" in [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_canonical(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    node = nbformat.reads(text, as_version=4)
    nbformat.validate(node)
    assert text == nbformat.writes(node, version=4) + "\n"
    assert (node.nbformat, node.nbformat_minor) == (4, 5)
    assert set(node.metadata) == {"kernelspec", "language_info"}
    assert node.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_cleared_and_cells_are_named(path: Path) -> None:
    ids = [cell["id"] for cell in cells(path)]
    assert len(set(ids)) == len(ids)
    for cell in cells(path):
        assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*", cell["id"])
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_code_cell_is_one_call_into_report(path: Path) -> None:
    for cell in cells(path):
        if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", ()):
            continue
        tree = ast.parse("".join(cell["source"]))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert len(calls) == 1, cell["id"]
        called = calls[0].func
        assert isinstance(called, ast.Attribute)
        assert isinstance(called.value, ast.Name)
        assert (called.value.id, called.attr in report.__all__) == ("report", True)
        kinds = (ast.If, ast.For, ast.While, ast.BinOp, ast.FunctionDef, ast.comprehension)
        assert not [node for node in ast.walk(tree) if isinstance(node, kinds)]
        constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert all(isinstance(value, str) for value in constants), "no numbers in a notebook"
