"""Rules as they are authored, and the faults that their loader names."""

from __future__ import annotations

import pytest

from gongkai.errors import AuthoringError, UsageError
from gongkai.forms import load_form
from gongkai.rules import load_rule_files, load_rules
from gongkai.rules.grammar import GrammarError, parse
from tests.helpers import ROOT

FAULTS = ROOT / "tests" / "data" / "rules"

EXPECTED = {
    "bad_code": "bad_value",
    "bad_severity": "needs_one_of",
    "balance_without_table": "missing_key",
    "both_kinds": "rule_kind",
    "duplicate_rule": "duplicate",
    "empty_side": "not_a_balance",
    "expect_without_message": "missing_key",
    "huge_power": "not_a_balance",
    "missing_title": "missing_key",
    "mostly": "forbidden_argument",
    "no_kind": "rule_kind",
    "no_place": "rule_without_place",
    "not_a_list": "not_a_list",
    "python_in_balance": "not_a_balance",
    "row_condition": "forbidden_argument",
    "two_relations": "not_a_balance",
    "unknown_argument_column": "unknown_word",
    "unknown_column": "unknown_word",
    "unknown_key": "unknown_key",
    "unknown_name": "unknown_name",
    "unknown_name_in_when": "unknown_name",
    "unknown_table": "unknown_table",
    "unknown_view": "unknown_word",
    "unknown_word_in_message": "unknown_word",
}


@pytest.mark.parametrize("fault", EXPECTED)
def test_an_authoring_fault_is_named_by_file_and_rule(fault: str) -> None:
    with pytest.raises(AuthoringError) as raised:
        load_rule_files([FAULTS / f"{fault}.yaml"], load_form("2021"))
    assert raised.value.key == EXPECTED[fault]
    assert f"{fault}.yaml" in str(raised.value)
    if fault not in ("not_a_list", "duplicate_rule", "bad_code"):
        assert "XX-TEST" in str(raised.value)


def test_every_malformed_rule_file_is_tested() -> None:
    assert {path.stem for path in FAULTS.glob("*.yaml")} == {*EXPECTED, "valid", "valid_expect"}


@pytest.mark.parametrize("name", ["valid", "valid_expect"])
def test_a_valid_rule_loads(name: str) -> None:
    assert len(load_rule_files([FAULTS / f"{name}.yaml"], load_form("2021"))) == 1


def test_an_edition_without_rules_is_an_error_and_never_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.chdir(str(tmp_path))
    (folder := ROOT.__class__(str(tmp_path)) / "expectations" / "2021").mkdir(parents=True)
    assert folder.is_dir()
    with pytest.raises(UsageError, match="2021"):
        load_rules("2021")


@pytest.mark.parametrize("text", ["a = b", "2 a + 3*b - c <= 10", "-a ≥ previous.b", "a.b_c + 1 = 0"])
def test_the_grammar_reads_balances(text: str) -> None:
    assert parse(text).left


@pytest.mark.parametrize(
    "text",
    ["", "a", "a = ", "= b", "a b = c", "a == b", "a = b = c", "2 * 3 = a", "a + = b", "(a) = b", "a.__class__ = b",
     "a = b; import os", "A = b", "a = 1e9", "a = 9999999999", "a" * 2000 + " = b"],
)  # fmt: skip
def test_the_grammar_refuses_everything_else(text: str) -> None:
    with pytest.raises(GrammarError):
        parse(text)
