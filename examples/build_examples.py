"""Builds the example county from its source: `python -m examples.build_examples`. Same source, same bytes.

`examples/qingshan/agencies/` holds the figures and the narratives of each agency, all of them right.
`examples/FAULTS.yaml` holds what is then planted, and what a check finds of it. From both come the input files in
`examples/qingshan/<year>/` and the roster and the parameter files in `params/`; nothing else is written.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from examples.published_text import published_text
from gongkai.authored import Model, Words, load_yaml, validate
from gongkai.catalogues import speaking
from gongkai.example.arithmetic import Numbers, Tables, cells_of, numbers_of, summed
from gongkai.example.figures import Figures
from gongkai.example.prose import facts_of
from gongkai.filing import Cell, Filing, Text
from gongkai.forms import form_for_year
from gongkai.intake.cells import cells_text
from gongkai.intake.numbers import read_cell
from gongkai.intake.template import write_workbook
from gongkai.workspace import write_text

ROOT = Path(__file__).parents[1]
COUNTY = "examples/qingshan"
YEARS = (2023, 2024)
YEAR = YEARS[-1]

GENERATED = "# Written by examples/build_examples.py.\n"

Key = tuple[str, int]
"""An agency's code and a year."""


class Year(Tables):
    """One agency's year. A text may state any figure as ``{address}``; see `gongkai.example.figures`."""

    signed: str
    published: str
    texts: dict[str, str | list[str]]


class Agency(Model):
    """One agency of the county."""

    agency: str
    code: str
    level: str
    file: Literal["xlsx", "txt", "csv"] = "xlsx"
    sum_of_all: bool = False
    """Whether the tables are the sums of those of all other agencies."""
    years: dict[int, Year]

    def path(self, year: int) -> str:
        """Where the input file of a year lies in the workspace."""
        return f"{COUNTY}/{year}/{self.code}.{self.file}"


class Planting(Model):
    """How a right filing is spoilt."""

    cells: dict[str, str] = Field(default_factory=dict)
    """What is typed into a cell instead."""
    replace: dict[str, tuple[str, str]] = Field(default_factory=dict)
    """In the passages of a text: what is replaced, and by what."""
    texts: dict[str, str] = Field(default_factory=dict)
    """The whole of a text; ``= CODE YEAR`` copies that of another filing."""
    facts: dict[str, str] = Field(default_factory=dict)


class Expected(Model):
    """What a check finds of a fault, or will find once the rule `exists`."""

    rule: str
    verdict: Literal["fail", "not_assessable"]
    exists: bool
    cells: list[str] = Field(default_factory=list)
    text: str | None = None


class Fault(Model):
    """A fault that is planted in one file."""

    fault: str
    file: str
    agency: str
    year: int
    done: Words
    plant: Planting
    findings: list[Expected]


def load_agencies() -> list[Agency]:
    """The agencies of the county, by code."""
    paths = sorted((ROOT / COUNTY / "agencies").glob("*.yaml"))
    return [validate(Agency, load_yaml(path), file=path.name) for path in paths]


def load_faults() -> list[Fault]:
    """The planted faults."""
    path = ROOT / "examples" / "FAULTS.yaml"
    return validate(list[Fault], load_yaml(path), file=path.name)


def build(target: Path) -> None:
    """Write all example files, their roster and their parameter files under `target`."""
    agencies = load_agencies()
    filings = planted(clean_filings(agencies), load_faults(), agencies)
    with speaking("zh"):
        for agency in agencies:
            for year in YEARS:
                path, filing = target / agency.path(year), filings[agency.code, year]
                match agency.file:
                    case "xlsx":
                        write_workbook(path, filing, previous=filings.get((agency.code, year - 1)))
                    case "csv":
                        write_text(path, cells_text(filing))
                    case "txt":
                        write_text(path, published_text(filing))
    write_text(target / "params" / "qingshan-roster.csv", _roster(agencies))
    for agency in agencies:
        write_text(target / "params" / f"qingshan-{agency.code}.yaml", _parameters(agency))


