"""Characters as they stand on a page, put together to lines and to the text of cells.

Places are points from the top left of the page, which is turned so that most of its text stands upright.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""A character of which only the shape is there."""
SAME_LINE = 0.4
"""How far baselines of one line are apart, in sizes of type: less than half of the closest spacing of lines."""
TWICE = 0.15
"""A character that stands on itself, so many sizes of type apart at most, was drawn twice to look bold or shaded."""
FIELD_GAP = 1.0
"""A gap so wide, in sizes of type, parts two fields of a line."""
SPACE_GAP = 0.5
"""A gap so wide is a space, even where no space was written."""
WORD_GAP = 0.15
"""So wide a gap is a space between two letters, and where one was written."""
STUCK = 0.03
"""Digits of one number are no further apart, in sizes of type; the finest border between two numbers is wider."""
MIDDLE = 0.38
"""Where the middle of a character is above its baseline, in sizes of type."""


class Glyph(NamedTuple):
    """A character: `left` to `right` on its `baseline`, of a `size` of type, all in points.

    `turned` says that it lies on its side; `spaced` that a space was written before it; `run` is the number of the
    run of text that it is of, as the page's program wrote it. Glyphs come in the order of that program.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    run: int
    turned: bool = False
    spaced: bool = False

    @property
    def center(self) -> float:
        return (self.left + self.right) / 2

    @property
    def middle(self) -> float:
        return self.baseline - MIDDLE * self.size

    @property
    def wide(self) -> bool:
        """Whether it is set solid, as Chinese is, and not in words."""
        return ord(self.text[0]) >= 0x2E80


@dataclass(frozen=True)
class Line:
    """Glyphs on one baseline from left to right; `number` counts the lines of the page from one."""

    glyphs: tuple[Glyph, ...]
    page: int
    number: int

    @property
    def left(self) -> float:
        return self.glyphs[0].left

    @cached_property
    def right(self) -> float:
        return max(glyph.right for glyph in self.glyphs)

    @property
    def baseline(self) -> float:
        return self.glyphs[0].baseline

    @cached_property
    def size(self) -> float:
        return max(glyph.size for glyph in self.glyphs)

    @cached_property
    def text(self) -> str:
        return joined(self.glyphs)

    @cached_property
    def fields(self) -> tuple[Line, ...]:
        """Its parts between wide gaps."""
        return tuple(self.cut(gap(*pair) > FIELD_GAP for pair in pairwise(self.glyphs)))

    def cut(self, gaps: Iterable[bool]) -> Iterator[Line]:
        """Its parts, given for each gap between its glyphs whether to cut there."""
        start = 0
        for end, wide in enumerate(gaps, start=1):
            if wide:
                yield Line(self.glyphs[start:end], self.page, self.number)
                start = end
        yield Line(self.glyphs[start:], self.page, self.number)


def gap(one: Glyph, other: Glyph) -> float:
    """What is free between two neighbours, in sizes of type."""
    return (other.left - one.right) / max(one.size, other.size)


def joined(glyphs: Sequence[Glyph]) -> str:
    """The text of one line; a space where one was written and is seen, or where the gap is as wide as one."""
    parts = [glyphs[0].text]
    for one, other in pairwise(glyphs):
        free = gap(one, other)
        letters = one.text.isalpha() or other.text.isalpha()
        words = other.spaced or (letters and not (one.wide or other.wide))
        parts += [" "] if free > SPACE_GAP or (words and free > WORD_GAP) else []
        parts.append(other.text)
    return "".join(parts)


def by_lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Glyphs by the line that they stand on, from left to right; what was drawn twice is there once."""
    lines: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: each.baseline):
        if lines and glyph.baseline - lines[-1][0].baseline <= SAME_LINE * min(glyph.size, lines[-1][0].size):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [_once(sorted(line, key=lambda each: each.left)) for line in lines]


def _once(line: list[Glyph]) -> list[Glyph]:
    kept = line[:1]
    for glyph in line[1:]:
        before = kept[-1]
        if glyph.text != before.text or glyph.left - before.left > TWICE * glyph.size:
            kept.append(glyph)
    return kept


class Numbering:
    """The lines of a page, counted from one at the top."""

    def __init__(self, lines: Sequence[Sequence[Glyph]]) -> None:
        self._tops = [line[0].middle - line[0].size / 2 for line in lines]

    def at(self, y: float) -> int:
        """The number of the line at or above a height."""
        return max(bisect_right(self._tops, y), 1)


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """The text of a cell, given in the order of the page's program: its lines, or one line where it is vertical."""
    if glyphs and is_vertical(glyphs):
        return "".join(glyph.text for glyph in glyphs)
    lines = [joined(line) for line in by_lines(glyphs)]
    # A narrow label has one or two characters a line; digits may be two numbers below each other.
    narrow = len(lines) > 1 and all(len(line) <= 2 and not (line.isascii() or line.isdecimal()) for line in lines)
    return ("" if narrow else "\n").join(lines)


def is_vertical(glyphs: Sequence[Glyph]) -> bool:
    """Whether it is written downwards: on its side, or each character below the one before."""
    if sum(glyph.turned for glyph in glyphs) * 2 > len(glyphs):
        return True
    # Digits below each other may be two numbers, however wide they are.
    if sum(glyph.wide and not glyph.text.isdecimal() for glyph in glyphs) * 2 < len(glyphs):
        return False
    down = across = 0
    for one, other in pairwise(glyphs):
        if other.baseline - one.baseline > SAME_LINE * one.size:
            down += abs(other.center - one.center) < SAME_LINE * one.size
        else:
            across += 1
    return down > across


def pieces(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """What stays together when text is put into cells: a word or a number, else a single character.

    A number that is wider than its column reaches over the rule, and no digit of it belongs next door.
    """
    piece: list[Glyph] = []
    for glyph in glyphs:
        if piece and not _sticks(piece[-1], glyph):
            yield piece
            piece = []
        piece.append(glyph)
    if piece:
        yield piece


def _sticks(one: Glyph, other: Glyph) -> bool:
    tight = abs(gap(one, other)) < STUCK and abs(one.baseline - other.baseline) < 1
    return tight and not (one.wide or other.wide or other.spaced or one.turned or other.turned)
