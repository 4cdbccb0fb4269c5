"""What fits on the page, alike in every format: the columns of a table and its type, the lines of a title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from gongkai.catalogues import say
from gongkai.export.blocks import TEXT_WIDTH, TableCell
from gongkai.export.refused import RefusedError

SIZES = (10.0, 9.0, 8.0, 7.0, 6.0, 5.5)
"""The sizes of type that a table may have, in points; official tables have the first where they can."""
ATTEMPTS = [*((size, 4.0) for size in SIZES[:3]), *((size, 0.0) for size in SIZES)]
"""What is tried in turn: a size, and the ems up to which a line is kept whole rather than written downwards."""
PADDING = 4.75
"""Points of a column's width that its text cannot use: space on both sides, and a line."""
VALUE_PADDING = 2.0
"""The same for official values, which stand without space beside them."""
LONG_WORD, LONG_LINE = 12.0, 24.0
"""Ems after which a word may be broken, and of a line that no more room is made for."""

TITLE_SIZE = 22.0
"""Points of the title (GB/T 9704-2012, 7.3.1)."""
NAME_ENDS, BEGINS_WITH_YEAR = 2.0, 6.0
"""How many ems of difference it is worth that a line of a title ends with a name, or the next begins with a number."""

_PIECE = re.compile(r"[!-~]+\s*|.", re.DOTALL)
_WORD = re.compile(r"[!-~\u00a1-\u024f]+")
_NUMBER = re.compile(r"[-+(]?[\d.,%)]+")


def fit(
    rows: Sequence[Sequence[TableCell]],
    columns: int,
    given: Sequence[float] | None = None,
    room: float = TEXT_WIDTH,
) -> tuple[tuple[float, ...], float, float]:
    """Shares of the columns (summing to one), size of the type and of official values in points.

    The table is `room` points wide. Shares that are `given` are kept. Raises RefusedError where the numbers and words
    of a row do not fit side by side.
    """
    if given is not None:
        return tuple(given), SIZES[0], _value_size(rows, [share * room for share in given], SIZES[0])
    for size, whole in ATTEMPTS:
        least, wanted = _needs(rows, columns, whole)
        floors = [size * width + PADDING for width in least]
        free = room - sum(floors)
        if free >= 0:
            grow = [max(size * (want - low), 0) for want, low in zip(wanted, least, strict=True)]
            # Where every column has what it wants, what is left goes to all alike.
            weights = grow if sum(grow) > free else [want + 1 for want in wanted]
            base = floors if sum(grow) > free else [low + extra for low, extra in zip(floors, grow, strict=True)]
            rest = room - sum(base)
            widths = [low + rest * part / sum(weights) for low, part in zip(base, weights, strict=True)]
            return tuple(width / room for width in widths), size, _value_size(rows, widths, size)
    raise RefusedError(say("refused.wide_table", columns=columns))


def _needs(rows: Sequence[Sequence[TableCell]], columns: int, whole: float) -> tuple[list[float], list[float]]:
    """For each column the ems of its longest word, or line of up to `whole` ems, and of its longest line."""
    least, wanted = [1.0] * columns, [1.0] * columns
    for cell in sorted((cell for row in rows for cell in row), key=lambda cell: cell.colspan):
        texts = ["".join(run.text for run in line) for line in cell.lines]
        lines = [part for text in texts for part in text.split("\n")]
        span = slice(cell.column, cell.column + cell.colspan)
        word = max((each if (each := ems(line)) <= whole else _longest_word(line) for line in lines), default=0.0)
        long = min(max((ems(line) for line in lines), default=0.0), LONG_LINE)
        for needs, need in ((least, word), (wanted, max(word, long))):
            if (lacking := need - sum(needs[span])) > 0:
                needs[span] = [width + lacking / cell.colspan for width in needs[span]]
    return least, wanted


def _value_size(rows: Sequence[Sequence[TableCell]], widths: Sequence[float], size: float) -> float:
    """The size at which the longest of the official values fits its column; `widths` are points."""
    edges = [sum(widths[:end]) for end in range(len(widths) + 1)]
    for cell in (cell for row in rows for cell in row if cell.address):
        room = edges[cell.column + cell.colspan] - edges[cell.column] - VALUE_PADDING
        for line in cell.lines:
            if word := _longest_word("".join(run.text for run in line)):
                size = min(size, room / word)
    # Rounded down, so that it fits.
    return int(size * 10) / 10


@lru_cache(maxsize=4096)
def _longest_word(line: str) -> float:
    """Ems of the longest piece of `line` that must not be broken: a number, a short word, a Chinese character."""
    words = _WORD.findall(line)
    longest = max((ems(w) if _NUMBER.fullmatch(w) else min(ems(w), LONG_WORD) for w in words), default=0.0)
    return max(longest, 1.0 if line.strip() else 0.0)


@lru_cache(maxsize=4096)
def ems(text: str) -> float:
    """About how wide `text` is set, in ems."""
    # In whole numbers, since Python versions add fractions up in different ways, and a line must not break differently.
    return sum(map(_hundredths, text)) / 100


def _hundredths(char: str) -> int:
    if char.isascii():
        return 56 if char.isdigit() or char.islower() else 35 if char in " .,:;!'|()[]il" else 76
    return 100 if unicodedata.east_asian_width(char) in "WFA" else 0 if unicodedata.combining(char) else 76


def title_lines(title: str) -> list[str]:
    """A title in as few lines as hold it, of about the same length.

    Words and numbers stay whole, no line begins with a mark that closes or ends with one that opens; a line likes to
    end with the name of an office and to begin with the year. What cannot be cut so is one line.
    """
    room = TEXT_WIDTH / TITLE_SIZE
    count = ceil(ems(title) / room)
    goal, ends_name = ems(title) / max(count, 1), say("page.ends_name")

    def cost(end: int) -> float:
        away = abs(ems(title[:end].strip()) - goal)
        return away - NAME_ENDS * (title[end - 1] in ends_name) - BEGINS_WITH_YEAR * title[end].isdigit()

    ends = [piece.end() for piece in _PIECE.finditer(title)][:-1]
    fitting = [end for end in ends if _may_part(title, end) and ems(title[:end].strip()) <= room]
    if count < 2 or not fitting:
        return [title]
    end = min(fitting, key=cost)
    return [title[:end].strip(), *title_lines(title[end:].strip())]


def _may_part(text: str, place: int) -> bool:
    closes = unicodedata.category(text[place]) in ("Pe", "Pf", "Po")
    return not closes and unicodedata.category(text[place - 1]) not in ("Ps", "Pi")
