"""What a reader of a passage keeps in mind: what is being spoken of, and what has been stated so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gongkai.narrative.claim import Kind
from gongkai.narrative.frames import Row
from gongkai.narrative.lexicon import Figure, Token
from gongkai.narrative.statements import Statement


@dataclass(slots=True)
class Context:
    """What a sentence has spoken of so far."""

    topic: str | None = None
    """ "requests", "disputes", "documents", "decisions", "fee", or "foreign": what the form has no cell for."""
    base: str | None = None
    """The row of the requests' table that all requests of the passage are in."""
    strict: bool = False
    """Whether that was said in the form's own word."""
    parent: Statement | None = None
    """The total that an enumeration is of."""
    last: Statement | None = None
    """The figure before, if it was of the form."""
    changing: str | None = None
    """What was just said to have changed."""
    channels: tuple[str, ...] = ()
    document: str | None = None
    listing: bool = False
    aside: bool = False
    compared: bool = False
    past: bool = False
    """Whether brackets hold last year's figure."""
    reason: Row | None = None
    """The outcome that the clause before gave as a reason, without a figure."""
    inner: str | None = None
    """The row that what follows in the sentence is of."""
    scope: bool = False
    future: bool = False
    local: bool = False
    year: int | None = None
    carried: bool = False
    """Whether it was said that what was carried in is included."""
    ways: int = 0
    """How many figures tell by which way requests were made."""
    began: int = 0
    """How many statements there were before the sentence."""
    parts: list[Figure] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    """Where the parts begin and end."""
    open_parts: bool = True
    """Whether the enumeration may leave parts out."""


_BESIDES = ("joined", "among", "rest", "year", "medium", "timely", "all", "contained")
"""Words that a claim does not begin or end with."""


class Reading:
    """One passage as far as it has been read."""

    def __init__(self, topic: str | None, year: int | None) -> None:
        self.topic, self.year = topic, year
        self.latest = 0
        """The latest year that the passage speaks of."""
        self.text = ""
        self.found: list[Statement] = []
        self.context = Context(topic)

    @property
    def sentence(self) -> list[Statement]:
        """What the sentence has stated so far."""
        return self.found[self.context.began :]

    @property
    def now(self) -> int:
        """The year of the report, as far as it is known; else the latest that the passage speaks of."""
        return self.year or self.latest

    def state(
        self,
        figure: Token | None,
        meaning: str | None,
        words: Sequence[Token],
        *,
        kind: Kind | None = None,
        strict: bool = False,
    ) -> Statement:
        """Note what `words`, and the figure with them, state."""
        said = [each for each in words if each.kind not in _BESIDES or each.kind == kind] or (
            [] if figure else list(words)
        )
        spoken = [*said, figure] if figure else said
        number = figure.figure if figure else None
        if kind is None:
            kind = "zero" if number and number.value == 0 else "figure"
        start, end = min(each.start for each in spoken), max(each.end for each in spoken)
        context = self.context
        made = Statement(kind, meaning, start, end, number, strict, scope=context.scope)
        made.listed, made.local, made.year = context.listing, context.local, context.year
        if self.now and context.year == self.now - 1 and kind in ("figure", "zero"):
            made.last_year, made.year = True, None
        self.found.append(made)
        if kind in ("figure", "zero"):
            context.last = made
        return made

    def part(self, figure: Token) -> None:
        """Note a part of the enumeration."""
        assert figure.figure
        self.context.parts.append(figure.figure)
        self.context.places += [figure.start, figure.end]

    def unknown(self, figure: Token, *, foreign: bool = False) -> None:
        """Note a figure that is of no cell: a part of the enumeration, or something else altogether."""
        context = self.context
        assert figure.figure
        if context.listing and context.parent:
            self.part(figure)
            return
        context.last = None
        if foreign:
            context.topic = "foreign"
