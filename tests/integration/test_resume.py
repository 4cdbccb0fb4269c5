"""What is unchanged is not made again, what has changed is, and its versions lie whole under their keys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import docx
import pytest
import yaml

from gongkai import fonts, versions
from gongkai.batch import PAGE, Selection, keys, run
from gongkai.cli import main
from gongkai.ledger import FILE, read_ledger
from gongkai.workspace import standing_in
from tests.helpers import ROOT
from tests.offices import (
    ALL,
    BUILD,
    RUN_FILE,
    Lasting,
    changed_ones,
    edit,
    filing,
    hashes,
    made,
    one_more,
    outcomes,
    ran,
    replace_in,
    stamps,
    write,
)
from tests.unit.test_fonts import small_font


def override(home: Path) -> None:
    replace_in(home / "roster.csv", "A3局,A3,township,,,,", "A3局,A3,township,,,,note: 甲")


def own_rule(home: Path) -> None:
    replace_in(home / "expectations" / "2021" / "requests.yaml", "zh: ", "zh: 新")


def other_rules(home: Path) -> None:
    shutil.copytree(home / "expectations", home / "rules")
    replace_in(home / "rules" / "2021" / "requests.yaml", "zh: ", "zh: 新")
    edit(home / RUN_FILE, rules="rules")


def template(home: Path) -> None:
    docx.Document().save(str(home / "reference.docx"))


def font(home: Path) -> None:
    with standing_in(home):
        fonts.register([small_font(home / "own.ttf")])


CHANGES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "input": (lambda home: one_more(home / "in/2024/A1.json", 0), ["A1"]),
    "input of last year": (lambda home: write(home / "in/2023/A2.json", filing(1, 2023)), ["A2"]),
    "first input of last year": (lambda home: write(home / "in/2023/A3.json", filing(12, 2023)), ["A3"]),
    "name": (lambda home: replace_in(home / "roster.csv", "A1局", "甲局"), ["A1"]),
    "level": (lambda home: replace_in(home / "roster.csv", "A2,department", "A2,other"), ["A2"]),
    "parameters of one": (override, ["A3"]),
    "parameters of all": (lambda home: edit(home / RUN_FILE, parameters={"note": "乙"}), ALL),
    "notebook": (lambda home: replace_in(home / "mine.ipynb", "report.signature", " report.signature"), ALL),
    "a rule of the workspace": (own_rule, ALL),
    "another folder of rules": (other_rules, ALL),
    "reference.docx": (template, ALL),
    "registered font": (font, ALL),
    "language": (lambda home: edit(home / RUN_FILE, language="en"), ALL),
    "formats": (lambda home: edit(home / RUN_FILE, formats=["html", "docx"]), ALL),
    "drafts": (lambda home: edit(home / RUN_FILE, drafts=True), ALL),
    "checks": (lambda home: edit(home / RUN_FILE, checks="notebook"), ALL),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_a_report_follows_from_makes_exactly_its_agencies_anew(name: str, home: Path) -> None:
    before = {code: versions.current(home / BUILD, code) for code in ALL}
    change, affected = CHANGES[name]
    change(home)
    assert changed_ones(home) == affected
    assert made(ran(home)) == affected
    after = {code: versions.current(home / BUILD, code) for code in ALL}
    assert [code for code in ALL if after[code] != before[code]] == affected
    assert [len(list((home / BUILD / "versions" / code).iterdir())) for code in ALL] == [1, 1, 1]
    assert changed_ones(home) == []


def test_another_version_of_a_dependency_of_python_or_of_the_package_makes_all_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = keys._distribution

    def newer(name: str) -> object:
        found = installed(name)
        return SimpleNamespace(name="lxml", version="99", requires=[]) if name == "lxml" else found

    with monkeypatch.context() as patch:
        patch.setattr(keys, "_distribution", newer)
        assert changed_ones(home) == ALL
    with monkeypatch.context() as patch:
        patch.setattr("platform.python_version", lambda: "3.11.99")
        assert changed_ones(home) == ALL
    with monkeypatch.context() as patch:
        package = home / "package"
        shutil.copytree(ROOT / "toolkit" / "gongkai", package, ignore=shutil.ignore_patterns("*.pyc"))
        patch.setattr(keys, "gongkai", SimpleNamespace(__file__=str(package / "__init__.py")))
        assert changed_ones(home) == []
        with (package / "export" / "templates" / "page.css").open("a") as file:
            file.write("\n")
        assert changed_ones(home) == ALL


def test_all_that_the_package_depends_on_has_a_part_in_the_key() -> None:
    told = {each.partition(" ")[0].lower() for each in keys._versions("gongkai")}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {line.partition("==")[0] for line in lock if "==" in line}
    assert {"gongkai", "great-expectations", "nbclient", "pandas", "numpy", "tornado", "typst"} <= {
        each.replace("_", "-") for each in told
    }
    assert {each.replace("_", "-").replace(".", "-") for each in told} - {"gongkai"} <= {
        each.replace(".", "-") for each in locked
    }


def test_rules_behind_a_link_are_read_and_have_a_part_in_the_key(home: Path) -> None:
    shared = home / "shared"
    (home / "expectations" / "2021").rename(shared)
    (home / "expectations" / "2021").symlink_to(shared, target_is_directory=True)
    assert changed_ones(home) == []
    replace_in(shared / "requests.yaml", "zh: ", "zh: 新")
    assert changed_ones(home) == ALL


def nothing(home: Path) -> None:
    """A workspace may be moved."""


def dates(home: Path) -> None:
    replace_in(home / "roster.csv", "A2,department,,,", "A2,department,A1,2025-01-02,2025-01-03")


def reordered(home: Path) -> None:
    head, *lines = (home / "roster.csv").read_text(encoding="utf-8").splitlines()
    write(home / "roster.csv", "\n".join([head, *reversed(lines)]))


def touched(home: Path) -> None:
    """As copying does that keeps no times: by their contents the files are the same."""
    for path in home.rglob("*"):
        os.utime(path)


@pytest.mark.parametrize(
    "change",
    [
        nothing,
        dates,
        reordered,
        touched,
        lambda home: edit(home / RUN_FILE, limits={"seconds": 50, "memory": 999}),
        lambda home: replace_in(home / RUN_FILE, "run: 1", "run: 1 # 一"),
    ],
)
def test_whatever_no_report_follows_from_changes_nothing(
    change: Callable[[Path], None], home: Path, engine: Lasting, capsys: pytest.CaptureFixture[str]
) -> None:
    change(home)
    before, runs = stamps(home / BUILD / "versions"), engine.runs
    with pytest.raises(SystemExit) as end:
        main(["run", str(home / RUN_FILE)])
    assert not end.value.code
    assert "3 家自上次以来没有变化，未重做" in capsys.readouterr().out
    assert stamps(home / BUILD / "versions") == before
    assert engine.runs == runs, "nothing was asked of the warm engine"


def test_dates_and_parents_are_told_on_the_page_though_nothing_is_made_anew(home: Path) -> None:
    dates(home)
    assert made(ran(home)) == []
    page = (home / BUILD / PAGE).read_text(encoding="utf-8")
    assert all(words in page for words in ("2025-01-02", "2025-01-03", "<small>A1局</small>"))


def test_what_is_changed_back_is_made_equal_or_found_where_it_was_kept(home: Path) -> None:
    path, build = home / "in" / "2024" / "A1.json", home / BUILD
    was, original = path.read_text(encoding="utf-8"), hashes(build)
    key = versions.current(build, "A1")
    one_more(path, 0)
    assert made(ran(home)) == ["A1"]
    assert hashes(build) != original
    write(path, was)
    assert made(ran(home)) == ["A1"]
    assert hashes(build) == original
    versions.keep(build, "A1", key)
    stamp = stamps(build / "versions" / "A1" / key)
    one_more(path, 0)
    assert made(ran(home)) == ["A1"]
    other = versions.current(build, "A1")
    assert sorted(each.name for each in (build / "versions" / "A1").iterdir()) == sorted([key, f"{key}.kept", other])
    write(path, was)
    assert made(ran(home)) == []
    assert stamps(build / "versions" / "A1" / key) == stamp
    assert sorted(each.name for each in (build / "versions" / "A1").iterdir()) == [key, f"{key}.kept"]


def test_the_report_of_an_agency_that_fails_is_withdrawn_and_comes_back(home: Path) -> None:
    path, build = home / "in" / "2024" / "A1.json", home / BUILD
    was, stamp = path.read_text(encoding="utf-8"), stamps(build / "versions" / "A1")
    for fault in ("malformed", "missing", "not of this year"):
        if fault == "malformed":
            write(path, "{")
        elif fault == "missing":
            path.unlink()
        else:
            replace_in(home / "roster.csv", "A1局,A1,government,,,,", "A1局,A1,government,,,,year: 1949")
        result = ran(home)
        assert result.failed
        assert result.results[0].folder is None
        assert made(result) == []
        assert not (build / "A1").is_symlink()
        assert 'href="A1/' not in (build / PAGE).read_text(encoding="utf-8")
        assert 'href="A2/' in (build / PAGE).read_text(encoding="utf-8")
        assert stamps(build / "versions" / "A1") == stamp
        write(path, was)
    replace_in(home / "roster.csv", "year: 1949", "")
    assert made(ran(home)) == []
    assert 'href="A1/' in (build / PAGE).read_text(encoding="utf-8")
    assert stamps(build / "versions" / "A1") == stamp


def test_what_could_not_be_read_is_not_read_again_unless_it_is_asked_for(home: Path, engine: Lasting) -> None:
    write(home / "in" / "2024" / "A1.json", "{")
    message = ran(home).results[0].message
    runs = engine.runs
    result = ran(home)
    assert (outcomes(result)["A1"], result.results[0].message, engine.runs) == ("errored", message, runs)
    result = run(home / RUN_FILE, selection=Selection(only_failed=True))
    assert (outcomes(result), engine.runs) == ({"A1": "errored"}, runs + 1)


def test_agencies_that_have_left_the_roster_lose_their_place_whatever_the_ledger_knows(home: Path) -> None:
    build = home / BUILD
    roster = (home / "roster.csv").read_text(encoding="utf-8")
    replace_in(home / "roster.csv", "A3局,A3,township,,,,,", "")
    (build / "elsewhere").symlink_to(home / "in", target_is_directory=True)
    (build / FILE).unlink()
    ran(home)
    assert sorted(each.name for each in build.iterdir() if each.is_symlink()) == ["A1", "A2", "elsewhere"]
    assert "A3" not in (build / PAGE).read_text(encoding="utf-8")
    assert sorted(read_ledger(build)[1]) == ["A1", "A2"]
    write(home / "roster.csv", roster)
    assert made(ran(home)) == []
    assert (build / "A3" / "report.html").is_file()


def flipped(folder: Path) -> None:
    content = (folder / "report.html").read_bytes()
    (folder / "report.html").write_bytes(content[:-1] + b"X")


@pytest.mark.parametrize(
    "damage",
    [
        shutil.rmtree,
        flipped,
        lambda folder: (folder / "report.html").unlink(),
        lambda folder: os.truncate(folder / "report.html", 9),
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{}", encoding="utf-8"),
    ],
)
def test_a_version_that_is_damaged_is_made_again_and_only_that(damage: Callable[[Path], None], home: Path) -> None:
    build = home / BUILD
    before, others = hashes(build), stamps(build / "versions" / "A1")
    damage((build / "A2").resolve())
    run(home / RUN_FILE, selection=Selection(agencies=["A1"]))
    assert "A2/report.html" not in (build / PAGE).read_text(encoding="utf-8")
    assert made(ran(home)) == ["A2"]
    assert hashes(build) == before
    assert stamps(build / "versions" / "A1") == others
    assert "A2/report.html" in (build / PAGE).read_text(encoding="utf-8")


def test_what_killed_processes_have_left_among_the_versions_is_cleared(home: Path) -> None:
    folder = home / BUILD / "versions" / "A1"
    key = versions.current(home / BUILD, "A1")
    for name in (f".{key}", ".0123456789abcdef0123"):
        (folder / name).mkdir()
        (folder / name / "report.html").write_text("<", encoding="utf-8")
    (folder / "old").mkdir()
    (folder / ".old").mkdir()
    (folder / ".old" / "report.html").touch()
    assert made(ran(home)) == []
    assert [each.name for each in folder.iterdir()] == [key]


def test_no_agency_takes_the_place_of_what_else_lies_in_the_build_folder(home: Path) -> None:
    odd = ["versions", "index.html", "ledger.sqlite", "Ledger.sqlite-wal", "manifest.json"]
    with (home / "roster.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"\n{code}局,{code},other,,,,,in/2024/A1.json" for code in odd)
    for _ in range(2):
        result = ran(home)
        assert outcomes(result) == dict.fromkeys(ALL, "succeeded") | dict.fromkeys(odd, "errored") | {
            "manifest.json": "succeeded"
        }
        assert all("占用" in each.message for each in result.results if each.folder is None)
        assert (home / BUILD / PAGE).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
        assert result.ledger_kept
        assert len(read_ledger(home / BUILD)[1]) == 8


def test_a_run_file_that_has_changed_its_year_is_another_run(home: Path) -> None:
    told = yaml.safe_load((home / RUN_FILE).read_text(encoding="utf-8"))
    assert told["year"] == 2024
    for code in ALL:
        write(home / "in" / "2025" / f"{code}.json", filing(3, 2025))
    edit(home / RUN_FILE, year=2025)
    assert made(ran(home)) == ALL
