"""The structure of a PDF completed: typst tags the heads that repeat, but not which other cells are headings.

Sources: ISO 32000-1, 14.8.4.3.4 (elements of tables) and table 349 (their attributes); 7.9.6 (name trees).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gongkai.errors import InternalError
from gongkai.export.blocks import Table, TableCell

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

SCOPES = {"row": "Row", "rowgroup": "Row", "col": "Column", "colgroup": "Column"}
WITHIN = ("/Document", "/L", "/LI", "/LBody", "/THead", "/TBody", "/TFoot", "/Div", "/Sect", "/Part")
"""What tables, and rows of tables, may stand in."""


def tagged(pdf: bytes, tables: Sequence[Table]) -> bytes:
    """The `pdf` in which each cell of its `tables` has its spans, and a heading its scope.

    Official cells are named by their addresses, headings by their anchors. Raises InternalError where the structure is
    not that of the tables.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root.StructTreeRoot
        # Without what typst says of suspects: the default, which poppler takes for an error.
        document.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
        found = list(_within(root, "/Table"))
        if len(found) != len(tables):
            raise InternalError("structure", expected=len(tables), found=len(found))
        named: dict[bytes, Object] = {}
        for element, table in zip(found, tables, strict=True):
            _complete(document, element, table, named)
        names = pikepdf.Array([each for name in sorted(named) for each in (pikepdf.String(name.decode()), named[name])])
        root.IDTree = document.make_indirect(pikepdf.Dictionary(Names=names))
        made = io.BytesIO()
        mode = pikepdf.ObjectStreamMode.generate
        document.save(made, deterministic_id=True, fix_metadata_version=False, object_stream_mode=mode)
    return made.getvalue()


def load_library() -> None:
    """Have pikepdf write a document, so that it is loaded."""
    import pikepdf

    pikepdf.new().save(io.BytesIO(), deterministic_id=True)


def _within(element: Object, kind: str) -> Iterator[Object]:
    """The elements of a `kind` below `element`, in order."""
    import pikepdf

    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and (role := kid.get("/S")) is not None:
            if role == kind:
                yield kid
            elif role in WITHIN:
                yield from _within(kid, kind)


def _complete(document: Pdf, element: Object, table: Table, named: dict[bytes, Object]) -> None:
    """Makes the elements of one table those of the tree; elements with a name of theirs are added to `named`."""
    import pikepdf

    if "/A" in element:
        del element.A
    if summary := table.label or "".join(run.text for run in table.caption):
        element.A = pikepdf.Dictionary(O=pikepdf.Name.Table, Summary=summary)
    rows = list(_within(element, "/TR"))
    if len(rows) != len(table.rows):
        raise InternalError("structure", expected=len(table.rows), found=len(rows))
    heading, data = pikepdf.Name.TH, pikepdf.Name.TD
    # Cells of one kind share their attributes: a table has hundreds of cells of some ten kinds.
    shared: dict[tuple[str, int, int], Object] = {}
    for tags, row in zip(rows, table.rows, strict=True):
        kids = tags.K
        # What is more than the row has is the column that keeps rows together: see the template.
        while len(kids) > len(row.cells):
            del kids[-1]
        for tag, cell in zip(kids, row.cells, strict=True):
            tag.S = heading if cell.scope else data
            spans = cell.scope, cell.rowspan, cell.colspan
            if spans not in shared:
                shared[spans] = document.make_indirect(pikepdf.Object.parse(_attributes(cell)))
            tag.A = shared[spans]
            name = (cell.address or cell.anchor).encode()
            if name and name not in named:
                tag.ID = pikepdf.String(name.decode())
                named[name] = tag
            elif "/ID" in tag:
                del tag.ID


def _attributes(cell: TableCell) -> bytes:
    """The attributes of a cell in the syntax of PDF; heads are found by the scope of headings."""
    return (
        "<< /O /Table"
        + f" /RowSpan {cell.rowspan}" * (cell.rowspan > 1)
        + f" /ColSpan {cell.colspan}" * (cell.colspan > 1)
        + (f" /Scope /{SCOPES[cell.scope]}" if cell.scope else "")
        + " >>"
    ).encode()
