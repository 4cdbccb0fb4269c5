"""Published reports, made by other software, read back: in small what `make corpus` measures in full."""

from __future__ import annotations

import pytest

from gongkai.forms import editions
from tests.published.measure import Result, measured
from tests.published.styles import STYLES, Style
from tests.published.summary import broken_bounds

DRAWN = [(edition, seed) for edition in editions() for seed in (3, 8)]
"""Published in one go: other software starts slowly."""
TORN = {"pdf-word", "text-columns", "text-narrow"}
"""Styles that lose what belongs together, or wrap numbers: nothing wrong may come of them, but little right."""


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_a_published_report_is_read_to_the_last_cell_or_says_what_it_could_not_read(style: Style) -> None:
    for result in measured(style, DRAWN):
        assert result.failure is None
        assert not result.count("wrong"), result.cells["wrong"]
        assert result.facts["edition"]
        if style.name not in TORN:
            assert result.count("exact") > 0.8 * sum(map(len, result.cells.values())), unread(result)
        if style.clean:
            assert not list(broken_bounds([result])), unread(result)
        if style.prose:
            assert result.facts["title"] and result.facts["agency"] and result.facts["year"]
            assert result.prose["found"] > 0.9 * result.prose["written"]


def unread(result: Result) -> dict[str, list[str]]:
    return {outcome: cells for outcome, cells in result.cells.items() if outcome not in ("exact", "open")}
