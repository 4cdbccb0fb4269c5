"""The language of the sentence templates, and what may be said of which figures.

A template is a sentence with tokens; it may be said where the conditions of all its tokens, and those it names, hold::

    {requests.received}                  the figure of a meaning, which is not zero; with a question mark it may be
    {requests.processed@organisations}   of a column; {A+B} of both together; {last_year.A} last year's
    {about:A}  {nearly:A}  {over:A}      a round number about a figure, just above it, just below it
    {zero:A,B|words}                     words that say that these are zero
    {all:A|words}                        words that say of all cases what A says; see `ALL`
    {rise:A}  {fall:A}  {flat:A|words}   by how many per cent it is more or less than last year's; that it is the same
    {more:A}  {fewer:A}                  the same in cases
    {share:A/B}                          how many per cent of B are A
    {list:NAME}                          figures one after the other, those that are not zero, of `lists`
    {agencies:A}  {channels:A}           parts that no table counts and that come to A
    {fee_parts:}                         who took what for processing requests
    {some:A}                             a part of A that no table counts
    {draw:20-60}                         a number of things that no table counts
    {@slot}                              a sentence or phrase of another slot
    {agency} {we} {year} …               words
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from pydantic import Field

from gongkai.authored import Model, load_yaml, validate
from gongkai.example.arithmetic import Number
from gongkai.example.figures import Figures

FOLDER = Path(__file__).parent
FIGURE = re.compile(r"(last_year\.)?(disclosure|requests|disputes|processing_fee)\.[a-z_.@+]+")

ALL = {
    "requests.carried_out": ("requests.processed >= 1", "requests.carried_out = 0"),
    "requests.processed": ("requests.processed >= 1", "requests.carried_out = 0"),
    "requests.received@natural_person": ("requests.received >= 1", "requests.received.organisations = 0"),
    "requests.granted": ("requests.processed >= 1", "requests.granted = requests.processed"),
    "disputes.reconsideration.upheld": (
        "disputes.reconsideration.total >= 1",
        "disputes.reconsideration.upheld = disputes.reconsideration.total",
    ),
    "disputes.litigation.upheld": (
        "disputes.litigation.total >= 1",
        "disputes.litigation.upheld = disputes.litigation.total",
    ),
    "disputes.reconsideration.pending": (
        "disputes.reconsideration.total >= 1",
        "disputes.reconsideration.pending = 0",
    ),
}
"""When words about all cases are true."""


class Template(Model):
    """A sentence that may only be said where all of `when` hold."""

    say: str
    when: tuple[str, ...] = ()


class Listed(Model):
    """Figures that are told one after the other: how each is called, how it is joined to its count and to the next."""

    names: dict[str, tuple[str, ...]]
    items: tuple[str, ...]
    separators: tuple[str, ...]
    adds_up: bool = True


class Sayings(Model):
    """What a file of templates holds."""

    conditions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    lists: dict[str, Listed] = Field(default_factory=dict)
    parts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Slots whose sentences may all only be said where conditions hold."""
    sentences: dict[str, tuple[str | Template, ...]] = Field(default_factory=dict)
    texts: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    contradictions: dict[str, dict[str, str]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """What stands in braces: ``{kind:about|words}``."""

    kind: str
    about: str
    words: str = ""

    @property
    def meanings(self) -> tuple[str, ...]:
        return tuple(re.split("[,/]", self.about))


@cache
def sayings() -> Sayings:
    """All files of templates as one."""
    whole: dict[str, dict[str, object]] = {name: {} for name in Sayings.model_fields}
    for path in sorted(FOLDER.glob("*.yaml")):
        read = validate(Sayings, load_yaml(path), file=path.name)
        for name, held in whole.items():
            more = getattr(read, name)
            assert not held.keys() & more.keys(), f"{path.name}: given twice: {held.keys() & more.keys()}"
            held.update(more)
    return Sayings.model_validate(whole)


@cache
def parsed(text: str) -> tuple[str | Token, ...]:
    """A template as words and tokens in turn."""
    pieces: list[str | Token] = []
    for place, piece in enumerate(re.split(r"\{((?:[^{}]|\{[^{}]*\})+)\}", text)):
        if place % 2:
            pieces.append(_token(piece))
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def _token(inner: str) -> Token:
    head, _, words = inner.partition("|")
    if head.startswith("@"):
        return Token("slot", head[1:])
    if FIGURE.fullmatch(head.rstrip("?")):
        return Token("figure?" if head.endswith("?") else "figure", head.rstrip("?"))
    kind, colon, about = head.partition(":")
    return Token(kind, about, words) if colon else Token("word", head)


def all_hold(when: Iterable[str], figures: Figures) -> bool:
    """Whether conditions, by name or as balances, hold."""
    known = sayings().conditions
    return figures.holds(balance for name in when for balance in known.get(name, (name,)))


def sayable(slot: str, figures: Figures) -> list[str]:
    """The templates of a slot that may be said of these figures."""
    held = sayings()
    if not all_hold(held.only.get(slot, ()), figures):
        return []
    each = (Template(say=one) if isinstance(one, str) else one for one in held.sentences[slot])
    return [one.say for one in each if all_hold(one.when, figures) and _all_hold(one.say, figures)]


def _all_hold(text: str, figures: Figures) -> bool:
    return all(_holds(token, figures) for token in parsed(text) if isinstance(token, Token))


def _holds(token: Token, figures: Figures) -> bool:  # noqa: C901, PLR0911  # one line for each kind
    now = [value(figures, each) for each in token.meanings] if has_figures(token) else []
    match token.kind:
        case "figure":
            return now != [None] and bool(now[0])
        case "zero":
            return not any(now)
        case "all":
            return figures.holds(ALL[token.about])
        case "rise" | "more" | "fall" | "fewer" | "flat":
            before = value(figures, f"last_year.{token.about}")
            if not before or not now[0]:
                return False
            up = token.kind in ("rise", "more")
            return before == now[0] if token.kind == "flat" else (now[0] > before if up else now[0] < before)
        case "share":
            return 0 < (now[0] or 0) < (now[1] or 0)
        case "about" | "nearly" | "over":
            number = int(now[0] or 0)
            return {"about": 50 < number < 1000, "nearly": number < 1000 and number % 10 > 6, "over": True}[
                token.kind
            ] and (number > 20 and number % 10 > 0)
        case "fee_parts":
            return figures.holds(["processing_fee.cases >= 2"])
        case "list":
            return any(value(figures, each) for each in sayings().lists[token.about].names)
        case "agencies" | "channels" | "some":
            return (now[0] or 0) >= 4
        case "slot":
            return bool(sayable(token.about, figures))
    return True


def has_figures(token: Token) -> bool:
    """Whether what a token is about are meanings of figures."""
    return token.kind not in ("word", "draw", "slot", "list", "fee_parts")


def value(figures: Figures, meaning: str) -> Number | None:
    """The figure that a meaning has; None where last year is not at hand."""
    if meaning.startswith("last_year."):
        meaning, last = meaning.removeprefix("last_year."), figures.last
        if last is None:
            return None
        return value(Figures(figures.form, last, None), meaning)
    return sum((figures.value(address) for address in terms(meaning)), start=0)


def terms(meaning: str) -> Iterator[str]:
    """The terms of a sum as `Figures` names them: ``A+B@natural_person`` is A.natural_person and B.natural_person."""
    sums, _, column = meaning.partition("@")
    return (f"{term}.{column}" if column else term for term in sums.split("+"))


def per_cent(part: Number, whole: Number, decimals: int) -> Decimal:
    """How many per cent of `whole` are `part`, rounded; with more decimals where it would be nothing."""
    exact = Decimal(part) / Decimal(whole) * 100
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded if rounded or decimals > 3 else per_cent(part, whole, decimals + 1)
