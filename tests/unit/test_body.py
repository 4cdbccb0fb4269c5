"""Which part of a report belongs where: rows of tables that word processors tore."""

from __future__ import annotations

from collections.abc import Sequence

from gongkai.filing import Source
from gongkai.intake.body import sort
from gongkai.intake.printed import Field, Grid, Paragraph

SOURCE = Source(file="a.docx")


def grid(*rows: Sequence[str]) -> Grid:
    return Grid(tuple(tuple(Field(text, at, at + 1, SOURCE) for at, text in enumerate(row)) for row in rows))


def lines(*between: str, last: Sequence[str]) -> list[str]:
    above = grid(("（五）不予处理", "2.重复申请", *"1234000"), ("", "3.要求提供公开出版物", *"0000000"))
    paragraphs = [Paragraph(text, SOURCE) for text in between]
    body = sort([Paragraph("三、收到和处理政府信息公开申请情况", SOURCE), above, *paragraphs, grid(last)])
    return [line.fields[0].text for line in body.tables["requests"]]


def test_one_row_below_a_torn_table_is_of_it() -> None:
    for values in ("1234000", "1无3/000"):
        for row in (("（七）总计", "", *values), ("（七）总计", *values)):
            for between in ((), ("",), (" ", "\u3000")):
                assert lines(*between, last=row) == ["（五）不予处理", "", "（七）总计"]


def test_one_row_below_other_text_or_with_other_columns_is_of_no_table() -> None:
    assert lines("单位：件", last=("（七）总计", *"1234000")) == ["（五）不予处理", ""]
    assert lines("", last=("（七）总计", *"123400")) == ["（五）不予处理", ""]
