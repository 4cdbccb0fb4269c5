"""Run files: what they may say, and what is refused before anything is made."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from gongkai.catalogues import speaking
from gongkai.errors import GongkaiError
from gongkai.runfile import Plan, load_plan
from tests.helpers import ROOT

RUN: dict[str, object] = {
    "run": 1,
    "year": 2024,
    "roster": "roster.csv",
    "inputs": "in/{year}/{code}.json",
    "previous": "in/{previous_year}/{code}.json",
    "output": "build/run",
}
ROSTER = "agency,code,level,input,previous,overrides\n甲局,A1,department,,,\n乙局,A2,department,b.json,old.json,{}\n"
OWN = "contact: str = None\nphones: list[str] = []\nyear: int = None"


def workspace(folder: Path, change: Mapping[str, object], roster: str = ROSTER, cell: str = OWN) -> Path:
    """A workspace with a run file (returned), its roster, and a notebook ``own.ipynb`` that declares `cell`."""
    (folder / "gongkai.toml").touch()
    (folder / "params").mkdir()
    (folder / "roster.csv").write_text(roster, encoding="utf-8")
    given = "input: str\nprevious = findings = language = rules = None\n"
    code = nbformat.v4.new_code_cell(given + cell, metadata={"tags": ["parameters"]})
    (folder / "own.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[code])), encoding="utf-8")
    path = folder / "params" / "run.yaml"
    path.write_text(yaml.safe_dump(RUN | dict(change), allow_unicode=True), encoding="utf-8")
    return path


def planned(folder: Path, change: Mapping[str, object] = {}, **about: str) -> Plan:
    return load_plan(workspace(folder, change, **about))


def refused(folder: Path, change: Mapping[str, object], **about: str) -> str:
    path = workspace(folder, change, **about)
    with pytest.raises(GongkaiError) as raised:
        load_plan(path)
    return str(raised.value)


def test_a_run_file_says_little_and_the_rest_is_as_usual(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    assert (plan.run_file, plan.workspace) == (tmp_path / "params" / "run.yaml", tmp_path)
    assert [agency.code for agency in plan.agencies] == ["A1", "A2"]
    assert (plan.formats, plan.drafts, plan.checks) == ((".html", ".docx", ".pdf"), True, "together")
    assert (plan.seconds, plan.memory) == (300, 2048)
    assert (plan.language, plan.rules, plan.parameters) == ("zh", None, {})
    assert [plan.input(agency) for agency in plan.agencies] == ["in/2024/A1.json", "b.json"]
    assert [plan.previous(agency) for agency in plan.agencies] == [None, tmp_path / "old.json"]
    with speaking("en"):
        assert load_plan(plan.run_file).language == "en"


def test_a_run_file_may_say_all_of_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "expectations", tmp_path / "ours")
    change: dict[str, Any] = {
        "notebook": "own.ipynb",
        "parameters": {"contact": "张三", "phones": ["1"]},
        "formats": ["pdf", "html"],
        "drafts": False,
        "language": "en",
        "rules": "ours",
        "checks": "notebook",
        "limits": {"seconds": 60, "memory": 512},
    }
    roster = 'agency,code,level,overrides\n甲局,A1,department,\n乙局,A2,department,"{contact: 李四, year: 2023}"\n'
    plan = planned(tmp_path, change, roster=roster)
    assert (plan.formats, plan.drafts, plan.language, plan.checks) == ((".pdf", ".html"), False, "en", "notebook")
    assert (plan.rules, plan.seconds, plan.memory) == (tmp_path / "ours", 60, 512)
    assert [plan.overrides(agency) for agency in plan.agencies] == [
        {"contact": "张三", "phones": ["1"]},
        {"contact": "李四", "phones": ["1"], "year": 2023},
    ]
    assert pickle.loads(pickle.dumps(plan)) == plan


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rooster": "x"}, ["run.yaml", "rooster", "roster"]),
        ({"year": "soon"}, ["run.yaml", "year"]),
        ({"year": 1999}, ["run.yaml", "1999"]),
        ({"run": 2}, ["run.yaml", "run"]),
        ({"roster": "absent.csv"}, ["run.yaml", "roster", "absent.csv"]),
        ({"notebook": "absent.ipynb"}, ["run.yaml", "notebook", "absent.ipynb"]),
        ({"inputs": "in/{cod}.json"}, ["run.yaml", "inputs", "cod", "code"]),
        ({"inputs": "in/{code.json"}, ["run.yaml", "inputs"]),
        ({"inputs": "in/{code.__class__}.json"}, ["run.yaml", "inputs", "code.__class__"]),
        ({"previous": "in/{}.json"}, ["run.yaml", "previous", "{}", "{code}"]),
        ({"inputs": "in/{0}.json"}, ["run.yaml", "inputs", "{0}"]),
        ({"inputs": "in/{code[0]}.json"}, ["run.yaml", "inputs", "{code[0]}"]),
        ({"inputs": "in/{code:d}.json"}, ["run.yaml", "inputs", "{code:d}"]),
        ({"inputs": "in/{code!x}.json"}, ["run.yaml", "inputs", "{code!x}"]),
        ({"inputs": "in/{code!r}.json"}, ["run.yaml", "inputs", "{code!r}"]),
        ({"inputs": "in/{code:>9999999999}.json"}, ["run.yaml", "inputs", "{code:>9999999999}"]),
        ({"inputs": "in/{year:{code}}.json"}, ["run.yaml", "inputs", "{year:{code}}"]),
        ({"output": ""}, ["run.yaml", "output"]),
        ({"output": " "}, ["run.yaml", "output"]),
        ({"output": "params/.."}, ["run.yaml", "output"]),
        ({"notebook": "notebooks"}, ["run.yaml", "notebook"]),
        ({"inputs": None}, ["roster.csv", "第 2 行"]),
        ({"formats": []}, ["run.yaml", "formats", "html"]),
        ({"formats": "html"}, ["run.yaml", "formats", "列表"]),
        ({"formats": ["html", "doc"]}, ["run.yaml", "formats", "doc", "docx"]),
        ({"formats": ["html", "html"]}, ["run.yaml", "formats", "html"]),
        ({"drafts": "perhaps"}, ["run.yaml", "drafts", "true"]),
        ({"language": "fr"}, ["run.yaml", "language", "fr", "en"]),
        ({"checks": "never"}, ["run.yaml", "checks", "never", "together"]),
        ({"rules": "absent"}, ["run.yaml", "rules", "absent"]),
        ({"rules": "roster.csv"}, ["run.yaml", "rules", "roster.csv"]),
        ({"limits": {"seconds": 0}}, ["run.yaml", "limits.seconds", "零", "0"]),
        ({"limits": {"memory": -1}}, ["run.yaml", "limits.memory", "-1"]),
        ({"limits": {"memory": "much"}}, ["run.yaml", "limits.memory", "much"]),
        ({"limits": {"seconds": True}}, ["run.yaml", "limits.seconds"]),
        ({"limits": {"second": 1}}, ["run.yaml", "limits", "second", "seconds"]),
        ({"limits": 5}, ["run.yaml", "limits"]),
    ],
)
def test_a_faulty_run_file_is_refused_before_anything_is_made(
    change: dict[str, object], words: list[str], tmp_path: Path
) -> None:
    message = refused(tmp_path, change)
    assert all(word in message for word in words), message


def test_the_run_file_of_the_examples_can_be_read() -> None:
    plan = load_plan(ROOT / "params" / "demo.yaml")
    assert len(plan.agencies) >= 8
    assert any(plan.previous(agency) for agency in plan.agencies)


def test_a_workspace_uses_its_own_notebook_before_the_one_of_the_package(tmp_path: Path) -> None:
    path = workspace(tmp_path, {})
    assert load_plan(path).notebook == ROOT / "notebooks" / "annual_report.ipynb"
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "annual_report.ipynb", tmp_path / "notebooks")
    assert load_plan(path).notebook == tmp_path / "notebooks" / "annual_report.ipynb"


def test_a_named_notebook_is_looked_for_in_the_workspace_and_then_in_the_package(tmp_path: Path) -> None:
    path = workspace(tmp_path, {"notebook": "notebooks/annual_report.ipynb"})
    assert load_plan(path).notebook == ROOT / "notebooks" / "annual_report.ipynb"
    (tmp_path / "notebooks").mkdir()
    own = Path(shutil.copy(ROOT / "notebooks" / "annual_report.ipynb", tmp_path / "notebooks"))
    assert load_plan(path).notebook == own


@pytest.mark.parametrize(
    ("change", "overrides", "words"),
    [
        ({"parameters": {"contakt": "张三"}}, "{}", ["run.yaml", "parameters", "contakt", "contact"]),
        ({"parameters": {"contact": 3}}, "{}", ["run.yaml", "parameters", "contact", "str", "3"]),
        ({"parameters": {"phones": [1]}}, "{}", ["run.yaml", "parameters", "list[str]"]),
        ({"parameters": {"input": "x"}}, "{}", ["run.yaml", "parameters", "input", "inputs"]),
        ({"parameters": {"rules": "x"}}, "{}", ["run.yaml", "parameters", "rules"]),
        ({"parameters": {1: "x"}}, "{}", ["run.yaml", "parameters"]),
        ({"parameters": {"not a name": "x"}}, "{}", ["run.yaml", "parameters", "not a name"]),
        ({"parameters": ["contact"]}, "{}", ["run.yaml", "parameters"]),
        ({}, "{contakt: 张三}", ["roster.csv", "第 3 行", "contakt", "contact"]),
        ({}, "{contact: 3}", ["roster.csv", "第 3 行", "contact", "str"]),
        ({}, "{findings: x}", ["roster.csv", "第 3 行", "findings"]),
    ],
)
def test_parameters_are_held_against_the_notebook_beforehand(
    change: dict[str, object], overrides: str, words: list[str], tmp_path: Path
) -> None:
    message = refused(tmp_path, {"notebook": "own.ipynb"} | change, roster=ROSTER.replace("{}", overrides))
    assert all(word in message for word in words), message


def test_a_date_is_a_text_in_parameters_as_it_is_for_papermill(tmp_path: Path) -> None:
    change = {"notebook": "own.ipynb", "parameters": {"contact": date(2025, 1, 20)}}
    roster = "agency,code,level,overrides\n甲局,A1,department,{contact: 2025-02-30}\n"
    plan = planned(tmp_path, change, roster=roster)
    assert plan.parameters == {"contact": "2025-01-20"}
    assert plan.overrides(plan.agencies[0]) == {"contact": "2025-02-30"}


@pytest.mark.parametrize("value", ["0x_", "{[1]: 2}", "{a: 1, a: 2}", "&x [*x]"])
def test_yaml_that_cannot_be_is_refused_by_its_line(value: str, tmp_path: Path) -> None:
    path = workspace(tmp_path, {"notebook": "own.ipynb"})
    path.write_text(f"{path.read_text(encoding='utf-8')}\nparameters:\n  contact: {value}\n", encoding="utf-8")
    with pytest.raises(GongkaiError, match=r"run\.yaml"):
        load_plan(path)


def test_a_parameter_that_must_be_given_may_stand_in_either_file(tmp_path: Path) -> None:
    cell = "contact: str"
    own = {"notebook": "own.ipynb"}
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
    roster = "agency,code,level,overrides\n甲局,A1,department,{contact: 张三}\n乙局,A2,department,\n"
    message = refused(tmp_path / "a", own, roster=roster, cell=cell)
    assert all(word in message for word in ["roster.csv", "第 3 行", "contact", "str"]), message
    assert planned(tmp_path / "b", own | {"parameters": {"contact": "李四"}}, roster=roster, cell=cell)
    assert planned(tmp_path / "c", own, roster=roster.removesuffix("乙局,A2,department,\n"), cell=cell)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("contact: Text", ["own.ipynb", "第 3 行", "Text"]), ("%time", ["own.ipynb", "第 3 行"])],
)
def test_a_notebook_whose_parameters_are_faulty_is_refused_beforehand(
    cell: str, words: list[str], tmp_path: Path
) -> None:
    message = refused(tmp_path, {"notebook": "own.ipynb"}, cell=cell)
    assert all(word in message for word in words), message


def test_a_notebook_that_is_none_is_refused_beforehand(tmp_path: Path) -> None:
    path = workspace(tmp_path, {"notebook": "own.ipynb"})
    (tmp_path / "own.ipynb").write_text(json.dumps({"cells": 1}), encoding="utf-8")
    with pytest.raises(GongkaiError, match=r"own\.ipynb"):
        load_plan(path)


def test_rules_that_are_faulty_or_lack_the_edition_are_refused_beforehand(tmp_path: Path) -> None:
    path = workspace(tmp_path, {"rules": "ours"})
    folder = tmp_path / "ours" / "2021"
    folder.mkdir(parents=True)
    with pytest.raises(GongkaiError, match=r"ours.*2021"):
        load_plan(path)
    (folder / "cells.yaml").write_text("- rule: X-1\n", encoding="utf-8")
    with pytest.raises(GongkaiError, match=r"cells\.yaml:X-1"):
        load_plan(path)
