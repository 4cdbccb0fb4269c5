"""Word documents (.docx): paragraphs and tables as they are shown; nothing linked, embedded or programmed is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gongkai.errors import InputError
from gongkai.filing import Filing, Source
from gongkai.intake import archive
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import LAYOUT, Field, Grid, Paragraph, Printed, bounded
from gongkai.intake.published import filing_of

MAIN = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BEFORE, _SPAN = f"{_W}trPr/{_W}gridBefore", f"{_W}tcPr/{_W}gridSpan"
_UNSEEN = {_FALLBACK, *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "pPr", "rPr", "delText"))}
_DRAWING = f"{_W}drawing"
_ABOUT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_PICTURES = ("{http://schemas.openxmlformats.org/drawingml/2006/main}blip", "{urn:schemas-microsoft-com:vml}imagedata")
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
_BLOCKS = {
    f"{_W}{name}" for name in ("body", "sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "txbxContent")
}


class WordReader(Reader):
    """Reads a Word document."""

    def recognises(self, document: Document) -> bool:
        return archive.kind(document) == "docx"

    def read(self, document: Document) -> Filing:
        return filing_of(printed(document), document)


def printed(document: Document) -> Printed:
    """What a document shows, tracked deletions left out. Raises InputError where it is broken."""
    return list(bounded(_Words(document.name).blocks(_body(document)), document.name))


def _body(document: Document) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.fromstring(archive.part(document, MAIN) or b"", parser)
    except etree.LxmlError as error:
        raise InputError("broken_word", file=document.name, reason=type(error).__name__) from error
    body = tree.find(f"{_W}body")
    if body is None or tree.getroottree().docinfo.internalDTD is not None:
        raise InputError("broken_word", file=document.name, reason="XML")
    return body


class _Words:
    def __init__(self, file: str) -> None:
        self.file = file
        self.lines = 0
        self.tables = 0

    def blocks(self, parent: Any) -> Iterator[Paragraph | Grid]:
        """The paragraphs and tables in `parent`, in reading order."""
        for element in parent:
            if element.tag == f"{_W}p":
                yield from self.paragraphs(element)
            elif element.tag == f"{_W}tbl":
                yield from self.table(element)
            elif element.tag in _BLOCKS:
                yield from self.blocks(element)

    def paragraphs(self, element: Any) -> Iterator[Paragraph | Grid]:
        """A paragraph, a line for each line that it is broken into; then what stands in its text boxes."""
        self.lines += 1
        source = Source(file=self.file, line=self.lines)
        for line in _text(element).split("\n"):
            yield Paragraph(line, source)
        for picture in _pictures(element):
            yield Paragraph("", source, picture)
        for box in element.iter(f"{_W}txbxContent"):
            # A box inside of a box is met again in the paragraph that holds it.
            own = next(box.iterancestors(f"{_W}p")) is element
            if own and not any(above.tag == _FALLBACK for above in box.iterancestors()):
                yield from self.blocks(box)

    def table(self, element: Any) -> Iterator[Paragraph | Grid]:
        """A table, or what stands in its cells where it only lays out the page."""
        if _lays_out(element):
            for cell in _own_cells(element):
                yield from self.blocks(cell)
            return
        self.tables += 1
        self.lines += 1
        yield Grid(tuple(self.rows(element)))

    def rows(self, table: Any) -> Iterator[tuple[Field, ...]]:
        """The rows of a table; what goes on from the row above is a part of the cell that began there."""
        rows = [row for row in table.iter(f"{_W}tr") if row.find(f"{_W}trPr/{_W}del") is None]
        spans = [list(_cells(row)) for row in rows]
        going = [{(left, right) for left, right, cell in row if _goes_on(cell)} for row in spans]
        for number, cells in enumerate(spans):
            fields = []
            for left, right, cell in cells:
                if _goes_on(cell):
                    continue
                height = 1
                while number + height < len(going) and (left, right) in going[number + height]:
                    height += 1
                paragraphs = [_text(each) for each in cell.iter(f"{_W}p")]
                text = "\n".join(each.strip() for each in paragraphs if each.strip())
                fields.append(Field(text, left, right, Source(file=self.file, line=self.lines), height))
            if fields:
                yield tuple(fields)


def _own_cells(parent: Any) -> Iterator[Any]:
    """The cells of a table, those of tables in it left out."""
    for element in parent:
        if element.tag == f"{_W}tc":
            yield element
        elif element.tag != f"{_W}tbl":
            yield from _own_cells(element)


def _lays_out(table: Any) -> bool:
    """Whether a table holds other tables, long texts or nothing but pictures, so that it only lays out the page."""
    # Asked first: texts of tables in tables would be gone through once for each table around them.
    if next(table.iterdescendants(f"{_W}tbl"), None) is not None:
        return True
    texts = ["".join(cell.itertext()) for cell in table.iter(f"{_W}tc")]
    return max(map(len, texts), default=0) > LAYOUT or bool(not "".join(texts).strip() and _pictures(table))


def _cells(row: Any) -> Iterator[tuple[int, int, Any]]:
    """The cells of a row with the columns that they span."""
    column = _number(row, _BEFORE, 0)
    for cell in row.iter(f"{_W}tc"):
        width = _number(cell, _SPAN, 1)
        yield column, column + width, cell
        column += width


def _number(element: Any, path: str, absent: int) -> int:
    found = element.find(path)
    value = found.get(f"{_W}val", "") if found is not None else ""
    return min(int(value), 100) if value.isdecimal() else absent


def _goes_on(cell: Any) -> bool:
    """Whether a cell is merged with the one above it."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merge is not None and merge.get(f"{_W}val", "continue") == "continue"


def _pictures(element: Any) -> list[str]:
    """What the pictures in `element` are called."""
    names = []
    for picture in element.iter(*_PICTURES):
        above = {each.tag: each for each in picture.iterancestors()}
        if above.keys() & _UNSEEN:
            continue
        about = above[_DRAWING].find(f".//{_ABOUT}") if _DRAWING in above else None
        names.append((about.get("descr") or about.get("name") if about is not None else None) or "picture")
    return names


def _text(paragraph: Any) -> str:
    """The text of a paragraph as it is shown."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        if element.tag in _UNSEEN or element.tag == f"{_W}txbxContent":
            continue
        if element.tag == f"{_W}r" and element.find(f"{_W}rPr/{_W}vanish") is not None:
            continue
        if element.tag == f"{_W}t":
            parts.append(element.text or "")
        parts.append(_BREAKS.get(element.tag, ""))
        stack += reversed(element)
    return "".join(parts)
