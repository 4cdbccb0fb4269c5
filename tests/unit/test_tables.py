"""The official tables as grids."""

from __future__ import annotations

from collections import Counter

import pytest

from gongkai.forms import load_form
from gongkai.tables import Grid, layout

SIZES = {
    ("2019", "disclosure"): (18, 5), ("2019", "requests"): (26, 10), ("2019", "disputes"): (4, 15),
    ("2021", "disclosure"): (14, 4), ("2021", "requests"): (28, 10), ("2021", "disputes"): (4, 15),
}  # fmt: skip


def spans(grid: Grid, label: str) -> list[tuple[int, int, int, int]]:
    cells = [cell for cell in grid.cells if cell.words and cell.words.zh == label]
    return [(cell.row, cell.column, cell.rowspan, cell.colspan) for cell in cells]


@pytest.mark.parametrize(("edition", "table"), SIZES)
def test_a_grid_has_the_official_size_and_its_cells_tile_it(edition: str, table: str) -> None:
    grid = layout(edition, table)
    assert (grid.height, grid.width) == SIZES[edition, table]
    covered = Counter(
        (cell.row + down, cell.column + right)
        for cell in grid.cells
        for down in range(cell.rowspan)
        for right in range(cell.colspan)
    )
    assert set(covered.values()) == {1}
    assert len(covered) == grid.height * grid.width


@pytest.mark.parametrize(
    ("table", "label", "expected"),
    [
        ("disclosure", "第二十条第（五）项", [(4, 0, 1, 4)]),
        ("disclosure", "本年处理决定数量", [(5, 1, 1, 3), (8, 1, 1, 3)]),
        ("requests", "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", [(0, 0, 3, 3)]),
        ("requests", "申请人情况", [(0, 3, 1, 7)]),
        ("requests", "自然人", [(1, 3, 2, 1)]),
        ("requests", "法人或其他组织", [(1, 4, 1, 5)]),
        ("requests", "总计", [(1, 9, 2, 1)]),
        ("requests", "一、本年新收政府信息公开申请数量", [(3, 0, 1, 3)]),
        ("requests", "三、本年度办理结果", [(5, 0, 22, 1)]),
        ("requests", "（一）予以公开", [(5, 1, 1, 2)]),
        ("requests", "（三）不予公开", [(7, 1, 8, 1)]),
        ("requests", "（五）不予处理", [(18, 1, 5, 1)]),
        ("requests", "（七）总计", [(26, 1, 1, 2)]),
        ("requests", "四、结转下年度继续办理", [(27, 0, 1, 3)]),
        ("disputes", "行政复议", [(0, 0, 1, 5)]),
        ("disputes", "行政诉讼", [(0, 5, 1, 10)]),
        ("disputes", "未经复议直接起诉", [(1, 5, 1, 5)]),
        ("disputes", "结果维持", [(1, 0, 2, 1), (2, 5, 1, 1), (2, 10, 1, 1)]),
    ],
)
def test_labels_are_merged_as_in_the_annex(table: str, label: str, expected: list[tuple[int, int, int, int]]) -> None:
    assert spans(layout("2021", table), label) == expected


@pytest.mark.parametrize(
    ("table", "label", "expected"),
    [
        ("disclosure", "第二十条第（九）项", [(15, 0, 1, 5)]),
        ("disclosure", "对外公开总数量", [(1, 3, 1, 2)]),
        ("disclosure", "本年增/减", [(5, 2, 1, 1), (9, 2, 1, 1), (13, 2, 1, 3)]),
        ("disclosure", "采购总金额", [(16, 2, 1, 3)]),
        ("requests", "三、本年度办理结果", [(5, 0, 20, 1)]),
        ("requests", "（六）其他处理", [(23, 1, 1, 2)]),
        ("requests", "（七）总计", [(24, 1, 1, 2)]),
    ],
)
def test_labels_of_2019_are_merged_as_in_reports_of_its_years(
    table: str, label: str, expected: list[tuple[int, int, int, int]]
) -> None:
    assert spans(layout("2019", table), label) == expected


@pytest.mark.parametrize(("edition", "table"), SIZES)
def test_every_value_stands_in_its_place_and_under_its_labels(edition: str, table: str) -> None:
    grid = layout(edition, table)
    form = load_form(edition)
    labels = {cell.place: cell.words for cell in grid.cells if cell.words}
    values = list(grid.values())
    assert [cell.address for cell in values] == [each for each, spec in form.cells.items() if spec.table == table]
    for cell in values:
        assert cell.address is not None
        spec = form.cells[cell.address]
        assert {spec.row.label, spec.column.label} <= {labels[place] for place in cell.headers}
