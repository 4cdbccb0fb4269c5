"""Our suites and views as files that plain Great Expectations loads and runs, without gongkai.

Each expectation is a suite of its own, with a view of its own: the rows of all rules that share it. Beside the columns
of the view a row has `rule`, `part`, `filing` (its position) and `at`, where in the filing it stands.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongkai.consistency import applying
from gongkai.consistency.lines import Line, Subject
from gongkai.consistency.running import Applies, Group, balanced, groups, lay_out
from gongkai.consistency.views import LAYOUTS
from gongkai.errors import UsageError
from gongkai.filing import Cell, Filing
from gongkai.finding import Finding
from gongkai.forms import editions, load_form
from gongkai.rules import VIEWS, Rule, equations, load_rules
from gongkai.workspace import write_bytes, write_text

if TYPE_CHECKING:
    import pandas as pd

    from gongkai.consistency.gx import Expectation

PLAIN = Path(__file__).with_name("plain")
"""The script and the note that go with what is written."""

_TYPES = {"text": "str", "number": "float64"}
_INDEX_TYPES = {"rule": "str", "part": "str", "filing": "int64", "at": "str"}
INDEX = tuple(_INDEX_TYPES)
"""The columns by which a failing row is told."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An expectation, and the rows that it is to be run on."""

    name: str
    expectation: Expectation
    view: pd.DataFrame
    types: dict[str, str]
    """How each column is read back: a text that looks like a number, or like nothing, stays what it is."""


def write_suites(
    folder: Path, filing: Filing | None, *, previous: Filing | None = None, edition: str | None = None
) -> None:
    """Write the suites of an edition, each with its view of `filing`, and a script that runs them, into a new folder.

    Without a filing the views have no rows. Raises UsageError where the folder holds files already.
    """
    from gongkai.consistency.gx import suite

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("folder_not_empty", file=folder.name)
    edition = filing.edition if filing else edition or max(editions())
    blank = Filing(edition=edition, cells=dict.fromkeys(load_form(edition).cells, Cell(0, "number", "0")))
    subject = Subject(filing, previous) if filing else Subject(blank, blank)
    for each in exported([subject], load_rules(edition)):
        view = each.view if filing else each.view.iloc[:0]
        built = suite(each.name, [each.expectation])
        built.meta = {**(built.meta or {}), "dtypes": each.types}
        text = json.dumps(built.to_json_dict(), ensure_ascii=False, indent=1, sort_keys=True)
        write_text(folder / "suites" / f"{each.name}.json", text + "\n")
        write_text(folder / "views" / f"{each.name}.csv", csv_of(view))
    for source in PLAIN.iterdir():
        write_bytes(folder / source.name.removesuffix(".txt"), source.read_bytes())


def exported(subjects: Sequence[Subject], rules: Sequence[Rule]) -> Iterator[Exported]:
    """All expectations of `rules` over filings of one edition, those too that find no rows there."""
    from gongkai.consistency import gx
    from gongkai.consistency.cells import cells_view

    def applies(rule: Rule, position: int) -> bool:
        filing = subjects[position].filing
        return applying.missing(rule.agencies, filing) is None and applying.is_for(rule.agencies, filing)

    yield from _balances(subjects, rules, applies)
    # What is checked across the agencies of a run is not in one filing.
    for view in dict.fromkeys(rule.view for rule in rules if rule.view in ("cells", *LAYOUTS)):
        assert view is not None, "one of those"
        if view in LAYOUTS:
            laid = lay_out(view, subjects)
            frame = laid.frame.assign(at=[place_of(line) for _, line in laid.rows])
        else:
            frame = cells_view([each.filing for each in subjects], subjects[0].filing.form)
            frame = frame.assign(at=frame["address"])
        of_view = [rule for rule in rules if rule.view == view]
        for number, group in enumerate(groups(frame, of_view, applies), start=1):
            rows = _rows(frame, group)[[*INDEX, *VIEWS[view]]]
            types = {name: _TYPES[kind] for name, kind in VIEWS[view].items()}
            expected = gx.Expectation(group[0][0].expect or "", group[0][0].arguments)
            yield Exported(f"{view}-{number:02d}", expected, rows, _INDEX_TYPES | types)


def place_of(told: Line | Finding) -> str:
    """Where in its filing a row of a view stands: text, passage and span of its words, else its cells."""
    if told.text is None:
        return "+".join(told.cells)
    span = f"{told.span[0]}-{told.span[1]}" if told.span else ""
    return ":".join(each for each in (told.text, "" if told.passage is None else str(told.passage), span) if each)


def csv_of(view: pd.DataFrame) -> str:
    """A view as CSV, every text in quotes, so that none is taken for a number or for nothing."""
    return str(view.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC))


def _balances(subjects: Sequence[Subject], rules: Sequence[Rule], applies: Applies) -> Iterator[Exported]:
    from gongkai.consistency import gx
    from gongkai.consistency.balances import balances

    form = subjects[0].filing.form
    laid = balances(subjects, [each for rule in rules if rule.balance for each in equations(rule, form)], applies)
    for name, view in laid.views.items():
        places = [(row.equation.rule, row.filing, row.equation.place) for row in laid.rows[name]]
        told: dict[str, Any] = {
            "rule": [rule.rule for rule, _, _ in places],
            "part": [rule.part or "" for rule, _, _ in places],
            "filing": [filing for _, filing, _ in places],
            "at": [place for _, _, place in places],
        }
        rows = view.assign(**told)[[*INDEX, *view.columns]]
        types = _INDEX_TYPES | dict.fromkeys(view.columns, _TYPES["number"])
        yield Exported(name, gx.Expectation(*balanced(name, list(view.columns))), rows, types)


def _rows(view: pd.DataFrame, group: Group) -> pd.DataFrame:
    import pandas as pd

    parts = [view.iloc[rows].assign(rule=rule.rule, part=rule.part or "") for rule, rows in group]
    return pd.concat(parts, ignore_index=True)
