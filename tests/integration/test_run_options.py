"""What a run is asked for, where it may lie, and what of an agency it survives."""

from __future__ import annotations

import shutil
import string
from pathlib import Path

import pytest

from gongkai.batch import PAGE, Selection, run
from gongkai.cli import main
from gongkai.ledger import FILE, read_ledger
from tests.helpers import ROOT, plus_one
from tests.offices import (
    ALL,
    BUILD,
    RUN_FILE,
    Lasting,
    changed_ones,
    edit,
    events,
    filing,
    made,
    office,
    one_more,
    outcomes,
    ran,
    replace_in,
    times,
    write,
)
from tests.processes import contents

pytestmark = pytest.mark.usefixtures("engine")


def test_a_selection_runs_those_for_which_all_conditions_hold_and_leaves_the_others(home: Path) -> None:
    edit(home / RUN_FILE, parameters={"note": "丁"})
    path = home / RUN_FILE
    assert made(run(path, selection=Selection(agencies=["A2", "A1"]))) == ["A1", "A2"]
    assert made(run(path, selection=Selection(levels=["township"], agencies=["A1", "A3"]))) == ["A3"]
    assert outcomes(run(path, selection=Selection(levels=["other"]))) == {}
    assert outcomes(run(path, selection=Selection(only_failed=True))) == {}
    assert made(ran(home)) == []
    write(home / "in" / "2024" / "A3.json", "{")
    (home / "in" / "2024" / "A2.json").unlink()
    assert outcomes(ran(home)) == {"A1": "succeeded", "A2": "missing", "A3": "errored"}
    write(home / "in" / "2024" / "A2.json", filing(1))
    one_more(home / "in" / "2024" / "A1.json", 0)
    assert outcomes(run(path, selection=Selection(only_failed=True))) == {"A2": "succeeded", "A3": "errored"}
    assert read_ledger(home / BUILD)[1]["A1"].outcome == "succeeded"
    assert changed_ones(home) == ["A1"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--agency", "A9"], ["A9", "run.yaml"]),
        (["--level", "county"], ["county", "township"]),
        (["--fail-on", "warning"], ["error"]),
        (["--jobs", "0"], ["jobs"]),
    ],
)
def test_wrong_options_are_told_before_anything_is_made(
    arguments: list[str], words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = times(home)
    with pytest.raises(SystemExit) as end:
        main(["run", str(home / RUN_FILE), *arguments])
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert all(word in told for word in words)
    assert times(home) == before


def test_exit_codes_say_what_failed_and_what_may_not_be_released(home: Path) -> None:
    def code(*arguments: str) -> int:
        with pytest.raises(SystemExit) as end:
            main(["run", str(home / RUN_FILE), *arguments])
        return int(str(end.value.code or 0))

    write(home / "in" / "2024" / "A1.json", plus_one(filing(0), "disputes.direct_suit.total"))
    assert (code(), code("--fail-on", "error")) == (0, 1)
    write(home / "in" / "2024" / "A2.json", "{")
    assert (code(), code("--fail-on", "error")) == (3, 3)
    assert (code("--agency", "A3"), code("--agency", "A1", "--fail-on", "error")) == (0, 1)


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    home: Path, tmp_path: Path, engine: Lasting, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = office(tmp_path / "fresh")
    one_more(home / "in" / "2024" / "A1.json", 0)
    (home / "in" / "2024" / "A2.json").unlink()
    (home / BUILD / FILE).write_bytes(b"?" * 5000)
    runs = engine.runs
    for path, told in ((fresh, ["changed"] * 3), (home / RUN_FILE, ["changed", "missing", "changed"])):
        before = times(tmp_path)
        for arguments in ([], ["--json"]):
            with pytest.raises(SystemExit) as end:
                main(["run", str(path), "--dry-run", *arguments])
            assert not end.value.code
        assert times(tmp_path) == before
        lines = capsys.readouterr().out.splitlines()
        assert [each["state"] for each in events(lines[-3:])] == told
        assert [line.partition("：")[0] for line in lines[:3]] == [
            {"changed": "将要生成", "missing": "缺少输入"}[state] for state in told
        ]
    assert engine.runs == runs
    assert not (tmp_path / "fresh" / "build").exists()


def test_results_are_in_the_order_of_the_roster_and_each_is_told_as_a_line_of_json(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(home / RUN_FILE, parameters={"note": "戊"})
    head, *lines = (home / "roster.csv").read_text(encoding="utf-8").splitlines()
    write(home / "roster.csv", "\n".join([head, *reversed(lines)]))
    (home / "in" / "2024" / "A2.json").unlink()
    with pytest.raises(SystemExit) as end:
        main(["run", str(home / RUN_FILE), "--json", "--jobs", "4"])
    assert end.value.code == 3
    *steps, last = events(capsys.readouterr().out.splitlines())
    assert [each["event"] for each in steps] == ["agency"] * 3
    assert [(each["done"], each["total"]) for each in steps] == [(1, 3), (2, 3), (3, 3)]
    assert {each["code"]: each["outcome"] for each in steps} == {
        "A1": "succeeded",
        "A2": "missing",
        "A3": "succeeded",
    }
    assert all(Path(each["folder"], "report.html").is_file() for each in steps if each["folder"])
    assert (last["event"], last["outcomes"], last["unchanged"]) == ("finished", {"succeeded": 2, "missing": 1}, 0)
    assert last["ledger_kept"] is True
    assert [each.agency.code for each in ran(home).results] == ["A3", "A2", "A1"]


def test_paths_may_be_chinese_spaced_linked_and_outside_of_the_workspace(tmp_path: Path) -> None:
    path = office(tmp_path / "政务 公开 #1 %20?", output="../产出 一/子")
    (tmp_path / "disk").mkdir()
    (tmp_path / "产出 一").symlink_to(tmp_path / "disk", target_is_directory=True)
    assert made(run(path)) == ALL
    build = tmp_path / "产出 一" / "子"
    assert (tmp_path / "disk" / "子" / "A1" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert read_ledger(build)[0].finished
    assert made(run(path)) == []
    (tmp_path / "disk").rename(tmp_path / "moved")
    (tmp_path / "产出 一").unlink()
    (tmp_path / "产出 一").symlink_to(tmp_path / "moved", target_is_directory=True)
    assert made(run(path)) == []


def test_rules_outside_of_the_workspace_are_run_by_the_notebook_too(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "expectations", tmp_path / "rules")
    path = office(tmp_path / "home", rules="../rules", checks="notebook")
    assert made(run(path)) == ALL
    text = (tmp_path / "home" / BUILD / "A1" / "report.ipynb").read_text(encoding="utf-8")
    assert str(tmp_path) not in text


def test_a_report_in_english_is_told_of_in_english(tmp_path: Path) -> None:
    path = office(tmp_path, language="en")
    (tmp_path / "in" / "2024" / "A2.json").unlink()
    write(tmp_path / "in" / "2024" / "A3.json", "{")
    result = run(path)
    assert outcomes(result) == {"A1": "succeeded", "A2": "missing", "A3": "errored"}
    assert all(each.message.isascii() for each in result.results)
    page = (tmp_path / BUILD / PAGE).read_text(encoding="utf-8")
    assert '<html lang="en' in page
    assert set(page.partition("</style>")[2]) - set("局—") <= set(string.printable)


def test_an_input_that_the_system_does_not_give_stops_no_other(home: Path, engine: Lasting) -> None:
    replace_in(home / "roster.csv", "A2局,A2,department,,,,,", f"A2局,A2,department,,,,,{'长' * 200}.json")
    (home / "in" / "2024" / "A3.json").unlink()
    (home / "in" / "2024" / "A3.json").mkdir()
    result = ran(home)
    assert outcomes(result) == {"A1": "succeeded", "A2": "errored", "A3": "errored"}
    assert all("长长.json" in each.message or "A3.json" in each.message for each in result.results[1:])


FATES = {
    "exits": "import os; os._exit(3)",
    "is killed": "import os; os.kill(os.getpid(), 9)",
    "loops": "while True: pass",
    "eats": "held = []\nwhile True: held.append(bytearray(1 << 24))",
    "raises": "raise ValueError(note)",
    "leaves": "import subprocess; print(subprocess.Popen(['sleep', '987654321']).pid)",
}


def test_whatever_a_notebook_does_is_told_with_its_reason_and_harms_no_other(tmp_path: Path) -> None:
    code = "\n".join(["fates = " + repr(FATES), "exec(fates.get(note, ''))"])
    path = office(tmp_path, more=code, limits={"seconds": 6, "memory": 400})
    lines = [f"{fate}局,B{number},other,,,,note: {fate},in/2024/A1.json" for number, fate in enumerate(FATES)]
    with (tmp_path / "roster.csv").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(lines))
    result = run(path)
    told = {each.agency.agency.removesuffix("局"): (each.outcome, each.message) for each in result.results}
    assert [told[code][0] for code in ALL] == ["succeeded"] * 3
    expected = {
        "exits": ("excepted", "mine.ipynb"),
        "is killed": ("excepted", "mine.ipynb"),
        "loops": ("errored", "6 秒"),
        "eats": ("excepted", "MemoryError"),
        "raises": ("excepted", "ValueError: raises"),
        "leaves": ("succeeded", ""),
    }
    for fate, (outcome, words) in expected.items():
        assert told[fate][0] == outcome, told[fate]
        assert words in told[fate][1]
        assert "\n" not in told[fate][1]
    assert not [each for each in Path("/proc").glob("[0-9]*/cmdline") if b"987654321" in contents(each)]
    assert not list((tmp_path / BUILD / "versions").glob("*/.*"))


def test_an_input_that_ends_the_child_that_reads_it_harms_no_other_of_its_chunk(tmp_path: Path) -> None:
    path = office(tmp_path, limits={"seconds": 60, "memory": 25})
    write(tmp_path / "in" / "2024" / "A2.json", filing(1).to_json() + " " * 15 * 2**20)
    result = run(path, jobs=1)
    assert outcomes(result) == {"A1": "succeeded", "A2": "errored", "A3": "succeeded"}
    assert "25 MiB" in result.results[1].message
    edit(path, limits={"seconds": 60, "memory": 1200})
    assert made(run(path)) == ["A2"]
