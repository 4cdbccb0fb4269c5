"""A valid filing with one thing changed, the codes of the rules that may name it, and the place that they must name."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

from gongkai.example.arithmetic import plain
from gongkai.filing import Cell, Filing, Text
from gongkai.finding import Finding
from tests.prose.pen import Span, Stated, number_text
from tests.prose.templates import sayings, value
from tests.prose.writer import Written, within

CONFLICT = frozenset({"TT-CONFLICT", "NT-PARTS-SUM", "NT-PERCENT", "XY-YOY-TEXT"})
"""What may also be found of a figure that its prose says twice, adds up, or has a percentage of."""
OF_PROSE = {
    "requests.received": {"NT-NEW", "NT-BYTYPE", "NT-ZERO"},
    "requests.carried_in": {"NT-CARRYIN", "NT-NEW"},
    "requests.carried_out": {"NT-CARRYOUT"},
    "requests.processed": {"NT-HANDLED"},
    "requests.granted": {"NT-OPEN"},
    "requests.partly_granted": {"NT-PARTIAL", "NT-OPEN"},
    "requests.refused": {"NT-REFUSE"},
    "requests.unavailable": {"NT-UNABLE"},
    "requests.not_processed": {"NT-NOPROC"},
    "requests.other": {"NT-OTHER"},
    "disputes.reconsideration": {"NT-REVIEW", "T4-PENDING-NARR"},
    "disputes.litigation": {"NT-LITIG", "T4-PENDING-NARR"},
    "disputes.direct_suit": {"NT-LITIG"},
    "disputes.suit_after_reconsideration": {"NT-LITIG"},
    "disclosure.normative_documents": {"NT-NORM"},
    "disclosure": {"T2-NARR"},
    "processing_fee": {"NT-FEE", "FEE-PARTS"},
}
OF_CELLS = {
    "requests": {
        "T3-IDENTITY", "T3-RESULT-TOTAL", "T3-ROW-TOTAL", "T3-CARRY-GT", "XY-CARRY-TOTAL", "XY-CARRY-BYTYPE", "CEL-NEG",
    },
    "disputes": {"T4-SUM", "CEL-NEG"},
    "disclosure": {"XY-VALID-ROLL", "XY-VALID-NEG", "T2-VALID-GE-ISSUED", "NT-NORM", "CEL-NEG"},
}  # fmt: skip
OF_FEES = frozenset({"FEE-STEP", "NT-FEE", "FEE-PARTS"})
OF_YEARS = frozenset({"STR-YEAR-CONSIST", "STR-PERIOD"})
OF_AGENCIES = frozenset({"QLT-OTHER-AGENCY", "STR-AGENCY-CONSIST"})
OF_PERCENTAGES = {"share": "NT-PERCENT", "change": "XY-YOY-TEXT"}
CONTRADICTIONS = {"figure": "something of nothing", "zero": "nothing of something", "all": "all of some"}
READINGS = (
    ("requests.received", "requests.received+requests.carried_in"),
    ("disputes.litigation", "disputes.direct_suit"),
    ("disputes.litigation", "disputes.suit_after_reconsideration"),
)
"""What else a figure may fairly mean: a change that makes the one the other is none that must be found."""


@dataclass(frozen=True)
class Mutation:
    """A filing with one thing changed; a finding of one of `codes` must name the `cell`, or overlap the `span`."""

    kind: str
    name: str
    filing: Filing
    previous: Filing
    codes: frozenset[str]
    cell: str | None = None
    span: Span | None = None
    changed: Span | None = None
    """Where in the valid filing."""

    def named_by(self, finding: Finding) -> bool:
        """Whether a finding says what was changed, and where."""
        if finding.rule not in self.codes:
            return False
        if self.span is None:
            return self.cell in finding.cells
        if (finding.text, finding.passage) != (self.span.text, self.span.passage):
            return False
        if finding.span is None:
            # Of a year or a name the whole passage may be meant.
            return not self.of_figures
        return finding.span[0] < self.span.end and self.span.start < finding.span[1]

    @property
    def of_figures(self) -> bool:
        return not self.codes & (OF_YEARS | OF_AGENCIES)


def mutations(written: Written) -> Iterator[Mutation]:
    """Every mutation of a filing."""
    yield from _cells(written)
    for stated in written.stated:
        if stated.kind == "figure" and stated.meaning.endswith("processing_fee.amount_yuan"):
            yield from _amounts(written, stated)
        elif stated.kind == "figure" and (stated.guarded or stated.part):
            yield from _figures(written, stated)
        if "_percent" in stated.meaning and written.words(stated)[0].isdigit():
            yield from _percentages(written, stated)
    yield from _contradictions(written)
    for span, which in written.years:
        if which == "year":
            year = int(written.words(span))
            for other in (year - 1, year + 10):
                yield _said(written, span, str(other), OF_YEARS | _codes_within(written, span), "a year")
    for span in written.agencies:
        yield _said(written, span, _other_agency(written), OF_AGENCIES, "an agency's name")


def _cells(written: Written) -> Iterator[Mutation]:
    for address, cell in written.filing.cells.items():
        table, _, rest = address.partition(".")
        if table == "disclosure" and not rest.endswith("in_force"):
            continue
        for by in (1, -1):
            number = (cell.value or 0) + by
            cells = dict(written.filing.cells) | {address: Cell(number, "number", plain(number))}
            changed = replace(written.filing, cells=cells)
            yield Mutation(
                "a cell", f"{address} {by:+}", changed, written.previous, frozenset(OF_CELLS[table]), cell=address
            )


def _figures(written: Written, stated: Stated) -> Iterator[Mutation]:
    right = stated.value
    others = {right + 1, right - 1, right * 10, swapped(right)}
    for other in sorted(others - {right, *_also_right(written, stated)}):
        if other < 0:
            continue
        text = number_text(int(other) if other == int(other) else other, stated.style).strip()
        yield _said(written, stated, text, CONFLICT | codes_of(stated.meaning), "a figure")


def _amounts(written: Written, stated: Stated) -> Iterator[Mutation]:
    """What was taken is always a multiple of ten."""
    for other in (stated.value + 1, stated.value - 1):
        if other > 0:
            text = number_text(int(other), stated.style).strip()
            yield _said(written, stated, text, CONFLICT | OF_FEES, "an amount of the processing fee")


def swapped(number: Decimal) -> Decimal:
    """A number whose first two different neighbouring digits are exchanged; the same where there are none."""
    digits = plain(number)
    for place in range(len(digits) - 1):
        first, second = digits[place], digits[place + 1]
        if first.isdigit() and second.isdigit() and first != second and (place or second != "0"):
            return Decimal(digits[:place] + second + first + digits[place + 2 :])
    return number


def _also_right(written: Written, stated: Stated) -> set[Decimal]:
    return {Decimal(value(written.figures, each) or 0) for each in readings(stated.meaning)}


def readings(meaning: str) -> Iterator[str]:
    """What else a figure of a meaning may fairly mean."""
    base, at, column = meaning.partition("@")
    for pair in READINGS:
        for here, there in (pair, pair[::-1]):
            if base == here:
                yield there + at + column
            elif here.startswith("disputes.") and base.startswith(f"{here}."):
                yield there + base.removeprefix(here)


def codes_of(meaning: str) -> frozenset[str]:
    """The rules that compare a figure of a meaning with the tables."""
    if meaning.startswith("last_year."):
        return codes_of(meaning.removeprefix("last_year.")) | {"XY-YOY-TEXT"}
    meaning = meaning.removeprefix("part:")
    found = {
        code for term in meaning.split("+") for key, codes in OF_PROSE.items() if term.startswith(key) for code in codes
    }
    return frozenset(found | ({"NT-BYTYPE"} if "@" in meaning else set()))


def _percentages(written: Written, stated: Stated) -> Iterator[Mutation]:
    right = abs(stated.value)
    step = Decimal(1).scaleb(int(right.as_tuple().exponent))
    fair = {right, *(abs(each).quantize(step, ROUND_HALF_UP) for each in _fair_percentages(written, stated))}
    for other in (right + step, right - step, right * 10):
        if other > 0 and other not in fair:
            code = frozenset({OF_PERCENTAGES[stated.kind]})
            yield _said(written, stated, f"{other:f}", code, f"a percentage ({stated.kind})")


def _fair_percentages(written: Written, stated: Stated) -> Iterator[Decimal]:
    """What a percentage comes to by the other readings of what it is of."""
    kind, _, about = stated.meaning.partition(":")
    for meanings in product(*([one, *readings(one)] for one in about.split("/"))):
        first, *rest = (Decimal(value(written.figures, one) or 0) for one in meanings)
        base = rest[0] if rest else Decimal(value(written.figures, f"last_year.{meanings[0]}") or 0)
        if base:
            yield (first if kind == "share_percent" else first - base) / base * 100


def _contradictions(written: Written) -> Iterator[Mutation]:
    """Sentences that say nothing of what is there, something of what is not, and of all what is true of some."""
    said = {(written.sentence(each), each.meaning): each for each in written.stated if each.exact and not each.part}
    for (sentence, meaning), stated in said.items():
        for kind, words in sayings().contradictions.get(meaning, {}).items():
            if stated.kind in ("figure", "zero") and (kind == "figure") == (stated.value == 0):
                codes = codes_of(meaning) | {"NT-ZERO", "NT-HANDLED", "TT-CONFLICT"}
                text = words.format(year=written.filing.year, n=3)
                yield _said(written, sentence, text, codes, CONTRADICTIONS[kind])


def _codes_within(written: Written, span: Span) -> frozenset[str]:
    """A figure of another year than it says no longer agrees with the tables."""
    sentence = written.sentence(span)
    said = [each for each in written.stated if within(each, sentence)]
    return frozenset().union(*(codes_of(each.meaning) for each in said)) if said else frozenset()


def _other_agency(written: Written) -> str:
    """The agency of the same kind in another county of the same length of name."""
    agency = written.filing.agency or ""
    first = agency[0]
    others = [each for each in sayings().parts["other_places"][0] if each != first]
    return random.Random(agency).choice(others) + agency[1:]


def _said(written: Written, span: Span, words: str, codes: Iterable[str], kind: str) -> Mutation:
    passages = list(written.filing.texts[span.text])
    old = passages[span.passage].text
    passages[span.passage] = Text(old[: span.start] + words + old[span.end :])
    filing = replace(written.filing, texts=dict(written.filing.texts) | {span.text: tuple(passages)})
    place = Span(span.text, span.passage, span.start, span.start + len(words))
    what = f"{old[span.start : span.end]} → {words}"
    return Mutation(kind, what, filing, written.previous, frozenset(codes), span=place, changed=span)
