"""Tidy views: frames with one row per thing that is checked, over any number of filings of one edition.

`cells`
    One row per cell of the form. Columns, all text but `filing`: `filing` (position), `address`, `table`, `kind`
    (number, blank, placeholder, unreadable, or missing where the input had no such cell), `measure` (count, amount
    or change), `value` (plain writing of the number, else empty), `raw`. Cells that we could not read with certainty
    are left out where nothing was read: that is a doubt, not a fault of the report.
`reports`
    One row per filing whose year is known. Columns, all text but `filing`: `filing` (position), `year`, `edition` (of
    the form that it is made on), `applicable` (the edition that applies to its year).
`sums`
    One row per equation (=): its operands `op_1`, `op_2` …, float64, signed so that they must add up to zero. Those of
    equations with fewer operands than others are filled up with zeros, which add nothing: a view for each number of
    operands would cost a validation each.
`pairs`
    One row per inequality, and two per equation with a tolerance: `greater` must not be below `smaller`.

No view holds a verdict or a difference: the arithmetic is left to Great Expectations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pandas as pd

from gongkai.filing import Filing, decimal_text
from gongkai.forms import Form, form_for_year
from gongkai.rules import VIEWS, Equation, can_be_run, condition
from gongkai.rules.equations import PREVIOUS, Number


def cells_view(filings: Sequence[Filing], form: Form) -> pd.DataFrame:
    """The view `cells` of filings that are all made on `form`."""
    rows = [row for position, filing in enumerate(filings) for row in _cells(position, filing, form)]
    return pd.DataFrame(rows, columns=["filing", *VIEWS["cells"]])


def _cells(position: int, filing: Filing, form: Form) -> Iterator[tuple[object, ...]]:
    doubted = filing.doubted
    for address, spec in form.cells.items():
        cell = filing.cells.get(address)
        kind = cell.kind if cell else "missing"
        if address in doubted and kind in ("missing", "unreadable"):
            continue
        value = "" if cell is None or cell.value is None else decimal_text(Decimal(cell.value))
        yield position, address, spec.table, kind, spec.kind, value, cell.raw if cell else ""


def reports_view(filings: Sequence[Filing]) -> pd.DataFrame:
    """The view `reports` of filings."""
    rows = [
        (position, str(filing.year), filing.edition, form_for_year(filing.year).edition)
        for position, filing in enumerate(filings)
        if filing.year is not None
    ]
    return pd.DataFrame(rows, columns=["filing", *VIEWS["reports"]])


@dataclass(frozen=True, slots=True)
class Row:
    """An equation for one filing: what a row of a balance view stands for."""

    filing: int
    equation: Equation


@dataclass(slots=True)
class Balances:
    """The balance views of some filings, and the equations that they leave out because an operand is no number."""

    views: dict[str, pd.DataFrame] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    not_assessable: list[Row] = field(default_factory=list)


Lookup = Callable[[str], Number | None]


def lookup(filing: Filing, previous: Filing | None) -> Lookup:
    """Numbers by the address of an operand; None where a cell holds none."""

    def number(address: str) -> Number | None:
        if not address.startswith(PREVIOUS):
            return filing.number(address)
        return previous.number_as(address.removeprefix(PREVIOUS), filing.edition) if previous else None

    return number


def balances(filings: Sequence[Filing], previous: Sequence[Filing | None], equations: Sequence[Equation]) -> Balances:
    """The balance views of `equations` over `filings`; `previous` holds last year's filing of each, or None."""
    form = filings[0].form
    conditions = [condition(equation, form) for equation in equations]
    found = Balances()
    lines: dict[str, list[list[float]]] = defaultdict(list)
    rows: dict[str, list[Row]] = defaultdict(list)
    for position, (filing, last) in enumerate(zip(filings, previous, strict=True)):
        number = lookup(filing, last)
        for equation, when in zip(equations, conditions, strict=True):
            if not can_be_run(equation, when, form, last):
                continue
            row = Row(position, equation)
            operands = equation.operands + (when.operands if when else ())
            if any(number(address) is None for address in operands):
                found.not_assessable.append(row)
            elif when is None or when.holds(certain(number)):
                for view, line in _lines(equation, certain(number)):
                    lines[view].append(line)
                    rows[view].append(row)
    for view, ragged in lines.items():
        width = max(map(len, ragged))
        matrix = np.array([line + [0.0] * (width - len(line)) for line in ragged])
        columns = ["greater", "smaller"] if view == "pairs" else [f"op_{number}" for number in range(1, width + 1)]
        found.views[view] = pd.DataFrame(matrix, columns=columns)
        found.rows[view] = rows[view]
    return found


def certain(number: Lookup) -> Callable[[str], Number]:
    """`number` for operands that are known to be numbers."""

    def value(address: str) -> Number:
        found = number(address)
        assert found is not None, "equations with an operand that is no number are split off before"
        return found

    return value


def _lines(equation: Equation, number: Callable[[str], Number]) -> Iterator[tuple[str, list[float]]]:
    tolerance = equation.rule.tolerance
    if equation.relation == "=" and not tolerance:
        sides = [(1, equation.left), (-1, equation.right)]
        line = [
            sign * coefficient * (number(address) if address else 1)
            for sign, side in sides
            for coefficient, address in side.operands()
        ]
        # Floats add whole numbers exactly, and no fractions: what balances to the last digit would not add up to zero.
        digits = max(-int(Decimal(each).as_tuple().exponent) for each in line)
        yield "sums", [float(each * 10 ** max(digits, 0)) for each in line]
        return
    left, right = float(equation.left.value(number)), float(equation.right.value(number))
    if equation.relation in ("=", ">="):
        yield "pairs", [left + tolerance, right]
    if equation.relation in ("=", "<="):
        yield "pairs", [right + tolerance, left]
