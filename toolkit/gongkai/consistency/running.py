"""Rules over views: which rows each selects, and which of those fail, at as few expectations as there can be."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gongkai.consistency.lines import Absent, Line, Subject
from gongkai.consistency.views import LAYOUTS
from gongkai.rules import VIEWS, Rule

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.consistency.gx import Expectation

Applies = Callable[[Rule, int], bool]
"""Whether a rule is for the filing at a position."""


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
    import pandas as pd

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
    import pandas as pd

    columns: dict[str, Any] = {"filing": [position for position, _ in rows]}
    for name, kind in VIEWS[view].items():
        values = [line.values[name] for _, line in rows]
        columns[name] = [float(each) for each in values] if kind == "number" else values  # type: ignore[arg-type]
    return pd.DataFrame(columns)


def selects(rule: Rule, values: Mapping[str, object]) -> bool:
    """Whether a rule is about a row with `values`; columns that they do not have do not matter."""
    return all(values[column] in wanted for column, wanted in rule.where.items() if column in values)


def failing(view: pd.DataFrame, rules: Sequence[Rule], applies: Applies, *, name: str) -> list[tuple[Rule, list[int]]]:
    """The rules of a view in their order, each with the rows of `view` that fail it.

    Rules that expect the same share an expectation, and expectations of the same rows a validation: each expectation
    costs the same for one row as for thousands.
    """
    import numpy as np

    from gongkai.consistency import gx

    selected = {rule.key: _selected(view, rule, applies) for rule in rules}
    shared: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if len(selected[rule.key]):
            shared[json.dumps([rule.expect, rule.arguments], sort_keys=True)].append(rule)
    validations: dict[bytes, list[tuple[Any, list[Rule]]]] = defaultdict(list)
    for group in shared.values():
        rows = np.concatenate([selected[rule.key] for rule in group])
        validations[rows.tobytes()].append((rows, group))
    failed: dict[tuple[str, str], list[int]] = {rule.key: [] for rule in rules}
    for groups in validations.values():
        rows = groups[0][0]
        expectations = [gx.Expectation(group[0].expect or "", group[0].arguments) for _, group in groups]
        frame = view.iloc[rows].reset_index(drop=True)
        for (_, group), places in zip(groups, gx.failing_rows(frame, expectations, name=name), strict=True):
            owners = np.repeat(np.arange(len(group)), [len(selected[rule.key]) for rule in group])
            for place in places:
                failed[group[owners[place]].key].append(int(rows[place]))
    return [(rule, failed[rule.key]) for rule in rules]


def _selected(view: pd.DataFrame, rule: Rule, applies: Applies) -> Any:
    """The positions of the rows that a rule is about."""
    import numpy as np

    mask = np.ones(len(view), dtype=bool)
    for column, values in rule.where.items():
        mask &= view[column].isin(values).to_numpy()
    if rule.agencies.model_fields_set and len(view):
        positions = view["filing"].to_numpy()
        fitting = [each for each in np.unique(positions) if applies(rule, int(each))]
        mask &= np.isin(positions, fitting)
    return np.flatnonzero(mask)


def expectation_of(columns: list[str]) -> Expectation:
    """What is expected of a view of balances."""
    from gongkai.consistency import gx

    if columns == ["greater", "smaller"]:
        arguments: dict[str, Any] = {"column_A": "greater", "column_B": "smaller", "or_equal": True}
        return gx.Expectation("expect_column_pair_values_a_to_be_greater_than_b", arguments)
    arguments = {"column_list": columns, "sum_total": 0, "ignore_row_if": "never"}
    return gx.Expectation("expect_multicolumn_sum_to_equal", arguments)
