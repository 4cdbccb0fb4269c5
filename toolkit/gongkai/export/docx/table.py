"""A table as WordprocessingML: merged cells, repeated heads, whole rows, official values under their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from math import ceil

from gongkai.export.blocks import TEXT_WIDTH, Line, Run, Table, TableCell
from gongkai.export.docx.parts import Parts
from gongkai.export.docx.text import KEEP_NEXT, escape, paragraph, plain, runs
from gongkai.export.fitting import ems
from gongkai.export.pdf.tables import ordinal
from gongkai.report import KINDS

WIDTH = round(TEXT_WIDTH * 20)
"""The width of a table in twentieths of a point."""
TALL = 10
"""Groups with more rows than this may be parted by the end of a page."""
SIZE = 10.0
"""The size of type in the styles of tables; another one is stated where it is used."""
LETTER = re.compile("[A-Za-z]")
TINTS: dict[str, str] = dict(zip(KINDS, ("FBD9D3", "ECDCF5", "FDECC2", "DCEBFA", "E6E6E6", "F3F4F6"), strict=True))
"""The ground of a cell by the gravest that a draft has to say of it."""

LOOK = (
    '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="30" w:type="dxa"/>'
    '<w:left w:w="0" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
    '<w:tblLook w:val="0000" '
    'w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="0"/>'
)


def table_xml(table: Table, parts: Parts, left: int = 0) -> str:
    """The table alone, `left` twentieths of a point from the edge of the text; a caption above it is the caller's."""
    edges = [round((WIDTH - left) * share) for share in accumulate(table.widths, initial=0.0)]
    grid = "".join(f'<w:gridCol w:w="{right - left}"/>' for left, right in pairwise(edges))
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{parts.style["TableGrid"]}"/><w:tblW w:w="{edges[-1]}" w:type="dxa"/>'
        f'<w:jc w:val="left"/><w:tblInd w:w="{left}" w:type="dxa"/>'
        f"{LOOK}{_described(table)}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(_rows(table, edges, parts))}</w:tbl>"
    )


def _described(table: Table) -> str:
    """What a screen reader says of the table."""
    caption = plain(table.caption)
    named = (("tblCaption", caption or table.label), ("tblDescription", table.label if caption else ""))
    return "".join(f'<w:{name} w:val="{escape(text)}"/>' for name, text in named if text)


def _rows(table: Table, edges: Sequence[int], parts: Parts) -> Iterator[str]:
    """The rows, each with what goes on in it of merged cells above."""
    going_on: dict[int, tuple[int, TableCell]] = {}
    for number, (row, keep) in enumerate(zip(table.rows, _kept(table), strict=True)):
        own = {cell.column: cell for cell in row.cells}
        cells, column = [], 0
        while column < len(edges) - 1:
            left, above = going_on.get(column, (0, None))
            cell = above or own.get(column) or TableCell(column, ())
            content = _emptied(parts, keep) if above else _content(cell, table, edges, parts, keep)
            if column == 0 and row.anchor:
                content = content.replace("</w:pPr>", "</w:pPr>" + parts.anchor(row.anchor), 1)
            cells.append(_cell(cell, edges, content, merged=bool(above)))
            left = (left or cell.rowspan) - 1
            if left:
                going_on[column] = left, cell
            else:
                going_on.pop(column, None)
            column += cell.colspan
        head = "<w:tblHeader/>" if number < table.head_rows else ""
        yield f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(cells)}</w:tr>"


def _kept(table: Table) -> Iterator[bool]:
    """Of each row whether it stays on the page of the next one: in the head, in a short group, beside a merged cell.

    In a tall group a merged cell of many rows may be cut, but not right below its beginning; the last row is not alone.
    """
    done = 0
    for group in table.groups:
        beside = 0
        for number, row in enumerate(group, start=1):
            beside = max([beside, *(number + cell.rowspan - 1 for cell in row.cells if cell.rowspan <= TALL)])
            begins = number == 1 or any(cell.rowspan > TALL for cell in row.cells)
            near = len(group) <= TALL or number < beside or begins or number == len(group) - 1
            yield done + number < table.head_rows + 1 or (near and number < len(group))
        done += len(group)


