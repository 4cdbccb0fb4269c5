"""A finding is waived: check, propose, check, confirm, run, and the figures change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gongkai.batch import PAGE
from gongkai.catalogues import say
from gongkai.cli import main
from gongkai.decisions import HEAD, LOG, read_log
from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.finding import findings_from_json
from gongkai.waivers import Waiver, confirm, from_json, waivers, withdraw
from tests.helpers import balanced_filing, changed, plus_one, without_regulations
from tests.offices import BUILD, changed_ones, edit, made, outcomes, ran, write

REASON = "原水务局并入，归口调整"
WRONG = "disputes.direct_suit.total"


class Line:
    """The command line in a workspace."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([*map(str, arguments)])
        return (int(end.value.code or 0), *self._capsys.readouterr())

    def check(self, file: str, *more: object) -> tuple[int, dict[str, Any]]:
        code, out, _ = self("check", file, "--format", "json", *more)
        return code, json.loads(out)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    (tmp_path / "gongkai.toml").touch()
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return Line(capsys)


def report(number: int = 1, *, more: int = 1) -> Filing:
    """Of one fault, unless there are `more` or none."""
    filing = replace(without_regulations(balanced_filing(number)), agency_code="990122004")
    for _ in range(more):
        filing = plus_one(filing, WRONG)
    return filing


def test_a_finding_is_waived_from_the_command_line_and_confirmed_by_another(line: Line, tmp_path: Path) -> None:
    write(Path("a.json"), report())
    code, before = line.check("a.json")
    assert code == 1
    assert "waivers" not in before
    assert "waived" not in before["summary"]
    (finding,) = before["findings"]
    code, out, err = line("waive", "a.json", f"T4-SUM@{WRONG}", "--reason", REASON, "--kind", "reform", "--by", "张三")
    assert (code, err) == (0, "")
    assert REASON in out
    assert (tmp_path / LOG).exists(), "in the workspace, not where we stand"

    code, proposed = line.check("a.json")
    assert code == 1
    assert (proposed["findings"], proposed["filings"]) == (before["findings"], before["filings"])
    (waiver,) = proposed["waivers"]
    assert (waiver["state"], waiver["fingerprint"]) == ("proposed", finding["fingerprint"])
    assert proposed["summary"] == before["summary"] | {"waived": {"proposed": 1}}
    assert line("check", "a.json")[1].count(REASON) == 1

    confirm(tmp_path, finding["fingerprint"], by="李四")
    code, confirmed = line.check("a.json")
    assert code == 0
    assert confirmed["findings"] == before["findings"]
    assert confirmed["summary"] == before["summary"] | {"waived": {"confirmed": 1}}
    _, out, _ = line("check", "a.json")
    assert "T4-SUM" in out
    assert all(out.count(word) == 1 for word in (REASON, "张三", "李四"))

    write(Path("a.json"), report(more=2))
    code, void = line.check("a.json")
    assert code == 1
    assert [each["state"] for each in void["waivers"]] == ["void"]
    assert line("check", "a.json")[1].count(REASON) == 1
    write(Path("a.json"), report(more=0))
    assert line.check("a.json")[0] == 0


def test_withdrawing_is_a_new_entry_and_all_are_listed(line: Line, tmp_path: Path) -> None:
    assert line("waivers") == (0, say("waiver.none") + "\n", "")
    write(Path("a.json"), report())
    mark = line.check("a.json")[1]["findings"][0]["fingerprint"]
    assert line("waive", "a.json", mark.upper(), "--reason", REASON, "--by", "张三")[0] == 0
    again, _, err = line("waive", "a.json", mark, "--reason", "又一次", "--by", "张三")
    assert again == 2
    assert REASON in err
    _, out, _ = line("waivers")
    assert all(word in out for word in (mark, "T4-SUM", REASON, "青杉县财政局", "2024"))
    assert line("waive", "a.json", "t4-sum", "--withdraw", "--reason", "写错了", "--by", "王五")[0] == 0
    assert len(read_log(tmp_path)) == 2
    _, out, _ = line("waivers", "--format", "json")
    (told,) = json.loads(out)["waivers"]
    assert (told["state"], told["reason"], told["note"], told["decided_by"]) == ("withdrawn", REASON, "写错了", "王五")
    assert "waivers" not in line.check("a.json")[1]
    assert line("waive", "a.json", mark, "--withdraw", "--reason", "写错了", "--by", "王五")[0] == 2


