"""Filings for tests: random ones in which every rule of the tables holds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from gongkai.filing import Cell, Filing, decimal_text
from gongkai.forms import CellSpec, load_form

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_organisation")
CHANNELS = ("reconsideration", "direct_suit", "suit_after_reconsideration")
RESULTS = ("upheld", "corrected", "other", "pending")


def balanced_filing(
    seed: int = 0,
    *,
    edition: str = "2021",
    year: int | None = None,
    agency: str = "青杉县财政局",
    largest: int = 40,
) -> Filing:
    """A random filing in which every rule of the tables holds; of 2024, or the last year of an edition that has one."""
    draw = random.Random(seed)
    numbers: dict[str, int | Decimal] = {}
    for address, spec in load_form(edition).cells.items():
        if spec.table == "disclosure":
            numbers[address] = _any_number(draw, spec, largest)
    for kind in ("regulations", "normative_documents"):
        # What a rule of each edition holds against each other: the first is no more than the second.
        for new, all_there_are in (("made", "in_force"), ("newly_published", "published_total")):
            if (address := f"disclosure.{kind}.{all_there_are}") in numbers:
                numbers[address] += numbers[f"disclosure.{kind}.{new}"]
    numbers |= _requests(draw, edition, largest)
    for channel in CHANNELS:
        results = {result: draw.randint(0, largest) for result in RESULTS}
        numbers |= {f"disputes.{channel}.{result}": count for result, count in results.items()}
        numbers[f"disputes.{channel}.total"] = sum(results.values())
    return filing_of(numbers, edition=edition, year=year or load_form(edition).years.last or 2024, agency=agency)


def _any_number(draw: random.Random, spec: CellSpec, largest: int) -> int | Decimal:
    match spec.kind:
        case "amount":
            return Decimal(draw.randint(0, largest * 10000)) / 10000
        case "change":
            return draw.randint(-largest, largest)
        case "count":
            return draw.randint(0, largest * 100 if spec.column.key == "decisions" else largest)


def _requests(draw: random.Random, edition: str, largest: int) -> dict[str, int | Decimal]:
    outcomes = [
        row.key or ""
        for row in load_form(edition).tables["requests"].bands[0].leaf_rows
        if row.key not in ("received", "carried_in", "processed", "carried_out")
    ]
    rows: dict[str, list[int]] = {row: [draw.randint(0, largest) for _ in APPLICANTS] for row in outcomes}
    rows["processed"] = [sum(rows[row][number] for row in outcomes) for number in range(len(APPLICANTS))]
    rows["carried_out"] = [draw.randint(0, largest) for _ in APPLICANTS]
    both = [done + left for done, left in zip(rows["processed"], rows["carried_out"], strict=True)]
    rows["carried_in"] = [draw.randint(0, min(largest, each)) for each in both]
    rows["received"] = [each - carried for each, carried in zip(both, rows["carried_in"], strict=True)]
    numbers: dict[str, int | Decimal] = {}
    for row, counts in rows.items():
        for applicant, count in zip((*APPLICANTS, "total"), (*counts, sum(counts)), strict=True):
            numbers[f"requests.{row}.{applicant}"] = count
    return numbers


def filing_of(
    numbers: Mapping[str, int | Decimal],
    *,
    edition: str = "2021",
    year: int | None = 2024,
    agency: str | None = None,
) -> Filing:
    """The filing that holds `numbers`; other cells are zero."""
    cells = {}
    for address, spec in load_form(edition).cells.items():
        value = numbers.get(address, Decimal(0) if spec.kind == "amount" else 0)
        cells[address] = Cell(value, "number", decimal_text(Decimal(value)))
    return Filing(edition=edition, cells=cells, year=year, agency=agency, level="department")


def changed(filing: Filing, cells: Mapping[str, Cell | int | None]) -> Filing:
    """`filing` with some cells changed: to a cell, to a number, or (None) to a blank."""
    new = dict(filing.cells)
    for address, value in cells.items():
        match value:
            case Cell():
                new[address] = value
            case None:
                new[address] = Cell(None, "blank", "")
            case int():
                new[address] = Cell(value, "number", str(value))
    return replace(filing, cells=new)


def plus_one(filing: Filing, address: str) -> Filing:
    """`filing` with one more in the cell at `address`."""
    value = filing.cells[address].value
    assert isinstance(value, int)
    return changed(filing, {address: value + 1})


def without_regulations(filing: Filing) -> Filing:
    """`filing` as an agency's that may not make any."""
    return changed(filing, {address: 0 for address in filing.cells if address.startswith("disclosure.regulations.")})
