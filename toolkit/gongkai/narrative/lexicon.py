"""The words and patterns of prose, as data; and a passage as the tokens that they make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import prod
from pathlib import Path
from typing import NamedTuple

from gongkai.authored import Model, load_yaml, validate
from gongkai.filing import MAX_DIGITS
from gongkai.narrative.claim import Number


class NumberWords(Model):
    """What stands about a figure."""

    least: tuple[str, ...]
    most: tuple[str, ...]
    about: tuple[str, ...]
    least_behind: tuple[str, ...]
    about_behind: tuple[str, ...]
    most_behind: tuple[str, ...]
    spoken_measures: tuple[str, ...]
    measures: tuple[str, ...]
    other_measure: str
    pointing: str
    digits: dict[str, int]
    tens: dict[str, int]
    several: str
    range: str
    yuan: dict[str, int]
    percent: tuple[str, ...]


class Patterns(Model):
    """The file of patterns."""

    nouns: dict[str, str]
    rows: dict[str, dict[str, str]]
    columns: dict[str, str]
    results: dict[str, str]
    acts: dict[str, str]
    marks: dict[str, str]
    numbers: NumberWords
    signs: dict[str, str]
    between: str
    fillers: str
    readings: dict[str, dict[str, tuple[str, ...]]]
    wholes: tuple[str, ...]
    spoken: dict[str, tuple[str, ...]]
    qualifier: str
    disclosing: str
    topics: dict[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written: its value, its unit, and what the words about it allow."""

    value: Number
    unit: str | None
    """ "count", "yuan", "%", "times", or None for a number that counts something else."""
    low: Number | None
    high: Number | None
    decimals: int = 0

    @property
    def exact(self) -> bool:
        return self.low == self.high == self.value


class Token(NamedTuple):
    """A word, figure or sign at `start` to `end` of the passage without its spaces.

    `kind` is noun, row, column, result, act, a mark of the patterns, figure, year or a sign by itself.
    """

    kind: str
    value: str
    start: int
    end: int
    strict: bool = False
    figure: Figure | None = None


@cache
def patterns() -> Patterns:
    """The patterns. Raises AuthoringError for a faulty file."""
    path = Path(__file__).with_name("patterns.yaml")
    return validate(Patterns, load_yaml(path), file=path.name)


@cache
def _words() -> Mapping[str, tuple[str, str, bool]]:
    """By word: kind, value, and whether it is strict. Of a word in several places, the first counts."""
    found: dict[str, tuple[str, str, bool]] = {}
    own = patterns()
    groups = [("row", table, strength == "strict") for strength, table in own.rows.items()]
    groups += [("noun", own.nouns, False), ("column", own.columns, False), ("result", own.results, False)]
    groups += [("act", own.acts, False)]
    for kind, table, strict in groups:
        for value, words in table.items():
            found |= {word: (kind, value, strict) for word in words.split() if word not in found}
    for mark, words in own.marks.items():
        found |= {word: (mark, word, False) for word in words.split() if word not in found}
    return found


def _either(words: Iterator[str] | tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CHUNK = 16
"""First characters of words that are looked for together."""


def _any_word() -> str:
    """A pattern for the longest word that begins somewhere.

    One long list of words would be tried from its beginning at each character; so they are parted by their first.
    """
    rests: dict[str, list[str]] = {}
    for word in sorted(_words(), key=len, reverse=True):
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    firsts = sorted(rests)
    parts = []
    for start in range(0, len(firsts), _CHUNK):
        chunk = firsts[start : start + _CHUNK]
        below = "|".join(f"{re.escape(each)}(?:{'|'.join(rests[each])})" for each in chunk)
        parts.append(f"(?=[{re.escape(''.join(chunk))}])(?:{below})")
    return "|".join(parts)


@cache
def _scanner() -> re.Pattern[str]:
    """One pattern for all tokens."""
    own = patterns().numbers
    before = _either((*own.least, *own.most, *own.about))
    behind = _either((*own.least_behind, *own.about_behind, *own.most_behind))
    units = f"(?!{own.other_measure})(?:{_either((*own.measures, *own.percent, *own.yuan))})"
    tens = "".join(own.tens)
    spoken = "".join((*own.digits, *own.tens))
    # What begins a unit is no part of the number.
    scale = f"(?!{_either((*own.yuan, *own.percent))})[{tens}]"
    # To its end or not at all: a part of what cannot be read is another number.
    figures = (
        rf"(?=[-\d])(?<![\dA-Za-z.{tens}])(?<!\d[{own.range}])-?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?"
        rf"(?:(?:{scale})+(?:\d+(?:{scale})+)*)?(?!\d|\.\d|[A-Za-z]|{scale})"
    )
    number = (
        rf"(?P<before>{before})?(?P<number>{figures}"
        rf"|(?=[{spoken}])(?<![\d{own.pointing}{spoken}])(?!(?<=[{own.several}])[{tens}])[{spoken}]+"
        rf"(?={behind}|(?!{own.other_measure})(?:{_either(own.spoken_measures)})))"
        rf"(?P<behind>{behind})?(?P<unit>{units})?(?P<last>{behind})?"
    )
    signs = patterns().signs
    return re.compile(
        rf"(?P<year>(?<!\d){signs['year']})|(?P<titled>{signs['titled']}|{signs['named']})"
        rf"|{number}|(?P<word>{_any_word()})"
        rf"|(?P<sign>[{signs['clauses']}{signs['sentences']}()])"
    )


@cache
def _plain() -> Mapping[int, int]:
    """Full-width signs made plain, each in its place; but never the comma, which parts no thousands."""
    return {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) != patterns().signs["comma"]}


