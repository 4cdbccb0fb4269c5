"""Views of the figures that the prose states: against the tables, against each other, processing fees."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from gongkai.consistency.lines import Absent, Line, Subject, of_prose
from gongkai.filing import Number, decimal_text
from gongkai.narrative import Claim
from gongkai.rules.equations import PREVIOUS
from gongkai.wording import LAST_YEAR

COMPARED = ("match", "mismatch", "not_assessable")
"""The verdicts of claims that the tables can speak to."""

AMOUNT, CASES = "processing_fee.amount_yuan", "processing_fee.cases"
FEES = "disclosure.fees.amount"
UNPAID = "requests.other.fee_unpaid.total"
YUAN = 10000
"""Yuan in the unit of table 2's amounts."""


@of_prose
def stated(subject: Subject) -> Iterator[Line | Absent]:
    """The view `claims`."""
    if subject.previous is None:
        yield Absent("previous", {"kind": "change"})
    for claim in subject.claims:
        if claim.verdict not in COMPARED or claim.meaning is None or claim.kind == "parts":
            continue
        nearest = None if claim.computed is None else _nearest(claim)
        values: dict[str, object] = {"kind": claim.kind, "subject": claim.subject, "group": _group(claim.subject)}
        values |= {"column": claim.meaning.partition("@")[2], "wording": claim.wording}
        values |= {"stated": nearest, "computed": claim.computed}
        # Of a claim without figure nothing is stated but what it must come to.
        left = claim.value if claim.value is not None else nearest
        unknown = claim.verdict == "not_assessable"
        yield Line(values=values, left=left, right=claim.computed, unknown=unknown, **_place(subject, claim))


def _group(subject: str) -> str:
    """Table and first row of a meaning, or of the first of several that are added."""
    return ".".join(subject.partition("+")[0].removeprefix(LAST_YEAR).split(".")[:2])


def _nearest(claim: Claim) -> Number:
    """Of the numbers that the words allow, the one nearest to what the tables come to."""
    computed = claim.computed
    if computed is not None and claim.low is not None and computed < claim.low:
        return claim.low
    if computed is not None and claim.high is not None and computed > claim.high:
        return claim.high
    return computed


@of_prose
def parts(subject: Subject) -> Iterator[Line | Absent]:
    """The view `parts`."""
    fees = {(each.text, each.passage, each.value) for meaning in (AMOUNT, CASES) for each in _of(subject, meaning)}
    for claim in subject.claims:
        if claim.kind == "parts" and claim.computed is not None:
            is_fee = claim.subject == CASES or (claim.text, claim.passage, claim.value) in fees
            family = "processing_fee" if is_fee else "other"
            values = {"family": family, "stated": claim.value, "computed": claim.computed}
            yield Line(values=values, left=claim.value, right=claim.computed, **_place(subject, claim))


@of_prose
def repeated(subject: Subject) -> Iterator[Line | Absent]:
    """The view `repeated`: figures stated without reserve; of two that both agree with the tables, none is wrong."""
    groups: dict[str, list[Claim]] = {}
    for claim in subject.claims:
        if claim.meaning and claim.kind in ("figure", "zero") and claim.exact and claim.verdict != "not_comparable":
            groups.setdefault(claim.meaning, []).append(claim)
    for meaning, claims in groups.items():
        different = list({claim.value: claim for claim in reversed(claims)}.values())[::-1]
        for first, second in combinations(different or claims[:1], 2):
            family = meaning.partition(".")[0]
            # One text may tell of fees that were asked for and of those that were paid.
            same_text = family == "processing_fee" and first.text == second.text
            if same_text or first.verdict == second.verdict == "match":
                continue
            values: dict[str, object] = {"family": family, "meaning": meaning}
            values |= {"first": first.value, "second": second.value}
            place = _place(subject, second) | {"quote": f"{first.quote} / {second.quote}"}
            yield Line(values=values, left=first.value, right=second.value, **place)


@of_prose
def fees(subject: Subject) -> Iterator[Line | Absent]:
    """The view `fees`."""
    for claim in _of(subject, AMOUNT):
        if claim.value:
            yield Line(
                values={"amount": decimal_text(Decimal(claim.value))}, left=claim.value, **_place(subject, claim)
            )


@of_prose
def charged(subject: Subject) -> Iterator[Line | Absent]:
    """The view `charged`."""
    number = subject.filing.number(FEES)
    for claim in _of(subject, AMOUNT):
        if claim.value and FEES in subject.filing.form.cells:
            values = {"yuan": claim.value, "fees": None if number is None else number * YUAN}
            place = _place(subject, claim) | {"cells": (FEES,)}
            yield Line(values=values, left=claim.value, right=values["fees"], unknown=number is None, **place)


@of_prose
def uncharged(subject: Subject) -> Iterator[Line | Absent]:
    """The view `uncharged`."""
    unpaid = subject.filing.number(UNPAID)
    for claim in _of(subject, AMOUNT):
        if claim.value == 0 and UNPAID in subject.filing.form.cells:
            place = _place(subject, claim) | {"cells": (UNPAID,)}
            yield Line(values={"unpaid": unpaid}, right=unpaid, unknown=unpaid is None, **place)


def _of(subject: Subject, meaning: str) -> Iterator[Claim]:
    return (each for each in subject.claims if each.meaning == meaning and each.kind in ("figure", "zero"))


def _place(subject: Subject, claim: Claim) -> dict[str, Any]:
    assert claim.text is not None, "claims of a filing stand in one of its texts"
    return {
        "cells": tuple(each for each in claim.cells if not each.startswith(PREVIOUS)),
        "text": claim.text,
        "passage": claim.passage,
        "span": (claim.start, claim.end),
        "quote": claim.quote,
        "source": subject.filing.texts[claim.text][claim.passage].source,
    }
