"""The command line as people use it: real processes, exit codes, one clear line for each fault."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gongkai.filing import Filing
from gongkai.intake import read
from gongkai.intake.template import write_workbook
from tests.commands import GONGKAI, fresh, gongkai
from tests.helpers import CORPUS, ROOT, balanced_filing, changed
from tests.torn import torn_text

ABOUT = ["--agency", "青杉县财政局", "--code", "990122004", "--level", "department"]


def test_template_check_and_read_in_any_folder(tmp_path: Path) -> None:
    made = fresh("template", *ABOUT, "--year", 2024, "-o", "填报.xlsx", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    checked = fresh("check", "填报.xlsx", cwd=tmp_path)
    assert checked.returncode == 1
    assert checked.stdout.count("CEL-BLANK") == 200
    assert gongkai("read", "填报.xlsx", "-o", "out", cwd=tmp_path).returncode == 0
    filing = Filing.from_json((tmp_path / "out" / "填报.json").read_text(encoding="utf-8"))
    assert (filing.agency, filing.agency_code, filing.level, filing.year) == (
        "青杉县财政局",
        "990122004",
        "department",
        2024,
    )


def test_a_template_never_replaces_a_workbook_unasked(tmp_path: Path) -> None:
    target = tmp_path / "x.xlsx"
    write_workbook(target, balanced_filing())
    before = target.read_bytes()
    refused = gongkai("template", *ABOUT, "--year", 2024, "-o", target)
    assert (refused.returncode, target.read_bytes()) == (2, before)
    assert gongkai("template", *ABOUT, "--year", 2024, "-o", target, "--force").returncode == 0
    assert target.read_bytes() != before


YEARS = (
    "CEL-UNIT-FEE NT-BYTYPE T3-YOY-JUMP T4-AFTER-VS-REVIEW T4-PENDING-ROLL XY-CARRY-BYTYPE XY-CARRY-TOTAL XY-TABLE-DUP "
    "XY-TEXT-DUP XY-VALID-NEG XY-VALID-ROLL XY-YOY-TEXT"
)
NOT_RUN = dict.fromkeys(YEARS.split(), "需要上年报告")
NOT_RUN |= {"DL-DEPT": "没有发布日期", "DL-SIGN": "没有发布日期", "T2-RULE-POWER": "需要知道机关代码"}
"""Rules that a report alone, without a date, does not let run, and why."""


def test_check_as_json_has_filings_findings_and_summary(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text(torn_text(changed(balanced_filing(), {"disputes.direct_suit.total": 10**6})), encoding="utf-8")
    done = gongkai("check", report, "--format", "json")
    assert done.returncode == 1
    data = json.loads(done.stdout)
    assert [filing["agency"] for filing in data["filings"]] == ["青杉县财政局"]
    finding, *others = data["findings"]
    assert (finding["rule"], finding["verdict"], finding["year"]) == ("T4-SUM", "fail", 2024)
    assert len(finding["cells"]) == 5
    assert [each["rule"] for each in others] == ["T3-FEE-NONPAY", "STR-SEC5-EMPTY"], "the text says nothing of either"
    summary = data["summary"]
    assert [summary[key] for key in ("error", "warning", "filings", "unread")] == [1, 2, 1, []]
    assert {each["rule"]: each["reason"] for each in summary["not_run"]} == NOT_RUN


def test_a_clean_filing_and_last_years_give_exit_code_zero(tmp_path: Path) -> None:
    for year in (2023, 2024):
        (tmp_path / f"{year}.json").write_text(balanced_filing(year=year).to_json(), encoding="utf-8")
    assert gongkai("check", tmp_path / "2024.json").returncode == 0
    with_last = gongkai("check", tmp_path / "2024.json", "--previous", tmp_path / "2023.json")
    assert with_last.returncode == 1
    assert "XY-CARRY-TOTAL" in with_last.stdout
    wrong_year = gongkai("check", tmp_path / "2023.json", "--previous", tmp_path / "2024.json")
    assert (wrong_year.returncode, wrong_year.stdout) == (2, "")


def test_a_cells_file_without_a_year_is_checked_and_its_name_tells_nothing(tmp_path: Path) -> None:
    cells = tmp_path / "青杉县2023.csv"
    filing = balanced_filing()
    lines = [f"{address},{cell.raw}" for address, cell in filing.cells.items()]
    cells.write_text("\n".join(["cell,value", *lines]), encoding="utf-8")
    data = json.loads(gongkai("check", cells, "--format", "json").stdout)
    assert [(each["agency"], each["year"]) for each in data["filings"]] == [(None, None)]
    assert not data["findings"]
    done = gongkai("check", cells, "--format", "json", *ABOUT, "--year", 2024)
    (read,) = json.loads(done.stdout)["filings"]
    assert (read["agency"], read["agency_code"], read["level"], read["year"]) == (
        "青杉县财政局", "990122004", "department", 2024,
    )  # fmt: skip


BAD: dict[str, tuple[bytes | None, str]] = {
    "empty.xlsx": (b"", "空的"),
    "blank.txt": (b" \n\t\n", "空的"),
    "picture.xlsx": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "图片"),
    "half.xlsx": (b"PK\x03\x04 torn in two", "half.xlsx"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "xlsx"),
    "letter.txt": ("各单位：请于月底前报送。".encode(), "表"),
    "filing.json": (b'{"schema": 1}', "edition"),
    "future.csv": (b"cell,value\nyear,2018\n", "2018"),
    "nowhere.txt": (None, "没有这个文件"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["check", "read", "report"])
def test_bad_input_gives_one_clear_line_and_no_file(name: str, command: str, tmp_path: Path) -> None:
    content, words = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    output = [] if command == "check" else ["-o", tmp_path / "out"]
    done = gongkai(command, tmp_path / name, *output)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert name in line
    assert words in line
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_doubts_block_a_release_as_errors_do(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text(torn_text(balanced_filing()).replace("重复申请", "重复提申请"), encoding="utf-8")
    done = gongkai("check", report)
    assert (done.returncode, done.stderr) == (1, "")
    assert "存疑 PRS-ROW-UNMATCHED（report.txt 表三 第 " in done.stdout
    assert gongkai("report", report, "-o", tmp_path / "out").returncode == 0
    assert gongkai("report", report, "-o", tmp_path / "out", "--fail-on", "error").returncode == 1


@pytest.mark.parametrize("header", ['"cell","value"', "Cell, Value", "cell,value,,"])
def test_a_cells_file_is_known_by_its_header_however_it_is_written(header: str, tmp_path: Path) -> None:
    cells = tmp_path / "cells.csv"
    lines = [f'"{address}","{cell.raw}"' for address, cell in balanced_filing().cells.items()]
    cells.write_text("\n".join([header, *lines]), encoding="utf-8")
    assert gongkai("check", cells).returncode == 0


def test_a_cells_file_with_another_separator_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("cell;value\nyear;2024\n", encoding="utf-8")
    done = gongkai("check", tmp_path / "cells.csv")
    assert done.returncode == 2
    assert "逗号" in done.stderr


def test_what_fails_by_itself_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(balanced_filing().to_json(), encoding="utf-8")
    command = f"{GONGKAI} check {tmp_path}/x.json > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    (line,) = done.stderr.strip().splitlines()
    assert "OSError" in line


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(2**40)
    done = gongkai("check", huge)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "64 MiB" in line


def test_a_folder_is_no_input(tmp_path: Path) -> None:
    done = gongkai("check", tmp_path)
    assert done.returncode == 2
    assert "文件夹" in done.stderr


def test_one_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(balanced_filing().to_json(), encoding="utf-8")
    (tmp_path / "bad.txt").write_text("无", encoding="utf-8")
    done = gongkai("check", tmp_path / "bad.txt", tmp_path / "good.json", "--format", "json")
    assert done.returncode == 2
    data = json.loads(done.stdout)
    assert len(data["filings"]) == 1
    assert [each["file"] for each in data["summary"]["unread"]] == ["bad.txt"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], "chekc"),
        (["check"], "FILES"),
        (["check", "--sevrity", "x"], "--sevrity"),
        (["template", *ABOUT, "--year", "abc", "-o", "x.xlsx"], "--year 应为整数"),
        (["check", "x", "--format", "yaml"], "--format 应为其中之一：text, json, sarif, junit, csv, xlsx"),
        (["template", *ABOUT, "--year", "2018", "-o", "x.xlsx"], "2018"),
        (["template", *ABOUT[:4], "--level", "village", "--year", "2024", "-o", "x.xlsx"], "village"),
        (["template", *ABOUT, "--year", "2024", "-o", "x.csv"], ".xlsx"),
        (["check", "--lang", "fr", "x"], "fr"),
        (["check", "a.txt", "b.txt", "--agency", "甲局"], "--agency"),
        (["check", "a.txt", "b.txt", "--previous", "c.txt"], "--previous"),
        (["run", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_bad_usage_gives_one_clear_line_and_exit_code_two(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = gongkai(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert words in line
    assert not list(tmp_path.iterdir())


def test_english_on_request_wherever_the_option_stands(tmp_path: Path) -> None:
    first = gongkai("--lang", "en", "check", tmp_path / "x.txt")
    last = gongkai("check", tmp_path / "x.txt", "--lang=en")
    assert first.stderr == last.stderr
    assert first.stderr.startswith("x.txt: there is no such file")


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("run: 2\n", encoding="utf-8")
    assert "Traceback" not in gongkai("run", tmp_path / "x.yaml").stderr
    assert "Traceback" in gongkai("run", tmp_path / "x.yaml", "--debug").stderr


def test_output_that_nobody_reads_to_the_end_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(balanced_filing().to_json(), encoding="utf-8")
    done = subprocess.run(
        f"{GONGKAI} read {tmp_path}/x.json | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published reports is not here")
def test_two_years_of_a_city_raise_nothing_but_the_share_that_it_states_wrong() -> None:
    last, this = (CORPUS / f"suqian-{year}.csv" for year in (2023, 2024))
    done = gongkai("check", this, "--previous", last, "--format", "json")
    found = [(each["rule"], each["severity"]) for each in json.loads(done.stdout)["findings"]]
    assert (done.returncode, found) == (0, [("XY-YOY-TEXT", "warning")])


def county(folder: Path, year: int) -> list[Path]:
    folder.mkdir()
    paths = []
    for number, name in enumerate(("甲局", "乙局", "丙局"), start=1):
        filing = replace(balanced_filing(number, year=year, agency=name), agency_code=f"0{number}")
        paths.append(folder / f"{name}.json")
        paths[-1].write_text(filing.to_json(), encoding="utf-8")
    return paths


def test_last_years_filings_are_found_in_a_folder_for_many_files(tmp_path: Path) -> None:
    this, last = county(tmp_path / "2024", 2024), county(tmp_path / "2023", 2023)
    last[1].unlink()
    last[2].write_text("{}", encoding="utf-8")
    done = gongkai("check", *this, "--previous", tmp_path / "2023", "--format", "json")
    assert ["乙局" in line or "丙局" in line for line in done.stderr.splitlines()] == [True] * 3
    data = json.loads(done.stdout)
    assert {each["agency"] for each in data["findings"] if each["rule"].startswith("XY-")} == {"甲局"}
    assert {each["agency"] for each in data["summary"]["not_run"] if each["rule"] == "XY-CARRY-TOTAL"} == {
        "乙局",
        "丙局",
    }
    for command in (["report", this[1], "-o", tmp_path / "r"], ["check", this[1]]):
        alone = gongkai(*command, "--previous", tmp_path / "2023")
        assert "乙局" in alone.stderr
        assert alone.returncode == 0


def test_results_are_written_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(changed(balanced_filing(), {"disputes.direct_suit.total": 10**6}).to_json(), encoding="utf-8")
    for form in ("text", "json", "sarif", "junit", "csv", "xlsx"):
        target = tmp_path / f"out.{form}"
        done = gongkai("check", path, "--format", form, "-o", target)
        assert (done.returncode, done.stdout, done.stderr) == (1, f"已写入：{target}\n", "")
        if form == "xlsx":
            assert target.read_bytes().startswith(b"PK")
            continue
        assert "T4-SUM" in target.read_text(encoding="utf-8-sig")
        assert gongkai("check", path, "--format", form).stdout.encode() == target.read_bytes()
    refused = gongkai("check", path, "--format", "xlsx")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "-o" in refused.stderr
    assert gongkai("check", path, "--format", "csv", "-o", tmp_path).returncode == 2


def test_faulty_workbooks_go_back_annotated_and_inputs_stay(tmp_path: Path) -> None:
    faulty, clean = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    shutil.copy(ROOT / "examples" / "qingshan" / "2024" / "990122001.xlsx", clean)
    write_workbook(faulty, changed(read(clean), {"disputes.direct_suit.total": 10**6}))
    before = faulty.read_bytes()
    done = gongkai("check", faulty, clean, "--annotate", tmp_path / "back", "--format", "json")
    assert (done.returncode, done.stderr) == (1, f"已写入：{tmp_path / 'back' / 'a.xlsx'}\n")
    assert json.loads(done.stdout)["summary"]["error"] == 1
    assert [each.name for each in (tmp_path / "back").iterdir()] == ["a.xlsx"]
    assert "T4-SUM" in gongkai("check", tmp_path / "back" / "a.xlsx").stdout
    for arguments in ([faulty, "--annotate", tmp_path], [faulty, tmp_path / "back" / "a.xlsx", "--annotate", "x"]):
        refused = gongkai("check", *arguments)
        assert refused.returncode == 2
        assert refused.stderr.startswith("gongkai：")
    assert faulty.read_bytes() == before
    assert not Path("x").exists()
