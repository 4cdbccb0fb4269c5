"""What stands in the margins of pages and is no part of the report: page numbers, running heads and feet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from gongkai.intake.numbers import plain, vocabulary
from gongkai.intake.pdf.glyphs import Line

ZONE = 0.15
"""The share of a page's height, at the top and at the bottom, in which its margins end."""
SAME_PLACE = 3.0
"""How far, in points, a running head is from its place on other pages."""


def body(pages: Sequence[tuple[float, Sequence[Line]]]) -> list[list[Line]]:
    """The lines of each page, given with its height, without what stands in its margins.

    Only what is outermost is taken away: a page number, or a line that stands on every page at the same place and
    says the same, whatever its digits.
    """
    margins = [[*_outer(height, lines), *_outer(height, lines[::-1])] for height, lines in pages]
    offsets = Counter(
        number - line.page
        for line in (line for margin in margins for line in margin)
        for number in _number(line, bare=True)
    )
    known = {offset for offset, count in offsets.items() if count > 1 or offset == 0}
    texted = [margin for margin, (_, lines) in zip(margins, pages, strict=True) if lines]

    def is_marginal(line: Line, lines: Sequence[Line]) -> bool:
        bare = any(number - line.page in known for number in _number(line, bare=True)) and _is_apart(line, lines)
        if bare or any(True for _ in _number(line, bare=False)):
            return True
        if re.match(vocabulary()["browser_margin"], plain(line.text)):
            return True
        return len(texted) > 1 and all(any(_alike(line, other) for other in margin) for margin in texted)

    bodies = []
    for height, lines in pages:
        above = _count(is_marginal(line, lines) for line in _outer(height, lines))
        rest = lines[above:]
        below = _count(is_marginal(line, lines) for line in _outer(height, rest[::-1]))
        bodies.append(list(rest[: len(rest) - below]))
    return bodies


def _is_apart(line: Line, lines: Sequence[Line]) -> bool:
    """Whether no other line is as near as those of one cell: digits in a row of a table may stand a little above it."""
    return all(other is line or abs(other.baseline - line.baseline) >= line.size for other in lines)


def _outer(height: float, lines: Sequence[Line]) -> Iterator[Line]:
    """The lines from the edge of the page inward as long as they are in its margin."""
    for line in lines:
        if ZONE * height < line.baseline < (1 - ZONE) * height:
            return
        yield line


def _count(truths: Iterable[bool]) -> int:
    """How many are true before the first that is not."""
    count = 0
    for truth in truths:
        if not truth:
            break
        count += 1
    return count


def _number(line: Line, *, bare: bool) -> Iterator[int]:
    """The page number that a line is: digits and nothing else where `bare`, else with dashes or words around."""
    text = plain(line.text)
    found = re.fullmatch(r"\d{1,3}" if bare else vocabulary()["page_number"], text)
    if found and (bare or not text.isdigit()):
        yield int(re.findall(r"\d+", text)[0])


def _alike(line: Line, other: Line) -> bool:
    said, saying = (re.sub(r"\d+", "", each.text) for each in (line, other))
    return bool(said.strip()) and said == saying and abs(line.baseline - other.baseline) <= SAME_PLACE
