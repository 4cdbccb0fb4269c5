"""Tables with a column more than the form has: no value may pass for its neighbour's, and none is moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from gongkai.forms import editions
from gongkai.intake import read
from tests.published import sites, texts
from tests.published.measure import Result, measured
from tests.published.report import Report
from tests.published.styles import STYLES, Style, Write
from tests.published.tears import torn, with_subtotal

SEEDS = (1, 4, 5, 11, 201)
FORMS = {"tabs": texts.tabbed, "copied": texts.copied, "pipes": texts.piped, "lines": texts.one_a_line}


def crowded(form: Callable[[Report, Random], str], word: str) -> Write:
    def write(report: Report, draw: Random, path: Path) -> None:
        path.write_text(form(torn(report, lambda sheet: [with_subtotal(sheet, word)]), draw), encoding="utf-8")

    return write


def results(style: Style) -> list[Result]:
    return measured(style, [(edition, seed) for edition in editions() for seed in SEEDS])


@pytest.mark.parametrize("word", ["小计", "合计", "法人合计"])
def test_on_a_page_the_heads_tell_which_column_is_not_of_the_form(word: str) -> None:
    page = crowded(lambda report, draw: sites.page("upper", report, draw, ""), word)
    for result in results(Style("crowded", "html", page)):
        assert result.count("exact") == sum(map(len, result.cells.values())), result


@pytest.mark.parametrize("word", ["小计", "合计", "法人合计"])
@pytest.mark.parametrize("form", FORMS)
def test_in_text_whose_columns_are_lost_every_row_is_doubted(form: str, word: str) -> None:
    for result in results(Style("crowded", "txt", crowded(FORMS[form], word))):
        assert result.failure is None and not result.count("wrong"), result


def test_a_sheet_that_was_put_on_a_page_as_one_table_is_parted_by_its_empty_rows(tmp_path: Path) -> None:
    empty = "<tr><td></td><td></td><td></td><td></td></tr>"
    rows = (
        "<tr><td colspan=4>青杉县档案馆2024年政府信息公开工作年度报告</td></tr>",
        empty,
        "<tr><td>第二十条第（五）项</td></tr><tr><td>信息内容</td><td>本年处理决定数量</td></tr>",
        "<tr><td>行政许可</td><td>7</td></tr>",
        empty,
        "<tr><td>填报单位：青杉县档案馆</td><td>2025年1月8日</td></tr>",
    )
    page = tmp_path / "page.html"
    page.write_text(f"<table>{''.join(rows)}</table>", encoding="utf-8")
    filing = read(page)
    assert (filing.year, filing.agency) == (2024, "青杉县档案馆")
    assert filing.number("disclosure.licences.decisions") == 7
    assert not [doubt for doubt in filing.doubts if doubt.code != "PRS-TABLE-LOST"]


def test_an_empty_row_below_the_values_is_no_second_row_of_values() -> None:
    for result in results(STYLES["html-calc"]):
        assert not {cell for outcome in ("unread", "wrong") for cell in result.cells.get(outcome, ())}, result


def test_pieces_of_wrapped_numbers_are_not_counted_as_values(tmp_path: Path) -> None:
    """A page taken out line by line: 1254 and 221 are wrapped, four cells are blank, and seven pieces are left."""
    lines = [
        "三、收到和处理政府信息公开申请情况",
        *("一、本年新收政府信息公开申请数量", "1 2 3 4 5 6 21"),
        *("（一）予以公开", "0 0 0 0 0 0 0"),
        *("（二）部分公开（区分处理的，只计这一情形，不计其他情形）", "12", "54 48 22", "1", "15", "23"),
        *("（三）不予公开", "1.属于国家秘密", "0 0 0 0 0 0 0", "2.其他法律行政法规禁止公开"),
        *("1", "2", "3", "4", "5", "6", "21", "四、政府信息公开行政复议、行政诉讼情况"),
    ]
    text = tmp_path / "page.txt"
    text.write_text("青杉县档案馆2024年政府信息公开工作年度报告\n" + "\n".join(lines), encoding="utf-8")
    filing = read(text)
    assert filing.number("requests.received.total") == 21
    torn_rows = ("requests.partly_granted.", "requests.refused.prohibited_by_law.")
    for address, cell in filing.cells.items():
        assert not address.startswith(torn_rows) or (cell.kind == "unreadable" and address in filing.doubted)
