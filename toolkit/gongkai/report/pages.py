"""The pieces of a report in the order of the form: heading, preamble, sections, signature."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from html import escape

from gongkai.catalogues import language, say
from gongkai.errors import UsageError, nearest
from gongkai.filing import Filing
from gongkai.forms import Section
from gongkai.report.display import REPORT_MIME, Page, element, lines
from gongkai.report.tables import official_table

DATE = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})", re.ASCII)


def heading(filing: Filing) -> Page:
    """The front matter that the filing states, and the title: as stated, else made of agency, year and form.

    The agency stands on a line of its own; the exporters cut what is longer than a line.
    """
    agency, stated = filing.agency or "", filing.facts.get("title")
    name = str(filing.form.title)
    if filing.year is not None:
        name = say("report.title_of_year", year=filing.year, title=name)
    title = stated.text if stated else say("report.title", agency=agency, title=name).strip()
    parts = [agency, title.removeprefix(agency)] if agency and title.startswith(agency) else [title]
    html = element("h1", "<br>".join(escape(part.strip()) for part in parts if part.strip()))
    about = {"title": title, "language": language(), "issued": _issued(filing)}
    front = _front(filing)
    return Page(lines([front.html, html]), lines([front.text, title]), {REPORT_MIME: about})


def _front(filing: Filing) -> Page:
    """Index number and date of publication, as far as the filing states them."""
    stated = [(key, filing.facts[key].text) for key in ("index_number", "published") if key in filing.facts]
    texts = [say("report.front", name=say(f"workbook.{key}"), value=text) for key, text in stated]
    return Page(lines(element("p", escape(text), class_="front") for text in texts), lines(texts))


def _issued(filing: Filing) -> str | None:
    """The date of the report in ISO form: when it was signed, else when it was published; None where none is stated."""
    for key in ("signed", "published"):
        if found := DATE.search(unicodedata.normalize("NFKC", filing.facts[key].text) if key in filing.facts else ""):
            with suppress(ValueError):
                return date(*map(int, found.groups())).isoformat()
    return None


def preamble(filing: Filing) -> Page:
    """What is said before the first section."""
    return _joined([_paragraphs(filing, "preamble")])


def section(filing: Filing, key: str) -> Page:
    """One section of the form by its key: its heading, then its text with the parts that have one, or its table.

    Raises UsageError for a key that the form does not have.
    """
    sections = {each.key: each for each in filing.form.sections}
    if key not in sections:
        raise UsageError("unknown_section", name=key, nearest=nearest(key, sections))
    found = sections[key]
    if found.table:
        return _joined([_heading("h2", found.heading), official_table(filing, found.table, str(found.title))])
    return _joined([_heading("h2", found.heading), _paragraphs(filing, key), *_parts(filing, found)])


def signature(filing: Filing) -> Page:
    """Who signs the report, as the filing states it or else the agency, and the date where it is stated."""
    stated = {key: fact.text for key, fact in filing.facts.items()}
    words = [part for part in (stated.get("signature", filing.agency), stated.get("signed")) if part]
    if not words:
        return Page("", "")
    return Page(element("div", "".join(element("p", escape(part)) for part in words), class_="signature"), lines(words))


def page_break() -> Page:
    """What follows begins on a new page."""
    return Page("<hr>", "")


def _parts(filing: Filing, section: Section) -> list[Page]:
    pages = []
    for part in section.parts:
        if filing.texts.get(part.text):
            pages += [_heading("h3", part.heading), _paragraphs(filing, part.text)]
    return pages


def _heading(tag: str, title: str) -> Page:
    return Page(element(tag, escape(title)), title)


def _paragraphs(filing: Filing, key: str) -> Page:
    passages = [passage.text for passage in filing.texts.get(key, ())]
    return Page(lines(element("p", escape(each)) for each in passages), lines(passages))


def _joined(pages: Sequence[Page]) -> Page:
    return Page(lines(page.html for page in pages), lines(page.text for page in pages))
