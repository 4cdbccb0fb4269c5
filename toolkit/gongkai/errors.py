"""Errors of gongkai. A fault in a report is a finding (data); an exception is about us or about what we were given.

    GongkaiError
    ├── UsageError          a command or call that cannot be carried out as given
    ├── AuthoringError      a form, rule, run file or parameter file is wrong: names file and key
    ├── InputError          an input that cannot be read: names file and place
    └── JobError            something asked for could not be made
        ├── NotebookError   a cell of the notebook raised
        └── InternalError   our own failure, for instance an expectation that raised

Each holds the key of its sentence in the catalogues, so it speaks the language in use when it is shown, and each
survives pickling.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

from gongkai.catalogues import say

__all__ = [
    "AuthoringError",
    "GongkaiError",
    "InputError",
    "InternalError",
    "JobError",
    "NotebookError",
    "UsageError",
    "nearest",
]


class GongkaiError(Exception):
    """Base of all errors raised on purpose.

    `key` names the sentence ``error.<key>`` in the catalogues; `file` and `place` (a number is that of a line) say
    where; `values` fill the sentence. Where one of them is `nearest`, the sentence may end in ``{hint}``.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, key: str, *, file: str | None = None, place: str | int | None = None, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.file = file
        self.place = place
        self.values = values

    def __str__(self) -> str:
        place = say("error.line", line=self.place) if isinstance(self.place, int) else self.place
        nearest = self.values.get("nearest")
        hint = say("error.did_you_mean", nearest=nearest) if nearest else say("error.full_stop")
        sentence = say(f"error.{self.key}", **self.values, hint=hint)
        return say("error.where").join([*(part for part in (self.file, place) if part), sentence])

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.key, self.file, self.place, self.values)


def _rebuild(
    kind: type[GongkaiError], key: str, file: str | None, place: str | int | None, values: dict[str, object]
) -> GongkaiError:
    return kind(key, file=file, place=place, **values)


class UsageError(GongkaiError):
    """A command or call that cannot be carried out as given."""


class AuthoringError(GongkaiError):
    """A form, a rule, a run file or a parameter file is wrong."""


class InputError(GongkaiError):
    """An input that cannot be read."""


class JobError(GongkaiError):
    """Something asked for could not be made."""

    exit_code = 3


class NotebookError(JobError):
    """A cell of the notebook raised."""


class InternalError(JobError):
    """Our own failure; never a fault of the report."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, as a hint for whoever mistyped it; "" where none is alike."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.4)), "")
