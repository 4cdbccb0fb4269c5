"""Columns that hold what stands in them, on a page of the official width."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.export.blocks import TEXT_WIDTH, Run, TableCell
from gongkai.export.fitting import LONG_WORD, PADDING, SIZES, TITLE_SIZE, VALUE_PADDING, ems, fit, title_lines
from gongkai.export.refused import RefusedError

NUMBERS = st.integers(-(10**15), 10**15).map(str)
TEXTS = st.one_of(NUMBERS, st.text("行政机关公开", max_size=30), st.text("abcdefgW", max_size=40), st.just(""))


def row(texts: list[str], address: str = "") -> list[TableCell]:
    return [TableCell(column, ((Run(text),),), address=address) for column, text in enumerate(texts)]


@given(
    st.integers(1, 14).flatmap(
        lambda columns: st.lists(st.lists(TEXTS, min_size=columns, max_size=columns), min_size=1, max_size=6)
    )
)
def test_every_number_and_word_fits_its_column(table: list[list[str]]) -> None:
    rows = [row(texts) for texts in table]
    needs = [
        max(min(ems(text), ems(text) if text[-1:].isdigit() else LONG_WORD if text.isascii() else 1) for text in column)
        for column in zip(*table, strict=True)
    ]
    try:
        widths, size, _ = fit(rows, len(table[0]))
    except RefusedError:
        assert sum(SIZES[-1] * max(need, 1) + PADDING for need in needs) > TEXT_WIDTH
        return
    assert sum(widths) == pytest.approx(1)
    assert size in SIZES
    for share, need in zip(widths, needs, strict=True):
        assert share * TEXT_WIDTH >= need * size + PADDING - 1e-6


@given(st.lists(NUMBERS, min_size=1, max_size=10))
def test_official_values_fit_columns_of_given_width(texts: list[str]) -> None:
    shares = [1 / len(texts)] * len(texts)
    widths, _, size = fit([row(texts, "a.b")], len(texts), shares)
    assert widths == tuple(shares)
    for text in texts:
        assert ems(text) * size <= TEXT_WIDTH / len(texts) - VALUE_PADDING + 1e-6


def test_a_merged_cell_widens_the_columns_under_it() -> None:
    merged = [TableCell(0, ((Run("1234567890123456789"),),), colspan=2)]
    widths, size, _ = fit([merged, row(["1", "2"])], 2)
    assert sum(widths) * TEXT_WIDTH >= ems("1234567890123456789") * size


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("青杉县财政局2024年政府信息公开工作年度报告", ["青杉县财政局", "2024年政府信息公开工作年度报告"]),
        (
            "青杉县人力资源和社会保障局2024年年度报告（公开版）",
            ["青杉县人力资源和社会保障局", "2024年年度报告（公开版）"],
        ),
        (
            "某某自治区某某自治州某某自治县人民政府办公室",
            ["某某自治区某某自治州", "某某自治县人民政府办公室"],
        ),
        ("短的题目", ["短的题目"]),
        ("x" * 90, ["x" * 90]),
        ("", [""]),
    ],
)
def test_a_long_title_is_cut_where_a_reader_would(title: str, lines: list[str]) -> None:
    assert title_lines(title) == lines


@given(st.text("某市局（）、《》2024abc ", max_size=120))
def test_no_line_of_a_title_is_too_long_unless_nothing_can_be_cut(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    for line in lines:
        assert ems(line) <= TEXT_WIDTH / TITLE_SIZE or len(lines) == 1 or not re.search("[某市局]{3}", line)
