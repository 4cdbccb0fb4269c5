"""The HTML page of an executed notebook: no kernel is needed to make one here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import nbformat
import pytest

from gongkai import report
from gongkai.catalogues import speaking
from gongkai.errors import GongkaiError, JobError, NotebookError
from gongkai.export import GongkaiHTMLExporter
from gongkai.filing import Cell, Filing, Text
from gongkai.forms import editions, load_form
from gongkai.tables import layout
from tests.helpers import balanced_filing, changed
from tests.notebooks import PNG, cell, faulty, markdown, notebook, parsed, report_of, shown, shown_values, to_html


@pytest.mark.parametrize("edition", editions())
def test_every_official_table_has_the_merged_cells_of_the_form(edition: str) -> None:
    filing = Filing(edition=edition, cells={}, year=2024)
    for key in load_form(edition).tables:
        table = parsed(to_html(notebook([shown(report.section(filing, key))]))).find("table", {"data-table": key})
        taken: set[tuple[int, int]] = set()
        found = []
        for row, line in enumerate(table.find_all("tr")):
            column = 0
            for each in line.find_all(["td", "th"]):
                while (row, column) in taken:
                    column += 1
                spans = int(each.get("rowspan", 1)), int(each.get("colspan", 1))
                taken |= {(row + down, column + right) for down in range(spans[0]) for right in range(spans[1])}
                found.append((row, column, *spans, each.get("data-cell")))
        grid = layout(edition, key)
        expected = [(one.row, one.column, one.rowspan, one.colspan, one.address) for one in grid.cells]
        assert found == expected
        assert taken == {(row, column) for row in range(grid.height) for column in range(grid.width)}
        assert len(table.find("thead").find_all("tr") if grid.head_rows else []) == grid.head_rows


@pytest.mark.parametrize("seed", range(3))
def test_every_value_stands_in_its_cell_under_its_address(seed: int) -> None:
    filing = balanced_filing(seed, largest=99_999_999)
    values = {td["data-cell"]: td.text for td in parsed(to_html(report_of(filing))).select("td[data-cell]")}
    assert values == dict(zip(filing.cells, shown_values(filing), strict=True))
    assert len(values) == 200


def test_what_is_no_number_is_shown_as_it_stood_and_nothing_is_filled_in() -> None:
    filing = changed(
        balanced_filing(),
        {
            "requests.received.business": None,
            "requests.received.research": Cell(None, "placeholder", "/"),
            "requests.received.total": Cell(None, "unreadable", "约<3>件"),
        },
    )
    missing = {key: each for key, each in filing.cells.items() if key != "disputes.direct_suit.total"}
    page = parsed(to_html(report_of(replace(filing, cells=missing))))
    names = ["requests.received.business", "requests.received.research", "requests.received.total"]
    texts = [page.find("td", {"data-cell": name}).text for name in (*names, "disputes.direct_suit.total")]
    assert texts == ["", "/", "约<3>件", ""]


def test_every_value_names_the_heads_it_stands_under() -> None:
    page = parsed(to_html(report_of(balanced_filing())))
    for td in page.select("td[data-cell]"):
        assert all(page.find("th", id=each) for each in td["headers"].split())
    td = page.find("td", {"data-cell": "requests.refused.third_party.business"})
    heads = [page.find("th", id=each) for each in td["headers"].split()]
    assert [(head.text, head["scope"]) for head in heads] == [
        ("申请人情况", "colgroup"),
        ("法人或其他组织", "colgroup"),
        ("商业企业", "col"),
        ("三、本年度办理结果", "rowgroup"),
        ("（三）不予公开", "rowgroup"),
        ("4.保护第三方合法权益", "row"),
    ]


def test_the_page_is_the_official_report_in_order() -> None:
    texts = {"preamble": "前言。", "overview": "综述。", "overview.platforms": "平台。", "issues": "问题。"}
    filing = replace(
        balanced_filing(),
        texts={key: (Text(text),) for key, text in texts.items()},
        facts={"signed": Text("2025年1月20日")},
    )
    page = parsed(to_html(report_of(filing)))
    assert page.title.text == page.h1.text == "青杉县财政局2024年政府信息公开工作年度报告"
    outline = [each.text for each in page.main.find_all(["h2", "h3", "p"])]
    assert outline == [
        "前言。",
        "一、总体情况",
        "综述。",
        "（四）政府信息公开平台建设",
        "平台。",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "问题。",
        "六、其他需要报告的事项",
        "青杉县财政局",
        "2025年1月20日",
    ]
    assert page.html["lang"] == "zh-CN"


def test_a_report_in_english_says_so() -> None:
    with speaking("en"):
        document = report_of(balanced_filing())
    page = parsed(to_html(document))
    assert page.html["lang"] == "en"
    assert page.h2.text == "1. Overview"


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>局"
    filing = replace(balanced_filing(agency=hostile), texts={"issues": (Text('<a href="https://example.org">"</a>'),)})
    for draft in (False, True):
        html = to_html(report_of(filing, checked=report.check(filing)), draft=draft)
        page = parsed(html)
        assert not page.select("script, link, img, iframe, object, a[href^=http]")
        assert "url(" not in html
        assert "@import" not in html
        assert "onerror" not in {name for each in page.find_all(True) for name in each.attrs}
        assert page.h1.text.replace(" ", "").startswith(hostile.replace(" ", ""))


def test_the_final_shows_no_code_no_mark_no_finding() -> None:
    checked = faulty()
    assert checked.findings
    final = to_html(report_of(checked.filing, checked=checked))
    assert final == to_html(report_of(checked.filing))
    for word in ("source_of_the_cell", "marked", "finding", "draft", "草稿", "T3-IDENTITY"):
        assert word not in final


def test_the_draft_marks_each_cell_with_what_was_found_there() -> None:
    checked = faulty()
    page = parsed(to_html(report_of(checked.filing, checked=checked), draft=True))
    wanted: dict[str, list[int]] = {}
    cells = [each.cells for each in checked.findings] + [each.cells for each in checked.filing.doubts]
    for number, addresses in enumerate(cells, start=1):
        for address in addresses:
            wanted.setdefault(address, []).append(number)
    marked = {td["data-cell"]: [int(link.text) for link in td.select("sup a")] for td in page.select("td.marked")}
    assert marked == wanted
    for td in page.select("td.marked"):
        for link in td.select("sup a"):
            entry = page.select_one(link["href"])
            assert any(cell.text in td["title"] for cell in entry.select("td") if len(cell.text) > 8)
    for link in page.select("tr[id] a[href^='#cell-']"):
        assert page.find(id=link["href"].removeprefix("#"))["data-cell"] in wanted
    assert "not_assessable" in page.find("td", {"data-cell": "disputes.direct_suit.total"})["class"]
    assert "error" in page.find("td", {"data-cell": "disputes.direct_suit.upheld"})["class"]
    assert "doubt" in page.find("td", {"data-cell": "requests.granted.research"})["class"]
    assert page.select_one(".draft-mark").text == "草稿"


def test_a_draft_has_no_id_twice_and_the_values_of_the_final() -> None:
    checked = faulty()
    again = shown(report.section(checked.filing, "disputes"))
    page = parsed(to_html(report_of(checked.filing, again, checked=checked), draft=True))
    ids = [each["id"] for each in page.select("td[id]")]
    assert len(ids) == len(set(ids))
    for mark in page.select("sup, .margin"):
        mark.decompose()
    final = parsed(to_html(report_of(checked.filing, again)))
    assert [td.text for td in page.select("td[data-cell]")] == [td.text for td in final.select("td[data-cell]")]


def test_a_draft_without_findings_says_so() -> None:
    checked = report.check(balanced_filing())
    page = parsed(to_html(report_of(checked.filing, checked=checked), draft=True))
    assert "未发现问题。" in [each.text for each in page.select("p")]
    assert not page.select("td.marked")


def test_what_an_analyst_adds_reaches_the_page() -> None:
    import pandas as pd

    frame = pd.DataFrame({"件": [1, 2]}, index=["<甲>", "乙"])
    stream = nbformat.v4.new_output("stream", name="stdout", text="a < b\n")
    noise = nbformat.v4.new_output("stream", name="stderr", text="warning")
    page = parsed(
        to_html(
            notebook(
                [
                    markdown("## 分析\n\n- **加粗**\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
                    cell({"text/html": frame._repr_html_(), "text/plain": "frame"}),
                    cell({"image/png": PNG + "\n", "text/plain": "figure"}),
                    cell({"text/markdown": "*斜体*", "text/plain": "md"}),
                    cell({"text/plain": "'x < y'"}),
                    nbformat.v4.new_code_cell("print()", outputs=[stream, noise]),
                ]
            )
        )
    )
    assert page.h2.text == "分析"
    assert page.strong.text == "加粗"
    assert [td.text for td in page.select("table:first-of-type td")][:2] == ["1", "2"]
    assert "<甲>" in [th.text for th in page.select("th")]
    assert page.img["src"] == f"data:image/png;base64,{PNG}"
    assert page.em.text == "斜体"
    assert [each.text.strip("\n") for each in page.select("pre")] == ["'x < y'", "a < b"]
    assert not page.select("script, style:not(head style)")
    assert "warning" not in page.text


def test_html_that_an_analyst_shows_is_written_anew() -> None:
    html = (
        '<style>p{position:fixed}</style><p onclick="1" style="position:fixed" class="k">文'
        '<a href="https://example.org/?a=1&amp;b=2">链</a><a href="#x">接</a></p>'
        '<table class="t"><tr><th scope="col" rowspan="2" id="h">头</th><td headers="h">体</td></tr>'
        "<tr><td>乙</td></tr></table>"
    )
    page = parsed(to_html(notebook([cell({"text/html": html})])))
    assert str(page.main.p) == '<p>文<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">链</a>接</p>'
    assert not page.main.select("style")
    assert page.th.attrs == {"scope": "col", "rowspan": "2", "id": "h"}
    assert page.td.attrs == {"headers": "h"}


@pytest.mark.parametrize(
    "data",
    [
        {"image/svg+xml": "<svg/>", "text/plain": "figure"},
        {"text/html": "<script>1</script>"},
        {"text/html": '<a href="javascript:1">x</a>'},
        {"text/html": '<iframe src="https://example.org"></iframe>'},
        {"text/markdown": "$x$"},
        {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "slider"},
        {"application/javascript": "alert(1)"},
        {"text/latex": "$x$", "text/plain": "x"},
        {"text/html": '<img src="https://example.org/x.png">'},
        {"text/html": '<img src="x.png">'},
        {"text/html": '<img src="data:image/svg+xml;base64,AAAA">'},
        {"text/markdown": "![x](https://example.org/x.png)"},
        {"text/markdown": "![x](attachment:x.png)"},
    ],
)
def test_what_has_no_place_on_a_page_is_refused_by_the_name_of_its_cell(data: dict[str, Any]) -> None:
    with pytest.raises(JobError, match="analysis-7"):
        to_html(notebook([cell(data, id="analysis-7")]))


def test_a_notebook_with_an_error_is_refused_by_the_name_of_its_cell() -> None:
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no\nsecond line", traceback=["Traceback"])
    with pytest.raises(NotebookError, match=r"overview.*ValueError: no$"):
        to_html(notebook([nbformat.v4.new_code_cell("", outputs=[error], id="overview")]))


def run_cell(name: str, count: int | None, *outputs: Any, **metadata: Any) -> Any:
    return nbformat.v4.new_code_cell("show()", id=name, execution_count=count, outputs=list(outputs), metadata=metadata)


def test_a_cell_that_was_not_run_is_refused_by_its_name_since_the_report_would_lack_it() -> None:
    output = nbformat.v4.new_output("stream", text="made")
    for cells in ([run_cell("later", None)], [run_cell("first", 1, output), run_cell("later", None)]):
        with pytest.raises(JobError, match="later") as refused:
            to_html(notebook(cells))
        assert refused.value.key == "not_run"


def test_a_cell_that_shows_nothing_may_have_been_run_or_left_out() -> None:
    output = nbformat.v4.new_output("stream", text="made")
    for cells in (
        [run_cell("imports", 1), run_cell("last", 2, output)],
        [run_cell("imports", None), run_cell("last", None, output)],  # a tool took the counts away
        [run_cell("left-out", None, tags=["skip-execution"]), run_cell("last", 1, output)],
        [nbformat.v4.new_code_cell(" "), run_cell("last", 1, output)],
    ):
        assert "made" in to_html(notebook(cells))


def test_the_same_notebook_gives_the_same_bytes_under_any_name_and_stays_as_it_is() -> None:
    checked = faulty()
    text = report_of(checked.filing, checked=checked)
    node = nbformat.reads(text, as_version=4)
    pages = set()
    for name in ("one", "two"):
        page, resources = GongkaiHTMLExporter(draft=True).from_notebook_node(node, {"metadata": {"name": name}})
        assert resources["output_extension"] == ".html"
        pages.add(page)
    assert pages == {to_html(text, draft=True)}
    assert nbformat.writes(node) == text


def test_a_notebook_without_a_report_is_titled_by_its_name() -> None:
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text")])
    page, _ = GongkaiHTMLExporter().from_notebook_node(node, {"metadata": {"name": "analysis"}})
    assert parsed(page).title.text == "analysis"


def test_numbers_too_long_for_their_columns_are_set_smaller() -> None:
    plain, long = balanced_filing(largest=40), balanced_filing(largest=99_999_999)
    for filing, dense in ((plain, False), (long, True)):
        tables = parsed(to_html(report_of(filing))).select("table.official")
        sizes = [float(re.findall(r"--value-size: ([0-9.]+)pt", table["style"])[0]) for table in tables]
        assert [size < 8 for size in sizes] == [False, dense, dense]
        assert min(sizes) > 5


def test_a_section_that_the_form_does_not_have_is_refused_with_the_nearest() -> None:
    with pytest.raises(GongkaiError, match=r"disclosures.*disclosure"):
        report.section(balanced_filing(), "disclosures")


def test_pages_can_be_read_in_a_terminal() -> None:
    text = str(report.section(balanced_filing(), "requests"))
    assert text.startswith("三、收到和处理政府信息公开申请情况\n")
    assert "<" not in re.sub(r"[“”]", "", text)


def test_a_figure_without_alternative_text_is_shown_and_told_of(caplog: pytest.LogCaptureFixture) -> None:
    picture = {"image/png": PNG, "text/plain": "figure"}
    exporter = GongkaiHTMLExporter()
    exporter.log.propagate = True
    node = nbformat.v4.new_notebook(
        cells=[
            cell(picture, id="bare"),
            markdown(f"- ![](data:image/png;base64,{PNG})", id="listed"),
            cell(picture, id="named", metadata={"alt": "一个白点"}),
        ]
    )
    page = parsed(exporter.from_notebook_node(node)[0])
    assert [img["alt"] for img in page.select("img")] == ["图（未写替代文字）", "图（未写替代文字）", "一个白点"]
    told = [record.getMessage() for record in caplog.records if "替代文字" in record.getMessage()]
    assert [each.partition("：")[0] for each in told] == ["bare", "listed"]
