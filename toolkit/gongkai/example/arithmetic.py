"""The arithmetic of a year in which everything balances: what is left over, what rolls forward, what adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from pydantic import Field

from gongkai.authored import Model
from gongkai.filing import Cell, decimal_text
from gongkai.forms import Form
from gongkai.intake.numbers import read_cell

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_organisation")
FLOWS = ("received", "carried_in", "processed", "carried_out")

Number = int | Decimal
Numbers = Counter[str]
"""Figures by address; what is absent is zero. Amounts of money are decimals."""


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


class Tables(Model):
    """An agency's figures of a year. Of tables 3 and 4 only what is not zero is given, and no totals.

    `requests` holds for each applicant the rows; what was carried in is given for the first year only, and what is
    carried out is what is left.
    """

    disclosure: Disclosure = Disclosure()
    requests: dict[str, dict[str, int]] = Field(default_factory=dict)
    disputes: dict[str, dict[str, int]] = Field(default_factory=dict)
    processing_fee: dict[str, int] = Field(default_factory=dict)


def numbers_of(tables: Tables, last: Numbers | None) -> Numbers:
    """All figures of a year, from what is given of it and from all figures of the year before."""
    numbers = _disclosure(tables.disclosure, last)
    numbers += _requests(tables.requests, last)
    for channel, results in tables.disputes.items():
        numbers += Counter({f"disputes.{channel}.{result}": count for result, count in results.items()})
        numbers[f"disputes.{channel}.total"] = sum(results.values())
    return numbers + Counter({f"processing_fee.{key}": value for key, value in tables.processing_fee.items()})


def _disclosure(source: Disclosure, last: Numbers | None) -> Numbers:
    numbers: Numbers = Counter()
    for kind in ("regulations", "normative_documents"):
        documents: Documents = getattr(source, kind)
        before = last[f"disclosure.{kind}.in_force"] if last is not None else 0
        rolled = before + documents.made - documents.repealed
        assert last is None or documents.in_force is None, "follows from last year"
        numbers[f"disclosure.{kind}.made"] = documents.made
        numbers[f"disclosure.{kind}.repealed"] = documents.repealed
        numbers[f"disclosure.{kind}.in_force"] = rolled if last is not None else documents.in_force or 0
    for kind in ("licences", "penalties", "coercion"):
        numbers[f"disclosure.{kind}.decisions"] = getattr(source, kind)
    numbers["disclosure.fees.amount"] = source.fees  # type: ignore[assignment]  # a Counter adds decimals as well
    return numbers


def _requests(source: Mapping[str, Mapping[str, int]], last: Numbers | None) -> Numbers:
    assert set(source) <= set(APPLICANTS), "an applicant that the form does not have"
    numbers: Numbers = Counter()
    for applicant in APPLICANTS:
        rows = Counter(source.get(applicant, {}))
        if last is not None:
            assert "carried_in" not in rows, "follows from last year"
            rows["carried_in"] = last[f"requests.carried_out.{applicant}"]
        rows["processed"] = sum(count for row, count in rows.items() if row not in FLOWS)
        rows["carried_out"] = rows["received"] + rows["carried_in"] - rows["processed"]
        assert rows["carried_out"] >= 0, f"{applicant}: more processed than there were"
        for row, count in rows.items():
            numbers[f"requests.{row}.{applicant}"] = count
            numbers[f"requests.{row}.total"] += count
    return numbers


def summed(all_numbers: Iterable[Numbers]) -> Numbers:
    """The figures of several agencies together."""
    total: Numbers = Counter()
    for numbers in all_numbers:
        total.update(numbers)
    return total


def plain(value: Number) -> str:
    """A figure as it is written."""
    return decimal_text(Decimal(value))


def cells_of(form: Form, numbers: Numbers) -> dict[str, Cell]:
    """Every cell of `form`, filled with `numbers`."""
    strange = [key for key in numbers if key not in form.cells and not key.startswith("processing_fee.")]
    assert not strange, strange
    return {address: read_cell(plain(numbers[address]), spec) for address, spec in form.cells.items()}
