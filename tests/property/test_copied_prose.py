"""Prose that is copied is found whatever names and figures are changed; what two texts have in common has no side."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.consistency import across
from gongkai.consistency.views.likeness import share
from gongkai.filing import Filing, Text

SENTENCES = st.lists(st.text("甲乙丙丁戊", min_size=1, max_size=6), max_size=12)

COPIED = (
    "{full}2024年的问题有2个：公开栏换得慢，{short}12个村里有3个村一个月没有换过；补贴名单写得含糊，看的人算不出账。"
    "{short}的办法是各村定一人管公开栏，每月5日前拍照传回，由{full}抽查8次。{us}把名单改成每户一行，写清标准、面积和金额，"
    "干部在院坝会上念一遍，当场答疑31人次。"
)
PLACE = st.text(sorted("松岭桥坝石泉溪柳梅竹岗坪"), min_size=2, max_size=3)
KIND = st.sampled_from([("乡人民政府", "乡"), ("镇人民政府", "镇"), ("街道办事处", "街道")])


@given(SENTENCES, SENTENCES)
def test_what_two_texts_have_in_common_is_the_same_from_both_sides(one: list[str], other: list[str]) -> None:
    ours, theirs = Counter(one), Counter(other)
    (left, extent), (right, other_extent) = share(ours, theirs), share(theirs, ours)
    assert abs(left * extent - right * other_extent) <= 0.0001 * (extent + other_extent)
    assert share(ours, ours)[0] == (1.0 if ours else 0.0)


def report(place: str, kind: tuple[str, str], code: str, figures: list[int]) -> Filing:
    numbers = iter(figures)
    words = COPIED.format(full=f"青杉县{place}{kind[0]}", short=place + kind[1], us=f"我{kind[1]}")
    text = re.sub(r"\d+", lambda _: str(next(numbers)), words)
    return Filing(
        edition="2021",
        cells={},
        agency=f"青杉县{place}{kind[0]}",
        agency_code=code,
        level="township",
        year=2024,
        texts={"issues": (Text(text),)},
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(PLACE, KIND), min_size=2, max_size=2, unique_by=lambda each: each[0]),
    st.lists(st.lists(st.integers(0, 99999), min_size=8, max_size=8), min_size=2, max_size=2),
)
def test_a_copy_is_found_whatever_names_and_figures_are_changed(
    bodies: list[tuple[str, tuple[str, str]]], figures: list[list[int]]
) -> None:
    filings = [report(place, kind, f"99012210{number}", figures[number]) for number, (place, kind) in enumerate(bodies)]
    found = across(filings).concerns
    assert [(each.finding.rule, each.finding.agency_code, each.other_code) for each in found] == [
        ("QLT-PEER-DUP", "990122100", "990122101")
    ]
    assert found[0].alike == 1
    assert len(found[0].sentences) == 4
