"""The headings of a report in their order: the form's own as they are printed, and others that are set like them."""

from __future__ import annotations

import difflib
import re

from gongkai.filing import Text
from gongkai.intake.labels import bare
from gongkai.intake.landmarks import landmarks
from gongkai.intake.narrative import LENGTH, Opening, cut, is_bracketed, look_of, number_of, value_of
from gongkai.intake.numbers import vocabulary
from gongkai.intake.printed import Paragraph

LIKE = 0.85
"""How alike a line must be to the title of a section to stand for its heading wherever it stands."""


class Outline:
    """Follows the headings down a report.

    A line is a heading beyond the form's where it has the number after the last heading's, or a section's title where
    that section cannot open. Lists within a section are numbered too: what began from one, or comes again as the
    number of a section of the form, was an item.
    """

    def __init__(self) -> None:
        self.headings: dict[str, Text] = {}
        self._others: list[tuple[int, Text]] = []
        self._last = 0
        self._look = ""
        self._is_listing = False

    @property
    def beyond(self) -> list[Text]:
        """Headings that the form does not have, or not there."""
        return [text for _, text in self._others]

    def opened(self, opening: Opening, line: Paragraph) -> None:
        """A section of the form opened at `line`."""
        text = line.text.strip()
        heading = re.sub(f"{vocabulary()['heading_end']}$", "", text.removesuffix(opening.rest).strip())
        self.headings.setdefault(opening.section.key, Text(heading, line.source))
        self._look, self._last = look_of(heading), value_of(number_of(heading))
        self._is_listing = False
        self._others = [each for each in self._others if each[0] != self._last]

    def passed(self, line: Paragraph) -> None:
        """A line that opened no section."""
        head, _ = cut(line.text)
        if not self._look or is_bracketed(head) or look_of(head) != self._look or not _may_be_heading(head):
            return
        number = value_of(number_of(head))
        if _is_title(head):
            if bare(head) not in {bare(each.text) for each in self.headings.values()}:
                self._others.append((0, Text(head, line.source)))
        elif number <= self._last:
            self._is_listing = True
        elif number == self._last + 1 and not self._is_listing:
            self._others.append((number, Text(head, line.source)))
            self._last = number


def _may_be_heading(head: str) -> bool:
    """Whether a line is as short as a heading, no sentence, and no label of a table."""
    text = bare(head)
    if not 1 < len(text) <= LENGTH or re.search(vocabulary()["clause"] + r"|\d", text):
        return False
    return not any(text in label or label in text for label in landmarks().labels)


def _is_title(head: str) -> bool:
    titles = (bare(section.title.zh) for section in landmarks().sections)
    return any(difflib.SequenceMatcher(None, bare(head), title).ratio() >= LIKE for title in titles)
