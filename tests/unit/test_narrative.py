"""Texts and facts of published reports, headed, signed and dated as agencies and their sites do."""

from __future__ import annotations

import pytest

from gongkai.filing import Filing
from gongkai.intake.interface import Document
from gongkai.intake.text import TextReader

TITLE = "甲县教育局2024年政府信息公开工作年度报告"
TABLES = """二、主动公开政府信息情况
信息内容\t本年制发件数\t本年废止件数\t现行有效件数
规章\t0\t0\t0
三、收到和处理政府信息公开申请情况
四、政府信息公开行政复议、行政诉讼情况
"""
END = """五、存在的主要问题及改进情况
问题不少。
六、其他需要报告的事项
没有。
"""


def read(text: str) -> Filing:
    return TextReader().read(Document("report.txt", text.encode()))


def told(filing: Filing) -> dict[str, list[str]]:
    return {key: [each.text for each in texts] for key, texts in filing.texts.items()}


def overview(lines: str) -> dict[str, list[str]]:
    found = told(read(f"{TITLE}\n一、总体情况\n{lines}\n{TABLES}{END}"))
    assert (found.pop("issues"), found.pop("other_matters")) == (["问题不少。"], ["没有。"])
    return {key.removeprefix("overview."): texts for key, texts in found.items()}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("（一）主动公开政府信息情况\n甲。\n（二）依申请公开\n乙。", {"proactive": ["甲。"], "on_request": ["乙。"]}),
        ("（一）主动公开情况：甲。\n（二）依申请公开 乙。", {"proactive": ["甲。"], "on_request": ["乙。"]}),
        ("（五）监 督保障情况\n甲。", {"oversight": ["甲。"]}),
        ("主动公开\n甲。\n依申请公开情况。乙。", {"proactive": ["甲。"], "on_request": ["乙。"]}),
        ("平稳。", {"overview": ["平稳。"]}),
        ("（四）平台建设\n甲。\n（三）信息管理\n乙。", {"information_management": ["乙。"], "platforms": ["甲。"]}),
        (
            "（一）主动公开\n1.平台建设方面，更新。\n（1）依申请公开。\n①监督保障。",
            {"proactive": ["1.平台建设方面，更新。", "（1）依申请公开。", "①监督保障。"]},
        ),
        ("（五）监督保障\n甲。\n（六）教育培训\n乙。", {"oversight": ["甲。"], "overview": ["（六）教育培训", "乙。"]}),
        ("（一）主动公开政府信息12条。其中网站9条。", {"proactive": ["（一）主动公开政府信息12条。其中网站9条。"]}),
        ("（一）提升主动公开效果，依法办事。共39件。", {"proactive": ["（一）提升主动公开效果，依法办事。共39件。"]}),
    ],
)
def test_parts_of_the_overview_are_found_by_their_headings_and_nothing_is_lost(
    lines: str, found: dict[str, list[str]]
) -> None:
    assert overview(lines) == found


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (
            "前言。\n一、总体情况。平稳。\n五、存在的主要问题及改进措施：问题不少，已改。\n六、2024年收费2件。其中甲县1件。",
            {"preamble": ["前言。"], "overview": ["平稳。"], "issues": ["问题不少，已改。"],
             "other_matters": ["2024年收费2件。其中甲县1件。"]},
        ),
        ("一、工作概述\n平稳。\n五、不足与改进\n问题。", {"overview": ["平稳。"], "issues": ["问题。"]}),
        ("第一部分 总体情况\n平稳。\n第五部分 存在的主要问题及改进情况\n问题。",
         {"overview": ["平稳。"], "issues": ["问题。"]}),
        ("1.总体情况\n平稳。\n（1）主动公开\n甲。\n5.存在的主要问题及改进情况\n（1）主动公开不足。",
         {"overview": ["平稳。"], "overview.proactive": ["甲。"], "issues": ["（1）主动公开不足。"]}),
        ("一、总体情况\n平稳。\n五、存在的主要问题及改进情况\n一、问题\n问题。\n二、改进\n改进。",
         {"overview": ["平稳。"], "issues": ["一、问题", "问题。", "二、改进", "改进。"]}),
        ("目录\n一、总体情况.......1\n五、存在的主要问题及改进情况.......5\n前言。\n一、总体情况\n平稳。\n五、存在的主要问题及改进情况\n问题。",
         {"preamble": ["目录", "前言。"], "overview": ["平稳。"], "issues": ["问题。"]}),
        ("（一）主动公开\n甲\n（五）监督保障\n乙", {"overview.proactive": ["甲"], "overview.oversight": ["乙"]}),
    ],
)  # fmt: skip
def test_sections_are_found_by_their_headings(report: str, found: dict[str, list[str]]) -> None:
    assert told(read(f"{TITLE}\n{report}\n")) == found


