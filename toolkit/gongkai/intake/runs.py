"""Runs of values in lines without columns, each with what may be its label: all that stands around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from gongkai.intake.labels import bare
from gongkai.intake.lines import Line
from gongkai.intake.numbers import behind_unit, is_padded, is_value, plain, vocabulary
from gongkai.intake.printed import Field

WRAPPED = 4
"""Lines over which the label of one row is wrapped, at most, on each side of its values."""
_CUT = re.compile(r",\d{0,2}$")
"""How a number ends that was cut behind its thousands."""


@dataclass(slots=True)
class Run:
    """Values that stand together, the line that they stand on, and the pieces of labels around them."""

    line: Line
    lines: list[list[Field]]
    """The values on each line, from left to right."""
    behind_units: set[int] = field(default_factory=set)
    """The lines that begin with a unit that was wrapped, and so with no rest of a number."""
    before: list[str] = field(default_factory=list)
    own: str = ""
    after: list[str] = field(default_factory=list)

    @property
    def values(self) -> list[Field]:
        return [value for line in self.lines for value in line]

    @property
    def broken(self) -> list[list[Field]]:
        """The values between the ends of lines at which a number may go on, or others may stand above."""
        parts: list[list[Field]] = []
        for number, line in enumerate(self.lines):
            if number in self.behind_units and line[0].left >= parts[-1][-1].right:
                parts[-1] += line
            else:
                parts.append(list(line))
        return parts

    @property
    def is_wrapped(self) -> bool:
        """Whether its lines are neither its cells, one each, nor all of them, or one ends within a number."""
        cut = any(_CUT.search(plain(value.text)) for value in self.values)
        return len(self.lines) > 1 and (max(map(len, self.lines)) > 1 or cut)

    @property
    def flows(self) -> bool:
        """Whether each of its lines begins where lines do: none stands below what it goes on with."""
        return not any(line[0].left for line in self.lines[1:])

    @property
    def is_glued(self) -> bool:
        """Whether digits have lost the space before them: a number begins as two do, or the label ends in one."""
        return self.own[-1:].isdecimal() or any(is_padded(value.text) for value in self.values)

    @property
    def shown(self) -> str:
        """All of it for a message."""
        return " ".join([self.own or self.around, *(value.text.strip() for value in self.values)]).strip()

    def labels(self) -> Iterator[str]:
        """Whatever may be the label of these values, as it was printed; no label stands all of it below its values."""
        for above in range(0 if self.own else 1, min(WRAPPED, len(self.before)) + 1):
            for below in range(min(WRAPPED, len(self.after)) + 1):
                pieces = [*self.before[len(self.before) - above :], self.own, *self.after[:below]]
                if text := "".join(pieces):
                    yield text

    @property
    def around(self) -> str:
        return bare("".join([*self.before[-WRAPPED:], self.own, *self.after[:WRAPPED]]))


def without_repeated_heads(lines: Sequence[Line]) -> list[Line]:
    """The lines without those that print again, on a later page, what stands above the first values."""
    texts = [tuple(text for _, text in line.printed()) for line in lines]
    first = next((number for number, line in enumerate(lines) if _split(line)[1]), 0)
    kept: list[Line] = []
    number = 0
    while number < len(lines):
        # Above the first page's heads may stand what no other page has.
        again = next((texts[start:first] for start in range(first - 1) if _repeats(texts, start, first, number)), [])
        kept += [] if again else [lines[number]]
        number += len(again) or 1
    return kept


def _repeats(texts: Sequence[tuple[str, ...]], start: int, end: int, again: int) -> bool:
    return again >= end and texts[start:end] == texts[again : again + end - start]


def runs_of(lines: Sequence[Line], columns: int, units: Sequence[str] = ()) -> tuple[list[Run], list[Field]]:
    """The runs of values in `lines`, and all other pieces.

    Lines of values that follow each other are one run, but for lines that have values for all `columns` of a row.
    Where all of their `units` are known, these say nothing, wherever they have gone.
    """
    split = [_split(_without_units(line, units)) for line in lines]
    lonely = sum(len(values) == 1 and not texts for texts, values in split)
    # Where each cell has a line of its own, labels come before the values of their row.
    one_each = 2 * lonely > sum(bool(values) for _, values in split)
    runs: list[Run] = []
    gathered: list[str] = []
    pieces: list[Field] = []
    for line, (texts, values) in zip(lines, split, strict=True):
        pieces += texts
        if values and runs and not texts and not gathered and (one_each or len(values) < columns):
            runs[-1].behind_units |= {len(runs[-1].lines)} if _begins_with(units, line) else set()
            runs[-1].lines.append(values)
        elif values:
            own = texts[-1].text if texts else ""
            runs.append(Run(line, [values], before=list(gathered), own=own))
            gathered = []
        elif texts:
            gathered.append(texts[-1].text)
            if runs and not one_each:
                runs[-1].after.append(texts[-1].text)
    return runs, pieces


def _begins_with(units: Sequence[str], line: Line) -> bool:
    first = next(text for _, text in line.printed())
    return behind_unit(first, units) is not None


def _without_units(line: Line, units: Sequence[str]) -> Line:
    """A line without units that stand before its last values: those of others, which were wrapped."""
    kept: list[Field] = []
    fields = [each for each in line.fields if each.text.strip()]
    while fields and ((rest := behind_unit(fields[-1].text.strip(), units)) is not None or is_value(fields[-1].text)):
        last = fields.pop()
        kept += [replace(last, text=last.text if rest is None else rest)]
    return replace(line, fields=(*fields, *(each for each in reversed(kept) if each.text)))


def _split(line: Line) -> tuple[list[Field], list[Field]]:
    """The pieces of labels of a line, and the values at its end."""
    fields = [each for each in line.fields if each.text.strip()]
    end = len(fields)
    while end and is_value(fields[end - 1].text):
        end -= 1
    texts, values = fields[:end], fields[end:]
    # No label ends with a digit: what does has run into the first value.
    if texts and (joined := _joined().fullmatch(_narrow(texts[-1].text))):
        label, value = _parted(texts[-1], joined.start("value"))
        return [*texts[:-1], label], [value, *values]
    return texts, values


def _narrow(text: str) -> str:
    """`text` with full-width digits and signs made plain, each in its place."""
    plain_each = ((each, unicodedata.normalize("NFKC", each)) for each in text)
    return "".join(plain if len(plain) == 1 else each for each, plain in plain_each)


@cache
def _joined() -> re.Pattern[str]:
    """A label and the value that has run into it, with its unit."""
    return re.compile(rf".*?(?:[^\s\d.,]|(?<!\d)[.,])(?P<value>{vocabulary()['value'].strip('^$')})\s*", re.DOTALL)


def _parted(field: Field, at: int) -> tuple[Field, Field]:
    """A field as two, before and from its character `at`; where that stands follows from how wide characters are."""
    widths = [2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in field.text]
    middle = field.left + (field.right - field.left) * sum(widths[:at]) / sum(widths)
    return replace(field, text=field.text[:at], right=middle), replace(field, text=field.text[at:], left=middle)
