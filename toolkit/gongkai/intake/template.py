"""Writes the official workbook: for a clerk to fill, or with what a filing holds."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from gongkai.catalogues import language, say
from gongkai.errors import UsageError
from gongkai.filing import LEVELS, Cell, Filing
from gongkai.forms import CellSpec, Form, Section, form_for_year
from gongkai.intake.appearance import is_printed
from gongkai.intake.blueprint import (
    ABOUT,
    ABOUT_SHEET,
    FACTS,
    FIRST_LINE,
    SCHEMA,
    TABLE_TOP,
    Line,
    facts_lines,
    place_of,
    table_sections,
)
from gongkai.intake.fitting import FittedSheet
from gongkai.intake.marks import Margin, Strip
from gongkai.intake.spreadsheet import Check, Look, NewBook, Value
from gongkai.tables import Grid, layout

FACTS_WIDTHS = {1: 24.0, 2: 78.0, 3: 32.0}
STUB_WIDTH, LAST_STUB_WIDTH, MARK_WIDTH, GAP_WIDTH = 12.0, 30.0, 16.0, 1.5
LANDSCAPE_COLUMNS = 12
"""A table with more columns than this lies on its side."""
ROW_HEIGHT, TEXT_HEIGHT = 21.0, 110.0
MAX_TITLE, MAX_PROMPT = 32, 255
"""Characters that a workbook allows in the title of a message, and in the message."""

_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def blank(agency: str | None, code: str | None, level: str | None, year: int) -> Filing:
    """The filing of an agency that has filled in nothing.

    Raises InputError for an unknown level or year, UsageError for a name or a code that is empty.
    """
    for name, given in (("agency", agency), ("agency_code", code)):
        if given is not None and not given.strip():
            raise UsageError("empty_name", name=say(f"workbook.{name}"))
    empty = Filing(edition=form_for_year(year).edition, cells={})
    return empty.identified(agency=agency, agency_code=code, level=level, year=year)


def write_workbook(target: Path, filing: Filing, *, previous: Filing | None = None) -> None:
    """Write the official workbook of `filing` to `target`, in the language in use: same filing, same bytes.

    Cells that hold no number keep their text as it stood. With last year's filing the workbook shows those of its
    figures that compare and marks what must agree with them. Doubts and inputs do not travel in workbooks. Raises
    UsageError where `target` cannot be written or a text is too long for a cell.
    """
    form = filing.form
    facts = (*FACTS, *sorted(key for key in set(filing.facts) - set(FACTS) if not is_printed(key)))
    book = NewBook(say("workbook.font"))
    _write_facts(book, filing, facts_lines(form, facts))
    for section in table_sections(form):
        _write_table(book, filing, section, previous)
    about: tuple[Value, ...] = (SCHEMA, filing.edition, language(), filing.revision, ",".join(facts))
    hidden = book.sheet(ABOUT_SHEET, hidden=True)
    for row, (name, value) in enumerate(zip(ABOUT, about, strict=True), start=1):
        hidden.put((row, 1), name, "fixed")
        hidden.put((row, 2), value, "fixed")
    book.save(target)


def _write_facts(book: NewBook, filing: Filing, lines: tuple[Line, ...]) -> None:
    sheet = FittedSheet(book.sheet(say("workbook.facts_sheet")), FACTS_WIDTHS)
    width = len(FACTS_WIDTHS)
    sheet.put((1, 1), say("workbook.facts_heading"), "title", (1, width))
    sheet.put((2, 1), say("workbook.facts_hint"), "hint", (1, width))
    held = _facts(filing)
    for row, line in enumerate(lines, start=FIRST_LINE):
        # The edition, and with it the whole workbook, follows from the year.
        given_year = line.key == "year" and filing.year is not None
        look: Look = "text" if line.is_text else "fixed" if given_year else "field"
        sheet.put((row, 1), line.label, "label", least=TEXT_HEIGHT if line.is_text else ROW_HEIGHT)
        sheet.put((row, 2), held.get(line.key), look)
        sheet.put((row, 3), line.hint, "hint")
        if line.key == "level":
            refusal = say("workbook.level_refusal", known=say("list.separator").join(LEVELS))
            sheet.check((row, 2), Check("choice", line.label, refusal, choices=LEVELS))
        if line.key == "year" and not given_year:
            sheet.check((row, 2), Check("year", line.label, say("workbook.year_refusal")))
    sheet.finish(freeze=(FIRST_LINE, 2))


def _facts(filing: Filing) -> dict[str, Value]:
    held: dict[str, Value] = {
        "agency": filing.agency,
        "agency_code": filing.agency_code,
        "level": filing.level,
        "year": filing.year,
    }
    held |= {f"facts.{key}": fact.text for key, fact in filing.facts.items()}
    return held | {f"texts.{key}": "\n".join(text.text for text in texts) for key, texts in filing.texts.items()}


def _write_table(book: NewBook, filing: Filing, section: Section, previous: Filing | None) -> None:
    assert section.table, "only asked of sections that show a table"
    form, table = filing.form, filing.form.tables[section.table]
    grid, margin = layout(form.edition, section.table), Margin(form, section.table, previous)
    stub = min(cell.column for cell in grid.values())
    sheet = FittedSheet(book.sheet(str(table.short)), _widths(grid, stub, margin))
    unit = say("workbook.unit", unit=table.unit) if table.unit else ""
    sheet.put((1, 1), section.heading, "title", (1, grid.width))
    sheet.put((2, 1), f"{say('workbook.table_hint')}{unit}", "hint", (1, grid.width))
    for cell in grid.cells:
        span = cell.rowspan, cell.colspan
        if cell.address is None:
            sheet.put(place_of(cell), str(cell.words or ""), "label", span, least=ROW_HEIGHT)
            continue
        sheet.put(place_of(cell), _value(filing.cells.get(cell.address)), "input", span, least=ROW_HEIGHT)
        sheet.check(place_of(cell), _check(form.cells[cell.address], margin.prompts.get(cell.address, [])))
    for strip in margin.strips:
        _write_strip(sheet, strip, grid, stub)
    bottom = max((TABLE_TOP + grid.height, *(strip.line + 1 for strip in margin.strips if strip.side == "under")))
    for row, note in enumerate(_notes(form, section.table), start=bottom + 1):
        sheet.put((row, 1), note, "hint", (1, grid.width))
    freeze = TABLE_TOP + grid.head_rows, stub + 1
    sheet.finish(landscape=grid.width > LANDSCAPE_COLUMNS, freeze=freeze)


def _widths(grid: Grid, stub: int, margin: Margin) -> dict[int, float]:
    """The width of each column: wide enough that no word of a head is torn apart."""
    heads = [str(cell.words) for cell in grid.cells if cell.role == "head" and cell.colspan == 1]
    word = max(len(word) for head in heads for word in ("", *re.findall(r"[!-~]+", head)))
    value = max(8.6, word + 2.0, min(16.0, 60.0 / (grid.width - stub)))
    widths = dict.fromkeys(range(1, stub), STUB_WIDTH) | ({stub: LAST_STUB_WIDTH} if stub else {})
    widths |= dict.fromkeys(range(stub + 1, grid.width + 1), value)
    beside = [strip.line for strip in margin.strips if strip.side == "beside"]
    return widths | ({grid.width + 1: GAP_WIDTH} if beside else {}) | dict.fromkeys(beside, MARK_WIDTH)


def _write_strip(sheet: FittedSheet, strip: Strip, grid: Grid, stub: int) -> None:
    """The cells of a strip and its label: on the left, in a row above where there is no stub, or as a head beside."""
    if strip.side == "beside":
        first = min(row for row, _ in strip.entries)
        sheet.put((TABLE_TOP, strip.line), strip.label, "note", (first - TABLE_TOP, 1))
    elif stub:
        sheet.put((strip.line, 1), strip.label, "note", (1, stub), least=ROW_HEIGHT)
    else:
        sheet.put((strip.line - 1, 1), strip.label, "hint", (1, grid.width))
    for place, (value, colspan) in strip.entries.items():
        sheet.put(place, value, strip.kind, (1, colspan), least=ROW_HEIGHT)
    if strip.kind == "mark":
        sheet.colour(strip.entries, say("workbook.unbalanced"), good=False)
        sheet.colour(strip.entries, say("workbook.balanced"), good=True)


def _value(cell: Cell | None) -> Value:
    """A number written plainly as a number, everything else as the text that stood there."""
    if cell is None:
        return None
    plain = cell.kind == "number" and (not cell.raw or _PLAIN.fullmatch(cell.raw))
    return cell.value if plain else cell.raw


def _check(spec: CellSpec, prompts: list[str]) -> Check:
    refusal = say(f"workbook.{spec.kind}_refusal", unit=spec.unit)
    return Check(spec.kind, str(spec.row.name)[:MAX_TITLE], refusal, "\n".join(prompts)[:MAX_PROMPT] or None)


def _notes(form: Form, table: str) -> list[str]:
    """The notes of a table's rows, each once with the rows that it belongs to; then the note of the table itself."""
    rows: dict[str, dict[str, None]] = defaultdict(dict)
    for spec in form.cells.values():
        if spec.table == table and spec.row.note:
            rows[str(spec.row.note)][str(spec.row.name)] = None
    separator = say("list.separator")
    notes = [say("workbook.note", rows=separator.join(names), note=note) for note, names in rows.items()]
    own = form.tables[table].note
    return [*notes, say("workbook.table_note", note=own)] if own else notes
