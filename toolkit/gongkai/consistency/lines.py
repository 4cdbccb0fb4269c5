"""What stands in a row of a view, and where in the filing it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps

from gongkai.filing import Filing, Number, Source
from gongkai.narrative import Claim, claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a view: its columns, and its place in the filing.

    Of an `unknown` one something in the filing could not be read, so that what is checked there cannot be assessed: it
    is told, and never laid out.
    """

    values: Mapping[str, object]
    cells: tuple[str, ...] = ()
    text: str | None = None
    passage: int | None = None
    span: tuple[int, int] | None = None
    quote: str = ""
    source: Source | None = None
    left: Number = None
    right: Number = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """That rows cannot be laid out for a filing, since what they need was not given.

    `reason` is the key of why, in words; `values` are the columns in which those rows agree.
    """

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A filing, and last year's where it is at hand."""

    filing: Filing
    previous: Filing | None

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What its prose claims of its figures."""
        return claims(self.filing, self.previous)

    @property
    def is_document(self) -> bool:
        """Whether rules about a document as a document apply."""
        return self.filing.medium != "cells"


View = Callable[[Subject], Iterator[Line | Absent]]
"""Lays out one filing: the rows of a view, or why there are none."""


def of_prose(view: View) -> View:
    """`view`, absent where a filing has no prose."""

    @wraps(view)
    def laid(subject: Subject) -> Iterator[Line | Absent]:
        if subject.filing.texts:
            yield from view(subject)
        else:
            yield Absent("prose")

    return laid
