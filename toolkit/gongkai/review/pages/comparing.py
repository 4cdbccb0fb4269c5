"""Two filings beside each other: this year and last, or two versions of one report; cell by cell, and their prose."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from gongkai.catalogues import catalogue, language, say
from gongkai.filing import Cell, Filing
from gongkai.tables import GridCell, layout
from gongkai.wording import cell_in_words, text_in_words

LONGEST = 20_000
"""Characters of a text that is compared word by word; of a longer one only its sentences are."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell of a table: this year's number and last year's, and what has changed."""

    cell: GridCell
    now: Cell | None
    before: int | Decimal | None

    @property
    def change(self) -> int | Decimal | None:
        """The number of this year less that of last year; None where one of them is none."""
        value = self.now.value if self.now else None
        return None if value is None or self.before is None else value - self.before


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the figure: a row of a table with the totals of both years, and how long their bars are."""

    name: str
    now: int | Decimal | None
    before: int | Decimal | None
    width: float
    width_before: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text that is the same in both, was added, or is gone."""

    kind: Literal["same", "added", "gone"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell, a fact or a text that differs: what it is called and what it was and is, or its pieces."""

    name: str
    before: str
    now: str
    pieces: tuple[Piece, ...] = ()


def grids(filing: Filing, previous: Filing | None) -> Iterator[tuple[str, list[list[tuple[GridCell, Figure | None]]]]]:
    """Each table of the form: its name, and its rows of labels and figures."""
    for key, table in filing.form.tables.items():
        rows = layout(filing.edition, key).rows()
        yield str(table.name), [[(cell, _figure(cell, filing, previous)) for cell in row] for row in rows]


def bars(filing: Filing, previous: Filing | None) -> list[Bar]:
    """The totals of the rows of the tables that have a column of totals, where either year has any."""
    pairs: list[tuple[str, int | Decimal | None, int | Decimal | None]] = []
    for address, spec in filing.form.cells.items():
        if spec.column.key == "total":
            now = filing.number(address)
            before = previous.number_as(address, filing.edition) if previous else None
            if now or before:
                pairs.append((cell_in_words(filing.form, address), now, before))
    longest = max((abs(float(each or 0)) for _, now, before in pairs for each in (now, before)), default=1.0) or 1.0
    return [Bar(name, now, before, _share(now, longest), _share(before, longest)) for name, now, before in pairs]


def differences(before: Filing, now: Filing) -> list[Difference]:
    """What differs between two versions of a report: its cells, then its facts, then its texts."""
    return [*_cells(before, now), *_facts(before, now), *_texts(before, now)]


def _figure(cell: GridCell, filing: Filing, previous: Filing | None) -> Figure | None:
    if cell.address is None:
        return None
    address = cell.address
    before = previous.number_as(address, filing.edition) if previous else None
    return Figure(cell, filing.cells.get(address), before)


def _share(value: int | Decimal | None, longest: float) -> float:
    return round(100 * abs(float(value or 0)) / longest, 2)


def _cells(before: Filing, now: Filing) -> Iterator[Difference]:
    for address in now.form.cells:
        texts = [each.cells[address].raw if address in each.cells else "" for each in (before, now)]
        if texts[0] != texts[1]:
            yield Difference(cell_in_words(now.form, address), texts[0], texts[1])


def _facts(before: Filing, now: Filing) -> Iterator[Difference]:
    for key in {**before.facts, **now.facts}:
        texts = [each.facts[key].text if key in each.facts else "" for each in (before, now)]
        if texts[0] != texts[1]:
            yield Difference(fact_in_words(key), texts[0], texts[1])


def fact_in_words(key: str) -> str:
    """What a fact of a report is called."""
    words = f"workbook.{key}"
    return say(words) if words in catalogue(language()) else key


def _texts(before: Filing, now: Filing) -> Iterator[Difference]:
    for key in {**before.texts, **now.texts}:
        texts = ["\n".join(each.text for each in filing.texts.get(key, ())) for filing in (before, now)]
        if texts[0] != texts[1]:
            yield Difference(text_in_words(now.form, key), texts[0], texts[1], tuple(pieces(*texts)))


def pieces(before: str, now: str) -> Iterator[Piece]:
    """A text and what has become of it, in the pieces that both have and that only one has."""
    parts = (_parts(before), _parts(now))
    matcher = difflib.SequenceMatcher(None, parts[0], parts[1], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        old, new = "".join(parts[0][first:last]), "".join(parts[1][start:end])
        if kind == "equal":
            yield Piece("same", new)
            continue
        if old:
            yield Piece("gone", old)
        if new:
            yield Piece("added", new)


def _parts(text: str) -> list[str]:
    """Numbers and words of Latin letters whole, else characters; of a long text its sentences."""
    pattern = r"[0-9A-Za-z.]+|." if len(text) <= LONGEST else r"[^\n\u3002]+[\n\u3002]?|."
    return re.findall(pattern, text, re.DOTALL)
