"""Filings for tests: random ones in which every rule of the tables holds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from gongkai.filing import Cell, Filing, decimal_text
from gongkai.forms import load_form

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_organisation")
CHANNELS = ("reconsideration", "direct_suit", "suit_after_reconsideration")
RESULTS = ("upheld", "corrected", "other", "pending")


def balanced_filing(seed: int = 0, *, year: int = 2024, agency: str = "青杉县财政局", largest: int = 40) -> Filing:
    """A random filing of the 2021 edition in which every rule of the tables holds."""
    draw = random.Random(seed)
    numbers: dict[str, int | Decimal] = {}
    for kind in ("regulations", "normative_documents"):
        made, repealed = draw.randint(0, largest), draw.randint(0, largest)
        numbers |= {
            f"disclosure.{kind}.made": made,
            f"disclosure.{kind}.repealed": repealed,
            f"disclosure.{kind}.in_force": made + draw.randint(0, largest),
        }
    for kind in ("licences", "penalties", "coercion"):
        numbers[f"disclosure.{kind}.decisions"] = draw.randint(0, largest * 100)
    numbers["disclosure.fees.amount"] = Decimal(draw.randint(0, largest * 10000)) / 10000
    numbers |= _requests(draw, largest)
    for channel in CHANNELS:
        results = {result: draw.randint(0, largest) for result in RESULTS}
        numbers |= {f"disputes.{channel}.{result}": count for result, count in results.items()}
        numbers[f"disputes.{channel}.total"] = sum(results.values())
    return filing_of(numbers, year=year, agency=agency)


def _requests(draw: random.Random, largest: int) -> dict[str, int | Decimal]:
    outcomes = [
        row.key or ""
        for row in load_form("2021").tables["requests"].bands[0].leaf_rows
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


def filing_of(numbers: Mapping[str, int | Decimal], *, year: int | None = 2024, agency: str | None = None) -> Filing:
    """The filing of the 2021 edition that holds `numbers`; other cells are zero."""
    form = load_form("2021")
    cells = {}
    for address, spec in form.cells.items():
        value = numbers.get(address, 0 if spec.kind == "count" else Decimal(0))
        cells[address] = Cell(value, "number", decimal_text(Decimal(value)))
    return Filing(edition="2021", cells=cells, year=year, agency=agency, level="department")


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
