"""What a passage states, before any table is looked at; and the parts of a passage: sentences, clauses, asides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gongkai.narrative.claim import Kind
from gongkai.narrative.lexicon import Figure, Token, patterns


@dataclass(slots=True)
class Statement:
    """Words that speak of the form's cells. `start` and `end` are places in the passage without its spaces."""

    kind: Kind
    meaning: str | None
    start: int
    end: int
    figure: Figure | None = None
    strict: bool = False
    base: str | None = None
    """What a change is a change of, and what a share is a share of which."""
    whole: str | None = None
    """What a share is a share of; of "all", the total that it must equal (None: zero)."""
    parts: tuple[Figure, ...] = ()
    scope: bool = False
    """Whether it is of another scope than the form."""
    unheld: bool = False
    """Whether it says what no cell holds, as how timely answers were."""
    medium: bool = False
    """Whether the words say how requests were made: of one of several ways it is no total."""
    listed: bool = False
    local: bool = False
    """Whether it is of a government's own office, not of all that are under it."""
    year: int | None = None
    last_year: bool = False


@dataclass(slots=True)
class Clause:
    """The tokens between two commas; each aside (what stands in brackets) with the number of tokens before it."""

    start: int
    tokens: list[Token] = field(default_factory=list)
    asides: list[tuple[int, list[list[Clause]]]] = field(default_factory=list)
    sign: str = ""
    end: int = 0

    def of(self, *kinds: str) -> list[Token]:
        return [each for each in self.tokens if each.kind in kinds]


def sentences(found: Iterable[Token], length: int) -> list[list[Clause]]:
    """The clauses of each sentence."""
    stream = list(found)
    return _sentences(stream, 0, length)


DEEPEST = 4
"""Brackets within brackets; no sentence has more."""


def _sentences(stream: Sequence[Token], start: int, end: int, depth: int = 0) -> list[list[Clause]]:
    signs = patterns().signs
    clause = Clause(start)
    done: list[list[Clause]] = [[clause]]
    closed = _closing(stream) if depth < DEEPEST else {}
    place = 0
    while place < len(stream):
        token = stream[place]
        if token.kind == "(" and place in closed:
            inner = stream[place + 1 : closed[place]]
            told = _sentences(inner, token.end, stream[closed[place]].start, depth + 1)
            clause.asides.append((len(clause.tokens), told))
            place = closed[place]
        elif token.kind in signs["clauses"] or token.kind in signs["sentences"]:
            clause.sign, clause.end = token.kind, token.start
            clause = Clause(token.end)
            if token.kind in signs["sentences"]:
                done.append([clause])
            else:
                done[-1].append(clause)
        elif token.kind not in "()":
            clause.tokens.append(token)
        place += 1
    clause.end = end
    return done


def _closing(stream: Sequence[Token]) -> dict[int, int]:
    """Where each bracket that opens is closed."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for place, token in enumerate(stream):
        if token.kind == "(":
            opened.append(place)
        elif token.kind == ")" and opened:
            closed[opened.pop()] = place
    return closed


def coordinates(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens between words that join."""
    part: list[Token] = []
    for token in tokens:
        if token.kind == "joined":
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part
