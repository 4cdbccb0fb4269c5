"""The case of one agency: what there is of its report now, how decisions stand, and what forbids its release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai import versions
from gongkai.catalogues import say
from gongkai.errors import GongkaiError
from gongkai.filing import Doubt, Filing
from gongkai.finding import Concern, Finding, findings_from_json
from gongkai.ledger import Entry
from gongkai.review.evidence import altered, changed, digest, evidence, sha256
from gongkai.review.standing import NONE, Standing, mark
from gongkai.roster import Agency
from gongkai.runfile import Plan
from gongkai.waivers import FILE as WAIVERS
from gongkai.waivers import Waiver, to_json
from gongkai.wording import listed


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a report may not be published: the sentence ``review.reason.<key>`` of the catalogues and what fills it."""

    key: str
    values: Mapping[str, object]

    @classmethod
    def of(cls, key: str, **values: object) -> Reason:
        """A reason."""
        return cls(key, values)

    def in_words(self) -> str:
        """The reason in the language in use."""
        return say(f"review.reason.{self.key}", **{name: self._told(name, each) for name, each in self.values.items()})

    @staticmethod
    def _told(name: str, value: object) -> object:
        if name == "outcome":
            return say(f"run.outcome.{value}")
        return listed(map(called, value)) if isinstance(value, tuple) else value

    def __str__(self) -> str:
        return self.in_words()


def called(name: str) -> str:
    """What people call a file of a version, or what it was made of."""
    stem, _, ending = name.rpartition(".")
    if name in _MADE_OF:
        return say(f"review.what.{name}")
    if name in _FILES:
        return say(f"review.what.{_FILES[name]}")
    return say("review.what.report", ending=ending.upper()) if stem == "report" else name


