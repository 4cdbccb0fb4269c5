"""Sheets of the official workbook that have lost its hidden sheet: copied into another file, or saved as CSV each.

They are told by what stands at their head and read by their places all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.filing import Filing
from gongkai.forms import Form, editions
from gongkai.intake.blueprint import FACTS, FIRST_LINE, facts_lines, table_sections
from gongkai.intake.book import Sheet
from gongkai.intake.interface import Document
from gongkai.intake.ranges import MAX_COLUMNS, MAX_ROWS, Cells
from gongkai.intake.workbook import FACTS_PART, About, filing_of_parts, labels, tight


@dataclass(frozen=True, slots=True)
class _Copies:
    about: About
    parts: Mapping[str, Sheet]

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Editions differ in their labels; where that decides nothing, the year does."""
        told = [
            tight(sheet.texts.get(place, "")) == tight(label)
            for part, sheet in self.parts.items()
            for place, label in labels(self.about, part).items()
        ]
        years = self.about.form.years
        is_year = re.fullmatch(r"\d{4}", self._year, re.ASCII) is not None
        return sum(told), is_year and int(self._year) in years, years.first

    @property
    def _year(self) -> str:
        row = [line.key for line in facts_lines(self.about.form, ())].index("year") + FIRST_LINE
        return self.parts[FACTS_PART].texts.get((row, 2), "") if FACTS_PART in self.parts else ""


def filing_of_copies(found: Sequence[Cells], document: Document) -> Filing | None:
    """The filing in copied sheets of the official workbook; None where `found` are others.

    Raises InputError for the first label that does not stand in its place.
    """
    sheets = [Sheet.of(cells, MAX_ROWS, MAX_COLUMNS) for cells in found if cells.rows]
    copies = [_copies(sheets, form, language) for form in editions().values() for language in LANGUAGES]
    best = max((each for each in copies if each.parts), key=lambda each: each.rank, default=None)
    return filing_of_parts(best.about, best.parts, document) if best else None


def _copies(sheets: Sequence[Sheet], form: Form, language: str) -> _Copies:
    """What of `sheets` is of the official workbook; nothing where that is not certain."""
    with speaking(language):
        heads = {FACTS_PART: (say("workbook.facts_heading"), say("workbook.facts_hint"))}
        heads |= {each.table or "": (each.heading, say("workbook.table_hint")) for each in table_sections(form)}
        known = [(part, sheet) for sheet in sheets for part, head in heads.items() if _is_headed(sheet, *head)]
        parts = dict(known)
        # Sheets of two agencies are no filing, and what an incomplete copy lacks may stand on a sheet beside it.
        if len(parts) < len(known) or (len(parts) < len(heads) and len(known) < len(sheets)):
            parts = {}
        facts = _facts(parts[FACTS_PART], form) if FACTS_PART in parts else ()
    return _Copies(About(form, language, 1, facts), parts)


def _is_headed(sheet: Sheet, title: str, hint: str) -> bool:
    first, second = (tight(sheet.texts.get((row, 1), "")) for row in (1, 2))
    return first == tight(title) and second.startswith(tight(hint))


def _facts(sheet: Sheet, form: Form) -> tuple[str, ...]:
    """The keys of the facts that are asked for: those of every workbook, and what else stands before the texts."""
    keys = [line.key for line in facts_lines(form, FACTS)]
    row = keys.index("texts.preamble") + FIRST_LINE
    others: list[str] = []
    while (label := sheet.texts.get((row + len(others), 1), "")) and tight(label) != tight(say("workbook.preamble")):
        others.append(label.strip())
    # Without the line that ends them, lines have moved, and nothing else is known of them.
    return (*FACTS, *others) if label else FACTS
