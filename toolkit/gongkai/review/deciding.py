"""Deciding: who may decide what on which report, held under the lock of the log against what is there at that moment.

Nothing is accepted that rests on what has changed since the person saw it, or on bytes that are not as they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, get_args

from gongkai import versions, waivers
from gongkai.decisions import About, Decision, Log, person, writing
from gongkai.errors import UsageError
from gongkai.finding import Finding
from gongkai.review.case import Case, Reason
from gongkai.review.desk import Desk
from gongkai.review.people import read_people
from gongkai.review.policy import PASS
from gongkai.review.standing import COMMENTED, CORRECTED, PASSED, RESOLVED, RETURNED, TOGETHER, UNDONE, mark
from gongkai.roster import Agency

LONGEST = 2000
"""Characters of a reason or a comment."""


class RefusedError(UsageError):
    """What somebody asks for cannot be decided so; `status` is the answer of HTTP to it."""

    status: ClassVar[int] = 422


class ForbiddenError(RefusedError):
    """He may not."""

    status = 403


class ChangedError(RefusedError):
    """It is not what he has seen any more."""

    status = 409


def pass_report(desk: Desk, agency: Agency, seen: str, *, by: str) -> Decision:
    """Pass a report at the level that is due; the last level only where nothing blocks its release."""
    with _deciding(desk, by) as (log, may):
        case = _seen(desk, agency, seen)
        _refuse(case, desk, by, may)
        content = {"level": case.standing.due(desk.policy), **_bound(case)}
        return _append(desk, log, PASSED, agency, content, by)


def pass_together(desk: Desk, level: str, seen: Mapping[str, str], *, by: str) -> Decision:
    """Pass all of these at `level`, or none; each with nothing that blocks it. `seen` is by code what was seen."""
    with _deciding(desk, by) as (log, may):
        if not seen:
            raise RefusedError("nothing_to_pass")
        bound: dict[str, Any] = {}
        for code, each in seen.items():
            agency = desk.agency(code)
            if agency is None:
                raise ChangedError("changed_since", file=code)
            case = _seen(desk, agency, each)
            if case.standing.due(desk.policy) != level:
                raise ChangedError("changed_since", file=agency.agency)
            _refuse(case, desk, by, may)
            if reason := next(case.blocks(), None):
                raise _because(case, reason)
            bound[code] = case.evidence
        for code in bound:
            versions.keep(desk.build, code, desk.folder(code).name)
        content = {"level": level, "agencies": bound}
        decision = log.append(TOGETHER, About(None, None, desk.plan.year), content, by=by)
        desk.take(log.decisions)
        return decision


def give_back(desk: Desk, agency: Agency, seen: str, reason: str, *, by: str) -> Decision:
    """Send a report back to its agency; the passes that it has are at an end."""
    with _deciding(desk, by, "return") as (log, _):
        case = _seen(desk, agency, seen)
        _refuse_unsound(case)
        if case.standing.returned:
            raise RefusedError("returned_already", file=agency.agency)
        return _append(desk, log, RETURNED, agency, {"reason": _worded(reason), **_bound(case)}, by)


def comment(desk: Desk, agency: Agency, text: str, *, place: str = "", by: str) -> Decision:
    """Say something of a report, or of a cell of it (`place`: its address)."""
    with _deciding(desk, by, "comment") as (log, _):
        case = desk.case(agency)
        if place and (case.report is None or place not in case.report.filing.form.cells):
            raise RefusedError("no_such_place", name=place)
        content = {"text": _worded(text), "place": place, **_bound(case)}
        for each in case.standing.told:
            if (each.kind, each.state, each.decision.by) == (COMMENTED, "said", by) and dict(each.content) == content:
                raise RefusedError("said_already", file=agency.agency)  # a form that was sent twice
        return _append(desk, log, COMMENTED, agency, content, by)


def resolve(desk: Desk, agency: Agency, seen: str, doubt: str, note: str, *, by: str) -> Decision:
    """Settle a doubt: it was read rightly. `doubt` is its mark; the decision holds for this filing."""
    with _deciding(desk, by, "resolve") as (log, _):
        case = _seen(desk, agency, seen)
        _refuse_unsound(case)
        if doubt not in {mark(each) for each in case.open_doubts}:
            raise RefusedError("no_such_doubt", file=agency.agency)
        content = {"doubt": doubt, "note": _worded(note), "filing": case.evidence["filing.json"], **_bound(case)}
        return _append(desk, log, RESOLVED, agency, content, by)


def undo(desk: Desk, agency: Agency, number: int, reason: str, *, by: str) -> Decision:
    """Take back one's own decision, as long as it stands and nothing rests on it."""
    with _deciding(desk, by) as (log, _):
        case = desk.case(agency)
        told = next((each for each in case.standing.told if each.decision.number == number), None)
        if told is None or told.state not in ("stands", "said") or told.kind in (UNDONE, CORRECTED):
            raise RefusedError("not_undone", file=agency.agency)
        if person(told.decision.by) != person(by):
            raise ForbiddenError("not_own_decision", file=agency.agency, by=told.decision.by)
        if told in case.standing.passes[:-1]:
            raise RefusedError("passed_on", file=agency.agency)
        return _append(desk, log, UNDONE, agency, {"number": number, "reason": _worded(reason)}, by)


