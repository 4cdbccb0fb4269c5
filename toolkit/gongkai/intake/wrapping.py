"""Paragraphs whose lines were broken where the page or the text ends: what print and plain text have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from gongkai.intake.numbers import vocabulary


def margin(ends: Sequence[float], together: float, *, first: bool = False) -> float:
    """The outermost place where two lines begin or end at least; that of the outermost line where no two do.

    Ends that are no further apart than `together` are one place.
    """
    outward = sorted(ends, reverse=not first)
    for one, other in pairwise(outward):
        if abs(one - other) <= together:
            return one
    return outward[0] if outward else 0.0


def begins(text: str) -> bool:
    """Whether a line begins as headings do, which continue no other line."""
    return bool(re.match(vocabulary()["heading"], text))


def may_break(one: str, other: str, *, spaced: bool = False) -> bool:
    """Whether a line may end between two characters: not within a word or number, not within its punctuation."""
    if unicodedata.category(one[0]) in ("Ps", "Pi") or unicodedata.category(other[0]) in ("Pe", "Pf", "Po"):
        return False
    return is_wide(one) or is_wide(other) or spaced


def is_wide(character: str) -> bool:
    """Whether a character is set solid, as Chinese is, and not in words."""
    return ord(character[0]) >= 0x2E80


def joined(lines: Sequence[str], *, cut: bool = False) -> str:
    """The text of lines that are one paragraph: words that stood on two lines keep a space between them.

    `cut` says that lines end wherever their room does, within numbers too.
    """
    text = lines[0]
    for line in lines[1:]:
        words = text[-1].isascii() and text[-1].isalnum() and line[0].isascii() and line[0].isalnum()
        number = cut and text[-1].isdigit() and line[0].isdigit()
        text += (" " if words and not number else "") + line
    return text
