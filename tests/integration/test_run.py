"""A run file: all agencies of a roster, whatever befalls one of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import docx
import nbformat
import pytest
import yaml

from gongkai.batch import AgencyResult, RunResult, run
from gongkai.filing import Doubt, Filing, Input
from gongkai.finding import findings_from_json
from tests.helpers import ROOT, balanced_filing, changed, plus_one

Ran = tuple[RunResult, list[tuple[AgencyResult, int, int]], Path]
"""A result, the steps of its progress, and the workspace."""

RUN = {
    "run": 1,
    "year": 2024,
    "roster": "roster.csv",
    "inputs": "in/{year}/{code}.json",
    "previous": "in/{previous_year}/{code}.json",
    "output": "build/run",
}
ROSTER = """\
agency,code,level,parent,input,previous
青杉县人民政府,A0,government,,,
青杉县财政局,A1,department,A0,,
青杉县教育局,A2,department,A0,,
青杉县水利局,A3,department,A0,,
青杉县林业局,A4,department,A0,,

青杉县审计局,A5,department,A0,,
青杉县民政局,A6,department,A0,in/else.json,
青杉县公安局,A7,department,A0,,in/absent.json
青杉县统计局,A8,department,A0,,
"""
MINE = """\
from gongkai import report
filing, _ = report.open(input, previous=previous, language=language)
assert filing.agency != "青杉县林业局", "这个机关不行"
"""


def write(path: Path, filing: Filing) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(filing.to_json(), encoding="utf-8")


def workspace(folder: Path, run_file: Mapping[str, object] = RUN, roster: str = ROSTER) -> Path:
    """A workspace with a run file (returned) and its roster."""
    folder.mkdir(exist_ok=True)
    (folder / "gongkai.toml").touch()
    (folder / "params").mkdir(exist_ok=True)
    (folder / "roster.csv").write_text(roster, encoding="utf-8")
    path = folder / "params" / "run.yaml"
    path.write_text(yaml.safe_dump(dict(run_file), allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run in which each agency meets another fate; its notebook opens the filing and shows nothing."""
    folder = tmp_path_factory.mktemp("workspace")
    path = workspace(folder, RUN | {"notebook": "mine.ipynb"})
    parameters = nbformat.v4.new_code_cell("input = previous = findings = language = None")
    parameters.source = "input = None\nprevious = None\nfindings = None\nlanguage = None"
    parameters.metadata.tags = ["parameters"]
    node = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(MINE, id="open")])
    node.metadata = nbformat.read(ROOT / "notebooks" / "annual_report.ipynb", as_version=4).metadata
    (folder / "mine.ipynb").write_text(nbformat.writes(node), encoding="utf-8")

    def named(number: int, year: int = 2024) -> Filing:
        return replace(balanced_filing(number, year=year), agency=None, agency_code=None, level=None)

    inputs = folder / "in" / "2024"
    doubt = Doubt(code="PRS-COL-SHIFT", cells=("requests.granted.research",), read="1")
    write(inputs / "A0.json", named(0))
    write(folder / "in" / "2023" / "A0.json", named(9, 2023))
    write(
        inputs / "A1.json", changed(plus_one(named(1), "disputes.direct_suit.total"), {"requests.received.total": None})
    )
    (inputs / "A2.json").write_text("", encoding="utf-8")
    write(inputs / "A4.json", named(4))
    write(inputs / "A5.json", replace(named(5), agency_code="B5"))
    write(folder / "in" / "else.json", replace(named(6), agency="民政局", doubts=(doubt,)))
    write(inputs / "A7.json", named(7))
    write(inputs / "A8.json", replace(named(8, 2023), inputs=(Input("A8.xlsx", "0"),)))
    progress: list[tuple[AgencyResult, int, int]] = []
    return run(path, on_progress=lambda *step: progress.append(step)), progress, folder


def test_each_agency_has_its_outcome_in_the_order_of_the_roster(ran: Ran) -> None:
    result, progress, _ = ran
    assert [(each.agency.code, each.outcome) for each in result.results] == [
        ("A0", "withheld"),
        ("A1", "withheld"),
        ("A2", "errored"),
        ("A3", "missing"),
        ("A4", "excepted"),
        ("A5", "errored"),
        ("A6", "withheld"),
        ("A7", "errored"),
        ("A8", "errored"),
    ]
    assert [(done, total) for _, done, total in progress] == [(done, 9) for done in range(1, 10)]
    assert sorted(each.agency.code for each, _, _ in progress) == [each.agency.code for each in result.results]
    assert result.failed
    assert result.blocked


def test_what_kept_a_report_from_being_made_is_said_in_a_line(ran: Ran) -> None:
    messages = {each.agency.code: each.message for each in ran[0].results}
    for code, words in {
        "A2": ["A2.json", "空"],
        "A3": ["in/2024/A3.json"],
        "A4": ["mine.ipynb", "open", "AssertionError: 这个机关不行"],
        "A5": ["A5.json", "A5", "B5"],
        "A7": ["absent.json"],
        "A8": ["A8.xlsx", "2024", "2023"],
    }.items():
        assert all(word in messages[code] for word in words), messages[code]
        assert "\n" not in messages[code]
    assert all(not messages[code] for code in ("A0", "A1", "A6"))


