"""The blocks of a report as the body of a Word file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from gongkai.export.blocks import (
    TEXT_HEIGHT,
    TEXT_WIDTH,
    Block,
    Figure,
    Heading,
    List,
    PageBreak,
    Paragraph,
    Preformatted,
    Run,
    Signature,
    Table,
    Title,
)
from gongkai.export.docx.parts import Parts
from gongkai.export.docx.table import table_xml
from gongkai.export.docx.text import KEEP_NEXT, NOTHING, escape, paragraph, runs
from gongkai.export.fitting import ems

STYLES = {"body": "NormalIndent", "quote": "Quote", "front": "FrontMatter", "summary": "Findings"}
DEEPEST = 9
"""Levels of headings and of lists that Word knows."""
BODY_SIZE = 16
"""Points of the body."""
FREE = 4
"""Characters that stay free on the right of the date (GB/T 9704-2012, 7.3.5.1)."""
LIST_INDENT, LIST_STEP = 1120, 480
"""Where the text of a list begins, and how much further each list within it, in twentieths of a point."""
FREE_LINE = {"spacing": '<w:spacing w:before="579"/>'}
NEW_PAGE = {"pageBreakBefore": "<w:pageBreakBefore/>"}
EMU = 12700
"""Units of a drawing in a point."""


class Body:
    """Writes blocks, the surroundings of which are `parts`."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.style = parts.style

    def xml(self, blocks: Iterable[Block]) -> str:
        """All `blocks`."""
        return "".join(self._sequence(list(blocks)))

    def _sequence(self, blocks: Sequence[Block], depth: int = -1, around: Mapping[str, str] = NOTHING) -> Iterator[str]:
        """`blocks` at a depth of lists (-1 is outside); `around` is for each paragraph, for instance an indent."""
        new_page = NOTHING
        before: Block | None = None
        for block, following in pairwise([*blocks, None]):
            if isinstance(block, PageBreak):
                new_page = NEW_PAGE
            elif block is not None:
                keep = KEEP_NEXT if isinstance(following, Signature) else NOTHING
                free = FREE_LINE if isinstance(block, Title) and isinstance(before, Paragraph) else NOTHING
                yield self._block(block, {**around, **new_page, **keep, **free}, depth)
                new_page = NOTHING
            before = block

    def _block(self, block: Block, own: Mapping[str, str], depth: int) -> str:
        match block:
            case List():
                found = self._list(block, own, depth + 1)
            case Title():
                found = self._title(block, own)
            case Table():
                found = self._table(block, own, LIST_INDENT + depth * LIST_STEP if depth >= 0 else 0)
            case Figure():
                found = self._figure(block, own)
            case Signature():
                found = self._signature(block, own)
            case _:
                found = self._text(block, own, depth)
        return found

    def _text(self, block: Heading | Paragraph | Preformatted | PageBreak, own: Mapping[str, str], depth: int) -> str:
        """What is one paragraph of one style."""
        match block:
            case Heading(level=level):
                style, before, line = f"Heading{min(level, DEEPEST)}", self.parts.anchor(block.anchor), block.line
            case Paragraph():
                if block.align:
                    own = {**own, "jc": f'<w:jc w:val="{block.align}"/>'}
                in_list = depth >= 0 and block.style == "body"
                style, before, line = "ListParagraph" if in_list else STYLES[block.style], "", block.line
            case Preformatted():
                style, before, line = "HTMLPreformatted", "", (Run(block.text),)
            case PageBreak():
                raise AssertionError("a page break is a property of what follows")
        return paragraph(self.style[style], before + runs(line, self.parts), own)

    def _title(self, title: Title, own: Mapping[str, str]) -> str:
        """The title in one paragraph."""
        return paragraph(self.style["Title"], runs((Run("\n".join(title.lines)),), self.parts), own)

    def _list(self, block: List, own: Mapping[str, str], depth: int) -> str:
        level = min(depth, DEEPEST - 1)
        number = self.parts.numbering(ordered=block.ordered, depth=level, start=block.start)
        marked = {"numPr": f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'}
        beside = {"ind": f'<w:ind w:left="{LIST_INDENT + level * LIST_STEP}"/>'}
        found = []
        for item in block.items:
            first, rest = (item[0], item[1:]) if item and isinstance(item[0], Paragraph) else (Paragraph(()), item)
            first_own = {name: value for name, value in own.items() if name != "ind"} | marked
            found += [self._block(first, first_own, depth), *self._sequence(rest, depth, beside)]
            own = {name: value for name, value in own.items() if name != "pageBreakBefore"}
        return "".join(found)

    def _table(self, table: Table, own: Mapping[str, str], left: int) -> str:
        """The table, its caption above it, and a narrow line below, without which two tables would become one.

        It begins `left` twentieths of a point from the edge of the text.
        """
        after = paragraph(self.style["AfterTable"], "")
        if table.caption:
            above = paragraph(self.style["Caption"], runs(table.caption, self.parts), {**own, **KEEP_NEXT})
        else:
            above = paragraph(self.style["AfterTable"], "", own) if "pageBreakBefore" in own else ""
        return above + table_xml(table, self.parts, left) + after

    def _figure(self, figure: Figure, own: Mapping[str, str]) -> str:
        below = paragraph(self.style["Caption"], runs(figure.caption, self.parts)) if figure.caption else ""
        keep = KEEP_NEXT if below else NOTHING
        own = {name: value for name, value in own.items() if name != "ind"}
        return paragraph(self.style["Figure"], self._drawing(figure), {**own, **keep}) + below

    def _drawing(self, figure: Figure) -> str:
        """A picture in its line, as vectors too where it has them; never larger than the page."""
        picture = figure.picture
        number, pixels, vectors = self.parts.picture(picture)
        shrunk = min(1.0, TEXT_WIDTH / picture.width, (TEXT_HEIGHT - 60) / picture.height)
        size = f'cx="{round(picture.width * shrunk * EMU)}" cy="{round(picture.height * shrunk * EMU)}"'
        named = f'id="{number}" name="Picture {number}" descr="{escape(figure.description)}"'
        vector = VECTOR.format(vectors=vectors) if vectors else ""
        return DRAWING.format(size=size, named=named, pixels=pixels, vector=vector)

    def _signature(self, signature: Signature, own: Mapping[str, str]) -> str:
        """The lines centred over the last of them, the date, which has four characters free on its right, or more."""
        width = max(ems(line) for line in signature.lines) * BODY_SIZE
        right = max(0, FREE * BODY_SIZE - (width - ems(signature.lines[-1]) * BODY_SIZE) / 2)
        # Some programs set digits apart: the same room on both sides keeps the centre.
        left, right = max(0, TEXT_WIDTH - right - width - BODY_SIZE), max(0, right - BODY_SIZE)
        ind = {"ind": f'<w:ind w:left="{int(left * 20)}" w:right="{int(right * 20)}"/>'}
        last = len(signature.lines) - 1
        found = []
        for number, line in enumerate(signature.lines):
            above = FREE_LINE if number == 0 else NOTHING
            keep = KEEP_NEXT if number < last else NOTHING
            text = runs((Run(line),), self.parts)
            found.append(paragraph(self.style["Signature"], text, {**own, **ind, **above, **keep}))
            own = NOTHING
        return "".join(found)


PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
VECTOR = (
    '<a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:embed="{vectors}"/>'
    "</a:ext></a:extLst>"
)
DRAWING = (
    '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:docPr {named}/>'
    '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
    f'<a:graphic><a:graphicData uri="{PICTURE}"><pic:pic><pic:nvPicPr><pic:cNvPr {{named}}/><pic:cNvPicPr/>'
    '</pic:nvPicPr><pic:blipFill><a:blip r:embed="{pixels}">{vector}</a:blip><a:stretch><a:fillRect/></a:stretch>'
    '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
    "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
)
