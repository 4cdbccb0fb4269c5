"""From an executed notebook to the tree that every format is written from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from gongkai.catalogues import language, speaking
from gongkai.errors import JobError, NotebookError
from gongkai.export.blocks import UNDATED, Block, Document, Note, Piece, Row, Table
from gongkai.export.cells import RaisedError, shown
from gongkai.export.reading import ANCHORED, HEADINGS, Reader, parse, place
from gongkai.export.refused import RefusedError
from gongkai.report import FINDINGS_MIME, REPORT_MIME

DRAFT_TAG = "gongkai-draft"
"""Cells with this tag are for review only."""

SKIPPED_TAG = "skip-execution"
"""Cells with this tag are left out by papermill and nbconvert when they run a notebook."""

Notes = dict[str, list[Note]]


def document(notebook: Any, *, name: str, draft: bool = False) -> Document:
    """The report in `notebook`, in its own language; `name` is its title where no report is in it.

    Raises NotebookError for a cell that holds an error, JobError for one that was not run or that shows what has no
    place in a report; both name the cell.
    """
    about: Mapping[str, Any] = next(_data(notebook, REPORT_MIME), {})
    spoken = about.get("language", language())
    with speaking(spoken):
        trees = list(_trees(notebook, draft))
        notes = _notes(notebook) if draft else {}
        roots = [root for _, found in trees for root in found]
        title = _title(roots, about.get("title", ""))
        reader = Reader(_anchors(roots, notes, title), title)
        pieces = []
        for cell, found in trees:
            with _naming(cell):
                blocks = [_noted(block, notes) for root in found for block in reader.read(root)]
            pieces += [Piece(cell, tuple(blocks))] if blocks else []
    issued = about.get("issued")
    return Document(
        title=about.get("title", name),
        language=spoken,
        pieces=tuple(pieces),
        issued=date.fromisoformat(issued) if issued else UNDATED,
        draft=draft,
    )


def _data(notebook: Any, mime: str) -> Iterator[Any]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if mime in output.get("data", {}):
                yield output.data[mime]


def _trees(notebook: Any, draft: bool) -> Iterator[tuple[str, list[Any]]]:
    """The parsed HTML of each cell, by its id, or its number where a notebook is older than ids.

    What only a draft shows is left out of others, but an error in it forbids them too.
    """
    counted, showing = (any(cell.get(key) for cell in notebook.cells) for key in ("execution_count", "outputs"))
    for number, cell in enumerate(notebook.cells, start=1):
        name = str(cell.get("id") or number)
        with _naming(name):
            html = list(shown(cell))
            # Some tools take the counts away; then a cell that shows nothing may have been run.
            if (counted or not showing) and _waiting(cell):
                raise JobError("not_run", place=name)
            if draft or DRAFT_TAG not in cell.metadata.get("tags", ()):
                yield name, [parse(each) for each in html if each]


def _waiting(cell: Any) -> bool:
    """Whether `cell` has code that was not run, so that what it shows would be missing from the report."""
    if cell.cell_type != "code" or not "".join(cell.source).strip():
        return False
    return not (cell.get("execution_count") or cell.get("outputs") or SKIPPED_TAG in cell.metadata.get("tags", ()))


@contextmanager
def _naming(cell: str) -> Iterator[None]:
    """Names the cell in what is raised inside."""
    try:
        yield
    except RefusedError as refused:
        raise JobError("cannot_show", place=cell, what=refused.what) from refused
    except RaisedError as raised:
        raise NotebookError("cell_raised", place=cell, problem=raised) from raised


def _title(roots: Sequence[Any], official: str) -> Any:
    """The ``h1`` that is the title of the report: that of the form where it is shown, else the first, else None."""
    found = [each for root in roots for each in root.iter("h1") if _squeezed(each)]
    return next((each for each in found if _squeezed(each) == "".join(official.split())), next(iter(found), None))


def _squeezed(element: Any) -> str:
    """The text of `element` without white space."""
    return "".join("".join(element.itertext()).split())


def _anchors(roots: Sequence[Any], notes: Mapping[str, Sequence[Note]], title: Any) -> frozenset[str]:
    """The anchors that something leads to: a link, a cell of a table that names its headings, or a note."""
    wanted = {place(link.get("href") or "") for root in roots for link in root.iter("a")}
    wanted |= {name for root in roots for cell in root.iter("td") for name in (cell.get("headers") or "").split()}
    wanted |= {f"finding-{note.number}" for found in notes.values() for note in found}
    there = {
        element.get("id")
        for root in roots
        for element in root.iter(*ANCHORED)
        if element.get("id") and element is not title and (element.tag not in HEADINGS or _squeezed(element))
    }
    marked = {cell.get("data-cell") for root in roots for cell in root.iter("td")} & notes.keys()
    return frozenset(wanted & (there | {f"cell-{address}" for address in marked}))


def _notes(notebook: Any) -> Notes:
    """What the appendix says of each cell."""
    by_cell: Notes = defaultdict(list)
    for entry in (entry for found in _data(notebook, FINDINGS_MIME) for entry in found):
        for address in entry["cells"]:
            by_cell[address].append(Note(entry["number"], entry["kind"], entry["rule"], entry["message"]))
    return by_cell


def _noted(block: Block, notes: Notes) -> Block:
    """`block` with the notes on its cells, each where its cell is shown first."""
    if not notes or not isinstance(block, Table) or not block.official:
        return block
    return replace(block, groups=tuple(tuple(_noted_row(row, notes) for row in group) for group in block.groups))


def _noted_row(row: Row, notes: Notes) -> Row:
    cells = tuple(
        replace(cell, notes=tuple(found), anchor=f"cell-{cell.address}")
        if cell.address and (found := notes.pop(cell.address, None))
        else cell
        for cell in row.cells
    )
    return replace(row, cells=cells)
