"""What rules expect of rows, put to Great Expectations with as few expectations and validations as there can be.

Each costs milliseconds whatever the number of rows. Rules that expect the same, of whatever views, share an
expectation; and expectations of few rows stand side by side in one frame, whose shorter columns are filled up with
rows that nobody asks about: every expectation looks at one row at a time.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEW = 1000
"""Rows from which on an expectation has a validation of its own: to fill others up would cost more."""

COLUMNS = ("column", "column_A", "column_B")
"""Arguments that name a column; `column_list` names several."""

Array = NDArray[Any]

Failing = Mapping[Hashable, Sequence[int]]
"""The numbers of the rows that fail, in order, by who asked; none of whom no row fails."""


@dataclass(slots=True)
class _Question:
    """The same expectation of rows that several ask for: each of them, its rows, and what those hold."""

    type: str
    arguments: Mapping[str, Any]
    askers: list[tuple[Hashable, Array]] = field(default_factory=list)
    parts: list[Mapping[str, Array]] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.askers)

    def columns(self, length: int) -> dict[str, Array]:
        """Its columns, filled up to `length`."""
        whole = {name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]}
        return {name: _filled(each, length) for name, each in whole.items()}

    def answered(self, places: Sequence[int]) -> dict[Hashable, list[int]]:
        """For each asker which of its rows fail, given their places in the columns."""
        ends = np.cumsum([len(rows) for _, rows in self.askers])
        failing = np.array(places, dtype=np.int64)
        whose = np.searchsorted(ends, failing, side="right")
        return {
            asker: rows[failing[whose == number] - (ends[number] - len(rows))].tolist()
            for number, (asker, rows) in enumerate(self.askers)
        }


def _filled(values: Array, length: int) -> Array:
    """A column made as long as others: texts with empty ones, since a whole report's text is costly to search again."""
    if len(values) == length:
        return values
    if values.dtype.kind != "O":
        return np.resize(values, length)
    return np.concatenate([values, np.full(length - len(values), "", dtype=object)])


class Asking:
    """Gathers what is expected of which rows; `failing` finds the rows that do not meet it."""

    def __init__(self) -> None:
        self._questions: dict[str, _Question] = {}

    def __len__(self) -> int:
        return len(self._questions)

    def ask(
        self, asker: Hashable, type_: str, arguments: Mapping[str, Any], view: Mapping[str, Array], rows: Array
    ) -> None:
        """Expect something of some rows of a view (given by its columns), whose numbers `asker` will be told."""
        if not len(rows):
            return
        named = {key: arguments[key] for key in COLUMNS if key in arguments}
        several = arguments.get("column_list", ())
        part = {key: view[column][rows] for key, column in (*named.items(), *zip(several, several, strict=True))}
        shape = {**arguments, **dict.fromkeys(named, "")}
        key = json.dumps([type_, shape, [each.dtype.kind for each in part.values()]], sort_keys=True)
        question = self._questions.setdefault(key, _Question(type_, arguments))
        question.askers.append((asker, rows))
        question.parts.append(part)

    def failing(self, name: str) -> Failing:
        """The rows that do not meet what is expected of them."""
        few = [each for each in self._questions.values() if len(each) <= FEW]
        many = [[each] for each in self._questions.values() if len(each) > FEW]
        found: dict[Hashable, list[int]] = {}
        for together in [few, *many] if few else many:
            for question, places in zip(together, _validated(together, name), strict=True):
                found |= question.answered([place for place in places if place < len(question)])
        return found


def _validated(questions: Sequence[_Question], name: str) -> list[list[int]]:
    """For each question the places of the rows that fail it, those it was filled up with included."""
    from gongkai.consistency import gx

    length = max(map(len, questions))
    frame = pd.DataFrame(
        {
            f"{number}_{column}": values
            for number, question in enumerate(questions)
            for column, values in question.columns(length).items()
        }
    )
    expectations = [
        gx.Expectation(question.type, _renamed(question.arguments, f"{number}_"))
        for number, question in enumerate(questions)
    ]
    return gx.failing_rows(frame, expectations, name=name)


def _renamed(arguments: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """`arguments` with the names that the columns have in the frame."""
    renamed: dict[str, Any] = dict(arguments)
    renamed |= {key: prefix + key for key in COLUMNS if key in arguments}
    if "column_list" in arguments:
        renamed["column_list"] = [prefix + column for column in arguments["column_list"]]
    return renamed