def waive(  # noqa: PLR0913
    desk: Desk, agency: Agency, seen: str, finding: str, kind: Any, reason: str, *, by: str
) -> waivers.Waiver:
    """Propose to waive the finding of that fingerprint."""
    case = _asked(desk, agency, seen, "waive", by)
    if kind not in get_args(waivers.Kind):
        raise RefusedError("no_reason")
    return waivers.propose(desk.plan.workspace, _found(case, finding), kind=kind, reason=reason, by=by)


def confirm(desk: Desk, agency: Agency, seen: str, finding: str, note: str, *, by: str) -> waivers.Waiver:
    """Confirm what somebody else has proposed to waive."""
    case = _asked(desk, agency, seen, "confirm", by)
    return waivers.confirm(desk.plan.workspace, _found(case, finding).fingerprint, note=note, by=by)


def withdraw(desk: Desk, agency: Agency, seen: str, finding: str, note: str, *, by: str) -> waivers.Waiver:
    """Withdraw a waiver: one's own proposal, or any where one may confirm them."""
    case = _asked(desk, agency, seen, "waive", by)
    found = _found(case, finding)
    given = next((each for each in case.waivers if each.fingerprint == found.fingerprint), None)
    if given and person(given.by) != person(by) and "confirm" not in _may(desk, by):
        raise ForbiddenError("not_own_decision", file=agency.agency, by=given.by)
    return waivers.withdraw(desk.plan.workspace, found.fingerprint, note=note, by=by)


@contextmanager
def correcting(desk: Desk, agency: Agency, seen: str, *, by: str) -> Iterator[Correction]:
    """Hand in a corrected input; nobody else decides meanwhile."""
    with _deciding(desk, by, "correct") as (log, _):
        _seen(desk, agency, seen)
        yield Correction(desk, log, agency, by)


class Correction:
    """A corrected input that is being handed in."""

    def __init__(self, desk: Desk, log: Log, agency: Agency, by: str) -> None:
        self._desk, self._log, self._agency, self._by = desk, log, agency, by

    def told(self, file: str, before: str, after: str) -> Decision:
        """Say that the input `file` is another now: the digests of its bytes, "" where there was none."""
        content = {"file": file, "before": before, "after": after, **_bound(self._desk.case(self._agency))}
        return _append(self._desk, self._log, CORRECTED, self._agency, content, self._by)


def require(desk: Desk, action: str, *, by: str) -> None:
    """Raise ForbiddenError where a person may not do this."""
    if action not in _may(desk, by):
        raise ForbiddenError("may_not", by=by)


