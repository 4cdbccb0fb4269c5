"""The view `cells`: one row per cell of the form, over any number of filings of one edition.

Most cells of many filings are written alike. So that each writing is looked at once, `Cells` has a row for each that
occurs among the cells which rules do not tell apart, and knows the cells that it stands for.

Cells that we could not read with certainty are left out where nothing was read: that is a doubt, not a fault of the
report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import count
from operator import attrgetter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gongkai.consistency.numbers import cells_of
from gongkai.filing import Filing, decimal_text
from gongkai.forms import CellSpec, Form
from gongkai.rules import VIEWS, Rule

Mask = NDArray[np.bool_]

_written = attrgetter("kind", "value", "raw")

_WHERE: dict[str, Callable[[CellSpec], str]] = {
    "address": attrgetter("address"),
    "table": attrgetter("table"),
    "measure": attrgetter("kind"),
}
"""The columns of the view that say where a cell stands; the others say how it is written."""


class Cells:
    """The cells of some filings: how each is written, and a view of the writings.

    `asked` are the columns of the view that rules ask for: of those that say where a cell stands, the others are empty.
    """

    def __init__(self, filings: Sequence[Filing], form: Form, asked: Iterable[str]) -> None:
        self.addresses = list(form.cells)
        places = [
            tuple(tell(spec) if column in asked else "" for column, tell in _WHERE.items())
            for spec in form.cells.values()
        ]
        self._groups = {place: number for number, place in enumerate(dict.fromkeys(places))}
        self._group = np.array([self._groups[place] for place in places])
        self._writings: dict[tuple[str, object, str], int] = defaultdict(count().__next__)
        self._codes = np.array([self._row(each) for each in filings], dtype=np.int32)
        self._left_out = self._doubted(filings)

    def _row(self, filing: Filing) -> list[int]:
        return [*map(self._writings.__getitem__, map(_written, cells_of(filing, self.addresses)))]

    def _doubted(self, filings: Sequence[Filing]) -> Mask:
        found = np.zeros(self._codes.shape, dtype=bool)
        unread = np.array([kind in ("missing", "unreadable") for kind, _, _ in self._writings])
        for position, filing in enumerate(filings):
            if filing.doubts:
                doubted = filing.doubted
                here = np.array([address in doubted for address in self.addresses])
                found[position] = here & unread[self._codes[position]]
        return found

    @cached_property
    def _rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Group and writing of each row of the view, in the order of groups and, within one, of writings."""
        seen = np.zeros((len(self._groups), len(self._writings)), dtype=bool)
        for column, group in enumerate(self._group):
            seen[group, self._codes[~self._left_out[:, column], column]] = True
        groups, codes = np.nonzero(seen)
        return groups, codes

    @property
    def view(self) -> pd.DataFrame:
        """The view, a row for each writing."""
        groups, codes = self._rows
        writings = [
            {"kind": kind, "value": "" if value is None else decimal_text(Decimal(str(value))), "raw": raw}
            for kind, value, raw in self._writings
        ]
        where = pd.DataFrame(list(self._groups), columns=list(_WHERE), dtype=object).iloc[groups]
        how = pd.DataFrame(writings, dtype=object).iloc[codes]
        return pd.concat([each.reset_index(drop=True) for each in (where, how)], axis=1)[list(VIEWS["cells"])]

    def written(self, rows: Sequence[int]) -> Mask:
        """Which cells (filings by addresses) are written as `rows` of the view say."""
        groups, codes = self._rows
        wanted = np.zeros((len(self._groups), len(self._writings)), dtype=bool)
        wanted[groups[rows], codes[rows]] = True
        found: Mask = wanted[self._group, self._codes] & ~self._left_out
        return found


def asked_of_cells(rules: Iterable[Rule]) -> list[str]:
    """The columns that say where a cell stands and that some rule asks for."""
    asked = "".join(f"{rule.where} {rule.arguments}" for rule in rules)
    return [column for column in _WHERE if column in asked]


def cells_view(filings: Sequence[Filing], form: Form) -> pd.DataFrame:
    """The view `cells` of filings that are all made on `form`, a row for each cell."""
    views = [Cells([filing], form, _WHERE).view.assign(filing=number) for number, filing in enumerate(filings)]
    return pd.concat(views, ignore_index=True)[["filing", *VIEWS["cells"]]]
