"""What stands where in the official workbook: known once, for writing it and for reading it back.

A sheet for the facts and the narrative, a sheet for each table, and a hidden sheet that says which workbook this is.
Words are those of the language in use, so whoever reads a workbook speaks the workbook's language meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.filing import LEVELS
from gongkai.forms import Form, Section
from gongkai.intake.book import Place
from gongkai.tables import GridCell

SCHEMA = 1
"""The number of this layout; another layout gets another one."""

ABOUT_SHEET = "gongkai"
ABOUT = ("schema", "edition", "language", "revision", "facts")
"""What the hidden sheet records, in its order: names in the first column, values in the second."""

FACTS = ("title", "index_number", "period", "signature", "signed", "published")
"""The facts of a report that every workbook asks for."""

FIRST_LINE = 3
"""The row of the first line of the sheet of facts."""
TABLE_TOP = 3
"""The row of the first line of a table."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sheet of facts: label, input, hint. `key` is as in cells files: year, facts.KEY, texts.KEY."""

    key: str
    label: str
    hint: str = ""

    @property
    def is_text(self) -> bool:
        return self.key.startswith("texts.")


def facts_lines(form: Form, facts: Sequence[str]) -> tuple[Line, ...]:
    """The lines of the sheet of facts, beginning at `FIRST_LINE`; `facts` are the keys of the facts to ask for."""
    identity = ("agency", "agency_code", "level", "year")
    lines = [Line(key, say(f"workbook.{key}"), _hint(key)) for key in identity]
    lines += [Line(f"facts.{key}", say(f"workbook.{key}") if key in FACTS else key, _hint(key)) for key in facts]
    lines.append(Line("texts.preamble", say("workbook.preamble"), _hint("preamble")))
    for section in form.sections:
        if section.text:
            lines.append(Line(f"texts.{section.text}", section.heading, str(section.note or "")))
        lines += [Line(f"texts.{part.text}", part.heading) for part in section.parts]
    return tuple(lines)


def _hint(key: str) -> str:
    if key == "level":
        return "\n".join(
            say("workbook.level_line", level=level, meaning=say(f"workbook.level_{level}")) for level in LEVELS
        )
    return say(f"workbook.{key}_hint") if key in (*FACTS, "year", "agency_code", "preamble") else ""


def table_sections(form: Form) -> Iterator[Section]:
    """The sections that show a table, each of which has its own sheet."""
    return (section for section in form.sections if section.table)


def is_listing(first: str) -> bool:
    """Whether a sheet whose first cell says so lists what a check has found: it is no part of what was handed in."""
    headings = []
    for lang in LANGUAGES:
        with speaking(lang):
            headings.append(say("listing.heading"))
    return first.strip() in headings


def place_of(cell: GridCell) -> Place:
    """Where a cell of an official table stands on its sheet."""
    return cell.row + TABLE_TOP, cell.column + 1
