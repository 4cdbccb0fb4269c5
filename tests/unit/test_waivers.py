"""Waivers: proposed by one person, confirmed by another, void by themselves; nothing is waived that nobody knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gongkai import report, waivers
from gongkai.catalogues import LANGUAGES, speaking
from gongkai.consistency import check
from gongkai.decisions import About, append, read_log
from gongkai.errors import InputError, UsageError
from gongkai.filing import Doubt, Filing
from gongkai.finding import Finding, blocks_release, kinds_of
from gongkai.report import FINDINGS_MIME, Checked
from gongkai.waivers import Waiver, confirm, judged, propose, standing, waived, withdraw
from gongkai.workspace import standing_in, write_text
from tests.helpers import balanced_filing, changed, plus_one, without_regulations
from tests.notebooks import report_of, to_docx, to_html, to_pdf

REASON = "原水务局并入，上年结转归口调整"


@pytest.fixture(scope="module")
def filing() -> Filing:
    """Of one fault: a total of lawsuits that is one too many."""
    return replace(
        plus_one(without_regulations(balanced_filing(1)), "disputes.direct_suit.total"), agency_code="990122004"
    )


@pytest.fixture(scope="module")
def finding(filing: Filing) -> Finding:
    (found,) = check([filing]).all
    return found


def proposed(workspace: Path, finding: Finding) -> Waiver:
    return propose(workspace, finding, kind="reform", reason=REASON, by="张三")


def confirmed(workspace: Path, finding: Finding) -> Waiver:
    proposed(workspace, finding)
    return confirm(workspace, finding.fingerprint, by="李四")


def blocked(workspace: Path, filing: Filing, finding: Finding) -> bool:
    return blocks_release(filing, [finding], waived(waivers.waivers(workspace)))


def test_a_proposal_holds_the_finding_the_reason_who_and_when_and_changes_nothing(
    tmp_path: Path, filing: Filing, finding: Finding
) -> None:
    made = proposed(tmp_path, finding)
    assert waivers.waivers(tmp_path) == (made,)
    assert (made.rule, made.cells, made.message) == ("T4-SUM", finding.cells, finding.message)
    assert (made.agency, made.agency_code, made.year) == (filing.agency, "990122004", 2024)
    assert (made.kind, made.reason, made.by, made.state) == ("reform", REASON, "张三", "proposed")
    assert made.at == read_log(tmp_path)[0].at
    assert blocked(tmp_path, filing, finding)


def test_a_confirmed_one_blocks_no_longer_and_a_withdrawn_one_blocks_again(
    tmp_path: Path, filing: Filing, finding: Finding
) -> None:
    made = confirmed(tmp_path, finding)
    assert (made.state, made.by, made.decided_by, made.note) == ("confirmed", "张三", "李四", None)
    assert not blocked(tmp_path, filing, finding)
    back = withdraw(tmp_path, finding.fingerprint, by="王五", note="核实后有误")
    assert waivers.waivers(tmp_path) == (back,)
    assert (back.state, back.decided_by, back.note, back.reason) == ("withdrawn", "王五", "核实后有误", REASON)
    assert blocked(tmp_path, filing, finding)
    assert standing(waivers.waivers(tmp_path)) == {}
    again = confirmed(tmp_path, finding)
    assert [each.state for each in waivers.waivers(tmp_path)] == ["withdrawn", "confirmed"]
    assert standing(waivers.waivers(tmp_path)) == {finding.fingerprint: again}
    assert len(read_log(tmp_path)) == 5


@pytest.mark.parametrize("name", ["张三", "张\u3000三", " 张三\n"])
def test_nobody_confirms_what_he_has_proposed(name: str, tmp_path: Path, filing: Filing, finding: Finding) -> None:
    proposed(tmp_path, finding)
    with pytest.raises(UsageError) as refused:
        confirm(tmp_path, finding.fingerprint, by=name)
    assert refused.value.key == "own_waiver"
    assert blocked(tmp_path, filing, finding)


def test_names_are_the_same_however_they_are_typed(tmp_path: Path, finding: Finding) -> None:
    propose(tmp_path, finding, kind="other", reason=REASON, by="Ｗang Li")
    with pytest.raises(UsageError):
        confirm(tmp_path, finding.fingerprint, by="wang  li")


def test_what_is_there_already_or_not_at_all_is_refused(tmp_path: Path, finding: Finding) -> None:
    with pytest.raises(UsageError) as unknown:
        confirm(tmp_path, finding.fingerprint, by="李四")
    with pytest.raises(UsageError) as nothing:
        withdraw(tmp_path, finding.fingerprint, by="李四", note="误")
    assert (unknown.value.key, nothing.value.key) == ("not_waived", "not_waived")
    proposed(tmp_path, finding)
    with pytest.raises(UsageError) as twice:
        proposed(tmp_path, finding)
    assert twice.value.key == "waived_already"
    assert REASON in str(twice.value)
    confirm(tmp_path, finding.fingerprint, by="李四")
    with pytest.raises(UsageError) as again:
        confirm(tmp_path, finding.fingerprint, by="王五")
    assert again.value.key == "confirmed_already"
    assert len(read_log(tmp_path)) == 2


@pytest.mark.parametrize("reason", ["", " \n", "——", "\x1b[2J清屏", "\udcff理由"])
def test_a_reason_is_in_words(reason: str, tmp_path: Path, finding: Finding) -> None:
    with pytest.raises(UsageError) as refused:
        propose(tmp_path, finding, kind="other", reason=reason, by="张三")
    assert refused.value.key == "no_reason"
    assert read_log(tmp_path) == ()


@pytest.mark.parametrize(("reason", "by"), [("因\U0001f600", "张三"), (REASON, "\U0001f600")])
def test_what_no_font_of_a_report_has_stands_in_no_waiver(
    reason: str, by: str, tmp_path: Path, finding: Finding
) -> None:
    with pytest.raises(UsageError) as refused:
        propose(tmp_path, finding, kind="other", reason=reason, by=by)
    assert refused.value.key == "missing_glyph"
    assert read_log(tmp_path) == ()


def test_what_cannot_be_assessed_is_never_waived(tmp_path: Path) -> None:
    blank = changed(without_regulations(balanced_filing(1)), {"disputes.direct_suit.total": None})
    unknown = next(each for each in check([blank]).all if each.verdict == "not_assessable")
    with pytest.raises(UsageError) as refused:
        proposed(tmp_path, unknown)
    assert refused.value.key == "waive_not_assessable"
    assert blocks_release(blank, [unknown], {unknown.fingerprint})
    assert kinds_of(blank, [unknown], {unknown.fingerprint}) == {"not_assessable": 1}


def test_a_doubt_blocks_whatever_is_waived(filing: Filing, finding: Finding) -> None:
    doubted = replace(filing, doubts=(Doubt(code="PRS-YEAR", read="2024"),))
    assert blocks_release(doubted, [finding], {finding.fingerprint})
    assert kinds_of(doubted, [finding], {finding.fingerprint}) == {"waived": 1, "doubt": 1}


def test_a_waiver_is_void_as_soon_as_the_figures_change(tmp_path: Path, filing: Filing, finding: Finding) -> None:
    confirmed(tmp_path, finding)
    given = waivers.waivers(tmp_path)
    assert [each.state for each in judged(given, filing, [finding])] == ["confirmed"]
    other = plus_one(filing, "disputes.direct_suit.total")
    (now,) = check([other]).all
    assert [each.state for each in judged(given, other, [now])] == ["void"]
    assert waived(judged(given, other, [now])) == frozenset()
    assert blocks_release(other, [now], waived(given))
    assert [each.state for each in judged(given, balanced_filing(1), [])] == [], "another agency's, by its code"
    assert [each.state for each in judged(given, filing, [], ["T4-SUM"])] == ["confirmed"], "the rule was not run"
    assert [each.state for each in judged(given, replace(filing, year=2023), [])] == []


FORGED: dict[str, list[tuple[str, str, dict[str, object]]]] = {
    "of nothing": [("waiver.confirmed", "李四", {"proposal": 1})],
    "without a number": [("waiver.confirmed", "李四", {"proposal": ["x"]})],
    "by whoever proposed": [("waiver.proposed", "张三", {}), ("waiver.confirmed", "张三", {"proposal": 1})],
    "of what is withdrawn": [
        ("waiver.proposed", "张三", {}),
        ("waiver.withdrawn", "张三", {"proposal": 1}),
        ("waiver.confirmed", "李四", {"proposal": 1}),
    ],
    "of no known kind": [("waiver.proposed", "张三", {"kind": "as I like"})],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_decision_that_could_not_be_made_here_is_refused_by_its_line(
    name: str, tmp_path: Path, finding: Finding
) -> None:
    proposal = {"fingerprint": "0" * 16, "rule": "T4-SUM", "cells": [], "message": "", "kind": "other", "reason": "因"}
    for kind, by, content in FORGED[name]:
        append(tmp_path, kind, About(None, "1", 2024), (proposal if kind == "waiver.proposed" else {}) | content, by=by)
    with pytest.raises(InputError) as refused:
        waivers.waivers(tmp_path)
    assert (refused.value.key, refused.value.place) == ("log_waiver", len(FORGED[name]))


def test_a_proposal_that_says_that_it_is_confirmed_is_only_proposed(tmp_path: Path, finding: Finding) -> None:
    content = {"fingerprint": "0" * 16, "rule": "T4-SUM", "cells": [], "message": "", "kind": "other", "reason": "因"}
    append(tmp_path, "waiver.proposed", About(None, "1", 2024), content | {"state": "confirmed"}, by="张三")
    assert [each.state for each in waivers.waivers(tmp_path)] == ["proposed"]


def test_decisions_of_other_kinds_are_passed_by(tmp_path: Path, finding: Finding) -> None:
    made = confirmed(tmp_path, finding)
    append(tmp_path, "passed", About(None, "1", 2024), {"level": 1, "files": {"report.html": "00"}}, by="李四")
    assert waivers.waivers(tmp_path) == (made,)


def test_waivers_come_back_from_their_json_and_nothing_else_does(tmp_path: Path, finding: Finding) -> None:
    made = (confirmed(tmp_path, finding),)
    assert waivers.from_json(waivers.to_json(made)) == made
    for text in ("{}", '[{"number": 1}]', waivers.to_json(made).replace('"reform"', '"else"')):
        with pytest.raises(InputError):
            waivers.from_json(text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_appendix_shows_a_finding_with_its_waiver_and_what_is_void(
    lang: str, tmp_path: Path, filing: Filing, finding: Finding
) -> None:
    with speaking(lang):
        plain = report.appendix(Checked(filing, (finding,)))
        open_one = Checked(filing, (finding,), judged([proposed(tmp_path, finding)], filing, [finding]))
        assert REASON in str(report.appendix(open_one))
        assert [each["kind"] for each in report.appendix(open_one).data[FINDINGS_MIME]] == ["error"]
        assert str(open_one.summary) == str(Checked(filing, (finding,)).summary)
        closed = (confirm(tmp_path, finding.fingerprint, by="李四"),)
        shown = report.appendix(Checked(filing, (finding,), closed))
        (entry,) = shown.data[FINDINGS_MIME]
        assert (entry["kind"], entry["rule"]) == ("waived", "T4-SUM")
        assert all(word in entry["message"] for word in (finding.message, REASON, "张三", "李四"))
        assert "李四" in shown.html
        assert str(Checked(filing, (finding,), closed).summary) != str(open_one.summary)
        void = report.appendix(Checked(filing, (), judged(closed, filing, [])))
        assert REASON in str(void)
        assert REASON in void.html
        assert void.data[FINDINGS_MIME] == []
        assert report.appendix(Checked(filing, (finding,), ())) == plain


def test_a_draft_marks_what_is_waived_in_each_format_and_a_final_report_shows_nothing_of_it(
    tmp_path: Path, filing: Filing, finding: Finding
) -> None:
    executed = report_of(filing, checked=Checked(filing, (finding,), (confirmed(tmp_path, finding),)))
    html = to_html(executed, draft=True)
    assert 'class="marked waived"' in html
    assert REASON in html
    assert to_docx(executed, draft=True)
    assert to_pdf(executed, draft=True)
    assert REASON not in to_html(executed)


def test_a_notebook_takes_the_waivers_beside_its_findings_else_those_of_the_log(
    tmp_path: Path, filing: Filing, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gongkai.finding import findings_to_json

    made = confirmed(tmp_path, finding)
    (tmp_path / "gongkai.toml").touch()
    (tmp_path / "made").mkdir()
    monkeypatch.chdir(tmp_path / "made")
    with standing_in(tmp_path):
        assert report.check(filing).waivers == (made,)
        write_text(tmp_path / "made" / "findings.json", findings_to_json([finding]))
        assert report.check(filing, findings="./findings.json").waivers == ()
        write_text(tmp_path / "made" / "waivers.json", waivers.to_json([made]))
        assert report.check(filing, findings="./findings.json").waivers == (made,)
        assert report.check(plus_one(filing, "disputes.direct_suit.total")).waivers == (replace(made, state="void"),)
