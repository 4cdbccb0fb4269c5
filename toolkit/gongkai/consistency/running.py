"""Rules over views: which rows each selects, and which of those fail."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gongkai.consistency.asking import Array, Asking
from gongkai.consistency.lines import Absent, Line, Subject
from gongkai.consistency.views import LAYOUTS
from gongkai.rules import VIEWS, Rule

Group = list[tuple[Rule, Array]]
"""Rules that share an expectation, each with the positions of its rows in the view."""

Applies = Callable[[Rule, int], bool]
"""Whether a rule is for the filing at a position."""


PAIRS: Mapping[str, Any] = {"column_A": "greater", "column_B": "smaller", "or_equal": True}
SUMS: Mapping[str, Any] = {"sum_total": 0, "ignore_row_if": "never"}
"""What is expected of the views of balances."""


@dataclass(slots=True)
class Laid:
    """A view laid out for some filings: `rows` says for each row of `frame` whose it is and where it comes from."""

    view: str
    frame: pd.DataFrame
    rows: list[tuple[int, Line]] = field(default_factory=list)
    unknown: list[tuple[int, Line]] = field(default_factory=list)
    absent: list[list[Absent]] = field(default_factory=list)
    """By position, why some or all of its rows could not be laid out."""


def lay_out(view: str, subjects: Sequence[Subject]) -> Laid:
    """The view called `view` of all filings."""
    laid = Laid(view, pd.DataFrame(), absent=[[] for _ in subjects])
    for position, subject in enumerate(subjects):
        for line in LAYOUTS[view](subject):
            if isinstance(line, Absent):
                laid.absent[position].append(line)
            else:
                (laid.unknown if line.unknown else laid.rows).append((position, line))
    laid.frame = framed(view, laid.rows)
    return laid


def framed(view: str, rows: Sequence[tuple[int, Line]]) -> pd.DataFrame:
    """Rows of a view, each with the position of its filing, as a frame."""
    columns: dict[str, Any] = {"filing": [position for position, _ in rows]}
    for name, kind in VIEWS[view].items():
        values = [line.values[name] for _, line in rows]
        columns[name] = [float(each) for each in values] if kind == "number" else values  # type: ignore[arg-type]
    return pd.DataFrame(columns)


def selects(rule: Rule, values: Mapping[str, object]) -> bool:
    """Whether a rule is about a row with `values`; columns that they do not have do not matter."""
    return all(values[column] in wanted for column, wanted in rule.where.items() if column in values)


def ask(asking: Asking, view: pd.DataFrame, rules: Sequence[Rule], applies: Applies) -> None:
    """Expect what the rules of a view expect of the rows that they are about; each asks by its key."""
    columns = {str(name): view[name].to_numpy() for name in view}
    for rule in rules:
        rows = _selected(columns, len(view), rule, applies)
        asking.ask(rule.key, rule.expect or "", rule.arguments, columns, rows)


def groups(view: pd.DataFrame, rules: Sequence[Rule], applies: Applies) -> list[Group]:
    """The rules of a view, those together that expect the same, each with the positions of the rows it is about."""
    columns = {str(name): view[name].to_numpy() for name in view}
    found: dict[str, Group] = defaultdict(list)
    for rule in rules:
        same = json.dumps([rule.expect, rule.arguments], sort_keys=True)
        found[same].append((rule, _selected(columns, len(view), rule, applies)))
    return list(found.values())


def _selected(columns: Mapping[str, Array], count: int, rule: Rule, applies: Applies) -> Array:
    """The positions of the rows that a rule is about."""
    mask = np.ones(count, dtype=bool)
    for column, values in rule.where.items():
        mask &= np.isin(columns[column], values)
    if rule.agencies.model_fields_set and count:
        positions = columns["filing"]
        fitting = [each for each in np.unique(positions) if applies(rule, int(each))]
        mask &= np.isin(positions, fitting)
    return np.flatnonzero(mask)


def ask_balances(asking: Asking, views: Mapping[str, pd.DataFrame]) -> None:
    """Expect of the views of balances that they balance; each asks by its name."""
    for name, view in views.items():
        columns = {str(column): view[column].to_numpy() for column in view}
        asking.ask(name, *balanced(name, list(columns)), columns, np.arange(len(view)))


def balanced(view: str, columns: list[str]) -> tuple[str, dict[str, Any]]:
    """What is expected of a view of balances that has `columns`: the type of expectation, and its arguments."""
    if view == "pairs":
        return "expect_column_pair_values_a_to_be_greater_than_b", dict(PAIRS)
    return "expect_multicolumn_sum_to_equal", {**SUMS, "column_list": columns}
