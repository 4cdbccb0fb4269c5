"""What word processors, page breaks and busy clerks do to an official table."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from tests.published.report import Block, Report, Sheet, Spot

Crossing = Literal["lost", "empty", "repeated"]
"""What becomes of a label that reaches over a break: its column goes, stays empty, or the label stands there again."""

CROSSINGS: tuple[Crossing, ...] = ("lost", "empty", "repeated")

NOTES = ("注：本表由各股室报送后汇总。", "填表说明：没有发生的填0。", "（注：总计栏由系统自动算出）")


def torn(report: Report, tear: Callable[[Sheet], Iterable[Block]]) -> Report:
    """`report` with each of its tables replaced by what `tear` makes of it."""
    blocks: list[Block] = []
    for block in report.blocks:
        blocks += tear(block) if isinstance(block, Sheet) else [block]
    return replace(report, blocks=tuple(blocks))


def split(sheet: Sheet, at: Iterable[int], crossing: Crossing) -> list[Sheet]:
    """The pieces of `sheet` before and after the rows `at`."""
    pieces = []
    edges = [0, *sorted(set(at)), sheet.height]
    for top, bottom in pairwise(edges):
        spots = [spot for spot in sheet.spots if spot.row < bottom and spot.row + spot.rowspan > top]
        pieces.append(Sheet(sheet.table, tuple(_piece(spots, top, bottom, crossing))))
    return pieces


def _piece(spots: list[Spot], top: int, bottom: int, crossing: Crossing) -> list[Spot]:
    kept = []
    for spot in spots:
        first, last = max(spot.row, top), min(spot.row + spot.rowspan, bottom)
        text = spot.text if spot.row >= top or crossing == "repeated" else ""
        kept.append(replace(spot, row=first - top, rowspan=last - first, text=text))
    if crossing == "lost":
        kept = _without_columns(kept, spots, top, bottom)
    return kept


def _without_columns(kept: list[Spot], spots: list[Spot], top: int, bottom: int) -> list[Spot]:
    """The piece without the columns on its left in which nothing begins, or only what all its rows share."""
    narrow = 0
    columns = sorted({spot.column for spot in kept})
    for column in columns:
        begun = [spot for spot in spots if spot.column == column and spot.row >= top]
        over = [spot for spot in kept if spot.column == column and spot.row == 0 and spot.rowspan == bottom - top]
        if begun or not over or over[0].role != "stub":
            break
        narrow = column + over[0].colspan
    return [replace(spot, column=spot.column - narrow) for spot in kept if spot.column >= narrow]


def page_breaks(draw: random.Random, crossings: Sequence[Crossing] = CROSSINGS) -> Callable[[Sheet], list[Block]]:
    """Tears each table at one to three places, never before its first values."""

    def tear(sheet: Sheet) -> list[Block]:
        first = sheet.head_rows + 1
        places = range(first, sheet.height)
        if not places:
            return [sheet]
        chosen = draw.sample(places, min(len(places), draw.randint(1, 3)))
        return list(split(sheet, chosen, draw.choice(crossings)))

    return tear


def with_subtotal(sheet: Sheet, word: str = "法人合计") -> Sheet:
    """The table of requests with a column more: what all organisations have together. Others are as they were."""
    group = next((spot for spot in sheet.spots if spot.role == "head" and spot.row == 1 and spot.colspan > 1), None)
    if group is None or sheet.table != "requests":
        return sheet
    end = group.column + group.colspan
    spots = []
    for spot in sheet.spots:
        if spot.column >= end:
            spots.append(replace(spot, column=spot.column + 1))
        elif spot.column + spot.colspan >= end and spot.row <= group.row and spot.column <= group.column:
            spots.append(replace(spot, colspan=spot.colspan + 1))
        else:
            spots.append(spot)
    spots.append(Spot(group.row + 1, end, 1, 1, "head", word))
    for row in range(sheet.head_rows, sheet.height):
        members = [spot for spot in sheet.spots if spot.row == row and group.column <= spot.column < end]
        spots.append(Spot(row, end, 1, 1, "value", _sum(spot.text for spot in members)))
    return Sheet(sheet.table, tuple(spots))


def _sum(texts: Iterable[str]) -> str:
    """What the clerk's calculator says; nothing where a cell is no plain number."""
    numbers = [text for text in texts if text]
    return str(sum(map(int, numbers))) if numbers and all(map(str.isdecimal, numbers)) else ""


def with_note(sheet: Sheet, draw: random.Random) -> Sheet:
    """`sheet` with a line of its own below or above everything."""
    note = draw.choice(NOTES)
    if draw.random() < 0.5:
        return Sheet(sheet.table, (*sheet.spots, Spot(sheet.height, 0, 1, sheet.width, "caption", note)))
    lower = (replace(spot, row=spot.row + 1) for spot in sheet.spots)
    return Sheet(sheet.table, (Spot(0, 0, 1, sheet.width, "caption", note), *lower))
