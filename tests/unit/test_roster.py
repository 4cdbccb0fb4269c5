"""Rosters: CSV, workbooks and YAML that say the same are read alike, and faults are told by their line."""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from gongkai.errors import AuthoringError, GongkaiError, InputError
from gongkai.intake.escapes import encoded
from gongkai.roster import KEYS, Agency, load_roster
from tests.helpers import ROOT

HEAD = [*KEYS]
COUNTY = ["青杉县人民政府", "A0", "government", "", "", "", "", "", ""]
BUREAU = [
    "财政局",
    "0123",
    "department",
    "A0",
    "in/a.xlsx",
    "old/a.xlsx",
    "2025/1/20",
    "2025年1月31日",
    "{contact: 张三}",
]
READ = [
    Agency(agency="青杉县人民政府", code="A0", level="government"),
    Agency(
        agency="财政局",
        code="0123",
        level="department",
        parent="A0",
        input="in/a.xlsx",
        previous="old/a.xlsx",
        received_at=date(2025, 1, 20),
        published_at=date(2025, 1, 31),
        overrides={"contact": "张三"},
    ),
]


def as_csv(folder: Path, *rows: Sequence[str]) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    (folder / "roster.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder / "roster.csv"


def as_workbook(folder: Path, *rows: Sequence[Any], name: str = "roster.xlsx") -> Path:
    book = openpyxl.Workbook()
    assert book.active
    for row in rows:
        book.active.append([encoded(value) if isinstance(value, str) else value for value in row])  # as Excel does
    book.create_sheet("说明")["A1"] = "another sheet"
    book.save(folder / name)
    return folder / name


def as_yaml(folder: Path, text: str) -> Path:
    (folder / "roster.yaml").write_text(text, encoding="utf-8")
    return folder / "roster.yaml"


def agencies(path: Path) -> list[Agency]:
    return [agency for _, agency in load_roster(path)]


def refused(path: Path) -> str:
    with pytest.raises(GongkaiError) as raised:
        load_roster(path)
    return str(raised.value)


def test_the_roster_of_the_examples_can_be_read() -> None:
    found = agencies(ROOT / "params" / "qingshan-roster.csv")
    assert len(found) >= 8
    assert {each.parent for each in found} == {"", "990122"}


def test_csv_workbook_and_yaml_that_say_the_same_are_read_alike(tmp_path: Path) -> None:
    rows = [HEAD, COUNTY, [""] * 9, BUREAU]
    assert load_roster(as_csv(tmp_path, *rows)) == list(zip([2, 4], READ, strict=True))
    assert load_roster(as_workbook(tmp_path, *rows)) == list(zip([2, 4], READ, strict=True))
    text = (
        "# all of the county\n"
        "- {agency: 青杉县人民政府, code: A0, level: government, parent: , input: null, previous: ~}\n"
        "- agency: 财政局\n"
        "  code: 0123\n"
        "  level: department\n"
        "  parent: A0\n"
        "  input: in/a.xlsx\n"
        "  previous: old/a.xlsx\n"
        "  received_at: 2025-01-20\n"
        "  published_at: 2025年1月31日\n"
        "  overrides:\n"
        "    contact: 张三\n"
    )
    assert load_roster(as_yaml(tmp_path, text)) == list(zip([2, 3], READ, strict=True))
    assert pickle.loads(pickle.dumps(READ)) == READ


def test_what_a_file_is_its_content_says_not_its_name(tmp_path: Path) -> None:
    assert agencies(as_workbook(tmp_path, HEAD, COUNTY, name="roster.csv")) == READ[:1]
    text = "agency,code,level\n青杉县人民政府,A0,government\n"
    (tmp_path / "roster.txt").write_bytes(text.encode("gb18030"))
    assert agencies(tmp_path / "roster.txt") == READ[:1]


def test_heads_may_be_chinese(tmp_path: Path) -> None:
    heads = [
        "单位名称",
        " 统一社会信用 代码",
        "类别",
        "上级代码",
        "填报文件",
        "上年报告",
        "收到日期",
        "发布日期",
        "参数",
    ]
    assert agencies(as_csv(tmp_path, heads, COUNTY, BUREAU)) == READ
    assert agencies(as_workbook(tmp_path, heads, COUNTY, BUREAU)) == READ
    assert agencies(as_yaml(tmp_path, "- {机关: 青杉县人民政府, 代码: A0, level: government}")) == READ[:1]


def test_a_workbook_keeps_numbers_dates_and_what_is_blank(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["agency", "code", "level", "parent", "received_at", "published_at", "overrides"],
        ["县", 990122, "government"],
        ["甲", 990122001.0, "department", 990122, datetime(2025, 1, 20), datetime(2025, 1, 31, 9, 30), "{year: 2024}"],
        ["乙", "007", "department", None, None, "２０２５年１月２日", '{"a": [1, 2.5, null]}'],
        [None, "  "],
    ]
    found = agencies(as_workbook(tmp_path, *rows))
    assert [each.code for each in found] == ["990122", "990122001", "007"]
    assert [each.parent for each in found] == ["", "990122", ""]
    assert [(each.received_at, each.published_at) for each in found] == [
        (None, None),
        (date(2025, 1, 20), date(2025, 1, 31)),
        (None, date(2025, 1, 2)),
    ]
    assert [each.overrides for each in found] == [{}, {"year": 2024}, {"a": [1, 2.5, None]}]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2025-01-20", date(2025, 1, 20)),
        ("2025/1/20", date(2025, 1, 20)),
        ("2025.1.20", date(2025, 1, 20)),
        ("2025年1月20日", date(2025, 1, 20)),
        ("2025 年 1 月 20 日", date(2025, 1, 20)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2025-01-20 09:30:00", date(2025, 1, 20)),
        ("", None),
    ],
)
def test_a_date_is_read_however_it_is_written(text: str, read: date | None, tmp_path: Path) -> None:
    path = as_csv(tmp_path, ["agency", "code", "level", "received_at"], ["甲", "A1", "department", text])
    assert agencies(path)[0].received_at == read


