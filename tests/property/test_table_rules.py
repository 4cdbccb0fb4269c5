"""The rules of the tables against a plain evaluation of the same equations, cell by cell and at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.consistency import check
from gongkai.filing import Filing
from gongkai.forms import editions, load_form
from gongkai.intake import read
from tests.helpers import APPLICANTS, CHANNELS, CORPUS, RESULTS, balanced_filing, changed, plus_one

Found = Counter[tuple[str, str, frozenset[str]]]

COLUMNS = (*APPLICANTS, "total")
OUTCOMES = (
    "granted", "partly_granted",
    *(f"refused.{each}" for each in (
        "state_secret", "prohibited_by_law", "security_and_stability", "third_party",
        "internal_affairs", "deliberative_process", "enforcement_file", "administrative_query")),
    *(f"unavailable.{each}" for each in ("not_held", "needs_creation", "still_unclear")),
    *(f"not_processed.{each}" for each in ("petition", "repeated", "publication", "excessive", "reconfirmation")),
)  # fmt: skip
OTHER = {"2019": ("other.all",), "2021": tuple(f"other.{each}" for each in ("uncorrected", "fee_unpaid", "other"))}


def naive(filing: Filing) -> Found:  # noqa: C901  # one plain list of all rules
    """What the rules of tables 2 to 4 find, written out by hand and apart from the rule files."""
    found: Found = Counter()
    outcomes = OUTCOMES + OTHER[filing.edition]

    def number(address: str) -> int:
        value = filing.number(address)
        assert isinstance(value, int)
        return value

    def column_rule(code: str, rows: tuple[str, ...], excess: Callable[[str], int], bad: Callable[[int], bool]) -> None:
        parts = {column: excess(column) for column in COLUMNS}
        broken = [column for column in APPLICANTS if bad(parts[column])]
        explained = broken and sum(parts[column] for column in APPLICANTS) == parts["total"]
        for column in [*broken, *(["total"] if bad(parts["total"]) and not explained else [])]:
            found[code, "fail", frozenset(f"requests.{row}.{column}" for row in rows)] += 1

    def at(row: str, column: str) -> int:
        return number(f"requests.{row}.{column}")

    column_rule(
        "T3-IDENTITY", ("received", "carried_in", "processed", "carried_out"),
        lambda c: at("received", c) + at("carried_in", c) - at("processed", c) - at("carried_out", c), bool,
    )  # fmt: skip
    column_rule(
        "T3-RESULT-TOTAL", (*outcomes, "processed"),
        lambda c: sum(at(row, c) for row in outcomes) - at("processed", c), bool,
    )  # fmt: skip
    column_rule(
        "T3-CARRY-GT", ("carried_out", "received", "carried_in"),
        lambda c: at("carried_out", c) - at("received", c) - at("carried_in", c), lambda excess: excess > 0,
    )  # fmt: skip
    for row in ("received", "carried_in", *outcomes, "processed", "carried_out"):
        if sum(at(row, column) for column in APPLICANTS) != at(row, "total"):
            found["T3-ROW-TOTAL", "fail", frozenset(f"requests.{row}.{column}" for column in COLUMNS)] += 1
    for channel in CHANNELS:
        cells = [f"disputes.{channel}.{result}" for result in (*RESULTS, "total")]
        if sum(number(cell) for cell in cells[:-1]) != number(cells[-1]):
            found["T4-SUM", "fail", frozenset(cells)] += 1
    for kind in ("regulations", "normative_documents"):
        code, columns = {
            "2019": ("T2-TOTAL-GE-NEW", ("published_total", "newly_published")),
            "2021": ("T2-VALID-GE-ISSUED", ("in_force", "repealed", "made")),
        }[filing.edition]
        cells = [f"disclosure.{kind}.{each}" for each in columns]
        *there, new = map(number, cells)
        if sum(there) < new:
            found[code, "fail", frozenset(cells)] += 1
    return found


PLAIN = (
    *("T3-IDENTITY", "T3-RESULT-TOTAL", "T3-CARRY-GT", "T3-ROW-TOTAL", "T4-SUM", "T2-TOTAL-GE-NEW"),
    "T2-VALID-GE-ISSUED",
)
"""The rules that are written out here."""


def found_in(filings: list[Filing]) -> list[Found]:
    return [
        Counter((each.rule, each.verdict, frozenset(each.cells)) for each in found if each.rule in PLAIN)
        for found in check(filings).findings
    ]


def walk(filing: Filing) -> None:
    """Add one to every request and dispute cell in turn: exactly the equations through it fail."""
    addresses = [address for address in filing.form.cells if not address.startswith("disclosure.")]
    assert len(addresses) == {"2019": 176, "2021": 190}[filing.edition]
    filings = [plus_one(filing, address) for address in addresses]
    for address, one, found in zip(addresses, filings, found_in(filings), strict=True):
        assert found == naive(one), address
        assert found, address
        assert all(address in cells for _, _, cells in found), address


@pytest.mark.parametrize("edition", editions())
def test_adding_one_to_any_cell_is_found_in_a_random_filing(edition: str) -> None:
    walk(balanced_filing(seed=3, edition=edition))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published reports is not here")
@pytest.mark.parametrize("name", ["suqian-2023.csv", "suqian-2024.csv"])
def test_adding_one_to_any_cell_is_found_in_a_published_filing(name: str) -> None:
    filing = read(Path(CORPUS, name))
    assert found_in([filing]) == [Counter()]
    walk(filing)


@pytest.mark.parametrize("edition", editions())
@given(st.integers(0, 10**6), st.integers(0, 10**9))
@settings(max_examples=25, deadline=None)
def test_valid_filings_raise_nothing(edition: str, seed: int, largest: int) -> None:
    assert not check([balanced_filing(seed, edition=edition, largest=largest)]).all


def some_cells(edition: str) -> st.SearchStrategy[str]:
    return st.sampled_from([address for address, spec in load_form(edition).cells.items() if spec.kind != "amount"])


@pytest.mark.parametrize("edition", editions())
@given(st.integers(0, 1000), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_changes_are_found_as_the_plain_evaluation_finds_them(
    edition: str, seed: int, data: st.DataObject
) -> None:
    changes = data.draw(st.dictionaries(some_cells(edition), st.integers(0, 10**12), max_size=12))
    filing = changed(balanced_filing(seed, edition=edition), dict(changes))
    assert found_in([filing]) == [naive(filing)]


@pytest.mark.parametrize("edition", editions())
@given(st.integers(0, 1000), st.data())
@settings(max_examples=25, deadline=None)
def test_a_blank_is_found_and_whatever_needs_it_is_not_assessable(edition: str, seed: int, data: st.DataObject) -> None:
    blanks = data.draw(st.sets(st.sampled_from(list(load_form(edition).cells)), min_size=1, max_size=6))
    filing = changed(balanced_filing(seed, edition=edition), dict.fromkeys(blanks))
    found = check([filing]).all
    assert {each.cells[0] for each in found if each.rule == "CEL-BLANK"} == blanks
    for finding in found:
        assert finding.rule == "CEL-BLANK" or (finding.verdict == "not_assessable" and blanks & set(finding.cells))


def test_many_filings_at_once_are_found_as_one_by_one() -> None:
    filings = [
        plus_one(balanced_filing(seed), address) for seed, address in enumerate(list(balanced_filing().cells)[10:40])
    ]
    filings[3] = replace(filings[3], agency="另一机关")
    together = check(filings)
    assert together.findings == tuple(check([filing]).findings[0] for filing in filings)
