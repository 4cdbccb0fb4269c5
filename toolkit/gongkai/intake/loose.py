"""Tables that were printed as lines of text: what separates their fields, and whether those stand in columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from gongkai.intake.lines import Line
from gongkai.intake.numbers import behind_unit, is_value, vocabulary
from gongkai.intake.printed import Field, Paragraph

TAB, PIPE = "\t", "|"
FRAMED = 0.9
"""The share of lines from which on what they all begin or end with is a frame; the last may have been cut off."""
_RULE = re.compile(r"\s*(?=.*---)[|+][\s|+:=-]*")
"""A line that only rules off a head from its rows, as in Markdown."""
_GAP = re.compile(r"\s{2,}|\u3000")


def keeps_ends(paragraphs: Iterable[Paragraph]) -> bool:
    """Whether a text has empty fields at the ends of its lines: what strips them leaves none."""
    return any(each.text.endswith(TAB) and each.text.strip() for each in paragraphs)


def table_lines(
    paragraphs: Sequence[tuple[int, Paragraph]], grid: int, *, kept: bool = False
) -> tuple[list[Line], bool]:
    """Numbered paragraphs as the lines of a table, and whether their fields stand in columns.

    `kept` says that their ends were not stripped.
    """
    written = [(number, each) for number, each in paragraphs if each.text.strip(" \n\r\f\v")]
    filled = [(number, each) for number, each in written if not _RULE.fullmatch(each.text)]
    if any(TAB in each.text for _, each in filled):
        return [Line(_columns(each.text.split(TAB), each), number, grid, kept=kept) for number, each in filled], True
    if sum(PIPE in each.text for _, each in filled) > 1:
        rows = _within_pipes([each.text for _, each in filled])
        return [
            Line(_columns(row, each), number, grid, kept=closed, closed=closed)
            for (row, closed), (number, each) in zip(rows, filled, strict=True)
        ], True
    return [Line(tuple(fields), number, grid) for number, fields in _with_units(filled)], False


def _columns(texts: Sequence[str], paragraph: Paragraph) -> tuple[Field, ...]:
    return tuple(Field(text, place, place + 1, paragraph.source) for place, text in enumerate(texts))


def _within_pipes(texts: Sequence[str]) -> list[tuple[list[str], bool]]:
    """The fields between pipes, and whether a pipe closes the last.

    Where most lines begin or end with a pipe, it is a frame and no empty field.
    """
    stripped = [text.strip() for text in texts]
    piped = [text for text in stripped if PIPE in text]
    first, last = (
        sum(map(bool, found)) >= FRAMED * len(piped)
        for found in ([text.startswith(PIPE) for text in piped], [text.endswith(PIPE) for text in piped])
    )
    rows = []
    for text in stripped:
        inner = text.removeprefix(PIPE) if first else text
        closed = last and text.endswith(PIPE)
        rows.append(((inner.removesuffix(PIPE) if closed else inner).split(PIPE), closed))
    return rows


def _with_units(paragraphs: Sequence[tuple[int, Paragraph]]) -> list[tuple[int, list[Field]]]:
    """The words of each line; one that begins with a unit goes on behind the number that the line before ends with.

    But where words stand in columns: there it may belong to any number above it.
    """
    lines: list[tuple[int, list[Field]]] = []
    if any(_GAP.search(each.text.rstrip()) for _, each in paragraphs):
        return [(number, list(_words(each))) for number, each in paragraphs]
    for number, each in paragraphs:
        words = list(_words(each))
        last = lines[-1][1][-1] if lines and lines[-1][1] else None
        if words and last and words[0].text.strip() in _units() and is_value(last.text) and last.text[-1:].isdigit():
            lines[-1][1][-1] = replace(last, text=f"{last.text} {words[0].text.strip()}")
            # Where the others stand on their own line says nothing of their columns.
            lines[-1][1].extend(replace(word, left=last.right, right=last.right) for word in words[1:])
        else:
            lines.append((number, words))
    return lines


@cache
def _units() -> frozenset[str]:
    return frozenset(unit for words in vocabulary()["unit_words"].values() for unit in words)


@cache
def _word() -> re.Pattern[str]:
    """A word; a number with its unit or the word for its sign is one, though a space stands between."""
    signs = {sign for words in vocabulary()["sign_words"].values() for sign in words}
    return re.compile(rf"(?:(?:{'|'.join(signs)})[ ](?=\d))?\S+(?:(?<=\d)[ ](?:{'|'.join(_units())})(?!\S))?")


def _words(paragraph: Paragraph) -> Iterator[Field]:
    """The values at the end of a line each by itself, what stands before them by its wider gaps."""
    text, words = paragraph.text, list(_word().finditer(paragraph.text))
    values = len(words)
    while values and (is_value(last := words[values - 1].group()) or behind_unit(last, _units()) is not None):
        values -= 1
    end = words[values - 1].end() if values else 0
    start = words[0].start() if words else 0
    for gap in [*_GAP.finditer(text, start, end), None]:
        until = gap.start() if gap else end
        if text[start:until].strip():
            yield Field(text[start:until], start, until, paragraph.source)
        start = gap.end() if gap else end
    for word in words[values:]:
        yield Field(word.group(), word.start(), word.end(), paragraph.source)
