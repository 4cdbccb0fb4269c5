"""What the pages show: who is late, which lines a filter leaves, what differs, where a number stood."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.errors import GongkaiError
from gongkai.filing import Source, Text
from gongkai.review.bundle import MARK, export
from gongkai.review.correcting import FOLDER, correct
from gongkai.review.desk import Desk
from gongkai.review.evidence import sha256
from gongkai.review.pages import comparing, sources
from gongkai.review.policy import Policy
from gongkai.review.rows import Filter, Row, lateness
from gongkai.review.sending import marked
from gongkai.roster import Agency
from tests.helpers import balanced_filing, plus_one
from tests.review.places import BUILD

WRONG = "990122004"


@pytest.mark.parametrize(
    ("level", "received", "outcome", "today", "late"),
    [
        ("department", date(2025, 1, 31), "succeeded", date(2025, 6, 1), ""),
        ("department", date(2025, 2, 1), "succeeded", date(2025, 6, 1), "late"),
        ("government", date(2025, 2, 1), "succeeded", date(2025, 6, 1), ""),
        ("government", date(2025, 4, 1), "withheld", date(2025, 6, 1), "late"),
        ("township", None, "succeeded", date(2025, 6, 1), "unknown"),
        ("township", None, "missing", date(2025, 1, 31), ""),
        ("township", None, "missing", date(2025, 2, 1), "late"),
        ("government", None, "missing", date(2025, 2, 1), ""),
    ],
)
def test_late_is_who_has_not_filed_by_the_deadline_of_his_level_and_unknown_is_unknown(
    level: str, received: date | None, outcome: str, today: date, late: str
) -> None:
    agency = Agency(agency="甲局", code="A1", level=level, received_at=received)
    assert lateness(agency, 2024, outcome, Policy(), today) == late


def test_an_office_may_have_an_earlier_deadline() -> None:
    agency = Agency(agency="甲局", code="A1", level="department", received_at=date(2025, 1, 27))
    policy = Policy(deadlines={"department": "01-26"})
    assert lateness(agency, 2024, "succeeded", policy, date(2025, 6, 1)) == "late"


def codes(rows: list[Row]) -> list[str]:
    return [each.agency.code for each in rows]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["990122", "990122001", "990122004", "990122102"]),
        ({"county": "990122"}, ["990122", "990122001", "990122004", "990122102"]),
        ({"level": "township"}, ["990122102"]),
        ({"status": "blocked"}, ["990122004", "990122102"]),
        ({"status": "waiting-first"}, ["990122", "990122001"]),
        ({"status": "waiting-second"}, []),
        ({"status": "unknown"}, ["990122", "990122001", "990122004", "990122102"]),
        ({"severity": "not_assessable"}, ["990122102"]),
        ({"rule": "NT-NEW"}, ["990122004"]),
        ({"words": "白栎"}, ["990122102"]),
        ({"words": "商业企业 财政局"}, ["990122004"]),
        ({"words": "T3-identity", "level": "department"}, ["990122004"]),
        ({"sort": "findings"}, ["990122102", "990122004", "990122", "990122001"]),
        ({"sort": "agency"}, ["990122", "990122001", "990122102", "990122004"]),
    ],
)
def test_a_filter_leaves_the_lines_for_which_all_of_it_holds(
    build: Path, wanted: dict[str, str], found: list[str]
) -> None:
    rows = Desk(build).rows()
    left = codes(Filter(**wanted).of(rows))
    assert sorted(left) == sorted(found)
    if "sort" in wanted and wanted["sort"] == "findings":
        assert left == found


def test_lines_are_looked_at_anew_when_something_has_changed(home: Path, build: Path) -> None:
    desk = Desk(build)
    before = {each.agency.code: each for each in desk.rows()}
    desk.refresh()
    assert all(each is before[each.agency.code] for each in desk.rows())
    workbook = home / "examples" / "qingshan" / "2024" / "990122001.xlsx"
    workbook.write_bytes(workbook.read_bytes() + b" ")
    (home / "examples" / "qingshan" / "2023" / "990122102.xlsx").unlink()
    roster = home / "params" / "qingshan-roster.csv"
    with roster.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with roster.open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, [*rows[0], "received_at"])
        written.writeheader()
        written.writerows({**row, "received_at": "2025-02-03"} for row in rows)
    desk.refresh()
    after = {each.agency.code: each for each in desk.rows()}
    assert (after["990122001"].status, after["990122004"].status) == ("stale", "blocked")
    assert before["990122102"].status == "blocked" and after["990122102"].status == "stale"
    assert {code: each.late for code, each in after.items()} == {
        "990122": "",
        "990122001": "late",
        "990122004": "late",
        "990122102": "late",
    }


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_two_texts_put_together_are_both_of_them(before: str, now: str) -> None:
    pieces = list(comparing.pieces(before, now))
    assert "".join(each.text for each in pieces if each.kind != "added") == before
    assert "".join(each.text for each in pieces if each.kind != "gone") == now


def test_what_differs_between_two_versions_is_told_cell_by_cell_and_word_by_word() -> None:
    before = replace(balanced_filing(1), texts={"issues": (Text("受理17件，全部办结。"),)})
    now = replace(plus_one(before, "requests.received.total"), texts={"issues": (Text("受理18件，全部办结。"),)})
    cell, text = comparing.differences(before, now)
    total = before.number("requests.received.total")
    assert isinstance(total, int) and (cell.before, cell.now) == (str(total), str(total + 1))
    assert [(each.kind, each.text) for each in text.pieces] == [
        ("same", "受理"),
        ("gone", "17"),
        ("added", "18"),
        ("same", "件，全部办结。"),
    ]
    assert comparing.differences(now, now) == []


def test_each_number_is_shown_where_it_stood_and_a_blank_is_no_zero() -> None:
    filing = balanced_filing(1)
    places = {"requests.received.total": "J6", "requests.received.business": "E6", "disputes.direct_suit.total": "AA12"}
    cells = {
        address: replace(filing.cells[address], source=Source(file="a.xlsx", sheet="表", cell=cell))
        for address, cell in places.items()
    }
    read = replace(filing, cells={**filing.cells, **cells})
    (sheet,) = sources.sheets(read)
    assert (sheet.columns, [row for row, _ in sheet.rows]) == (("E", "J", "AA"), [6, 12])
    stood = {each.anchor for _, row in sheet.rows for each in row if each}
    assert stood == set(places)
    assert not stood & {each.anchor for each in sources.others(read)}


def workbook_of(code: str) -> Callable[[Path], bytes]:
    return lambda home: (home / "examples" / "qingshan" / "2024" / f"{code}.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.xlsx", lambda home: b"", "nothing_sent"),
        ("a.docx", workbook_of(WRONG), "other_kind"),
        ("a.xlsx", lambda home: b"PK\x03\x04 nothing", ""),
        ("a.xlsx", workbook_of("990122001"), "code_differs"),
        ("a.xlsx", workbook_of(WRONG), "same_file"),
        (
            "a.xlsx",
            lambda home: (home / "examples" / "qingshan" / "2023" / f"{WRONG}.xlsx").read_bytes(),
            "year_differs",
        ),
    ],
)
def test_what_cannot_be_the_corrected_filing_is_refused_and_all_stays_as_it_was(
    home: Path, name: str, content: Callable[[Path], bytes], key: str
) -> None:
    desk = Desk(home / BUILD)
    agency = desk.agency(WRONG)
    assert agency
    folder = home / "examples" / "qingshan" / "2024"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    log = (home / "decisions.jsonl").read_bytes()
    with pytest.raises(GongkaiError) as error:
        correct(desk, agency, desk.case(agency).seen, name, content(home), by="李初")
    assert not key or error.value.key == key
    assert str(error.value)
    kept = folder / FOLDER
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path != kept} == before
    assert (home / "decisions.jsonl").read_bytes() == log


def test_a_corrected_filing_takes_its_place_and_what_it_replaces_is_kept(home: Path) -> None:
    desk = Desk(home / BUILD)
    agency = desk.agency(WRONG)
    assert agency
    target = home / "examples" / "qingshan" / "2024" / f"{WRONG}.xlsx"
    before = target.read_bytes()
    _, annotated = marked(desk, desk.case(agency))
    decision = correct(desk, agency, desk.case(agency).seen, "改过的.XLSX", annotated, by="钱经办")
    assert target.read_bytes() == annotated
    (kept,) = (target.parent / FOLDER).iterdir()
    assert kept.read_bytes() == before
    assert (decision.content["before"], decision.content["after"]) == (sha256(kept), sha256(target))
    assert Desk(home / BUILD).case(agency).stale == ("input",)


def test_an_export_replaces_an_export_and_nothing_else(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    count = export(home / BUILD, target)
    assert count > 30
    (target / "left.html").write_text("of before")
    assert export(home / BUILD, target) == count
    assert not (target / "left.html").exists()
    (target / MARK).unlink()
    with pytest.raises(GongkaiError) as error:
        export(home / BUILD, target)
    assert error.value.key == "bundle_not_empty"
    assert (target / "index.html").exists()


def test_a_build_folder_that_was_never_run_and_one_without_its_run_file_are_refused(home: Path, tmp_path: Path) -> None:
    for build, key in ((tmp_path, "no_run"), (home / BUILD, "no_run_file")):
        (home / "params" / "demo.yaml").unlink(missing_ok=True)
        with pytest.raises(GongkaiError) as error:
            Desk(build)
        assert error.value.key == key
