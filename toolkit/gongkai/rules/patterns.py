"""Which regular expressions a rule may hold: those that cannot be tried in more ways than a text takes a moment for.

Python's engine tries one way of matching after the other, so `(a+)+b` takes years on thirty letters. How many ways
there are is counted here beforehand, from the pattern alone and at the worst: trying it out would only show one text.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

LENGTH = 1000
"""Characters of a pattern; the longest of ours has some 250."""
TEXT = 5000
"""Characters of a long section of a report."""
RUN = 20
"""Digits, white space or one of a few given characters that stand in a row in a report, at most."""
MOST = 10**10
"""Ways in which a pattern may be tried on such a text: one open repeat and some hundred alternatives."""

_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT)
_AROUND = (code.ASSERT, code.ASSERT_NOT)
_STARTS = (code.AT_BEGINNING, code.AT_BEGINNING_STRING)


class PatternError(ValueError):
    """A pattern that no rule may hold: the key of the sentence that says why, and what it is filled with."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class _Cost(NamedTuple):
    ways: int
    """In how many ways it matches from one place on, at most."""
    work: int
    """How many steps trying all of them takes, at most."""


def check_pattern(text: str) -> None:
    """Raises PatternError for what is no regular expression, or none that a rule may hold."""
    if len(text) > LENGTH:
        raise PatternError("pattern_long", text=text[:40] + "…", limit=str(LENGTH))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of what may be meant otherwise
            re.compile(text)
            parsed = parser.parse(text)
            # Whatever refers back to a group needs one that captures.
            cost = _sequence(parsed) if parsed.state.groups == 1 else None
    except (re.error, OverflowError, RecursionError, Warning) as error:
        problem = str(error) or type(error).__name__
        raise PatternError("not_a_pattern", text=text, problem=problem) from None
    if cost is None:
        raise PatternError("pattern_group", text=text)
    first = next(iter(parsed), None)
    starts = 1 if first and first[0] is code.AT and first[1] in _STARTS else TEXT
    if starts * cost.work > MOST:
        raise PatternError("pattern_slow", text=text)


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Cost:
    ways, work = 1, 0
    for kind, value in items:
        each = _item(kind, value)
        # Whatever comes after is tried again for each way of what comes before.
        work = _bounded(work + ways * each.work)
        ways = _bounded(ways * each.ways)
    return _Cost(ways, work)


def _item(kind: Any, value: Any) -> _Cost:
    if kind is code.BRANCH:
        costs = [_sequence(each) for each in value[1]]
        return _Cost(_bounded(sum(each.ways for each in costs)), _bounded(sum(each.work for each in costs) + 1))
    if kind is code.SUBPATTERN:
        return _sequence(value[3])
    if kind in _AROUND or kind is code.ATOMIC_GROUP:
        inner = _sequence(value if kind is code.ATOMIC_GROUP else value[1])
        return _Cost(1, inner.work + 1)
    if kind in _REPEATS or kind is code.POSSESSIVE_REPEAT:
        cost = _repeat(*value)
        return _Cost(1, cost.work) if kind is code.POSSESSIVE_REPEAT else cost
    return _Cost(1, 1)


def _repeat(least: int, most: int, body: Iterable[tuple[Any, Any]]) -> _Cost:
    body = list(body)
    each = _sequence(body)
    times = min(int(most), RUN if _is_of_few(body) else TEXT)
    least = min(int(least), times)
    if each.ways == 1:
        return _Cost(times - least + 1, _bounded(times * each.work + 1))
    ways = 0
    for number in range(least, times + 1):
        ways = _bounded(ways + each.ways ** min(number, MOST.bit_length()))
        if ways > MOST:
            break
    return _Cost(ways, _bounded(ways * each.work * times))


def _is_of_few(body: list[tuple[Any, Any]]) -> bool:
    """Whether a repeat is of digits, white space or some given characters, and not of letters or whatever there is."""
    if len(body) != 1 or body[0][0] not in (code.LITERAL, code.IN):
        return False
    members = body[0][1] if body[0][0] is code.IN else body
    digits = (ord("0"), ord("9"))
    few = (code.CATEGORY_DIGIT, code.CATEGORY_SPACE)
    return all(
        kind is code.LITERAL or (kind is code.RANGE and value == digits) or (kind is code.CATEGORY and value in few)
        for kind, value in members
    )


def _bounded(number: int) -> int:
    """`number`, but no larger than need be to be refused."""
    return min(number, 2 * MOST)
