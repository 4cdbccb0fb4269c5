"""Numbers that narrow cells wrapped: whether another digit would have had room on a line.

Two numbers below each other look like one that was wrapped, but only the latter fills each line but its last. How
wide a cell is inside follows from words that were wrapped: they had no room on the line before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from gongkai.intake.numbers import is_padded, plain
from gongkai.intake.pdf.glyphs import Glyph, Line, by_lines
from gongkai.intake.pdf.passages import first_word

WITNESSES = 2
"""So many lines say how wide the padding is at least; a single one may have been broken by hand, or indented."""
ROUNDED = 0.25
"""How far borders and characters are off their places, in points."""
STACKED = r"[-+]?[0-9.,]+(\n[0-9.,]+)+[^\W\d_]*"
MARKS = ",."
"""No number ends in these."""


@dataclass(frozen=True, slots=True)
class Column:
    """The lines of a cell that is `width` points wide between its borders."""

    width: float
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, width: float, glyphs: Iterable[Glyph]) -> Column:
        """The cell that holds some glyphs."""
        return cls(width, tuple(Line(tuple(line), 0, 0) for line in by_lines(glyphs)))

    def free(self, line: Line) -> float:
        """What a line leaves of the width."""
        return self.width - (line.right - line.left)


def least_padding(columns: Iterable[Column]) -> float:
    """How much of a cell's width is left free on both sides together, at least, in points.

    No line reaches into the padding, so that what claims more than the fullest line leaves was broken by hand.
    """
    most, claims = float("inf"), []
    for column in columns:
        for line in column.lines:
            if (free := column.free(line)) >= 0:
                most = min(most, free)
        if not is_stacked(column):
            claims += [column.free(line) - first_word(below) for line, below in pairwise(column.lines)]
    backed = sorted(claim for claim in claims if claim <= most + ROUNDED)[-WITNESSES:]
    return max(min(backed[0], most), 0.0) if len(backed) == WITNESSES else 0.0


def is_full(column: Column, line: Line, padding: float) -> bool:
    """Whether a line ends in a number that its cell has no room to go on with: another digit would not fit."""
    last = line.glyphs[-1]
    return last.text.isdecimal() and column.free(line) - (last.right - last.left) < padding + ROUNDED


def is_stacked(column: Column) -> bool:
    """Whether there are digits on several lines, and nothing else but their signs and the unit."""
    return bool(re.fullmatch(STACKED, _text(column)))


def is_wrapped(column: Column, padding: float) -> bool:
    """Whether stacked digits are one number: no digit that went down had room above."""
    goes_on = all(plain(line.text)[-1] in MARKS or is_full(column, line, padding) for line in column.lines[:-1])
    return goes_on and not is_padded(_text(column))


def _text(column: Column) -> str:
    return "\n".join(plain(line.text) for line in column.lines)