def without_spaces(passage: str) -> tuple[str, list[int]]:
    """A passage without its spaces, full-width signs made plain, and the place of each character in it.

    The end of a line stays where it ends a sentence.
    """
    text = re.sub(patterns().signs["thousands"], ",", passage).translate(_plain())
    shown: list[str] = []
    places: list[int] = []
    for match in re.finditer(rf"\S+|(?<=[{patterns().signs['sentences']};:])\n", text):
        shown.append(match.group())
        places += range(*match.span())
    return "".join(shown), places


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a passage without spaces; what is said in the titles of documents is passed over."""
    words = _words()
    for found in _scanner().finditer(text):
        start, end = found.span()
        match found.lastgroup:
            case "word":
                kind, value, strict = words[found.group()]
                if kind == "compared" and (from_last := _joined_last(found.group(), text[end:])):
                    yield Token("joined", value, start, from_last := start + from_last)
                    yield Token("last", value, from_last, end)
                elif kind != "ignored":
                    yield Token(kind, value, start, end, strict)
            case "sign":
                yield Token(found.group(), "", start, end)
            case "year":
                yield Token("year", found.group()[:4], start, end)
            case "titled":  # what a document or an office is called says nothing
                pass
            case _:
                yield _number(found, text)


def _joined_last(word: str, behind: str) -> int:
    """Where "last year" begins in "and last year" that is no comparison, since "carried over" stands behind; else 0."""
    marks = patterns().marks
    if not behind.startswith(tuple(marks["carry"].split())):
        return 0
    lengths = (len(each) for each in marks["joined"].split() if word.startswith(each))
    return next((length for length in lengths if word[length:] in marks["last"].split()), 0)


def _number(match: re.Match[str], text: str) -> Token:
    own = patterns().numbers
    written = match["number"]
    if len(written.replace(",", "")) > MAX_DIGITS or _uncertain(written):
        # No count or amount is as long; and of what may be this or that, nothing is said.
        return Token("figure", written, match.start(), match.end(), figure=Figure(0, None, 0, 0))
    value, step = _value(written)
    unit, scale = match["unit"], 0
    decimals = len(written.partition(".")[2].rstrip("".join(own.tens)))
    if unit in own.yuan:
        # Yuan are kept as yuan, whatever they are stated in.
        unit, scale = "yuan", own.yuan[unit]
    elif unit in own.percent:
        unit = {"%": "%", own.percent[-1]: "times"}.get(unit, "points")
    elif unit in own.measures:
        unit = "count"
    elif text[match.end() : match.end() + 1] in _after():
        unit = "bare"
    value, step = _scaled(value, scale), _scaled(step, scale)
    about = {match["before"], match["behind"], match["last"]} - {None}
    low, high = _bounds(value, step, about)
    return Token("figure", written, match.start(), match.end(), figure=Figure(value, unit, low, high, decimals))


@cache
def _after() -> frozenset[str]:
    """What stands after a number that counts by itself, without a measure word."""
    return frozenset(("", ")", *patterns().signs["clauses"], *patterns().signs["sentences"]))


def _scaled(value: Number, digits: int) -> Number:
    scaled = Decimal(value).scaleb(digits)
    return int(scaled) if scaled == scaled.to_integral_value() else scaled


def _bounds(value: Number, step: Number, about: set[str]) -> tuple[Number | None, Number | None]:
    """What the words about a number allow: no fewer, no more, or what is rounded to it."""
    own = patterns().numbers
    if about & {*own.least, *own.least_behind}:
        return value, None
    if about & {*own.most, *own.most_behind}:
        return value - step, value
    if about & {*own.about, *own.about_behind}:
        return value - Decimal(step) / 2, value + Decimal(step) / 2
    return value, value


def _value(written: str) -> tuple[Number, Number]:
    """The number that is written, and what its last digit that is not zero counts."""
    own = patterns().numbers
    if written[0] not in "-0123456789":
        spoken = _spoken(written)
        return spoken, _step(spoken)
    parts = re.findall(rf"([\d.]+)([{''.join(own.tens)}]*)", written.replace(",", ""))
    total = sum((Decimal(part) * prod(own.tens[each] for each in tens) for part, tens in parts), Decimal())
    plain = -total if written.startswith("-") else total
    if "." in written and not parts[-1][1]:
        return plain, Decimal(1).scaleb(-len(written.partition(".")[2]))
    value = _scaled(plain, 0)
    return value, _step(value)


def _uncertain(written: str) -> bool:
    """Whether numerals may be one number or the next: two from one to nine side by side, alone or among tens."""
    own = patterns().numbers
    ones = f"[{''.join(each for each, value in own.digits.items() if value)}]"
    return bool((re.search if set(written) & set(own.tens) else re.fullmatch)(ones + ones, written))


def _step(value: Number) -> Number:
    whole = abs(int(value))
    step: int = 1
    while whole and whole % 10 == 0:
        whole, step = whole // 10, step * 10
    return step


def _spoken(written: str) -> int:
    """A number in Chinese numerals."""
    own = patterns().numbers
    if not set(written) & set(own.tens):
        return int("".join(str(own.digits[each]) for each in written))
    total = part = digit = 0
    for each in written:
        if each in own.digits:
            digit = own.digits[each]
        elif own.tens[each] >= 10**4:
            total, part, digit = total + (part + digit) * own.tens[each], 0, 0
        else:
            part, digit = part + (digit or 1) * own.tens[each], 0
    return total + part + digit
