"""How the decisions about a report stand: what each was given for is held against what is there now.

A pass counts for the version that it was given for, at the level that was due. A return ends the passes before it and
stands until there is another version. What was undone, or given for what has changed since, is shown and counts for
nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from gongkai.decisions import LOG, Decision, person
from gongkai.errors import InputError
from gongkai.filing import Doubt, canonical_json, plain_data
from gongkai.review.evidence import Evidence, changed
from gongkai.review.policy import Policy

PASSED, TOGETHER, RETURNED = "review.passed", "review.passed_together", "review.returned"
COMMENTED, RESOLVED, UNDONE, CORRECTED = "review.commented", "review.resolved", "review.undone", "review.corrected"

State = Literal["stands", "void", "undone", "replaced", "said"]
"""It counts; what it was given for has changed; it was undone; another has ended it; it only says something."""


@dataclass(frozen=True, slots=True)
class Told:
    """A decision about a report, and how it stands; `why` are the files that have changed since."""

    decision: Decision
    kind: str
    content: Mapping[str, Any]
    state: State = "said"
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the decisions about one report stand, all of them in their order."""

    told: tuple[Told, ...] = ()
    passes: tuple[Told, ...] = ()
    """Those that count, from the first level on."""
    returned: Told | None = None
    resolved: frozenset[str] = frozenset()
    """The marks of the doubts that are settled."""

    @property
    def number(self) -> int:
        """The number of the last decision about this report; 0 where there is none."""
        return self.told[-1].decision.number if self.told else 0

    @property
    def void(self) -> tuple[Told, ...]:
        """The passes that something has voided since, but for levels at which it was passed again."""
        again = {each.content["level"] for each in self.passes}
        voided = (each for each in self.told if each.state == "void" and each.kind == PASSED)
        return tuple(each for each in voided if each.content["level"] not in again)

    def due(self, policy: Policy) -> str:
        """The level at which it is to be passed next; "" where it has been passed at all of them."""
        return policy.levels[len(self.passes)] if len(self.passes) < len(policy.levels) else ""


NONE = Standing()

_CONTENTS: Mapping[str, tuple[str, ...]] = {
    PASSED: ("level", "evidence"),
    RETURNED: ("reason", "evidence"),
    COMMENTED: ("text", "place"),
    RESOLVED: ("doubt", "note", "filing"),
    UNDONE: ("number", "reason"),
    CORRECTED: ("file", "before", "after"),
}
"""What each kind says at least: texts, but for the evidence and for numbers."""


def about(decisions: Iterable[Decision], year: int) -> dict[str, list[Told]]:
    """The decisions of reviews about the reports of `year`, by the code of the agency.

    Raises InputError for one that says what a review never writes.
    """
    found: dict[str, list[Told]] = defaultdict(list)
    for each in decisions:
        if each.year == year:
            for code, told in _told(each):
                found[code].append(told)
    return found


def stand(told: Sequence[Told], now: Evidence, policy: Policy) -> Standing:
    """How decisions about one report stand, where `now` is what there is of it: nothing where there is no report."""
    folding = _Folding(now, policy, {each.content["number"] for each in told if each.kind == UNDONE})
    return folding.folded(told)


def mark(doubt: Doubt) -> str:
    """What names a doubt for as long as it says the same."""
    return canonical_json(plain_data(doubt))


@dataclass(slots=True)
class _Folding:
    now: Evidence
    policy: Policy
    undone: set[int]
    states: dict[int, tuple[State, tuple[str, ...]]] = field(default_factory=dict)
    passes: list[Told] = field(default_factory=list)
    returned: Told | None = None
    resolved: set[str] = field(default_factory=set)

    def folded(self, told: Sequence[Told]) -> Standing:
        for number, each in enumerate(told):
            self.states[number] = self._state(each)
        judged = tuple(
            Told(each.decision, each.kind, each.content, *self._final(each, number)) for number, each in enumerate(told)
        )
        counting = {each.decision.number: each for each in judged}
        passes = tuple(counting[each.decision.number] for each in self.passes)
        returned = counting[self.returned.decision.number] if self.returned else None
        return Standing(judged, passes, returned, frozenset(self.resolved))

    def _final(self, each: Told, number: int) -> tuple[State, tuple[str, ...]]:
        state, why = self.states[number]
        if state == "stands" and each.kind == PASSED and each not in self.passes:
            return "replaced", ()
        return state, why

    def _state(self, each: Told) -> tuple[State, tuple[str, ...]]:
        if each.decision.number in self.undone and each.kind != UNDONE:
            return "undone", ()
        if each.kind == RESOLVED:
            return self._resolve(each)
        if each.kind not in (PASSED, RETURNED):
            return "said", ()
        if why := changed(each.content["evidence"], self.now):
            return "void", why
        if each.kind == RETURNED:
            self.passes.clear()
            self.returned = each
        elif self._counts(each):
            self.passes.append(each)
        else:
            return "replaced", ()
        return "stands", ()

    def _resolve(self, each: Told) -> tuple[State, tuple[str, ...]]:
        if each.content["filing"] != self.now.get("filing.json"):
            return "void", ("filing.json",)
        self.resolved.add(each.content["doubt"])
        return "stands", ()

    def _counts(self, each: Told) -> bool:
        """Whether a pass was given at the level that was due, by somebody who had not passed it before."""
        due = len(self.passes)
        if self.returned is not None or due == len(self.policy.levels):
            return False
        before = {person(other.decision.by) for other in self.passes} if self.policy.four_eyes else set()
        return each.content["level"] == self.policy.levels[due] and person(each.decision.by) not in before


def _told(decision: Decision) -> Iterator[tuple[str, Told]]:
    """What a decision says of whom; a pass of many is one of each."""
    if decision.kind == TOGETHER:
        for code, content in _checked(_together, decision).items():
            yield code, Told(decision, PASSED, content)
    elif decision.kind in _CONTENTS and decision.agency_code:
        yield decision.agency_code, Told(decision, decision.kind, _checked(_single, decision))


def _checked(check: Any, decision: Decision) -> Any:
    try:
        return check(decision)
    except (ValidationError, KeyError, TypeError) as error:
        raise InputError("log_review", file=LOG, place=decision.number) from error


def _together(decision: Decision) -> dict[str, dict[str, Any]]:
    level = _text().validate_python(decision.content["level"])
    found = _many().validate_python(decision.content["agencies"])
    return {code: {"level": level, "evidence": bound} for code, bound in found.items()}


def _single(decision: Decision) -> dict[str, Any]:
    content = dict(decision.content)
    for name in _CONTENTS[decision.kind]:
        kinds: dict[str, TypeAdapter[Any]] = {"evidence": _evidence(), "number": _number()}
        kinds.get(name, _text()).validate_python(content[name])
    return content


@cache
def _text() -> TypeAdapter[str]:
    return TypeAdapter(str, config={"strict": True})


@cache
def _number() -> TypeAdapter[int]:
    return TypeAdapter(int, config={"strict": True})


@cache
def _evidence() -> TypeAdapter[dict[str, str]]:
    return TypeAdapter(dict[str, str], config={"strict": True})


@cache
def _many() -> TypeAdapter[dict[str, dict[str, str]]]:
    return TypeAdapter(dict[str, dict[str, str]], config={"strict": True})
