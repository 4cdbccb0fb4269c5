"""What a mutated workbook says: known from the mutation alone, never from how it was read."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any

from gongkai.filing import Cell, CellKind, Filing
from gongkai.forms import load_form
from gongkai.rules import equations, load_rules
from tests.mutated.samples import Sample

Reading = tuple[CellKind | None, int | Decimal | None]
"""The kind and the value of a cell; of one that is not there, no kind."""
Options = tuple[Reading, ...]

BLANK: Options = (("blank", None),)
PLACEHOLDER: Options = (("placeholder", None),)
UNREADABLE: Options = (("unreadable", None),)
GONE: Options = ((None, None), ("blank", None))


def number(value: float | Decimal) -> Options:
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return (("number", int(exact) if exact == exact.to_integral_value() else exact),)


def held(value: object) -> Options:
    """What a cell says that holds `value`, as far as mutations put it there."""
    if value is None:
        return BLANK
    return number(value) if isinstance(value, int | float | Decimal) else UNREADABLE


ANY = object()
"""A fact that may be read in any way."""


@dataclass(frozen=True)
class Said:
    """What a mutated workbook says where it was touched; all else is as it was.

    `refusal` are words of which a refusal must say one beside the name of the file, so that the place is found;
    without any, there is no reason to refuse it. `signed` are cells that need a doubt or a finding even where they
    are read as before, since the workbook says them in more than one way. `facts` may hold more than one reading.
    One that is `nobodys` is no longer known as ours: it is read by its labels, of which any may cast a doubt.
    """

    cells: Mapping[str, Options] = field(default_factory=dict)
    facts: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    refusal: tuple[str, ...] | None = None
    signed: frozenset[str] = frozenset()
    nobodys: bool = False


UNTOUCHED = Said()
BROKEN = Said(refusal=("",))
"""The file as a whole is damaged: to name it is enough."""


@dataclass(frozen=True)
class Mutated:
    """The bytes of a mutated workbook and what they say."""

    content: bytes
    said: Said


Mutation = Callable[[Sample, random.Random], Mutated]
Edit = Callable[[Any, Sample, random.Random], Said]
"""A mutation made by whoever has the workbook open."""


def reading(cell: Cell | None) -> Reading:
    return (cell.kind, cell.value) if cell else (None, None)


@cache
def guarded(edition: str) -> frozenset[str]:
    """The cells that stand in a sum: another number there is noticed. All others hold what nothing else says."""
    rules = [rule for rule in load_rules(edition) if rule.balance]
    sums = [each for rule in rules for each in equations(rule, load_form(edition)) if each.relation == "="]
    return frozenset(address for each in sums if not each.previous for address in each.operands)


def unnoticeable(sample: Sample, said: Said) -> set[str]:
    """Cells that say another number by which no rule is broken: a report as good as the original.

    By chance there are some even among those that are `guarded`. No mutation that leaves any counts.
    """
    options = {address: each for address, each in said.cells.items() if len(each) == 1}
    changed = {address for address, each in options.items() if each[0] != reading(sample.filing.cells[address])}
    numbers = {address for address in changed if options[address][0][0] == "number"}
    if not numbers:
        return set()
    cells = dict(sample.filing.cells)
    cells |= {address: Cell(each[0][1], each[0][0] or "blank", "") for address, each in options.items()}
    return numbers - _broken(replace(sample.filing, cells=cells)) - said.signed


def _broken(filing: Filing) -> set[str]:
    """The cells that break a rule, by plain arithmetic."""
    found = set()
    for address, cell in filing.cells.items():
        spec = filing.form.cells[address]
        fraction = isinstance(cell.value, Decimal) and spec.kind == "count"
        if fraction or (cell.value is not None and cell.value < 0 and spec.kind != "change"):
            found.add(address)
    for rule in load_rules(filing.edition):
        for each in equations(rule, filing.form) if rule.balance and not rule.when else ():
            numbers = {address: filing.number(address) for address in each.operands}
            known = {address: value for address, value in numbers.items() if value is not None}
            if not each.previous and (len(known) < len(numbers) or not each.holds(known.__getitem__)):
                found.update(each.operands)
    return found
