"""Every rule by cases that a reviewer can read: a valid filing, one change, exactly what must be found."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.consistency import check
from gongkai.filing import Cell, Filing
from gongkai.forms import editions
from gongkai.intake.numbers import read_cell
from gongkai.rules import load_rules
from tests.helpers import ROOT, balanced_filing, changed, filing_of

FOLDER = ROOT / "tests" / "rules" / "cases"
CASES: dict[str, list[dict[str, Any]]] = {
    edition: yaml.safe_load((FOLDER / f"{edition}.yaml").read_text(encoding="utf-8")) for edition in editions()
}
EACH = [pytest.param(edition, case, id=case["case"]) for edition, cases in CASES.items() for case in cases]


def addresses(patterns: Iterable[str]) -> list[str]:
    """The addresses that patterns with {a,b} stand for."""
    found = []
    for pattern in patterns:
        parts = [part.split(",") for part in re.split(r"[{}]", pattern)]
        found += ["".join(chosen) for chosen in itertools.product(*parts)]
    return found


def previous_of(filing: Filing, additions: dict[str, int], edition: str | None = None) -> Filing:
    """Last year's filing, on the same edition or another, that agrees with `filing`, with some numbers added."""
    numbers: dict[str, Any] = {}
    for address, spec in filing.form.cells.items():
        if spec.row.key == "carried_in":
            numbers[address.replace("carried_in", "carried_out")] = filing.number(address)
        if spec.column.key == "in_force":
            row = address.removesuffix("in_force")
            made, repealed, now = (filing.number(row + key) or 0 for key in ("made", "repealed", "in_force"))
            numbers[address] = now - made + repealed
    for address, more in additions.items():
        numbers[address] += more
    return filing_of(numbers, edition=edition or filing.edition, year=(filing.year or 0) - 1, agency=filing.agency)


def changed_by(edition: str, case: dict[str, Any]) -> Filing:
    filing = balanced_filing(seed=7, edition=edition, largest=60)
    if case.get("zero"):
        filing = filing_of({}, edition=edition, year=filing.year)
    filing = replace(filing, year=case.get("year", filing.year))
    cells: dict[str, Cell | int | None] = {}
    for address, more in case.get("add", {}).items():
        value = filing.number(address)
        assert isinstance(value, int)
        cells[address] = value + more
    for address, raw in case.get("write", {}).items():
        cells[address] = read_cell(raw, filing.form.cells[address])
    filing = changed(filing, cells)
    dropped = addresses(case.get("drop", []))
    return replace(filing, cells={each: cell for each, cell in filing.cells.items() if each not in dropped})


@pytest.mark.parametrize(("edition", "case"), EACH)
def test_a_change_raises_exactly_its_findings(edition: str, case: dict[str, Any]) -> None:
    filing = changed_by(edition, case)
    last = previous_of(filing, case["last_year"], case.get("last_edition")) if "last_year" in case else None
    found = check([filing], previous=[last]).all
    expected = Counter(
        (each["rule"], each.get("verdict", "fail"), tuple(sorted(addresses(each["cells"]))))
        for each in case.get("finds", [])
    )
    assert Counter((each.rule, each.verdict, tuple(sorted(each.cells))) for each in found) == expected
    if case.get("passes"):
        assert not expected
    else:
        assert any(each["rule"] == case["rule"] for each in case["finds"]) or case["rule"] == "CEL-FULLWIDTH"


@pytest.mark.parametrize("edition", editions())
def test_every_rule_has_a_passing_and_a_failing_case(edition: str) -> None:
    codes = {rule.rule for rule in load_rules(edition)}
    cases = CASES[edition]
    assert {case["rule"] for case in cases if case.get("passes")} == codes
    failing = {each["rule"] for case in cases for each in case.get("finds", [])}
    assert {case["rule"] for case in cases if not case.get("passes")} == codes
    assert failing == codes


