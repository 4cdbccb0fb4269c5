"""Figures stated in prose: found with their meaning, none invented, held against the tables."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gongkai import intake
from gongkai.cli import cli
from gongkai.errors import UsageError
from gongkai.example import Example
from gongkai.example.reports import reports_of
from gongkai.filing import Filing
from gongkai.forms import editions
from gongkai.narrative import Claim, claims, claims_in
from gongkai.wording import meaning_in_words
from tests.helpers import CORPUS, ROOT, balanced_filing, changed, filing_of

SENTENCES: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "tests" / "data" / "claims" / "sentences.yaml").read_text(encoding="utf-8")
)
CASES: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "tests" / "data" / "claims" / "verdicts.yaml").read_text(encoding="utf-8")
)


def facts(found: tuple[Claim, ...]) -> dict[str, float]:
    """The figures that are stated of the form, by meaning."""
    told = [each for each in found if each.value is not None and each.verdict != "not_comparable"]
    return {each.meaning: float(each.value or 0) for each in told if each.meaning}


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case["text"][:24])
def test_every_figure_of_a_sentence_is_found_and_none_invented(case: dict[str, Any]) -> None:
    found = claims_in(case["text"], text=case.get("topic"))
    told = facts(found)
    if case.get("parts"):
        assert told.pop("parts_sum")
    assert told == {meaning: float(value) for meaning, value in case["facts"].items()}
    assert [each.meaning for each in found if each.kind == "all" and each.meaning] == case.get("all", [])
    assert [each.value for each in found if each.kind == "change" and not each.meaning] == case.get("changes", [])
    assert [each.value for each in found if each.verdict == "not_comparable"] == case.get("apart", [])
    assert not (case.get("silent") and found)


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case["text"][:24])
def test_a_claim_quotes_its_passage_whatever_the_spaces(case: dict[str, Any]) -> None:
    spaced = "".join(f"{each} " if number % 3 == 0 else each for number, each in enumerate(case["text"]))
    plain = claims_in(case["text"], text=case.get("topic"))
    wide = claims_in(spaced, text=case.get("topic"))
    for passage, found in ((case["text"], plain), (spaced, wide)):
        assert all(passage[each.start : each.end] == each.quote for each in found)
    assert [each.quote.replace(" ", "") for each in wide] == [each.quote.replace(" ", "") for each in plain]
    assert [(each.meaning, each.value) for each in wide] == [(each.meaning, each.value) for each in plain]


def told_filing(numbers: dict[str, Any], *, edition: str = "2021", year: int = 2024) -> Filing:
    return filing_of(
        {key: Decimal(str(each)) if "fees" in key else each for key, each in numbers.items()},
        edition=edition,
        year=year,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:24])
def test_a_claim_is_held_against_the_tables(case: dict[str, Any]) -> None:
    edition = case.get("edition", "2021")
    filing = told_filing(case.get("tables", {}), edition=edition, year=case.get("year", 2024))
    filing = changed(filing, dict.fromkeys(case.get("blank", ())))
    filing = replace(filing, **{key: case[key] for key in ("agency", "level") if key in case})
    last = told_filing(case["last"], year=case.get("year", 2024) - 1) if "last" in case else None
    found = claims_in(case["text"], filing, last, text=case.get("topic"))
    told = [[each.meaning, each.verdict, None if each.computed is None else float(each.computed)] for each in found]
    assert told == [[*each[:2], None if each[2] is None else float(each[2])] for each in case["claims"]]


def test_without_tables_there_is_no_verdict_on_them() -> None:
    bare = Filing(edition="2021", cells={}, year=2024)
    for filing in (None, bare):
        (claim,) = claims_in("收到政府信息公开申请3件。", filing)
        assert (claim.verdict, claim.computed) == ("no_table", None)


@pytest.mark.parametrize(
    ("words", "value", "low", "high"),
    [
        ("300件", 300, 300, 300),
        ("300余件", 300, 300, None),
        ("300多件", 300, 300, None),
        ("超过300件", 300, 300, None),
        ("约300件", 300, 250, 350),
        ("300件左右", 300, 250, 350),
        ("近300件", 300, 200, 300),
        ("1.3万件", 13000, 13000, 13000),
        ("１，２０４件", 1204, 1204, 1204),
        ("1,204件", 1204, 1204, 1204),
        ("一百二十三件", 123, 123, 123),
        ("两件", 2, 2, 2),
        ("二〇五件", 205, 205, 205),
        ("3百件", 300, 300, 300),
        ("3百5十件", 350, 350, 350),
        ("2千余件", 2000, 2000, None),
        ("约3千件", 3000, 2500, 3500),
        ("1万2千件", 12000, 12000, 12000),
        ("2亿件", 200_000_000, 200_000_000, 200_000_000),
        ("-2百件", -200, -200, -200),
    ],
)
def test_what_words_about_a_number_allow(words: str, value: int, low: int | None, high: int | None) -> None:
    claim = claims_in(f"收到政府信息公开申请{words}。")[-1]
    assert (claim.value, claim.low, claim.high) == (value, low, high)
    assert claim.exact == (low == high)


@pytest.mark.parametrize(
    "words",
    [
        "1百2十3件",
        "十3件",
        "1O2件",
        "5～8件",
        "5-8件",
        "5—8件",
        "5至8件",
        "三四件",
        "二三十件",
        "十七八件",
        "数十件",
        "几百件",
        "上百件",
        "1.2.3件",
        "3百百分点",
    ],
)
def test_of_a_number_that_cannot_be_read_for_certain_no_part_is_taken(words: str) -> None:
    assert not facts(claims_in(f"收到政府信息公开申请{words}。"))


def test_what_begins_a_unit_is_no_part_of_a_number() -> None:
    (claim,) = claims_in("收取信息处理费2百万元。")
    assert (claim.meaning, claim.value) == ("processing_fee.amount_yuan", 2_000_000)
    (claim,) = claims_in("收取信息处理费3千元。")
    assert claim.value == 3000
    assert [each.value for each in claims_in("收到政府信息公开申请20件，上升5百分点。")] == [20]


def test_claims_of_a_filing_say_where_they_stand() -> None:
    found = claims(intake.read(ROOT / "examples" / "qingshan" / "2024" / "990122011.txt"))
    assert {each.text for each in found} <= {"overview.on_request", "overview.information_management", "other_matters"}
    assert found
    assert {each.verdict for each in found} <= {"match", "no_cell"}


def test_generated_reports_state_nothing_that_their_tables_do_not_say() -> None:
    example = Example(counties=1, agencies=40, years=(2021, 2023))
    county = example.county(0)
    verdicts = set()
    for body in county.bodies:
        last = None
        for filing in reports_of(example, county, body).filings.values():
            found = claims(filing, last)
            assert len(found) > 5
            wrong = [each for each in found if each.verdict not in ("match", "no_cell")]
            assert not wrong
            verdicts |= {each.verdict for each in found}
            last = filing
    assert verdicts == {"match", "no_cell"}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published reports is not here")
def test_every_fact_of_real_sentences_is_found_and_none_invented() -> None:
    tables = {year: intake.read(CORPUS / f"suqian-{year}.csv") for year in (2023, 2024)}
    lines = (CORPUS / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
    for case in map(json.loads, lines):
        filing = tables[int(Path(case["table"]).stem[-4:])] if "table" in case else None
        found = claims_in(case["text"], filing, tables[2023] if case["id"] == "S08" else None)
        wanted = {key: float(value) for key, value in case["facts"].items() if key != "items_published_approx"}
        assert facts(found) == wanted, case["id"]
        verdicts = {each.meaning: each.verdict for each in found if each.meaning != "parts_sum"}
        told = case.get("verdicts", {})
        if "*" in told:
            assert set(verdicts.values()) == {told["*"]}, case["id"]
        elif told:
            assert verdicts == told, case["id"]


def test_a_balanced_filing_is_not_contradicted_by_its_own_figures() -> None:
    filing = balanced_filing(3)
    number = filing.cells["requests.received.total"].value
    assert isinstance(number, int)
    claim = claims_in(f"本年新收政府信息公开申请{number}件。", filing)[0]
    assert (claim.verdict, claim.cells) == ("match", ("requests.received.total",))
    wrong = claims_in(f"本年新收政府信息公开申请{number + 1}件。", filing)[0]
    assert (wrong.verdict, wrong.computed) == ("mismatch", number)


WORDS = sorted({word for case in SENTENCES for word in re.findall(r"\d[\d,.]*|[^\d\W]{1,6}|\W", case["text"])})


@given(
    st.lists(st.sampled_from([*WORDS, " ", "\n", "(", ")", "均", "未", "零", "－3", "〇件", "百件", "%"]), max_size=30)
)
def test_whatever_is_written_claims_quote_it(words: list[str]) -> None:
    passage = "".join(words)
    filing = balanced_filing(5)
    for claim in claims_in(passage, filing, balanced_filing(6, year=2023)):
        assert passage[claim.start : claim.end] == claim.quote
        assert claim.quote.strip() == claim.quote
        assert claim.verdict != "no_table"
        if claim.verdict == "match" and claim.kind in ("figure", "zero"):
            assert claim.computed is not None
            assert claim.low is None or claim.low <= claim.computed
            assert claim.high is None or claim.computed <= claim.high


@given(st.sampled_from(SENTENCES), st.integers(1, 10**6))
def test_a_figure_that_is_changed_is_stated_as_changed(case: dict[str, Any], by: int) -> None:
    """Claims are bound by words, whatever the numbers are."""
    before = [each for each in claims_in(case["text"], text=case.get("topic")) if each.kind in ("figure", "zero")]
    for place in [match.span() for match in re.finditer(r"(?<![\d,.])[1-9]\d*(?=件)", case["text"])]:
        start, end = place
        number = int(case["text"][start:end]) + by
        passage = f"{case['text'][:start]}{number}{case['text'][end:]}"
        after = [each for each in claims_in(passage, text=case.get("topic")) if each.kind in ("figure", "zero")]
        assert [each.meaning for each in after] == [each.meaning for each in before]


def command(*arguments: str, given: str = "") -> Any:
    """What `gongkai claims` tells as JSON."""
    code = "import sys; from gongkai.cli import main; main(sys.argv[1:])"
    line = [sys.executable, "-c", code, "claims", "--format", "json", *arguments]
    done = subprocess.run(line, input=given.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)["claims"]


def test_the_command_reads_a_passage_from_standard_input() -> None:
    passage = "2024年收到政府信息公开申请 12 件，同比增长20.5%，行政复议备案3件。"
    received, change, _ = command("-", given=passage)
    assert received == {
        "text": "收到政府信息公开申请 12 件",
        "start": 5,
        "end": 20,
        "where": {"text": None, "passage": 0},
        "meaning": "requests.received",
        "value": 12,
        "exact": True,
        "computed": None,
        "verdict": "no_table",
    }
    assert (change["value"], change["verdict"]) == (20.5, "no_table")


def test_the_command_holds_a_report_against_its_tables(tmp_path: Path) -> None:
    folder = ROOT / "examples" / "qingshan"
    report = folder / "2024" / "990122011.txt"
    found = command(str(report), "--previous", str(folder / "2023" / "990122011.txt"))
    expected = claims(intake.read(report), intake.read(folder / "2023" / "990122011.txt"))
    assert [(each["meaning"], each["verdict"]) for each in found] == [(each.meaning, each.verdict) for each in expected]


def test_every_meaning_has_words() -> None:
    prose = [case["text"] for case in (*SENTENCES, *CASES)]
    meanings = {each.meaning for text in prose for each in claims_in(text, text="overview.on_request") if each.meaning}
    assert len(meanings) > 40
    for form in editions().values():
        told = {meaning_in_words(form, each) for each in meanings}
        assert len(told) == len(meanings)
        assert not [each for each in told if re.search("[a-z_]{3}", each)]


def test_the_command_shows_a_table_and_refuses_what_goes_with_no_passage() -> None:
    runner = CliRunner()
    done = runner.invoke(cli, ["claims", "-"], input="全年收到政府信息公开申请约12件。")
    assert all(words in done.stdout for words in ("第3至16字", "本年新收"))
    assert "约 12" in done.stdout
    assert runner.invoke(cli, ["claims", "-"], input="今日晴。").stdout == "没有涉及规定表格的数字\n"
    refused = runner.invoke(cli, ["claims", "-", "--year", "2024"], input="今日晴。")
    assert isinstance(refused.exception, UsageError)


@pytest.mark.parametrize(
    "passage",
    ["（" * 5000 + "）" * 5000, "1" * 20000 + "件", "1,000" * 4000, "未" * 5000, "一" * 5000 + "件", "均、" * 5000],
)
def test_no_passage_takes_long(passage: str) -> None:
    began = time.process_time()
    claims_in("收到政府信息公开申请3件" + passage, balanced_filing(5))
    assert time.process_time() - began < 5
