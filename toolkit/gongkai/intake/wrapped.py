"""Plain text whose lines were broken at a fixed width: put together to paragraphs, tables left as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gongkai.intake.numbers import is_value, vocabulary
from gongkai.intake.printed import Paragraph, Printed
from gongkai.intake.wrapping import begins, joined, margin, may_break

INDENT = 2
"""A line that begins so many columns inside the others begins a paragraph."""
SLACK = 10
"""Columns by which a line that breaks off in a sentence may miss the margin: digits are narrower on some pages than
on others, and the indent of a first line is lost at times."""
NARROWEST = 44
"""Lines are broken at a margin that is so many columns away; else they are lines of their own."""
SHARE = 1 / 4
"""The part of all longer lines that break off in a sentence at one margin where a text is broken there."""
FEWEST = 3
"""Fewer lines that break off at one margin may do so by chance."""
BEYOND = 1 / 4
"""For each line that breaks off at the margin, lines that reach beyond it: what cannot be broken, as addresses."""
_APART = re.compile(r"\t|\||\S\s{3,}\S")
"""What stands between the fields of a table, and not between words."""

Width = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that may be one of a paragraph; `left` and `right` are the columns that it begins and ends in."""

    paragraph: Paragraph
    left: int
    right: int

    @property
    def text(self) -> str:
        return self.paragraph.text.strip()

    @property
    def over(self) -> bool:
        """Whether a sentence ends with it."""
        return bool(re.search(vocabulary()["sentence_over"], self.text))

    @property
    def told(self) -> bool:
        """Whether it is surely prose: headings and titles have no clauses, and are not broken off where they end."""
        return bool(re.search(vocabulary()["prose"], self.text))


@dataclass(frozen=True, slots=True)
class _Margins:
    """Where the lines of a text begin, and where they were broken; `broken` is how many surely were.

    Where first lines are `indented`, a line that is not goes on, though a sentence ended before it. Lines were `cut`
    where all end in the same column: what keeps words and numbers whole leaves them ragged.
    """

    width: Width
    left: float = 0
    right: int = 0
    broken: int = 0
    indented: bool = False
    cut: bool = False

    def continues(self, paragraph: Sequence[_Line], line: _Line, *, apart: bool) -> bool:
        """Whether `line` goes on with a paragraph; `apart` where blank lines are between."""
        before = paragraph[-1]
        if begins(line.text) or line.left >= self.left + INDENT:
            return False
        ended = before.over and not self.indented
        if (apart and before.over) or (ended and re.match(vocabulary()["item"], line.text)):
            return False
        room = self.right - before.right
        strict = ended or not any(each.told for each in paragraph)
        return room < sum(map(self.width, _first_word(line.text))) + (0 if strict else SLACK)


def paragraphs(lines: Sequence[Paragraph]) -> Printed:
    """The lines put together to paragraphs, if they were broken at a margin; else as they are."""
    margins = max((_margins(lines, width) for width in (_on_screen, _alike)), key=lambda each: (each.broken, each.cut))
    if not margins.broken:
        return lines
    found: list[Paragraph] = []
    current: list[_Line] = []
    blank: list[Paragraph] = []
    for each in lines:
        if not each.text.strip():
            blank.append(each)
            continue
        line = _measured(each, margins.width)
        if line and current and margins.continues(current, line, apart=bool(blank)):
            current.append(line)
        else:
            found += [*_whole(current, cut=margins.cut), *blank, *([] if line else [each])]
            current = [line] if line else []
        blank = []
    return [*found, *_whole(current, cut=margins.cut), *blank]


def _margins(lines: Sequence[Paragraph], width: Width) -> _Margins:
    """The margins at which most lines break off in a sentence; those of a text that is not broken have no `broken`."""
    measured = [line for each in lines if (line := _measured(each, width))]
    left = margin([line.left for line in measured], 0, first=True)
    told = (line for line in measured if line.told and line.right - left >= NARROWEST)
    ends = sorted((line.right, line.over) for line in told)
    right = broken = finished = start = over = 0
    for number, (end, is_over) in enumerate(ends, start=1):
        over += is_over
        while ends[start][0] < end - SLACK:
            over -= ends[start][1]
            start += 1
        here, beyond = number - start - over, len(ends) - number
        if here >= max(broken, beyond / BEYOND):
            right, broken, finished = end, here, over
    longer = sum(line.told and line.right - line.left > (right - left) / 2 for line in measured)
    indented = sum(line.left >= left + INDENT and line.right - left >= NARROWEST for line in measured)
    wraps = broken >= max(FEWEST, SHARE * longer) and broken > finished
    cut = all(end >= right - 1 for end, is_over in ends if right - SLACK <= end <= right and not is_over)
    return _Margins(width, left, right, broken if wraps else 0, indented >= max(2, SHARE * broken), cut)


def _measured(paragraph: Paragraph, width: Width) -> _Line | None:
    """A line with where it begins and ends; None for one of a table."""
    text = paragraph.text.rstrip()
    words = text.split()
    if not words or _APART.search(text.strip()) or all(map(is_value, words[-2:])):
        return None
    left = sum(map(width, text[: len(text) - len(text.lstrip())]))
    return _Line(paragraph, left, left + sum(map(width, text.strip())))


def _on_screen(character: str) -> int:
    """The columns of a character where Chinese ones take two."""
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _alike(_: str) -> int:
    """The columns of any character where a program counted characters."""
    return 2


def _first_word(text: str) -> str:
    """What would have to move to the line before: up to where a line may be broken."""
    end = 1
    while end < len(text) and not may_break(text[end - 1], text[end], spaced=text[end].isspace()):
        end += 1
    return text[:end]


def _whole(lines: Sequence[_Line], *, cut: bool) -> list[Paragraph]:
    """The paragraph that `lines` are; one line stays as it stood."""
    if len(lines) < 2:
        return [line.paragraph for line in lines]
    first, last = lines[0].paragraph.source, lines[-1].paragraph.source
    return [Paragraph(joined([line.text for line in lines], cut=cut), replace(first, last_line=last.line))]
