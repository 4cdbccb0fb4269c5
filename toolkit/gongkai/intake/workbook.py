"""Reads the official workbook back: every value with its sheet and cell, every moved label refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.errors import InputError
from gongkai.filing import LEVELS, Cell, Doubt, Filing, Text
from gongkai.forms import Form, editions, form_for_year
from gongkai.intake import facts, spreadsheet
from gongkai.intake.blueprint import (
    ABOUT,
    ABOUT_SHEET,
    FIRST_LINE,
    SCHEMA,
    facts_lines,
    place_of,
    table_sections,
)
from gongkai.intake.interface import Document, Reader
from gongkai.intake.numbers import read_cell
from gongkai.intake.printed import Paragraph
from gongkai.intake.spreadsheet import Book, Place, Sheet, place_name
from gongkai.tables import layout

SLACK = 10
"""Rows and columns beyond what is expected, in which a label that has moved is still found."""


@dataclass(frozen=True, slots=True)
class _About:
    """What the hidden sheet records."""

    form: Form
    language: str
    revision: int
    facts: tuple[str, ...]


class WorkbookReader(Reader):
    """Reads the official workbook."""

    def recognises(self, document: Document) -> bool:
        return ABOUT_SHEET in spreadsheet.sheet_names(document)

    def read(self, document: Document) -> Filing:
        book = Book(document)
        about = _about(book)
        labels = _labels(about)
        first, *tables = (_sheet(book, name, expected) for name, expected in labels.items())
        _refuse_moved_hints(first, about)
        said, form = _said(first, about), about.form
        cells: dict[str, Cell] = {}
        doubts: list[Doubt] = []
        for sheet, section in zip(tables, table_sections(form), strict=True):
            cells |= _cells(sheet, section.table or "", form)
            doubts += _doubted_merges(sheet, section.table or "", form)
        return Filing(
            edition=form.edition,
            agency=_only(said["agency"]),
            agency_code=_only(said["agency_code"]),
            level=_level(said["level"], first),
            year=_year(said["year"], first),
            revision=about.revision,
            cells=cells,
            texts={key: passages for key in form.text_keys if (passages := _passages(said[f"texts.{key}"]))},
            facts={key: text for key in about.facts if (text := said[f"facts.{key}"]).text},
            doubts=(*doubts, *_doubted_year(said), *_doubted_copies(book, labels, cells, form)),
            inputs=(document.record,),
        )


def _about(book: Book) -> _About:
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
    return _About(editions()[edition], language, int(revision), tuple(filter(None, facts.split(","))))


def _unknown_record(book: Book, name: str, found: str) -> InputError:
    shown = found or say("workbook.nothing")
    return InputError("workbook_record", file=book.file, place=ABOUT_SHEET, name=name, found=shown)


def _labels(about: _About) -> dict[str, dict[Place, str]]:
    """The labels of each sheet in the language of the workbook: the sheet of facts first, then the tables."""
    with speaking(about.language):
        lines = facts_lines(about.form, about.facts)
        labels = {say("workbook.facts_sheet"): {(row, 1): line.label for row, line in enumerate(lines, FIRST_LINE)}}
        for section in table_sections(about.form):
            grid = layout(about.form.edition, section.table or "")
            heads = {place_of(cell): str(cell.words) for cell in grid.cells if cell.words}
            labels[str(about.form.tables[grid.table].short)] = heads
    return labels


def _sheet(book: Book, name: str, labels: dict[Place, str]) -> Sheet:
    """The sheet called `name`. Raises InputError for the first label that does not stand in its place."""
    sheet = _corner(book, name, labels)
    expected = {place: _tight(label) for place, label in labels.items()}
    for place, label in expected.items():
        found = sheet.text(place)
        if _tight(found) != label:
            elsewhere = _elsewhere(sheet, label, expected)
            shown = place_name(elsewhere) if elsewhere else found or say("workbook.nothing")
            key = "label_moved" if elsewhere else "label_changed"
            raise InputError(key, file=book.file, place=sheet.where(place), expected=labels[place], found=shown)
    return sheet


def _corner(book: Book, name: str, labels: Mapping[Place, str]) -> Sheet:
    """A sheet as far as the table with these labels reaches, and a little further."""
    bottom, right = (max(place[axis] for place in labels) for axis in (0, 1))
    return book.sheet(name, height=bottom + SLACK, width=right + SLACK)


def _elsewhere(sheet: Sheet, label: str, expected: Mapping[Place, str]) -> Place | None:
    """Where `label` stands without being expected there."""
    places = (place for place, text in sheet.texts.items() if _tight(text) == label != expected.get(place))
    return next(places, None)


def _refuse_moved_hints(sheet: Sheet, about: _About) -> None:
    """Refuse a sheet of facts whose inputs have moved while the labels before them have not.

    The hints after the inputs tell; one that was reworded or deleted does not matter, it is nobody's data.
    """
    with speaking(about.language):
        lines = facts_lines(about.form, about.facts)
    hints = {(row, 3): line.hint for row, line in enumerate(lines, FIRST_LINE) if line.hint}
    expected = {place: _tight(hint) for place, hint in hints.items()}
    for place, hint in expected.items():
        if _tight(sheet.texts.get(place, "")) != hint and (elsewhere := _elsewhere(sheet, hint, expected)):
            words = hints[place].split("\n")[0]
            found = place_name(elsewhere)
            raise InputError("label_moved", file=sheet.file, place=sheet.where(place), expected=words, found=found)


def _tight(label: str) -> str:
    return re.sub(r"\s+", "", label)


def _said(sheet: Sheet, about: _About) -> dict[str, Text]:
    """What stands in each line of the sheet of facts, by the line's key."""
    places = {line.key: (row, 2) for row, line in enumerate(facts_lines(about.form, about.facts), FIRST_LINE)}
    return {key: Text(sheet.text(place).strip(), sheet.source(place)) for key, place in places.items()}


