"""From a report as printed to a filing: its tables wherever they stand, its sections by their headings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gongkai.errors import InputError
from gongkai.filing import Cell, Doubt, Filing, Text
from gongkai.forms import Form, editions, form_for_year
from gongkai.intake import facts
from gongkai.intake.alignment import Aligner
from gongkai.intake.appearance import appearance
from gongkai.intake.body import Body, sort
from gongkai.intake.interface import Document
from gongkai.intake.labels import bare
from gongkai.intake.landmarks import landmarks
from gongkai.intake.loose import keeps_ends, table_lines
from gongkai.intake.narrative import Parts
from gongkai.intake.numbers import plain, vocabulary
from gongkai.intake.printed import Paragraph, Printed
from gongkai.intake.tablereading import TableReading
from gongkai.intake.torn import TornReader


def filing_of(printed: Printed, document: Document) -> Filing:
    """The filing that a report holds. Raises InputError where it is no report at all.

    A report whose tables are not in it is read with what it holds; each of them is doubted as lost.
    """
    body = sort(printed)
    title = facts.title([each for _, each in body.front])
    year = title.year if title else facts.year_of_statistics(body)
    form = _edition(body, year, document.name)
    readings = [_read(body, form, table, document.name) for table in form.tables]
    cells: dict[str, Cell] = {}
    doubts: list[Doubt] = []
    for reading in readings:
        cells |= reading.cells
        doubts += reading.doubts
    if not (cells or title or body.sections or _speaks_of_disclosure(body)):
        raise InputError("no_report", file=document.name)
    found = facts.facts_of(body, title, form)
    texts, parts = _texts(body, title, form)
    return Filing(
        medium="document",
        edition=form.edition,
        agency=found.agency,
        level=found.level,
        year=year,
        cells={address: cells[address] for address in form.cells if address in cells},
        texts=texts,
        facts=found.facts | appearance(body, parts, readings),
        doubts=tuple(doubts),
        inputs=(document.record,),
    )


def _edition(body: Body, year: int | None, file: str) -> Form:
    """The edition whose own labels are printed most; where that decides nothing, the one that the year takes."""
    words = [each.text for lines in body.tables.values() for line in lines for each in line.fields]
    words += [each.text for key in landmarks().tables for _, each in body.sections.get(key, [])]
    printed = bare("".join(words))
    by_year = form_for_year(year, file=file).edition if year else ""
    own = landmarks().own_labels
    score = {edition: sum(label in printed for label in labels) for edition, labels in own.items()}
    return max(editions().values(), key=lambda form: (score[form.edition], form.edition == by_year, form.years.first))


def _read(body: Body, form: Form, table: str, file: str) -> TableReading:
    """One table: from its grids, else from the lines of its section."""
    lines = body.tables.get(table, [])
    columns = any(line.ruled for line in lines)
    if not columns:
        # What has no rules is told from text by its look only: a row at the end of a page may pass for a paragraph.
        kept = keeps_ends(each for key in form.tables for _, each in body.sections.get(key, []))
        around, columns = table_lines(body.sections.get(table, []), 0, kept=kept)
        columns = columns and not lines
        lines = sorted([*lines, *around], key=lambda line: line.number)
    return (Aligner if columns else TornReader)(form, table, file).read(lines)


def _speaks_of_disclosure(body: Body) -> bool:
    return any(re.search(vocabulary()["subject"], plain(each.text)) for _, each in body.front)


def _texts(body: Body, title: facts.Title | None, form: Form) -> tuple[Mapping[str, tuple[Text, ...]], dict[str, Text]]:
    """The texts by their keys, and the headings of those that are parts of a section."""
    texts: dict[str, list[Text]] = {}
    headings: dict[str, Text] = {}
    places = [("preamble", form.sections[0], _after_title(body, title))]
    places += [(each.text, each, body.sections.get(each.key, [])) for each in form.sections if each.text]
    for key, section, paragraphs in places:
        current, parts = texts.setdefault(key, []), Parts(section)
        for _, paragraph in paragraphs:
            if not paragraph.text.strip():
                continue
            part = parts.opened(paragraph.text)
            if part is None:
                current.append(_passage(paragraph))
                continue
            # What a heading of the overview opens before its section does is no preamble.
            current = texts.setdefault(part.text, [])
            current += [_passage(paragraph, part.rest)] if part.rest else []
            if part.heading:
                headings.setdefault(part.text, _passage(paragraph, part.heading))
    return {key: tuple(passages) for key in form.text_keys if (passages := texts.get(key))}, headings


def _after_title(body: Body, title: facts.Title | None) -> list[tuple[int, Paragraph]]:
    """What stands between the title and the first section, without what a site says of the page."""
    front = [each for _, each in body.front]
    start = front.index(title.paragraphs[-1]) + 1 if title else 0
    return [each for each in body.front[start:] if not re.match(vocabulary()["about_page"], plain(each[1].text))]


def _passage(paragraph: Paragraph, text: str | None = None) -> Text:
    return Text(text or paragraph.text.strip(), paragraph.source)
