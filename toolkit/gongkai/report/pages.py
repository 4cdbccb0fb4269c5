"""The pieces of a report in the order of the form: heading, preamble, sections, signature."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from gongkai.catalogues import language, say
from gongkai.errors import UsageError, nearest
from gongkai.filing import Filing
from gongkai.forms import Section
from gongkai.report.display import REPORT_MIME, Page, element, lines
from gongkai.report.tables import official_table


def heading(filing: Filing) -> Page:
    """The title as the filing states it, else made of agency, year and form; the agency stands on a line of its own."""
    agency, stated = filing.agency or "", filing.facts.get("title")
    name = str(filing.form.title)
    if filing.year is not None:
        name = say("report.title_of_year", year=filing.year, title=name)
    title = stated.text if stated else say("report.title", agency=agency, title=name).strip()
    parts = [agency, title.removeprefix(agency)] if agency and title.startswith(agency) else [title]
    html = element("h1", "<br>".join(element("span", escape(part.strip())) for part in parts if part.strip()))
    return Page(html, title, {REPORT_MIME: {"title": title, "language": language()}})


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
