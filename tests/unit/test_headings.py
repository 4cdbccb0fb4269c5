"""How a report prints the form is kept: its headings, labels that are not the form's, pictures in place of tables."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import docx
import pytest

from gongkai.filing import Filing
from gongkai.intake import read
from gongkai.intake.cells import CellsReader, cells_text
from gongkai.intake.html import HTMLReader
from gongkai.intake.interface import Document
from gongkai.intake.template import write_workbook
from gongkai.intake.text import TextReader
from gongkai.intake.word import WordReader
from tests.published.filings import invented
from tests.published.styles import STYLES

TITLE = "甲县教育局2024年政府信息公开工作年度报告"
MADE = "信息内容\t本年制发件数\t本年废止件数\t现行有效件数\n规章\t0\t0\t0"
SECTIONS = {
    "overview": "一、总体情况",
    "disclosure": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "disputes": "四、政府信息公开行政复议、行政诉讼情况",
    "issues": "五、存在的主要问题及改进情况",
    "other_matters": "六、其他需要报告的事项",
}
BELOW = {"overview": "平稳。", "disclosure": MADE, "issues": "问题不少。", "other_matters": "没有。"}


def written(text: str) -> Filing:
    return TextReader().read(Document("report.txt", text.encode()))


def report(headings: dict[str, str] | None = None, below: dict[str, str] | None = None) -> Filing:
    headings, below = SECTIONS | (headings or {}), BELOW | (below or {})
    return written("\n".join([TITLE, *(f"{headings[key]}\n{below.get(key, '')}" for key in headings)]))


def facts(filing: Filing, *prefixes: str) -> dict[str, str]:
    return {key: fact.text for key, fact in filing.facts.items() if key.startswith(prefixes)}


def beyond(filing: Filing) -> list[str]:
    return list(facts(filing, "heading.beyond.").values())


# Headings ----------------------------------------------------------------------------------------------------------


def test_the_headings_of_sections_are_kept_as_printed() -> None:
    assert facts(report(), "heading.") == {f"heading.{key}": heading for key, heading in SECTIONS.items()}
    printed = {
        "overview": "一、工作总体情况",
        "issues": "五、主要问题和改进措施。",
        "other_matters": "7、其他需要报告的事项：",
    }
    found = facts(report(printed), "heading.")
    assert found["heading.overview"] == "一、工作总体情况"
    assert found["heading.issues"] == "五、主要问题和改进措施"
    assert found["heading.other_matters"] == "7、其他需要报告的事项"


def test_a_heading_on_a_line_with_its_text_is_kept_without_it() -> None:
    found = report({"issues": "五、存在的主要问题及改进情况：更新偏慢。"}, {"issues": ""})
    assert found.facts["heading.issues"].text == "五、存在的主要问题及改进情况"
    assert [each.text for each in found.texts["issues"]] == ["更新偏慢。"]


def test_a_section_without_a_heading_has_none() -> None:
    text = f"{TITLE}\n{SECTIONS['overview']}\n平稳。\n{MADE}\n{SECTIONS['issues']}\n慢。"
    assert set(facts(written(text), "heading.")) == {"heading.overview", "heading.issues"}


def test_headings_of_parts_are_kept_as_printed() -> None:
    parts = "（一）主动公开政府信息情况\n甲。\n（二）依申请公开。乙。\n（三）抓实信息管理，先审后发。丙。"
    assert facts(report(below={"overview": parts}), "heading.overview.") == {
        "heading.overview.proactive": "（一）主动公开政府信息情况",
        "heading.overview.on_request": "（二）依申请公开",
        "heading.overview.information_management": "（三）抓实信息管理，先审后发",
    }


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("没有。\n七、附件目录", ["七、附件目录"]),
        ("没有。\n七、附件目录\n甲。\n八、联系方式\n乙。", ["七、附件目录", "八、联系方式"]),
        ("没有。\n五、存在的主要问题与改进情况", ["五、存在的主要问题与改进情况"]),
    ],
)
def test_a_heading_beyond_the_forms_is_kept(after: str, found: list[str]) -> None:
    assert beyond(report(below={"other_matters": after})) == found


def test_a_section_that_stands_too_late_is_a_heading_beyond() -> None:
    order = ("overview", "requests", "disclosure", "disputes", "issues", "other_matters")
    filing = written("\n".join([TITLE, *(f"{SECTIONS[key]}\n{BELOW.get(key, '')}" for key in order)]))
    assert beyond(filing) == [SECTIONS["disclosure"]]


def test_a_heading_in_place_of_a_sections_is_kept() -> None:
    assert beyond(report({"issues": "五、下年度工作打算"})) == ["五、下年度工作打算"]


@pytest.mark.parametrize(
    "text",
    [
        "一、问题\n慢。\n二、改进\n快。\n六、期限\n长。\n七、其他\n无。",
        "（七）附件目录",
        "7.附件目录",
        "七、本年收取费用3元",
        "七、没有收取费用，也没有减免。",
        "七、" + "字" * 30,
        "四、政府信息公开行政复议、行政诉讼情况",
        "其他需要报告的事项",
    ],
)
def test_what_is_no_heading_of_a_section_is_none(text: str) -> None:
    assert beyond(report(below={"other_matters": text})) == []


def test_items_of_a_list_are_no_headings_though_they_have_the_next_number() -> None:
    assert beyond(report(below={"overview": "二、队伍建设\n甲。\n三、制度建设\n乙。"})) == []


def test_labels_of_the_table_of_requests_are_no_headings() -> None:
    lines = "一、本年新收政府信息公开申请数量\n0 0 0 0 0 0 0\n四、结转下年度\n继续办理\n0 0 0 0 0 0 0"
    assert beyond(report(below={"requests": lines})) == []


def test_a_table_of_contents_has_no_headings() -> None:
    contents = "\n".join(SECTIONS.values())
    filing = written("\n".join([TITLE, contents, *(f"{SECTIONS[key]}\n{BELOW.get(key, '')}" for key in SECTIONS)]))
    assert beyond(filing) == []
    assert filing.facts["heading.issues"].source is not None
    assert filing.facts["heading.issues"].source.line == 17


# Labels ------------------------------------------------------------------------------------------------------------


def labels(table: str, key: str = "disclosure") -> dict[str, str]:
    return facts(report(below={key: table}), "label.")


@pytest.mark.parametrize(
    ("official", "printed", "key"),
    [
        ("本年制发件数", "本年发件数", "made"),
        ("本年制发件数", "本年", "made"),
        ("规章", "规章（含修订）", "regulations"),
    ],
)
def test_a_label_that_is_not_the_forms_is_kept(official: str, printed: str, key: str) -> None:
    assert labels(MADE.replace(official, printed)) == {f"label.disclosure.{key}": printed}


def test_a_label_of_a_row_with_lost_or_changed_characters_is_kept() -> None:
    row = "1.信访举报类申请\t0\t0\t0\t0\t0\t0\t0\n2.重复申请\t0\t0\t0\t0\t0\t0\t0"
    assert labels(row, "requests") == {"label.requests.not_processed.petition": "1.信访举报类申请"}


@pytest.mark.parametrize(
    "table",
    [
        MADE,
        MADE.replace("本年制发件数", "本 年制发\u3000件数").replace("规章", " 规  章 "),
        MADE.replace("本年制发件数", "本年制发件数（件）"),
        "信息内容\t本年制发\t本年废止件数\t现行有效件数\n\t件数\t\t\n规章\t0\t0\t0",
        "信息内容\t本年收费金额\n行政事业性收费\t0",
        "信息内容\t本年处理决定数量\n行政许可（包括已公开和依法未公开的全部处理决定）\t0",
    ],
)
def test_spaces_signs_units_and_the_forms_own_notes_make_no_other_label(table: str) -> None:
    assert labels(table) == {}


def test_a_label_without_its_note_is_the_forms() -> None:
    assert labels("(二) 部分公开\t0\t0\t0\t0\t0\t0\t0", "requests") == {}


@pytest.mark.parametrize("style", ["html-clean", "html-torn", "html-breaks", "text-tabs", "text-pipes", "docx-python"])
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_right_documents_have_all_headings_and_nothing_else(style: str, edition: str, tmp_path: Path) -> None:
    seeds = range(40, 44)
    for path in STYLES[style].publish([invented(edition, seed) for seed in seeds], seeds, tmp_path):
        filing = read(path)
        parts = {part.text for section in filing.form.sections for part in section.parts}
        keys = {f"heading.{key}" for key in {section.key for section in filing.form.sections} | parts}
        assert set(facts(filing, "heading.", "label.", "picture.")) == keys


# Pictures ----------------------------------------------------------------------------------------------------------

PAGE = "<html><body><h1>{title}</h1>{body}</body></html>"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def page(**below: str) -> Filing:
    body = "".join(f"<p>{heading}</p>{below.get(key, '')}" for key, heading in SECTIONS.items())
    return HTMLReader().read(Document("page.html", PAGE.format(title=TITLE, body=body).encode()))


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ('<p><img alt="表三" src="a.png"></p>', "表三"),
        ('<p><img src="/files/2025/W0203.png?x=1"></p>', "W0203.png"),
        ('<img src="data:image/png;base64,AAAA">', "img"),
        ('<table><tr><td><img src="a.png"></td></tr></table>', "a.png"),
    ],
)
def test_a_picture_where_a_table_is_missing_is_kept(markup: str, name: str) -> None:
    assert facts(page(requests=markup), "picture.") == {"picture.requests": name}


def test_pictures_elsewhere_or_beside_a_table_are_not() -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{each}</td>' for each in row.split())}</tr>" for row in MADE.split("\n"))
    shown = page(overview='<img src="a.png">', disclosure=f'<table>{rows}</table><img src="a.png">')
    assert shown.cells
    assert facts(shown, "picture.") == {}
    assert facts(page(requests='<img src="a.png" hidden>'), "picture.") == {}


def test_a_picture_in_a_sentence_does_not_part_it() -> None:
    (passage,) = page(issues='<p>更新<img src="a.png">偏慢。</p>').texts["issues"]
    assert passage.text == "更新偏慢。"


@pytest.mark.parametrize("in_table", [False, True])
def test_a_picture_in_a_word_file_is_kept_where_a_table_is_missing(in_table: bool) -> None:
    made = docx.Document()
    made.add_paragraph(TITLE)
    for key, heading in SECTIONS.items():
        made.add_paragraph(heading)
        if key == "disputes":
            place = made.add_table(1, 1).cell(0, 0).paragraphs[0] if in_table else made.add_paragraph()
            place.add_run().add_picture(io.BytesIO(PIXEL))
    stream = io.BytesIO()
    made.save(stream)
    found = WordReader().read(Document("report.docx", stream.getvalue()))
    assert list(facts(found, "picture.")) == ["picture.disputes"]


# Elsewhere ---------------------------------------------------------------------------------------------------------


def test_such_facts_travel_in_json_and_cells_files_and_a_workbook_has_its_own(tmp_path: Path) -> None:
    filing = report({"overview": "一、工作总体情况"})
    assert Filing.from_json(filing.to_json()) == filing
    kept = {key: fact.text for key, fact in filing.facts.items()}
    again = CellsReader().read(Document("report.csv", cells_text(filing).encode()))
    assert {key: fact.text for key, fact in again.facts.items()} == kept
    write_workbook(tmp_path / "report.xlsx", filing)
    workbook = read(tmp_path / "report.xlsx")
    assert workbook.medium == "workbook"
    assert facts(workbook, "heading.", "label.", "picture.") == {}
    assert workbook.facts["title"].text == TITLE
