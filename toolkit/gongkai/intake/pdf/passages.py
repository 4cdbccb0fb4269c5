"""Lines put together to paragraphs, over the ends of pages too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from gongkai.filing import Source
from gongkai.intake.numbers import vocabulary
from gongkai.intake.pdf.glyphs import Glyph, Line
from gongkai.intake.printed import Grid, Paragraph, Printed

INDENT = 1.2
"""A line that begins so far inside the others, in sizes of type, begins a paragraph."""
SLACK = 0.6
"""How far a full line may be from the margin, in sizes of type, beside the word that had no room on it."""
NARROWEST = 15.0
"""Lines are broken at the margin where it is so far, in sizes of type; else they are lines of their own."""
SAME_SIZE = 0.15
"""Lines of one paragraph differ in size of type by this share at most."""
SPACING = 2.8
"""Lines of one paragraph are so far apart at most, in sizes of type."""
WIDER = 1.25
"""Where the spacing of a paragraph is known, the next line is no further away than this many times it."""


def passages(blocks: Sequence[Line | Grid], file: str) -> Printed:
    """The blocks with their lines joined to paragraphs: where a line is full, and the next begins none."""
    lines = [block for block in blocks if isinstance(block, Line)]
    left, right = _shared([line.left for line in lines], first=True), _shared([line.right for line in lines])
    printed: list[Paragraph | Grid] = []
    current: list[Line] = []
    for block in [*blocks, None]:
        if isinstance(block, Line) and current and _continues(current, block, left, right):
            current.append(block)
            continue
        if current:
            source = Source(file=file, page=current[0].page, line=current[0].number)
            printed.append(Paragraph(_text(current), source))
        current = [block] if isinstance(block, Line) else []
        printed += [block] if isinstance(block, Grid) else []
    return printed


def _shared(ends: Sequence[float], *, first: bool = False) -> float:
    """The outermost place where two lines begin or end at least; that of the outermost line where no two do."""
    outward = sorted(ends, reverse=not first)
    for one, other in pairwise(outward):
        if abs(one - other) <= TOGETHER:
            return one
    return outward[0] if outward else 0.0


TOGETHER = 12.0
"""Ends of lines that are no further apart than this, in points, are at one margin."""


def _continues(paragraph: Sequence[Line], line: Line, left: float, right: float) -> bool:
    before, size = paragraph[-1], line.size
    if abs(before.size - size) > SAME_SIZE * size or re.match(vocabulary()["heading"], line.text):
        return False
    if line.left > before.left + SLACK * size or line.left > left + INDENT * size:
        return False
    if before.page == line.page:
        most = SPACING * size
        if len(paragraph) > 1 and paragraph[-2].page == line.page:
            most = WIDER * (before.baseline - paragraph[-2].baseline)
        if line.baseline - before.baseline > most:
            return False
    if right - left < NARROWEST * size:
        return False
    return right - before.right < first_word(line) + SLACK * size


def first_word(line: Line) -> float:
    """How much room the beginning of a line would need at the end of another: up to where a line may break."""
    glyphs = line.glyphs
    end = 1
    while end < len(glyphs) and not _may_break(glyphs[end - 1], glyphs[end]):
        end += 1
    return glyphs[end - 1].right - glyphs[0].left


def _may_break(one: Glyph, other: Glyph) -> bool:
    """Whether a line may end between two glyphs: not within a word or number, not within its punctuation."""
    if unicodedata.category(one.text) in ("Ps", "Pi") or unicodedata.category(other.text) in ("Pe", "Pf", "Po"):
        return False
    return one.wide or other.wide or other.spaced


def _text(lines: Sequence[Line]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        words = text[-1].isascii() and text[-1].isalnum() and line.text[0].isascii() and line.text[0].isalnum()
        text += (" " if words else "") + line.text
    return text
