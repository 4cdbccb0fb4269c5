"""Tables in text as converters write them: rules of Markdown, merged cells repeated, more blanks than numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from gongkai.filing import Cell, Filing
from gongkai.forms import editions
from gongkai.intake import read
from tests.helpers import changed
from tests.published import texts
from tests.published.filings import invented
from tests.published.report import Report, Sheet, typed

Rows = Callable[[Sheet], list[list[str]]]
BLANK = Cell(None, "blank", "")


def filled(sheet: Sheet) -> list[list[str]]:
    return [list(row) for row in sheet.filled()]


def own(sheet: Sheet) -> list[list[str]]:
    return [[spot.text for spot in row] for row in sheet.rows]


def repeated(sheet: Sheet) -> list[list[str]]:
    grid = [[""] * sheet.width for _ in range(sheet.height)]
    for spot in sheet.spots:
        for row in range(spot.row, spot.row + spot.rowspan):
            grid[row][spot.column : spot.column + spot.colspan] = [spot.text] * spot.colspan
    return grid


def markdown(rows: list[list[str]]) -> Iterator[str]:
    for number, fields in enumerate(rows):
        yield f"| {' | '.join(fields)} |"
        if number == 0:
            yield f"|{' --- |' * len(fields)}"


def tabbed(rows: list[list[str]]) -> Iterator[str]:
    return ("\t".join(fields) for fields in rows)


def stripped(rows: list[list[str]]) -> Iterator[str]:
    return (line.rstrip("\t") for line in tabbed(rows))


def published(filing: Filing, rows: Rows, write: Callable[[list[list[str]]], Iterator[str]], folder: Path) -> Filing:
    report: Report = typed(filing, Random(1))
    text = texts.text_of(report, lambda sheet: write([[each.replace("\n", "") for each in row] for row in rows(sheet)]))
    path = folder / "report.txt"
    path.write_text(text, encoding="utf-8")
    return read(path)


def full(edition: str) -> Filing:
    return invented(edition, 3)


def sparse(edition: str) -> Filing:
    """Nothing but blanks where there is nothing to tell: no row of the requests has all its values."""
    filing = full(edition)
    gone = [
        address
        for address in filing.cells
        if address.startswith("requests.") and not address.endswith(".total") and sum(map(ord, address)) % 3
    ]
    return changed(
        filing, dict.fromkeys([*gone, *(each for each in filing.cells if each.endswith(".research"))], BLANK)
    )


@pytest.mark.parametrize("edition", editions())
@pytest.mark.parametrize("filing", [full, sparse])
@pytest.mark.parametrize("write", [markdown, tabbed])
@pytest.mark.parametrize("rows", [filled, own, repeated])
def test_every_cell_is_read_and_none_doubted(
    rows: Rows,
    write: Callable[[list[list[str]]], Iterator[str]],
    filing: Callable[[str], Filing],
    edition: str,
    tmp_path: Path,
) -> None:
    truth = filing(edition)
    found = published(truth, rows, write, tmp_path)
    assert not found.doubts
    assert {each: (cell.kind, cell.value) for each, cell in found.cells.items()} == {
        each: (cell.kind, cell.value) for each, cell in truth.cells.items()
    }


@pytest.mark.parametrize("edition", editions())
def test_heads_whose_empty_ends_were_stripped_still_show_where_the_columns_are(edition: str, tmp_path: Path) -> None:
    truth = changed(sparse(edition), {each: 0 for each in sparse(edition).cells if each.startswith("disputes.")})
    found = published(truth, filled, stripped, tmp_path)
    assert not found.doubts
    assert {each: (cell.kind, cell.value) for each, cell in found.cells.items()} == {
        each: (cell.kind, cell.value) for each, cell in truth.cells.items()
    }
    # Of one line by itself nothing tells that it lost no field, and gained none.
    truth = changed(truth, {"disputes.reconsideration.other": BLANK})
    found = published(truth, filled, stripped, tmp_path)
    assert {cell.kind for address, cell in found.cells.items() if address.startswith("disputes.")} == {"unreadable"}


@pytest.mark.parametrize("kind", ["reconsideration", "direct_suit", "suit_after_reconsideration"])
def test_of_rows_laid_across_whole_ones_may_be_blank(kind: str, tmp_path: Path) -> None:
    disputes = [each for each in full("2021").cells if each.startswith("disputes.")]
    truth = changed(full("2021"), {each: BLANK if each.startswith(f"disputes.{kind}.") else 0 for each in disputes})
    found = published(truth, own, tabbed, tmp_path)
    assert not found.doubts
    assert {cell.kind for address, cell in found.cells.items() if address.startswith(f"disputes.{kind}.")} == {"blank"}


def test_a_change_on_a_line_of_its_own_is_no_number_of_a_page(tmp_path: Path) -> None:
    lines = (
        "二、主动公开政府信息情况",
        "第二十条第（六）项",
        "信息内容",
        "上一年项目数量",
        "本年增/减",
        "处理决定数量",
        "行政处罚",
        "3",
        "-1",
        "2",
    )
    path = tmp_path / "report.txt"
    path.write_text(
        "青杉县档案馆2020年政府信息公开工作年度报告\n- 2 -\n" + "\n".join(lines) + "\n- 3 -\n", encoding="utf-8"
    )
    found = read(path)
    assert [cell.value for cell in found.cells.values()] == [3, -1, 2]


def test_a_number_and_its_unit_are_one_value_though_a_space_stands_between(tmp_path: Path) -> None:
    lines = (
        "二、主动公开政府信息情况",
        "第二十条第（六）项",
        "信息内容 上一年项目数量 本年增/减 处理决定数量",
        "行政处罚 3 项 减 1 2 件",
    )
    path = tmp_path / "report.txt"
    path.write_text("青杉县档案馆2020年政府信息公开工作年度报告\n" + "\n".join(lines), encoding="utf-8")
    found = read(path)
    cells = [found.cells[f"disclosure.penalties.{each}"] for each in ("items_last_year", "change", "decisions")]
    assert [(cell.value, cell.raw) for cell in cells] == [(3, "3 项"), (-1, "减 1"), (2, "2 件")]


def test_a_row_whose_label_only_begins_on_its_page_is_read_with_a_doubt(tmp_path: Path) -> None:
    rows = (
        "一、本年新收政府信息公开申请数量 1 1 1 1 1 1 6",
        "（一）予以公开 2 2 2 2 2 2 12",
        "（二）部分公开（区分处理 3 3 3 3 3 3 18",
        "1.属于国家秘密 4 4 4 4 4 4 24",
    )
    path = tmp_path / "report.txt"
    lines = ("青杉县档案馆2024年政府信息公开工作年度报告", "三、收到和处理政府信息公开申请情况", *rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    found = read(path)
    totals = {
        row: found.number(f"requests.{row}.total") for row in ("granted", "partly_granted", "refused.state_secret")
    }
    assert totals == {"granted": 12, "partly_granted": 18, "refused.state_secret": 24}
    assert "requests.partly_granted.total" in found.doubted
    assert "requests.granted.total" not in found.doubted


def test_a_unit_that_was_wrapped_stays_with_its_number_and_what_follows_in_its_row(tmp_path: Path) -> None:
    rows = (
        "一、本年新收政府信息公开申请数量 1 1 1 1 1 1",
        "件 6件",
        "二、上年结转政府信息公开申请数量 2 2 2",
        "件 2 2 2 12",
    )
    path = tmp_path / "report.txt"
    lines = ("青杉县档案馆2024年政府信息公开工作年度报告", "三、收到和处理政府信息公开申请情况", *rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    found = read(path)
    assert [found.number(f"requests.{row}.total") for row in ("received", "carried_in")] == [6, 12]
    assert found.cells["requests.received.other_organisation"].raw == "1 件"
    assert not any(address.startswith(("requests.received", "requests.carried_in")) for address in found.doubted)
    # In columns it may belong to any number above it.
    path.write_text("\n".join((*lines[:-1], "件 2 2  2 12")), encoding="utf-8")
    assert "requests.carried_in.total" in read(path).doubted


def test_pieces_of_wrapped_numbers_are_not_counted_as_values_laid_across(tmp_path: Path) -> None:
    heads = ("行政复议 行政诉讼", "未经复议直接起诉 复议后起诉", "结果维持 结果纠正 其他结果 尚未审结 总计 " * 3)
    values = ("1,9", "17", "0 92 22", "3", "32", "0 0 21", "5", "0 21", "5 0")
    path = tmp_path / "report.txt"
    lines = ("青杉县档案馆2024年政府信息公开工作年度报告", "四、政府信息公开行政复议、行政诉讼情况", *heads, *values)
    path.write_text("\n".join(lines), encoding="utf-8")
    found = read(path)
    assert {cell.kind for cell in found.cells.values()} == {"unreadable"}
    path.write_text("\n".join((*lines[: -len(values)], "1 2 3 4 10 " * 3)), encoding="utf-8")
    assert {cell.kind for cell in read(path).cells.values()} == {"number"}


def requests(folder: Path, *rows: str) -> Filing:
    """What is read of a text with these lines of the table of requests."""
    path = folder / "report.txt"
    lines = ("青杉县档案馆2024年政府信息公开工作年度报告", "三、收到和处理政府信息公开申请情况", *rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return read(path)


def test_a_label_below_the_values_of_one_row_is_that_of_the_next(tmp_path: Path) -> None:
    rows = (
        "（一）予以公开 1 1 1 1 1 1 6",
        "3 “",
        "、危及 三安全一稳",
        "”",
        "定",
        "0 0 4 4 0 0 8",
        "4、保护第 三方合法权",
    )
    found = requests(tmp_path, *rows, "益", "0 2 0 0 0 2 4", "5、属于三类内部 事务", "信息", "0 0 5 5 0 2 12")
    assert found.number("requests.refused.internal_affairs.total") == 12
    # Beside values of an unknown row.
    assert found.cells["requests.refused.third_party.total"].kind == "unreadable"


@pytest.mark.parametrize(("rest", "total"), [("1", 11), ("2", None)])
def test_the_rest_of_a_wrapped_number_is_read_with_it_only_where_the_row_then_balances(
    rest: str, total: int | None, tmp_path: Path
) -> None:
    found = requests(tmp_path, "（一）予以公开", "0 4 2 5 0 0 1", rest, "1.属于国家秘密", "0 0 0 1 0 0 1")
    assert found.number("requests.granted.total") == total
    assert ("requests.granted.total" in found.doubted) == (total is None)
    assert found.number("requests.refused.state_secret.total") == 1


def test_numbers_that_narrow_columns_folded_are_put_together_in_the_one_way_that_balances(tmp_path: Path) -> None:
    rows = ("（一）予以公开 60", "87", "13", "57", "16", "24 1282 1089 17", "06", "131", "45")
    found = requests(tmp_path, *rows, "1.属于国家秘密 0 90 0 0 0 16", "6 256")
    values = [cell.value for address, cell in found.cells.items() if address.startswith("requests.granted.")]
    assert values == [6087, 1357, 1624, 1282, 1089, 1706, 13145]
    assert found.number("requests.refused.state_secret.other_organisation") == 166
    assert not any(
        address.startswith(("requests.granted", "requests.refused.state_secret")) for address in found.doubted
    )
    # A blank leaves no trace: its row is never read as if it were whole.
    found = requests(tmp_path, "（一）予以公开 60", "87 1282 1089 17", "06", "101", "64")
    assert {found.cells[f"requests.granted.{each}"].kind for each in ("natural_person", "total")} == {"unreadable"}


def test_seven_pieces_among_values_in_another_order_are_no_row(tmp_path: Path) -> None:
    """Columns taken out one after the other: between two labels stand pieces of many rows, seven of them by chance."""
    rows = "1.属于国家秘密 / 12 / 54 / 5 / 41 / 66 / 5 / 0 / 25 / 2.重复申请 / 0 / 0 / 0 / 56 / 5 / 55 / 2 / 3.其他 / 1"
    found = requests(tmp_path, *rows.split(" / "))
    assert not [each for each, cell in found.cells.items() if cell.kind == "number"]


def test_units_that_were_wrapped_in_columns_say_nothing(tmp_path: Path) -> None:
    rows = (
        "（一）予以公开                  1   2件  3   4 件5   6    21",
        "                                                        件",
        "1.属于国家秘密                  0   0   0   0   0   0",
        "                                                 件 0",
        "2.其他法律行政法规禁止公开      0   7   0   0   0   0    7",
    )
    found = requests(tmp_path, *rows)
    counts = {
        row: found.number(f"requests.{row}.total")
        for row in ("granted", "refused.state_secret", "refused.prohibited_by_law")
    }
    assert counts == {"granted": 21, "refused.state_secret": 0, "refused.prohibited_by_law": 7}
    assert found.number("requests.granted.legal_service") == 5
    assert not any(
        address.startswith(("requests.granted", "requests.refused.s", "requests.refused.pro"))
        for address in found.doubted
    )
    # What stands on the line of a unit may be the rest of a number, where the row does not balance with it.
    found = requests(tmp_path, *rows[:3], rows[3].replace("0", "1"))
    assert "requests.refused.state_secret.total" in found.doubted


def test_values_below_others_in_columns_may_be_of_the_row_below(tmp_path: Path) -> None:
    rows = (
        "（一）予以公开                  1  2  3  4  5  6  21",
        "                              1                 1",
        "（二）部分公开（区分处理的，  2  1  0  0  0  0   3",
        "                              7                 7",
    )
    found = requests(tmp_path, *rows)
    assert not [each for each, cell in found.cells.items() if cell.kind == "number"]


def test_a_value_and_its_unit_that_have_run_into_the_label_are_read(tmp_path: Path) -> None:
    found = requests(tmp_path, "（一）予以公开0件 1 1 1 1 1 5", "1.属于国家秘密 2 2 2 2 2 2 12")
    assert found.number("requests.granted.natural_person") == 0
    assert found.number("requests.granted.total") == 5


def test_a_value_that_has_run_into_a_label_behind_a_comma_is_read_and_never_a_blank(tmp_path: Path) -> None:
    whole = ("一、本年新收政府信息公开申请数量 1 1 1 1 1 1 6", "（一）予以公开 2 2 2 2 2 2 12")
    rest = "只计这一情形，不计其他情形）"
    found = requests(tmp_path, *whole, "（二）部分公开（区分处理的，1,370 0 0 0 0 0 1,370", rest)
    assert found.number("requests.partly_granted.natural_person") == 1370
    # What ends in digits and can be parted no such way leaves its row unread.
    found = requests(tmp_path, *whole, "（二）部分公开（区分处理的，1,37 0 0 0 0 0 1,37", rest)
    assert found.cells["requests.partly_granted.natural_person"].kind == "unreadable"


def test_heads_that_a_new_page_repeats_do_not_part_a_label(tmp_path: Path) -> None:
    heads = ("申请人情况", "自然人 法人或其他组织 总计", "商业企业 科研机构 社会公益组织 法律服务机构 其他")
    begun = ("一、本年新收政府信息公开申请数量 1 1 1 1 1 1 6", "（二）部分公开（区分处理的， 2 2 2 2 2 2 12")
    rest = ("只计这一情形，不计其他情形）", "1.属于国家秘密 3 3 3 3 3 3 18")
    for note in ((), ("单位：件",)):
        found = requests(tmp_path, *note, *heads, *begun, *heads, *rest)
        assert found.number("requests.partly_granted.total") == 12
        assert not any(address.startswith("requests.partly_granted") for address in found.doubted)
    found = requests(tmp_path, *heads, *begun, "附注 甲 乙", *heads[1:], *rest)
    assert "requests.partly_granted.total" in found.doubted


def test_a_full_width_amount_that_has_run_into_its_label_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    lines = (
        "青杉县档案馆2024年政府信息公开工作年度报告",
        "二、主动公开政府信息情况",
        "第二十条第（八）项",
        "信息内容 本年收费金额（单位：万元）",
    )
    path.write_text("\n".join((*lines, "行政事业性收费１５７７７．７")), encoding="utf-8")
    assert str(read(path).number("disclosure.fees.amount")) == "15777.7"
