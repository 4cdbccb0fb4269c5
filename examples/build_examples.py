"""Builds the example county from its source: `python -m examples.build_examples`. Same source, same bytes.

`examples/qingshan/agencies/` holds the figures and the narratives of each agency, all of them right.
`examples/FAULTS.yaml` holds what is then planted, and what a check finds of it. From both come the input files in
`examples/qingshan/<year>/` and the roster and the parameter files in `params/`; nothing else is written.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field

from examples.published_text import published_text
from gongkai.authored import Model, Words, load_yaml, validate
from gongkai.catalogues import speaking
from gongkai.filing import Cell, Filing, Text, decimal_text
from gongkai.forms import Form, form_for_year
from gongkai.intake.numbers import read_cell
from gongkai.intake.template import write_workbook
from gongkai.workspace import write_text

ROOT = Path(__file__).parents[1]
COUNTY = "examples/qingshan"
YEARS = (2023, 2024)
YEAR = YEARS[-1]

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_organisation")
FLOWS = ("received", "carried_in", "processed", "carried_out")
GENERATED = "# Written by examples/build_examples.py.\n"

Number = int | Decimal
Numbers = Counter[str]
"""Figures by address; what is absent is zero. Amounts of money are decimals."""
Key = tuple[str, int]
"""An agency's code and a year."""


class Documents(Model):
    """Regulations or normative documents of a year; `in_force` is given for the first year only, then it follows."""

    made: int = 0
    repealed: int = 0
    in_force: int | None = None


class Disclosure(Model):
    """Table 2. What is absent is zero."""

    regulations: Documents = Documents()
    normative_documents: Documents = Documents()
    licences: int = 0
    penalties: int = 0
    coercion: int = 0
    fees: Decimal = Decimal(0)


class Year(Model):
    """One agency's year. Of tables 3 and 4 only what is not zero is given, and no totals.

    `requests` holds for each applicant the rows; what was carried in is given for the first year only, and what is
    carried out is what is left. A text may state any figure as ``{address}``; see `_stated`.
    """

    signed: str
    published: str
    disclosure: Disclosure = Disclosure()
    requests: dict[str, dict[str, int]] = Field(default_factory=dict)
    disputes: dict[str, dict[str, int]] = Field(default_factory=dict)
    processing_fee: dict[str, int] = Field(default_factory=dict)
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
                        write_text(path, cells_file(filing))
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
        numbers = {each.code: _numbers(each.years[year], last.get(each.code)) for each in agencies}
        for each in agencies:
            if each.sum_of_all:
                numbers[each.code] = _sum(numbers[other.code] for other in agencies if not other.sum_of_all)
            filings[each.code, year] = _filing(each, year, numbers[each.code], last.get(each.code))
        last = numbers
    return filings


def _numbers(source: Year, last: Numbers | None) -> Numbers:
    numbers = _disclosure(source.disclosure, last)
    numbers += _requests(source.requests, last)
    for channel, results in source.disputes.items():
        numbers += Counter({f"disputes.{channel}.{result}": count for result, count in results.items()})
        numbers[f"disputes.{channel}.total"] = sum(results.values())
    return numbers + Counter({f"processing_fee.{key}": value for key, value in source.processing_fee.items()})


def _disclosure(source: Disclosure, last: Numbers | None) -> Numbers:
    numbers: Numbers = Counter()
    for kind in ("regulations", "normative_documents"):
        documents: Documents = getattr(source, kind)
        before = last[f"disclosure.{kind}.in_force"] if last else 0
        rolled = before + documents.made - documents.repealed
        assert last is None or documents.in_force is None, "follows from last year"
        numbers[f"disclosure.{kind}.made"] = documents.made
        numbers[f"disclosure.{kind}.repealed"] = documents.repealed
        numbers[f"disclosure.{kind}.in_force"] = rolled if last else documents.in_force or 0
    for kind in ("licences", "penalties", "coercion"):
        numbers[f"disclosure.{kind}.decisions"] = getattr(source, kind)
    numbers["disclosure.fees.amount"] = source.fees  # type: ignore[assignment]  # a Counter adds decimals as well
    return numbers