def test_a_finding_says_both_sides_and_the_arithmetic() -> None:
    filing = filing_of({"disputes.direct_suit.upheld": 3, "disputes.direct_suit.total": 5})
    (finding,) = check([filing]).all
    assert (finding.left, finding.right, finding.delta) == (3, 5, -2)
    assert finding.message == (
        "表四“未经复议直接起诉”：结果维持 3＋结果纠正 0＋其他结果 0＋尚未审结 0＝3；总计 5；相差 2。"
    )
    assert finding.severity == "error"
    assert finding.blocks


def test_the_fingerprint_stays_until_agency_year_or_operands_change() -> None:
    numbers = {"disputes.direct_suit.upheld": 3, "disputes.direct_suit.total": 5}

    def fingerprint(filing: Filing) -> str:
        (finding,) = check([filing]).all
        return finding.fingerprint

    first = fingerprint(filing_of(numbers, agency="甲局"))
    assert fingerprint(filing_of(numbers | {"requests.granted.total": 0}, agency="甲局")) == first
    others = {
        fingerprint(filing_of(numbers, agency="乙局")),
        fingerprint(filing_of(numbers, agency="甲局", year=2023)),
        fingerprint(filing_of(numbers | {"disputes.direct_suit.total": 6}, agency="甲局")),
    }
    assert len(others - {first}) == 3


def test_rules_that_need_last_year_are_not_run_without_it() -> None:
    found = check([balanced_filing()])
    assert not found.all
    assert {each.rule for each in found.not_run} == {"XY-CARRY-TOTAL", "XY-CARRY-BYTYPE", "XY-VALID-ROLL"}


def test_of_the_rules_that_need_last_year_those_are_run_that_compare_on_another_edition() -> None:
    filing = replace(balanced_filing(), year=2021)
    found = check([filing], previous=[previous_of(filing, {"requests.carried_out.total": 2}, "2019")])
    assert [each.rule for each in found.all] == ["XY-CARRY-TOTAL"]
    assert [(each.rule, each.reason) for each in found.not_run] == [("XY-VALID-ROLL", say("not_run.edition"))]


def test_without_a_year_the_edition_that_applies_is_not_asked_for() -> None:
    filing = filing_of({}, edition="2019", year=None)
    found = check([filing], previous=[filing])
    assert not found.all
    assert [(each.rule, each.reason) for each in found.not_run] == [("STR-FORMAT-VERSION", say("not_run.year"))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_on_another_edition_is_told_with_its_year_and_both_editions(lang: str) -> None:
    with speaking(lang):
        (finding,) = check([filing_of({}, edition="2019", year=2023, agency="青杉县档案馆")]).all
    assert (finding.rule, finding.kind, finding.cells, finding.blocks) == ("STR-FORMAT-VERSION", "error", (), True)
    assert all(word in finding.message for word in ("2023", "2019", "2021"))


def test_filings_of_several_editions_are_checked_at_once_each_by_its_own_rules() -> None:
    filings = [balanced_filing(1), balanced_filing(2, edition="2019"), balanced_filing(3, edition="2019", year=2022)]
    found = check(filings, previous=[None, None, None])
    assert [[each.rule for each in findings] for findings in found.findings] == [[], [], ["STR-FORMAT-VERSION"]]


def test_a_balance_with_a_blank_of_last_year_is_not_assessable() -> None:
    filing = balanced_filing()
    last = changed(previous_of(filing, {}), {"requests.carried_out.total": None})
    (finding,) = check([filing], previous=[last]).all
    assert (finding.rule, finding.verdict) == ("XY-CARRY-TOTAL", "not_assessable")


def test_without_a_year_the_rules_that_need_none_are_run() -> None:
    filing = changed(filing_of({}, year=None), {"disputes.reconsideration.total": 1})
    assert [finding.rule for finding in check([filing]).all] == ["T4-SUM"]


def test_findings_speak_english_on_request() -> None:
    with speaking("en"):
        (finding,) = check([filing_of({"disputes.direct_suit.upheld": 3, "disputes.direct_suit.total": 5})]).all
    assert finding.message.isascii() or "−" in finding.message
    assert "Direct suits" in finding.message
