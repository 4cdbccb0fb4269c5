"""What Great Expectations does by itself and must not do here. Each test would fail without its guard."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import great_expectations as gx_itself
import numpy as np
import pandas as pd
import pytest

from gongkai.consistency import check, gx
from gongkai.consistency.asking import Asking
from gongkai.consistency.balances import balances
from gongkai.consistency.cells import cells_view
from gongkai.consistency.gx import Expectation, failing_rows, suite
from gongkai.consistency.lines import Subject
from gongkai.consistency.running import ask_balances
from gongkai.errors import AuthoringError, InternalError
from gongkai.forms import editions
from gongkai.rules import VIEWS, equations, load_rules
from tests.helpers import ROOT, balanced_filing, changed

NOT_BLANK = Expectation("expect_column_values_to_not_be_in_set", {"column": "kind", "value_set": ["blank"]})


def test_an_expectation_of_unknown_type_is_refused_and_not_dropped() -> None:
    with pytest.raises(AuthoringError, match="expect_the_moon"):
        suite("cells", [NOT_BLANK, Expectation("expect_the_moon", {"column": "kind"})])


def test_an_expectation_with_unknown_arguments_is_refused() -> None:
    with pytest.raises(AuthoringError):
        suite("cells", [Expectation(NOT_BLANK.type, {"colum": "kind", "value_set": ["blank"]})])


def test_two_expectations_that_are_alike_are_both_answered() -> None:
    """Elsewhere it keeps one of two that are equal, or that differ in `meta` only."""
    view = pd.DataFrame({"kind": ["number", "blank"]})
    assert failing_rows(view, [NOT_BLANK, NOT_BLANK], name="cells") == [[1], [1]]


def test_a_view_with_a_null_is_our_error_since_expectations_would_pass_it() -> None:
    view = pd.DataFrame({"op_1": [1.0, float("nan")], "op_2": [-1.0, 3.0]})
    total = Expectation(
        "expect_multicolumn_sum_to_equal",
        {"column_list": ["op_1", "op_2"], "sum_total": 0, "ignore_row_if": "never"},
    )
    with pytest.raises(InternalError):
        failing_rows(view, [total], name="sums")
    assert failing_rows(view.fillna(2.0), [total], name="sums") == [[1]]


def test_a_nullable_integer_column_with_a_missing_value_is_our_error() -> None:
    view = pd.DataFrame({"value": pd.array([1, None], dtype="Int64")})
    between = Expectation("expect_column_values_to_be_between", {"column": "value", "min_value": 0})
    with pytest.raises(InternalError):
        failing_rows(view, [between], name="cells")


def test_an_expectation_that_raises_is_our_error_and_no_finding() -> None:
    elsewhere = Expectation(NOT_BLANK.type, {"column": "no_such_column", "value_set": ["blank"]})
    with pytest.raises(InternalError, match="no_such_column"):
        failing_rows(pd.DataFrame({"kind": ["number"]}), [elsewhere], name="cells")


def test_rows_with_a_missing_operand_are_split_off_and_never_pass() -> None:
    filing = changed(balanced_filing(), {"disputes.reconsideration.upheld": None})
    unconditional = [rule for rule in load_rules("2021") if rule.balance and not rule.when]
    rules = [equation for rule in unconditional for equation in equations(rule, filing.form)]
    laid_out = balances([Subject(filing, None)], rules)
    assert [row.equation.rule.rule for row in laid_out.not_assessable] == ["T4-SUM"]
    assert sum(len(rows) for rows in laid_out.rows.values()) == sum(not each.previous for each in rules) - 1
    assert {finding.verdict for finding in check([filing]).all} == {"fail", "not_assessable"}


def test_views_hold_operands_only_as_floats_and_no_verdict() -> None:
    filing = balanced_filing()
    everybodys = [rule for rule in load_rules("2021") if rule.balance and not rule.agencies.model_fields_set]
    rules = [equation for rule in everybodys for equation in equations(rule, filing.form)]
    laid_out = balances([Subject(filing, None)], rules)
    pairs, sums = laid_out.views["pairs"], laid_out.views["sums"]
    assert laid_out.views.keys() == {"pairs", "sums"}
    assert list(pairs.columns) == ["greater", "smaller"]
    most = max(len(row.equation.operands) for row in laid_out.rows["sums"])
    assert list(sums.columns) == [f"op_{number}" for number in range(1, most + 1)]
    assert {str(kind) for view in (pairs, sums) for kind in view.dtypes} == {"float64"}
    assert (sums != 0).any(axis=None)
    assert (sums.sum(axis=1) == 0).all()


def test_failing_rows_come_back_in_order_for_each_expectation() -> None:
    view = cells_view([changed(balanced_filing(), {"disclosure.fees.amount": None})], balanced_filing().form)
    numbers = Expectation(NOT_BLANK.type, {"column": "kind", "value_set": ["number"]})
    blank, number = failing_rows(view, [NOT_BLANK, numbers], name="cells")
    assert blank == [9]
    assert number == [row for row in range(200) if row != 9]


@pytest.mark.parametrize("edition", editions())
def test_the_catalogue_needs_few_expectations(edition: str) -> None:
    """Each costs milliseconds whatever the number of rows, so rules of one shape share one."""
    asking, row = Asking(), np.arange(1)
    for rule in load_rules(edition):
        if rule.expect:
            kinds = VIEWS[str(rule.view)]
            view = {name: np.array([0.0 if kind == "number" else None]) for name, kind in kinds.items()}
            asking.ask(rule.key, rule.expect, rule.arguments, view, row)
    filing = balanced_filing(edition=edition)
    held = [equation for rule in load_rules(edition) if rule.balance for equation in equations(rule, filing.form)]
    ask_balances(asking, balances([Subject(filing, filing)], held).views)
    assert len(asking) <= 40


def test_our_suites_are_native_and_plain_great_expectations_loads_them_whole() -> None:
    """A custom class would be dropped without a word on loading."""
    native = [rule for rule in load_rules("2021") if rule.expect]
    built = suite("cells", [Expectation(rule.expect or "", rule.arguments) for rule in native])
    data = json.loads(json.dumps(built.to_json_dict()))
    loaded = gx_itself.ExpectationSuite(name=data["name"], expectations=data["expectations"])
    assert len(loaded.expectations) == len(native)
    assert {type(each).__module__.split(".")[0] for each in loaded.expectations} == {"great_expectations"}


def test_statistics_are_off_and_a_check_connects_to_nothing() -> None:
    code = """
import os, socket
def refuse(*arguments):
    raise AssertionError("a connection was tried")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from gongkai.consistency import check, gx
assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
from tests.helpers import balanced_filing
print(check([balanced_filing()]).all)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "()"


def test_great_expectations_neither_logs_nor_draws_progress(capfd: pytest.CaptureFixture[str]) -> None:
    check([balanced_filing()])
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    assert logging.getLogger("great_expectations").level >= logging.ERROR


def test_engines_that_disagree_are_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A balance that Great Expectations fails but that holds is never told as a finding."""

    def all_rows(view: pd.DataFrame, expectations: list[Expectation], *, name: str) -> list[list[int]]:
        return [list(range(len(view))) if "multicolumn" in each.type else [] for each in expectations]

    monkeypatch.setattr(gx, "failing_rows", all_rows)
    with pytest.raises(InternalError, match="T3-IDENTITY"):
        check([balanced_filing()])
