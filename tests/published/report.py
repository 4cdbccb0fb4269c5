"""A report as whoever typed it left it: lines of text and tables of merged cells, before any program set them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from gongkai.filing import Filing
from gongkai.forms import Part, Section
from gongkai.tables import Role, layout

LineKind = Literal["title", "section", "part", "text", "signature", "note"]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph; `lead` is a heading that stands on one line with its text."""

    kind: LineKind
    text: str
    lead: str = ""

    @property
    def whole(self) -> str:
        return self.lead + self.text


@dataclass(frozen=True, slots=True)
class Spot:
    """A merged cell of a table and what it shows; `address` only where it is a value of the form."""

    row: int
    column: int
    rowspan: int
    colspan: int
    role: Role
    text: str
    address: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A table, or a piece of one."""

    table: str
    spots: tuple[Spot, ...]

    kind = "table"

    @cached_property
    def height(self) -> int:
        return max(spot.row + spot.rowspan for spot in self.spots)

    @cached_property
    def width(self) -> int:
        return max(spot.column + spot.colspan for spot in self.spots)

    @cached_property
    def rows(self) -> tuple[tuple[Spot, ...], ...]:
        """The cells by the row that they begin in."""
        by_row = sorted(self.spots, key=lambda spot: (spot.row, spot.column))
        return tuple(tuple(spot for spot in by_row if spot.row == row) for row in range(self.height))

    @cached_property
    def head_rows(self) -> int:
        """How many rows stand before the first value or label of a row."""
        return min((spot.row for spot in self.spots if spot.role in ("value", "stub")), default=0)

    def filled(self) -> list[list[str]]:
        """The whole grid: a merged cell shows its text in its first place, its others are empty."""
        grid = [[""] * self.width for _ in range(self.height)]
        for spot in self.spots:
            grid[spot.row][spot.column] = spot.text
        return grid


Block = Line | Sheet


@dataclass(frozen=True)
class Report:
    """A filing as its report tells it."""

    filing: Filing
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        return self.filing.facts["title"].text

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Sheet))


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one typist writes what the form prints."""

    half_width: bool
    point: str
    spaced: bool
    part_suffix: str
    run_in: bool
    aliases: bool

    @staticmethod
    def drawn(draw: random.Random) -> Spelling:
        return Spelling(
            half_width=draw.random() < 0.3,
            point=draw.choice((".", ".", "．", "、", ". ")),
            spaced=draw.random() < 0.25,
            part_suffix=draw.choice(("", "", "情况")),
            run_in=draw.random() < 0.25,
            aliases=draw.random() < 0.25,
        )

    def label(self, text: str, draw: random.Random) -> str:
        """A label of a table as this typist writes it."""
        text = re.sub(r"^(\d)\.", lambda match: match[1] + self.point, text)
        if self.half_width:
            text = text.replace("（", "(").replace("）", ")")
        if self.spaced and len(text) > 3 and draw.random() < 0.4:
            at = draw.randint(2, len(text) - 2)
            text = f"{text[:at]} {text[at:]}"
        return text


def typed(filing: Filing, draw: random.Random) -> Report:
    """The report of `filing`, typed in one of many ways."""
    return Report(filing, tuple(_blocks(filing, Spelling.drawn(draw), draw)))


def _blocks(filing: Filing, spelling: Spelling, draw: random.Random) -> Iterator[Block]:
    yield from (Line("title", text) for text in _title(filing, draw))
    yield from _texts(filing, "preamble")
    for section in filing.form.sections:
        heading = f"{section.ordinal.zh}、{section.title.zh}"
        yield Line("section", heading)
        if section.table:
            yield sheet(filing, section.table, spelling, draw)
        yield from _texts(filing, section.text or "")
        yield from _parts(filing, section, spelling, draw)
    if draw.random() < 0.7:
        yield Line("signature", filing.facts["signature"].text)
        yield Line("signature", filing.facts["signed"].text)


def _title(filing: Filing, draw: random.Random) -> Sequence[str]:
    """The title, on one line or on two."""
    title = filing.facts["title"].text
    agency = filing.agency or ""
    return [title] if draw.random() < 0.75 else [agency, title.removeprefix(agency)]


def _texts(filing: Filing, key: str) -> Iterator[Line]:
    return (Line("text", each.text) for each in filing.texts.get(key, ()))


def _parts(filing: Filing, section: Section, spelling: Spelling, draw: random.Random) -> Iterator[Line]:
    for part in section.parts:
        heading = _part_heading(part, spelling, draw)
        texts = list(_texts(filing, part.text))
        if spelling.run_in and texts:
            first, *others = texts
            yield Line("text", first.text, heading + "。")
            yield from others
        else:
            yield Line("part", heading)
            yield from texts


def _part_heading(part: Part, spelling: Spelling, draw: random.Random) -> str:
    title = draw.choice(part.aliases) if spelling.aliases and part.aliases else part.title.zh
    return spelling.label(part.ordinal.zh, draw) + title.removesuffix("情况") + spelling.part_suffix


def sheet(filing: Filing, table: str, spelling: Spelling, draw: random.Random) -> Sheet:
    """One official table with the cells of `filing` as they are printed."""
    spots = []
    for cell in layout(filing.edition, table).cells:
        text = filing.cells[cell.address].raw if cell.address else ""
        if cell.words:
            text = spelling.label(cell.words.zh, draw)
        spots.append(Spot(cell.row, cell.column, cell.rowspan, cell.colspan, cell.role, text, cell.address))
    return Sheet(table, tuple(spots))
