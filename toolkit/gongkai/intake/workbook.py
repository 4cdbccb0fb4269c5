"""Reads the official workbook back: every value with its sheet and cell, every moved label refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.errors import InputError
from gongkai.filing import LEVELS, Cell, Doubt, Filing, Text
from gongkai.forms import Form, editions, form_for_year
from gongkai.intake import facts
from gongkai.intake.blueprint import (
    ABOUT,
    ABOUT_SHEET,
    FIRST_LINE,
    SCHEMA,
    facts_lines,
    place_of,
    table_sections,
)
from gongkai.intake.book import Book, Place, Sheet, place_name
from gongkai.intake.interface import Document
from gongkai.intake.numbers import read_cell
from gongkai.intake.printed import Paragraph
from gongkai.intake.tablereading import TableReading
from gongkai.tables import layout

SLACK = 10
"""Rows and columns beyond what is expected, in which a label that has moved is still found."""

FACTS_PART = "facts"
"""What the sheet of facts is called among the parts of a workbook; the others have the names of their tables."""


@dataclass(frozen=True, slots=True)
class About:
    """Which official workbook it is, as its hidden sheet records."""

    form: Form
    language: str
    revision: int
    facts: tuple[str, ...]


def filing_in(book: Book, document: Document) -> Filing:
    """The filing in a workbook that has the hidden sheet. Raises InputError for whatever is not in its place."""
    about = _about(book)
    sheets = {part: _corner(book, name, about, part) for part, name in _names(about).items()}
    filing = filing_of_parts(about, sheets, document)
    return replace(filing, doubts=(*filing.doubts, *_doubted_copies(book, about, filing.cells)))


def filing_of_parts(about: About, sheets: Mapping[str, Sheet], document: Document) -> Filing:
    """The filing in some sheets of an official workbook; a table whose sheet is not there is doubted as lost.

    Raises InputError for the first label that does not stand in its place.
    """
    form = about.form
    for part, sheet in sheets.items():
        _refuse_moved_labels(sheet, labels(about, part))
    first = sheets.get(FACTS_PART)
    said = _said(first, about) if first else {}
    cells: dict[str, Cell] = {}
    doubts: list[Doubt] = []
    for table in form.tables:
        if table in sheets:
            cells |= _cells(sheets[table], form, table)
            doubts += _doubted_merges(sheets[table], form, table)
        else:
            reading = TableReading(form, table, document.name)
            reading.lost()
            doubts += reading.doubts
    return Filing(
        medium="workbook",
        edition=form.edition,
        agency=_only(said.get("agency")),
        agency_code=_only(said.get("agency_code")),
        level=_level(said.get("level")),
        year=_year(said.get("year")),
        revision=about.revision,
        cells={address: cells[address] for address in form.cells if address in cells},
        texts={key: found for key in form.text_keys if (found := _passages(said.get(f"texts.{key}")))},
        facts={key: text for key in about.facts if (text := said.get(f"facts.{key}")) and text.text},
        doubts=(*doubts, *(_doubted_year(said) if said else ())),
        inputs=(document.record,),
    )


def _about(book: Book) -> About:
    sheet = book.sheet(ABOUT_SHEET, height=len(ABOUT), width=2)
    found = {sheet.text((row, 1)): sheet.text((row, 2)) for row in range(1, len(ABOUT) + 1)}
    schema, edition, language, revision, facts = (found.get(name, "") for name in ABOUT)
    if schema != str(SCHEMA):
        raise InputError("workbook_schema", file=book.file, found=schema or say("workbook.nothing"), known=SCHEMA)
    if language not in LANGUAGES:
        raise _unknown_record(book, "language", language)
    if not re.fullmatch(r"\d{1,9}", revision, re.ASCII):
        raise _unknown_record(book, "revision", revision)
    if edition not in editions():
        known = ", ".join(editions())
        raise InputError("unknown_edition", file=book.file, place=ABOUT_SHEET, edition=edition, known=known)
    return About(editions()[edition], language, int(revision), tuple(filter(None, facts.split(","))))


def _unknown_record(book: Book, name: str, found: str) -> InputError:
    shown = found or say("workbook.nothing")
    return InputError("workbook_record", file=book.file, place=ABOUT_SHEET, name=name, found=shown)


def _names(about: About) -> dict[str, str]:
    """The name of the sheet of each part: the facts first, then the tables."""
    with speaking(about.language):
        tables = {section.table or "": section for section in table_sections(about.form)}
        return {FACTS_PART: say("workbook.facts_sheet")} | {key: str(about.form.tables[key].short) for key in tables}


def labels(about: About, part: str) -> dict[Place, str]:
    """The labels of a part in the language of the workbook."""
    with speaking(about.language):
        if part == FACTS_PART:
            lines = facts_lines(about.form, about.facts)
            return {(row, 1): line.label for row, line in enumerate(lines, FIRST_LINE)}
        return {place_of(cell): str(cell.words) for cell in layout(about.form.edition, part).cells if cell.words}


def _corner(book: Book, name: str, about: About, part: str) -> Sheet:
    """A sheet as far as the labels of a part reach, and a little further."""
    bottom, right = (max(place[axis] for place in labels(about, part)) for axis in (0, 1))
    return book.sheet(name, height=bottom + SLACK, width=right + SLACK)


def _refuse_moved_labels(sheet: Sheet, labels: Mapping[Place, str]) -> None:
    """Refuse a sheet for the first label that does not stand in its place."""
    expected = {place: tight(label) for place, label in labels.items()}
    for place, label in expected.items():
        found = sheet.text(place)
        if tight(found) != label:
            elsewhere = _elsewhere(sheet, label, expected)
            shown = place_name(elsewhere) if elsewhere else found or say("workbook.nothing")
            key = "label_moved" if elsewhere else "label_changed"
            raise InputError(key, file=sheet.file, place=sheet.where(place), expected=labels[place], found=shown)


def _elsewhere(sheet: Sheet, label: str, expected: Mapping[Place, str]) -> Place | None:
    """Where `label` stands without being expected there."""
    places = (place for place, text in sheet.texts.items() if tight(text) == label != expected.get(place))
    return next(places, None)


def _refuse_moved_hints(sheet: Sheet, about: About) -> None:
    """Refuse a sheet of facts whose inputs have moved while the labels before them have not.

    The hints after the inputs tell; one that was reworded or deleted does not matter, it is nobody's data.
    """
    with speaking(about.language):
        lines = facts_lines(about.form, about.facts)
    hints = {(row, 3): line.hint for row, line in enumerate(lines, FIRST_LINE) if line.hint}
    expected = {place: tight(hint) for place, hint in hints.items()}
    for place, hint in expected.items():
        if tight(sheet.texts.get(place, "")) != hint and (elsewhere := _elsewhere(sheet, hint, expected)):
            words = hints[place].split("\n")[0]
            found = place_name(elsewhere)
            raise InputError("label_moved", file=sheet.file, place=sheet.where(place), expected=words, found=found)


def tight(label: str) -> str:
    """`label` without spaces and line breaks, which do not matter."""
    return re.sub(r"\s+", "", label)


def _said(sheet: Sheet, about: About) -> dict[str, Text]:
    """What stands in each line of the sheet of facts, by the line's key."""
    _refuse_moved_hints(sheet, about)
    places = {line.key: (row, 2) for row, line in enumerate(facts_lines(about.form, about.facts), FIRST_LINE)}
    return {key: Text(sheet.text(place).strip(), sheet.source(place)) for key, place in places.items()}


