"""Filings with generated prose: valid ones, with all that their prose states and where."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gongkai.example.arithmetic import cells_of
from gongkai.example.bodies import Body, Example
from gongkai.example.figures import Figures
from gongkai.example.prose import day, facts_of
from gongkai.example.reports import dates_of
from gongkai.filing import Filing, Text
from gongkai.forms import form_for_year
from tests.prose.numbers import two_years
from tests.prose.pen import Pen, Span, Stated
from tests.prose.templates import sayings

LONGEST_OVERVIEW = 1000
COUNTIES = 200
AGENCIES = 60
"""Of each invented county; with so many there are all kinds."""


@dataclass(frozen=True)
class Written:
    """A valid filing, last year's, and what the prose of the former says, with the place of each figure."""

    filing: Filing
    previous: Filing
    figures: Figures
    stated: tuple[Stated, ...]
    years: tuple[tuple[Span, str], ...]
    """Each year, and which it is: the report's ("year"), the one before or after."""
    percentages: tuple[Span, ...]
    agencies: tuple[Span, ...]
    sentences: tuple[Span, ...]

    def words(self, span: Span) -> str:
        """What stands at a span."""
        return self.filing.texts[span.text][span.passage].text[span.start : span.end]

    def sentence(self, span: Span) -> Span:
        """The sentence that a span is of."""
        return next(each for each in self.sentences if within(span, each))


def within(inner: Span, outer: Span) -> bool:
    """Whether a span is part of another."""
    same = (inner.text, inner.passage) == (outer.text, outer.passage)
    return same and outer.start <= inner.start and inner.end <= outer.end


def written(seed: int, *, level: str = "department", year: int = 2024) -> Written:
    """The filing of a seed: always the same; others have another agency, other figures and other sentences.

    Both years are on the form of 2021, so `year` is 2022 or later.
    """
    draw = random.Random(f"prose/{seed}/{level}/{year}")
    example = Example(counties=COUNTIES, agencies=AGENCIES, years=(year - 1, year), seed=seed)
    body = draw.choice([each for each in example.county(seed % COUNTIES).bodies if each.kind.level == level])
    last, now = two_years(draw, level)
    form, before = form_for_year(year), form_for_year(year - 1)
    said: set[str] = set()
    old = Figures(before, last, None)
    previous = _filing(example, body, year - 1, old, _composed(draw, body, year - 1, old, said))
    figures = Figures(form, now, last)
    pens = _composed(draw, body, year, figures, said)
    return Written(
        filing=_filing(example, body, year, figures, pens),
        previous=previous,
        figures=figures,
        stated=tuple(_guarded([each for pen in pens for each in pen.stated])),
        years=tuple(each for pen in pens for each in pen.years),
        percentages=tuple(each for pen in pens for each in pen.percentages),
        agencies=tuple(each for pen in pens for each in pen.agencies),
        sentences=tuple(each for pen in pens for each in pen.sentences),
    )


def _guarded(stated: list[Stated]) -> Iterator[Stated]:
    """What stands in prose alone is guarded where it stands twice, or has parts."""
    often = Counter(each.meaning.removeprefix("part:") for each in stated if each.exact)
    for each in stated:
        again = each.kind == "figure" and each.exact and not each.part and often[each.meaning] > 1
        yield replace(each, guarded=True) if again else each


def _filing(example: Example, body: Body, year: int, figures: Figures, pens: list[Pen]) -> Filing:
    dates = dates_of(example, body, year)
    told = {"signed": day(dates.signed), "published": day(dates.published)}
    texts: dict[str, tuple[Text, ...]] = {}
    for pen in pens:
        texts[pen.text] = (*texts.get(pen.text, ()), Text(pen.written))
    return Filing(
        medium="workbook",
        edition=figures.form.edition,
        agency=body.agency,
        agency_code=body.code,
        level=body.kind.level,
        year=year,
        cells=cells_of(figures.form, figures.numbers),
        texts=texts,
        facts=facts_of(body.agency, body.code, year, figures.form.title.zh, told),
    )


def _composed(draw: random.Random, body: Body, year: int, figures: Figures, said: set[str]) -> list[Pen]:
    """The passages of a report whose overview is not too long; what is said is added to `said`."""
    for _ in range(100):
        avoided = set(said)
        pens = list(_passages(draw, body, year, figures, avoided))
        overview = "".join(pen.written for pen in pens if pen.text.startswith("overview"))
        if len("".join(overview.split())) <= LONGEST_OVERVIEW:
            said |= avoided
            return pens
    raise AssertionError("every overview is too long")


def _passages(draw: random.Random, body: Body, year: int, figures: Figures, avoided: set[str]) -> Iterator[Pen]:
    subjects = draw.sample(body.kind.subjects, 2)
    words = {
        "agency": body.agency,
        "county": body.county,
        "we": body.kind.we,
        "year": str(year),
        "next_year": str(year + 1),
        "last_year": str(year - 1),
        "subject": subjects[0],
        "other": subjects[1],
    }
    for text, passages in sayings().texts[body.kind.level].items():
        number = 0
        for slots in passages:
            pen = Pen(draw, figures, words, text, number, avoided, body.kind.level)
            for slot in slots.split():
                if not slot.endswith("?") or draw.random() < 0.5:
                    pen.sentence(slot.removesuffix("?"))
            if pen.written:
                yield pen
                number += 1
