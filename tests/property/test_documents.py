"""Whatever an analyst may add: each format is made, says the same, and keeps to its page, or the character is named."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.errors import JobError
from gongkai.export.blocks import Document, Note
from gongkai.export.docx import write_docx
from gongkai.export.html import write_html
from gongkai.export.pdf import write_pdf
from gongkai.forms import load_form
from tests.helpers import balanced_filing
from tests.notebooks import PNG, cell, notebook, tree_of
from tests.trees import report
from tests.unit.test_pdf import BOTTOM, LEFT, RIGHT, TOP, Word, marked_texts, opened, pages

WORDS = (
    "甲",
    "本年度收到政府信息公开申请，依法办理。",
    "鄠邑区硚口浉河堃",
    "https://www.gov.cn/zhengce/zhengceku/2021-09/29/content_5640042_very_long_path.htm",
    "W" * 120,
    "1234567890" * 12,
    "Annual Report on Open Government Information",
    "naïve Ωmega Ж",
    "<b>&lt;粗&amp;</b>",
    "<em>斜</em><code>x_1</code><sup>2</sup><sub>i</sub><s>删</s><u>线</u>",
    '<a href="https://example.org/?a=b&amp;c=d">链接</a>',
    "一行<br>两行",
    "——（见附件）“引”《书》…",
    "长文" * 300,
    "甲<br>乙" * 3,
)
"""Texts; a heading is none of the last two, which make many lines."""
SIZES = ((1, 1), (30, 2000), (2000, 30), (4000, 3000))
MARKS, HALF = "，。、；：？！（）《》“”…", 9
"""What is set in half its width at the ends of a line, and points of the other half."""
FOOT = re.compile("—|[0-9]+")
"""What the number of a page consists of."""


class Maker:
    """Writes HTML that a notebook may show, by the dice of one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def text(self) -> str:
        return "".join(self.dice.choices(WORDS, k=self.dice.randint(1, 3)))

    def blocks(self, depth: int = 0, most: int = 4) -> str:
        kinds: list[Callable[[int], str]] = [self.paragraph, self.heading, self.table, self.figure, self.preformatted]
        kinds += [self.items, self.items, self.quote] if depth < 4 else []
        # A mark of a list alone at the end of a page would be what was asked for.
        chosen = [self.dice.choice(kinds), *self.dice.choices([*kinds, self.line], k=self.dice.randint(0, most - 1))]
        return "".join(make(depth) for make in chosen)

    def paragraph(self, _: int) -> str:
        style = self.dice.choice(["", "", ' align="center"', ' align="right"', ' class="front"'])
        return f"<p{style}>{self.text()}</p>"

    def heading(self, _: int) -> str:
        level = self.dice.randint(1, 6)
        return f"<h{level}>{self.dice.choice(WORDS[:-2])}</h{level}>"

    def line(self, _: int) -> str:
        return "<hr>" * self.dice.randint(1, 3)

    def quote(self, depth: int) -> str:
        return f"<blockquote>{self.blocks(depth + 1, 2)}</blockquote>"

    def items(self, depth: int) -> str:
        tag = self.dice.choice(["ul", "ol", f'ol start="{self.dice.choice([0, 7, 999])}"'])
        items = (self.dice.choice([self.text(), self.blocks(depth + 1, 2), ""]) for _ in range(self.dice.randint(1, 4)))
        return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag[:2]}>"

    def figure(self, _: int) -> str:
        width, height = self.dice.choice(SIZES)
        caption = self.dice.choice(["", f"<figcaption>{self.text()}</figcaption>"])
        drawing = f'<svg width="{width}" height="{height}"><path d="M0 0h{width}v{height}z"/></svg>'
        pixel = f'<img src="data:image/png;base64,{PNG}" width="{width}" alt="图">'
        return f"<figure>{self.dice.choice([drawing, pixel])}{caption}</figure>"

    def preformatted(self, _: int) -> str:
        texts = ("x = 1\n\n    y\tz", "长" * 200, "-" * 300, "\n".join(map(str, range(90))))
        return f"<pre>{self.dice.choice(texts)}</pre>"

    def table(self, _: int) -> str:
        columns, rows = self.dice.choice([1, 2, 5, 14]), self.dice.choice([1, 3, 20, 60])
        high = self.dice.random() < 0.1 and columns < 6
        head = f"<thead><tr><th colspan={columns}>{'表头' * 9}</th></tr></thead>" if self.dice.random() < 0.5 else ""
        caption = f"<caption>{self.text()}</caption>" if self.dice.random() < 0.3 else ""
        body = [
            [f"<td>{self.dice.choice(['', '1', '88888888', '数据', WORDS[3] if columns < 6 else '城'])}</td>"] * columns
            for _ in range(rows)
        ]
        body[0][0] = f"<th rowspan={rows}>{self.dice.choice(['组', '（一）不予公开', 'Total'])}</th>"
        for row in body[1:]:
            del row[0]
        if high and columns > 1:
            body[-1][-1] = f"<td>{'高格' * 1500}</td>"
        rows_of = "".join(f"<tr>{''.join(row)}</tr>" for row in body)
        return f"<table>{caption}{head}<tbody>{rows_of}</tbody></table>"


