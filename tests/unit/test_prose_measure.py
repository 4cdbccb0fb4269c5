"""The measure of readers of prose: a perfect reader misses and invents nothing, and each fault of another is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.prose.__main__ import main
from tests.prose.measure import Family, compare, compare_alone, normal
from tests.prose.standalone import Sentence
from tests.prose.writer import Written, written


@dataclass(frozen=True)
class Claim:
    text: str
    passage: int
    start: int
    end: int
    quote: str
    kind: str
    meaning: str
    value: Decimal
    verdict: str = "match"


def perfect(each: Written) -> list[Claim]:
    return [
        Claim(one.text, one.passage, one.start, one.end, each.words(one), one.kind, one.meaning, one.value)
        for one in each.stated
        if not one.part
    ]


def measured(each: Written, claims: Sequence[Claim]) -> dict[str, Family]:
    families: dict[str, Family] = defaultdict(Family)
    compare(each, claims, families)
    return families


@pytest.mark.parametrize("seed", range(10))
def test_a_perfect_reader_misses_and_invents_nothing(seed: int) -> None:
    each = written(seed, level="township")
    families = measured(each, perfect(each))
    assert sum(family.stated for family in families.values()) == len(perfect(each)) > 3
    assert all(family.recall == family.precision == 1 and not family.faults for family in families.values())


SPOILED: dict[str, Callable[[list[Claim]], list[Claim]]] = {
    "missed": lambda claims: claims[1:],
    "misread": lambda claims: [replace(claims[0], value=claims[0].value + 1), *claims[1:]],
    "invented": lambda claims: [*claims, replace(claims[0], meaning="requests.refused.state_secret")],
}


@pytest.mark.parametrize("how", SPOILED)
def test_each_fault_of_a_reader_is_told(how: str) -> None:
    each = written(3, level="township")
    families = measured(each, SPOILED[how](perfect(each)))
    faults = [fault for family in families.values() for fault in family.faults]
    assert any(fault.startswith(how) for fault in faults)
    found, right = (sum(getattr(family, name) for family in families.values()) for name in ("found", "right"))
    assert (found, right) == (len(perfect(each)) - (how != "invented"), len(perfect(each)) - (how != "invented"))


def test_a_single_sentence_is_compared_by_meaning_and_value() -> None:
    sentence = Sentence(text="…", facts={"requests.received": 3, "change_percent": Decimal("-1.5")})
    right = [
        Claim("overview.on_request", 0, 0, 1, "", kind, meaning, Decimal(value))
        for kind, meaning, value in (("figure", "requests.received.total", "3"), ("change", "change_percent", "-1.5"))
    ]
    for claims, faults in ((right, 0), (right[1:], 1), ([*right, replace(right[0], value=Decimal(4))], 1)):
        families: dict[str, Family] = defaultdict(Family)
        compare_alone(sentence, claims, families)
        assert sum(len(family.faults) for family in families.values()) == faults


@pytest.mark.parametrize(
    ("meaning", "same"),
    [
        ("requests.received.natural_person", "requests.received@natural_person"),
        ("requests.carried_in+requests.received", "requests.received+requests.carried_in"),
        ("disputes.litigation", "disputes.litigation.total"),
        ("share_percent:requests.granted/requests.processed", "share_percent"),
    ],
)
def test_a_meaning_has_one_spelling(meaning: str, same: str) -> None:
    assert normal(meaning) == normal(same)


def test_the_command_tells_each_part(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--count", "2", "--mutated", "3"])
    told = capsys.readouterr().out
    assert "Claims" in told
    assert "2 filings, " in told
    assert "a cell: 3 of 3 found" in told
