"""The headings of a report: which section or part of one a line opens, and what follows on that line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from gongkai.forms import Part, Section
from gongkai.intake.labels import bare, is_enumerated, ordinal
from gongkai.intake.numbers import plain, vocabulary

LIKE = 0.6
"""How alike a printed heading must be to the form's to open its section."""
LENGTH = 25
"""Characters that the heading of a part has at most."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A line that opens a section, and what follows the heading on it (often nothing)."""

    section: Section
    rest: str = ""


def opened(text: str, following: Sequence[Section]) -> Opening | None:
    """The section whose heading `text` is, or begins with; sections open in the form's order, and one may be left out.

    What is numbered as the last section is that section, where no other can follow: agencies leave its title out.
    """
    if not bare(text):
        return None
    head, rest = cut(text)
    for section in following:
        if len(bare(head)) <= 2 * LENGTH and _is_heading(head, section) and (not rest or _is_numbered(text, section)):
            return Opening(section, rest)
        if found := _run_in(section.ordinal.zh, section.title.zh).match(text):
            return Opening(section, found["rest"].strip())
    if len(following) == 1 and _is_numbered(text, following[0]):
        return Opening(following[0], re.sub(r"^\s*\w+[^\w\s]\s*", "", text).strip())
    return None


def _is_numbered(text: str, section: Section) -> bool:
    """Whether a line has the number of a section, and not in brackets."""
    return number_of(text) == section.ordinal.zh and not is_bracketed(text)


def cut(text: str) -> tuple[str, str]:
    """A line up to its first stop, and what follows it."""
    whole = text.strip()
    found = re.search(vocabulary()["heading_end"], whole)
    return (whole[: found.start()], whole[found.end() :].strip()) if found else (whole, "")


def is_bracketed(text: str) -> bool:
    """Whether `text` is numbered in brackets, as parts of sections are."""
    found = re.match(vocabulary()["enumeration"], plain(text))
    return bool(found and ")" in found.group())


def _is_heading(text: str, section: Section) -> bool:
    printed, title = bare(text), bare(section.title.zh)
    numbered = number_of(text) == section.ordinal.zh
    if printed == title or plain(text) == section.ordinal.zh + title:
        # A part of the overview may be called as a section is.
        return numbered or not is_bracketed(text)
    if not _is_numbered(text, section):
        return False
    stripped = re.sub(vocabulary()["heading_notes"], "", printed)
    if difflib.SequenceMatcher(None, stripped, title).ratio() >= LIKE:
        return True
    about = vocabulary()["section_words"][section.key]
    return bool(re.search(about, stripped)) and not re.search(vocabulary()["clause"], stripped)


@cache
def _run_in(number: str, title: str) -> re.Pattern[str]:
    """The heading of a section with text after it on its line."""
    spaced = r"\s*".join(map(re.escape, title))
    return re.compile(vocabulary()["run_in"].format(ordinal=number, title=spaced), re.DOTALL)


def number_of(text: str) -> str:
    """The number of a heading, without the word for what it numbers."""
    return re.sub(vocabulary()["numbered"], "", ordinal(text))


@dataclass(frozen=True, slots=True)
class PartOpening:
    """A line that opens a part of a section: the key of its text, its heading, and what of the line belongs to it."""

    text: str
    heading: str
    rest: str


class Parts:
    """Follows the parts of a section down its lines.

    The first heading shows how the parts are numbered: what is numbered in another way is an item of a list.
    """

    def __init__(self, section: Section) -> None:
        self._section = section
        self._look: str | None = None
        self._last = 0

    def opened(self, text: str) -> PartOpening | None:
        """The part that a line opens; None where it opens none.

        A further part that the form does not name is told in the section itself, with its heading.
        """
        look = look_of(text)
        if not self._section.parts or (self._look is not None and look != self._look):
            return None
        for head, rest, exact in _heads(text):
            part = self._exactly(head) if exact or not look else self._named(head)
            if part:
                self._look, self._last = look, value_of(number_of(text))
                # A heading that is a sentence says more than the form's.
                sentence = not exact and re.search(vocabulary()["clause"] + r"|\d", bare(head))
                return PartOpening(part.text, head.strip(), text.strip() if sentence else rest)
        if look and self._look and value_of(number_of(text)) == self._last + 1:
            self._last += 1
            return PartOpening(self._section.text or "", "", text.strip())
        return None

    def _exactly(self, head: str) -> Part | None:
        """The part whose heading this is, with nothing but the usual words around its name."""
        pattern, printed = vocabulary()["part_heading"], bare(head)
        for part in self._section.parts:
            if any(re.fullmatch(pattern.format(name=name), printed) for name in _names(part)):
                return part
        return None

    def _named(self, head: str) -> Part | None:
        """The part that a heading names; of several the one with its number, else the one that is named last."""
        printed = bare(head)
        found = []
        for place, part in enumerate(self._section.parts):
            if ends := [printed.rfind(name) + len(name) for name in _names(part) if name in printed]:
                found.append((number_of(part.ordinal.zh) == number_of(head), max(ends), place))
        return self._section.parts[max(found)[-1]] if found else None


def _names(part: Part) -> tuple[str, ...]:
    return part.title.zh, *part.aliases


def look_of(text: str) -> str:
    """How a line is numbered: with which numerals, and whether in brackets; "" where it is not."""
    if not is_enumerated(text):
        return ""
    return ("()" if is_bracketed(text) else "") + ("1" if number_of(text).isdecimal() else "") + "."


def value_of(number: str) -> int:
    numerals = vocabulary()["numerals"]
    if number.isdecimal():
        return int(number)
    return numerals.index(number) + 1 if number in numerals else 0


def _heads(text: str) -> Iterator[tuple[str, str, bool]]:
    """What may be a heading at the beginning of a line, what follows it, and whether it must be the form's own words.

    It ends at a stop; or at a space, which may as well stand within it.
    """
    whole = text.strip()
    head, rest = cut(text)
    if len(plain(head)) <= LENGTH:
        yield head, rest, True
    if is_enumerated(whole):
        for space in re.finditer(r"\s+", head[: 2 * LENGTH]):
            yield head[: space.start()], whole[space.end() :], True
    if len(plain(head)) <= LENGTH:
        yield head, rest, False
