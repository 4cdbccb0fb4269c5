"""What a reader of prose found of what was written: what it missed, invented or misread, by family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.prose.mutation import readings
from tests.prose.pen import Stated
from tests.prose.standalone import Sentence
from tests.prose.templates import value
from tests.prose.writer import Written

COLUMNS = {
    "natural_person", "business", "research", "public_welfare", "legal_service", "other_organisation", "organisations",
    "total",
}  # fmt: skip
CHANNELS = {"reconsideration", "direct_suit", "suit_after_reconsideration", "litigation"}


@dataclass(slots=True)
class Family:
    """Counts of one family of facts, and a line for each that went wrong."""

    stated: int = 0
    found: int = 0
    claimed: int = 0
    right: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.stated if self.stated else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.claimed if self.claimed else 1.0


def family(kind: str, meaning: str) -> str:
    """What a fact is counted under: its kind, or of a figure the row that it speaks of."""
    if kind in ("share", "change", "parts", "all"):
        return kind
    terms = normal(meaning).partition("@")
    name = " + ".join(".".join(term.split(".")[:2]) for term in terms[0].split("+"))
    return f"{name}@" if terms[2] else name


def normal(meaning: str) -> str:
    """A meaning in one spelling: terms in order, columns after ``@``, of percentages only what they are."""
    if meaning.startswith(("change", "share_percent")):
        return meaning.partition(":")[0]
    terms, _, column = meaning.partition("@")
    names = []
    for term in terms.split("+"):
        table, _, rest = term.partition(".")
        row, _, last = rest.rpartition(".")
        if table == "requests" and last in COLUMNS:
            column = last
            names.append(f"requests.{row}")
        else:
            names.append(f"{term}.total" if table == "disputes" and rest in CHANNELS else term)
    return "+".join(sorted(names)) + (f"@{column}" if column not in ("", "total") else "")


def compare(written: Written, claims: Sequence[Any], families: dict[str, Family]) -> None:
    """Add what was found of one filing to the families."""
    claimed: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for claim in claims:
        claimed[claim.text, claim.passage].append(claim)
    answered: set[int] = set()
    for stated in written.stated:
        here = claimed[stated.text, stated.passage]
        found = [claim for claim in here if _overlap(stated, claim) and same(written, stated, claim)]
        answered.update(map(id, found))
        if stated.part:
            continue
        counted = families[family(stated.kind, stated.meaning)]
        counted.stated += 1
        if found:
            counted.found += 1
        else:
            counted.faults.append(_missed(written, stated, here))
    for claim in claims:
        if claim.verdict == "not_comparable" or (claim.meaning is None and claim.verdict == "match"):
            # Said to be of another scope, or a difference, of which the grammar of meanings has no word.
            continue
        counted = families[family(claim.kind, claim.meaning or claim.kind)]
        counted.claimed += 1
        if id(claim) in answered or (claim.kind == "parts" and claim.verdict == "match"):
            counted.right += 1
        else:
            counted.faults.append(
                f"invented {claim.meaning} = {claim.value} ({claim.kind}, {claim.quote}): {_around(written, claim)}"
            )


def compare_alone(sentence: Sentence, claims: Sequence[Any], families: dict[str, Family]) -> None:
    """Add what was found of one sentence; claims without figures are not among its facts."""
    waiting = {(normal(meaning), Decimal(number)): meaning for meaning, number in sentence.facts.items()}
    for meaning in sentence.facts:
        families[_alone(meaning)].stated += 1
    for claim in claims:
        if claim.kind == "all" or claim.value is None:
            continue
        if claim.meaning is None or claim.verdict == "not_comparable":
            continue
        counted = families[_alone(claim.meaning)]
        counted.claimed += 1
        number = Decimal(str(claim.value))
        if (normal(claim.meaning), number) in waiting:
            counted.right += 1
            families[_alone(waiting.pop((normal(claim.meaning), number)))].found += 1
        elif claim.kind == "parts" and claim.verdict != "mismatch":
            counted.right += 1
        elif (normal(claim.meaning), number) not in {(normal(one), Decimal(it)) for one, it in sentence.facts.items()}:
            counted.faults.append(f"invented {claim.meaning} = {claim.value} ({claim.quote}): {sentence.text}")
        else:
            counted.right += 1
    for (_, number), meaning in waiting.items():
        families[_alone(meaning)].faults.append(f"missed {meaning} = {number}: {sentence.text}")


def _alone(meaning: str) -> str:
    kind = {"change_percent": "change", "share_percent": "share", "parts_sum": "parts"}.get(normal(meaning))
    return kind or family("figure", meaning)


def same(written: Written, stated: Stated, claim: Any) -> bool:
    """Whether a claim says what was written, or fairly reads it in another way that comes to the same."""
    if stated.kind == "all" or claim.kind == "all":
        return bool(stated.kind == claim.kind)
    if {stated.kind, claim.kind} - {"figure", "zero"} and stated.kind != claim.kind:
        return False
    if claim.value is None or Decimal(str(claim.value)) != stated.value:
        return False
    ours, theirs = normal(stated.meaning), normal(claim.meaning or "")
    return ours == theirs or stated.kind in ("change", "share", "parts") or _fair(written, stated.meaning, theirs)


def _fair(written: Written, ours: str, theirs: str) -> bool:
    also = {normal(each): each for each in readings(ours)}
    return theirs in also and value(written.figures, ours) == value(written.figures, also[theirs])


def _overlap(stated: Stated, claim: Any) -> bool:
    return bool(claim.start < stated.end and stated.start < claim.end)


def _missed(written: Written, stated: Stated, here: Iterable[Any]) -> str:
    sentence = written.words(written.sentence(stated))
    wrong = [claim for claim in here if _overlap(stated, claim)]
    said = "; ".join(f"{claim.meaning} = {claim.value} ({claim.kind})" for claim in wrong)
    what = f"{stated.meaning} = {stated.value} ({stated.kind}, {written.words(stated)})"
    return (f"misread {what} as {said}" if said else f"missed {what}") + f": {sentence}"


def _around(written: Written, claim: Any) -> str:
    sentences = (each for each in written.sentences if (each.text, each.passage) == (claim.text, claim.passage))
    return "".join(written.words(each) for each in sentences if each.start < claim.end and claim.start < each.end)


def table(families: dict[str, Family]) -> Iterator[str]:
    """A line for each family: how much of it was found, and how much of what was found is there."""
    width = max(map(len, (*families, "all of it")))
    yield f"{'family'.ljust(width)}  stated  recall  claimed  precision"
    whole = Family(
        *(sum(getattr(each, name) for each in families.values()) for name in ("stated", "found", "claimed", "right"))
    )
    for name, each in [*sorted(families.items()), ("all of it", whole)]:
        yield f"{name.ljust(width)}  {each.stated:6}  {each.recall:6.3f}  {each.claimed:7}  {each.precision:9.3f}"


def faults(families: dict[str, Family], most: int) -> Iterator[str]:
    """The faults of each family, the same kind of sentence once, as many as `most`."""
    for name, each in sorted(families.items()):
        if each.faults:
            yield f"-- {name}: {len(each.faults)}"
            yield from list(dict.fromkeys(each.faults))[:most]
