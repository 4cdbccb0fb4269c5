"""How cells, places and doubts are called in a sentence, in the language in use."""

from __future__ import annotations

from collections.abc import Iterable

from gongkai.catalogues import say
from gongkai.filing import Doubt, Source
from gongkai.forms import Form

MANY = 8
"""More cells than these are counted instead of named."""


def cell_in_words(form: Form, address: str, *, short: bool = False) -> str:
    """What a cell is called in a sentence: table, row and column, or row and column only."""
    spec = form.cells[address]
    key = "finding.cell_short" if short else "finding.cell"
    return say(key, table=form.tables[spec.table].name, row=spec.row.name, column=spec.column.name)


def text_in_words(form: Form, key: str) -> str:
    """What a text of a report is called in a sentence."""
    titles = {section.text: section.title for section in form.sections}
    titles |= {part.text: part.title for section in form.sections for part in section.parts}
    return str(titles[key]) if key in titles else say("finding.preamble")


def listed(words: Iterable[str]) -> str:
    """Words one after the other."""
    return say("list.separator").join(words)


def doubt_in_words(form: Form, doubt: Doubt) -> str:
    """What a doubt is about: what was printed, which cells it concerns, how else it may be read, and what to do."""
    cells = listed(cell_in_words(form, address, short=True) for address in doubt.cells[:MANY])
    if len(doubt.cells) > MANY:
        cells = say("doubt.and_more", cells=cells, more=len(doubt.cells) - MANY)
    parts = [say(f"doubt.{doubt.code}", read=doubt.read)]
    if cells:
        parts.append(say("doubt.cells", cells=cells))
    if doubt.alternatives:
        parts.append(say("doubt.alternatives", alternatives=say("doubt.or").join(doubt.alternatives)))
    return "".join([*parts, say("doubt.advice")])


def source_in_words(form: Form, source: Source | None) -> str:
    """Where something stood: file, then sheet and cell, or table and line; "" where nothing is known."""
    if source is None:
        return ""
    table = form.tables.get(source.table or "")
    parts = [source.file, f"{source.sheet}!{source.cell}" if source.sheet else "", str(table.name) if table else ""]
    if source.line and source.last_line:
        parts.append(say("error.lines", first=source.line, last=source.last_line))
    elif source.line:
        parts.append(say("error.line", line=source.line))
    return " ".join(part for part in parts if part)
