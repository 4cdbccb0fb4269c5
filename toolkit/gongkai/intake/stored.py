"""Filings that gongkai itself has written, as JSON."""

from __future__ import annotations

from gongkai.filing import Filing
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import too_long

MAX_PARTS = 100_000
"""Objects and lists; a filing has some thousands."""


class StoredReader(Reader):
    """Reads a filing back; it keeps the inputs that it was made from."""

    def recognises(self, document: Document) -> bool:
        return document.text is not None and document.text.lstrip().startswith("{")

    def read(self, document: Document) -> Filing:
        if document.content.count(b"{") + document.content.count(b"[") > MAX_PARTS:
            raise too_long(document.name)
        return Filing.from_json("\n".join(document.lines()), file=document.name)
