"""The view `cells`: one row per cell of the form, over any number of filings of one edition.

Cells that we could not read with certainty are left out where nothing was read: that is a doubt, not a fault of the
report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pandas as pd

from gongkai.filing import Filing, decimal_text
from gongkai.forms import Form
from gongkai.rules import VIEWS


def cells_view(filings: Sequence[Filing], form: Form) -> pd.DataFrame:
    """The view `cells` of filings that are all made on `form`."""
    rows = [row for position, filing in enumerate(filings) for row in _cells(position, filing, form)]
    return pd.DataFrame(rows, columns=["filing", *VIEWS["cells"]])


def _cells(position: int, filing: Filing, form: Form) -> Iterator[tuple[object, ...]]:
    doubted = filing.doubted
    for address, spec in form.cells.items():
        cell = filing.cells.get(address)
        kind = cell.kind if cell else "missing"
        if address in doubted and kind in ("missing", "unreadable"):
            continue
        value = "" if cell is None or cell.value is None else decimal_text(Decimal(cell.value))
        yield position, address, spec.table, kind, spec.kind, value, cell.raw if cell else ""
