"""Views of a report's prose and how it is divided."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from gongkai.consistency.lines import Absent, Line, Subject
from gongkai.consistency.views.reports import place
from gongkai.consistency.words import pattern
from gongkai.filing import Filing
from gongkai.forms import Part, Section
from gongkai.intake.labels import bare, ordinal
from gongkai.intake.numbers import vocabulary
from gongkai.narrative import mentions

PREAMBLE = "preamble"
LISTED = 3
"""Titles from which on a preamble is taken to list the sections."""
LIKE = 0.5
"""How alike (difflib's ratio) a name must be to the title of a section to be taken for it."""


def sections(subject: Subject) -> Iterator[Line | Absent]:
    """The view `sections`; of documents only, since in the workbook the headings are ours."""
    filing = subject.filing
    headings = {key.removeprefix("heading."): fact for key, fact in filing.facts.items() if key.startswith("heading.")}
    if filing.medium != "document":
        yield Absent("document")
        return
    for section in filing.form.sections:
        wanted = {"wanted_ordinal": section.ordinal.zh, "wanted_title": _letters(section.title.zh)}
        fact = headings.get(section.key)
        printed = _heading(fact.text, section.ordinal.zh) if fact else {"ordinal": "", "title": ""}
        kind = "present" if fact else "missing"
        quote = fact.text if fact else section.ordinal.zh + section.title.zh
        values = {"section": str(section.title), "kind": kind, **printed, **wanted}
        yield Line(values=values, quote=quote, source=fact.source if fact else None)
    for key, fact in headings.items():
        if key.startswith("beyond."):
            printed = _heading(fact.text)
            wanted = {"wanted_ordinal": printed["ordinal"], "wanted_title": printed["title"]}
            values = {"section": fact.text, "kind": "beyond", **printed, **wanted}
            yield Line(values=values, quote=fact.text, source=fact.source)


def _heading(text: str, expected: str = "") -> dict[str, str]:
    """The number and the title of a heading; a number in figures counts as one in characters, none as the expected."""
    number, numerals = ordinal(text), vocabulary()["numerals"]
    if number.isdecimal() and 0 < int(number) <= len(numerals):
        number = numerals[int(number) - 1]
    return {"ordinal": number or expected, "title": _letters(text)}


def _letters(title: str) -> str:
    """A title without its number, white space and punctuation."""
    return re.sub(r"\W", "", bare(title))


def texts(subject: Subject) -> Iterator[Line | Absent]:
    """The view `texts`."""
    if not subject.is_document:
        yield Absent("document")
        return
    for section in subject.filing.form.sections:
        if section.text:
            keys = (section.text, *(part.text for part in section.parts))
            yield _text(subject.filing, section.text, keys)
            for part in section.parts:
                yield _part(subject.filing, section, part)


def _text(filing: Filing, key: str, keys: tuple[str, ...]) -> Line:
    passages = [each for part in keys for each in filing.texts.get(part, ())]
    words = "".join("".join(each.text.split()) for each in passages)
    kind = "missing" if not passages else "nothing" if pattern("nothing").match(words) else "present"
    values = {"key": key, "kind": kind, "words": words, "length": len(words)}
    first = filing.texts.get(key) or tuple(passages)
    return Line(values=values, text=key, source=first[0].source if first else None)


def _part(filing: Filing, section: Section, part: Part) -> Line:
    line = _text(filing, part.text, (part.text,))
    whole = bare("".join(each.text for each in filing.texts.get(section.key, ())))
    named = any(bare(name) in whole for name in (part.title.zh, *part.aliases))
    if line.values["kind"] == "missing" and named:
        # What an agency writes of it without a heading of its own stands in the section's own text.
        return Line(values=dict(line.values) | {"kind": "present"}, text=section.key, source=line.source)
    return line


def passages(subject: Subject) -> Iterator[Line | Absent]:
    """The view `passages`."""
    if not subject.filing.texts:
        yield Absent("prose")
    for key, texts_ in subject.filing.texts.items():
        for number, each in enumerate(texts_):
            values = {"key": key, "words": each.text}
            yield Line(values=values, text=key, passage=number, quote=each.text, source=each.source)


def specifics(subject: Subject) -> Iterator[Line | Absent]:
    """The view `specifics`; the title and the preamble do not count, which whoever copies a report does change."""
    if not subject.is_document or not subject.filing.texts:
        yield Absent("document" if not subject.is_document else "prose")
        return
    own = [each for each in mentions.names(subject.filing) if _is_told(each.text)]
    stated = [each for each in subject.claims if each.text and _is_told(each.text) and each.kind != "all"]
    yield Line(values={"own": len(own) + len(stated)})


def _is_told(key: str) -> bool:
    return key != PREAMBLE and not key.startswith("facts.")


def _alike(name: str, title: str) -> bool:
    stated, wanted = _letters(name), _letters(title)
    return wanted in stated or difflib.SequenceMatcher(None, stated, wanted).ratio() >= LIKE


def announced(subject: Subject) -> Iterator[Line | Absent]:
    """The view `announced`."""
    if not subject.is_document:
        yield Absent("document")
        return
    found = mentions.announced(subject.filing)
    if found is None:
        return
    titles = [section.title.zh for section in subject.filing.form.sections]
    where = place(subject, found)
    listed = [each for each in found.names if any(_alike(each.quote, title) for title in titles)]
    if found.count is not None:
        # What is said in other words than titles is no list of sections.
        counts = [len(titles), *([len(listed)] if len(listed) >= LISTED else [])]
        for count in dict.fromkeys(counts):
            yield Line(values={"what": "count", "stated": str(found.count), "wanted": str(count)}, **where)
    if len(listed) == len(titles):
        # Where some are left out, the counts tell it; which is which would only be guessed.
        for each, title in zip(listed, titles, strict=True):
            stated, wanted = _letters(each.quote), _letters(title)
            values = {"what": "name", "stated": wanted if wanted in stated else stated, "wanted": wanted}
            yield Line(values=values, **place(subject, each))
