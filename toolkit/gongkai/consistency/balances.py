"""The balances as tidy views: one row per equation or inequality, over any number of filings of one edition.

`sums`
    One row per equation (=): its operands `op_1`, `op_2` …, float64, signed so that they must add up to zero. Those of
    equations with fewer operands than others are filled up with zeros, which add nothing: a view for each number of
    operands would cost a validation each.
`pairs`
    One row per inequality, and two per equation with a tolerance: `greater` must not be below `smaller`.

No view holds a verdict or a difference: the arithmetic is left to Great Expectations.

Rows are laid out by the column, for all filings at once. Floats add whole numbers exactly as long as they are small
enough; where they do not, for fractions above all, rows are laid out one by one in plain arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gongkai.consistency.lines import Subject
from gongkai.consistency.numbers import certain, lookup, matrix
from gongkai.rules import Equation, Rule, can_be_run, condition
from gongkai.rules.equations import Number

LIMIT = 2**53
"""Whole numbers below are floats, and so are their sums."""

Mask = NDArray[np.bool_]
Applies = Callable[[Rule, int], bool]
"""Whether a rule is for the filing at a position."""


class Row(NamedTuple):
    """An equation for one filing: what a row of a balance view stands for."""

    filing: int
    equation: Equation


class Rows(Sequence[Row]):
    """What the rows of a view stand for: for each equation in turn, some filings."""

    def __init__(self) -> None:
        self._parts: list[tuple[Equation, NDArray[np.int64]]] = []
        self._ends: list[int] = []

    def add(self, equation: Equation, filings: NDArray[np.int64]) -> None:
        """As many rows more."""
        self._parts.append((equation, filings))
        self._ends.append(len(self) + len(filings))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        place = range(len(self))[place]
        part = int(np.searchsorted(self._ends, place, side="right"))
        equation, filings = self._parts[part]
        return Row(int(filings[place - self._ends[part]]), equation)


@dataclass(slots=True)
class Balances:
    """The balance views of some filings, and the equations that they leave out because an operand is no number."""

    views: dict[str, pd.DataFrame] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))
    not_assessable: Rows = field(default_factory=Rows)


def _always(_rule: Rule, _position: int) -> bool:
    return True


def balances(subjects: Sequence[Subject], equations: Sequence[Equation], applies: Applies = _always) -> Balances:
    """The balance views of `equations` over filings, of each rule for those that it `applies` to."""
    plan = _Plan(subjects, equations)
    found = Balances()
    blocks: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for equation, when in plan.conditions.items():
        chosen = plan.can_be_run(equation) & _chosen(equation.rule, len(subjects), applies)
        known = plan.known(equation)
        found.not_assessable.add(equation, np.flatnonzero(chosen & ~known))
        plain = plan.adds_exactly(equation)
        rows = np.flatnonzero(chosen & known & plain)
        if when:
            rows = rows[np.broadcast_to(_holds(when, plan.numbers(rows)), len(rows))]
        for view, block in _blocks(equation, plan.numbers(rows), len(rows)):
            found.rows[view].add(equation, rows)
            blocks[view].append(block)
        for position in np.flatnonzero(chosen & known & ~plain).tolist():
            number = certain(lookup(subjects[position].filing, subjects[position].previous))
            if when is None or when.holds(number):
                for view, line in _lines(equation, number):
                    found.rows[view].add(equation, np.array([position]))
                    blocks[view].append(np.array([line]))
    found.views = {view: _frame(view, each) for view, each in blocks.items() if len(found.rows[view])}
    return found


def _chosen(rule: Rule, count: int, applies: Applies) -> Mask:
    if not rule.agencies.model_fields_set:
        return np.ones(count, dtype=bool)
    return np.array([applies(rule, position) for position in range(count)])


class _Plan:
    """What is asked of the numbers of some filings, and those numbers."""

    def __init__(self, subjects: Sequence[Subject], equations: Sequence[Equation]) -> None:
        self._form = subjects[0].filing.form
        self.conditions = {equation: condition(equation, self._form) for equation in equations}
        operands = list(dict.fromkeys(address for each in equations for address in self._operands(each)))
        self._columns = {address: number for number, address in enumerate(operands)}
        self._matrix = matrix(subjects, operands)
        self._editions = [each.previous.edition if each.previous else None for each in subjects]
        self._last = dict(zip(self._editions, (each.previous for each in subjects), strict=True))

    def _operands(self, equation: Equation) -> tuple[str, ...]:
        when = self.conditions[equation]
        return equation.operands + (when.operands if when else ())

    def _block(self, equation: Equation) -> NDArray[np.float64]:
        return self._matrix[:, [self._columns[each] for each in self._operands(equation)]]

    def can_be_run(self, equation: Equation) -> Mask:
        """For which filings last year's is there and comparable, if it is asked for."""
        when = self.conditions[equation]
        fitting = {edition for edition, last in self._last.items() if can_be_run(equation, when, self._form, last)}
        if len(fitting) == len(self._last):
            return np.ones(len(self._matrix), dtype=bool)
        return np.array([edition in fitting for edition in self._editions])

    def known(self, equation: Equation) -> Mask:
        """For which filings all operands are numbers."""
        found: Mask = np.logical_not(np.isnan(self._block(equation)).any(axis=1))
        return found

    def adds_exactly(self, equation: Equation) -> Mask:
        """For which filings floats compute both sides without rounding."""
        block, when = self._block(equation), self.conditions[equation]
        weights = [
            sum(abs(coefficient) for side in (each.left, each.right) for coefficient, _ in side.operands())
            + each.rule.tolerance
            for each in (equation, when)
            if each
        ]
        weight = max(1, *weights)
        found: Mask = ((block == np.rint(block)) & (np.abs(block) < LIMIT / weight)).all(axis=1)
        return found

    def numbers(self, rows: NDArray[np.int64]) -> Callable[[str], Any]:
        """The column of an operand, for some of the filings."""
        return lambda address: self._matrix[rows, self._columns[address]]


