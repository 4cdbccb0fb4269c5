"""The headings of a report: which section or part of one a line opens."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from gongkai.forms import Section
from gongkai.intake.labels import bare, is_enumerated
from gongkai.intake.numbers import plain, vocabulary

LIKE = 0.6
"""How alike a printed heading must be to the form's to open its section."""
LENGTH = 25
"""Characters that the heading of a part has at most."""


def opened(text: str, following: Sequence[Section]) -> Section | None:
    """The section whose heading `text` is; sections open in the form's order, and one may be left out."""
    printed, line = bare(text), plain(text)
    if not printed or len(printed) > 2 * LENGTH:
        return None
    for section in following:
        title = bare(section.title.zh)
        if printed == title:
            return section
        if is_enumerated(text) and line.startswith(section.ordinal.zh):
            stripped = re.sub(vocabulary()["heading_notes"], "", printed)
            if difflib.SequenceMatcher(None, stripped, title).ratio() >= LIKE:
                return section
    return None


def after_heading(text: str, names: Sequence[str]) -> str | None:
    """What follows the heading of a part on its line (often nothing); None where the line has no such heading."""
    head, stop, rest = text.strip().partition(vocabulary()["heading_end"])
    if len(head) > LENGTH or not is_enumerated(head) or not any(name in head for name in names):
        return None
    return rest.strip() if stop else ""
