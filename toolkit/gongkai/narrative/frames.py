"""What the words about a figure say that it counts: the last noun decides, and the nearest row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from gongkai.narrative.lexicon import Token, patterns
from gongkai.narrative.spoken import Spoken
from gongkai.narrative.statements import coordinates

CHANNELS = ("reconsideration", "litigation", "direct_suit", "suit_after_reconsideration")
DOCUMENTS = ("normative_documents", "regulations")
DECISIONS = ("licences", "penalties", "coercion")
MONEY = ("processing_fee", "notice", "fees", "charge")
ENTRIES = ("received", "carried_in", "received+carried_in", "processed", "carried_out", "handled")
"""The rows of the requests' table that are no outcome."""
BOTH = "received+carried_in"
WEAK = ("application", "charge", "information")
"""Nouns that say little beside another one."""
NEAR = 3
"""Characters between a word for carrying over and the year that it goes with."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is spoken of, and by which words."""

    key: str
    token: Token
    strict: bool

    @property
    def is_outcome(self) -> bool:
        return self.key not in ENTRIES


@cache
def _split(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=len, reverse=True))


def left_over(text: str, words: str) -> str:
    """What of `text` is left without filling words."""
    for word in _split(words):
        text = text.replace(word, "")
    return text


def adjoins(noun: Token, figure: Token, text: str) -> bool:
    """Whether only filling words stand between a noun and its figure."""
    return not left_over(text[noun.end : figure.start], patterns().between)


def heads(tokens: Sequence[Token]) -> list[Token]:
    """The nouns that are spoken of side by side at the end of `tokens`; the last noun of each decides."""
    found: list[Token] = []
    for part in reversed(list(coordinates(tokens))):
        nouns = [each for each in part if each.kind == "noun"]
        sure = [each for each in nouns if each.value not in WEAK] or nouns
        if nouns and nouns[-1].value == "information" and sure[-1].value != "request":
            # Information about something is not that itself.
            sure = nouns
        if not sure:
            if found:
                break
            continue
        if found and not _alike(sure[-1].value, found[0].value):
            break
        # "Suits brought directly" says it before its noun.
        suits = [each for each in sure if each.value in CHANNELS[2:]]
        found.insert(0, suits[-1] if suits and sure[-1].value == "litigation" else sure[-1])
    return found


def _alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in (CHANNELS, DOCUMENTS, DECISIONS))


def is_topical(text: str, spoken: Spoken) -> bool:
    """Whether requests are told by what they ask for, whatever words that is made of: "concerning legal aid"."""
    signs, end = patterns().signs, spoken.figure.start
    start = max(text.rfind(each, 0, end) + 1 for each in (*signs["clauses"], *signs["sentences"]))
    said = re.search(signs["about"], text[start:end])
    if said is None:
        return False
    first, last = start + said.start(1), start + said.end(1)
    near = (each for each in spoken.before if each.start <= first < each.end)
    named = (each for each in near if each.kind in ("row", "column") or each.value in CHANNELS)
    whole = any(not left_over(text[each.end : last], patterns().between) for each in named)
    return not whole and not any(first <= each.start < last for each in spoken.before if each.value == "request")


def rows(tokens: Sequence[Token]) -> list[Row]:
    """The rows of the requests' table that `tokens` speak of: those carried over go before outcomes, these before all.

    In the order of the words.
    """
    carried = _carried(tokens)
    if carried:
        taken = [
            Row(each.value, each, each.strict) for each in tokens if each.kind == "row" and each.value == "received"
        ]
        return [*[row for row in taken if row.strict or row.token.start < carried[0].token.start], *carried]
    told = [Row(each.value, each, each.strict) for each in tokens if each.kind == "row"]
    outcomes = [row for row in told if row.is_outcome]
    if outcomes:
        return outcomes
    if told:
        return told
    left = [Row("carried_out", each, False) for each in tokens if each.kind == "unfinished"]
    return left or [Row("handled", each, False) for each in tokens if each.kind == "handled"]


def _carried(tokens: Sequence[Token]) -> list[Row]:
    """What was carried in or out: the nearest year says which."""
    if not any(each.kind in ("carry", "next") for each in tokens):
        return []
    found = []
    marks = [each for each in tokens if each.kind in ("last", "next", "year")]
    for token in (each for each in tokens if each.kind == "carry"):
        near = [mark for mark in marks if _apart(mark, token) <= NEAR]
        whole = len(token.value) > 1 and token.value not in patterns().marks["moved"]
        if near:
            mark = min(near, key=lambda each: _apart(each, token))
            found.append(Row(_direction(mark, token), token, True))
        elif whole and marks:
            found.append(Row(_direction(marks[-1], token), token, False))
        elif whole:
            found.append(Row("carried_out", token, False))
    if not found:
        continuing = [each for each in tokens if each.kind in ("continued", "handled") or each.value == "processed"]
        found = [Row("carried_out", each, False) for each in tokens if each.kind == "next" and continuing]
    return found


def goes_with_carrying(year: Token, tokens: Sequence[Token]) -> bool:
    """Whether a year only tells from or to when something was carried over."""
    return any(each.kind == "carry" and _apart(year, each) <= NEAR for each in tokens)


def _apart(one: Token, other: Token) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _direction(mark: Token, token: Token) -> str:
    if mark.kind == "year":
        return "carried_in" if mark.start < token.start else "carried_out"
    return "carried_in" if mark.kind == "last" else "carried_out"


def columns(tokens: Sequence[Token]) -> list[Token]:
    """The kinds of applicants that are spoken of; none where all are."""
    found = [each for each in tokens if each.kind == "column"]
    kinds = {each.value for each in found}
    if "natural_person" in kinds and kinds & {"organisations", "other_organisation"}:
        return []
    return found


def meaning_of(row: str, column: str | None = None) -> str:
    """A meaning in the requests' table."""
    terms = "+".join(f"requests.{each}" for each in row.split("+"))
    return f"{terms}@{column}" if column else terms


@cache
def joining() -> str:
    """The words that join, and those read through between what they join."""
    own = patterns()
    marks = (own.marks[each] for each in ("joined", "last", "next", "timely"))
    return " ".join((*marks, own.between, own.nouns["application"]))
