"""Waivers: findings that stay as they are for a reason, kept in the decision log of the workspace.

Who waives a finding *proposes* it, which changes nothing; somebody else *confirms* it, and from then on the finding no
longer blocks a release. Either may be *withdrawn*. A waiver holds for one fingerprint: it is void as soon as the
figures that it was given for change. What could not be assessed, or not be read for certain, is never waived: it is
mended.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError, with_config

from gongkai.catalogues import say
from gongkai.decisions import LOG, About, Decision, person, read_log, writing
from gongkai.errors import InputError, UsageError
from gongkai.filing import STRICT, Filing, canonical_json, plain_data
from gongkai.finding import Finding

Kind = Literal["reform", "scope", "other"]
"""Why: agencies were merged or split; the figures are of an agreed scope; anything else."""

State = Literal["proposed", "confirmed", "withdrawn", "void"]

FILE = "waivers.json"
"""The waivers that a report is made with, beside its findings."""

_PROPOSED = "waiver.proposed"
_DECIDED: Mapping[str, State] = {"waiver.confirmed": "confirmed", "waiver.withdrawn": "withdrawn"}


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A finding waived, or to be: the finding as it was, the reason, who and when (UTC), and how it stands.

    `number` is that of its proposal in the log. Whoever confirmed or withdrew it is `decided_by`, what was said then
    is the `note`. It is only ever `void` where the filing was checked again, see `judged`.
    """

    number: int
    fingerprint: str
    rule: str
    cells: tuple[str, ...]
    message: str
    agency: str | None
    agency_code: str | None
    year: int | None
    kind: Kind
    reason: str
    by: str
    at: str
    state: State = "proposed"
    decided_by: str | None = None
    decided_at: str | None = None
    note: str | None = None

    def to_data(self) -> dict[str, Any]:
        """The waiver as plain JSON data."""
        return dict(plain_data(self))

    def in_words(self) -> str:
        """How it stands, why, by whom and since when."""
        values = {"kind": say(f"waiver.kind.{self.kind}"), "reason": self.reason, "by": self.by, "on": self.at[:10]}
        decided = {"other": self.decided_by, "since": (self.decided_at or "")[:10], "note": self.note}
        return say(f"waiver.{self.state}", **values, **decided)

    def as_line(self) -> str:
        """The finding as it was, and how the waiver stands, for where the finding is not shown."""
        return say("waiver.line", rule=self.rule, message=self.message, waiver=self.in_words())


def propose(workspace: Path, finding: Finding, *, kind: Kind, reason: str, by: str) -> Waiver:
    """Propose to waive `finding`; it goes on blocking until somebody else confirms it.

    Raises UsageError for what is not assessable, for what is waived already, and for a reason that is none.
    """
    if finding.verdict != "fail":
        raise UsageError("waive_not_assessable", place=finding.rule)
    content = {name: getattr(finding, name) for name in ("fingerprint", "rule", "message")}
    content |= {"cells": list(finding.cells), "kind": kind, "reason": _worded(reason)}
    with writing(workspace) as log:
        if before := standing(_told(log.decisions)).get(finding.fingerprint):
            raise UsageError("waived_already", place=before.rule, state=before.in_words())
        about = About(finding.agency, finding.agency_code, finding.year)
        return _proposal(log.append(_PROPOSED, about, content, by=_drawn(by)))


def confirm(workspace: Path, fingerprint: str, *, by: str, note: str = "") -> Waiver:
    """Confirm what another person has proposed: the finding blocks no longer.

    Raises UsageError where nothing is proposed, and for whoever has proposed it. That `by` is who he says, and may do
    this, is for the caller to know.
    """
    return _decide(workspace, fingerprint, "waiver.confirmed", _worded(note) if note else "", by)


def withdraw(workspace: Path, fingerprint: str, *, by: str, note: str) -> Waiver:
    """Withdraw what was proposed or confirmed: the finding blocks again. Raises UsageError where nothing was."""
    return _decide(workspace, fingerprint, "waiver.withdrawn", _worded(note), by)


def waivers(workspace: Path) -> tuple[Waiver, ...]:
    """All waivers of `workspace` in the order of their proposals, the withdrawn too. Raises InputError as the log."""
    return _told(read_log(workspace))


def told_in(decisions: Iterable[Decision]) -> tuple[Waiver, ...]:
    """What `waivers` gives, of decisions that were read already."""
    return _told(decisions)


def standing(given: Iterable[Waiver]) -> dict[str, Waiver]:
    """Those that are proposed or confirmed, by the fingerprints of their findings."""
    return {each.fingerprint: each for each in given if each.state in ("proposed", "confirmed")}


def waived(given: Iterable[Waiver]) -> frozenset[str]:
    """The fingerprints of the findings that block no longer."""
    return frozenset(each.fingerprint for each in given if each.state == "confirmed")


