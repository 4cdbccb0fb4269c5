"""The numbers of many filings as one matrix, and those of last year by what is the same in this year's form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from gongkai.consistency.lines import Subject
from gongkai.filing import Cell, Filing
from gongkai.forms import counterparts
from gongkai.rules.equations import PREVIOUS, Number

Floats = NDArray[np.float64]

_MISSING = Cell(None, "missing", "")  # type: ignore[arg-type]  # a kind of no cell that was read
_value = attrgetter("value")

Lookup = Callable[[str], Number | None]


def lookup(filing: Filing, previous: Filing | None) -> Lookup:
    """Numbers by the address of an operand; None where a cell holds none."""

    def number(address: str) -> Number | None:
        if not address.startswith(PREVIOUS):
            return filing.number(address)
        return previous.number_as(address.removeprefix(PREVIOUS), filing.edition) if previous else None

    return number


def certain(number: Lookup) -> Callable[[str], Number]:
    """`number` for operands that are known to be numbers."""

    def value(address: str) -> Number:
        found = number(address)
        assert found is not None, "equations with an operand that is no number are split off before"
        return found

    return value


def matrix(subjects: Sequence[Subject], operands: Sequence[str]) -> Floats:
    """A row for each of some filings of one edition, a column for each operand; NaN where there is no number."""
    this = [each for each in operands if not each.startswith(PREVIOUS)]
    last = [each for each in operands if each.startswith(PREVIOUS)]
    found = np.full((len(subjects), len(operands)), np.nan, order="F")
    found[:, [operands.index(each) for each in this]] = _numbers([each.filing for each in subjects], this)
    edition = subjects[0].filing.edition
    columns = [operands.index(each) for each in last]
    for other in {each.previous.edition for each in subjects if each.previous}:
        chosen = [number for number, each in enumerate(subjects) if each.previous and each.previous.edition == other]
        filings = [previous for number in chosen if (previous := subjects[number].previous)]
        addends = [counterparts(each.removeprefix(PREVIOUS), edition, other) for each in last]
        wanted = list(dict.fromkeys(address for each in addends for address in each))
        numbers = _numbers(filings, wanted)
        for column, each in zip(columns, addends, strict=True):
            if each:
                found[chosen, column] = numbers[:, [wanted.index(address) for address in each]].sum(axis=1)
    return found


def _numbers(filings: Sequence[Filing], addresses: Sequence[str]) -> Floats:
    rows = [[*map(_value, cells_of(filing, addresses))] for filing in filings]
    return np.array(rows, dtype=np.float64).reshape(len(filings), len(addresses))


def cells_of(filing: Filing, addresses: Iterable[str]) -> Iterator[Cell]:
    """The cells at some addresses; one of kind "missing" where a filing has none."""
    return map(filing.cells.get, addresses, repeat(_MISSING))