def _only(text: Text | None) -> str | None:
    return text.text or None if text else None


def _passages(text: Text | None) -> tuple[Text, ...]:
    """The paragraphs of a text: its lines, blank ones left out."""
    lines = text.text.split("\n") if text else ()
    return tuple(Text(line.strip(), text.source) for line in lines if text and line.strip())


def _level(text: Text | None) -> str | None:
    if text and text.text and text.text not in LEVELS:
        raise InputError("unknown_level", **_place(text), level=text.text, known=", ".join(LEVELS))
    return _only(text)


def _year(text: Text | None) -> int | None:
    if not text or not text.text:
        return None
    if not re.fullmatch(r"\d{4}", text.text, re.ASCII):
        raise InputError("year_no_number", **_place(text), year=text.text)
    year = int(text.text)
    form_for_year(year, **_place(text))
    return year


def _place(text: Text) -> dict[str, Any]:
    """Where a text stands, for a message."""
    assert text.source, "read from a workbook, so it has its place"
    place = f"{text.source.sheet}!{text.source.cell}" if text.source.cell else text.source.line
    return {"file": text.source.file, "place": place}


def _cells(sheet: Sheet, form: Form, table: str) -> dict[str, Cell]:
    cells = {}
    for cell in layout(form.edition, table).values():
        place, spec = place_of(cell), form.cells[cell.address or ""]
        source = sheet.source(place)
        if not source.cell:
            # A line of a text holds many values.
            source = replace(source, table=table, row=spec.row.label.zh, column=spec.column.label.zh)
        cells[spec.address] = read_cell(sheet.text(place), spec, source)
    return cells


def _doubted_merges(sheet: Sheet, form: Form, table: str) -> Iterator[Doubt]:
    """A doubt for each merged range that shows one value for several, or hides one beneath something else."""
    places = {place_of(cell): cell.address or "" for cell in layout(form.edition, table).values()}
    for first, last in sheet.merged:
        covered = {
            place: address
            for place, address in places.items()
            if first[0] <= place[0] <= last[0] and first[1] <= place[1] <= last[1]
        }
        if len(covered) > 1 or (covered and first not in covered):
            read, source = f"{place_name(first)}:{place_name(last)}", sheet.source(first)
            yield Doubt(code="PRS-COL-SHIFT", cells=tuple(covered.values()), read=read, source=source)


def _doubted_year(said: Mapping[str, Text]) -> Iterator[Doubt]:
    """A doubt where the title says another year: other readers know the year by it."""
    year = said["year"]
    assert year.source, "read from a workbook, so it has its place"
    title = facts.title([Paragraph(said["facts.title"].text, year.source)]) if "facts.title" in said else None
    if title and year.text and title.year != int(year.text):
        other = (str(title.year),)
        yield Doubt(code="PRS-YEAR", text="year", read=year.text, alternatives=other, source=year.source)


def _doubted_copies(book: Book, about: About, cells: Mapping[str, Cell]) -> Iterator[Doubt]:
    """A doubt for each copy of a table that says something else: clerks copy sheets, and fill either."""
    known = _names(about)
    for name in (each for each in book.names if each not in (*known.values(), ABOUT_SHEET)):
        for table in (part for part in known if part != FACTS_PART):
            copy, expected = _corner(book, name, about, table), labels(about, table)
            if any(tight(copy.texts.get(place, "")) != tight(label) for place, label in expected.items()):
                continue
            found = _cells(replace(copy, uncomputed=frozenset()), about.form, table)
            if differing := [address for address in found if _told(found[address]) != _told(cells[address])]:
                source = found[differing[0]].source
                yield Doubt(code="PRS-TABLE-TWICE", cells=tuple(differing), read=name, source=source)


def _told(cell: Cell) -> tuple[object, ...]:
    return cell.kind, cell.value