def of_filing(given: Iterable[Waiver], filing: Filing) -> tuple[Waiver, ...]:
    """Those that stand of one agency and year, by whatever the fingerprints of its findings name it."""
    who = (filing.agency_code or filing.agency, filing.year)
    return tuple(each for each in standing(given).values() if (each.agency_code or each.agency, each.year) == who)


def judged(
    given: Iterable[Waiver], filing: Filing, findings: Iterable[Finding], not_run: Collection[str] = ()
) -> tuple[Waiver, ...]:
    """Those `of_filing`, after a check that has found `findings`: void where theirs is no longer among them.

    Of the rules `not_run` nothing is known, so theirs stay as they are.
    """
    found = {each.fingerprint for each in findings}
    return tuple(
        each if each.fingerprint in found or each.rule in not_run else replace(each, state="void")
        for each in of_filing(given, filing)
    )


def by_agency(given: Iterable[Waiver], year: int) -> dict[str, tuple[Waiver, ...]]:
    """Those that stand of one year, by the code of the agency."""
    found: dict[str, list[Waiver]] = defaultdict(list)
    for each in standing(given).values():
        if each.year == year and each.agency_code:
            found[each.agency_code].append(each)
    return {code: tuple(each) for code, each in found.items()}


def to_json(given: Iterable[Waiver]) -> str:
    """The canonical JSON text of waivers."""
    return canonical_json([each.to_data() for each in given])


def from_json(text: str, *, file: str = FILE) -> tuple[Waiver, ...]:
    """The waivers of a JSON text. Raises InputError where it holds none."""
    try:
        return _list().validate_json(text)
    except ValidationError as error:
        raise InputError("not_waivers", file=file) from error


def _worded(text: str) -> str:
    """A reason in one line. Raises UsageError where it says nothing, or holds what cannot be shown."""
    words = " ".join(text.split())
    if not any(each.isalnum() for each in words) or not words.isprintable():
        raise UsageError("no_reason")
    return _drawn(words)


def _drawn(words: str) -> str:
    """Words that a draft can show. Raises UsageError for a character that no font has: its report could not be made."""
    from gongkai.fonts import missing

    for role in ("body", "heading"):
        for character in missing(words, role):
            raise UsageError("missing_glyph", character=character, code=f"U+{ord(character):04X}")
    return words


def _decide(workspace: Path, fingerprint: str, kind: str, note: str, by: str) -> Waiver:
    with writing(workspace) as log:
        before = standing(_told(log.decisions)).get(fingerprint)
        if before is None:
            raise UsageError("not_waived", place=fingerprint)
        if refused := _refused(before, kind, by):
            raise UsageError(refused, place=before.rule, by=before.by)
        about = About(before.agency, before.agency_code, before.year)
        content = {"proposal": before.number, "fingerprint": fingerprint, "note": note}
        return _decided(before, log.append(kind, about, content, by=_drawn(by)))


def _refused(waiver: Waiver, kind: str, by: str) -> str:
    """Why `by` may not decide so on `waiver` (a key of the catalogues); "" where he may."""
    if kind != "waiver.confirmed":
        return ""
    if waiver.state == "confirmed":
        return "confirmed_already"
    return "own_waiver" if person(waiver.by) == person(by) else ""


def _told(decisions: Iterable[Decision]) -> tuple[Waiver, ...]:
    """What decisions say of waivers. Raises InputError for one that `propose`, `confirm` and `withdraw` never write."""
    told: dict[int, Waiver] = {}
    for each in decisions:
        if each.kind == _PROPOSED:
            told[each.number] = _proposal(each)
        elif each.kind in _DECIDED:
            proposal = each.content.get("proposal")
            before = told.get(proposal) if isinstance(proposal, int) else None
            if before is None or before.state == "withdrawn" or _refused(before, each.kind, each.by):
                raise InputError("log_waiver", file=LOG, place=each.number)
            told[before.number] = _decided(before, each)
    return tuple(told.values())


def _proposal(decision: Decision) -> Waiver:
    about = {name: getattr(decision, name) for name in ("number", "by", "at", *About._fields)}
    try:
        # As JSON, in which a list is what it is: of Python's own, strict reading takes tuples only.
        waiver = _one().validate_json(json.dumps({**decision.content, **about}))
    except ValidationError as error:
        raise InputError("log_waiver", file=LOG, place=decision.number) from error
    return replace(waiver, state="proposed", decided_by=None, decided_at=None, note=None)


def _decided(waiver: Waiver, decision: Decision) -> Waiver:
    state, note = _DECIDED[decision.kind], decision.content.get("note") or None
    return replace(waiver, state=state, decided_by=decision.by, decided_at=decision.at, note=note)


@cache
def _one() -> TypeAdapter[Waiver]:
    return TypeAdapter(Waiver)


@cache
def _list() -> TypeAdapter[tuple[Waiver, ...]]:
    return TypeAdapter(tuple[Waiver, ...])
