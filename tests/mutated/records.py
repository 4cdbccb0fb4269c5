"""What goes wrong on the sheet of facts and on the hidden sheet: wrong years, levels and records."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gongkai.forms import editions
from tests.mutated.said import ANY, Said
from tests.mutated.samples import Sample
from tests.mutated.values import at

ABOUT = "gongkai"
"""The name of the hidden sheet."""


def _where(sample: Sample, key: str) -> str:
    return "!".join(sample.places[key])


def year_of_another_edition(book: Any, sample: Sample, draw: random.Random) -> Said:
    other = next(form for name, form in editions().items() if name != sample.filing.edition)
    year = draw.randint(other.years.first or 2025, other.years.last or 2025)
    at(book, sample, "year").value = draw.choice((year, str(year)))
    return Said(facts={"year": (year,)})


def another_year(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Another year of the same edition, while the title goes on saying the right one."""
    years = sample.filing.form.years
    known = {*range(years.first or 2025, (years.last or 2029) + 1)} - {sample.filing.year}
    year = draw.choice(sorted(known))
    at(book, sample, "year").value = draw.choice((year, float(year), str(year)))
    return Said(facts={"year": (year,)})


def year_written_otherwise(book: Any, sample: Sample, draw: random.Random) -> Said:
    year = sample.filing.year or 0
    ways = (
        f" {year}\n",
        float(year),
        str(year),
        f"{year}年",
        f"{year}年度",
        "二〇二四",
        datetime(year, 1, 1),
        year % 100,
    )
    at(book, sample, "year").value = draw.choice(ways)
    return Said(refusal=(_where(sample, "year"),))


def year_of_no_form(book: Any, sample: Sample, draw: random.Random) -> Said:
    at(book, sample, "year").value = draw.choice((1899, 1997, 2008, 2018, 0, -2024, 20240, 1e308))
    return Said(refusal=(_where(sample, "year"),))


def unknown_level(book: Any, sample: Sample, draw: random.Random) -> Said:
    at(book, sample, "level").value = draw.choice(("县级部门", "county", "Department", 3, "departments", True))
    return Said(refusal=(_where(sample, "level"),))


def records_changed(book: Any, sample: Sample, draw: random.Random) -> Said:
    """The hidden sheet says something else than the workbook is."""
    row, wrong = draw.choice(
        (
            (1, (99, None, "一", 0, 1.5)),
            (2, ("1999", None, "2021年版", 2023, "2019" if sample.filing.edition == "2021" else "2021")),
            (3, ("fr", None, "ZH", 1)),
            (4, ("二", None, -1, 1.5, "1e3", 10**12)),
            (5, ("title", None, "signed,title", 7)),
        )
    )
    book[ABOUT].cell(row, 2).value = draw.choice(wrong)
    return Said(refusal=(ABOUT, *sample.tables, sample.sheet_of("agency"), "gongkai template"))


def records_lost(book: Any, sample: Sample, draw: random.Random) -> Said:
    """The hidden sheet is deleted, renamed or emptied, as programs do that do not show it."""
    # Without it a workbook is read by its labels, as anybody's: it has its tables, and the facts of its title.
    about = {key: (getattr(sample.filing, key), None) for key in ("agency", "year")}
    others = ("agency_code", "level", "revision", *(key for key in sample.places if key.startswith(("facts", "texts"))))
    facts = about | dict.fromkeys(others, (ANY,))
    match draw.choice(("deleted", "renamed", "emptied")):
        case "deleted":
            del book[ABOUT]
        case "renamed":
            book[ABOUT].title = draw.choice(("Sheet5", "gongkai (2)", "GongKai_"))
        case _:
            book[ABOUT].delete_rows(1, 5)
            return Said(refusal=(ABOUT,))
    return Said(facts=facts, nobodys=True)


def records_shown(book: Any, sample: Sample, draw: random.Random) -> Said:
    book[ABOUT].sheet_state = draw.choice(("visible", "hidden"))
    return Said()


RECORDS: dict[str, Callable[[Any, Sample, random.Random], Said]] = {
    "a year of another edition": year_of_another_edition,
    "another year": another_year,
    "a year written otherwise": year_written_otherwise,
    "a year of no form": year_of_no_form,
    "an unknown level": unknown_level,
    "records changed": records_changed,
    "records lost": records_lost,
    "records shown": records_shown,
}
