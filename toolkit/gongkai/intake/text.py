"""Published reports as plain text: each line is a paragraph; those of tables are told apart later, by their section."""

from __future__ import annotations

from gongkai.filing import Filing, Source
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import Paragraph, Printed
from gongkai.intake.published import filing_of

OTHER_KINDS = ("%PDF", "<")
"""How texts begin that are no plain text of a report."""


class TextReader(Reader):
    """Reads the text of a published report."""

    def recognises(self, document: Document) -> bool:
        return document.text is not None and not document.text.lstrip().startswith(OTHER_KINDS)

    def read(self, document: Document) -> Filing:
        return filing_of(printed(document), document)


def printed(document: Document) -> Printed:
    """The lines of a text, page breaks taken for line breaks. Raises InputError where the content is no text."""
    lines = enumerate(document.lines(), start=1)
    return [
        Paragraph(part, Source(file=document.name, line=number)) for number, line in lines for part in line.split("\f")
    ]
