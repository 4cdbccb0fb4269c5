"""The figures of invented agencies, drawn: small numbers at most, large ones at some; everything balances."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from gongkai.example.arithmetic import APPLICANTS, Disclosure, Documents, Numbers, Tables, numbers_of, summed
from gongkai.example.bodies import Body, County, Example, Kind

APPLICANT_WEIGHTS = (780, 140, 8, 15, 40, 17)

OUTCOME_WEIGHTS = {
    "granted": 46,
    "partly_granted": 8,
    "refused.state_secret": 1,
    "refused.prohibited_by_law": 1,
    "refused.security_and_stability": 1,
    "refused.third_party": 3,
    "refused.internal_affairs": 2,
    "refused.deliberative_process": 2,
    "refused.enforcement_file": 2,
    "refused.administrative_query": 2,
    "unavailable.not_held": 20,
    "unavailable.needs_creation": 3,
    "unavailable.still_unclear": 1,
    "not_processed.petition": 4,
    "not_processed.repeated": 2,
    "not_processed.publication": 1,
    "not_processed.excessive": 1,
    "not_processed.reconfirmation": 1,
    "other.uncorrected": 2,
    "other.other": 1,
}
"""How often a request ends how. None for an unpaid fee: these agencies charge none."""

RESULT_WEIGHTS = {"upheld": 6, "corrected": 2, "other": 2, "pending": 1}

ByYear = Mapping[int, Numbers]


def figures_of(example: Example, county: County, body: Body) -> ByYear:
    """All figures of an agency, year by year; those of a government are the sums of all others of its county."""
    if body is not county.government:
        return _drawn(example, body)
    others = [_drawn(example, other) for other in county.bodies if other is not body]
    return {year: summed(numbers[year] for numbers in others) for year in example.all_years}


def _drawn(example: Example, body: Body) -> ByYear:
    usual = _usual(body.kind, example.draw(body.code, "usual"))
    by_year: dict[int, Numbers] = {}
    last: Numbers | None = None
    for year in example.all_years:
        last = by_year[year] = numbers_of(_tables(usual, last, example.draw(body.code, year)), last)
    return by_year


def _usual(kind: Kind, draw: random.Random) -> Kind:
    """What is usual at one agency of a kind: at one in thirty ten times the requests."""
    of_kind = {name: getattr(kind, name) for name in ("requests", "documents", "licences", "penalties", "coercion")}
    usual = {name: -(-count * draw.randint(40, 180) // 100) for name, count in of_kind.items()}
    usual["requests"] *= 10 if draw.randrange(30) == 0 else 1
    return kind.model_copy(update=usual)


def _tables(usual: Kind, last: Numbers | None, draw: random.Random) -> Tables:
    return Tables(
        disclosure=_disclosure(usual, last, draw),
        requests=_requests(usual.requests, last, draw),
        disputes=_disputes(usual.requests, last or Counter(), draw),
    )


def _about(count: int, draw: random.Random) -> int:
    """A number near a usual one; a small one may be none at all."""
    return draw.randint(0, 2 * count) if count < 4 else count * draw.randint(82, 124) // 100


def _disclosure(usual: Kind, last: Numbers | None, draw: random.Random) -> Disclosure:
    made = draw.randint(0, usual.documents)
    if last is None:
        documents = Documents(made=made, in_force=made + draw.randint(0, 4 * usual.documents))
    else:
        before = last["disclosure.normative_documents.in_force"]
        documents = Documents(made=made, repealed=min(before, draw.randint(0, 2)))
    return Disclosure(
        normative_documents=documents,
        licences=_about(usual.licences, draw),
        penalties=_about(usual.penalties, draw),
        coercion=_about(usual.coercion, draw),
        fees=Decimal(_about(usual.fees, draw)) / 100,
    )


def _requests(usual: int, last: Numbers | None, draw: random.Random) -> dict[str, dict[str, int]]:
    received = Counter(draw.choices(APPLICANTS, APPLICANT_WEIGHTS, k=_about(usual, draw)))
    requests: dict[str, dict[str, int]] = {}
    for applicant in APPLICANTS:
        new = received[applicant]
        rows = {"received": new}
        if last is None:
            carried_in = rows["carried_in"] = draw.randint(0, new // 8)
        else:
            carried_in = last[f"requests.carried_out.{applicant}"]
        left = min(new, draw.randint(0, new // 10) + (draw.randrange(9) == 0))
        ended = draw.choices(list(OUTCOME_WEIGHTS), list(OUTCOME_WEIGHTS.values()), k=new + carried_in - left)
        requests[applicant] = rows | Counter(ended)
    return requests


def _disputes(requests: int, last: Numbers, draw: random.Random) -> dict[str, dict[str, int]]:
    """Cases are few; what was pending last year comes to a result, or is pending again."""
    new = Counter(draw.choices(("reconsideration", "direct_suit", ""), (3, 1, 86), k=requests))
    disputes: dict[str, dict[str, int]] = {}
    for channel in ("reconsideration", "direct_suit", "suit_after_reconsideration"):
        cases = new[channel] + last[f"disputes.{channel}.pending"]
        if channel == "suit_after_reconsideration":
            cases += disputes["reconsideration"].get("upheld", 0) // 2
        disputes[channel] = Counter(draw.choices(list(RESULT_WEIGHTS), list(RESULT_WEIGHTS.values()), k=cases))
    return disputes
