"""The generated prose says what the tables say, where it is said to say it, and breaks no rule of the tables."""

from __future__ import annotations

import random
import re
import unicodedata
from decimal import Decimal
from functools import cache

import pytest

from gongkai.consistency import check
from gongkai.example.figures import Figures, addresses
from gongkai.filing import Filing
from gongkai.forms import load_form
from tests.prose.mutation import mutations
from tests.prose.numbers import two_years
from tests.prose.pen import NUMERALS
from tests.prose.standalone import standalone
from tests.prose.templates import sayable, sayings, terms, value
from tests.prose.writer import LONGEST_OVERVIEW, Written, within, written

LEVELS = ("government", "department", "township", "subdistrict")
SEEDS = range(40)


@cache
def report(seed: int) -> Written:
    return written(seed, level=LEVELS[seed % 4], year=2022 + seed % 3)


def number(words: str) -> Decimal:
    """The number that is written, read apart from how it was written."""
    plain = unicodedata.normalize("NFKC", words).replace(",", "")
    return Decimal(NUMERALS.index(plain) + 1 if plain in NUMERALS else plain)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_stands_at_its_span_and_is_that_of_the_tables(seed: int) -> None:
    each = report(seed)
    for stated in each.stated:
        words = each.words(stated)
        if stated.kind in ("figure", "share") or (stated.kind == "change" and stated.meaning.startswith("change:")):
            assert number(words) == abs(stated.value)
        if stated.kind == "figure" and stated.exact and not stated.meaning.startswith("part:"):
            assert Decimal(value(each.figures, stated.meaning) or 0) == stated.value
            known = each.filing.number(
                stated.meaning if stated.meaning in each.filing.cells else f"{stated.meaning}.total"
            )
            assert known is None or Decimal(known) == stated.value
        if stated.kind == "zero":
            assert not value(each.figures, stated.meaning)
        assert not set(words) & set("{}|@")


@pytest.mark.parametrize("seed", SEEDS)
def test_percentages_are_what_they_say(seed: int) -> None:
    each = report(seed)
    for stated in each.stated:
        kind, _, about = stated.meaning.partition(":")
        if kind == "share_percent":
            part, whole = (Decimal(value(each.figures, one) or 0) for one in about.split("/"))
            exact = part / whole * 100
        elif kind == "change_percent":
            before, now = (Decimal(value(each.figures, when + about) or 0) for when in ("last_year.", ""))
            exact = (now - before) / before * 100
        else:
            continue
        assert abs(exact - stated.value) <= Decimal(1).scaleb(int(stated.value.as_tuple().exponent)) / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_texts_are_as_reports_should_be(seed: int) -> None:
    each = report(seed)
    texts = {key: "".join(passage.text for passage in passages) for key, passages in each.filing.texts.items()}
    form = load_form(each.filing.edition)
    assert set(texts) == set(form.text_keys)
    assert sum(len(text) for key, text in texts.items() if key.startswith("overview")) <= LONGEST_OVERVIEW
    assert all(section.title.zh in texts["preamble"] for section in form.sections)
    assert len(texts["issues"]) >= 50
    assert all(word in texts["issues"] for word in sayings().parts["in_issues"])
    assert any(word in texts["other_matters"] for word in sayings().parts["in_other_matters"])
    if each.filing.level != "department":
        assert all(word in texts["overview.oversight"] for word in sayings().parts["in_oversight"])
    assert not any(re.search(r"[{}|@]|[,;:?!](?!\d)", text) for text in texts.values())


def test_valid_filings_break_no_rule() -> None:
    filings = [report(seed) for seed in SEEDS]
    found = check([each.filing for each in filings], previous=[each.previous for each in filings])
    assert [(one.agency, one.rule, one.message) for one in found.all if one.kind != "info"] == []
    before = check([each.previous for each in filings])
    assert [(one.agency, one.rule, one.message) for one in before.all if one.kind != "info"] == []


def test_the_same_seed_writes_the_same_and_another_something_else() -> None:
    assert written(7).filing.to_json() == written(7).filing.to_json()
    for seed in SEEDS:
        ours = sentences(report(seed).filing)
        for theirs in (sentences(report(seed + 4).filing), sentences(report(seed).previous)):
            assert len(ours & theirs) <= len(ours) / 3


def test_every_template_can_be_said() -> None:
    waiting = {
        slot: {one if isinstance(one, str) else one.say for one in some} for slot, some in sayings().sentences.items()
    }
    for seed in range(1000):
        last, now = two_years(random.Random(seed), LEVELS[seed % 4])
        figures = Figures(load_form("2021"), now, last)
        waiting = {slot: rest for slot, some in waiting.items() if (rest := some - set(sayable(slot, figures)))}
    assert waiting == {}


def sentences(filing: Filing) -> set[str]:
    passages = (each.text for some in filing.texts.values() for each in some)
    return {one for text in passages for one in re.split("[。；]", text) if one}


@pytest.mark.parametrize("seed", range(8))
def test_a_mutation_changes_one_thing_and_says_where(seed: int) -> None:
    each = report(seed)
    for one in mutations(each):
        if one.span is None:
            changed = {key for key, cell in one.filing.cells.items() if cell != each.filing.cells[key]}
            assert changed == {one.cell}
            assert one.filing.texts == each.filing.texts
            continue
        assert one.changed
        assert one.filing.cells == each.filing.cells
        assert within(one.changed, each.sentence(one.changed))
        old, new = (of.texts[one.span.text][one.span.passage].text for of in (each.filing, one.filing))
        assert old != new
        assert old[: one.span.start] == new[: one.span.start]
        assert old[one.changed.end :] == new[one.span.end :]


def test_a_sentence_of_the_data_says_what_it_is_said_to_say() -> None:
    for each in standalone():
        text = unicodedata.normalize("NFKC", each.text).replace(",", "")
        said = {Decimal(one) for one in re.findall(r"\d+(?:\.\d+)?", text)}
        said |= {Decimal(NUMERALS.index(one) + 1) for one in set(text) & set(NUMERALS)}
        for meaning, number in each.facts.items():
            assert abs(Decimal(number)) in said | {Decimal(0)}, each.text
            if meaning not in ("change_percent", "share_percent", "parts_sum") and "processing_fee" not in meaning:
                assert all(addresses("2021", term) for term in terms(meaning.removeprefix("last_year."))), each.text
