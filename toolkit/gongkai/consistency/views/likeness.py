"""How much of a text or table another report has word for word, or figure for figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gongkai.consistency.lines import Absent, Line, Subject
from gongkai.consistency.words import pattern
from gongkai.filing import Filing
from gongkai.forms import counterparts

ENOUGH = 100
"""Characters of a text from which on it is compared: shorter ones are alike by nature."""
FIGURES = 12
"""Figures other than zero, sums left out, from which on tables are compared."""

_YEAR = re.compile(r"20\d\d")


def with_last_year(subject: Subject) -> Iterator[Line | Absent]:
    """The view `likeness`, against last year's report."""
    filing, previous = subject.filing, subject.previous
    if previous is None:
        yield Absent("previous", {"what": "text"})
        yield Absent("previous", {"what": "table"})
        return
    for section in filing.form.sections:
        if section.text:
            keys = (section.text, *(part.text for part in section.parts))
            alike, extent = share(sentences(filing, keys), sentences(previous, keys))
            if extent >= ENOUGH:
                values = {"what": "text", "key": section.text, "alike": alike, "extent": extent}
                yield Line(values=values, text=section.text)
    yield from _tables(filing, previous)


def sentences(filing: Filing, keys: tuple[str, ...]) -> Counter[str]:
    """The sentences of some texts, without white space and years, and how often each stands there."""
    return Counter(bare for bare, _ in told(filing, keys, without=_YEAR))


def told(filing: Filing, keys: tuple[str, ...], *, without: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Each sentence of some texts, bare of white space and of what is `without` in it; and as it stands there."""
    words = "\n".join(passage.text for key in keys for passage in filing.texts.get(key, ()))
    for each in pattern("sentence").finditer(words):
        if bare := without.sub("", "".join(each.group().split())):
            yield bare, each.group().strip()


def share(ours: Counter[str], theirs: Counter[str]) -> tuple[float, int]:
    """How much of our sentences, by characters, are theirs as well; and how many characters we have."""
    extent = sum(len(each) * count for each, count in ours.items())
    common = sum(len(each) * count for each, count in (ours & theirs).items())
    return (round(common / extent, 4) if extent else 0.0), extent


def _tables(filing: Filing, previous: Filing) -> Iterator[Line]:
    """All figures together, sums left out; of amounts and of what last year's edition does not have, none."""
    pairs = [
        (number, previous.number_as(address, filing.edition))
        for address, spec in filing.form.cells.items()
        if not spec.column.total and counterparts(address, filing.edition, previous.edition)
        for number in (filing.number(address),)
        if number is not None
    ]
    figures = [pair for pair in pairs if any(pair)]
    if len(figures) >= FIGURES:
        alike = sum(ours == theirs for ours, theirs in figures) / len(figures)
        yield Line(values={"what": "table", "key": "", "alike": round(alike, 4), "extent": len(figures)})
