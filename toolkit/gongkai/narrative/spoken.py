"""A figure and the words about it that no other figure has."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.narrative.lexicon import Token


@dataclass(frozen=True, slots=True)
class Spoken:
    """A figure and the words before and behind it that no other figure has; `words` are those it is bound to."""

    figure: Token
    before: list[Token]
    after: list[Token]
    behind: bool
    apart: bool = False
    """Whether the words are known to be of this figure, though they stand apart."""

    @property
    def published(self) -> bool:
        """Whether the figure tells how much was disclosed, which no table counts."""
        return self.has("publishing") or self.named("foreign")

    @property
    def alone(self) -> bool:
        """Whether the figure is that of each of several things: zero, or "one each"."""
        assert self.figure.figure
        return not self.figure.figure.value or self.has("each", "all")

    @property
    def words(self) -> list[Token]:
        return [*self.before, *self.after] if self.behind else self.before

    def has(self, *kinds: str) -> bool:
        return any(each.kind in kinds for each in self.words)

    def named(self, *nouns: str) -> bool:
        return any(each.kind == "noun" and each.value in nouns for each in self.words)
