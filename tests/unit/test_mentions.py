"""Years, periods, dates and names in prose: what may rightly stand is let stand, what was mistyped is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.example import Example
from gongkai.example.reports import reports_of
from gongkai.filing import Filing, Medium, Text
from gongkai.narrative.mentions import (
    announced,
    day,
    names,
    other_agencies,
    period,
    same_agency,
    stated_periods,
    years,
)

AGENCY = "青杉县水利局"


def filing(
    text: str = "", *, key: str = "overview.proactive", medium: Medium = "document", agency: str = AGENCY, **facts: str
) -> Filing:
    return Filing(
        edition="2021",
        cells={},
        agency=agency,
        year=2024,
        medium=medium,
        texts={key: (Text(text),)} if text else {},
        facts={each: Text(value) for each, value in facts.items()},
    )


def unfit(text: str, key: str = "overview.proactive") -> list[str]:
    return [each.quote for each in years(filing(text, key=key)) if not each.fits]


HONEST = [
    "2024年，我局公开信息52条。",
    "2024 年度，我局新收申请8件，较2023年增长14.3%。",
    "新收申请8件，与2023年相比多1件，比 2023 年度多14.3%。",
    "新收申请8件（2023年为7件），申请量从2023年的7件增加到2024年的8件。",
    "信息比2023年同期多，和2023年持平。",
    "办理申请9件，含2023年结转1件。",
    "2023年度结转申请1件，已在2024年办结。",
    "其中1件为2023年底收到的申请，结转2025年继续办理2件。",
    "3件结转至2025年答复。",
    "贯彻《青杉县2023年农村供水要点》，公开“十四五”（2021—2025年）规划。",
    "执行2021年至2025年水利规划，自2022年起每月公布水质。",
    "自2019年5月15日《条例》修订施行以来，申请逐年减少。2020年以来没有诉讼。",
    "2019年修订的《条例》对此另有规定。",
    "公布了2023年部门决算和2025年部门预算，按时发布2023年政府信息公开工作年度报告。",
    "针对2023年考核中指出的问题逐项整改。",
    "1998年建成的水库也列入目录，2016年机构改革后由我局管理，着眼2035年远景目标。",
    "上年（2023年）的7件均已办结，在2023年基础上增设栏目2个。",
    "2022年、2023年、2024年分别公开41条、47条、52条。",
    "2023年度公开工作考核名列第四，转发2025年用水标准。",
    "纸质本可于2025年1月来取。",
    "截至2024年底，现行有效12件；截至2025年1月15日全部上网。",
    "2024年12月收到的申请仍在期限内。",
    "对2024年以前的存量文件作了清理。",
    "公布2025年农村饮水工程清单。",
    "2024年，我局公开的目录里有3项、清单12条。",
    "现行有效规范性文件两件（2023年末为两件），新收申请八件（2023年为七件）。",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_prose_has_no_year_that_does_not_fit(text: str) -> None:
    assert unfit(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "下一步，2025年我局将把栏目重新排过。",
        "2025年，我局继续加强培训。",
        "预计2025年上半年完成。",
        "2025年起逐月公布水费。",
    ],
)
def test_plans_speak_of_next_year(text: str) -> None:
    assert unfit(text, "issues") == []
    assert unfit(text.replace("2025", "2026"), "issues") == ["2026"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("2023年，我局新收申请8件，同比增长14.3%。", "2023"),
        ("2025年，我局新收申请8件，较上年增长14.3%。", "2025"),
        ("2042年，我局新收申请8件，结转下年1件。", "2042"),
        ("2 023年，我局进一步公开信息。", "2 023"),
        ("我局202020年没有收取信息处理费。", "202020"),
        ("我局20224年没有收取信息处理费。", "20224"),
        ("我局204年没有收取信息处理费。", "204"),
        ("１０２４年我局公开信息52条。", "１０２４"),
        ("二〇二三年，我局公开信息52条。", "二〇二三"),
        ("新收申请8件，较2022年增长14.3%。", "2022"),
        ("新收申请8件，较2024年增长14.3%。", "2024"),
        ("含2022年结转1件。", "2022"),
        ("结转2024年继续办理2件。", "2024"),
        ("截至2023年底，现行有效12件。", "2023"),
        ("全县2023年未发出收费通知。", "2023"),
        ("本局2023年编制公开清单12条。", "2023"),
    ],
)
def test_a_mistyped_year_does_not_fit(text: str, wrong: str) -> None:
    found = [each for each in years(filing(text)) if not each.fits]
    assert [each.quote for each in found] == [wrong]
    assert text[found[0].start : found[0].end] == wrong


def test_title_and_signature_have_their_years() -> None:
    mistyped = filing(title=f"{AGENCY}2023年政府信息公开工作年度报告", signed="2026年1月9日")
    assert [(each.text, each.year, each.fits) for each in years(mistyped)] == [
        ("facts.title", 2023, False),
        ("facts.signed", 2026, False),
    ]
    right = filing(title=f"{AGENCY}2024年政府信息公开工作年度报告", signed="2025年1月9日")
    assert all(each.fits for each in years(right))


def test_without_a_year_of_its_own_nothing_is_said() -> None:
    assert years(replace(filing("2023年公开信息52条。"), year=None)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年1月30日", date(2024, 1, 30)),
        ("2024 年 1 月 30 日", date(2024, 1, 30)),
        ("2024-01-30", date(2024, 1, 30)),
        ("2024/1/30", date(2024, 1, 30)),
        ("２０２４.1.30", date(2024, 1, 30)),
        ("二〇二四年一月三十日", date(2024, 1, 30)),
        ("二○二四年十二月二十一日", date(2024, 12, 21)),
        ("二零二四年十月十日", date(2024, 10, 10)),
        ("2024年2月30日", None),
        ("2024年13月1日", None),
        ("202年1月30日", None),
        ("20224年1月30日", None),
        ("2024年1月", None),
        ("", None),
    ],
)
def test_a_day_is_read_or_it_is_none(text: str, expected: date | None) -> None:
    assert day(text) == expected


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_as_it_is_written(when: date) -> None:
    assert day(f"{when.year}年{when.month}月{when.day}日") == day(when.isoformat()) == when


YEAR = (date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年1月1日至2024年12月31日", YEAR),
        ("自2024年1月1日起至2024年12月31日止", YEAR),
        ("2024年1月1日起至12月31日止", YEAR),
        ("2024 年 1 月 1 日—12 月 31 日", YEAR),
        ("2024-01-01至2024-12-31", YEAR),
        ("2024.1.1-2024.12.31", YEAR),
        ("2024年1月至12月", YEAR),
        ("2024年1-12月", YEAR),
        ("2024年度", YEAR),
        ("2024年1月1日至2024年2月29日", (date(2024, 1, 1), date(2024, 2, 29))),
        ("2024年1月1日至2023年12月31日", None),
        ("2024年1月1日至20224年12月31日", None),
        ("2024年1月1日至2024年11月31日", None),
        ("2024年1月1日", None),
        ("全年", None),
    ],
)
def test_a_period_is_read_or_it_is_none(text: str, expected: tuple[date, date] | None) -> None:
    assert period(text) == expected


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(0, 800))
def test_every_period_is_read_as_it_is_written(first: date, days: int) -> None:
    last = first + timedelta(days)
    assert period(f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日") == (
        first,
        last,
    )


def test_periods_are_found_in_prose_and_facts() -> None:
    text = "所列数据的统计期限为2023年1月1日至2023年12月31日。"
    found = stated_periods(filing(text, key="preamble", period="2023年1月1日至2023年12月31日"))
    assert [(each.text, each.first, each.last) for each in found] == [
        ("preamble", date(2023, 1, 1), date(2023, 12, 31)),
    ]
    assert text[found[0].start : found[0].end] == "2023年1月1日至2023年12月31日"
    typed = stated_periods(filing(text, key="preamble", medium="workbook", period="2024年度"))
    assert [(each.text, each.first) for each in typed] == [
        ("preamble", date(2023, 1, 1)),
        ("facts.period", date(2024, 1, 1)),
    ]


def test_a_stated_period_that_is_none_has_no_days() -> None:
    found = stated_periods(filing("统计时限自2024年1月1日起至20224年12月31日止。", key="preamble"))
    assert [(each.quote, each.first, each.last) for each in found] == [
        ("2024年1月1日起至20224年12月31日止", None, None),
    ]


def test_the_years_of_a_period_are_the_periods_matter() -> None:
    assert unfit("所列数据的统计期限为2023年1月1日至2023年12月31日。", "preamble") == []


SIX = [
    "总体情况",
    "主动公开政府信息情况",
    "收到和处理政府信息公开申请情况",
    "政府信息公开行政复议、行政诉讼情况",
    "存在的主要问题及改进情况",
    "其他需要报告的事项",
]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"本报告由{'、'.join(SIX)}六个部分组成。", 6),
        (f"本报告由{'、'.join(SIX[:-1])}和其他需要报告的事项等6部分组成，统计期限另述。", 6),
        (f"报告共分六个部分：{'、'.join(SIX)}。所列数据统计自年初。", 6),
        (f"报告内容包括{''.join(f'“{each}”' for each in SIX)}等六个部分。", 6),
        (f"本报告由{'、'.join(SIX)}六部分成。", 6),
        (f"报告内容涵盖{'、'.join(SIX)}等。", None),
    ],
)
def test_a_preamble_announces_the_parts(text: str, count: int | None) -> None:
    found = announced(filing(text, key="preamble"))
    assert found is not None
    assert found.count == count
    assert [each.quote for each in found.names] == SIX
    assert all(text[each.start : each.end] == each.quote for each in found.names)


def test_a_preamble_may_announce_nothing() -> None:
    assert announced(filing("本报告由青杉县水利局编制。", key="preamble")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青杉县水利局", "青杉县水利局"),
        ("青杉县水利局", "水利局"),
        ("青杉县水利局", "县水利局"),
        ("岚浦市青杉县水利局", "青杉县水利局"),
        ("青杉县教育和体育局", "青杉县教体局"),
        ("岚浦市青杉区经济信息委", "青杉区经济和信息化委员会"),
        ("青杉县人民政府", "青杉县"),
        ("青杉县人民政府", "县政府"),
        ("青杉县人民政府办公室", "青杉县政府办"),
        ("青杉县柳堰镇人民政府", "柳堰镇"),
        ("青杉区晴川街道办事处", "晴川街道"),
        ("柳堰镇人民政府党政办公室", "青杉县柳堰镇"),
        ("青杉县 水利局", "青杉县水利局（本级）"),
    ],
)
def test_names_of_one_agency_are_recognised(one: str, other: str) -> None:
    assert same_agency(one, other)
    assert same_agency(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青杉县水利局", "澄溪县水利局"),
        ("青杉县水利局", "青杉县司法局"),
        ("青杉县水利局", "青杉县"),
        ("青杉县人民政府", "澄溪县人民政府"),
        ("青杉县柳堰镇人民政府", "青杉县石帆镇人民政府"),
        ("岚浦市水利局", "桐坞市水利局"),
        ("青杉县水利局", ""),
    ],
)
def test_names_of_two_agencies_are_not_taken_for_one(one: str, other: str) -> None:
    assert not same_agency(one, other)
    assert not same_agency(other, one)


def test_a_report_names_itself_in_title_signature_and_prose() -> None:
    report = replace(
        filing(title=f"{AGENCY}2024年政府信息公开工作年度报告", signature="青杉县司法局"),
        texts={
            "preamble": (Text("根据《条例》要求，现公布澄溪县水利局2024年政府信息公开工作年度报告。"),),
            "overview.on_request": (Text("2024年，县水利局共收到政府信息公开申请3件。我局受理申请3件。"),),
            "issues": (Text("与县司法局、县财政局会商后，由县大数据中心统一发布。"),),
        },
    )
    assert [(each.text, each.quote) for each in names(report)] == [
        ("facts.title", AGENCY),
        ("facts.signature", "青杉县司法局"),
        ("preamble", "澄溪县水利局"),
        ("overview.on_request", "县水利局"),
    ]


@pytest.mark.parametrize("words", ["收办", "待办"])
def test_a_verb_that_ends_as_an_office_does_names_none(words: str) -> None:
    assert names(filing(f"2024年{words}政府信息公开申请3件。", key="overview.on_request")) == ()


KNOWN = frozenset({AGENCY, "青杉县司法局", "青杉县人民政府", "澄溪县水利局", "青杉县柳堰镇人民政府"})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("preamble", "本报告由青杉县司法局编制。"),
        ("preamble", "现将澄溪县水利局2024年政府信息公开工作情况报告如下。"),
        ("overview", "2024年，青杉县司法局认真贯彻条例。"),
        ("overview.on_request", "2024年，青杉县司法局新收政府信息公开申请3件。"),
        ("other_matters", "青杉县司法局2024年未收取信息处理费。"),
    ],
)
def test_another_agency_that_stands_for_this_one_is_found(key: str, text: str) -> None:
    (found,) = other_agencies(filing(text, key=key), KNOWN)
    assert text[found.start : found.end] == found.quote
    assert found.quote in KNOWN


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("overview", "在青杉县人民政府的指导下，2024年青杉县水利局认真贯彻条例。"),
        ("overview.on_request", "转送青杉县司法局1件，与青杉县司法局会商2件，青杉县司法局、青杉县水利局各答复1件。"),
        ("overview.oversight", "青杉县司法局对我局的答复书作了抽查。"),
        ("issues", "2024年，青杉县人民政府收到的申请中有我局的2件。"),
        ("other_matters", "收费的有青杉县司法局的4件、澄溪县水利局的5件。"),
    ],
)
def test_agencies_that_are_spoken_of_stay_unnoticed(key: str, text: str) -> None:
    assert other_agencies(filing(text, key=key), KNOWN) == ()


def test_a_government_reports_on_its_departments() -> None:
    text = "青杉县水利局新收政府信息公开申请3件，青杉县司法局2024年没有收到。"
    government = filing(text, key="overview.on_request", agency="青杉县人民政府")
    assert other_agencies(government, KNOWN) == ()


@pytest.mark.parametrize("county", [0, 1])
def test_invented_reports_raise_nothing(county: int) -> None:
    example = Example(counties=2, agencies=40, years=(2021, 2024))
    bodies = example.county(county).bodies
    known = frozenset(each.agency for each in bodies)
    for body in bodies:
        for each in reports_of(example, example.county(county), body).filings.values():
            assert [year for year in years(each) if not year.fits] == []
            assert all(same_agency(name.quote, body.agency) for name in names(each))
            assert other_agencies(each, known) == ()
            listed = announced(each)
            assert listed is not None
            assert (listed.count, [name.quote for name in listed.names]) == (6, SIX)
            assert each.year is not None
            whole = (date(each.year, 1, 1), date(each.year, 12, 31))
            assert {(stated.first, stated.last) for stated in stated_periods(each)} == {whole}
