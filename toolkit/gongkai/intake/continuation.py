"""Rows that the end of a page tears: what stands at the top of the next page may be the rest of each of their cells.

They are put together only where that makes a label of the form whole, or goes on with nothing but numbers that had no
room for another digit. Otherwise the two stay lines of their own, and are doubted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from gongkai.intake.labels import bare
from gongkai.intake.lines import Line
from gongkai.intake.numbers import is_value
from gongkai.intake.printed import Field


def mended(lines: Sequence[Line], labels: Collection[str], is_head: Callable[[Line], bool]) -> list[Line]:
    """The lines of a table with torn rows put together; `labels` are the form's own, bare."""
    whole: list[Line] = []
    torn: int | None = None
    """Where the last line before the end of a page is, as long as only heads that are printed again follow it."""
    for line in lines:
        if whole and _on_next_page(whole[-1], line):
            torn = len(whole) - 1
        if is_head(line):
            whole.append(line)
            continue
        joined = _joined(whole[torn], line, labels) if torn is not None else None
        if torn is not None and joined:
            whole[torn] = joined
        else:
            whole.append(line)
        torn = None
    return whole


def _on_next_page(one: Line, other: Line) -> bool:
    """Whether a line stands at the top of the page after another, and nothing between them."""
    follows = one.ruled and other.ruled and one.grid != other.grid and other.number == one.number + 1
    pages = {field.source.page for line in (one, other) for field in line.fields[-1:]}
    return follows and len(pages) == 2 and None not in pages


def _joined(one: Line, other: Line, labels: Collection[str]) -> Line | None:
    """The row that both lines are, if they are one."""
    if not any(field.text.strip() for field in one.fields):
        # Of a row that found no room for its first line, a page shows the borders.
        return other
    above, below = _by_column(one), {place: field for place, field in _by_column(other).items() if field.text.strip()}
    values, whole, named = [], False, False
    for place, rest in below.items():
        first = above.get(place)
        if is_value(rest.text) or (first and is_value(first.text)):
            values.append((first, rest))
            continue
        named = True
        # The rest of a label that began further up, beside several rows, says nothing of this one.
        torn = first is not None and first.text.strip() and bare(first.text) not in labels
        whole |= bool(first and torn and bare(first.text + rest.text) in labels)
    going_on = all(first and (_goes_on(first, rest) or (whole and not first.text.strip())) for first, rest in values)
    if not going_on or not (whole or (values and not named)):
        return None
    return replace(one, fields=tuple(_together(field, below.get(place)) for place, field in above.items()))


def _by_column(line: Line) -> dict[float, Field]:
    """The fields by the columns from their end to the table's: a page may show fewer columns of labels."""
    edge = max(field.right for field in line.fields)
    return {field.right - edge: field for field in line.fields}


def _goes_on(first: Field, rest: Field) -> bool:
    """Whether two parts of a cell are one value: a number without room for more above, or above its unit."""
    parted = rest.text.strip()[0].isdecimal() and not first.full
    return is_value(first.text) and is_value(first.text + rest.text) and not parted


def _together(first: Field, rest: Field | None) -> Field:
    if rest is None:
        return first
    number = first.full and rest.text[0].isdecimal()
    text = ("" if number else "\n").join(each for each in (first.text, rest.text) if each.strip())
    return replace(first, text=text, full=rest.full)
