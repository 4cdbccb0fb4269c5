"""Across the agencies of a run: rings of copies, sentences that are everybody's, what needs to be there."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gongkai.catalogues import say
from gongkai.consistency import Expected, across
from gongkai.consistency.naming import any_of
from gongkai.consistency.peers import EVERYBODYS, FLOOR, nearest
from gongkai.consistency.views.likeness import ENOUGH, share
from gongkai.filing import Filing, Text

SENTENCES = ["".join(chr(0x4E00 + (n * 97 + at * 31) % 5000) for at in range(20)) for n in range(2000)]


def agency(number: int, text: str, **about: object) -> Filing:
    prose = {"issues": (Text(text),)}
    filing = Filing(edition="2021", cells={}, agency=f"松岭县{chr(0x5200 + number)}局", year=2024, texts=prose)
    return replace(filing, agency_code=f"9902{number:04}", level="department", **about)  # type: ignore[arg-type]


def prose(*numbers: int) -> str:
    return "".join(f"{SENTENCES[number]}。" for number in numbers)


def told(filings: list[Filing]) -> list[tuple[str | None, str | None]]:
    return [(each.finding.agency_code, each.other_code) for each in across(filings).concerns]


def test_a_hundred_copies_of_one_text_are_each_told_once_and_not_in_pairs() -> None:
    filings = [agency(number, prose(*range(8))) for number in range(100)]
    found = told(filings)
    assert len(found) == 99
    assert {code for both in found for code in both} == {each.agency_code for each in filings}


def test_what_more_than_so_many_different_texts_have_is_everybodys() -> None:
    common, own = range(6), 1000
    of = {count: [agency(n, prose(*common, own + n)) for n in range(count)] for count in (EVERYBODYS, EVERYBODYS + 1)}
    assert {code for both in told(of[EVERYBODYS]) for code in both} == {f"9902{n:04}" for n in range(EVERYBODYS)}
    assert told(of[EVERYBODYS + 1]) == []


def test_reports_of_another_year_or_of_the_same_agency_are_no_peers() -> None:
    one = agency(1, prose(*range(8)))
    assert told([one, replace(one, year=2023)]) == []
    assert told([one, replace(agency(2, prose(*range(8))), year=2023)]) == []
    assert told([one, agency(2, prose(*range(8)))]) == [("99020001", "99020002")]


def test_who_cannot_be_told_apart_or_has_no_prose_is_not_run() -> None:
    nobody = replace(agency(1, prose(*range(8))), agency=None, agency_code=None)
    bare = replace(agency(2, ""), texts={})
    found = across([nobody, bare, agency(3, prose(*range(8)))])
    reasons = {(each.rule, each.agency): each.reason for each in found.not_run}
    assert found.concerns == ()
    assert reasons == {
        ("DL-MISSING", None): say("not_run.roster"),
        ("QLT-PEER-DUP", None): say("not_run.agency"),
        ("QLT-OTHER-AGENCY", None): say("not_run.agency"),
        ("QLT-PEER-DUP", bare.agency): say("not_run.prose"),
        ("QLT-OTHER-AGENCY", bare.agency): say("not_run.prose"),
    }
    alone = across([agency(3, prose(*range(8)))])
    assert {each.reason for each in alone.not_run} == {say("not_run.roster"), say("not_run.peers")}


def test_of_a_run_without_any_filing_all_are_missing_but_those_that_could_not_be_read() -> None:
    expected = [Expected(agency="甲局", agency_code="1"), Expected(agency="乙局", agency_code="2", handed_in=True)]
    found = across([], expected=expected, year=2024)
    assert [(each.finding.agency_code, each.finding.year) for each in found.concerns] == [("1", 2024)]
    assert found.rules == {"DL-MISSING": 1}
    assert found.blocks


WORDS = st.lists(st.text("甲乙丙.*+", min_size=1, max_size=5), max_size=20)


@given(WORDS, st.text("甲乙丙.*+", max_size=30))
def test_the_pattern_of_words_finds_the_longest_that_begins_at_each_place(words: list[str], text: str) -> None:
    pattern = re.compile(any_of(words))
    for place in range(len(text)):
        fitting = [word for word in words if text.startswith(word, place)]
        found = pattern.match(text, place)
        assert (found.group() if found else None) == max(fitting, key=len, default=None)


TEXTS = st.lists(st.lists(st.integers(0, 15), min_size=4, max_size=9), min_size=2, max_size=7)


@given(TEXTS)
def test_each_text_is_told_with_the_one_of_all_others_that_has_most_of_it(drawn: list[list[int]]) -> None:
    texts = {place: Counter(SENTENCES[number] for number in numbers) for place, numbers in enumerate(drawn)}
    pairs = nearest(texts, lambda one, other: one != other)
    assert len({frozenset((each.ours, each.theirs)) for each in pairs}) == len(pairs)
    best = dict.fromkeys(texts, 0.0)
    for pair in pairs:
        assert (pair.alike, pair.extent) == share(texts[pair.ours], texts[pair.theirs])
        back, long = share(texts[pair.theirs], texts[pair.ours])
        assert pair.alike >= back or long < ENOUGH
        best[pair.ours] = max(best[pair.ours], pair.alike)
        best[pair.theirs] = max(best[pair.theirs], back)
    for place, text in texts.items():
        most = max(share(text, other)[0] for each, other in texts.items() if each != place)
        assert sum(len(each) for each in text.elements()) < ENOUGH or most < FLOOR or best[place] == most


def test_shares_of_a_chain_of_texts_fall_with_what_is_changed() -> None:
    draw = random.Random(1)
    chain = [Counter(SENTENCES[:10])]
    for number in range(8):
        kept = sorted(chain[-1])
        kept[draw.randrange(len(kept) - number)] = SENTENCES[100 + number]
        chain.append(Counter(kept))
    shares = [share(chain[0], each)[0] for each in chain]
    assert all(more >= less for more, less in pairwise(shares))
