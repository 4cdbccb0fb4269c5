"""Views of what a report says of itself: edition, title, names, years, period, dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from gongkai.consistency.lines import Absent, Line, Subject
from gongkai.filing import Text
from gongkai.forms import form_for_year
from gongkai.narrative import mentions

PLACES = {"facts.title": "title", "facts.signed": "signed", "facts.signature": "signature"}
"""What the views call the place of a mention among the facts; all others are prose."""


def reports(subject: Subject) -> Iterator[Line | Absent]:
    """The view `reports`."""
    filing = subject.filing
    if filing.year is None:
        yield Absent("year")
        return
    applicable = form_for_year(filing.year).edition
    yield Line(values={"year": str(filing.year), "edition": filing.edition, "applicable": applicable})


def titles(subject: Subject) -> Iterator[Line | Absent]:
    """The view `titles`."""
    title = subject.filing.facts.get("title")
    if not subject.is_document or title is None:
        yield Absent("title" if subject.is_document else "document")
        return
    yield Line(values={"title": "".join(title.text.split())}, quote=title.text, source=title.source)


def names(subject: Subject) -> Iterator[Line | Absent]:
    """The view `names`: a name that may be the agency's, perhaps shorter, is laid out as the agency's."""
    filing = subject.filing
    if not subject.is_document or not filing.agency:
        yield Absent("agency" if subject.is_document else "document")
        return
    for each in mentions.names(filing):
        name = filing.agency if mentions.same_agency(each.quote, filing.agency) else each.quote
        values = {"place": PLACES.get(each.text, "prose"), "name": name, "agency": filing.agency}
        yield Line(values=values, **place(subject, each))


def years(subject: Subject) -> Iterator[Line | Absent]:
    """The view `years`."""
    if not subject.is_document or subject.filing.year is None:
        yield Absent("year" if subject.is_document else "document")
        return
    for each in mentions.years(subject.filing):
        legitimate = min(max(each.year, each.earliest), each.latest)
        values = {"place": PLACES.get(each.text, "prose"), "year": str(each.year), "legitimate": str(legitimate)}
        yield Line(values=values, **place(subject, each))


def periods(subject: Subject) -> Iterator[Line | Absent]:
    """The view `periods`."""
    year = subject.filing.year
    if not subject.is_document or year is None:
        yield Absent("year" if subject.is_document else "document")
        return
    wanted = {"wanted_first": f"{year}-01-01", "wanted_last": f"{year}-12-31"}
    stated = mentions.stated_periods(subject.filing)
    in_prose = {(each.first, each.last) for each in stated if not each.text.startswith("facts.")}
    for each in stated:
        if each.text.startswith("facts.") and (each.first, each.last) in in_prose:
            continue  # the same is told where the report says it
        first, last = (day.isoformat() if day else "" for day in (each.first, each.last))
        unknown = each.first is None or each.last is None
        yield Line(values={"first": first, "last": last, **wanted}, unknown=unknown, **place(subject, each))


def dates(subject: Subject) -> Iterator[Line | Absent]:
    """The view `dates`."""
    facts, year = subject.filing.facts, subject.filing.year
    for what in ("published", "signed"):
        fact = facts.get(what)
        if fact is None or year is None:
            # A report need not be signed; what nobody says of its publication is not known.
            if what == "published" or fact:
                yield Absent("published" if fact is None else "year", {"what": what})
            continue
        day = mentions.day(fact.text)
        number = (day.year - year) * 10000 + day.month * 100 + day.day if day else 0
        yield Line(values={"what": what, "day": number}, quote=fact.text, source=fact.source, unknown=day is None)


def signatures(subject: Subject) -> Iterator[Line | Absent]:
    """The view `signatures`."""
    facts = subject.filing.facts
    signed, published = (_day(facts.get(each)) for each in ("signed", "published"))
    if signed and published:
        # One that cannot be read is told by the rules about that date.
        values = {"signed": signed.toordinal(), "published": published.toordinal()}
        quote = f"{facts['signed'].text} / {facts['published'].text}"
        yield Line(values=values, quote=quote, source=facts["signed"].source)
    elif "published" not in facts:
        yield Absent("published")


def _day(fact: Text | None) -> date | None:
    return mentions.day(fact.text) if fact else None


def place(subject: Subject, mention: mentions.Mention) -> dict[str, Any]:
    """Where a mention stands, as a line has it."""
    if mention.text.startswith("facts."):
        fact = subject.filing.facts[mention.text.removeprefix("facts.")]
        return {"quote": mention.quote, "source": fact.source}
    source = subject.filing.texts[mention.text][mention.passage].source
    span = (mention.start, mention.end)
    return {"text": mention.text, "passage": mention.passage, "span": span, "quote": mention.quote, "source": source}
