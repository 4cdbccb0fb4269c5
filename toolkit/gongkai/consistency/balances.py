"""The balances as tidy views: one row per equation or inequality, over any number of filings of one edition.

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

from gongkai.consistency.lines import Subject
from gongkai.filing import Filing
from gongkai.rules import Equation, Rule, can_be_run, condition
from gongkai.rules.equations import PREVIOUS, Number


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


def _always(_rule: Rule, _position: int) -> bool:
    return True


def balances(
    subjects: Sequence[Subject], equations: Sequence[Equation], applies: Callable[[Rule, int], bool] = _always
) -> Balances:
    """The balance views of `equations` over filings, of each rule for those that it `applies` to."""
    form = subjects[0].filing.form
    conditions = [condition(equation, form) for equation in equations]
    found = Balances()
    lines: dict[str, list[list[float]]] = defaultdict(list)
    rows: dict[str, list[Row]] = defaultdict(list)
    for position, subject in enumerate(subjects):
        number = lookup(subject.filing, subject.previous)
        for equation, when in zip(equations, conditions, strict=True):
            if not (can_be_run(equation, when, form, subject.previous) and applies(equation.rule, position)):
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
