"""One report in three formats: every cell reads back as the filing has it, and all other text is the same."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.export.docx.text import bookmark_name
from gongkai.filing import Cell, Filing, Text
from gongkai.forms import editions, load_form
from gongkai.report.tables import shown
from tests.notebooks import cell, markdown, parsed, report_of, to_docx, to_html, to_pdf
from tests.unit.test_docx import values
from tests.unit.test_pdf import cell_texts, structured_text

ANALYSIS = """\
## 七、分析

本节*说明*情况，见[网站](https://example.org/)。

- 甲
  - 乙

| 项目 | 数 |
|---|---|
| 丙 | 17 |

> 引文
"""
FRAME = (
    "<table><thead><tr><th></th><th>件</th></tr></thead>"
    "<tbody><tr><th rowspan=2>城</th><td>1<br>2</td></tr><tr><td>3</td></tr></tbody></table>"
)


def random_filing(edition: str, seed: int) -> Filing:
    """A filing with numbers of all lengths, decimals, blanks and what is no number; nothing balances."""
    chance = random.Random(seed)
    cells = {}
    for address, spec in load_form(edition).cells.items():
        kind = chance.choices(["number", "blank", "placeholder", "unreadable", "missing"], [80, 6, 6, 4, 4])[0]
        number = chance.randrange(10 ** chance.randint(1, 8)) * (chance.choice([1, -1]) if spec.kind == "change" else 1)
        if kind == "number" and spec.kind == "amount":
            cells[address] = Cell(Decimal(number) / 100, "number", f"{number / 100}")
        elif kind == "number":
            cells[address] = Cell(number, "number", str(number))
        elif kind != "missing":
            raw = {"blank": "", "placeholder": chance.choice(["/", "—", "无"]), "unreadable": "约<3>件&"}[kind]
            cells[address] = Cell(None, kind, raw)  # type: ignore[arg-type]
    texts = {key: (Text(f"{key}：本年度受理{seed}件，办结1件。"),) for key in load_form(edition).text_keys}
    facts = {"signed": Text("2025年1月20日"), "index_number": Text("99/2025-1")}
    return Filing(edition=edition, agency="青杉县堃水局", year=2024, cells=cells, texts=texts, facts=facts)


@pytest.mark.parametrize("edition", editions())
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_every_cell_of_a_random_filing_reads_back_from_every_format(edition: str, seed: int) -> None:
    filing = random_filing(edition, seed)
    wanted = {address: shown(filing, address) for address in filing.form.cells}
    text = report_of(filing)
    html = {td["data-cell"]: td.text for td in parsed(to_html(text)).select("td[data-cell]")}
    assert html == wanted
    word = values(docx.Document(BytesIO(to_docx(text))))
    assert word == {bookmark_name(address): each for address, each in wanted.items()}
    pdf = cell_texts(to_pdf(text))
    assert {address: bare(pdf[address]) for address in wanted} == {key: bare(each) for key, each in wanted.items()}


def bare(text: str) -> str:
    """`text` without white space and marks of lists, which each format sets in its own way."""
    return re.sub(r"[\s\u200b•·–—-]|^\d\.", "", text)


def test_what_an_analyst_adds_reads_the_same_in_every_format() -> None:
    filing = replace(random_filing("2021", 1), texts={"overview": (Text("概况。"),)})
    text = report_of(filing, markdown(ANALYSIS), cell({"text/html": FRAME}))
    html = parsed(to_html(text)).main.text
    word = docx.Document(BytesIO(to_docx(text))).element.body
    assert bare("".join(each.text for each in word.iter(qn("w:t")))) == bare(html)
    assert bare(structured_text(to_pdf(text))) == bare(html)
    for phrase in ("七、分析", "本节说明情况，见网站。", "甲", "乙", "丙", "17", "引文", "城"):
        assert phrase in html
