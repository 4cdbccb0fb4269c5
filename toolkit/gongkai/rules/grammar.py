"""The small grammar of balances: two linear expressions and a relation. Nothing is ever evaluated as Python.

balance  = side relation side
relation = "=" | "<=" | ">=" | "≤" | "≥"
side     = term { ("+" | "-") term }
term     = [ integer [ "*" ] ] name | integer
name     = words of a-z and _ joined by dots
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Relation = Literal["=", "<=", ">="]

MAX_LENGTH = 1000
"""Characters; the longest official balance has some 150."""

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[a-z][a-z_]*(?:\.[a-z][a-z_]*)*)|(?P<integer>\d{1,9})|(?P<sign>[-+*])|(?P<relation><=|>=|≤|≥|=))"
)
_RELATIONS: dict[str, Relation] = {"=": "=", "<=": "<=", "≤": "<=", ">=": ">=", "≥": ">="}


class GrammarError(ValueError):
    """A text that is no balance; the message holds the part that could not be read."""


@dataclass(frozen=True, slots=True)
class Term:
    """`coefficient` times the row, column or group called `name`; without a name a constant."""

    coefficient: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """`left` `relation` `right`."""

    left: tuple[Term, ...]
    relation: Relation
    right: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in both sides, in order."""
        return tuple(term.name for term in self.left + self.right if term.name)


def parse(text: str) -> Balance:
    """The balance that `text` writes. Raises GrammarError with the part that cannot be read."""
    if len(text) > MAX_LENGTH:
        raise GrammarError(text[:40] + "…")
    tokens = _tokens(text)
    relations = [number for number, (kind, _) in enumerate(tokens) if kind == "relation"]
    if len(relations) != 1:
        raise GrammarError(text)
    (middle,) = relations
    return Balance(_side(tokens[:middle], text), _RELATIONS[tokens[middle][1]], _side(tokens[middle + 1 :], text))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise GrammarError(text[at : at + 40].strip())
        tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        at = match.end()
    return tokens


def _side(tokens: list[tuple[str, str]], text: str) -> tuple[Term, ...]:
    terms: list[Term] = []
    rest = list(tokens)
    while rest:
        sign = 1
        if rest[0] in (("sign", "+"), ("sign", "-")):
            sign = -1 if rest.pop(0)[1] == "-" else 1
        elif terms:
            raise GrammarError(rest[0][1])
        terms.append(_term(rest, sign, text))
    if not terms:
        raise GrammarError(text)
    return tuple(terms)


def _term(rest: list[tuple[str, str]], sign: int, text: str) -> Term:
    coefficient: int | None = None
    if rest and rest[0][0] == "integer":
        coefficient = int(rest.pop(0)[1])
        starred = bool(rest) and rest[0] == ("sign", "*")
        if starred:
            rest.pop(0)
        if not (rest and rest[0][0] == "name"):
            if starred:
                raise GrammarError(text)
            return Term(sign * coefficient, None)
    if not (rest and rest[0][0] == "name"):
        raise GrammarError(rest[0][1] if rest else text)
    return Term(sign * (1 if coefficient is None else coefficient), rest.pop(0)[1])
