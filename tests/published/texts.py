"""Reports as plain text, as people get it by copying from Word or a browser, or from a converter."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from tests.published.report import Report, Sheet
from tests.published.tears import page_breaks, torn


def tabbed(report: Report, draw: random.Random) -> str:
    """Copied from Word: a field for every place of the grid, tables torn by pages, ends of rows stripped at times."""
    report = torn(report, page_breaks(draw)) if draw.random() < 0.6 else report
    stripped = draw.random() < 0.3

    def lines(sheet: Sheet) -> Iterator[str]:
        for fields in sheet.filled():
            line = "\t".join(fields)
            yield line.rstrip("\t") if stripped and not _ends_blank(sheet) else line

    return text_of(report, lines)


def _ends_blank(sheet: Sheet) -> bool:
    """Whether a value at the end of a row is blank, which stripping would hide."""
    last = (row[-1] for row in sheet.rows if row)
    return any(spot.role == "value" and not spot.text for spot in last)


def copied(report: Report, draw: random.Random) -> str:
    """Copied from a browser: a field for each cell, none for what a merged cell covers."""

    def lines(sheet: Sheet) -> Iterator[str]:
        return ("\t".join(spot.text for spot in row) for row in sheet.rows)

    return text_of(report, lines)


def piped(report: Report, draw: random.Random) -> str:
    """From a converter: cells between bars, merged ones filled up or not."""
    full = draw.random() < 0.5

    def lines(sheet: Sheet) -> Iterator[str]:
        rows = sheet.filled() if full else [[spot.text for spot in row] for row in sheet.rows]
        for fields in rows:
            yield " | ".join(fields).strip(" ") + " |"

    return text_of(report, lines)


def one_a_line(report: Report, draw: random.Random) -> str:
    """Each cell that holds something on a line of its own."""
    gap = draw.choice(([], [""]))

    def lines(sheet: Sheet) -> Iterator[str]:
        for row in sheet.rows:
            for spot in row:
                if spot.text:
                    yield from (spot.text, *gap)

    return text_of(report, lines)


def text_of(report: Report, lines: Callable[[Sheet], Iterable[str]]) -> str:
    told: list[str] = []
    for block in report.blocks:
        told += [*lines(block), ""] if isinstance(block, Sheet) else [block.whole]
    return "\n".join(told) + "\n"
