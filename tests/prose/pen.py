"""Writes one passage from templates and keeps where each figure, year and name came to stand."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gongkai.example.arithmetic import Number, plain
from gongkai.example.figures import Figures
from tests.prose.templates import Token, has_figures, parsed, per_cent, sayable, sayings, value

Kind = Literal["figure", "zero", "all", "share", "change", "parts"]
Style = Literal["plain", "spaced", "wide", "grouped", "numerals"]

STYLES: dict[Style, int] = {"plain": 80, "spaced": 9, "wide": 3, "grouped": 10, "numerals": 4}
NUMERALS = str(sayings().parts["numerals"][0])
WIDE = str.maketrans("0123456789.", str(sayings().parts["wide"][0]))


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of a passage."""

    text: str
    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stated(Span):
    """What a passage says about the form: the words at its span say that `meaning` has `value`.

    `guarded`: changed, it no longer agrees with what else the filings say. `part`: one of an enumeration whose parts
    come to a figure, or that enumeration itself where no total is said to be its sum; not asked to be found.
    """

    meaning: str
    value: Decimal
    kind: Kind
    guarded: bool
    style: Style = "plain"
    exact: bool = True
    part: bool = False


def number_text(number: Number, style: Style) -> str:
    """A figure as it is written in prose."""
    text = plain(number)
    match style:
        case "spaced":
            return f" {text} "
        case "wide":
            return text.translate(WIDE)
        case "grouped":
            return f"{number:,}"
        case "numerals" if number == int(number) and 1 <= number <= 10:
            return NUMERALS[int(number) - 1]
    return text


