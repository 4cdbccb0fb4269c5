"""The filings of one invented agency, year by year, with the faults of the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gongkai.example.arithmetic import cells_of
from gongkai.example.bodies import Body, County, Example
from gongkai.example.drawing import figures_of
from gongkai.example.figures import Figures
from gongkai.example.planting import Fault, planted
from gongkai.example.prose import Author, day, facts_of, late
from gongkai.filing import Filing
from gongkai.forms import form_for_year


@dataclass(frozen=True, slots=True)
class Dates:
    """When a report was signed, received by the county's office and published; `late` if after article 49's day."""

    signed: date
    received: date
    published: date
    deadline: date

    @property
    def late(self) -> bool:
        return self.published > self.deadline


@dataclass(frozen=True, slots=True)
class Reports:
    """An agency's filings by year as they are handed in, and what is wrong with the last."""

    filings: Mapping[int, Filing]
    faults: tuple[Fault, ...]


def reports_of(example: Example, county: County, body: Body) -> Reports:
    """The filings of `body`: all right but those of the last year, where chance gives that one faults."""
    filings: dict[int, Filing] = {}
    last = None
    for year, numbers in figures_of(example, county, body).items():
        form = form_for_year(year)
        figures = Figures(form, numbers, last)
        dates = dates_of(example, body, year)
        told = {"signed": day(dates.signed), "published": day(dates.published)}
        filings[year] = Filing(
            medium="workbook",
            edition=form.edition,
            agency=body.agency,
            agency_code=body.code,
            level=body.kind.level,
            year=year,
            cells=cells_of(form, numbers),
            texts=Author(example, body, year, figures).texts(),
            facts=facts_of(body.agency, body.code, year, form.title.zh, told),
        )
        last = numbers
    faults: tuple[Fault, ...] = ()
    if _chosen(example, body, "faults", example.faults):
        filings[year], faults = planted(filings[year], figures, example.draw(body.code, "planting"))
    return Reports(filings, (*faults, *_late(dates)))


def dates_of(example: Example, body: Body, year: int) -> Dates:
    """The days of the report on `year`; some of the last year's are late, where there are faults at all."""
    draw = example.draw(body.code, year, "dates")
    government = body.kind.level == "government"
    deadline = date(year + 1, 3, 31) if government else date(year + 1, 1, 31)
    signed = deadline - timedelta(draw.randint(10, 24))
    received = signed + timedelta(draw.randint(0, 4))
    published = received + timedelta(draw.randint(1, 6))
    if year == example.years[1] and _chosen(example, body, "late", example.faults / 2):
        published = deadline + timedelta(draw.randint(1, 20))
    return Dates(signed, received, published, deadline)


def _chosen(example: Example, body: Body, what: str, share: float) -> bool:
    return example.draw(body.code, what).random() < share


def _late(dates: Dates) -> list[Fault]:
    return [Fault("published-late", late(dates.published, dates.deadline), ())] if dates.late else []
