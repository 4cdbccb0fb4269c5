"""The finding: one way in which a filing breaks a rule, as data. Frozen; canonical JSON."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError, with_config

from gongkai.errors import InputError
from gongkai.filing import STRICT, Filing, Number, Source, canonical_json, plain_data

Severity = Literal["error", "warning", "info"]
Verdict = Literal["fail", "not_assessable"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule broken at one equation, cell or passage, or not assessable there because an operand is no number.

    `left`, `right` and `delta` (left minus right) are numbers, or None where the rule compares none. `fingerprint`
    stays the same as long as rule, agency, year, cells and operands do.
    """

    rule: str
    severity: Severity
    verdict: Verdict
    agency: str | None
    agency_code: str | None
    year: int | None
    cells: tuple[str, ...]
    left: Number = None
    right: Number = None
    delta: Number = None
    text: str | None = None
    """The key of the text whose words are meant, of a finding about prose."""
    passage: int | None = None
    """The number of the passage in that text, from 0."""
    span: tuple[int, int] | None = None
    """Where the words begin and end in that passage; None where the whole is meant."""
    message: str
    basis: str
    source: Source | None = None
    fingerprint: str

    @property
    def kind(self) -> Severity | Literal["not_assessable"]:
        """What people count it as: its severity, or that it is not assessable."""
        return self.severity if self.verdict == "fail" else "not_assessable"

    @property
    def blocks(self) -> bool:
        """Whether a report with this finding must not be released."""
        return self.severity == "error" or self.verdict == "not_assessable"

    def waived(self, fingerprints: Collection[str]) -> bool:
        """Whether it is among those waived; what is not assessable never is."""
        return self.verdict == "fail" and self.fingerprint in fingerprints

    def to_data(self) -> dict[str, Any]:
        """The finding as plain JSON data."""
        return dict(plain_data(self))


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A finding about an agency that rests on what another one has written, or on the roster: one of a run.

    `title` is that of the rule; `alike` the share of its text that the `other` agency has too, by the `sentences`
    that stand in its own.
    """

    finding: Finding
    title: str
    other: str | None = None
    other_code: str | None = None
    alike: Number = None
    sentences: tuple[str, ...] = ()


def kinds_of(filing: Filing, findings: Iterable[Finding], waived: Collection[str] = ()) -> dict[str, int]:
    """How many findings of each kind there are, and doubts; only what there is. Those `waived` are a kind of their own.

    `waived` holds fingerprints. What is not assessable cannot be waived.
    """
    kinds = Counter[str]("waived" if finding.waived(waived) else finding.kind for finding in findings)
    kinds["doubt"] += len(filing.doubts)
    return dict(+kinds)


def blocks_release(filing: Filing, findings: Iterable[Finding], waived: Collection[str] = ()) -> bool:
    """Whether findings that are not `waived`, or doubts about the reading, forbid the release of a report."""
    return bool(filing.doubts) or any(each.blocks and not each.waived(waived) for each in findings)


def fingerprint(rule: str, agency: str | None, year: int | None, cells: Iterable[str], operands: Iterable[str]) -> str:
    """Sixteen hex digits that name a finding as long as what it rests on does not change."""
    parts = json.dumps([rule, agency, year, list(cells), list(operands)], ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def findings_to_json(findings: Iterable[Finding]) -> str:
    """The canonical JSON text of a list of findings."""
    return canonical_json([finding.to_data() for finding in findings])


def findings_from_json(text: str, *, file: str | None = None) -> tuple[Finding, ...]:
    """The findings of a JSON text. Raises InputError where it holds none."""
    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or None
        raise InputError("not_findings", file=file, place=place) from error


@cache
def _adapter() -> TypeAdapter[tuple[Finding, ...]]:
    return TypeAdapter(tuple[Finding, ...])
