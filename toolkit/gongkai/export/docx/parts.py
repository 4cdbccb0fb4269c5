"""What the body of a Word file refers to: relationships, pictures, numberings, comments, bookmarks."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from gongkai.catalogues import say
from gongkai.export.blocks import Note, Picture
from gongkai.export.docx.base import Base
from gongkai.export.docx.text import bookmark_name, escape, paragraph


class Parts:
    """The surroundings of one document in the making. `anchors` are those in it that something leads to."""

    def __init__(self, document: Any, base: Base, anchors: frozenset[str]) -> None:
        self.style = base.styles
        self.anchors = anchors
        self._base = base
        self._document = document
        self._links: dict[str, str] = {}
        self._lists: list[str] = []
        self._comments: list[str] = []
        self._bookmarks: set[str] = set()
        self._pictures = 0

    def link(self, address: str) -> str:
        """The relationship to a place outside of the document."""
        if address not in self._links:
            self._links[address] = self._document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        return self._links[address]

    def picture(self, picture: Picture) -> tuple[int, str, str]:
        """The number of a drawing, its relationship to the picture in pixels, and to that in vectors or ""."""
        self._pictures += 1
        if picture.kind != "svg":
            return self._pictures, self._document.part.get_or_add_image(BytesIO(picture.data))[0], ""
        from gongkai.export.typesetting import rasterised

        pixels, _ = self._document.part.get_or_add_image(BytesIO(rasterised(picture)))
        name = PackURI(f"/word/media/vector{self._pictures}.svg")
        part = Part(name, "image/svg+xml", picture.data, self._document.part.package)
        return self._pictures, pixels, self._document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)

    def numbering(self, *, ordered: bool, depth: int, start: int) -> int:
        """The numbering of a list of its own that begins at `start`."""
        number = self._base.lists + len(self._lists)
        kind = self._base.numbers if ordered else self._base.bullets
        begin = f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="{start}"/></w:lvlOverride>' * ordered
        self._lists.append(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{kind}"/>{begin}</w:num>')
        return number

    def comment(self, note: Note) -> int:
        """The number of the comment that says what a finding says; it states no time, as it was made at none."""
        number = len(self._comments)
        kind = say(f"severity.{note.kind}")
        head = say("page.note", number=note.number, kind=kind, rule=note.rule)
        mark = f'<w:r><w:rPr><w:rStyle w:val="{self.style["CommentReference"]}"/></w:rPr><w:annotationRef/></w:r>'
        content = "".join(
            paragraph(self.style["CommentText"], f'{before}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>')
            for before, text in ((mark, head), ("", note.message))
        )
        author = escape(say("page.checker"))
        self._comments.append(f'<w:comment w:id="{number}" w:author="{author}" w:initials="gk">{content}</w:comment>')
        return number

    def bookmark(self, name: str) -> str:
        """The place `name`: a bookmark of no extent, which stays when what follows is typed anew; "" a second time."""
        if not name or name in self._bookmarks:
            return ""
        number = len(self._bookmarks)
        self._bookmarks.add(name)
        return f'<w:bookmarkStart w:id="{number}" w:name="{bookmark_name(name)}"/><w:bookmarkEnd w:id="{number}"/>'

    def anchor(self, name: str) -> str:
        """The place `name` where something leads to it."""
        return self.bookmark(name) if name in self.anchors else ""

    def finish(self) -> None:
        """Put the numberings and comments into their parts."""
        if self._lists:
            self._document.part.numbering_part.element.extend(_parsed(self._lists))
        if self._comments:
            self._document.part.comments._comments_elm.extend(_parsed(self._comments))


def _parsed(elements: list[str]) -> list[Any]:
    return list(parse_xml(f"<w:all {nsdecls('w')}>{''.join(elements)}</w:all>"))