def allowed(desk: Desk, case: Case, by: str) -> frozenset[str]:
    """What a person can do on a report as it is, as far as the pages offer it; `pass` is at the level that is due."""
    may = set(_may(desk, by))
    passing: list[str] = []
    try:
        _refuse(case, desk, by, frozenset(may))
        passing = ["pass"]
    except RefusedError:
        pass
    if case.standing.returned or any(case.unsound()):
        may -= {"return"}
    return frozenset({each for each in may if not each.startswith(PASS)} | set(passing))


def why_not(desk: Desk, case: Case, by: str) -> RefusedError | None:
    """Why a person may not pass a report as it is; None where he may."""
    try:
        _refuse(case, desk, by, _may(desk, by))
    except RefusedError as refused:
        return refused
    return None


@contextmanager
def _deciding(desk: Desk, by: str, action: str = "") -> Iterator[tuple[Log, frozenset[str]]]:
    """The log while nobody else can add to it, the desk as it is then, and what the person may."""
    with desk.lock:
        desk.refresh()
        with writing(desk.plan.workspace) as log:
            desk.take(log.decisions)
            may = _may(desk, by)
            if action and action not in may:
                raise ForbiddenError("may_not", by=by)
            yield log, may


def _asked(desk: Desk, agency: Agency, seen: str, action: str, by: str) -> Case:
    with desk.lock:
        desk.refresh()
        if action not in _may(desk, by):
            raise ForbiddenError("may_not", by=by)
        return _seen(desk, agency, seen)


def _may(desk: Desk, by: str) -> frozenset[str]:
    people = (each for each in read_people(desk.plan.workspace) if person(each.name) == person(by))
    return desk.policy.may(next((each.roles for each in people), ()))


def _seen(desk: Desk, agency: Agency, seen: str) -> Case:
    case = desk.case(agency)
    if case.seen != seen:
        raise ChangedError("changed_since", file=agency.agency)
    return case


def _refuse(case: Case, desk: Desk, by: str, may: frozenset[str]) -> None:
    """Raise where `by` may not pass the report at the level that is due."""
    standing, policy = case.standing, desk.policy
    level = standing.due(policy)
    if not level:
        raise RefusedError("passed_already", file=case.agency.agency)
    if f"{PASS}{level}" not in may:
        raise ForbiddenError("may_not_pass", by=by, file=case.agency.agency)
    if policy.four_eyes and person(by) in {person(each.decision.by) for each in standing.passes}:
        raise ForbiddenError("passed_by_same", by=by, file=case.agency.agency)
    _refuse_unsound(case)
    if standing.returned:
        raise RefusedError("returned_already", file=case.agency.agency)
    if level == policy.levels[-1] and (reason := next(case.blocks(), None)):
        raise _because(case, reason)


def _refuse_unsound(case: Case) -> None:
    if reason := next(case.unsound(), None):
        raise _because(case, reason)


def _because(case: Case, reason: Reason) -> RefusedError:
    return RefusedError("blocked", file=case.agency.agency, reason=reason)


def _bound(case: Case) -> dict[str, Any]:
    return {"evidence": case.evidence, "version": case.report.version if case.report else ""}


def _append(desk: Desk, log: Log, kind: str, agency: Agency, content: Mapping[str, Any], by: str) -> Decision:
    if content.get("version"):
        versions.keep(desk.build, agency.code, content["version"])
    about = About(agency.agency, agency.code, desk.plan.year)
    decision = log.append(kind, about, content, by=by)
    desk.take(log.decisions)
    return decision


def _found(case: Case, fingerprint: str) -> Finding:
    for each in case.own:
        if each.fingerprint == fingerprint:
            return each
    raise RefusedError("no_such_finding", file=case.agency.agency)


def _worded(text: str) -> str:
    """A reason: lines of what can be shown. Raises RefusedError where it says nothing."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    words = "\n".join(line for line in lines if line)
    if not any(each.isalnum() for each in words) or not words.replace("\n", "").isprintable():
        raise RefusedError("no_reason")
    if len(words) > LONGEST:
        raise RefusedError("too_long", longest=LONGEST)
    return words