def _holds(equation: Equation, number: Callable[[str], Any]) -> Any:
    """`Equation.holds` for whole columns of numbers."""
    delta, tolerance = equation.delta(number), equation.rule.tolerance
    above, below = delta > tolerance, delta < -tolerance
    return np.logical_not({"=": above | below, "<=": above, ">=": below}[equation.relation])


def _blocks(equation: Equation, number: Callable[[str], Any], count: int) -> Iterator[tuple[str, Any]]:
    """The rows of an equation in the views, for whole columns of numbers."""
    if _is_sum(equation):
        yield "sums", np.column_stack([np.broadcast_to(each, count) for each in _signed(equation, number)])
        return
    for sides in _pairs(equation, number):
        yield "pairs", np.column_stack([np.broadcast_to(np.asarray(each, dtype=float), count) for each in sides])


def _lines(equation: Equation, number: Callable[[str], Number]) -> Iterator[tuple[str, list[float]]]:
    """The rows of an equation in the views, for numbers that floats do not add exactly."""
    if _is_sum(equation):
        line = _signed(equation, number)
        # What balances to the last digit would not add up to zero: such numbers are made whole.
        digits = max(-int(Decimal(each).as_tuple().exponent) for each in line)
        yield "sums", [float(each * 10 ** max(digits, 0)) for each in line]
        return
    for sides in _pairs(equation, number):
        yield "pairs", [float(each) for each in sides]


def _is_sum(equation: Equation) -> bool:
    return equation.relation == "=" and not equation.rule.tolerance


def _signed(equation: Equation, number: Callable[[str], Any]) -> list[Any]:
    """The operands, those of the right side negated."""
    return [
        sign * coefficient * (number(address) if address else 1)
        for sign, side in ((1, equation.left), (-1, equation.right))
        for coefficient, address in side.operands()
    ]


def _pairs(equation: Equation, number: Callable[[str], Any]) -> Iterator[tuple[Any, Any]]:
    """What must not be smaller, and than what."""
    left, right, tolerance = equation.left.value(number), equation.right.value(number), equation.rule.tolerance
    if equation.relation in ("=", ">="):
        yield left + tolerance, right
    if equation.relation in ("=", "<="):
        yield right + tolerance, left


def _frame(view: str, blocks: Sequence[NDArray[np.float64]]) -> pd.DataFrame:
    width = max(block.shape[1] for block in blocks)
    found = np.zeros((sum(map(len, blocks)), width))
    end = 0
    for block in blocks:
        found[end : end + len(block), : block.shape[1]] = block
        end += len(block)
    columns = ["greater", "smaller"] if view == "pairs" else [f"op_{number}" for number in range(1, width + 1)]
    return pd.DataFrame(found, columns=columns)
