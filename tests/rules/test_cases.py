"""Every rule by cases that a reviewer can read: a valid filing, one change, exactly what must be found."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import yaml

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.consistency import check
from gongkai.consistency.between import VIEWS as BETWEEN
from gongkai.filing import Cell, Filing, Text
from gongkai.finding import Finding
from gongkai.forms import editions, load_form
from gongkai.intake.numbers import read_cell
from gongkai.rules import load_rules
from tests.helpers import ROOT, balanced_filing, changed, filing_of

FOLDER = ROOT / "tests" / "rules" / "cases"
REQUEST = {
    f"requests.{row}.{column}": 1 for row in ("received", "granted", "processed") for column in ("business", "total")
}
SUITS = REQUEST | {"disputes.direct_suit.upheld": 3, "disputes.direct_suit.total": 5}
OF_EVERY_EDITION = "every"


def cases_of(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


REPORT: dict[str, Any] = yaml.safe_load((FOLDER / "report.yaml").read_text(encoding="utf-8"))
CASES: dict[str, list[dict[str, Any]]] = {
    edition: cases_of(edition)
    + [case | {"report": True} for case in cases_of(OF_EVERY_EDITION) if edition in case.get("editions", [edition])]
    for edition in editions()
}
EACH = [
    pytest.param(edition, number, id=case["case"])
    for edition, cases in CASES.items()
    for number, case in enumerate(cases)
]


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
    for address in ("requests.received.total", "requests.processed.total"):
        if address not in additions:
            numbers[address] = filing.number(address) or 0
    for address, more in additions.items():
        numbers[address] = numbers.get(address, 0) + (more if isinstance(more, int) else Decimal(more))
    return filing_of(numbers, edition=edition or filing.edition, year=(filing.year or 0) - 1, agency=filing.agency)


def changed_by(edition: str, case: dict[str, Any]) -> Filing:
    filing = balanced_filing(seed=7, edition=edition, largest=60)
    if case.get("zero") or case.get("report"):
        filing = filing_of(figures(edition) if case.get("figures") else {}, edition=edition, year=filing.year)
    if case.get("report"):
        filing = reported(filing, case)
    about = {key: case[key] for key in ("year", "level", "agency", "agency_code") if key in case}
    filing = replace(filing, **about)
    cells: dict[str, Cell | int | None] = {}
    for address, more in case.get("add", {}).items():
        value = filing.number(address)
        assert isinstance(value, int)
        cells[address] = value + more
    written = case.get("write", {}) | case.get(f"write_{edition}", {})
    for address, raw in written.items():
        cells[address] = read_cell(raw, filing.form.cells[address])
    filing = changed(filing, cells)
    dropped = addresses(case.get("drop", []))
    return replace(filing, cells={each: cell for each, cell in filing.cells.items() if each not in dropped})


def figures(edition: str) -> dict[str, Any]:
    """The figures of report.yaml that the edition has."""
    cells = load_form(edition).cells
    every = {f"{row}.{column}": value for row, values in REPORT["figures"].items() for column, value in values.items()}
    return {
        address: value if isinstance(value, int) else Decimal(value)
        for address, value in every.items()
        if address in cells
    }


def reported(filing: Filing, case: dict[str, Any]) -> Filing:
    """`filing` as the document that report.yaml and the case describe."""
    year = filing.form.years.last or 2024
    texts = REPORT["texts"] | case.get("texts", {})
    if case.get("long"):
        texts["overview.platforms"] = [("".join(REPORT["long"]) * 2)[: case["long"]]]
    elif case.get("figures") and "overview.on_request" not in case.get("texts", {}):
        texts["overview.on_request"] = [REPORT["no_figures"]]
    facts = REPORT["facts"] | case.get("facts", {})
    return replace(
        filing,
        medium="document",
        year=year,
        **{key: REPORT[key] for key in ("agency", "agency_code", "level")},
        texts={
            key: tuple(Text(shifted(each, year)) for each in passages) for key, passages in texts.items() if passages
        },
        facts={key: Text(shifted(each, year)) for key, each in facts.items() if each},
    )


def shifted(text: str, year: int) -> str:
    """A text of 2024 as it would be of another year; the editions have years of their own."""
    return re.sub(r"(?<!〔)20(?=2\d年)(2\d)", lambda found: str(2000 + int(found[1]) + year - 2024), text)


@cache
def found_in(edition: str) -> list[tuple[Finding, ...]]:
    """What is found in each case of an edition; all are checked by one call, which costs little more than one case."""
    filings = [changed_by(edition, case) for case in CASES[edition]]
    last = [last_year_of(filing, case) for filing, case in zip(filings, CASES[edition], strict=True)]
    return list(check(filings, previous=last).findings)


def last_year_of(filing: Filing, case: dict[str, Any]) -> Filing | None:
    if "last_year" not in case:
        return None
    last = previous_of(filing, case["last_year"], case.get("last_edition"))
    if case.get("same_figures"):
        last = replace(last, cells=filing.cells)
    return replace(last, texts={key: filing.texts[key] for key in case.get("same_texts", ())})


@pytest.mark.parametrize(("edition", "number"), EACH)
def test_a_change_raises_exactly_its_findings(edition: str, number: int) -> None:
    case, found = CASES[edition][number], found_in(edition)[number]
    expected = Counter(
        (each["rule"], each.get("verdict", "fail"), tuple(sorted(addresses(each.get("cells", [])))), each.get("text"))
        for each in case.get("finds", [])
    )
    assert Counter((each.rule, each.verdict, tuple(sorted(each.cells)), each.text) for each in found) == expected
    if case.get("passes"):
        assert not expected
    else:
        assert any(each["rule"] == case["rule"] for each in case["finds"]) or case["rule"] == "CEL-FULLWIDTH"


@pytest.mark.parametrize("edition", editions())
def test_every_rule_has_a_passing_and_a_failing_case(edition: str) -> None:
    # Those across the agencies of a run have cases of their own.
    codes = {rule.rule for rule in load_rules(edition) if rule.view not in BETWEEN}
    cases = CASES[edition]
    assert {case["rule"] for case in cases if case.get("passes")} == codes
    assert {case["rule"] for case in cases if not case.get("passes")} == codes


def test_a_finding_says_both_sides_and_the_arithmetic() -> None:
    filing = filing_of(SUITS)
    (finding,) = check([filing]).all
    assert (finding.left, finding.right, finding.delta) == (3, 5, -2)
    assert finding.message == (
        "表四“未经复议直接起诉”：结果维持 3＋结果纠正 0＋其他结果 0＋尚未审结 0＝3；总计 5；相差 2。"
    )
    assert finding.severity == "error"
    assert finding.blocks


def test_the_fingerprint_stays_until_agency_year_or_operands_change() -> None:
    numbers = SUITS

    def fingerprint(filing: Filing) -> str:
        (finding,) = check([filing]).all
        return finding.fingerprint

    first = fingerprint(filing_of(numbers, agency="甲局"))
    assert fingerprint(filing_of(numbers | {"requests.granted.total": 1}, agency="甲局")) == first
    others = {
        fingerprint(filing_of(numbers, agency="乙局")),
        fingerprint(filing_of(numbers, agency="甲局", year=2023)),
        fingerprint(filing_of(numbers | {"disputes.direct_suit.total": 6}, agency="甲局")),
    }
    assert len(others - {first}) == 3


def test_rules_that_need_last_year_are_not_run_without_it() -> None:
    found = check([balanced_filing()])
    assert not found.all
    assert {each.rule for each in found.not_run if each.reason == say("not_run.previous")} == {
        *("XY-CARRY-TOTAL", "XY-CARRY-BYTYPE", "XY-VALID-ROLL", "XY-VALID-NEG", "XY-TEXT-DUP", "XY-TABLE-DUP"),
        *("T3-YOY-JUMP", "T4-AFTER-VS-REVIEW", "T4-PENDING-ROLL", "CEL-UNIT-FEE"),
    }


def test_of_the_rules_that_need_last_year_those_are_run_that_compare_on_another_edition() -> None:
    filing = replace(balanced_filing(), year=2021)
    found = check([filing], previous=[previous_of(filing, {"requests.carried_out.total": 2}, "2019")])
    assert [each.rule for each in found.all] == ["XY-CARRY-TOTAL"]
    other = {each.rule for each in found.not_run if each.reason == say("not_run.edition")}
    assert other == {"XY-VALID-ROLL", "XY-VALID-NEG", "CEL-UNIT-FEE"}


def test_without_a_year_the_edition_that_applies_is_not_asked_for() -> None:
    filing = filing_of({}, edition="2019", year=None)
    found = check([filing], previous=[filing])
    assert not found.all
    assert {each.rule for each in found.not_run if each.reason == say("not_run.year")} == {"STR-FORMAT-VERSION"}


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
    filing = changed(filing_of(REQUEST, year=None), {"disputes.reconsideration.total": 1})
    assert [finding.rule for finding in check([filing]).all] == ["T4-SUM"]


def test_findings_speak_english_on_request() -> None:
    with speaking("en"):
        (finding,) = check([filing_of(SUITS)]).all
    assert finding.message.isascii() or "−" in finding.message
    assert "Direct suits" in finding.message
