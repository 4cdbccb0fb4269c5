"""The claims of a passage, and of all the prose of a filing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from gongkai.filing import Filing
from gongkai.narrative.claim import Claim, Number
from gongkai.narrative.lexicon import patterns, without_spaces
from gongkai.narrative.reader import Reader
from gongkai.narrative.resolving import Answer, Tables
from gongkai.narrative.statements import Statement
from gongkai.wording import LAST_YEAR


def claims(filing: Filing, previous: Filing | None = None) -> tuple[Claim, ...]:
    """All claims of a filing's prose, text by text as the form has them."""
    tables = Tables(filing, previous)
    found: list[Claim] = []
    order = {key: place for place, key in enumerate(filing.form.text_keys)}
    for key in sorted(filing.texts, key=lambda each: order.get(each, len(order))):
        reader = _reader(key, filing)
        for number, passage in enumerate(filing.texts[key]):
            found += _claims(passage.text, reader, tables, key, number)
    return tuple(found)


def claims_in(
    passage: str,
    filing: Filing | None = None,
    previous: Filing | None = None,
    *,
    text: str | None = None,
    number: int = 0,
) -> tuple[Claim, ...]:
    """The claims of one passage; `text` and `number` say where it stands."""
    return tuple(_claims(passage, _reader(text, filing), Tables(filing, previous), text, number))


def _reader(text: str | None, filing: Filing | None) -> Reader:
    topic = patterns().topics.get(text or "")
    return Reader(topic, filing.year, filing.agency or "") if filing else Reader(topic)


def _claims(passage: str, reader: Reader, tables: Tables, text: str | None, number: int) -> Iterator[Claim]:
    plain, places = without_spaces(passage)
    for statement in reader.read(plain):
        start, end = places[statement.start], places[statement.end - 1] + 1
        answer = tables.answer(statement)
        if answer.verdict == "mismatch" and _of_another(plain, statement, tables.filing):
            answer = Answer("not_comparable")
        figure = statement.figure
        value: Number | None = None
        low, high = answer.low, answer.high
        if statement.kind == "zero" and figure is None:
            value = low = high = 0
        elif figure and statement.kind != "all":
            value, low, high = (_unit(statement, each) for each in (figure.value, figure.low, figure.high))
        yield Claim(
            text=text,
            passage=number,
            start=start,
            end=end,
            quote=passage[start:end],
            kind=statement.kind,
            meaning=_meaning(statement),
            wording="strict" if statement.strict else "loose",
            value=value,
            exact=low == high == value if statement.kind != "all" else True,
            low=low,
            high=high,
            computed=answer.computed,
            cells=answer.cells,
            verdict=answer.verdict,
        )


NAME = 3
"""Characters at the end of an agency's name that say which it is."""


def _of_another(text: str, statement: Statement, filing: Filing | None) -> bool:
    """Whether the clause tells of another agency than the filing's, or of some of those under it."""
    signs = patterns().signs
    start = max(text.rfind(each, 0, statement.start) for each in (*signs["clauses"], *signs["sentences"])) + 1
    if re.search(signs["others"], text[start : statement.end]):
        return True
    name = re.match(signs["agency"], text[start : statement.start])
    agency = "".join((filing.agency or "").split()) if filing else ""
    return bool(agency and name and name[1][-NAME:] not in agency)


def _unit(statement: Statement, value: Number | None) -> Number | None:
    """A stated value in the unit of its cell: fees are in ten thousand yuan."""
    if value is None or statement.meaning != "disclosure.fees.amount":
        return value
    scaled = Decimal(value) / 10000
    return int(scaled) if scaled == int(scaled) else scaled


def _meaning(statement: Statement) -> str | None:
    if statement.meaning is None or not statement.last_year:
        return statement.meaning
    terms, at, column = statement.meaning.partition("@")
    return "+".join(LAST_YEAR + each for each in terms.split("+")) + at + column