@pytest.mark.parametrize(
    ("title", "agency", "level"),
    [
        (TITLE, "甲县教育局", "department"),
        ("甲县教育局2024年政府信息公开工作报告", "甲县教育局", "department"),
        ("甲县教育局\n2024年度政府信息\n公开工作年度报告", "甲县教育局", "department"),
        ("甲县教育局\n政府信息公开工作年度报告\n（2024年度）", "甲县教育局", "department"),
        ("甲县教育局二〇二四年政府信息公开年报", "甲县教育局", "department"),
        ("关于甲县教育局2024年度政府信息公开工作情况的报告", "甲县教育局", "department"),
        ("2024年甲县政府信息公开工作年度报告", "甲县", "government"),
        ("乙镇政府信息公开工作2024年度报告 发布日期 2025-01-18", "乙镇", "township"),
        ("甲县乡村振兴局（甲县扶贫办）2024年政府信息公开工作年度报告", "甲县乡村振兴局(甲县扶贫办)", "department"),
        (f"甲县教育局2023年政府信息公开工作年度报告\n标题：{TITLE}\n来源：甲县", "甲县教育局", "department"),
    ],
)
def test_titles_tell_agency_level_and_year(title: str, agency: str, level: str) -> None:
    found = read(f"首页 > 政务公开\n{title}\n前言。\n一、总体情况\n平稳。\n")
    assert (found.agency, found.level, found.year) == (agency, level, 2024)
    assert told(found) == {"preamble": ["前言。"], "overview": ["平稳。"]}


@pytest.mark.parametrize(
    ("end", "signature", "signed"),
    [
        ("甲县教育局\n2025年1月20日\n附件：表\n2025年1月25日印发", "甲县教育局", "2025年1月20日"),
        ("甲县教育局 2025年1月20日", "甲县教育局", "2025年1月20日"),
        ("二〇二五年一月二十日\n甲县教育局", "甲县教育局", "二〇二五年一月二十日"),
        ("甲县教育局\n2025-01-20\n打印 关闭", "甲县教育局", "2025-01-20"),
        ("2025年1月20日", None, "2025年1月20日"),
        ("打印 关闭\n相关链接\n甲县水利局2024年政府信息公开工作年度报告", None, None),
        ("发布机构：甲县教育局 点击：21次\n版权所有", None, None),
        ("分享到：\n上一篇：甲县水利局2024年政府信息公开工作年度报告", None, None),
    ],
)
def test_the_signature_and_what_a_site_prints_below_are_no_text(
    end: str, signature: str | None, signed: str | None
) -> None:
    found = read(f"{TITLE}\n一、总体情况\n平稳。\n{TABLES}{END}{end}\n")
    facts = {key: fact.text for key, fact in found.facts.items()}
    assert (facts.get("signature"), facts.get("signed")) == (signature, signed)
    assert told(found)["other_matters"] == ["没有。"]


def test_a_report_signed_below_its_title_has_that_in_no_text() -> None:
    for lines, signature in (("甲县教育局\n2025年1月20日", "甲县教育局"), ("（2025年1月20日）", None)):
        found = read(f"{TITLE}\n{lines}\n前言。\n一、总体情况\n平稳。\n{TABLES}{END}")
        facts = {key: fact.text for key, fact in found.facts.items()}
        assert (facts.get("signature"), facts["signed"]) == (signature, "2025年1月20日")
        assert told(found)["preamble"] == ["前言。"]


@pytest.mark.parametrize(
    ("lines", "published"),
    [
        ("来源：甲县教育局 成文日期：2025-01-10 发布时间：2025-01-21 08:30", "2025-01-21"),
        ("生成日期：2025-01-20\n发布日期：[2025年1月21日]", "2025年1月21日"),
        ("时间:2025-01-21", "2025-01-21"),
        ("成文日期：2025-01-10", None),
        ("2025-01-21 08:30", None),
    ],
)
def test_the_date_of_publication_is_what_the_page_calls_so(lines: str, published: str | None) -> None:
    found = read(f"{TITLE}\n{lines}\n浏览次数：123\n【字体：大 中 小】\n前言。\n一、总体情况\n平稳。\n")
    assert (found.facts["published"].text if "published" in found.facts else None) == published
    assert told(found) == {"preamble": ["前言。"], "overview": ["平稳。"]}


@pytest.mark.parametrize(
    "period",
    ["2024年1月1日起至12月31日", "2024年1月1日-2024年12月31日", "2024年1月1日——12月31日", "2024.1.1-2024.12.31"],
)
def test_the_period_of_the_statistics_is_stated_in_many_forms(period: str) -> None:
    assert read(f"{TITLE}\n统计期限自{period}止。\n").facts["period"].text == period