@pytest.mark.parametrize("text", ["soon", "2025", "2025-13-01", "2025年2月30日", "45677", "0000-01-01", "20/1/2025"])
def test_what_is_no_date_is_refused_with_its_line_and_value(text: str, tmp_path: Path) -> None:
    heads, row = ["agency", "code", "level", "published_at"], ["甲", "A1", "department", text]
    for path in (as_csv(tmp_path, heads, row), as_workbook(tmp_path, heads, row)):
        message = refused(path)
        assert all(word in message for word in [path.name, "第 2 行", text, "2025-01-20"]), message
    message = refused(as_yaml(tmp_path, f"- agency: 甲\n  code: A1\n  level: department\n  published_at: {text}"))
    assert all(word in message for word in ["roster.yaml", "第 1 行", text]), message


@pytest.mark.parametrize(
    "text",
    [
        "张三",
        "[contact]",
        "5",
        "{contact: 张三",
        "{not a name: 1}",
        "{1: 2}",
        "{contact：张三}",
        "{x: .nan}",
        "{x: !!python/object:os.system y}",
        "{x: 1, x: 2}",
        "{x: 0x_}",
        "{a0: &a0 [1], " + ", ".join(f"a{each}: &a{each} [*a{each - 1}, *a{each - 1}]" for each in range(1, 40)) + "}",
        "{x: &x [*x]}",
        "[" * 30_000,
        "{x: " + "a" * 30_000 + "}",
    ],
)
def test_overrides_that_are_no_parameters_are_refused_with_their_line(text: str, tmp_path: Path) -> None:
    heads, row = ["agency", "code", "level", "overrides"], ["甲", "A1", "department", text]
    for path in (as_csv(tmp_path, heads, row), as_workbook(tmp_path, heads, row)):
        message = refused(path)
        assert all(word in message for word in [path.name, "第 2 行", text[:10], "{名称: 值}"]), message
        assert len(message) < 300


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        ("agency,code\n甲,A1\n", ["第 1 行", "level"]),
        ("agency,code,level,codes\n甲,A1,department,x\n", ["第 1 行", "codes", "code"]),
        ("agency,code,level,code\n甲,A1,department,A1\n", ["第 1 行", "code"]),
        ("agency,code,level\n", []),
        ("agency,code,level\n甲,A1\n", ["第 2 行", "2", "3"]),
        ("agency,code,level\n甲,,department\n", ["第 2 行", "code"]),
        ("agency,code,level\n甲,A1,department\n乙,A1,department\n", ["第 3 行", "A1"]),
        ("agency,code,level\n甲,../A1,department\n", ["第 2 行", "../A1"]),
        ("agency,code,level\n甲,A1,village\n", ["第 2 行", "village"]),
        ('agency,code,level\n"甲,A1,department\n', ["第 2 行"]),
    ],
)
def test_a_faulty_roster_is_refused_by_line(roster: str, words: list[str], tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    with pytest.raises(AuthoringError) as raised:
        load_roster(tmp_path / "roster.csv")
    assert all(word in str(raised.value) for word in ["roster.csv", *words]), str(raised.value)


def test_an_empty_roster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("", encoding="utf-8")
    with pytest.raises(GongkaiError, match=r"roster\.csv"):
        load_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("agency: 甲\ncode: A1\n", ["列表"]),
        ("- 甲\n", ["第 1 行", "甲"]),
        ("- {agency: 甲, code: A1}\n", ["第 1 行", "level"]),
        ("- {agency: 甲, code: A1, level: department}\n- {agency: 乙, cod: A2}\n", ["第 2 行", "cod", "code"]),
        ("- {agency: 甲, code: A1, code: A2}\n", ["1", "code"]),
        ("- {agency: 甲, code: A1, 代码: A2}\n", ["第 1 行", "代码"]),
        ("- {agency: [甲], code: A1, level: department}\n", ["第 1 行", "agency", "甲"]),
        ("- {agency: 甲, code: A1, level: department, overrides: [1]}\n", ["第 1 行", "[1]"]),
        ("- {agency: 甲, code: A1, level: department, overrides: {1: 2}}\n", ["第 1 行", "1"]),
        ("- {agency: 甲, code: A1, level: department, overrides: &x {x: *x}}\n", ["第 1 行"]),
        ("- {agency: 甲\n", ["YAML"]),
        ("- {[agency]: 甲}\n", ["第 1 行"]),
        ("[]", []),
    ],
)
def test_a_faulty_yaml_roster_is_refused_by_line(text: str, words: list[str], tmp_path: Path) -> None:
    message = refused(as_yaml(tmp_path, text))
    assert all(word in message for word in ["roster.yaml", *words]), message


