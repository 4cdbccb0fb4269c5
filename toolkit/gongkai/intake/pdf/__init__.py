"""Published PDFs with a text layer.

Only what stands on the pages is read: no script, link, form or attachment of a PDF is looked at, and no text that
nobody sees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gongkai.errors import InputError
from gongkai.filing import Doubt, Filing, Source
from gongkai.intake.interface import Document, Reader
from gongkai.intake.pdf import pdfium
from gongkai.intake.pdf.glyphs import UNKNOWN
from gongkai.intake.pdf.pages import Page, compose
from gongkai.intake.printed import Printed, bounded
from gongkai.intake.published import filing_of

__all__ = ["PDFReader", "pages_without_text", "printed"]

SIGNATURE, WITHIN = b"%PDF-", 1024
"""How a PDF begins, and how many bytes of something else may stand before it."""

MOST_UNKNOWN = 0.2
"""So large a share of characters that cannot be told, and the text is of no use."""


class PDFReader(Reader):
    """Reads a published PDF."""

    def recognises(self, document: Document) -> bool:
        return SIGNATURE in document.content[:WITHIN]

    def read(self, document: Document) -> Filing:
        pages = pdfium.pages(document)
        filing = filing_of(_printed(pages, document), document)
        unread = tuple(
            Doubt(
                code="PRS-PAGE-PICTURE",
                cells=(),
                read=str(page.number),
                alternatives=(),
                source=Source(file=document.name, page=page.number),
            )
            for page in pages
            if page.is_picture
        )
        return replace(filing, doubts=filing.doubts + unread)


def printed(document: Document) -> Printed:
    """The paragraphs and tables of a PDF in reading order.

    Raises InputError where it is encrypted, damaged, larger than any report, or has no text or no usable one.
    """
    return _printed(pdfium.pages(document), document)


def _printed(pages: Sequence[Page], document: Document) -> Printed:
    if not any(page.glyphs for page in pages):
        raise InputError("scanned_pdf", file=document.name)
    unknown = Counter(glyph.text == UNKNOWN for page in pages for glyph in page.glyphs)
    if unknown[True] > MOST_UNKNOWN * unknown.total():
        raise InputError("garbled_pdf", file=document.name)
    return list(bounded(compose(pages, document.name), document.name))


def pages_without_text(document: Document) -> tuple[int, ...]:
    """The numbers, from one, of pages that show something but have no text, as scanned ones do. Raises InputError."""
    return tuple(page.number for page in pdfium.pages(document) if page.is_picture)
