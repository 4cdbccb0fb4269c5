"""Filings that gongkai itself has written, as JSON."""

from __future__ import annotations

from gongkai.filing import Filing
from gongkai.intake.interface import Document, Reader


class StoredReader(Reader):
    """Reads a filing back; it keeps the inputs that it was made from."""

    def recognises(self, document: Document) -> bool:
        return document.text is not None and document.text.lstrip().startswith("{")

    def read(self, document: Document) -> Filing:
        return Filing.from_json("\n".join(document.lines()), file=document.name)
