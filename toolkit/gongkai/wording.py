"""How cells, places and doubts are called in a sentence, in the language in use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gongkai.catalogues import say
from gongkai.filing import Doubt, Source
from gongkai.forms import Form, editions

MANY = 8
"""More cells than these are counted instead of named."""


def cell_in_words(form: Form, address: str, *, short: bool = False) -> str:
    """What a cell is called in a sentence: table, row and column, or row and column only."""
    spec = form.cells[address]
    key = "finding.cell_short" if short else "finding.cell"
    return say(key, table=form.tables[spec.table].name, row=spec.row.name, column=spec.column.name)


def listed(words: Iterable[str]) -> str:
    """Words one after the other."""
    return say("list.separator").join(words)


def cells_in_words(form: Form, addresses: Sequence[str]) -> str:
    """Rows and columns of cells, the first of many and how many more there are; "" where there are none."""
    return _some([cell_in_words(form, address, short=True) for address in addresses])


def place_in_words(form: Form, addresses: Sequence[str]) -> str:
    """Where cells of a table stand: what they have in common, row or column, is said once."""
    if len(addresses) == 1:
        return cell_in_words(form, addresses[0])
    specs = [form.cells[address] for address in addresses]
    table = form.tables[specs[0].table].name
    if len({(spec.table, spec.row.key) for spec in specs}) == 1:
        return say("entry.line", table=table, line=specs[0].row.name, cells=_some([str(s.column.name) for s in specs]))
    if len({(spec.table, spec.column.key) for spec in specs}) == 1:
        return say("entry.line", table=table, line=specs[0].column.name, cells=_some([str(s.row.name) for s in specs]))
    return say("entry.cells", table=table, cells=cells_in_words(form, addresses))


def _some(names: Sequence[str]) -> str:
    cells = listed(names[:MANY])
    return say("doubt.and_more", cells=cells, more=len(names) - MANY) if len(names) > MANY else cells


def text_in_words(form: Form, key: str) -> str:
    """What a text of a report is called: the heading that stands above it in the form."""
    if key == "preamble":
        return say("workbook.preamble")
    for section in form.sections:
        if section.text == key:
            return section.heading
        if part := next((part for part in section.parts if part.text == key), None):
            return part.heading
    return key


def meaning_in_words(form: Form, meaning: str) -> str:
    """What a claim of prose is about: the form's names of its cells, or what no cell of the form is."""
    terms, _, column = meaning.partition("@")
    return say("rule.plus").join(_term(form, term, column) for term in terms.split("+"))


LAST_YEAR = "last_year."
"""What stands before the terms of a meaning that are of last year's report."""


def _term(form: Form, term: str, column: str) -> str:
    if term.startswith(LAST_YEAR):
        return say("rule.last_year", name=_term(form, term.removeprefix(LAST_YEAR), column))
    # Prose may speak of what another edition has a cell for.
    named = (_place(each, term, column) for each in (form, *editions().values()))
    return next(filter(None, named), "") or say(f"claims.{term.replace('.', '_')}")


def _place(form: Form, term: str, column: str) -> str:
    """What row and column are called; "" where the form has none such. A row by itself is meant as a whole."""
    table, _, place = term.partition(".")
    if table not in form.tables:
        return ""
    row = form.tables[table].find(place, "row")
    if row is None:
        place, _, column = place.rpartition(".")
        row = form.tables[table].find(place, "row")
    head = form.tables[table].find(column or "total", "column")
    return say("finding.cell_short", row=row.name, column=head.name) if row and head else ""


def doubt_in_words(form: Form, doubt: Doubt) -> str:
    """What a doubt is about: what was printed, which cells it concerns, how else it may be read, and what to do."""
    cells = cells_in_words(form, doubt.cells)
    parts = [say(f"doubt.{doubt.code}", read=doubt.read)]
    if cells:
        parts.append(say("doubt.cells", cells=cells))
    if doubt.alternatives:
        parts.append(say("doubt.alternatives", alternatives=say("doubt.or").join(doubt.alternatives)))
    return "".join([*parts, say("doubt.advice")])


def source_in_words(form: Form, source: Source | None) -> str:
    """Where something stood: file, then sheet and cell, or page, table and line; "" where nothing is known."""
    if source is None:
        return ""
    table = form.tables.get(source.table or "")
    parts = [source.file, f"{source.sheet}!{source.cell}" if source.sheet else "", str(table.name) if table else ""]
    if source.page:
        parts.append(say("error.page", page=source.page))
    if source.line and source.last_line:
        parts.append(say("error.lines", first=source.line, last=source.last_line))
    elif source.line:
        parts.append(say("error.line", line=source.line))
    return " ".join(part for part in parts if part)
