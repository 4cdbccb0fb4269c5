"""What a check found, in every format, read back by other parsers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.consistency import Across, Check, check
from gongkai.errors import UsageError
from gongkai.filing import Doubt, Filing, Input, Source, Text
from gongkai.finding import Concern, Finding
from gongkai.formats import FORMATS, sheets, written
from gongkai.formats.entries import COLUMNS, GRAVITY, LONGEST_QUOTE, Result, entries
from gongkai.terminal.checks import check_text
from tests.helpers import balanced_filing, changed

DIGEST = "0" * 64
PROSE = "本年度收到申请 12 件，均已办结。"


def told(**about: Any) -> Finding:
    given: dict[str, Any] = {
        "rule": "X-RULE",
        "severity": "error",
        "verdict": "fail",
        "agency": "青杉县财政局",
        "agency_code": None,
    }
    given |= {"year": 2024, "cells": (), "message": "不符", "basis": "依据", "fingerprint": "f" * 16}
    return Finding(**(given | about))


def filing_of(name: str, code: str | None, file: str, year: int = 2024) -> Filing:
    filing = replace(balanced_filing(1, agency=name, year=year), agency_code=code, inputs=(Input(file, DIGEST),))
    return replace(filing, texts={"overview": (Text("导语。"), Text(PROSE))})


ONE = filing_of("青杉县财政局", "990122004", "财政局 2024.txt")
OTHER = filing_of("青杉县档案馆", None, "档案馆.xlsx")
EARLIER = filing_of("青杉县财政局", "990122004", "财政局 2023.txt", 2023)
DOUBT = Doubt(code="PRS-YEAR", read="2024", text="year", source=Source(file="档案馆.xlsx", sheet="表", cell="B6"))
FINDINGS = (
    told(rule="X-HINT", severity="info"),
    told(rule="X-WARN", severity="warning", text="overview", passage=1, span=(8, 12), cells=()),
    told(rule="X-OPEN", verdict="not_assessable", cells=("disputes.direct_suit.total",)),
    told(
        rule="T4-SUM",
        cells=("disputes.direct_suit.upheld", "disputes.direct_suit.total"),
        left=3,
        right=Decimal("2.50"),
        delta=Decimal("0.50"),
        source=Source(file="财政局 2024.txt", line=7, last_line=8),
    ),
)
RESULT = Result(
    [ONE, replace(OTHER, doubts=(DOUBT,)), EARLIER],
    Check((FINDINGS, (), ()), ()),
    [{"file": "坏.txt", "message": "坏.txt：文件是空的。"}],
)


def rows(result: Result) -> list[dict[str, str]]:
    with speaking("zh"):
        text = written("csv", result).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def junit(result: Result) -> ET.Element:
    return ET.fromstring(written("junit", result))


def sarif(result: Result) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(written("sarif", result))
    return data


def test_agencies_stand_together_and_the_gravest_comes_first() -> None:
    assert [filing.year for filing, _ in RESULT.by_filing] == [2024, 2023, 2024]
    assert [entry.rule for entry in RESULT.all] == ["T4-SUM", "X-OPEN", "X-WARN", "X-HINT", "PRS-YEAR"]


def test_an_entry_names_its_cells_or_its_passage_and_quotes_the_words() -> None:
    of_sum, of_open, of_words, of_all, doubt = RESULT.all
    with speaking("zh"):
        assert of_sum.where == "表四“未经复议直接起诉”：结果维持、总计"
        assert of_open.where == "表四“未经复议直接起诉”的“总计”"
        assert of_words.where == "一、总体情况，第 2 段：“12 件”"
        assert (of_all.where, doubt.where) == ("", "")
        assert of_sum.source == "财政局 2024.txt 第 7–8 行"
    with speaking("en"):
        assert of_words.where == "1. Overview, paragraph 2: “12 件”"


def test_a_long_passage_is_quoted_from_its_beginning_and_one_that_is_gone_not_at_all() -> None:
    filing = replace(ONE, texts={"overview": (Text("长" * 500),)})
    whole, gone = entries(filing, [told(text="overview", passage=0), told(text="overview", passage=4)])
    assert whole.quote == "长" * LONGEST_QUOTE + "…"
    assert (gone.quote, entries(filing, [told(text="overview")])[0].quote) == ("", "")


def test_a_page_is_named() -> None:
    (entry,) = entries(ONE, [told(source=Source(file="a.pdf", page=3, line=5))])
    assert entry.source == "a.pdf 第 3 页 第 5 行"


def test_text_has_a_line_for_each_finding_and_the_summary_first() -> None:
    with speaking("zh"):
        lines = check_text(RESULT).decode().splitlines()
    assert lines[0] == "990122004  青杉县财政局  2024  财政局 2024.txt  错误 1、警告 1、提示 1、无法核对 1"
    assert lines[2] == "  青杉县档案馆  2024  档案馆.xlsx  读取存疑 1"
    (line,) = (line for line in lines if "X-WARN" in line)
    assert line == "  警告 X-WARN  一、总体情况，第 2 段：“12 件”  不符"
    assert [line.split()[1] for line in lines if re.match(r"  \S+ [A-Z]\w*-", line)][:4] == [
        *("T4-SUM", "X-OPEN", "X-WARN", "X-HINT"),
    ]


def test_of_very_many_filings_only_those_that_are_not_clean_are_told() -> None:
    many = [filing_of(f"第{number}局", str(number), "a.txt") for number in range(70)]
    found = Check((FINDINGS, *((),) * 69), ())
    with speaking("zh"):
        text = check_text(Result(many, found)).decode()
    assert "第0局" in text
    assert "第1局" not in text
    assert "另有 69 份未发现问题。" in text


def test_json_holds_filings_findings_in_the_order_of_rules_and_the_summary() -> None:
    data = json.loads(written("json", RESULT))
    assert [each["rule"] for each in data["findings"]] == [each.rule for each in FINDINGS]
    assert [each["agency"] for each in data["filings"]] == [each.agency for each in RESULT.filings]
    assert (data["summary"]["error"], data["summary"]["unread"][0]["file"]) == (1, "坏.txt")


def test_csv_has_a_row_for_each_entry_and_begins_with_the_mark_of_utf_8() -> None:
    assert written("csv", RESULT).startswith("\ufeff机关,机关代码,年度".encode())
    found = rows(RESULT)
    assert [row["规则"] for row in found] == ["T4-SUM", "X-OPEN", "X-WARN", "X-HINT", "PRS-YEAR"]
    assert [found[0][name] for name in ("左边", "右边", "相差", "年度", "类别")] == ["3", "2.5", "0.5", "2024", "错误"]
    assert (found[2]["原文"], found[4]["类别"]) == ("12 件", "读取存疑")
    assert found[0]["数据格"].split() == ["disputes.direct_suit.upheld", "disputes.direct_suit.total"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.sampled_from(["", *"=+-@\t\r＝＋－＠"]))
def test_no_text_of_a_report_is_a_formula_and_none_is_lost(text: str, first: str) -> None:
    (row,) = rows(Result([ONE], Check(((told(message=first + text, delta=-3),),), ())))
    assert row["问题"].removeprefix("'") == (first + text).removeprefix("'")
    assert not row["问题"].startswith(tuple("=+-@\t\r＝＋－＠"))
    assert row["相差"] == "-3"


def test_junit_fails_what_forbids_the_release_and_skips_the_rest() -> None:
    with speaking("zh"):
        root = junit(RESULT)
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [
        "青杉县财政局 · 2024 年度 · 财政局 2024.txt",
        "青杉县财政局 · 2023 年度 · 财政局 2023.txt",
        "青杉县档案馆 · 2024 年度 · 档案馆.xlsx",
        "坏.txt",
    ]
    first, clean, doubtful, unread = root
    outcomes = {case.get("name", "").split()[0]: [each.tag for each in case] for case in first}
    assert outcomes == {
        "整份报告可以发布": ["failure"],
        "T4-SUM": ["failure"],
        "X-OPEN": ["failure"],
        "X-WARN": ["skipped"],
        "X-HINT": ["skipped"],
    }
    assert [len(case) for case in clean] == [0]
    assert [case[0].tag for case in doubtful] == ["failure", "failure"]
    assert [case[0].tag for case in unread] == ["error"]
    for suite in root:
        for outcome, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(outcome) == str(len(suite.findall(f"testcase/{tag}")))
        assert suite.get("tests") == str(len(suite))
    assert root.get("tests") == str(sum(len(suite) for suite in root))
    assert "“12 件”" in (first.findtext("testcase[4]/skipped") or "")


def test_junit_passes_nothing_that_was_not_run() -> None:
    filing = replace(balanced_filing(2), inputs=(Input("a.json", DIGEST),))
    result = Result([filing], check([filing]))
    assert result.check.not_run
    cases = {case.get("name"): [each.tag for each in case] for case in junit(result).iter("testcase")}
    assert {each.rule for each in result.check.not_run} == {name for name, tags in cases.items() if tags == ["skipped"]}
    assert [tags for tags in cases.values() if not tags] == [[]]


@given(st.text(max_size=30))
def test_junit_is_xml_whatever_a_report_says(text: str) -> None:
    root = junit(Result([replace(ONE, agency=text)], Check(((told(message=text),),), ())))
    assert root.get("failures") == "2"


def required(data: dict[str, Any], *names: str) -> None:
    assert not [name for name in names if name not in data], data


def assert_sarif(data: dict[str, Any]) -> None:
    """What the schema of SARIF 2.1.0 requires, and of its standard what bears on us (3.27.9–10, 3.30, 3.52)."""
    required(data, "version", "runs")
    assert data["version"] == "2.1.0"
    for run in data["runs"]:
        driver = run["tool"]["driver"]
        required(driver, "name")
        identities = [rule["id"] for rule in driver["rules"]]
        assert len(set(identities)) == len(identities)
        assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", run["language"])
        for rule in driver["rules"]:
            required(rule["shortDescription"], "text")
            assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        for artifact in run["artifacts"]:
            assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in artifact["hashes"].values())
        for invocation in run["invocations"]:
            required(invocation, "executionSuccessful")
            for each in invocation["toolExecutionNotifications"]:
                required(each["message"], "text")
        for result in run["results"]:
            required(result["message"], "text")
            assert identities[result["ruleIndex"]] == result["ruleId"]
            assert result["kind"] in ("fail", "open", "review")
            assert (result["level"] == "none") == (result["kind"] != "fail")
            assert result["level"] in ("none", "note", "warning", "error")
            assert all(isinstance(each, str) for each in result.get("partialFingerprints", {}).values())
            for location in result["locations"]:
                physical = location.get("physicalLocation", {})
                if region := physical.get("region"):
                    assert 1 <= region["startLine"] <= region["endLine"]
                if artifact := physical.get("artifactLocation"):
                    # A reference by RFC 3986 has no spaces and no letters of other scripts.
                    assert re.fullmatch(r"[\w.~%-]+", artifact["uri"], re.ASCII)
                    assert run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"]


def test_sarif_has_what_the_standard_requires() -> None:
    data = sarif(RESULT)
    assert_sarif(data)
    (run,) = data["runs"]
    found = [(each["ruleId"], each["kind"], each["level"]) for each in run["results"]]
    assert found == [
        ("T4-SUM", "fail", "error"),
        ("X-OPEN", "open", "none"),
        ("X-WARN", "fail", "warning"),
        ("X-HINT", "fail", "note"),
        ("PRS-YEAR", "review", "none"),
    ]
    first = run["results"][0]
    assert first["partialFingerprints"] == {"gongkai/v1": "f" * 16}
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 7, "endLine": 8}
    cells = [each["fullyQualifiedName"] for each in first["locations"][0]["logicalLocations"]]
    assert cells == list(FINDINGS[3].cells)
    assert first["properties"] | {"left": 3, "right": "2.5", "delta": "0.5"} == first["properties"]
    rule = run["tool"]["driver"]["rules"][first["ruleIndex"]]
    assert set(rule["properties"]["titles"]) == set(LANGUAGES)
    invocation = run["invocations"][0]
    assert not invocation["executionSuccessful"]
    assert "文件是空的" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_of_words_has_them_as_a_snippet_and_a_line_of_a_page_is_no_line_of_the_file() -> None:
    about: dict[str, Any] = {"text": "overview", "passage": 1, "span": (8, 12)}
    sources = [Source(file="财政局 2024.txt", line=4), Source(file="财政局 2024.txt", line=4, page=2)]
    result = Result([ONE], Check((tuple(told(source=source, **about) for source in sources),), ()))
    of_text, of_page = (each["locations"][0]["physicalLocation"] for each in sarif(result)["runs"][0]["results"])
    assert of_text["region"]["snippet"] == {"text": "12 件"}
    assert "region" not in of_page


def test_sarif_tells_what_was_not_run() -> None:
    filing = replace(balanced_filing(2), inputs=(Input("a.json", DIGEST),))
    result = Result([filing], check([filing]))
    data = sarif(result)
    assert_sarif(data)
    (invocation,) = data["runs"][0]["invocations"]
    assert invocation["executionSuccessful"]
    told_rules = {each["associatedRule"]["id"] for each in invocation["toolExecutionNotifications"]}
    assert told_rules == {each.rule for each in result.check.not_run}


def test_xlsx_has_a_sheet_to_filter_and_a_summary() -> None:
    with speaking("zh"):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", RESULT)))
    found, summary = book.worksheets
    assert (found.title, summary.title) == ("核对结果", "汇总")
    table = [*found.iter_rows(values_only=True)]
    assert len(table[0]) == len(COLUMNS)
    assert [row[COLUMNS.index("rule")] for row in table[1:]] == ["T4-SUM", "X-OPEN", "X-WARN", "X-HINT", "PRS-YEAR"]
    assert [row[COLUMNS.index("left")] for row in table[1:]] == [3, None, None, None, None]
    assert found.auto_filter.ref == found.dimensions
    assert not found.protection.sheet
    assert found.freeze_panes == "A2"
    assert (found.column_dimensions["J"].width or 0) > 50
    counted = [row[-len(GRAVITY) :] for row in summary.iter_rows(values_only=True, min_row=2)]
    assert counted == [(1, 1, 1, 1, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 1)]


def test_no_text_in_xlsx_is_a_formula() -> None:
    result = Result([ONE], Check(((told(message='=HYPERLINK("http://x")'),),), ()))
    sheet: Any = openpyxl.load_workbook(io.BytesIO(written("xlsx", result))).worksheets[0]
    cell = sheet.cell(2, COLUMNS.index("message") + 1)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x")', "s")


def test_more_findings_than_a_sheet_has_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_LINES", 5)
    with pytest.raises(UsageError) as refused:
        written("xlsx", RESULT)
    assert refused.value.key == "too_many_findings"


def words_of(content: bytes, form: str) -> Sequence[str]:
    if form != "xlsx":
        return [content.decode("utf-8-sig")]
    cells = (row for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet.iter_rows(values_only=True))
    return [str(value) for row in cells for value in row]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_every_format_speaks_the_language_in_use(form: str) -> None:
    filing = changed(ONE, {"disputes.direct_suit.total": 10**6})
    for lang, word in (("zh", "相差"), ("en", "differ")):
        with speaking(lang):
            result = Result([filing], check([filing]))
            text = "\n".join(words_of(written(form, result), form))
            assert word in text.lower()
            title = (
                say("severity.error") if form in ("csv", "xlsx", "junit") else '"language": "zh-CN"' * (lang == "zh")
            )
            assert title in text


def test_what_was_found_across_agencies_stands_last_in_every_format() -> None:
    copied = told(rule="QLT-PEER-DUP", severity="warning", agency=OTHER.agency, message="与青杉县财政局的雷同")
    nobody = told(rule="DL-MISSING", agency="青杉县司法局")
    filings = [ONE, OTHER]
    both = Across((Concern(finding=copied, title="与别家雷同"), Concern(finding=nobody, title="没有报告")))
    result = Result(filings, check(filings), across=both)
    rows = list(csv.DictReader(io.StringIO(written("csv", result).decode("utf-8-sig"))))
    assert [rows[-1][say(f"column.{name}")] for name in ("agency", "rule", "title")] == [
        OTHER.agency,
        "QLT-PEER-DUP",
        "与别家雷同",
    ]
    assert json.loads(written("sarif", result))["runs"][0]["results"][-1]["ruleId"] == "QLT-PEER-DUP"
    suite = ET.fromstring(written("junit", result))[1]
    assert [case.get("name") for case in suite if case.find("skipped") is not None].count(
        "QLT-PEER-DUP 与别家雷同"
    ) == 1
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx", result))).worksheets[0]
    assert [cell.value for cell in sheet[sheet.max_row]][5] == "QLT-PEER-DUP"


def test_the_same_check_gives_the_same_bytes() -> None:
    for form in FORMATS:
        assert written(form, RESULT) == written(form, RESULT)
