"""An executed notebook in canonical form: no times, no paths, no machine, no chance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

INJECTED = "injected-parameters"
"""The tag that papermill gives the cell of the parameters that were passed, and the id that we give it."""

_FOLDER = re.compile(r"(?<![^\s\"'(<=])[^\s\"'(<=]*[/\\]ipykernel_\d+[/\\]")
"""From where a word begins, so that a text of one long word is looked through once."""

BY_CHANCE = ("papermill", "execution")
"""Metadata of a cell that hold times."""


def name_cells(notebook: Any) -> Any:
    """`notebook` in nbformat 4.5, where every cell has an id; those of older ones are numbered, not drawn by lot."""
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        notebook.nbformat_minor = 5
        for number, cell in enumerate(notebook.cells, start=1):
            cell.id = f"cell-{number}"
    return notebook


def place_of_parameters(notebook: Mapping[str, Any]) -> int:
    """The position of the cell tagged ``parameters``; -1 where there is none."""
    tags = (cell["metadata"].get("tags", ()) for cell in notebook["cells"])
    tagged = (number for number, each in enumerate(tags) if "parameters" in each)
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
        for output in cell.outputs:
            for key in ("text", "traceback"):
                if key in output:
                    output[key] = _placeless(output[key])


def _coalesced(outputs: Sequence[Any]) -> Iterator[Any]:
    """The outputs; where only streams follow each other, one of each: how a clock has cut and mixed them is chance."""
    for streams, group in groupby(outputs, lambda output: output.output_type == "stream"):
        found = list(group)
        if not streams:
            yield from found
            continue
        for name in sorted({output.name for output in found}, reverse=True):  # stdout first
            first, *others = (output for output in found if output.name == name)
            first.text += "".join(output.text for output in others)
            yield first


def _placeless(text: Any) -> Any:
    """`text`, or a list of texts, without the folder by which ipykernel names the files of cells: it holds a number."""
    return _FOLDER.sub("", text) if isinstance(text, str) else [_placeless(each) for each in text]
