"""An executed notebook in canonical form: no times, no paths, no machine, no chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

INJECTED = "injected-parameters"
"""The tag that papermill gives the cell of the parameters that were passed, and the id that we give it."""

BY_CHANCE = ("papermill", "execution")
"""Metadata of a cell that hold times."""


def name_cells(notebook: Any) -> Any:
    """`notebook` in nbformat 4.5, where every cell has an id; those of older ones are numbered, not drawn by lot."""
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        notebook.nbformat_minor = 5
        for number, cell in enumerate(notebook.cells, start=1):
            cell.id = f"cell-{number}"
    return notebook


def place_of_parameters(notebook: Any) -> int:
    """The position of the cell tagged ``parameters``; -1 where there is none."""
    tagged = (number for number, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ()))
    return next(tagged, -1)


def canonical(executed: Any, source: Any, parameters: Mapping[str, Any]) -> str:
    """The one JSON text of `executed`, which is `source` after a run with `parameters`."""
    import nbformat

    executed.metadata = source.metadata
    for cell in executed.cells:
        _tidy(cell, parameters)
    return f"{nbformat.writes(executed, version=4)}\n"


def _tidy(cell: Any, parameters: Mapping[str, Any]) -> None:
    for key in BY_CHANCE:
        cell.metadata.pop(key, None)
    if INJECTED in cell.metadata.get("tags", ()):
        cell.id = INJECTED
        # As papermill writes them, but with Chinese in letters instead of escapes.
        cell.source = "\n".join(["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())])
    if not cell.metadata.get("tags", True):
        del cell.metadata["tags"]
    if cell.cell_type == "code":
        cell.outputs = list(_coalesced(cell.outputs))


def _coalesced(outputs: list[Any]) -> Iterator[Any]:
    """The outputs, streams joined that reached us in pieces: where they were cut is chance."""
    last: Any = None
    for output in outputs:
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
            continue
        if last:
            yield last
        last = output
    if last:
        yield last
