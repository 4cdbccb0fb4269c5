"""Lines put together to paragraphs, over the ends of pages too."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.filing import Source
from gongkai.intake.pdf.glyphs import Line
from gongkai.intake.printed import Grid, Paragraph, Printed
from gongkai.intake.wrapping import begins, joined, margin, may_break

INDENT = 1.2
"""A line that begins so far inside the others, in sizes of type, begins a paragraph."""
SLACK = 0.6
"""How far a full line may be from the margin, in sizes of type, beside the word that had no room on it."""
NARROWEST = 15.0
"""Lines are broken at the margin where it is so far, in sizes of type; else they are lines of their own."""
SAME_SIZE = 0.15
"""Lines of one paragraph differ in size of type by this share at most."""
TOGETHER = 12.0
"""Ends of lines that are no further apart than this, in points, are at one margin."""
SPACING = 2.8
"""Lines of one paragraph are so far apart at most, in sizes of type."""
WIDER = 1.25
"""Where the spacing of a paragraph is known, the next line is no further away than this many times it."""


def passages(blocks: Sequence[Line | Grid], file: str) -> Printed:
    """The blocks with their lines joined to paragraphs: where a line is full, and the next begins none."""
    lines = [block for block in blocks if isinstance(block, Line)]
    left = margin([line.left for line in lines], TOGETHER, first=True)
    right = margin([line.right for line in lines], TOGETHER)
    printed: list[Paragraph | Grid] = []
    current: list[Line] = []
    for block in [*blocks, None]:
        if isinstance(block, Line) and current and _continues(current, block, left, right):
            current.append(block)
            continue
        if current:
            source = Source(file=file, page=current[0].page, line=current[0].number)
            printed.append(Paragraph(joined([line.text for line in current]), source))
        current = [block] if isinstance(block, Line) else []
        printed += [block] if isinstance(block, Grid) else []
    return printed


def _continues(paragraph: Sequence[Line], line: Line, left: float, right: float) -> bool:
    before, size = paragraph[-1], line.size
    if abs(before.size - size) > SAME_SIZE * size or begins(line.text):
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
    while end < len(glyphs) and not may_break(glyphs[end - 1].text, glyphs[end].text, spaced=glyphs[end].spaced):
        end += 1
    return glyphs[end - 1].right - glyphs[0].left
