"""Decisions: who may pass what, what each is bound to, and what voids it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gongkai import versions
from gongkai.batch import run
from gongkai.decisions import HEAD, LOG, read_log
from gongkai.errors import GongkaiError, InputError
from gongkai.review import deciding
from gongkai.review.desk import Desk
from gongkai.review.people import FILE, add, identified, read_people, remove
from gongkai.review.release import verdicts
from tests.review.places import BUILD

CLEAN, WRONG, DOUBTFUL = "990122001", "990122004", "990122102"
THREE = ("李初", "王复", "赵终")


def passed(build: Path, code: str, *people: str) -> None:
    desk = Desk(build)
    agency = desk.agency(code)
    assert agency
    for by in people:
        deciding.pass_report(desk, agency, desk.case(agency).seen, by=by)


def reasons(build: Path, code: str) -> list[str]:
    return [each.key for each in next(verdicts(Desk(build), [code])).reasons]


def refused(build: Path, code: str, by: str, seen: str = "") -> str:
    desk = Desk(build)
    agency = desk.agency(code)
    assert agency
    with pytest.raises(GongkaiError) as error:
        deciding.pass_report(desk, agency, seen or desk.case(agency).seen, by=by)
    return error.value.key


def test_three_people_pass_a_clean_report_and_it_may_be_published(build: Path) -> None:
    assert reasons(build, CLEAN) == ["not_passed"]
    passed(build, CLEAN, *THREE)
    (verdict,) = verdicts(Desk(build), [CLEAN])
    assert verdict.may and [by for _, by, _ in verdict.passes] == list(THREE)
    manifest = versions.manifest(build / CLEAN)
    assert manifest
    assert dict(verdict.files) == {name: manifest["files"][name]["sha256"] for name in ("report.docx", "report.html")}


def test_each_decision_is_bound_to_everything_that_it_was_made_on(build: Path) -> None:
    passed(build, CLEAN, "李初")
    bound = read_log(build.parents[1])[-1].content["evidence"]
    assert set(bound) == {
        *("filing.json", "previous.json", "findings.json", "report.ipynb", "report.html", "report.docx"),
        *("input", "previous", "notebook", "rules"),
    }


@pytest.mark.parametrize(
    ("by", "why"),
    [("李初", "passed_by_same"), ("赵终", "may_not_pass"), ("钱经办", "may_not_pass"), ("孙查阅", "may_not_pass")],
)
def test_only_who_reviews_at_a_level_passes_it_and_nobody_twice(build: Path, by: str, why: str) -> None:
    if by == "李初":
        (build.parents[1] / "gongkai.toml").write_text('[review.roles]\nfirst = ["pass-first", "pass-second"]\n')
    passed(build, CLEAN, "李初")
    assert refused(build, CLEAN, by) == why


def test_one_person_under_two_ways_to_write_his_name_is_one(build: Path) -> None:
    home = build.parents[1]
    with pytest.raises(GongkaiError) as error:
        add(home, "李 初", ["second"], secret="another-secret", by="tester")
    assert error.value.key == "reviewer_there"


def test_the_last_pass_is_refused_while_an_error_stands(build: Path) -> None:
    passed(build, WRONG, "李初", "王复")
    assert refused(build, WRONG, "赵终") == "blocked"
    assert reasons(build, WRONG) == ["error", "not_passed"]


def test_what_somebody_has_not_seen_he_does_not_decide_on(build: Path) -> None:
    desk = Desk(build)
    agency = desk.agency(CLEAN)
    assert agency
    seen = desk.case(agency).seen
    deciding.comment(desk, agency, "请看第二段", by="王复")
    assert refused(build, CLEAN, "李初", seen) == "changed_since"
    passed(build, CLEAN, "李初")


def test_who_says_the_same_twice_has_sent_a_form_twice(build: Path) -> None:
    desk = Desk(build)
    agency = desk.agency(CLEAN)
    assert agency
    deciding.comment(desk, agency, "请看第二段", by="王复")
    deciding.comment(desk, agency, "请看第二段", by="李初")
    with pytest.raises(deciding.RefusedError) as error:
        deciding.comment(desk, agency, " 请看第二段 ", by="王复")
    assert error.value.key == "said_already"
    deciding.undo(desk, agency, desk.case(agency).standing.told[0].decision.number, "再说一遍", by="王复")
    deciding.comment(desk, agency, "请看第二段", by="王复")


def test_a_return_ends_the_passes_and_stands_until_there_is_another_version(build: Path) -> None:
    passed(build, WRONG, "李初")
    desk = Desk(build)
    agency = desk.agency(WRONG)
    assert agency
    deciding.give_back(desk, agency, desk.case(agency).seen, "商业企业一列不平。\n请更正。", by="王复")
    case = Desk(build).case(agency)
    assert case.standing.returned and not case.standing.passes
    assert refused(build, WRONG, "李初") == "returned_already"
    assert reasons(build, WRONG) == ["error", "returned"]
    assert (build / "versions" / WRONG / f"{case.report.version if case.report else ''}.kept").exists()


def test_an_undone_decision_counts_no_more_and_stays_to_be_seen(build: Path) -> None:
    passed(build, CLEAN, "李初", "王复")
    desk = Desk(build)
    agency = desk.agency(CLEAN)
    assert agency
    first, second = (each.decision.number for each in desk.case(agency).standing.passes)
    for number, by, why in (
        (first, "李初", "passed_on"),
        (second, "李初", "not_own_decision"),
        (99, "李初", "not_undone"),
    ):
        with pytest.raises(deciding.RefusedError) as error:
            deciding.undo(desk, agency, number, "看错了", by=by)
        assert error.value.key == why
    deciding.undo(desk, agency, second, "看错了", by="王复")
    states = [each.state for each in Desk(build).case(agency).standing.told]
    assert states == ["stands", "undone", "said"]


def test_a_doubt_is_settled_for_this_filing_only(build: Path) -> None:
    filing = build / DOUBTFUL / "filing.json"
    data = json.loads(filing.read_text(encoding="utf-8"))
    doubt: dict[str, object] = {
        "code": "PRS-YEAR",
        "cells": [],
        "text": None,
        "read": "2023",
        "alternatives": [],
        "source": None,
    }
    reseal(build, DOUBTFUL, filing.name, json.dumps({**data, "doubts": [doubt]}, ensure_ascii=False))
    desk = Desk(build)
    agency = desk.agency(DOUBTFUL)
    assert agency
    case = desk.case(agency)
    (open_doubt,) = case.open_doubts
    assert "doubt" in [each.key for each in case.blocks()]
    from gongkai.review.standing import mark

    deciding.resolve(desk, agency, case.seen, mark(open_doubt), "原件写的就是这一年", by="李初")
    assert not Desk(build).case(agency).open_doubts
    reseal(build, DOUBTFUL, filing.name, json.dumps({**data, "doubts": [doubt], "revision": 2}, ensure_ascii=False))
    assert Desk(build).case(agency).open_doubts


def reseal(build: Path, code: str, name: str, text: str) -> None:
    """Let a version hold another file, and its manifest say so: as if it had been made so."""
    folder = (build / code).resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / name).write_text(text, encoding="utf-8")
    from gongkai.review.evidence import sha256

    manifest["files"][name] = {"sha256": sha256(folder / name), "size": (folder / name).stat().st_size}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def flip(path: Path) -> None:
    """Change one byte of a file, and neither its size nor its time."""
    import os

    status = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "name",
    ["filing.json", "previous.json", "findings.json", "report.ipynb", "report.html", "report.docx", "manifest.json"],
)
def test_one_byte_of_a_version_forbids_its_release(build: Path, name: str) -> None:
    passed(build, CLEAN, *THREE)
    flip(build / CLEAN / name)
    assert set(reasons(build, CLEAN)) & {"damaged", "no_report", "void", "stale"}
    assert refused(build, CLEAN, "李初") in ("blocked", "may_not_pass", "passed_already")


def own_notebook(home: Path) -> None:
    from tests.helpers import ROOT

    (home / "notebooks").mkdir()
    text = (ROOT / "notebooks" / "annual_report.ipynb").read_text(encoding="utf-8")
    (home / "notebooks" / "annual_report.ipynb").write_text(
        text.replace('"from gongkai', '"# ours\\n", "from gongkai', 1)
    )


def own_rules(home: Path) -> None:
    rule = "- adjust: QLT-CITE\n  off: true\n  reason: 本县不用\n"
    (home / "expectations" / "local").mkdir(parents=True)
    (home / "expectations" / "local" / "ours.yaml").write_text(rule, encoding="utf-8")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (lambda home: flip(home / "examples/qingshan/2024/990122001.xlsx"), "input"),
        (lambda home: flip(home / "examples/qingshan/2023/990122001.xlsx"), "previous"),
        (own_notebook, "notebook"),
        (own_rules, "rules"),
    ],
)
def test_what_a_report_was_made_of_must_not_have_changed(
    home: Path, build: Path, changed: Callable[[Path], None], what: str
) -> None:
    passed(build, CLEAN, *THREE)
    changed(home)
    assert Desk(build).case(Desk(build).agency(CLEAN)).stale == (what,)  # type: ignore[arg-type]
    assert reasons(build, CLEAN) == ["stale", "void"]
    assert {each.why for each in Desk(build).case(Desk(build).agency(CLEAN)).standing.void} == {(what,)}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [LOG, HEAD])
def test_one_byte_of_the_log_and_nothing_counts_as_passed(home: Path, build: Path, name: str) -> None:
    passed(build, CLEAN, *THREE)
    flip(home / name)
    desk = Desk(build)
    assert desk.log_fault
    with pytest.raises(InputError):
        list(verdicts(desk))
    assert not desk.case(desk.agency(CLEAN)).standing.passes  # type: ignore[arg-type]
    assert refused(build, CLEAN, "李初") in ("log_line", "log_order", "log_head", "log_cut")


def test_a_log_that_was_cut_is_found(home: Path, build: Path) -> None:
    passed(build, CLEAN, *THREE)
    lines = (home / LOG).read_bytes().splitlines(keepends=True)
    (home / LOG).write_bytes(b"".join(lines[:-1]))
    assert Desk(build).log_fault


@pytest.mark.usefixtures("engine")
def test_deleting_the_build_folder_loses_no_decision(home: Path, build: Path) -> None:
    import shutil

    passed(build, CLEAN, *THREE)
    shutil.rmtree(build)
    run(home / "params" / "demo.yaml")
    assert reasons(build, CLEAN) == []


def test_clean_reports_are_passed_together_or_not_at_all(build: Path) -> None:
    desk = Desk(build)
    seen = {code: desk.case(desk.agency(code)).seen for code in ("990122", CLEAN)}  # type: ignore[arg-type]
    for wrong, key in (({WRONG: desk.case(desk.agency(WRONG)).seen}, "blocked"), ({CLEAN: "other"}, "changed_since")):  # type: ignore[arg-type]
        with pytest.raises(deciding.RefusedError) as error:
            deciding.pass_together(desk, "first", {**seen, **wrong}, by="李初")
        assert error.value.key == key
        assert not Desk(build).case(desk.agency(CLEAN)).standing.passes  # type: ignore[arg-type]
    deciding.pass_together(desk, "first", seen, by="李初")
    assert [len(Desk(build).case(desk.agency(code)).standing.passes) for code in seen] == [1, 1]  # type: ignore[arg-type]
    passed(build, CLEAN, "王复", "赵终")
    assert reasons(build, CLEAN) == []


@pytest.mark.usefixtures("engine")
def test_a_waiver_that_is_confirmed_asks_for_the_report_to_be_made_anew_and_unblocks_it(
    home: Path, build: Path
) -> None:
    desk = Desk(build)
    agency = desk.agency(WRONG)
    assert agency
    for finding in desk.case(agency).own:
        if finding.blocks:
            deciding.waive(desk, agency, desk.case(agency).seen, finding.fingerprint, "scope", "口径一致", by="李初")
            with pytest.raises(GongkaiError) as error:
                deciding.confirm(desk, agency, Desk(build).case(agency).seen, finding.fingerprint, "", by="李初")
            assert error.value.key == "may_not"
            deciding.confirm(desk, agency, Desk(build).case(agency).seen, finding.fingerprint, "", by="王复")
            desk.refresh()
    assert reasons(build, WRONG) == ["stale", "not_passed"]
    run(home / "params" / "demo.yaml")
    passed(build, WRONG, *THREE)
    assert reasons(build, WRONG) == []


def test_a_report_that_was_not_compared_with_the_others_is_not_released(build: Path) -> None:
    passed(build, CLEAN, *THREE)
    (build / "across.json").unlink()
    assert reasons(build, CLEAN) == ["not_compared"]


def test_secrets_are_kept_as_hashes_and_names_are_told_apart(home: Path) -> None:
    assert identified(home, "李初", "secret-of-first")
    assert identified(home, "李　初 ", "secret-of-first")
    assert not identified(home, "李初", "secret-of-second")
    assert not identified(home, "无此人", "secret-of-first")
    text = (home / FILE).read_text(encoding="utf-8")
    assert "secret-of" not in text and "argon2" in text and (home / FILE).stat().st_mode & 0o077 == 0
    remove(home, "李初", by="tester")
    assert not identified(home, "李初", "secret-of-first")
    assert "李初" not in {each.name for each in read_people(home)}
    assert [each.kind for each in read_log(home)][-1] == "reviewer.removed"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[review", "not_toml"),
        ("[review]\nlevels = []", "bad_value"),
        ('[review]\nlevels = ["a", "a"]', "duplicate"),
        ("[review]\nfour_eyse = true", "unknown_key"),
        ('[review.roles]\nx = ["fly"]', "unknown_word"),
        ('[review.deadlines]\ndepartment = "02-30"', "month_and_day"),
        ('[review.deadlines]\nmoon = "02-01"', "unknown_word"),
    ],
)
def test_faults_of_the_settings_are_named(home: Path, text: str, key: str) -> None:
    (home / "gongkai.toml").write_text(text, encoding="utf-8")
    with pytest.raises(GongkaiError) as error:
        Desk(home / BUILD)
    assert error.value.key == key
    assert str(error.value)


def test_an_office_may_have_two_levels_of_its_own(home: Path, build: Path) -> None:
    (home / "gongkai.toml").write_text('[review]\nlevels = ["股长", "局长"]\n', encoding="utf-8")
    for name in ("股长", "局长"):
        add(home, f"{name}某", [name], secret="a-long-secret", by="tester")
    passed(build, CLEAN, "股长某", "局长某")
    assert reasons(build, CLEAN) == []
