"""What an analyst shows, read into blocks or refused by the name of its cell."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import nbformat
import pytest

from gongkai import report
from gongkai.catalogues import speaking
from gongkai.errors import JobError
from gongkai.export.blocks import Heading, List, Look, Paragraph, Preformatted, Run, Table, Title
from tests.helpers import balanced_filing
from tests.notebooks import PNG, blocks_of, cell, markdown, shown

IMAGE = f'<img src="data:image/png;base64,{PNG}">'
DEEP = "<div>" * 2000
ROWS = "<tr><td>1</td></tr>"


def html(text: str, **about: Any) -> Any:
    return cell({"text/html": text, "text/plain": "x"}, **about)


def printed(text: str) -> Any:
    return nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("stream", name="stdout", text=text)])


def refusal(*cells: Any) -> str:
    with pytest.raises(JobError) as caught:
        blocks_of(*cells)
    return str(caught.value)


def table_of(text: str) -> Table:
    (block,) = blocks_of(html(text))
    assert isinstance(block, Table)
    return block


def words(block: Any) -> str:
    return "".join(run.text for run in block.line)


@pytest.mark.parametrize(
    ("shows", "zh", "en"),
    [
        (html("<marquee>x</marquee>"), "marquee", "HTML element marquee"),
        (html("<q>x</q>"), "元素 q", "element q"),
        (html("<pre>a<script>b</script></pre>"), "script", "script"),
        (html(f"<figure>words{IMAGE}</figure>"), "figure", "figure"),
        (html("<table><caption>a</caption><caption>b</caption><tr><td>1</td></tr></table>"), "caption", "caption"),
        (html(f'<div class="signature"><p>a</p><table>{ROWS}</table></div>'), "signature > table", "signature"),
        (html("a\x07"), "U+0007", "control character U+0007"),
        (html("12&#x202E;34"), "U+202E", "U+202E"),
        (html('<a href="https://example.org/&#x202E;">x</a>'), "U+202E", "U+202E"),
        (html("12\u206634"), "U+2066", "U+2066"),
        (html(DEEP + "x"), "嵌套太深", "nested too deeply"),
        (html("<style>" + "a{" * 5000), "嵌套太深", "nested too deeply"),
        (markdown("".join("  " * level + "- a\n" for level in range(12))), "嵌套太深", "nested too deeply"),
        (html(f"<h2>{IMAGE}</h2>"), "图片夹在", "picture within a heading"),
        (html(f"<table><tr><td>{IMAGE}</td></tr></table>"), "图片夹在", "or a table"),
        (markdown("[a](javascript:1)"), "javascript:1", "javascript:1"),
        (markdown("[a](file:///etc)"), "file:///etc", "no address of a page"),
        (markdown("cost $5 and $6"), "\\$", "mathematics"),
        (markdown("```mermaid\ngraph\n```"), "mermaid", "mermaid"),
        (cell({"application/json": {}, "text/plain": "x"}), "application/json", "application/json"),
        (cell({"text/html": "", "application/vnd.bokehjs_exec.v0+json": ""}), "bokehjs", "bokehjs"),
        (nbformat.v4.new_raw_cell("x"), "未设格式", "no format"),
        (markdown("![x](attachment:a.png)"), "附件", "attachment"),
        (markdown("![x](attachment:a.png)", attachments={"a.png": {}}), "附件", "attachment"),
        (html(f"<table>{ROWS * 1001}</table>"), "1001 行", "1001 rows"),
        (html("<table><tr>" + "<td>12345</td>" * 60 + "</tr></table>"), "60 列", "60 columns"),
        (
            html("<table><thead><tr><th>a<th>b</thead><tr><td>1<td>2<tr><td>3</table>"),
            "第 3 行有 1 列",
            "row 3 has 1 columns",
        ),
        (html("<table></table>"), "没有单元格", "without cells"),
        (
            html("<table><thead><tr><th>a</thead><tr><td>1<tr><td rowspan=2>2</table>"),
            "第 3 行",
            "at row 3",
        ),
        (html("<table><tr><td rowspan=0>1</table>"), "rowspan=0 不是 1 至 1000", "whole number from 1 to 1000"),
        (html("<p style='display: none'>x</p>"), "display: none", "the style display: none"),
        (html("<p hidden>x</p>"), "hidden", "the style hidden"),
        (html("<table><tr style='visibility:hidden'><td>1</table>"), "visibility", "visibility"),
        (html("<style>p::before { content: 'more' }</style><p>x</p>"), "content", "content"),
        (html("<ul>loose<li>a</li></ul>"), "ul 里有文字", "text in ul"),
        (html("<table><tr>loose<td>a</td></tr></table>"), "里有文字", "none of its cells"),
        (html("<ol start=-3><li>a</li></ol>"), "编号", "number it plainly"),
        (html("<ol reversed><li>a</li></ol>"), "编号", "reversed"),
        (html("<ol><li value=5>a</li></ol>"), "编号", "value"),
        (printed("line\n" * 10_000), "10000 行", "10000 lines"),
        (html("<svg width=10></svg>"), "损坏", "damaged"),
    ],
)
def test_what_is_refused_is_named_with_its_cell_in_both_languages(shows: Any, zh: str, en: str) -> None:
    shows.id = "analysis-7"
    for language, key in (("zh", zh), ("en", en)):
        with speaking(language):
            said = refusal(shows)
        assert "analysis-7" in said
        assert key in said


def test_lists_hold_lists_tables_and_code() -> None:
    source = "- a\n  1. b\n     - c\n- f\n\n  | x | y |\n  |---|--:|\n  | 1 | 2 |\n\n  ```nolang\n  x = 1\n  ```\n"
    (found,) = blocks_of(markdown(source))
    assert isinstance(found, List)
    (_, inner), (_, table, code) = found.items
    assert isinstance(inner, List)
    assert inner.ordered
    assert isinstance(inner.items[0][1], List)
    assert isinstance(table, Table)
    assert code == Preformatted("x = 1")


def test_boxes_of_tasks_are_ticked_or_not() -> None:
    (found,) = blocks_of(markdown("- [x] done\n- [ ] todo"))
    assert isinstance(found, List)
    assert [words(item[0]) for item in found.items] == ["√ done", "□ todo"]


def test_an_address_ends_where_chinese_goes_on() -> None:
    (found,) = blocks_of(markdown("见https://example.org/a?b=1，后文"))
    assert isinstance(found, Paragraph)
    address = "https://example.org/a?b=1"
    assert found.line == (Run("见"), Run(address, Look(link=address)), Run("，后文"))


def test_the_first_heading_of_the_first_level_is_the_title_and_later_ones_are_sections() -> None:
    found = blocks_of(markdown("##\n\n# Title\n\n# Part\n\n#### Deep"))
    assert [type(each) for each in found] == [Title, Heading, Heading]
    assert [each.level for each in found if isinstance(each, Heading)] == [1, 2]


def test_the_title_of_the_form_stays_the_title_whatever_stands_above_it() -> None:
    filing = balanced_filing()
    first, title, *_ = blocks_of(markdown("# Mine"), shown(report.heading(filing)))
    assert isinstance(first, Heading)
    assert isinstance(title, Title)


def test_links_lead_to_headings_as_in_jupyter_and_to_nothing_that_has_no_anchor() -> None:
    link, heading, *_ = blocks_of(markdown("[a](#总体-情况) [b](#p) [c](#T)\n\n## 总体 情况\n\n<p id=p>x</p>\n\n# T"))
    assert isinstance(link, Paragraph)
    assert isinstance(heading, Heading)
    assert link.line == (Run("a", Look(link="#总体-情况")), Run(" b c"))
    assert heading.anchor == "总体-情况"


def test_a_line_is_shown_in_its_last_state() -> None:
    (found,) = blocks_of(printed("10%\r50%\r100%\ndone\r\n\x1b[31mred\x1b[0m\n"))
    assert found == Preformatted("100%\ndone\nred")


def test_preformatted_text_keeps_its_lines_and_columns() -> None:
    assert blocks_of(html("<pre>a<br>b\tc</pre>")) == [Preformatted("a\nb       c")]


def test_what_is_declared_for_rows_and_tables_reaches_their_cells() -> None:
    text = "<table style='color:#ff0000'><tr style='background:#eee;TEXT-ALIGN:RIGHT'><td>1<td style='color:blue'>2"
    first, second = table_of(text).rows[0].cells
    assert (first.background, first.align) == ("#eeeeee", "right")
    assert [cell.lines[0][0].look.color for cell in (first, second)] == ["#ff0000", "#0000ff"]


def test_alignment_is_inherited() -> None:
    for text in ("<center><p>x</p></center>", "<div style='text-align: CENTER'><p>x</p></div>"):
        (found,) = blocks_of(html(text))
        assert isinstance(found, Paragraph)
        assert found.align == "center"


def test_lists_in_cells_count_from_their_start() -> None:
    (found,) = table_of("<table><tr><td><ol start=3><li>a</li><li>b</li></ol></td></tr></table>").rows[0].cells
    assert ["".join(run.text for run in line) for line in found.lines] == ["3. a", "4. b"]


def test_a_table_in_a_list_has_less_room() -> None:
    row = "<tr>" + "<td>123456789012</td>" * 9 + "</tr>"
    (found,) = blocks_of(html(f"<ul><li><table>{row}</table></li></ul>"))
    assert isinstance(found, List)
    inner = found.items[0][0]
    assert isinstance(inner, Table)
    assert inner.size < table_of(f"<table>{row}</table>").size


def test_nested_drawings_are_one_picture() -> None:
    svg = '<svg width="10" height="10"><title>a</title><svg width="5" height="5"/><svg></svg></svg>'
    assert len(blocks_of(html(svg))) == 1


@pytest.mark.parametrize("piece", ["<svg", "<svg ", "<svg>", "<svg '", "</body", "</html ", "<", "&", "word ", "<br>"])
def test_hostile_text_takes_no_more_time_than_it_is_long(piece: str) -> None:
    start = time.process_time()
    with suppress(JobError):
        blocks_of(html(piece * (250_000 // len(piece))))
    assert time.process_time() - start < 10