# Figures -----------------------------------------------------------------------------------------------------------


def clean_filings(agencies: Sequence[Agency]) -> dict[Key, Filing]:
    """The filing of each agency and year, in which everything is right."""
    filings: dict[Key, Filing] = {}
    last: dict[str, Numbers] = {}
    for year in YEARS:
        numbers = {each.code: numbers_of(each.years[year], last.get(each.code)) for each in agencies}
        for each in agencies:
            if each.sum_of_all:
                numbers[each.code] = summed(numbers[other.code] for other in agencies if not other.sum_of_all)
            filings[each.code, year] = _filing(each, year, numbers[each.code], last.get(each.code))
        last = numbers
    return filings


def _filing(agency: Agency, year: int, numbers: Numbers, last: Numbers | None) -> Filing:
    form, source = form_for_year(year), agency.years[year]
    figures = Figures(form, numbers, last)
    words = {"agency": agency.agency, "year": str(year)}
    texts = {
        key: tuple(Text(figures.told(passage, words)) for passage in _passages(source.texts[key]))
        for key in form.text_keys
        if key in source.texts
    }
    assert len(texts) == len(source.texts), "a text that the form does not have"
    dates = {"signed": source.signed, "published": source.published}
    return Filing(
        edition=form.edition,
        agency=agency.agency,
        agency_code=agency.code,
        level=agency.level,
        year=year,
        cells=cells_of(form, numbers),
        texts=texts,
        facts=facts_of(agency.agency, agency.code, year, form.title.zh, dates),
    )


def _passages(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


# Faults ------------------------------------------------------------------------------------------------------------


def planted(clean: Mapping[Key, Filing], faults: Sequence[Fault], agencies: Sequence[Agency]) -> dict[Key, Filing]:
    """The filings with every fault in its place."""
    filings = dict(clean)
    keys = {agency.path(year): (agency.code, year) for agency in agencies for year in YEARS}
    for fault in faults:
        key = keys[fault.file]
        filing = filings[key]
        assert (filing.agency, filing.year) == (fault.agency, fault.year), fault.fault
        filings[key] = _spoilt(filing, fault.plant, clean)
    return filings


def _spoilt(filing: Filing, plant: Planting, clean: Mapping[Key, Filing]) -> Filing:
    form = filing.form
    cells: dict[str, Cell] = {address: read_cell(raw, form.cells[address]) for address, raw in plant.cells.items()}
    texts = dict(filing.texts)
    for key, (old, new) in plant.replace.items():
        assert sum(old in passage.text for passage in texts[key]) == 1, f"{key} does not say {old} once"
        texts[key] = tuple(Text(passage.text.replace(old, new)) for passage in texts[key])
    for key, text in plant.texts.items():
        if text.startswith("= "):
            _, code, year = text.split()
            texts[key] = clean[code, int(year)].texts[key]
        else:
            texts[key] = (Text(text),)
    facts = dict(filing.facts) | {key: Text(value) for key, value in plant.facts.items()}
    return replace(filing, cells=dict(filing.cells) | cells, texts=texts, facts=facts)


# Files -------------------------------------------------------------------------------------------------------------


def _roster(agencies: Sequence[Agency]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("agency", "code", "level", "parent", "input", "previous"))
    top = next(each.code for each in agencies if each.sum_of_all)
    for each in agencies:
        parent = "" if each.sum_of_all else top
        files = ("", "") if each.file == "xlsx" else (each.path(YEAR), each.path(YEAR - 1))
        writer.writerow((each.agency, each.code, each.level, parent, *files))
    return stream.getvalue()


def _parameters(agency: Agency) -> str:
    parameters = {"input": agency.path(YEAR), "previous": agency.path(YEAR - 1)}
    if agency.file == "txt":  # a published text says neither code nor level
        parameters |= {"agency_code": f'"{agency.code}"', "level": agency.level}
    lines = [f"{key}: {value}\n" for key, value in (parameters | {"language": "zh"}).items()]
    return f"# {agency.agency}\n{GENERATED}{''.join(lines)}"


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