def _cell(cell: TableCell, edges: Sequence[int], content: str, *, merged: bool) -> str:
    across = f'<w:gridSpan w:val="{cell.colspan}"/>' if cell.colspan > 1 else ""
    down = "<w:vMerge/>" if merged else '<w:vMerge w:val="restart"/>' if cell.rowspan > 1 else ""
    ground = TINTS.get(cell.gravest, cell.background[1:])
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{ground}"/>' if ground else ""
    width = edges[cell.column + cell.colspan] - edges[cell.column]
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{across}{down}{shade}<w:vAlign w:val="center"/></w:tcPr>'
        f"{content}</w:tc>"
    )


def _emptied(parts: Parts, keep: bool) -> str:
    return paragraph(parts.style["TableText"], "", KEEP_NEXT if keep else {})


def _content(cell: TableCell, table: Table, edges: Sequence[int], parts: Parts, keep: bool) -> str:
    """The paragraphs of a cell; the first begins with the bookmarks, the comments stand around all of them."""
    size = table.value_size if cell.address else table.size
    style = _style(cell, table)
    room = (edges[cell.column + cell.colspan] - edges[cell.column] - 20) / 20
    lines = _parted(cell, room / size) if style == "TableHead" else cell.lines
    properties = dict(KEEP_NEXT) if keep else {}
    if table.size != SIZE:
        properties["spacing"] = f'<w:spacing w:line="{round(table.size * 24)}" w:lineRule="exact"/>'
    if cell.align:
        properties["jc"] = f'<w:jc w:val="{cell.align}"/>'
    elif style == "TableHead" and (margin := _margin(lines, room, size)):
        properties["ind"] = f'<w:ind w:left="{margin}" w:right="{margin}"/>'
    comments = [parts.comment(note) for note in cell.notes]
    before = parts.bookmark(cell.address) + parts.anchor(cell.anchor)
    before += "".join(f'<w:commentRangeStart w:id="{comment}"/>' for comment in comments)
    after = "".join(_reference(comment, parts) for comment in comments)
    texts = [runs(line, parts, size if size != SIZE else None) for line in lines] or [""]
    texts[0], texts[-1] = before + texts[0], texts[-1] + after if len(texts) > 1 else before + texts[0] + after
    return "".join(paragraph(parts.style[style], text, properties) for text in texts)


def _style(cell: TableCell, table: Table) -> str:
    if cell.address:
        return "TableNumber"
    if cell.scope == "row" and table.official:
        return "TableLabel"
    return "TableHead" if cell.scope else "TableText"


def _parted(cell: TableCell, measure: float) -> tuple[Line, ...]:
    """The lines of a heading cell; an ordinal in parentheses has one of its own."""
    match cell.lines:
        case ((Run(text, look),),) if first := ordinal(text, measure):
            return ((Run(f"{first}\n{text[len(first) :]}", look),),)
    return cell.lines


def _margin(lines: Sequence[Line], room: float, size: float) -> int:
    """The indent, in twentieths of a point, that makes the lines of a Chinese label in `room` points alike, else 0."""
    text = max("\n".join(map(plain, lines)).split("\n"), key=ems)
    measure, length = room // size, ems(text)
    if length <= measure or measure < 1 or len(lines) > 1 or LETTER.search(text):
        return 0
    alike = ceil(length / ceil(length / measure))
    return int((room - alike * size - size / 5) * 10)


def _reference(comment: int, parts: Parts) -> str:
    style = f'<w:rPr><w:rStyle w:val="{parts.style["CommentReference"]}"/></w:rPr>'
    return f'<w:commentRangeEnd w:id="{comment}"/><w:r>{style}<w:commentReference w:id="{comment}"/></w:r>'