def _requests(source: Mapping[str, Mapping[str, int]], last: Numbers | None) -> Numbers:
    assert set(source) <= set(APPLICANTS), "an applicant that the form does not have"
    numbers: Numbers = Counter()
    for applicant in APPLICANTS:
        rows = Counter(source.get(applicant, {}))
        if last:
            assert "carried_in" not in rows, "follows from last year"
            rows["carried_in"] = last[f"requests.carried_out.{applicant}"]
        rows["processed"] = sum(count for row, count in rows.items() if row not in FLOWS)
        rows["carried_out"] = rows["received"] + rows["carried_in"] - rows["processed"]
        assert rows["carried_out"] >= 0, f"{applicant}: more processed than there were"
        for row, count in rows.items():
            numbers[f"requests.{row}.{applicant}"] = count
            numbers[f"requests.{row}.total"] += count
    return numbers


def _sum(all_numbers: Iterator[Numbers]) -> Numbers:
    total: Numbers = Counter()
    for numbers in all_numbers:
        total.update(numbers)
    return total


def _filing(agency: Agency, year: int, numbers: Numbers, last: Numbers | None) -> Filing:
    form, source = form_for_year(year), agency.years[year]
    strange = [key for key in numbers if key not in form.cells and not key.startswith("processing_fee.")]
    assert not strange, strange
    values = {address: _plain(numbers[address]) for address in form.cells}
    title = f"{agency.agency}{year}年{form.title.zh}"
    facts = {
        "title": title,
        "index_number": f"{agency.code}/{year + 1}-00001",
        "period": f"{year}年1月1日至{year}年12月31日",
        "signature": agency.agency,
        "signed": source.signed,
        "published": source.published,
    }
    words = {"agency": agency.agency, "year": str(year)}
    texts = {
        key: tuple(Text(_told(passage, words, form, numbers, last)) for passage in _passages(source.texts[key]))
        for key in form.text_keys
        if key in source.texts
    }
    assert len(texts) == len(source.texts), "a text that the form does not have"
    return Filing(
        edition=form.edition,
        agency=agency.agency,
        agency_code=agency.code,
        level=agency.level,
        year=year,
        cells={address: read_cell(value, form.cells[address]) for address, value in values.items()},
        texts=texts,
        facts={key: Text(value) for key, value in facts.items()},
    )


def _plain(value: Number) -> str:
    return decimal_text(Decimal(value))


def _passages(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


def _told(text: str, words: Mapping[str, str], form: Form, numbers: Numbers, last: Numbers | None) -> str:
    """`text` with its figures: ``{requests.refused}``, ``{disputes.litigation.total}``, ``{change_percent:…}``."""

    def figure(match: re.Match[str]) -> str:
        kind, _, meaning = match[1].rpartition(":")
        if match[1] in words:
            return words[match[1]]
        value = _stated(meaning, form, numbers)
        if kind == "change_percent":
            assert last, "compared with last year"
            before = Decimal(_stated(meaning, form, last))
            change = abs(value - before) / before * 100
            return str(change.quantize(Decimal("0.1"), ROUND_HALF_UP))
        return _plain(value)

    return re.sub(r"\{([^}]+)\}", figure, text)


def _stated(meaning: str, form: Form, numbers: Numbers) -> Number:
    """The figure that a term means: an address, of requests without its column, or that of a group of rows."""
    if meaning.startswith("processing_fee."):
        return numbers[meaning]
    table, _, rest = meaning.partition(".")
    row, column = (rest, "total") if table == "requests" else tuple(rest.rsplit(".", 1))
    node = form.tables[table].find(row, "row")
    rows = [row] if node is None else [str(leaf.key) for leaf in node.leaves()]
    if (table, row) == ("disputes", "litigation"):
        rows = ["direct_suit", "suit_after_reconsideration"]
    addresses = [f"{table}.{each}.{column}" for each in rows]
    assert all(address in form.cells for address in addresses), meaning
    return sum(numbers[address] for address in addresses)


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


def cells_file(filing: Filing) -> str:
    """`filing` as a cells file."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("cell", "value"))
    writer.writerows((name, getattr(filing, name)) for name in ("agency", "agency_code", "level", "year", "edition"))
    writer.writerows((f"facts.{key}", fact.text) for key, fact in filing.facts.items())
    writer.writerows((f"texts.{key}", "\n".join(text.text for text in texts)) for key, texts in filing.texts.items())
    writer.writerows((address, cell.raw) for address, cell in filing.cells.items())
    return stream.getvalue()


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
