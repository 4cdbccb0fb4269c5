"""Own rules of an office: added, adjusted, switched off; what is wrong in them is named."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from gongkai.batch.keys import surroundings
from gongkai.consistency import check
from gongkai.consistency.gx import Expectation, suite
from gongkai.errors import AuthoringError, GongkaiError, UsageError
from gongkai.filing import Filing, Text
from gongkai.forms import editions
from gongkai.rules import VIEWS, Rule, load_book, load_rules, rule_folders
from gongkai.rules.expectations import ARGUMENTS, OPTIONAL, check_expectation, check_words
from gongkai.rules.own import FAMILIES
from gongkai.rules.patterns import PatternError, check_pattern
from gongkai.runfile import load_plan
from gongkai.workspace import standing_in
from tests.helpers import ROOT, balanced_filing, changed, plus_one

DEADLINE = """
- rule: DL-LOCAL
  title: {zh: 市直部门在次年1月28日前公布, en: Departments of the city publish by 28 January}
  basis: 市政府办公室通知
  severity: warning
  agencies: {level: [department]}
  view: dates
  where: {what: [published]}
  expect: expect_column_values_to_be_between
  arguments: {column: day, max_value: 10128}
  message: {zh: "公布日期“{quote}”晚于1月28日。", en: "Published on “{quote}”, after 28 January."}
"""
BALANCE = """
- rule: QX-001
  title: {zh: 当年收到的申请都当年办结, en: What was received was processed}
  basis: 县政务公开办要求
  severity: warning
  table: requests
  each: column
  only: [total]
  balance: received = processed