def test_each_agency_has_its_findings_those_with_last_year_too(ran: Ran) -> None:
    results = {each.agency.code: each for each in ran[0].results}
    assert {"XY-CARRY-TOTAL", "XY-VALID-ROLL"} <= set(results["A0"].counts.rules)
    text = (ran[0].output / "A1" / "findings.json").read_text(encoding="utf-8")
    found = [(finding.rule, finding.verdict) for finding in findings_from_json(text)]
    assert ("T4-SUM", "fail") in found
    assert ("CEL-BLANK", "fail") in found
    assert ("T3-ROW-TOTAL", "not_assessable") in found
    assert (dict(results["A6"].counts.kinds), dict(results["A6"].counts.rules)) == ({"doubt": 1}, {})
    assert (dict(results["A3"].counts.kinds), dict(results["A3"].counts.rules)) == ({}, {})


def test_reports_lie_in_a_folder_of_their_code_and_nothing_else_does(ran: Ran) -> None:
    result, _, folder = ran
    assert result.output == folder / "build" / "run"
    names = sorted(path.name for path in result.output.iterdir())
    assert names == [".lock", "A0", "A1", "A6", "across.json", "index.html", "ledger.sqlite", "versions"]
    for each in result.results:
        assert each.folder == (result.output / each.agency.code if each.outcome == "withheld" else None)


def test_the_roster_completes_a_filing_and_what_the_filing_says_stands(ran: Ran) -> None:
    output = ran[0].output
    filings = {
        code: Filing.from_json((output / code / "filing.json").read_text(encoding="utf-8")) for code in ("A1", "A6")
    }
    assert (filings["A1"].agency, filings["A1"].agency_code, filings["A1"].level) == (
        "青杉县财政局",
        "A1",
        "department",
    )
    assert (filings["A6"].agency, filings["A6"].year) == ("民政局", 2024)


def test_a_clean_agency_succeeds_with_the_notebook_that_travels_with_the_package(tmp_path: Path) -> None:
    path = workspace(tmp_path, RUN, "agency,code,level\n青杉县财政局,A1,department\n")
    write(tmp_path / "in" / "2024" / "A1.json", balanced_filing())
    result = run(path)
    assert [(each.outcome, each.message) for each in result.results] == [("succeeded", "")]
    assert not result.failed
    assert not result.blocked
    assert "青杉县财政局" in (tmp_path / "build" / "run" / "A1" / "report.html").read_text(encoding="utf-8")


def test_a_run_is_styled_by_the_template_of_its_own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office, elsewhere = tmp_path / "office", tmp_path / "elsewhere"
    office.mkdir()
    elsewhere.mkdir()
    path = workspace(office, RUN, "agency,code,level\n青杉县财政局,A1,department\n")
    write(office / "in" / "2024" / "A1.json", balanced_filing())
    template = docx.Document()
    template.sections[0].header.paragraphs[0].text = "青杉县人民政府"
    template.save(str(office / "reference.docx"))
    monkeypatch.chdir(elsewhere)
    assert not run(path).failed
    made = docx.Document(str(office / "build" / "run" / "A1" / "report.docx"))
    assert made.sections[0].header.paragraphs[0].text == "青杉县人民政府"


def test_a_filing_that_cannot_be_keeps_no_other_from_being_reported(tmp_path: Path) -> None:
    path = workspace(tmp_path, RUN, "agency,code,level\n甲局,A1,department\n乙局,A2,department\n")
    inputs = tmp_path / "in" / "2024"
    write(inputs / "A2.json", balanced_filing())
    (inputs / "A1.json").write_text(balanced_filing().to_json().replace('"2021"', '"1066"'), encoding="utf-8")
    result = run(path)
    assert [each.outcome for each in result.results] == ["errored", "succeeded"]
    assert all(word in result.results[0].message for word in ("A1.json", "1066"))


def test_a_report_on_another_edition_is_made_and_withheld_and_one_without_rules_keeps_no_other_back(
    tmp_path: Path,
) -> None:
    path = workspace(tmp_path, RUN, "agency,code,level\n甲局,A1,department\n乙局,A2,department\n")
    inputs = tmp_path / "in" / "2024"
    write(inputs / "A1.json", balanced_filing(edition="2019", year=2024))
    write(inputs / "A2.json", balanced_filing())
    result = run(path)
    assert [each.outcome for each in result.results] == ["withheld", "succeeded"]
    assert result.results[0].counts.rules == {"STR-FORMAT-VERSION": 1}
    shutil.copytree(ROOT / "expectations" / "2021", tmp_path / "expectations" / "2021")
    result = run(path)
    assert [each.outcome for each in result.results] == ["errored", "succeeded"]
    assert "2019" in result.results[0].message


def test_a_folder_that_stands_in_the_way_of_one_report_keeps_no_other_from_being_made(tmp_path: Path) -> None:
    path = workspace(tmp_path, RUN, "agency,code,level\n甲局,A1,department\n乙局,A2,department\n")
    for code in ("A1", "A2"):
        write(tmp_path / "in" / "2024" / f"{code}.json", balanced_filing())
    (tmp_path / "build" / "run" / "A1").mkdir(parents=True)
    result = run(path)
    assert [each.outcome for each in result.results] == ["errored", "succeeded"]
    assert all(word in result.results[0].message for word in ("A1", "占用"))