def test_two_agencies_on_a_line_are_both_read(tmp_path: Path) -> None:
    text = "[{agency: 甲, code: A1, level: other}, {agency: 乙, code: A2, level: other}]"
    assert [(line, each.code) for line, each in load_roster(as_yaml(tmp_path, text))] == [(1, "A1"), (1, "A2")]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["agency", "code"], ["甲", "A1"]], ["第 1 行", "level"]),
        ([[], ["agency", "code", "level", "codes"], ["甲", "A1", "other"]], ["第 2 行", "codes", "code"]),
        ([["agency", "code", "level"], ["甲", "A1", "other", "x"]], ["第 2 行", "4", "3"]),
        ([["agency", "code", "level"], ["甲", "A1", "other"], ["乙", None, "other"]], ["第 3 行", "code"]),
        ([["agency", "code", "level"], ["甲", "=A1&B1", "other"]], ["Sheet!B2"]),
        ([["agency", "code", "level"]], []),
        ([], []),
    ],
)
def test_a_faulty_workbook_is_refused_by_row(rows: list[list[Any]], words: list[str], tmp_path: Path) -> None:
    message = refused(as_workbook(tmp_path, *rows))
    assert all(word in message for word in ["roster.xlsx", *words]), message


def test_a_broken_or_old_workbook_is_refused(tmp_path: Path) -> None:
    whole = as_workbook(tmp_path, HEAD, COUNTY).read_bytes()
    for content in (whole[:-100], bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 100):
        (tmp_path / "roster.xlsx").write_bytes(content)
        with pytest.raises(InputError, match=r"roster\.xlsx"):
            load_roster(tmp_path / "roster.xlsx")


def family(folder: Path, parents: dict[str, str]) -> Path:
    rows = [[code, code, "other", parent] for code, parent in parents.items()]
    return as_csv(folder, ["agency", "code", "level", "parent"], *rows)


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        ({"A1": "", "A2": "A3"}, ["第 3 行", "A3", "A1"]),
        ({"A1": "A1"}, ["第 2 行", "A1 → A1"]),
        ({"A0": "", "A1": "A2", "A2": "A3", "A3": "A1"}, ["第 3 行", "A1 → A2 → A3 → A1"]),
        ({"A0": "A1", "A1": "A2", "A2": "A1"}, ["第 2 行", "A1 → A2 → A1"]),
    ],
)
def test_a_parent_that_is_not_there_or_is_below_is_refused(
    parents: dict[str, str], words: list[str], tmp_path: Path
) -> None:
    message = refused(family(tmp_path, parents))
    assert all(word in message for word in ["roster.csv", *words]), message


def test_a_long_line_of_parents_is_no_circle(tmp_path: Path) -> None:
    found = agencies(family(tmp_path, {f"A{each}": f"A{each + 1}" for each in range(3000)} | {"A3000": ""}))
    assert len(found) == 3001


plain = st.text(st.characters(categories=["L", "N"], include_characters=" ,\"'{}:#-_。"), min_size=1, max_size=8)
name = plain.map(str.strip).filter(bool)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | plain,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(plain, inner, max_size=2),
    max_leaves=4,
)
some_agency = st.builds(
    Agency,
    agency=name,
    code=st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._-]{0,5}", fullmatch=True),
    level=st.sampled_from(["government", "department", "township"]),
    input=st.just("") | name,
    previous=st.just("") | name,
    received_at=st.none() | st.dates(),
    published_at=st.none() | st.dates(),
    overrides=st.dictionaries(st.from_regex(r"[a-z_]{1,5}", fullmatch=True), values, max_size=2),
)


@example([Agency(agency="_x000D_", code="1", level="department", previous="_x0041_")])
@given(st.lists(some_agency, min_size=1, max_size=4, unique_by=lambda each: each.code))
def test_whatever_a_roster_says_is_read_back_in_each_format(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[Agency]
) -> None:
    folder = tmp_path_factory.mktemp("roster")
    rows = [
        ["" if value is None else str(value) for value in (getattr(each, key) for key in KEYS[:-1])]
        + [yaml.safe_dump(each.overrides, allow_unicode=True, default_flow_style=True, width=10**6).strip()]
        for each in wanted
    ]
    records = [{key: getattr(each, key) for key in KEYS if getattr(each, key)} for each in wanted]
    assert agencies(as_csv(folder, HEAD, *rows)) == wanted
    assert agencies(as_workbook(folder, HEAD, *rows)) == wanted
    assert agencies(as_yaml(folder, yaml.safe_dump(records, allow_unicode=True))) == wanted