@dataclass(slots=True)
class Pen:
    """Writes a passage of one report."""

    draw: random.Random
    figures: Figures
    words: Mapping[str, str]
    text: str
    passage: int
    avoided: set[str]
    """Templates that are used up: what last year's report said, and what this one has said."""
    level: str = "department"
    written: str = ""
    stated: list[Stated] = field(default_factory=list)
    years: list[tuple[Span, str]] = field(default_factory=list)
    percentages: list[Span] = field(default_factory=list)
    agencies: list[Span] = field(default_factory=list)
    sentences: list[Span] = field(default_factory=list)
    style: Style = "plain"

    def sentence(self, slot: str) -> bool:
        """Write one of the slot's sentences, if any may be said; not one that was said already."""
        fresh = [each for each in sayable(slot, self.figures) if each not in self.avoided and self._fits(each)]
        if not fresh:
            return False
        # What can seldom be said is said when it can be.
        weights = [1 + sum(isinstance(token, Token) and has_figures(token) for token in parsed(each)) for each in fresh]
        chosen = self.draw.choices(fresh, weights)[0]
        self.avoided.add(chosen)
        self.style = self.draw.choices(list(STYLES), list(STYLES.values()))[0]
        start = len(self.written)
        self._tell(chosen)
        self.sentences.append(self._span(start))
        return True

    def _fits(self, each: str) -> bool:
        """Whether parts by agency are only told of a government's whole area."""
        return self.level == "government" or not any(
            token.kind in ("agencies", "fee_parts") for token in parsed(each) if isinstance(token, Token)
        )

    def _span(self, start: int) -> Span:
        return Span(self.text, self.passage, start, len(self.written))

    def _tell(self, template: str) -> None:
        for piece in parsed(template):
            if isinstance(piece, str):
                self.written += piece
            else:
                self._token(piece)

    def _token(self, token: Token) -> None:
        match token.kind:
            case "word":
                self._word(token.about)
            case "slot":
                self._tell(self.draw.choice(sayable(token.about, self.figures)))
            case "draw":
                least, most = map(int, token.about.split("-"))
                self.written += str(self.draw.randint(least, most))
            case "some":
                self.written += str(self.draw.randint(1, int(self._value(token.about)) - 1))
            case "zero" | "all" | "flat":
                self._claim(token)
            case "rise" | "fall" | "share":
                self._percentage(token)
            case "list":
                self._list(token.about)
            case "agencies" | "channels":
                self._parts(token)
            case "fee_parts":
                self._fee_parts()
            case _:
                self._figure(token)

    def _word(self, word: str) -> None:
        start = len(self.written)
        self.written += self.words[word]
        if word in ("year", "next_year", "last_year"):
            self.years.append((self._span(start), word))
        if word == "agency":
            self.agencies.append(self._span(start))

    def _state(self, start: int, end: int, meaning: str, number: Number, kind: Kind, **more: object) -> None:
        about: dict[str, object] = {"guarded": guarded(meaning, kind), "style": self.style} | more
        self.stated.append(
            Stated(self.text, self.passage, start, end, meaning, Decimal(number), kind, **about)  # type: ignore[arg-type]
        )

    def _claim(self, token: Token) -> None:
        start = len(self.written)
        self._tell(token.words)
        for meaning in token.meanings:
            if token.kind == "zero":
                self._state(start, len(self.written), meaning, 0, "zero")
            elif token.kind == "all":
                self._state(start, len(self.written), meaning, self._value(meaning), "all", guarded=False)
            else:
                self._state(start, len(self.written), f"change_percent:{meaning}", 0, "change")

    def _percentage(self, token: Token) -> None:
        decimals = self.draw.choice((0, 1, 1, 2, 2))
        kind: Kind = "share" if token.kind == "share" else "change"
        now = self._value(token.meanings[0])
        base = self._value(token.meanings[1] if kind == "share" else f"last_year.{token.about}")
        number = per_cent(now if kind == "share" else abs(Decimal(now) - base), base, decimals)
        start = len(self.written)
        self.written += f"{number:f}"
        self.percentages.append(self._span(start))
        signed = -number if token.kind == "fall" else number
        self._state(start, len(self.written), f"{kind}_percent:{token.about}", signed, kind, style="plain")

    def _figure(self, token: Token) -> None:
        meaning, number = token.about, self._value(token.about)
        if token.kind in ("more", "fewer"):
            self._number(f"change:{meaning}", abs(Decimal(number) - self._value(f"last_year.{meaning}")))
        elif token.kind in ("about", "over", "nearly"):
            ten = 100 if number >= 1000 else 10
            up = token.kind == "nearly" or (token.kind == "about" and number % ten * 2 >= ten)
            self._number(meaning, int(number) // ten * ten + up * ten, exact=False)
        else:
            self._number(meaning, number)

    def _value(self, meaning: str) -> Number:
        known = value(self.figures, meaning)
        assert known is not None, meaning
        return known

    def _number(self, meaning: str, number: Number, *, exact: bool = True, part: bool = False) -> None:
        style: Style = self.style if exact else "plain"
        text = number_text(number, style)
        start = len(self.written) + (len(text) - len(text.lstrip()))
        self.written += text
        end = start + len(text.strip())
        guard = exact and guarded(meaning, "figure")
        if meaning.startswith("change:"):
            self._state(start, end, meaning, number, "change", guarded=False, exact=exact, part=True)
        elif meaning:
            self._state(start, end, meaning, number, "figure", guarded=guard, exact=exact, part=part)

    def _list(self, name: str) -> None:
        listed = sayings().lists[name]
        item, separator = self.draw.choice(listed.items), self.draw.choice(listed.separators)
        start, count = len(self.written), 0
        for meaning, names in listed.names.items():
            if number := self._value(meaning):
                self.written += separator if count else ""
                before, _, after = item.partition("{count}")
                called = self.draw.choice(names)
                self.written += before.replace("{name}", called)
                self._number(meaning, number)
                self.written += after.replace("{name}", called)
                count += 1
        total = sum(self._value(each) for each in listed.names)
        if listed.adds_up and count > 1:
            self._state(start, len(self.written), "parts_sum", total, "parts", guarded=False, part=True)

    def _parts(self, token: Token) -> None:
        """Parts that come to a figure, which is told before them."""
        total, start = int(self._value(token.about)), len(self.written)
        counts = self._cut(total, self.draw.randint(2, 6))
        between = self.draw.choice(sayings().parts["between"])
        names = self.draw.sample(sayings().parts[token.kind], len(counts))
        for number, (name, count) in enumerate(zip(names, counts, strict=True)):
            self.written += (between if number else "") + name
            self._number(f"part:{token.about}", count, part=True)
            self.written += sayings().parts["unit"][0]
        self._state(start, len(self.written), "parts_sum", total, "parts", guarded=False)

    def _fee_parts(self) -> None:
        """Who took what for processing requests: of how many, and how much."""
        cases, start = self._cut(int(self.figures.value("processing_fee.cases")), 4), len(self.written)
        amounts = [
            10 * each for each in self._cut(int(self.figures.value("processing_fee.amount_yuan")) // 10, len(cases))
        ]
        names = self.draw.sample(sayings().parts["agencies"], len(cases))
        form, between = (self.draw.choice(sayings().parts[each]) for each in ("fee_part", "fee_between"))
        for number, (name, count, amount) in enumerate(zip(names, cases, amounts, strict=True)):
            self.written += between if number else ""
            for piece in parsed(form.replace("{name}", name)):
                if isinstance(piece, str):
                    self.written += piece
                else:
                    part = amount if piece.about == "amount_yuan" else count
                    self._number(f"part:processing_fee.{piece.about}", part, part=True)
        self._state(start, len(self.written), "parts_sum", sum(amounts), "parts", guarded=False)

    def _cut(self, total: int, most: int) -> list[int]:
        """A number as a sum of some that are not zero."""
        cuts = sorted(self.draw.sample(range(1, total), min(total, most) - 1))
        return [high - low for low, high in zip((0, *cuts), (*cuts, total), strict=True)]


def guarded(meaning: str, kind: Kind) -> bool:
    """Whether what else the filings say tells the figure: a cell, last year's, or the sum of the parts.

    What was taken for processing requests stands in prose alone; who says it twice is told apart in `writer`.
    """
    return kind in ("figure", "zero", "share", "change") and "processing_fee." not in meaning
