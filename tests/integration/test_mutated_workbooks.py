"""Mutated workbooks, in small what `make corpus` reads in full."""

from __future__ import annotations

from collections import Counter

from tests.mutated.__main__ import tried, worst
from tests.mutated.kinds import KINDS

EACH = 2


def test_a_mutated_workbook_is_refused_by_place_or_read_as_what_it_says() -> None:
    results = [trial for some in tried(list(KINDS), EACH * len(KINDS), seed=1) for trial in some]
    assert Counter(trial.kind for trial in results) == dict.fromkeys(KINDS, EACH)
    assert not [*worst(trial for trial in results if trial.outcome == "failed")]
    # Whoever refuses everything misreads nothing.
    assert {trial.outcome for trial in results} == {"refused", "same", "told"}