def made(seed: int, *, most: int = 8) -> Document:
    maker = Maker(seed)
    title = maker.dice.choice(["", "<h1>年</h1>", "<h1>" + "某某某某人民政府" * 5 + "2024年<br>年度报告</h1>"])
    signed = maker.dice.choice(["", '<div class="signature"><p>' + "某局" * 9 + "</p><p>2025年1月20日</p></div>"])
    body = maker.blocks(most=most)
    return tree_of(notebook([cell({"text/html": each}) for each in (title, body, signed) if each]))


def bare(text: str) -> str:
    """`text` without what each format sets in its own way: white space and places to break."""
    return re.sub(r"[\s\u200b]", "", text)


def html_text(page: str) -> str:
    return bare(str(lxml_html.document_fromstring(page).xpath("string(//main)")))


def word_text(data: bytes) -> str:
    return bare("".join(each.text or "" for each in docx.Document(BytesIO(data)).element.body.iter(qn("w:t"))))


def pdf_text(pdf: bytes) -> str:
    """The text in the order of the structure without the marks of lists, which are none of it in other formats."""

    def texts(element: Any) -> Iterator[str]:
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                yield shown_in[element.Pg.objgen, kid]
            elif "/MCID" in kid:
                yield shown_in[kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)]
            elif kid.get("/S") not in (None, "/Lbl"):
                yield from texts(kid)

    with opened(pdf) as read:
        shown_in = marked_texts(read)
        return bare("".join(texts(read.Root.StructTreeRoot)))


def outside(pdf: bytes, folder: Path) -> list[tuple[int, Word]]:
    """The words that leave the type area, by their pages; numbers of pages stand below it."""
    return [
        (number, word)
        for number, words in enumerate(pages(pdf, folder), start=1)
        for word in words
        if not (word[3] > BOTTOM and FOOT.fullmatch(word[4])) and not _within(word)
    ]


def _within(word: Word) -> bool:
    left, top, right, bottom, text = word
    # The blank half of a mark may stand outside.
    before, after = (HALF if each in MARKS else 1 for each in (text[0], text.rstrip("\u200b")[-1:]))
    return LEFT - before < left and right < RIGHT + after and top > TOP - 6 and bottom < BOTTOM + 6


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_every_document_is_made_in_every_format_and_says_the_same(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        document = made(seed)
    except JobError as refused:
        if refused.key != "cannot_show" or not refused.place:
            raise
        return
    text = html_text(write_html(document))
    word, pdf = write_docx(document), write_pdf(document)
    assert word_text(word) == text
    assert pdf_text(pdf) == text
    assert outside(pdf, tmp_path_factory.mktemp("pdf")) == []


@pytest.mark.parametrize("character", ["😀", "ئ", "བ"])
def test_a_character_that_the_fonts_lack_is_refused_by_the_pdf_alone(character: str) -> None:
    document = tree_of(
        notebook([cell({"text/html": f"<ul><li><table><tr><td>{character}</td></tr></table></ul>"}, id="x")])
    )
    assert html_text(write_html(document)) == word_text(write_docx(document)) == character
    with pytest.raises(JobError) as error:
        write_pdf(document)
    assert error.value.place == "x"
    assert error.value.values["character"] == character


@pytest.mark.parametrize("count", [0, 300])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_shows_all_its_notes(language: str, count: int, tmp_path: Path) -> None:
    addresses = list(load_form("2021").cells)
    notes: dict[str, tuple[Note, ...]] = {}
    for number in range(1, count + 1):
        address = addresses[number % 150]
        notes[address] = (*notes.get(address, ()), Note(number, "error", "rule", f"note{number}"))
    with speaking(language):
        document = replace(report(balanced_filing(1), draft=True, notes=notes), language=language)
    page, word, pdf = write_html(document), write_docx(document), write_pdf(document)
    assert page.count('<a href="#finding-') == count
    comments = {each.text for each in docx.Document(BytesIO(word)).comments}
    assert sum(f"note{number}" in each for number in range(1, count + 1) for each in comments) >= count
    found = "".join(word[4] for words in pages(pdf, tmp_path) for word in words)
    assert all(f"{number}" in found for number in range(1, count + 1))
    assert all(
        word[0] > 0 and word[2] < 596 and word[1] > 0 and word[3] < 842
        for words in pages(pdf, tmp_path)
        for word in words
    )
