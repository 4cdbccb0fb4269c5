"""From the tree of a report to a Word file that an office can edit, restyle and issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from gongkai.catalogues import say, speaking
from gongkai.errors import AuthoringError
from gongkai.export.blocks import Block, Document, Figure, Heading, Line, List, Paragraph, Table
from gongkai.export.docx.base import FONTS, prepared, template
from gongkai.export.docx.body import Body
from gongkai.export.docx.pack import pack
from gongkai.export.docx.parts import Parts
from gongkai.export.docx.text import escape
from gongkai.export.fitting import ems

MARK = 120
"""The height of the mark of a draft, in points."""


def write_docx(document: Document, *, reference: Path | None = None) -> bytes:
    """The Word file of `document`, in the styles of the office's `reference` if it is given.

    The same document makes the same bytes. Raises AuthoringError for a reference that cannot be used.
    """
    with speaking("en" if document.language == "en" else "zh"):
        lang = say("page.lang")
        fonts = tuple(say(f"latin_font.{name}") for name in FONTS)
        base = prepared(_read(reference) if reference else None, reference.name if reference else "", fonts)
        word = docx.Document(BytesIO(base.data))
        blocks = list(document.blocks)
        parts = Parts(word, base, frozenset(_anchors(blocks)) & frozenset(_links(blocks)))
        body = Body(parts).xml(blocks)
        namespaces = nsdecls("w", "r", "wp", "a", "pic")
        word.element.body[:0] = list(parse_xml(f"<w:body {namespaces}>{body}</w:body>"))
        parts.finish()
        if document.draft:
            _mark(word, base.styles["Header"])
        _describe(word, document, lang)
        return pack(word.part.package)


def _read(reference: Path) -> bytes:
    try:
        return reference.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AuthoringError("unreadable_file", file=reference.name, reason=reason) from error


def _anchors(blocks: Iterable[Block]) -> Iterator[str]:
    """The anchors that `blocks` hold; a link to any other leads nowhere."""
    for block in blocks:
        match block:
            case Heading():
                yield block.anchor
            case Table():
                yield from (row.anchor for row in block.rows)
                yield from (cell.anchor for row in block.rows for cell in row.cells)
            case List():
                yield from (anchor for item in block.items for anchor in _anchors(item))


def _links(blocks: Iterable[Block]) -> Iterator[str]:
    """The anchors that the text of `blocks` leads to."""
    return (run.look.link[1:] for line in _lines(blocks) for run in line if run.look.link.startswith("#"))


def _lines(blocks: Iterable[Block]) -> Iterator[Line]:
    for block in blocks:
        match block:
            case Heading() | Paragraph():
                yield block.line
            case Table():
                yield block.caption
                yield from (line for row in block.rows for cell in row.cells for line in cell.lines)
            case Figure():
                yield block.caption
            case List():
                yield from (line for item in block.items for line in _lines(item))


def _mark(word: Any, style: str) -> None:
    """Lay the word for a draft across each page, from every kind of header that the document uses."""
    section = word.sections[-1]
    text = say("page.draft")
    size = {"height": MARK, "width": round(MARK * ems(text))}
    headers = [section.header]
    if word.settings.odd_and_even_pages_header_footer:
        headers.append(section.even_page_header)
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    for number, header in enumerate(headers, start=2049):
        fresh = header.is_linked_to_previous
        header.is_linked_to_previous = False
        place = header.paragraphs[0]._p if header.paragraphs else header.add_paragraph()._p
        if fresh:
            place.get_or_add_pPr().style = style
        place.append(template("watermark.xml", number=number, text=escape(text), **size))


def _describe(word: Any, document: Document, lang: str) -> None:
    """What the file says of itself: its title, its language, the day that it states."""
    about = word.core_properties
    about.title, about.language = document.title[:255], lang
    about.author = about.last_modified_by = ""
    about.created = about.modified = datetime.combine(document.issued, time())
