"""The check of a report: by which rules it is made, and what an executed notebook says of it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from gongkai import report
from gongkai.consistency import check, warm
from gongkai.errors import GongkaiError
from gongkai.filing import Cell
from gongkai.finding import findings_from_json
from gongkai.report import CHECKED_MIME
from gongkai.rules import load_rules
from tests.helpers import ROOT, balanced_filing, changed, plus_one
from tests.notebooks import faulty, report_of, to_docx, to_html, to_pdf

OWN = """\
- rule: OWN-1
  title: {zh: 本级规则, en: a rule of our own}
  basis: 本办
  severity: warning
  table: disputes
  each: column
  balance: reconsideration <= 0
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules in a workspace, in a folder of which we stand."""
    (tmp_path / "gongkai.toml").touch()
    (tmp_path / "ours" / "2021").mkdir(parents=True)
    (tmp_path / "ours" / "2021" / "own.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "build").mkdir()
    monkeypatch.chdir(tmp_path / "build")
    return tmp_path / "ours"


def test_the_rules_of_a_folder_are_read_instead_of_ours(own: Path) -> None:
    assert [rule.rule for rule in load_rules("2021", own)] == ["OWN-1"]
    assert len(load_rules("2021")) > 10
    assert load_rules("2021", ROOT / "expectations") == load_rules("2021")


def test_a_check_is_made_by_the_rules_of_the_folder(own: Path) -> None:
    filing = plus_one(balanced_filing(1), "disputes.direct_suit.total")
    assert {each.rule for each in check([filing], rules=own).all} == {"OWN-1"}
    assert {each.rule for each in check([filing]).all} == {"T4-SUM"}


@pytest.mark.parametrize("folder", ["ours", "./../ours"])
def test_a_notebook_names_the_folder_as_it_names_its_files(folder: str, own: Path) -> None:
    checked = report.check(balanced_filing(1), rules=folder)
    assert {each.rule for each in checked.findings} == {"OWN-1"}


def test_fractions_that_balance_to_the_last_digit_balance() -> None:
    others = dict.fromkeys(("research", "public_welfare", "legal_service", "other_organisation"), "0")
    texts = {"natural_person": "0.1", "business": "0.2", "total": "0.3"} | others
    fractions = {f"requests.other.other.{key}": Cell(Decimal(each), "number", each) for key, each in texts.items()}
    rules = {finding.rule for finding in check([changed(balanced_filing(), fractions)]).all}
    assert "T3-ROW-TOTAL" not in rules
    assert "CEL-INT" in rules


def test_a_folder_without_rules_never_looks_clean(own: Path) -> None:
    for folder in ("absent", "./ours"):
        with pytest.raises(GongkaiError, match=rf"{folder.removeprefix('./')}.*2021"):
            report.check(balanced_filing(1), rules=folder)


def test_what_warms_needs_no_rules_of_the_workspace(own: Path) -> None:
    (own / "2021").rename(own.parent / "expectations")
    warm()


def test_an_executed_notebook_says_all_that_was_found() -> None:
    checked = faulty()
    data = checked._repr_mimebundle_()
    assert data[CHECKED_MIME]
    assert findings_from_json(json.dumps(data[CHECKED_MIME])) == checked.findings
    assert report.check(balanced_filing(1))._repr_mimebundle_()[CHECKED_MIME] == []


def test_no_format_shows_the_findings_as_data() -> None:
    checked = faulty()
    executed = report_of(checked.filing, checked=checked)
    assert CHECKED_MIME in executed
    for draft in (False, True):
        html = to_html(executed, draft=draft)
        assert checked.findings[0].fingerprint not in html
        assert to_docx(executed, draft=draft)
        assert to_pdf(executed, draft=draft)
