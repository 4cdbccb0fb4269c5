"""The examples are what the builder makes of their source; a check finds what FAULTS.yaml lists and nothing else."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
import yaml

from examples.build_examples import COUNTY, YEAR, YEARS, Agency, build, clean_filings, load_agencies, load_faults
from gongkai import intake
from gongkai.consistency import across, check
from gongkai.filing import LEVELS, Filing
from gongkai.finding import Finding
from gongkai.report.opening import read_pair
from gongkai.rules import load_rules
from tests.helpers import ROOT

ROSTER_PATHS = (("input", "inputs"), ("previous", "previous"))
"""A column of the roster, and the pattern in the run file that it goes before."""

Found = Counter[tuple[str, str, tuple[str, ...]]]
"""Rule, verdict and cells of findings, and how often each was found."""

AGENCIES = load_agencies()
FAULTS = load_faults()
FILES = [agency.path(year) for agency in AGENCIES for year in YEARS]


def contents(root: Path) -> dict[str, bytes]:
    folders = [root / COUNTY / str(year) for year in YEARS] + [root / "params"]
    paths = [path for folder in folders for path in folder.iterdir() if path.name not in ("demo.yaml", "province.yaml")]
    return {path.relative_to(root).as_posix(): _content(path) for path in paths}


def _content(path: Path) -> bytes:
    """The bytes of a file; of a workbook those of its parts, since zlib may pack the same parts differently."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(name.encode() + archive.read(name) for name in archive.namelist())


def read(agency: Agency, year: int) -> Filing:
    filing = intake.read(ROOT / agency.path(year))
    return filing.identified(agency_code=agency.code, level=filing.level or agency.level)


@cache
def found() -> dict[str, Found]:
    """What a check of all files at once finds in each."""
    filings = [read(agency, year) for agency in AGENCIES for year in YEARS]
    previous = [None if each.year == YEARS[0] else last for last, each in zip([None, *filings], filings, strict=False)]
    result = check(filings, previous=previous)
    found = {file: counted(findings) for file, findings in zip(FILES, result.findings, strict=True)}
    files = {(each.agency_code, each.year): file for file, each in zip(FILES, filings, strict=True)}
    for each in (concern.finding for concern in across(filings).concerns):
        found[files[each.agency_code, each.year]] += counted([each])
    return found


def counted(findings: Iterable[Finding]) -> Found:
    return Counter((each.rule, each.verdict, tuple(sorted(each.cells))) for each in findings)


def expected(file: str) -> Found:
    listed = [each for fault in FAULTS if fault.file == file for each in fault.findings if each.exists]
    return Counter((each.rule, each.verdict, tuple(sorted(each.cells))) for each in listed)


def test_the_committed_files_are_what_the_builder_makes(tmp_path: Path) -> None:
    build(tmp_path)
    built, committed = contents(tmp_path), contents(ROOT)
    assert sorted(built) == sorted(committed)
    assert [name for name in built if built[name] != committed[name]] == []


@pytest.mark.parametrize("file", FILES)
def test_a_check_finds_what_was_planted_and_nothing_else(file: str) -> None:
    assert found()[file] == expected(file)


def test_the_filings_have_no_findings_before_faults_are_planted() -> None:
    clean = clean_filings(AGENCIES)
    previous = [clean.get((code, year - 1)) for code, year in clean]
    assert check(list(clean.values()), previous=previous).all == ()
    assert across(list(clean.values())).concerns == ()


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: str(agency.code))
def test_every_file_is_read_as_its_agency_without_doubts(agency: Agency) -> None:
    for year in YEARS:
        filing = intake.read(ROOT / agency.path(year))
        assert (filing.agency, filing.year, filing.doubts) == (agency.agency, year, ())
        assert filing.agency_code in (agency.code, None)
        assert filing.level in (agency.level, None)
        assert set(filing.texts) >= set(agency.years[year].texts)


def test_faults_say_which_rules_exist() -> None:
    rules = {rule.rule for rule in load_rules("2021")}
    wrong = [each.rule for fault in FAULTS for each in fault.findings if each.exists != (each.rule in rules)]
    assert wrong == []


def test_faults_name_their_files_and_are_told_apart() -> None:
    assert {fault.file for fault in FAULTS} <= set(FILES)
    names = [(fault.file, fault.fault) for fault in FAULTS]
    assert len(names) == len(set(names))


def test_half_of_the_agencies_are_clean_and_last_year_has_one_faulty_file() -> None:
    faulty = {year: {fault.file for fault in FAULTS if fault.year == year} for year in YEARS}
    assert len(faulty[YEARS[0]]) == 1
    assert abs(len(faulty[YEAR]) - len(AGENCIES) / 2) <= 1


def test_every_agency_of_the_roster_has_its_files_and_parameters() -> None:
    run = yaml.safe_load((ROOT / "params" / "demo.yaml").read_text(encoding="utf-8"))
    with (ROOT / run["roster"]).open(encoding="utf-8", newline="") as file:
        roster = list(csv.DictReader(file))
    assert [line["code"] for line in roster] == [agency.code for agency in AGENCIES]
    for line in roster:
        names = {"code": line["code"], "year": run["year"], "previous_year": run["year"] - 1}
        paths = [line[key] or run[pattern].format(**names) for key, pattern in ROSTER_PATHS]
        parameters = yaml.safe_load((ROOT / f"params/qingshan-{line['code']}.yaml").read_text(encoding="utf-8"))
        assert [parameters["input"], parameters["previous"]] == paths
        assert all((ROOT / path).is_file() for path in paths)
        assert line["level"] in LEVELS


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: str(agency.code))
def test_the_parameters_of_an_agency_open_its_filing(agency: Agency) -> None:
    path = ROOT / "params" / f"qingshan-{agency.code}.yaml"
    parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert parameters.pop("language") == "zh"
    file, previous = (ROOT / parameters.pop(key) for key in ("input", "previous"))
    filing, last = read_pair(file, previous, parameters)
    assert last is not None
    assert (filing.agency_code, filing.level, filing.year) == (agency.code, agency.level, YEAR)


def test_there_is_every_kind_of_input_and_enough_workbooks() -> None:
    kinds = Counter(agency.file for agency in AGENCIES)
    assert kinds["xlsx"] >= 8
    assert kinds["txt"] >= 1
    assert kinds["csv"] >= 1
    assert all(tuple(agency.years) == YEARS for agency in AGENCIES)


def test_the_workbooks_are_small() -> None:
    assert max((ROOT / file).stat().st_size for file in FILES) < 40_000
