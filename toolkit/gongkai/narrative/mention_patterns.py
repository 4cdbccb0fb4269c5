"""What a mention is, the patterns that mentions are found by, and the passages that they are found in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from gongkai.authored import Model, load_yaml, validate
from gongkai.filing import Filing


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something that stands in a filing: from `start` to `end` of a passage of the text `text`.

    `text` is a key of `Filing.texts`, or "facts." and a key of `Filing.facts`.
    """

    text: str
    passage: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearMention(Mention):
    """A year as it is written, and the years that may rightly stand in its place."""

    year: int
    earliest: int
    latest: int

    @property
    def fits(self) -> bool:
        return self.earliest <= self.year <= self.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMention(Mention):
    """A period that the statistics are said to cover; without days where what is written is no period."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Mention):
    """The parts that a preamble says that the report has: how many (None: not said), and their names."""

    count: int | None
    names: tuple[Mention, ...]


class Context(Model):
    """Where a year other than the report's own stands rightly."""

    years: tuple[int | None, int | None]
    before: str | None = None
    after: str | None = None
    sentence: str | None = None
    texts: tuple[str, ...] = ()

    def holds(self, text: str, before: str, after: str) -> bool:
        """Whether it is this context, by the text's key and what stands around the year in its sentence."""
        return (
            (not self.texts or text.partition(".")[0] in self.texts)
            and (self.before is None or bool(re.search(self.before, before)))
            and (self.after is None or bool(re.match(self.after, after)))
            and (self.sentence is None or bool(re.search(self.sentence, before + after)))
        )


class Patterns(Model):
    """What `mentions.yaml` holds."""

    numerals: tuple[str, ...]
    zeros: str
    year: str
    sentence_end: str
    clause_end: str
    dates: tuple[str, ...]
    periods: tuple[str, ...]
    rest_of_year: str
    stated_period: tuple[str, ...]
    years: tuple[Context, ...]
    dates_of_signing: tuple[int, int]
    history: str
    bounds: tuple[int, int]
    announced: tuple[str, ...]
    name_separator: str
    name_before: str
    name_after: str
    title: str
    agency_end: str
    no_name: str
    lead: str
    own_after: str
    opening_after: str
    own_before: tuple[str, ...]
    opening: tuple[str, ...]
    shortened: tuple[tuple[str, str], ...]
    outer: str
    government: str
    county: str


@cache
def patterns() -> Patterns:
    """The patterns of mentions."""
    path = Path(__file__).parent / "mentions.yaml"
    return validate(Patterns, load_yaml(path), file=path.name)


def plain(text: str) -> str:
    """`text` as patterns are matched: without spaces, in plain letters, digits and signs."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(4096)
def _sign(character: str) -> str:
    return plain(character)


@lru_cache(256)
def _projected(text: str) -> tuple[str, list[int]]:
    """`text` in plain signs, and for each of them the place of the character that it is."""
    signs = [_sign(each) for each in text]
    return "".join(signs), [place for place, made in enumerate(signs) for _ in made]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, and the same without spaces and in plain signs, in which patterns are looked for."""

    key: str
    number: int
    text: str

    @property
    def _places(self) -> tuple[str, list[int]]:
        return _projected(self.text)

    @property
    def plain(self) -> str:
        return self._places[0]

    def where(self, start: int, end: int) -> dict[str, Any]:
        """The fields of a mention of what stands from `start` to `end` of the plain text."""
        places = self._places[1]
        first, last = places[start], places[end - 1] + 1
        return {
            "text": self.key,
            "passage": self.number,
            "start": first,
            "end": last,
            "quote": self.text[first:last],
        }

    def mention(self, start: int, end: int) -> Mention:
        return Mention(**self.where(start, end))

    def is_torn(self, start: int, end: int) -> bool:
        """Whether spaces stand within what `start` and `end` enclose."""
        places = self._places[1]
        return places[end - 1] - places[start] >= end - start


def texts(filing: Filing) -> Iterator[Passage]:
    """All passages of a filing's texts."""
    for key, passages in filing.texts.items():
        for number, passage in enumerate(passages):
            yield Passage(key, number, passage.text)


def facts(filing: Filing, *keys: str) -> Iterator[Passage]:
    """Those of the filing's facts that have one of `keys`."""
    return (Passage(f"facts.{key}", 0, filing.facts[key].text) for key in keys if key in filing.facts)
