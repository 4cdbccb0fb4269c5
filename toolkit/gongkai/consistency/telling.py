"""What is told of a broken rule: findings, with their sentences, in the language in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gongkai.catalogues import say
from gongkai.consistency.lines import Line
from gongkai.consistency.numbers import Lookup, certain
from gongkai.errors import InternalError
from gongkai.filing import Filing, decimal_text
from gongkai.finding import Finding, Verdict, fingerprint
from gongkai.forms import Form
from gongkai.rules import Equation, Rule, condition, side_in_words
from gongkai.rules.equations import Number, Side
from gongkai.wording import cell_in_words, listed, text_in_words

QUOTE = 60
"""Characters of quoted words that a message has at most."""


def tell_balance(equation: Equation, filing: Filing, number: Lookup) -> Finding:
    """The finding of a balance that does not hold. Raises InternalError where it does hold after all."""
    value = certain(number)
    if equation.holds(value):
        # Great Expectations and the plain reading of the rule must agree, or one of them is wrong.
        raise InternalError("engines_disagree", place=equation.rule.rule, equation=equation.place)
    left, right = equation.left.value(value), equation.right.value(value)
    delta = left - right
    key = {"=": "finding.unequal", "<=": "finding.above", ">=": "finding.below"}[equation.relation]
    if equation.relation == "=" and not any(part.name for part in equation.right.parts):
        key = "finding.not_number"
    message = say(
        key,
        place=_place(equation, filing.form),
        left=_side(equation.left, number),
        right=_side(equation.right, number),
        delta=_shown(-delta if delta < 0 else delta),
    )
    operands = [_operand(filing, address, number) for address in equation.operands]
    return _finding(
        equation.rule,
        filing,
        equation.cells,
        operands,
        message=message,
        verdict="fail",
        left=left,
        right=right,
        delta=delta,
    )


def tell_not_assessable(equation: Equation, filing: Filing, number: Lookup) -> Finding:
    """The finding of a balance that cannot be checked, since an operand is no number."""
    form = filing.form
    when = condition(equation, form)
    # A condition that cannot be told may name other cells than the balance.
    asked = dict.fromkeys((*equation.cells, *(when.cells if when else ())))
    missing = [address for address in asked if number(address) is None]
    cells = tuple(dict.fromkeys((*equation.cells, *missing)))
    names = listed([cell_in_words(form, address, short=True) for address in missing])
    message = say(
        "finding.not_assessable",
        place=_place(equation, form),
        title=equation.rule.title,
        cells=names or say("finding.last_year"),
    )
    operands = [_operand(filing, address, number) for address in dict.fromkeys((*equation.operands, *missing))]
    return _finding(equation.rule, filing, cells, operands, message=message, verdict="not_assessable")


def tell_cells(rule: Rule, filing: Filing, addresses: Sequence[str]) -> Finding:
    """The finding of an expectation that cells fail; several where the rule tells them together."""
    assert rule.message, "the model demands one of an expectation"
    form, first = filing.form, filing.cells.get(addresses[0])
    message = str(rule.message).format(
        cell=cell_in_words(form, addresses[0]),
        raw=first.raw if first else "",
        value=_shown(first.value) if first and first.value is not None else "",
        table=form.tables[form.cells[addresses[0]].table].name,
        count=len(addresses),
        cells=listed([cell_in_words(form, address, short=True) for address in addresses]),
    )
    operands = [_operand(filing, address, filing.number) for address in addresses]
    return _finding(rule, filing, tuple(addresses), operands, message=message, verdict="fail")


def tell_line(rule: Rule, filing: Filing, line: Line, verdict: Verdict = "fail") -> Finding:
    """The finding of an expectation that a row of a view fails, or that cannot be assessed there."""
    assert rule.message, "the model demands one of an expectation"
    words = {name: _written(value) for name, value in line.values.items()}
    words |= {
        "text": text_in_words(filing.form, line.text) if line.text else "",
        "quote": line.quote if len(line.quote) <= QUOTE else line.quote[:QUOTE] + say("finding.cut"),
        "cells": listed([cell_in_words(filing.form, address) for address in line.cells]),
    }
    message = str(rule.message).format(**words)
    if verdict == "not_assessable":
        message = say("finding.unknown", title=rule.title, quote=words["quote"], cells=words["cells"])
    finding = _finding(rule, filing, line.cells, [*words.values()], message=message, verdict=verdict)
    delta = line.left - line.right if line.left is not None and line.right is not None else None
    return replace(
        finding,
        text=line.text,
        passage=line.passage,
        span=line.span,
        source=line.source or finding.source,
        left=line.left,
        right=line.right,
        delta=delta,
    )


def _written(value: object) -> str:
    if isinstance(value, float):
        value = Decimal(repr(value))
    return decimal_text(Decimal(value)) if isinstance(value, int | Decimal) else str("" if value is None else value)


def _finding(rule: Rule, filing: Filing, cells: tuple[str, ...], operands: Sequence[str], **told: Any) -> Finding:
    first = filing.cells.get(cells[0]) if cells else None
    who = filing.agency_code or filing.agency
    return Finding(
        rule=rule.rule,
        severity=rule.severity,
        agency=filing.agency,
        agency_code=filing.agency_code,
        year=filing.year,
        cells=cells,
        basis=rule.basis,
        source=first.source if first else None,
        fingerprint=fingerprint(rule.rule, who, filing.year, cells, operands),
        **told,
    )


def _operand(filing: Filing, address: str, number: Lookup) -> str:
    value = number(address)
    if value is not None:
        return _shown(value)
    cell = filing.cells.get(address)
    return f"{cell.kind}:{cell.raw}" if cell else "missing"


def _shown(value: Number) -> str:
    return decimal_text(Decimal(value))


def _side(side: Side, number: Lookup) -> str:
    words = side_in_words(side, certain(number))
    return (
        words if len(side.parts) == 1 else say("finding.side", words=words, value=_shown(side.value(certain(number))))
    )


def _place(equation: Equation, form: Form) -> str:
    if equation.rule.table is None:
        return str(equation.place_name)
    return say("finding.place", table=form.tables[equation.rule.table].name, place=equation.place_name)
