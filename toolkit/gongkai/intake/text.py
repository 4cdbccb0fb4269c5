"""Published reports as plain text: lines of tables are told from paragraphs later, by their section."""

from __future__ import annotations

import re

from gongkai.filing import Filing, Source
from gongkai.intake.interface import Document, Reader
from gongkai.intake.numbers import is_value, plain, vocabulary
from gongkai.intake.printed import MAX_CHARACTERS, MAX_LINES, Paragraph, Printed, bounded, too_long
from gongkai.intake.published import filing_of
from gongkai.intake.wrapped import paragraphs

PAGE_BREAK = "\f"
OTHER_KINDS = ("%PDF", "<")
"""How texts begin that are no plain text of a report."""


class TextReader(Reader):
    """Reads the text of a published report."""

    def recognises(self, document: Document) -> bool:
        return document.text is not None and not document.text.lstrip().startswith(OTHER_KINDS)

    def read(self, document: Document) -> Filing:
        return filing_of(printed(document), document)


def printed(document: Document) -> Printed:
    """The paragraphs of a text, numbers of pages left out.

    Raises InputError where the content is no text, or longer than any report.
    """
    text = document.text or ""
    if text.count("\n") + text.count(PAGE_BREAK) > MAX_LINES or len(text) > MAX_CHARACTERS:
        raise too_long(document.name)
    return list(bounded(paragraphs(_lines(document)), document.name))


def _lines(document: Document) -> list[Paragraph]:
    found: list[Paragraph] = []
    for number, line in enumerate(document.lines(), start=1):
        for page, part in enumerate(line.split(PAGE_BREAK)):
            if page and found and plain(found[-1].text).isdecimal():
                # A number by itself is one of a page only at its foot.
                found.pop()
            if is_value(part) or not re.match(vocabulary()["page_number"], plain(part)):
                found.append(Paragraph(part, Source(file=document.name, line=number)))
    return found
