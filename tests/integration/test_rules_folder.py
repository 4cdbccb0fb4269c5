"""A notebook that is given a folder of rules checks by these, and says so in what it shows."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat

from gongkai.execute import execute
from gongkai.finding import findings_from_json
from gongkai.report import CHECKED_MIME, FINDINGS_MIME
from tests.helpers import ROOT, balanced_filing

RULE = """\
- rule: OWN-1
  title: {zh: 本级规则, en: a rule of our own}
  basis: 本办
  severity: warning
  table: disputes
  each: column
  balance: reconsideration <= 0
"""


def test_the_annual_report_is_checked_by_the_rules_of_the_folder_that_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "gongkai.toml").touch()
    (tmp_path / "ours" / "2021").mkdir(parents=True)
    (tmp_path / "ours" / "2021" / "own.yaml").write_text(RULE, encoding="utf-8")
    (tmp_path / "in.json").write_text(balanced_filing(1).to_json(), encoding="utf-8")
    parameters = {"input": "in.json", "rules": "ours"}
    executed = execute(ROOT / "notebooks" / "annual_report.ipynb", parameters, tmp_path)
    cells = {cell.id: cell for cell in nbformat.reads(executed, as_version=4).cells}
    found = findings_from_json(json.dumps(cells["findings"].outputs[0].data[CHECKED_MIME]))
    assert {each.rule for each in found} == {"OWN-1"}
    assert len(found) == len(cells["appendix"].outputs[0].data[FINDINGS_MIME])
