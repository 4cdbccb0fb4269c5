"""Last year's filings in a folder: the right one, or none and the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.intake.previous import Previous
from tests.helpers import balanced_filing


def filing_of(name: str | None, code: str | None, year: int | None, seed: int = 1) -> Filing:
    filing = balanced_filing(seed, year=2024)
    return replace(filing, agency=name, agency_code=code, year=year)


def put(folder: Path, file: str, filing: Filing) -> None:
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(filing.to_json(), encoding="utf-8")


def seed_of(filing: Filing | None) -> int | None:
    seeds = [seed for seed in range(1, 9) if filing and filing.cells == balanced_filing(seed, year=2024).cells]
    return seeds[0] if seeds else None


def test_each_agency_is_found_by_code_else_by_name_and_by_the_year_before(tmp_path: Path) -> None:
    put(tmp_path, "1.json", filing_of("甲局", "01", 2023, 1))
    put(tmp_path, "2.json", filing_of("乙局", None, 2023, 2))
    put(tmp_path, "3.json", filing_of("甲局", "01", 2022, 3))
    put(tmp_path, "4.json", filing_of("丙局", "04", None, 4))
    previous = Previous(tmp_path)
    assert seed_of(previous.of(filing_of("甲局改名", "01", 2024))) == 1
    assert seed_of(previous.of(filing_of("乙 局", "02", 2024))) == 2
    assert seed_of(previous.of(filing_of("甲局", None, 2023))) == 3
    assert not previous.problems
    assert previous.of(filing_of("丙局", "04", 2024)) is None
    assert previous.of(filing_of("甲局", "01", None)) is None
    assert [(each.key, each.values["agency"]) for each in previous.problems] == [
        ("previous_not_found", "丙局"),
        ("previous_not_found", "甲局"),
    ]


def test_the_same_name_with_another_code_is_another_agency(tmp_path: Path) -> None:
    put(tmp_path, "1.json", filing_of("民政局", "01", 2023))
    previous = Previous(tmp_path)
    assert previous.of(filing_of("民政局", "02", 2024)) is None
    assert [each.key for each in previous.problems] == ["previous_not_found"]


def test_two_that_fit_are_told_and_neither_is_used(tmp_path: Path) -> None:
    put(tmp_path, "一.json", filing_of("甲局", "01", 2023, 1))
    put(tmp_path, "二.json", filing_of("甲局", "01", 2023, 2))
    previous = Previous(tmp_path)
    assert previous.of(filing_of("甲局", "01", 2024)) is None
    assert [each.key for each in previous.problems] == ["previous_ambiguous"]


def test_files_that_cannot_be_read_are_told_and_what_programs_leave_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "1.json", filing_of("甲局", "01", 2023))
    (tmp_path / "说明.txt").write_text("没有报告", encoding="utf-8")
    (tmp_path / "~$1.xlsx").write_bytes(b"\x00")
    (tmp_path / ".隐藏").write_bytes(b"\x00")
    put(tmp_path / "下级", "2.json", filing_of("甲局", "01", 2023))
    previous = Previous(tmp_path)
    assert previous.of(filing_of("甲局", "01", 2024)) is not None
    assert [each.file for each in previous.problems] == ["说明.txt"]


def test_one_file_must_be_the_agencys(tmp_path: Path) -> None:
    put(tmp_path, "1.json", filing_of("甲局", "01", 2023))
    previous = Previous(tmp_path / "1.json")
    assert previous.of(filing_of("甲局", "01", 2024)) is not None
    with pytest.raises(InputError) as refused:
        previous.of(filing_of("乙局", "02", 2024))
    assert refused.value.key == "previous_agency"