def test_the_system_says_who_proposes_where_the_line_does_not(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "zhangsan")
    write(Path("a.json"), report())
    line("waive", "a.json", "T4-SUM", "--reason", REASON)
    assert [each.by for each in waivers(tmp_path)] == ["zhangsan"]


def test_what_no_finding_is_called_is_refused_with_those_that_there_are(line: Line, tmp_path: Path) -> None:
    cells = [WRONG, "disputes.reconsideration.total"]
    write(Path("two.json"), plus_one(report(), cells[1]))
    for name in ("T4-SUN", "0123456789abcdef", "T4-SUM@requests.received.total"):
        code, _, err = line("waive", "two.json", name, "--reason", REASON)
        assert code == 2
        assert name in err
        assert err.count("T4-SUM@disputes.") >= 2
    code, _, err = line("waive", "two.json", "T4-SUM", "--reason", REASON)
    assert code == 2
    marks = [each["fingerprint"] for each in line.check("two.json")[1]["findings"]]
    assert all(mark in err for mark in marks)
    assert line("waive", "two.json", f"T4-SUM@{cells[1]}", "--reason", REASON, "--by", "张三")[0] == 0
    assert len(waivers(tmp_path)) == 1
    write(Path("clean.json"), report(more=0))
    assert line("waive", "clean.json", "T4-SUM", "--reason", REASON)[0] == 2


def test_neither_a_doubt_nor_what_is_not_assessable_is_waived(line: Line, tmp_path: Path) -> None:
    write(Path("blank.json"), changed(report(more=0), {WRONG: None}))
    for name in ("T4-SUM", f"T4-SUM@{WRONG}"):
        code, _, err = line("waive", "blank.json", name, "--reason", REASON, "--by", "张三")
        assert (code, say("error.waive_not_assessable") in err) == (2, True)
    text = report().to_json().replace('"doubts": []', '"doubts": [{"code": "PRS-YEAR", "read": "2024"}]')
    write(Path("doubted.json"), text)
    code, _, err = line("waive", "doubted.json", "PRS-YEAR", "--reason", REASON)
    assert (code, say("error.waive_doubt", name="PRS-YEAR") in err) == (2, True)
    assert waivers(tmp_path) == ()


def test_a_rule_across_years_is_waived_with_last_years_report_and_is_not_void_without(
    line: Line, tmp_path: Path
) -> None:
    write(Path("a.json"), report(more=0))
    write(Path("last.json"), replace(without_regulations(balanced_filing(2, year=2023)), agency_code="990122004"))
    findings = line.check("a.json", "--previous", "last.json")[1]["findings"]
    mark = next(each["fingerprint"] for each in findings if each["rule"] == "XY-CARRY-TOTAL")
    arguments = (
        "waive",
        "a.json",
        mark,
        "--previous",
        "last.json",
        "--reason",
        REASON,
        "--kind",
        "scope",
        "--by",
        "张三",
    )
    assert line(*arguments)[0] == 0
    assert [each["state"] for each in line.check("a.json")[1]["waivers"]] == ["proposed"]


def test_whoever_waives_without_the_code_is_told_that_runs_go_by_it(line: Line) -> None:
    write(Path("a.json"), replace(report(), agency_code=None))
    _, out, _ = line("waive", "a.json", "T4-SUM", "--reason", REASON, "--by", "张三")
    assert say("waiver.no_code") in out
    _, out, _ = line("waive", "a.json", "T4-SUM", "--code", "990122004", "--reason", REASON, "--by", "张三")
    assert say("waiver.no_code") not in out


def test_a_log_that_was_edited_stops_whatever_would_go_by_it(line: Line, tmp_path: Path) -> None:
    write(Path("a.json"), report())
    line("waive", "a.json", "T4-SUM", "--reason", REASON, "--by", "张三")
    text = (tmp_path / LOG).read_text(encoding="utf-8")
    (tmp_path / LOG).write_text(text.replace("proposed", "confirmed"), encoding="utf-8")
    for arguments in (["check", "a.json"], ["waivers"], ["waive", "a.json", "T4-SUM", "--reason", REASON]):
        code, _, err = line(*arguments)
        assert code == 2
        assert LOG in err


def test_what_a_crash_left_behind_is_told(line: Line, tmp_path: Path) -> None:
    write(Path("a.json"), report())
    line("waive", "a.json", "T4-SUM", "--reason", REASON, "--by", "张三")
    with (tmp_path / LOG).open("a", encoding="utf-8") as file:
        file.write('{"agency":"青')
    code, out, err = line("waivers")
    assert code == 0
    assert out.count(REASON) == 1
    assert LOG in err


