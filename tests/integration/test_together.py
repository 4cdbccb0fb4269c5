"""What a run finds across its agencies: made last, made anew only when something has changed, and nobody's own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gongkai.batch import PAGE, RunResult, running
from gongkai.batch import run as run_file
from gongkai.batch.together import FILE, concerns
from gongkai.cli import main
from gongkai.filing import Filing, Text
from tests.offices import BUILD, RUN_FILE, Lasting, filing, hashes, made, outcomes, ran, write

COPIED = (
    "本机关的公开栏换得慢，十二个窗口里有三个超过一个月没有换过；办事指南写得含糊，来的人还要再问一遍。今年由各股室"
    "定一人管公开栏，每月头五天拍照传回，办公室抽查；指南改成一问一答，写清材料、时限和去处，窗口当场演示给人看。"
)
OWN = "网站改版以后旧的链接打不开，群众找不到往年的文件。我们把旧地址逐条转到新地址，又在首页留了一张对照表。" * 2


def said(home: Path, code: str, words: str, year: int = 2024) -> None:
    """Let an agency write something."""
    path = home / "in" / str(year) / f"{code}.json"
    write(path, replace(Filing.from_json(path.read_text(encoding="utf-8")), texts={"issues": (Text(words),)}))


def found(home: Path) -> list[tuple[str, str | None, str | None]]:
    told = concerns(home / BUILD)
    return [(each.finding.rule, each.finding.agency_code, each.other_code) for each in told]


def stored(home: Path) -> tuple[bytes, int]:
    path = home / BUILD / FILE
    return path.read_bytes(), path.stat().st_mtime_ns


def page(home: Path) -> str:
    return (home / BUILD / PAGE).read_text(encoding="utf-8")


@pytest.fixture
def copied(home: Path) -> Path:
    """A workspace in which A2 has copied from A1, and that was run."""
    said(home, "A1", COPIED)
    said(home, "A2", COPIED)
    ran(home)
    return home


def test_a_copy_is_told_on_the_page_with_its_sentences_and_is_none_of_the_agencys_own_findings(copied: Path) -> None:
    assert found(copied) == [("QLT-PEER-DUP", "A1", "A2")]
    html = page(copied)
    assert [
        html.count(each) for each in ("十二个窗口里有三个超过一个月没有换过", 'href="#agency-A2"', 'id="agency-A2"')
    ] == [1] * 3
    for code in ("A1", "A2"):
        assert "QLT-PEER" not in (copied / BUILD / code / "findings.json").read_text(encoding="utf-8")


def test_an_unchanged_run_leaves_the_file_as_it_is(copied: Path, engine: Lasting) -> None:
    before, runs = stored(copied), engine.runs
    assert made(ran(copied)) == []
    assert (stored(copied), engine.runs) == (before, runs)
    assert "QLT-PEER-DUP" in page(copied)


def test_the_same_reports_give_the_same_bytes(copied: Path) -> None:
    before = stored(copied)[0]
    (copied / BUILD / FILE).unlink()
    assert made(ran(copied)) == []
    assert stored(copied)[0] == before


def test_a_change_of_one_remakes_that_one_and_the_comparison(copied: Path) -> None:
    before = hashes(copied / BUILD)
    said(copied, "A2", OWN)
    assert made(ran(copied)) == ["A2"]
    assert found(copied) == []
    after = hashes(copied / BUILD)
    assert {each for each in before if before[each] != after[each]} <= {
        each for each in before if each.startswith("A2")
    }
    assert "QLT-PEER-DUP" not in page(copied)


def test_others_that_are_not_asked_for_are_compared_all_the_same(copied: Path) -> None:
    said(copied, "A3", COPIED)
    with pytest.raises(SystemExit):
        main(["run", str(copied / RUN_FILE), "--agency", "A3"])
    assert {code for _, *both in found(copied) for code in both} == {"A1", "A2", "A3"}


def test_who_hands_in_nothing_is_missing_and_who_cannot_be_read_is_not(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "in" / "2024" / "A2.json").unlink()
    write(home / "in" / "2024" / "A3.json", "{")
    result = ran(home)
    assert outcomes(result) == {"A1": "succeeded", "A2": "missing", "A3": "errored"}
    assert found(home) == [("DL-MISSING", "A2", None)]
    assert result.across.rules == {"DL-MISSING": 1}
    assert not result.blocked, "no report that was made is withheld for it"
    with pytest.raises(SystemExit):
        main(["status", str(home / BUILD)])
    assert "机关之间：DL-MISSING 1。" in capsys.readouterr().out


def test_a_damaged_file_is_made_anew(copied: Path) -> None:
    before = stored(copied)[0]
    write(copied / BUILD / FILE, '{"schema": 1, "key": 3}')
    assert concerns(copied / BUILD) == ()
    ran(copied)
    assert stored(copied)[0] == before


def test_what_cannot_be_compared_is_said_and_nothing_old_is_told(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said(copied, "A3", OWN)
    monkeypatch.setattr(running, "COMPARE", "gongkai.batch.tasks:no_such_task")
    with pytest.raises(SystemExit) as end:
        main(["run", str(copied / RUN_FILE)])
    assert not end.value.code
    assert "未能比对各机关的报告" in capsys.readouterr().out
    assert not (copied / BUILD / FILE).exists()
    assert "未能比对各机关的报告" in page(copied)
    assert "QLT-PEER-DUP" not in page(copied)


def test_another_agencys_name_blocks_and_the_reports_are_made_all_the_same(home: Path) -> None:
    said(home, "A2", f"A3局的窗口每天开到晚上八点。{OWN}")
    said(home, "A3", f"窗口每天开到晚上八点。{COPIED}")
    result: RunResult = run_file(home / RUN_FILE)
    assert found(home) == [("QLT-OTHER-AGENCY", "A2", "A3")]
    assert (outcomes(result)["A2"], result.blocked) == ("succeeded", True)


def test_a_check_of_several_files_tells_apart_what_is_between_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, name in enumerate(("甲局", "乙局")):
        text = {"issues": (Text(COPIED),)}
        write(tmp_path / f"{name}.json", replace(filing(number), agency=name, agency_code=f"A{number}", texts=text))
    paths = [str(path) for path in sorted(tmp_path.iterdir())]

    def told(*arguments: str) -> tuple[str, Any]:
        with pytest.raises(SystemExit) as end:
            main(["check", *arguments])
        return capsys.readouterr().out, end.value.code

    words, code = told(*paths)
    assert "QLT-PEER-DUP" in words.partition("机关之间\n")[2]
    assert "QLT-PEER-DUP" not in words.partition("机关之间\n")[0]
    assert "未核对（没有名录）：DL-MISSING" in words
    assert not code, "a warning blocks nothing"
    data = json.loads(told(*paths, "--format", "json")[0])
    assert [each["finding"]["rule"] for each in data["across"]] == ["QLT-PEER-DUP"]
    assert "across" not in json.loads(told(paths[0], "--format", "json")[0])
