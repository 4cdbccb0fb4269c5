"""The figures of two years of an invented agency, of every size, in which everything balances and nothing jumps."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from gongkai.example.arithmetic import APPLICANTS, Disclosure, Documents, Numbers, Tables, numbers_of

GROUPS = {
    "granted": 30, "partly_granted": 10,
    "refused.state_secret": 1, "refused.prohibited_by_law": 2, "refused.security_and_stability": 1,
    "refused.third_party": 3, "refused.internal_affairs": 4, "refused.deliberative_process": 4,
    "refused.enforcement_file": 4, "refused.administrative_query": 3,
    "unavailable.not_held": 18, "unavailable.needs_creation": 4, "unavailable.still_unclear": 3,
    "not_processed.petition": 5, "not_processed.repeated": 3, "not_processed.publication": 1,
    "not_processed.excessive": 1, "not_processed.reconfirmation": 1,
    "other.uncorrected": 4, "other.other": 6,
}  # fmt: skip
"""How often a request ends in each way."""
RESULTS = {"upheld": 6, "corrected": 2, "other": 3, "pending": 2}
SIZES = {"none": 3, "few": 4, "some": 5, "many": 2}
NONE = {"disputes.reconsideration.total", "disputes.direct_suit.total", "disputes.suit_after_reconsideration.total"}


def two_years(draw: random.Random, level: str) -> tuple[Numbers, Numbers]:
    """Last year's figures and this year's."""
    sizes = dict(SIZES) | ({"many": 9, "none": 0} if level == "government" else {})
    size = draw.choices(list(sizes), list(sizes.values()))[0]
    usual = {"none": 0, "few": draw.randint(1, 8), "some": draw.randint(9, 90), "many": draw.randint(100, 1500)}[size]
    largest = {"government": 90000, "department": draw.choice((0, 40, 800, 12000))}.get(level, 60)
    # Now and then a year without new requests follows one that left some over.
    quiet = size == "few" and draw.random() < 0.2
    decisions = [draw.randint(0, largest // part) for part in (1, 3, 20)]
    for _ in range(10_000):
        last = numbers_of(_tables(draw, usual, decisions, None, level), None)
        now = numbers_of(_tables(draw, 0 if quiet else usual, decisions, last, level), last)
        if _steady(last, now) and all(map(_plausible, (last, now))):
            return last, now
    raise AssertionError("no two years go together")


def _plausible(numbers: Numbers) -> bool:
    """Few requests are left over; disputes come of requests; nothing costs more than all fees together."""
    received = numbers["requests.received.total"]
    left = numbers["requests.carried_out.total"]
    disputed = any(numbers[each] for each in NONE)
    after = numbers["disputes.suit_after_reconsideration.total"]
    return (
        left * 5 <= received
        and (received > 0 or not disputed)
        and (not after or numbers["disputes.reconsideration.total"] > 0)
        and disputed <= (numbers["requests.processed.total"] > 0)
    )


def _steady(last: Numbers, now: Numbers) -> bool:
    """Whether no figure jumps from year to year, and no table that is not empty stays the same."""
    for row in ("received", "processed"):
        before, after = last[f"requests.{row}.total"], now[f"requests.{row}.total"]
        if max(before, after) >= 15 and not before * 0.4 <= after <= before * 2.4:
            return False
    fees = sorted(numbers["disclosure.fees.amount"] for numbers in (last, now))
    if fees[0] and fees[1] > 100 * fees[0]:
        return False
    for table in ("disclosure.", "requests.", "disputes."):
        old, new = ({key: n for key, n in of.items() if key.startswith(table) and n} for of in (last, now))
        if old and old == new:
            return False
    return True


def _tables(draw: random.Random, usual: int, decisions: list[int], last: Numbers | None, level: str) -> Tables:
    requests = dict(_requests(draw, usual, last))
    received = sum(rows["received"] for rows in requests.values())
    fee = _fee(draw, received, requests)
    licences, penalties, coercion = (count * draw.randint(70, 135) // 100 for count in decisions)
    fees = Decimal(draw.choice((0, draw.randint(1, 900000)))) / 100
    disclosure = Disclosure(
        normative_documents=_documents(draw, last, level),
        licences=licences,
        penalties=penalties,
        coercion=coercion,
        fees=max(fees, Decimal(fee.get("amount_yuan", 0)) / 10000),
    )
    return Tables(
        disclosure=disclosure,
        requests=requests,
        disputes=_disputes(draw, received),
        processing_fee=fee,
    )


def _requests(draw: random.Random, usual: int, last: Numbers | None) -> Iterator[tuple[str, dict[str, int]]]:
    new = max(0, usual * draw.randint(70, 140) // 100 + draw.choice((0, 0, 1, -1))) if usual else draw.choice((0, 0, 1))
    shares = [max(0, draw.gauss(weight, weight)) + 0.001 for weight in (80, 12, 1, 1, 4, 2)]
    received = Counter(draw.choices(APPLICANTS, shares if draw.random() < 0.8 else [1, 0, 0, 0, 0, 0], k=new))
    ways = draw.sample(list(GROUPS), draw.randint(2, len(GROUPS)))
    weights = [GROUPS[way] for way in ways]
    leaving = draw.random() < 0.55
    for applicant in APPLICANTS:
        rows = {"received": received[applicant]}
        if last is None:
            rows["carried_in"] = draw.randint(0, received[applicant] // 6) if draw.random() < 0.6 else 0
        carried = last[f"requests.carried_out.{applicant}"] if last is not None else rows["carried_in"]
        left = draw.randint(0, max(1, received[applicant] // 8)) if leaving and received[applicant] else 0
        yield applicant, rows | Counter(draw.choices(ways, weights, k=received[applicant] + carried - left))


def _fee(draw: random.Random, received: int, requests: dict[str, dict[str, int]]) -> dict[str, int]:
    """What was taken for processing: always a multiple of ten; only then may somebody have failed to pay."""
    if received < 6 or draw.random() < 0.6:
        return {}
    cases = draw.randint(1, max(1, received // 8))
    if draw.random() < 0.3:
        taken = next((rows for rows in requests.values() if rows.get("granted")), None)
        if taken is not None:
            taken["granted"] -= 1
            taken["other.fee_unpaid"] = 1
    return {"cases": cases, "amount_yuan": 10 * sum(draw.randint(4, 90) for _ in range(cases))}


def _documents(draw: random.Random, last: Numbers | None, level: str) -> Documents:
    if level == "subdistrict" or draw.random() < 0.15:
        return Documents()
    most = 12 if level == "government" else 4
    made = draw.randint(0, most)
    before = draw.randint(0, 8 * most) if last is None else int(last["disclosure.normative_documents.in_force"])
    repealed = draw.randint(0, min(before, 3)) if draw.random() < 0.5 else 0
    return Documents(made=made, repealed=repealed, in_force=before + made - repealed if last is None else None)


def _disputes(draw: random.Random, received: int) -> dict[str, dict[str, int]]:
    if not received or draw.random() < 0.4:
        return {}
    kinds = draw.sample(list(RESULTS), draw.randint(1, 4))
    disputes = {}
    for channel, most in (("reconsideration", 6), ("direct_suit", 12), ("suit_after_reconsideration", 15)):
        cases = draw.randint(0, 1 + received // most) if draw.random() < 0.7 else 0
        disputes[channel] = dict(Counter(draw.choices(kinds, [RESULTS[each] for each in kinds], k=cases)))
    return disputes