def test_a_report_of_one_agency_shows_its_waiver_and_may_be_released(line: Line, tmp_path: Path) -> None:
    write(Path("a.json"), report())
    line("waive", "a.json", "T4-SUM", "--reason", REASON, "--by", "张三")
    assert line("report", "a.json", "-o", "made", "--fail-on", "error")[0] == 1
    assert REASON in Path("made/report.draft.html").read_text(encoding="utf-8")
    confirm(tmp_path, waivers(tmp_path)[0].fingerprint, by="李四")
    code, out, _ = line("report", "a.json", "-o", "made", "--fail-on", "error")
    assert code == 0
    assert say("severity.waived") in out
    assert "李四" in Path("made/report.draft.html").read_text(encoding="utf-8")
    assert REASON not in Path("made/report.html").read_text(encoding="utf-8")
    withdraw(tmp_path, waivers(tmp_path)[0].fingerprint, by="王五", note="有误")
    assert line("report", "a.json", "-o", "made", "--fail-on", "error")[0] == 1
    assert not Path("made/waivers.json").exists()


def proposed(home: Path, line: Line, monkeypatch: pytest.MonkeyPatch) -> Waiver:
    """The one fault of agency A1, waived as its clerk would."""
    monkeypatch.chdir(home)
    arguments = ("waive", "in/2024/A1.json", f"T4-SUM@{WRONG}", "--code", "A1", "--reason", REASON, "--by", "张三")
    assert line(*arguments, "--previous", "in/2023/A1.json")[0] == 0
    return waivers(home)[0]


@pytest.mark.parametrize("checks", ["together", "notebook"])
def test_a_run_withholds_until_a_waiver_is_confirmed_and_makes_only_that_agency_anew(
    checks: str, home: Path, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "in/2024/A1.json"
    write(path, plus_one(Filing.from_json(path.read_text(encoding="utf-8")), WRONG))
    edit(home / "params/run.yaml", drafts=True, checks=checks)
    assert outcomes(ran(home)) == {"A1": "withheld", "A2": "succeeded", "A3": "succeeded"}
    waiver = proposed(home, line, monkeypatch)
    folder, page = home / BUILD / "A1", home / BUILD / PAGE
    findings = (folder / "findings.json").read_text(encoding="utf-8")

    assert changed_ones(home) == ["A1"]
    result = ran(home)
    assert (outcomes(result)["A1"], made(result)) == ("withheld", ["A1"])
    assert REASON in page.read_text(encoding="utf-8")
    assert REASON in (folder / "report.draft.html").read_text(encoding="utf-8")

    confirmed = confirm(home, waiver.fingerprint, by="李四")
    result = ran(home)
    assert (outcomes(result)["A1"], made(result)) == ("succeeded", ["A1"])
    assert result.results[0].counts.kinds == {"waived": 1}
    assert result.results[0].counts.rules == {"T4-SUM": 1}
    assert from_json((folder / "waivers.json").read_text(encoding="utf-8")) == (confirmed,)
    assert (folder / "findings.json").read_text(encoding="utf-8") == findings
    assert [each.rule for each in findings_from_json(findings)] == ["T4-SUM"]
    assert "李四" in page.read_text(encoding="utf-8")
    assert "李四" in (folder / "report.draft.html").read_text(encoding="utf-8")
    assert changed_ones(home) == []

    write(path, plus_one(Filing.from_json(path.read_text(encoding="utf-8")), WRONG))
    assert outcomes(ran(home))["A1"] == "withheld", "the figures have changed"
    withdraw(home, waiver.fingerprint, by="王五", note="有误")
    assert outcomes(ran(home))["A1"] == "withheld"
    assert not (folder / "waivers.json").exists()
    assert REASON not in page.read_text(encoding="utf-8")


def test_a_run_does_not_begin_with_a_log_that_was_edited(
    home: Path, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "in/2024/A1.json"
    write(path, plus_one(Filing.from_json(path.read_text(encoding="utf-8")), WRONG))
    proposed(home, line, monkeypatch)
    (home / HEAD).unlink()
    (home / LOG).write_bytes((home / LOG).read_bytes() * 2)
    before = (home / BUILD / PAGE).read_bytes()
    with pytest.raises(InputError):
        ran(home)
    with pytest.raises(InputError):
        changed_ones(home)
    assert (home / BUILD / PAGE).read_bytes() == before
