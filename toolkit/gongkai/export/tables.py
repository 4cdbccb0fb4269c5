"""From an HTML table to the table of the tree: each cell at its place, widths worked out, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from gongkai.catalogues import say
from gongkai.export.blocks import TEXT_WIDTH, Line, Look, Row, Run, Table, TableCell
from gongkai.export.css import Declarations, color
from gongkai.export.fitting import fit
from gongkai.export.inline import INLINE, PARTS, refuse_text, styled, tidy
from gongkai.export.refused import RefusedError

if TYPE_CHECKING:
    from gongkai.export.reading import Reader

MOST_ROWS = 1000
"""A report is read, not searched: a longer table belongs into a file of its own."""
INDENT = 64.0
"""Points that a list or a quotation takes from the width of a table in it."""
SECTIONS = ("thead", "tbody", "tfoot")
SHARE = re.compile(r"width: ([\d.]+)%", re.ASCII)
SPAN = re.compile("[0-9]{1,9}")
SCOPES = ("row", "rowgroup", "col", "colgroup")


def table(reader: Reader, element: Any, look: Look) -> Table:
    """The table of the tree. Raises RefusedError for one whose cells do not make up a full rectangle."""
    parts = list(_sections(element))
    rows = [row for _, section in parts for row in section]
    if len(rows) > MOST_ROWS:
        raise RefusedError(say("refused.long_table", rows=len(rows), most=MOST_ROWS))
    groups: list[tuple[Row, ...]] = []
    columns = 0
    for kind, section in parts:
        group, width = _placed(reader, kind, section, sum(map(len, groups)), look)
        if columns and width != columns:
            raise RefusedError(say("refused.ragged_table", columns=columns, row=sum(map(len, groups)) + 1, found=width))
        columns = width
        groups.append(group)
    if not columns:
        raise RefusedError(say("refused.empty_table"))
    room = TEXT_WIDTH - INDENT * sum(1 for _ in element.iterancestors("ul", "ol", "blockquote"))
    cells = [row.cells for group in groups for row in group]
    widths, size, value_size = fit(cells, columns, _given(element, columns), room)
    caption = element.find("caption")
    return Table(
        groups=tuple(groups),
        head_rows=sum(len(section) for kind, section in parts if kind == "thead"),
        widths=widths,
        size=size,
        value_size=value_size,
        official=element.get("data-table") or "",
        label=element.get("aria-label") or element.get("summary") or "",
        caption=() if caption is None else reader.line(caption, look),
    )


def _sections(element: Any) -> Iterator[tuple[str, list[Any]]]:
    """The kind and the rows of each section that has any; rows outside of sections make a body; the head is first."""
    found: list[tuple[str, list[Any]]] = []
    refuse_text(element)
    for child in element:
        if child.tag in SECTIONS:
            refuse_text(child)
            found.append((child.tag, [_row(each) for each in child]))
        elif child.tag == "tr":
            if not found or found[-1][0] != "":
                found.append(("", []))
            found[-1][1].append(child)
        elif child.tag not in ("caption", "colgroup", "col", "style") or child in element.findall("caption")[1:]:
            raise RefusedError(say("refused.element", name=f"table > {child.tag}"))
    place = {"thead": 0, "tfoot": 2}
    return iter(sorted((each for each in found if each[1]), key=lambda each: place.get(each[0], 1)))


def _row(element: Any) -> Any:
    if element.tag != "tr":
        raise RefusedError(say("refused.element", name=f"table > {element.tag}"))
    return element


def _placed(reader: Reader, kind: str, section: list[Any], above: int, look: Look) -> tuple[tuple[Row, ...], int]:
    """The rows of a section and how many columns they have; `above` rows stand above it."""
    taken: list[dict[int, bool]] = [{} for _ in section]
    rows = []
    for number, element in enumerate(section):
        cells, column, around = [], 0, _around(reader, element)
        shown = _painted(look, around)
        refuse_text(element)
        for each in element:
            if each.tag not in ("td", "th"):
                raise RefusedError(say("refused.element", name=f"tr > {each.tag}"))
            while column in taken[number]:
                column += 1
            cell = _cell(reader, each, column, kind, (shown, around))
            if not _take(taken[number : number + cell.rowspan], cell):
                raise RefusedError(say("refused.span", row=above + number + 1))
            cells.append(cell)
        rows.append(Row(tuple(cells), reader.anchor(element)))
    width = max((len(row) for row in taken), default=0)
    for number, row in enumerate(taken, start=above + 1):
        if len(row) != width or (row and max(row) != width - 1):
            raise RefusedError(say("refused.ragged_table", columns=width, row=number, found=len(row)))
    return tuple(rows), width


def _take(rows: list[dict[int, bool]], cell: TableCell) -> bool:
    """Marks in `rows` what `cell` takes; False where that is taken or not there."""
    columns = range(cell.column, cell.column + cell.colspan)
    if cell.rowspan > len(rows) or not all(row.keys().isdisjoint(columns) for row in rows):
        return False
    for row in rows:
        row.update(dict.fromkeys(columns, True))
    return True


def _around(reader: Reader, row: Any) -> Declarations:
    """What is declared for a row, its section and its table, which cells take over."""
    declared: Declarations = {}
    for element in (*reversed(list(row.iterancestors("table", *SECTIONS))), row):
        if align := element.tag != "table" and element.get("align"):
            declared["text-align"] = align.lower()
        declared |= reader.declared(element)
    if "dataframe" in (next(row.iterancestors("table")).get("class") or "").split():
        # pandas sets its heads to the right, whatever stands below them.
        declared.pop("text-align", None)
    return declared


def _painted(look: Look, declared: Declarations) -> Look:
    """`look` with what is declared, but for the background, which is that of the whole cell."""
    if not declared:
        return look
    return styled(look, {key: value for key, value in declared.items() if key != "background-color"})


def _cell(reader: Reader, element: Any, column: int, kind: str, around: tuple[Look, Declarations]) -> TableCell:
    look, inherited = around
    declared = reader.declared(element)
    look = _painted(look, declared)
    rowspan, colspan = (_span(element, name) for name in ("rowspan", "colspan"))
    align = declared.get("text-align") or element.get("align", "").lower() or inherited.get("text-align")
    background = declared.get("background-color") or element.get("bgcolor") or inherited.get("background-color")
    return TableCell(
        column=column,
        lines=tuple(_lines(reader, element, look)),
        rowspan=rowspan,
        colspan=colspan,
        scope=_scope(element, kind, rowspan, colspan),
        address=element.get("data-cell") or "",
        anchor=reader.anchor(element),
        headers=" ".join(name for name in (element.get("headers") or "").split() if name in reader.anchors),
        align=cast("Any", align if align in ("left", "center", "right") else ""),
        background=color(background) if background else "",
    )


def _span(element: Any, name: str) -> int:
    given = element.get(name)
    if not given:
        return 1
    given = given.strip()
    if not SPAN.fullmatch(given) or not 1 <= int(given) <= MOST_ROWS:
        raise RefusedError(say("refused.bad_span", name=name, value=given[:20], most=MOST_ROWS))
    return int(given)


def _scope(element: Any, kind: str, rowspan: int, colspan: int) -> Any:
    if element.tag == "td":
        return ""
    given = (element.get("scope") or "").lower()
    if given in SCOPES:
        return given
    if kind == "thead":
        return "col" if colspan == 1 else "colgroup"
    return "row" if rowspan == 1 else "rowgroup"


def _lines(reader: Reader, element: Any, look: Look) -> Iterator[Line]:
    """The paragraphs in a cell; items of lists are paragraphs with a mark."""
    if not len(element) and not PARTS.search(text := element.text or ""):
        # As most cells are: one run, in which there is nothing to tidy.
        yield from [(Run(text, look),)] * bool(text)
        return
    gathered = [Run(element.text or "", look)]
    for child in element:
        if child.tag in INLINE:
            gathered += reader.runs(child, look)
        else:
            yield from filter(None, [tidy(gathered)])
            gathered.clear()
            yield from _block_lines(reader, child, look)
        gathered.append(Run(child.tail or "", look))
    yield from filter(None, [tidy(gathered)])


def _block_lines(reader: Reader, element: Any, look: Look) -> Iterator[Line]:
    if element.tag in ("p", "div", "center"):
        yield from _lines(reader, element, look)
    elif element.tag in ("ul", "ol"):
        start, items = reader.items(element)
        for number, item in enumerate(items, start=start):
            mark = f"{number}. " if element.tag == "ol" else "• "
            for place, line in enumerate(_lines(reader, item, look)):
                yield (Run(mark, look), *line) if place == 0 else line
    elif element.tag != "style":
        raise RefusedError(say("refused.element", name=f"{element.getparent().tag} > {element.tag}"))


def _given(element: Any, columns: int) -> list[float] | None:
    """The shares of the columns that an official table states, in percent of the whole."""
    if not element.get("data-table"):
        return None
    found = (SHARE.fullmatch(each.get("style") or "") for each in element.iter("col"))
    shares = [float(each[1]) for each in found if each]
    return [share / sum(shares) for share in shares] if len(shares) == columns else None
