"""The same findings however the rules are run: once for all, in each notebook, by hand, and one agency at a time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import papermill
import pytest
import yaml

from gongkai.batch import RunResult, run
from gongkai.consistency import check
from gongkai.filing import Filing
from gongkai.finding import Finding, findings_from_json, findings_to_json
from gongkai.report import CHECKED_MIME
from tests.helpers import ROOT
from tests.offices import Lasting, edit, write

BY_HAND = ("990122004", "990122011")
"""A workbook, and the text of a published report."""


@pytest.fixture(scope="module")
def county(lasting: Lasting, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunResult]:
    """The example county, run in either way in a workspace of its own."""
    home = tmp_path_factory.mktemp("county")
    (home / "gongkai.toml").touch()
    shutil.copytree(ROOT / "examples" / "qingshan", home / "examples" / "qingshan")
    shutil.copytree(ROOT / "params", home / "params")
    results = {}
    for checks in ("together", "notebook"):
        path = home / "params" / f"{checks}.yaml"
        write(path, (ROOT / "params" / "demo.yaml").read_text(encoding="utf-8"))
        edit(path, checks=checks, output=f"build/{checks}", formats=["html"], drafts=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gongkai.batch.running.workers", lambda jobs, preload: lasting)
            results[checks] = run(path)
    return results


def found(result: RunResult, code: str) -> tuple[Finding, ...]:
    return findings_from_json((result.output / code / "findings.json").read_text(encoding="utf-8"))


def codes(result: RunResult) -> list[str]:
    return [each.agency.code for each in result.results]


def test_the_rules_find_the_same_once_for_all_and_in_each_notebook(county: dict[str, RunResult]) -> None:
    together, notebook = county["together"], county["notebook"]
    assert len(codes(together)) == 16
    assert sum(bool(found(together, code)) for code in codes(together)) > 5
    for name in ("findings.json", "filing.json", "previous.json", "report.html"):
        for code in codes(together):
            assert (together.output / code / name).read_bytes() == (notebook.output / code / name).read_bytes(), code
    for one, other in zip(together.results, notebook.results, strict=True):
        assert (one.outcome, one.counts) == (other.outcome, other.counts)


def test_they_find_the_same_one_agency_at_a_time(county: dict[str, RunResult]) -> None:
    output = county["together"].output
    for code in codes(county["together"]):
        filing, previous = (
            Filing.from_json((output / code / name).read_text(encoding="utf-8"))
            for name in ("filing.json", "previous.json")
        )
        assert check([filing], previous=[previous]).all == found(county["together"], code)


@pytest.mark.parametrize("code", BY_HAND)
def test_they_find_the_same_in_a_notebook_that_is_run_by_hand(
    code: str, county: dict[str, RunResult], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = county["together"].output.parents[1]
    monkeypatch.chdir(home)
    given = yaml.safe_load((home / "params" / f"qingshan-{code}.yaml").read_text(encoding="utf-8"))
    notebook = ROOT / "notebooks" / "annual_report.ipynb"
    executed = papermill.execute_notebook(notebook, tmp_path / "by-hand.ipynb", given, progress_bar=False)
    data = [output.get("data", {}) for cell in executed.cells for output in cell.get("outputs", ())]
    (told,) = [each[CHECKED_MIME] for each in data if CHECKED_MIME in each]
    assert told
    assert json.loads(findings_to_json(found(county["together"], code))) == told
