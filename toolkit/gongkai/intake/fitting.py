"""Row heights: programs do not grow a row to what merged cells hold, so the heights are worked out here."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gongkai.intake.book import Place
from gongkai.intake.spreadsheet import Check, Formula, Look, NewSheet, Page, Value

LINE_HEIGHT, PADDING, MAX_HEIGHT = 15.0, 5.0, 400.0
"""Points: of a line of text, around the lines of a cell, and of a row at most (programs allow 409)."""
MARGIN = 1.0
"""Characters of a cell's width that its text cannot use."""


@dataclass
class FittedSheet:
    """A sheet whose columns have the widths given and whose rows grow to what is put in them."""

    _sheet: NewSheet
    _widths: Mapping[int, float]
    _heights: dict[int, float] = field(default_factory=dict)
    _tall: list[tuple[int, int, float]] = field(default_factory=list)

    def put(
        self, place: Place, value: Value | Formula, look: Look, span: tuple[int, int] = (1, 1), *, least: float = 0
    ) -> None:
        """Write `value` at `place`, over `span` rows and columns; its row is at least `least` points high."""
        self._sheet.put(place, value, look, span)
        width = sum(self._widths[column] for column in range(place[1], place[1] + span[1]))
        needed = lines(value, width - MARGIN) * LINE_HEIGHT + PADDING if isinstance(value, str) else 0.0
        if span[0] == 1:
            height = max(self._heights.get(place[0], 0), needed, least)
            self._heights[place[0]] = min(height, MAX_HEIGHT)
        else:
            self._tall.append((place[0], span[0], needed))

    def check(self, place: Place, check: Check) -> None:
        """Let `place` take only what `check` allows."""
        self._sheet.check(place, check)

    def colour(self, places: Iterable[Place], starts_with: str, *, good: bool) -> None:
        """Colour those of `places` whose text starts so."""
        self._sheet.colour(places, starts_with, good=good)

    def finish(self, *, landscape: bool = False, freeze: Place) -> None:
        """Set the page."""
        for top, rows, needed in self._tall:
            lacking = needed - sum(self._heights.get(row, LINE_HEIGHT) for row in range(top, top + rows))
            if lacking > 0:
                for row in range(top, top + rows):
                    self._heights[row] = self._heights.get(row, LINE_HEIGHT) + lacking / rows
        self._sheet.finish(Page(self._widths, self._heights, landscape, freeze))


def fitted(texts: Sequence[str], widths: Sequence[float]) -> float:
    """The height of a row that holds `texts`, each in a cell as wide as its width says."""
    most = max(lines(text, width - MARGIN) for text, width in zip(texts, widths, strict=True))
    return min(most * LINE_HEIGHT + PADDING, MAX_HEIGHT)


def lines(text: str, width: float) -> int:
    """How many lines `text` takes in `width` characters; Chinese characters are two wide."""
    return sum(max(1, math.ceil(_columns(line) / width)) for line in text.split("\n"))


def _columns(text: str) -> int:
    """How wide `text` is where every character has a cell: Chinese characters are two wide."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