_MADE_OF = ("input", "previous", "notebook", "rules", "waivers")
_FILES = {
    "filing.json": "filing",
    "previous.json": "filing_before",
    "findings.json": "findings",
    "report.ipynb": "executed",
    "waivers.json": "waivers",
    "manifest.json": "manifest",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report that an agency's name leads to, as its files are now."""

    folder: Path
    version: str
    manifest: Mapping[str, Any]
    filing: Filing
    previous: Filing | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is known of one agency's report.

    `damage` are the files of its version that are not as they were made; where the filing or the findings are among
    them there is no `report`. `stale` is what has changed since it was made: ``input``, ``previous``, ``notebook``,
    ``rules``, ``waivers``.
    """

    agency: Agency
    entry: Entry | None
    manifest: Mapping[str, Any] | None = None
    report: Report | None = None
    damage: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    concerns: tuple[Concern, ...] = ()
    """What was found across agencies that it is told of, or named in."""
    compared: bool = True
    """Whether its report as it is now was held against those of the others."""
    waivers: tuple[Waiver, ...] = ()
    standing: Standing = NONE

    @property
    def outcome(self) -> str:
        """What the last run made of it; ``unknown`` where there was none."""
        return self.manifest["outcome"] if self.manifest else self.entry.outcome if self.entry else "unknown"

    @property
    def evidence(self) -> dict[str, str]:
        """What a decision on it is bound to; nothing where there is no report."""
        return evidence(self.manifest) if self.manifest else {}

    @property
    def seen(self) -> str:
        """What names all that a person has seen of it: whoever decides on something else is told."""
        return f"{digest(self.evidence)[:32]}-{self.standing.number}-{len(self.stale) + len(self.damage)}"

    @property
    def waived(self) -> frozenset[str]:
        """The fingerprints of the findings that block no longer."""
        return frozenset(each.fingerprint for each in self.waivers if each.state == "confirmed")

    @property
    def own(self) -> tuple[Finding, ...]:
        """Its findings, with those across agencies that are told of it."""
        across = (each.finding for each in self.concerns if each.finding.agency_code == self.agency.code)
        return (*(self.report.findings if self.report else ()), *across)

    @property
    def open_doubts(self) -> tuple[Doubt, ...]:
        """The doubts that nobody has settled."""
        doubts = self.report.filing.doubts if self.report else ()
        return tuple(each for each in doubts if mark(each) not in self.standing.resolved)

    def unsound(self) -> Iterator[Reason]:
        """Why nothing can be decided on it: what there is of it is not what was made, or no longer what would be."""
        if self.manifest is None:
            yield Reason.of("no_report", outcome=self.outcome)
        elif self.damage:
            yield Reason.of("damaged", files=self.damage)
        if self.stale:
            yield Reason.of("stale", what=self.stale)

    def blocks(self) -> Iterator[Reason]:
        """Why it must not be released, whoever has passed it."""
        yield from self.unsound()
        if self.manifest is not None and not self.compared:
            yield Reason.of("not_compared")
        kinds = [each.kind for each in self.own if each.blocks and not each.waived(self.waived)]
        for kind in ("error", "not_assessable"):
            if kind in kinds:
                yield Reason.of(kind, count=kinds.count(kind))
        if self.open_doubts:
            yield Reason.of("doubt", count=len(self.open_doubts))


def stale(plan: Plan, agency: Agency, manifest: Mapping[str, Any], now: Now) -> tuple[str, ...]:
    """What of all that a report was made of has changed since."""
    return changed(_made_of(manifest), now.of(plan, agency))


def _made_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    kept = manifest["files"].get(WAIVERS)
    return {**manifest["made_of"], **({"waivers": kept["sha256"]} if kept else {})}


class Now:
    """What reports would be made from now; a file that has kept size and time is not read again."""

    def __init__(self, made_of: Mapping[str, str], waivers: Mapping[str, tuple[Waiver, ...]]) -> None:
        self.made_of, self.waivers = made_of, waivers
        self._known: dict[Path, tuple[tuple[int, int, int], str]] = {}

    def sha256(self, path: Path) -> str:
        """The digest of a file; "" where it cannot be read."""
        try:
            status = path.stat()
        except OSError:
            return ""
        stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
        before = self._known.get(path)
        if before is None or before[0] != stamp:
            before = self._known[path] = (stamp, sha256(path))
        return before[1]

    def bound(self, plan: Plan, agency: Agency) -> dict[str, str]:
        """The digests of what decisions are bound to of all that a report of `agency` would be made of now."""
        bound = {**self.made_of, "input": self.sha256(plan.workspace / plan.input(agency))}
        if previous := plan.previous(agency):
            bound["previous"] = self.sha256(previous)
        return bound

    def of(self, plan: Plan, agency: Agency) -> dict[str, str]:
        """The digests of all that a report of `agency` would be made of now, by name."""
        made_of = self.bound(plan, agency)
        if given := self.waivers.get(agency.code):
            made_of["waivers"] = hashlib.sha256(to_json(given).encode()).hexdigest()
        return made_of


def opened(folder: Path) -> tuple[Report | None, Mapping[str, Any] | None, tuple[str, ...]]:
    """The report in the folder of a version, its manifest, and the files that are not as they were made."""
    manifest = _complete(versions.unchecked(folder))
    if manifest is None:
        return None, None, (versions.MANIFEST,) if folder.is_dir() else ()
    damage = altered(folder, manifest)
    try:
        report = Report(
            folder=folder,
            version=folder.name,
            manifest=manifest,
            filing=Filing.from_json(_text(folder / "filing.json"), file="filing.json"),
            previous=_previous(folder, manifest),
            findings=findings_from_json(_text(folder / "findings.json"), file="findings.json"),
        )
    except (OSError, GongkaiError, UnicodeDecodeError):
        return None, manifest, damage
    return report, manifest, damage


def _complete(manifest: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A manifest that says of a report what a run says; None for any other."""
    kinds = {"key": str, "outcome": str, "kinds": dict, "rules": dict, "made_of": dict}
    told = manifest or {}
    return manifest if all(type(told.get(name)) is kind for name, kind in kinds.items()) else None


def _previous(folder: Path, manifest: Mapping[str, Any]) -> Filing | None:
    name = "previous.json"
    return Filing.from_json(_text(folder / name), file=name) if name in manifest["files"] else None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
