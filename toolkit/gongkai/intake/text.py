"""Published reports as text: sections by their headings, tables as tab-separated lines, prose in between."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import get_args

from gongkai.errors import InputError
from gongkai.filing import Cell, Doubt, Filing, Source, Text
from gongkai.forms import Axis, Form, Section, editions, form_for_year, load_form
from gongkai.intake.alignment import align
from gongkai.intake.heads import Line
from gongkai.intake.interface import Document, Reader
from gongkai.intake.labels import bare, is_enumerated
from gongkai.intake.numbers import vocabulary

OTHER_KINDS = ("%PDF", "<")
"""How texts begin that are no plain text of a report."""
HEADING_LIKE = 0.6
"""How alike a printed heading must be to the form's to open its section."""
HEADING_LENGTH = 25
"""Characters that the heading of a part has at most."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line of the file; `text` has its ends stripped, `tight` no space at all."""

    raw: str
    number: int

    @property
    def text(self) -> str:
        return self.raw.strip()

    @property
    def tight(self) -> str:
        return re.sub(r"\s+", "", self.raw)

    def passage(self, file: str, text: str | None = None) -> Text:
        return Text(text or self.text, Source(file=file, line=self.number))


@dataclass(slots=True)
class _Body:
    """The lines of a report by where they belong."""

    front: list[_Printed] = field(default_factory=list)
    sections: dict[str, list[_Printed]] = field(default_factory=dict)


class TextReader(Reader):
    """Reads the text of a published report."""

    def recognises(self, document: Document) -> bool:
        return document.text is not None and not document.text.lstrip().startswith(OTHER_KINDS)

    def read(self, document: Document) -> Filing:
        printed = [_Printed(raw, number) for number, raw in enumerate(document.lines(), start=1)]
        title = _title(printed)
        form = _form(printed, title, document.name)
        body = _split(printed, form)
        if not any(section.table in body.sections for section in form.sections if section.table):
            raise InputError("no_tables", file=document.name)
        cells: dict[str, Cell] = {}
        doubts: list[Doubt] = []
        for table in form.tables:
            # A line without a tab may be a row that lost its values: it is no blank, but no missing row either.
            own = [line for line in body.sections.get(table, []) if line.raw]
            lines = [Line(tuple(line.raw.split("\t")), line.number) for line in own]
            reading = align(lines, form, table, document.name)
            cells |= reading.cells
            doubts += reading.doubts
        if not cells:
            raise InputError("no_tables", file=document.name)
        signature = _take_signature(body, form)
        facts = _facts(title, signature, printed, document.name)
        agency = (title.agency if title else None) or (signature[0].tight if signature[:-1] else None)
        return Filing(
            edition=form.edition,
            agency=agency,
            year=title.year if title else None,
            cells={address: cells[address] for address in form.cells if address in cells},
            texts=_texts(body, title, form, document.name),
            facts=facts,
            doubts=tuple(doubts),
            inputs=(document.record,),
        )


@dataclass(frozen=True, slots=True)
class _Title:
    agency: str | None
    year: int
    lines: tuple[_Printed, ...]


def _title(printed: Sequence[_Printed]) -> _Title | None:
    """The title: one line, or the agency's name on the lines before it."""
    before: list[_Printed] = []
    for line in printed:
        if not line.text:
            continue
        found = re.match(vocabulary()["title"], line.tight)
        if found:
            lines = (line,) if found["agency"] else (*before, line)
            agency = found["agency"] or "".join(each.tight for each in before)
            return _Title(agency or None, int(found["year"]), lines)
        if re.search(vocabulary()["sentence_end"], line.text):
            return None
        before.append(line)
    return None


def _form(printed: Sequence[_Printed], title: _Title | None, file: str) -> Form:
    """The edition that has most of the labels printed: agencies use old tables. In doubt that of the year, or newest.

    Raises InputError for a year that no edition applies to.
    """
    newest_first = list(editions().values())[::-1]
    applicable = form_for_year(title.year, file=file) if title else newest_first[0]
    texts = {bare(text) for line in printed for text in line.raw.split("\t")}
    # Of those with as many, max takes the first.
    return max((applicable, *newest_first), key=lambda form: len(texts & _labels(form.edition)))


@cache
def _labels(edition: str) -> frozenset[str]:
    tables, axes = load_form(edition).tables.values(), get_args(Axis)
    return frozenset(bare(node.label.zh) for table in tables for axis in axes for node in table.walk(axis))


def _split(printed: Sequence[_Printed], form: Form) -> _Body:
    body = _Body()
    current = body.front
    following = list(form.sections)
    for line in printed:
        opened = None if "\t" in line.raw else _opened(line, following)
        if opened is None:
            current.append(line)
            continue
        following = following[following.index(opened) + 1 :]
        current = body.sections.setdefault(opened.key, [])
    return body


def _opened(line: _Printed, following: Sequence[Section]) -> Section | None:
    """The section whose heading `line` is; sections open in the form's order, and one may be left out."""
    if not is_enumerated(line.text):
        return None
    text = bare(line.text)
    for section in following:
        title = bare(section.title.zh)
        alike = difflib.SequenceMatcher(None, text, title).ratio()
        if text == title or (line.tight.startswith(section.ordinal.zh) and alike >= HEADING_LIKE):
            return section
    return None


def _take_signature(body: _Body, form: Form) -> list[_Printed]:
    """The lines of the signature at the end (agency, then date), taken out of the last section."""
    last = next((body.sections[each.key] for each in reversed(form.sections) if each.key in body.sections), body.front)
    filled = [line for line in last if line.text]
    if not filled or not re.match(vocabulary()["date"], filled[-1].tight):
        return []
    signature = filled[-1:]
    if len(filled) > 1 and not re.search(vocabulary()["sentence_end"], filled[-2].text):
        signature = filled[-2:]
    for line in signature:
        last.remove(line)
    return signature


def _facts(
    title: _Title | None, signature: Sequence[_Printed], printed: Sequence[_Printed], file: str
) -> dict[str, Text]:
    facts: dict[str, Text] = {}
    if title:
        facts["title"] = title.lines[-1].passage(file, "".join(line.tight for line in title.lines))
    for line in printed:
        if found := re.search(vocabulary()["period"], line.tight):
            facts["period"] = line.passage(file, found.group())
            break
    if signature:
        facts["signed"] = signature[-1].passage(file, signature[-1].tight)
    if signature[:-1]:
        facts["signature"] = signature[0].passage(file, signature[0].tight)
    return facts


def _texts(body: _Body, title: _Title | None, form: Form, file: str) -> dict[str, tuple[Text, ...]]:
    heading = title.lines if title else ()
    texts = {"preamble": [line.passage(file) for line in body.front if line.text and line not in heading]}
    for section in form.sections:
        if section.text is None:
            continue
        current = texts.setdefault(section.text, [])
        for line in body.sections.get(section.key, []):
            if not line.text:
                continue
            for part in section.parts:
                rest = _after_heading(line, (part.title.zh, *part.aliases))
                if rest is not None:
                    current = texts.setdefault(part.text, [])
                    current += [line.passage(file, rest)] if rest else []
                    break
            else:
                current.append(line.passage(file))
    return {key: tuple(passages) for key in form.text_keys if (passages := texts.get(key))}


def _after_heading(line: _Printed, names: Sequence[str]) -> str | None:
    """What follows the heading of a part on its line (often nothing); None where the line has no such heading."""
    head, stop, rest = line.text.partition(vocabulary()["heading_end"])
    if len(head) > HEADING_LENGTH or not is_enumerated(head) or not any(name in head for name in names):
        return None
    return rest.strip() if stop else ""