"""


def workspace(folder: Path, **files: str) -> Path:
    """A workspace with own rules."""
    (folder / "expectations" / "local").mkdir(parents=True)
    (folder / "gongkai.toml").write_text("")
    for name, text in files.items():
        (folder / "expectations" / "local" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def codes(filing: Filing, home: Path, previous: Filing | None = None) -> list[tuple[str, str]]:
    """Rule and severity of what is found in a workspace."""
    with standing_in(home):
        return [(each.rule, each.severity) for each in check([filing], previous=[previous]).all]


def published(day: str) -> Filing:
    return replace(balanced_filing(), facts={"published": Text(day)}, medium="document")


def test_an_own_deadline_comes_on_top_of_ours(tmp_path: Path) -> None:
    home = workspace(tmp_path, deadlines=DEADLINE)
    found = codes(published("2025-01-29"), home)
    assert ("DL-LOCAL", "warning") in found
    assert "DL-DEPT" not in dict(found)
    assert "DL-LOCAL" not in dict(codes(published("2025-01-28"), home))
    late = dict(codes(published("2025-02-01"), home))
    assert {"DL-LOCAL", "DL-DEPT"} <= late.keys()


def test_an_own_balance_is_checked_like_ours(tmp_path: Path) -> None:
    home = workspace(tmp_path, balance=BALANCE)
    filing = balanced_filing()
    differ = filing.number("requests.received.total") != filing.number("requests.processed.total")
    assert (("QX-001", "warning") in codes(filing, home)) == differ
    assert "QX-001" in dict(
        codes(plus_one(plus_one(filing, "requests.received.total"), "requests.received.total"), home)
    )


def test_own_rules_come_on_top_of_a_full_copy_too(tmp_path: Path) -> None:
    home = workspace(tmp_path, balance=BALANCE)
    for name in ("2019", "2021", "every"):
        shutil.copytree(ROOT / "expectations" / name, home / "expectations" / name)
    with standing_in(home):
        everything = load_rules("2021")
        assert rule_folders() == (home / "expectations",)
    assert [each.rule for each in everything] == [*(each.rule for each in load_rules("2021")), "QX-001"]
    (home / "expectations" / "2021" / "disputes.yaml").unlink()
    folder = home / "rules"
    (home / "expectations").rename(folder)
    assert "T4-SUM" not in {each.rule for each in load_rules("2021", folder)}
    assert "QX-001" in {each.rule for each in load_rules("2021", folder)}


def test_a_copy_replaces_ours_with_what_it_holds(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "expectations" / "2021", tmp_path / "2021")
    ours = load_rules("2021")
    copied = load_rules("2021", tmp_path)
    assert all(rule in ours for rule in copied)
    assert {rule.rule for rule in ours} - {rule.rule for rule in copied} >= {"DL-DEPT", "NT-NEW", "STR-SECTIONS"}
    assert rule_folders(tmp_path) == (tmp_path,)
    with pytest.raises(UsageError, match="2019"):
        load_rules("2019", tmp_path)


def test_a_rule_is_for_the_editions_that_have_its_names_or_that_it_names(tmp_path: Path) -> None:
    text = (
        BALANCE
        + "- {rule: QX-002, basis: b, severity: info, title: {zh: a, en: b}, "
        + "table: disclosure, each: row, balance: made = in_force}"
    )
    text += "\n" + BALANCE.strip().replace("QX-001", "QX-003") + "\n  editions: [2019]\n"
    home = workspace(tmp_path, mixed=text)
    with standing_in(home):
        held = {edition: {each.rule for each in load_rules(edition)} for edition in ("2019", "2021")}
    assert {each for each in held["2021"] if each.startswith("QX")} == {"QX-001", "QX-002"}
    assert {each for each in held["2019"] if each.startswith("QX")} == {"QX-001", "QX-003"}


LENGTH = "- {adjust: STR-LENGTH, reason: 篇幅放宽, arguments: {max_value: 5}, severity: error}"


def test_severity_threshold_and_agencies_are_adjusted(tmp_path: Path) -> None:
    home = workspace(tmp_path, adjust=LENGTH)
    filing = replace(balanced_filing(), texts={"overview": (Text("共六个字以上"),)}, medium="document")
    assert ("STR-LENGTH", "error") in codes(filing, home)
    other = workspace(tmp_path / "other", adjust=LENGTH.replace("5", "6"))
    assert "STR-LENGTH" not in dict(codes(filing, other))
    third = workspace(tmp_path / "third", adjust=LENGTH.replace("severity: error", "agencies: {level: [township]}"))
    assert "STR-LENGTH" not in dict(codes(filing, third))
    with standing_in(home):
        change = load_book("2021").changed["STR-LENGTH", ""]
    assert (change.before.severity, change.reason, change.file) == ("warning", "篇幅放宽", "local/adjust.yaml")


def test_the_numbers_of_a_balance_are_adjusted(tmp_path: Path) -> None:
    text = "- {adjust: T3-YOY-JUMP, part: received up, reason: 三倍即核实, balance: received <= 3 previous.received}"
    home = workspace(tmp_path, adjust=text)
    last = balanced_filing(year=2023)
    received = last.number("requests.received.total")
    assert received is not None
    filing = changed(balanced_filing(), {"requests.received.total": int(received) * 4})
    assert "T3-YOY-JUMP" in dict(codes(filing, home, last))
    assert "T3-YOY-JUMP" not in dict(codes(filing, ROOT, last))


def test_a_rule_switched_off_is_told_as_not_run(tmp_path: Path) -> None:
    home = workspace(tmp_path, off="- adjust: T3-IDENTITY\n  off: true\n  reason: 系统迁移期间暂停\n")
    filing = plus_one(balanced_filing(), "requests.received.total")
    assert "T3-IDENTITY" not in dict(codes(filing, home))
    with standing_in(home):
        found = check([filing])
    told = [each for each in found.not_run if each.rule == "T3-IDENTITY"]
    assert len(told) == 1
    assert "系统迁移期间暂停" in told[0].reason
    assert any(each["rule"] == "T3-IDENTITY" for each in found.summary([filing])["not_run"])


def test_one_part_is_switched_off_and_the_others_run(tmp_path: Path) -> None:
    home = workspace(tmp_path, off="- {adjust: DL-SIGN, part: order, off: true, reason: 先公布后盖章}")
    filing = replace(published("2025-01-10"), facts={"published": Text("2025-01-10"), "signed": Text("2026-01-20")})
    assert [each for each, _ in codes(filing, ROOT)].count("DL-SIGN") == 2
    assert [each for each, _ in codes(filing, home)].count("DL-SIGN") == 1


RULE = yaml.safe_load(DEADLINE)[0]
SUM = yaml.safe_load(BALANCE)[0]
OLD = SUM | {"table": "disclosure", "each": "row", "only": [], "balance": "made = in_force", "editions": [2019]}
RATIO = {"adjust": "T3-CARRY-RATIO", "reason": "r"}
WHOLE = "expect_column_values_to_be_between"
FAULTS = {
    "taken": (SUM | {"rule": "T3-IDENTITY"}, "code_taken", "QX-001"),
    "taken family": (SUM | {"rule": "XY-NEU"}, "code_taken", "XY-"),
    "edition": (SUM | {"editions": ["2022"]}, "unknown_edition", "2021"),
    "name": (SUM | {"balance": "recieved = processed"}, "unknown_name", "received"),
    "name of an edition": (OLD, "unknown_name", "made"),
    "only": (SUM | {"only": ["totals", "total"]}, "unknown_word", "total"),
    "table": (SUM | {"table": "request"}, "unknown_table", "requests"),
    "view": (RULE | {"view": "date"}, "unknown_word", "dates"),
    "column": (RULE | {"arguments": {"column": "days", "max_value": 1}}, "unknown_word", "day"),
    "expectation": (RULE | {"expect": "expect_column_values_between"}, "unknown_word", WHOLE),
    "table level": (RULE | {"expect": "expect_table_row_count_to_equal"}, "unknown_word", ""),
    "argument": (RULE | {"arguments": {"column": "day", "max": 1}}, "unknown_key", "max_value"),
    "no bound": (RULE | {"arguments": {"column": "day"}}, "missing_key", "max_value"),
    "bounds": (RULE | {"arguments": {"column": "day", "min_value": 2, "max_value": 1}}, "bounds", "2"),
    "text": (RULE | {"arguments": {"column": "what", "max_value": 1}}, "text_column", "what"),
    "where": (RULE | {"where": {"what": ["publish"]}}, "unknown_word", "published"),
    "where number": (RULE | {"where": {"day": ["10128"]}}, "number_column", "day"),
    "message": (RULE | {"message": {"zh": "{qoute}", "en": ""}}, "unknown_word", "quote"),
    "key": (RULE | {"servity": "error"}, "unknown_key", "severity"),
    "unknown code": ({"adjust": "STR-LENGHT", "off": True, "reason": "r"}, "unknown_word", "STR-LENGTH"),
    "unknown part": ({"adjust": "DL-SIGN", "part": "oder", "off": True, "reason": "r"}, "unknown_word", "order"),
    "unknown argument": ({"adjust": "STR-LENGTH", "arguments": {"max": 3}, "reason": "r"}, "unknown_key", "max_value"),
    "without reason": ({"adjust": "STR-LENGTH", "off": True}, "missing_key", "reason"),
    "empty reason": ({"adjust": "STR-LENGTH", "off": True, "reason": ""}, "bad_value", "reason"),
    "nothing": ({"adjust": "STR-LENGTH", "reason": "r"}, "adjustment", "severity"),
    "both": ({"adjust": "STR-LENGTH", "off": True, "severity": "info", "reason": "r"}, "adjustment", "off"),
    "other balance": (RATIO | {"balance": "carried_out <= carried_in"}, "other_balance", "2 carried_out"),
    "argument of a balance": (RATIO | {"arguments": {"max_value": 3}}, "unknown_key", "max_value"),
    "tolerance": ({"adjust": "STR-LENGTH", "tolerance": 1, "reason": "r"}, "unknown_key", "tolerance"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_file_rule_word_and_the_nearest_known(fault: str, tmp_path: Path) -> None:
    data, key, word = FAULTS[fault]
    home = workspace(tmp_path, faulty=yaml.safe_dump([data], allow_unicode=True))
    with standing_in(home), pytest.raises(AuthoringError) as raised:
        load_rules("2021")
    assert raised.value.key == key
    assert f"local/faulty.yaml:{data.get('rule') or data.get('adjust')}" in str(raised.value)
    assert word in str(raised.value)


@pytest.mark.parametrize("text", [DEADLINE + DEADLINE, LENGTH + "\n" + LENGTH])
def test_nothing_is_said_twice(text: str, tmp_path: Path) -> None:
    with standing_in(workspace(tmp_path, one=text)), pytest.raises(AuthoringError) as raised:
        load_rules("2021")
    assert raised.value.key == "duplicate"


def test_our_own_rules_hold_to_what_own_rules_must() -> None:
    for edition, form in editions().items():
        for rule in load_rules(edition):
            assert rule.rule.partition("-")[0] in FAMILIES
            if rule.expect:
                check_expectation(rule, file="ours")
                check_words(rule, form, file="ours")


def test_great_expectations_takes_every_expectation_that_a_rule_may_hold() -> None:
    samples = {
        "column": "day", "column_A": "signed", "column_B": "published", "column_list": ["signed", "published"],
        "min_value": 1, "max_value": 2, "strict_min": True, "strict_max": False, "or_equal": True, "sum_total": 0,
        "value": 3, "regex": "a", "regex_list": ["a"], "match_on": "any", "value_set": ["a"],
    }  # fmt: skip
    for expectation, arguments in ARGUMENTS.items():
        for taken in (arguments, [name for name in arguments if name not in OPTIONAL or name == "max_value"]):
            assert suite("all", [Expectation(expectation, {name: samples[name] for name in taken})])


@pytest.mark.parametrize(
    "text",
    ["(?:a+)+b", "(?:a|a)*b", "(?:a|ab)*c", "(?:a?){30}", ".*a.*b", "^.*a.*b.*c", "(a)b", r"(a)\1", "a{4294967295}",
     "(?:" * 400 + ")" * 400, "[[a]", "(?:.*a){12}", "(?=(?:a+)+b)", "(?:a{0,9}){0,9}", "*", "x" * 1001,
     "[a-z]*[a-z]*b"],
)  # fmt: skip
def test_a_pattern_that_may_take_long_is_refused(text: str) -> None:
    with pytest.raises(PatternError):
        check_pattern(text)


@pytest.mark.parametrize(
    "text", ["a.*b", "^.*a.*b", "(?=.*a)", "(?:局|厅)$", "[0-9]+(?:[.][0-9]+)?", r"\d{4}年\s*\d+月"]
)
def test_a_pattern_that_is_soon_tried_is_taken(text: str) -> None:
    check_pattern(text)


def test_the_rules_of_a_book_are_rules(tmp_path: Path) -> None:
    with standing_in(workspace(tmp_path, one=BALANCE)):
        book = load_book("2021")
    assert all(isinstance(each, Rule) for each in book.rules)
    assert book.files == {("QX-001", ""): "local/one.yaml"}


def test_a_faulty_file_stops_a_run_before_it_begins(tmp_path: Path) -> None:
    home = workspace(tmp_path, faulty=BALANCE.replace("received =", "recieved ="))
    (home / "roster.csv").write_text("agency,code,level\n甲局,A1,department\n", encoding="utf-8")
    (home / "run.yaml").write_text(
        "run: 1\nyear: 2024\nroster: roster.csv\ninputs: in/{code}.json\noutput: build/run\n"
    )
    with pytest.raises(GongkaiError, match="faulty"):
        load_plan(home / "run.yaml")


def test_the_language_is_documented_as_it_is(tmp_path: Path) -> None:
    text = (ROOT / "expectations" / "README.md").read_text(encoding="utf-8")
    rows = {
        cells[0]: cells[1]
        for line in text.splitlines()
        if line.startswith("| `")
        for cells in [[each.strip() for each in line.strip("|").split("|")]]
    }
    for view, columns in VIEWS.items():
        told = (f"`{name}`" + (" (number)" if kind == "number" else "") for name, kind in columns.items())
        assert rows[f"`{view}`"] == ", ".join(told)
    for expectation, arguments in ARGUMENTS.items():
        told = (f"`{name}`" + ("?" if name in OPTIONAL else "") for name in arguments)
        assert rows[f"`{expectation}`"] == ", ".join(told)
    families = re.search(r"family\s+of ours \(([^)]*)\)", text)
    assert families
    assert tuple(families[1].split(", ")) == FAMILIES
    for example in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        with standing_in(workspace(tmp_path, example=example)):
            assert load_book("2021").off.keys() == {("QLT-TYPO", "punctuation")}


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_example_of_the_readme_is_taken(name: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(- rule: DL-LOCAL.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    with standing_in(workspace(tmp_path, example=example)):
        assert ("DL-LOCAL", "") in load_book("2021").files


def test_what_is_made_anew_depends_on_own_rules(tmp_path: Path) -> None:
    home = workspace(tmp_path, one=BALANCE)
    (home / "roster.csv").write_text("agency,code,level\n甲局,A1,department\n", encoding="utf-8")
    text = "run: 1\nyear: 2024\nroster: roster.csv\ninputs: in/{code}.json\noutput: build/run\n"
    (home / "run.yaml").write_text(text)
    before = surroundings(load_plan(home / "run.yaml"))
    assert surroundings(load_plan(home / "run.yaml")) == before
    (home / "expectations" / "local" / "one.yaml").write_text(BALANCE.replace("warning", "error"), encoding="utf-8")
    assert surroundings(load_plan(home / "run.yaml")) != before