def _only(text: Text) -> str | None:
    return text.text or None


def _passages(text: Text) -> tuple[Text, ...]:
    """The paragraphs of a text: its lines, blank ones left out."""
    return tuple(Text(line.strip(), text.source) for line in text.text.split("\n") if line.strip())


def _level(text: Text, sheet: Sheet) -> str | None:
    if text.text and text.text not in LEVELS:
        known = ", ".join(LEVELS)
        raise InputError("unknown_level", file=sheet.file, place=_where(text), level=text.text, known=known)
    return _only(text)


def _year(text: Text, sheet: Sheet) -> int | None:
    if not text.text:
        return None
    place = _where(text)
    if not re.fullmatch(r"\d{4}", text.text, re.ASCII):
        raise InputError("year_no_number", file=sheet.file, place=place, year=text.text)
    year = int(text.text)
    form_for_year(year, file=sheet.file, place=place)
    return year


def _where(text: Text) -> str:
    assert text.source, "read from a workbook, so it has its place"
    return f"{text.source.sheet}!{text.source.cell}"


def _cells(sheet: Sheet, table: str, form: Form) -> dict[str, Cell]:
    cells = {}
    for cell in layout(form.edition, table).values():
        place, address = place_of(cell), cell.address or ""
        cells[address] = read_cell(sheet.text(place), form.cells[address], sheet.source(place))
    return cells


def _doubted_merges(sheet: Sheet, table: str, form: Form) -> Iterator[Doubt]:
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


def _doubted_copies(
    book: Book, labels: Mapping[str, Mapping[Place, str]], cells: Mapping[str, Cell], form: Form
) -> Iterator[Doubt]:
    """A doubt for each copy of a table that says something else: clerks copy sheets, and fill either."""
    _, *originals = labels
    for name in (each for each in book.names if each not in (*labels, ABOUT_SHEET)):
        for original, section in zip(originals, table_sections(form), strict=True):
            copy = _corner(book, name, labels[original])
            if any(_tight(copy.texts.get(place, "")) != _tight(label) for place, label in labels[original].items()):
                continue
            found = _cells(replace(copy, uncomputed=frozenset()), section.table or "", form)
            if differing := [address for address in found if _told(found[address]) != _told(cells[address])]:
                source = found[differing[0]].source
                yield Doubt(code="PRS-TABLE-TWICE", cells=tuple(differing), read=name, source=source)


def _told(cell: Cell) -> tuple[object, ...]:
    return cell.kind, cell.value
