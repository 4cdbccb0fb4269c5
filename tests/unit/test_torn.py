"""Lines without columns: where values stand below heads, on a page."""

from __future__ import annotations

import pytest

from gongkai.filing import Source
from gongkai.forms import load_form
from gongkai.intake.lines import Line
from gongkai.intake.printed import Field
from gongkai.intake.tablereading import TableReading
from gongkai.intake.torn import TornReader

HEADS = (
    (("申请人情况", 300, 350),),
    (("（本列数据的勾稽关系为：第一项加第二项之和，", 0, 190), ("法人或其他组织", 260, 330)),
    (("自然", 205, 225), ("商业", 240, 260), ("科研", 270, 290), ("社会公益", 300, 340), ("总计", 440, 460)),
    (("等于第三项加第四项之和）", 60, 190), ("人", 210, 220), ("法律服务", 350, 390), ("其他", 400, 420)),
    (("企业", 240, 260), ("机构", 270, 290), ("组织", 310, 330), ("机构", 360, 380)),
)
ROWS = (
    (("一、本年新收政府信息公开申请数量", 10, 170), ("12", 205, 215), ("3", 277, 282), ("15", 445, 455)),
    (("二、上年结转政府信息公开申请数量", 10, 170), ("4", 240, 245), ("4", 445, 450)),
)


def read(*lines: tuple[tuple[str, float, float], ...]) -> TableReading:
    reader = TornReader(load_form("2021"), "requests", "a.pdf")
    return reader.read(
        [
            Line(tuple(Field(*each, Source(file="a.pdf", page=1, line=number)) for each in line), number)
            for number, line in enumerate(lines, start=1)
        ]
    )


def row(reading: TableReading, name: str) -> list[str]:
    return [cell.raw for address, cell in reading.cells.items() if address.startswith(f"requests.{name}.")]


def test_where_no_row_is_whole_the_heads_show_the_columns() -> None:
    reading = read(*HEADS, *ROWS)
    assert row(reading, "received") == ["12", "", "3", "", "", "", "15"]
    assert row(reading, "carried_in") == ["", "4", "", "", "", "", "4"]
    assert not [doubt for doubt in reading.doubts if doubt.cells and doubt.cells[0] in reading.cells]


@pytest.mark.parametrize(
    "heads",
    [
        HEADS[:-1],
        (*HEADS, (("备注", 480, 500),)),
        (*HEADS[:2], (("商业", 205, 225), ("自然", 240, 260), *HEADS[2][2:]), *HEADS[3:]),
    ],
)
def test_heads_that_are_not_the_forms_show_none(heads: tuple[tuple[tuple[str, float, float], ...], ...]) -> None:
    reading = read(*heads, *ROWS)
    assert {cell.kind for address, cell in reading.cells.items() if ".received." in address} == {"unreadable"}


def test_a_word_for_nothing_that_has_run_into_the_label_is_no_blank() -> None:
    odd = (("一、本年新收政府信息公开申请数量无", 10, 215), ("3", 277, 282), ("3", 445, 455))
    reading = read(*HEADS, odd, ROWS[1])
    assert {cell.kind for address, cell in reading.cells.items() if ".received." in address} == {"unreadable"}


def test_a_value_below_no_head_or_two_leaves_its_row_unread() -> None:
    for left, right in ((225, 235), (215, 245)):
        odd = (("一、本年新收政府信息公开申请数量", 10, 170), ("12", left, right), ("15", 445, 455))
        reading = read(*HEADS, odd, ROWS[1])
        assert {cell.kind for address, cell in reading.cells.items() if ".received." in address} == {"unreadable"}
        assert row(reading, "carried_in") == ["", "4", "", "", "", "", "4"]
