"""The desk: one build folder with the run file, the roster and the decision log that belong to it, as they are now.

It is asked again and again, so what has not changed is not read again: of files, size and time say so, but for the
files of the one report that lies open, and for the decision log, which are read byte for byte.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from gongkai import versions
from gongkai.batch.keys import made_of
from gongkai.batch.page import concerned
from gongkai.batch.together import FILE as ACROSS
from gongkai.batch.together import compared, concerns
from gongkai.decisions import Decision, Reader
from gongkai.errors import InputError, UsageError
from gongkai.finding import Concern
from gongkai.ledger import FILE as LEDGER
from gongkai.ledger import Entry, read_ledger
from gongkai.review.case import Case, Now, opened, stale
from gongkai.review.evidence import evidence
from gongkai.review.policy import Policy, load_policy
from gongkai.review.rows import Row, lateness, status
from gongkai.review.standing import Standing, Told, about, stand
from gongkai.roster import Agency
from gongkai.runfile import load_plan
from gongkai.waivers import Waiver, by_agency, told_in
from gongkai.workspace import MARKER

T = TypeVar("T")
Stamp = tuple[int, int, int] | None


class Desk:
    """The review of `build`. Raises UsageError where it was never run, AuthoringError where its run file is wrong.

    `log_fault` says why the decision log cannot be read: then nothing counts as decided, and nothing can be.
    """

    def __init__(self, build: Path) -> None:
        self.build = build.resolve()
        run, _ = read_ledger(self.build)
        self._run_file = (self.build / run.run_file).resolve()
        if not self._run_file.is_file():
            raise UsageError("no_run_file", file=self.build.name, name=run.run_file)
        self.lock = threading.RLock()
        self._kept: dict[str, tuple[object, Any]] = {}
        self._rows: dict[str, tuple[object, Row]] = {}
        self._now = Now({}, {})
        self.plan = load_plan(self._run_file)
        self._log = Reader(self.plan.workspace)
        self.refresh()

    def refresh(self) -> None:
        """Look at everything anew. Raises AuthoringError where run file, roster or settings have become wrong."""
        with self.lock:
            before = self.plan
            authored = [self._run_file, before.roster, before.notebook, before.workspace / MARKER]
            self.plan = self._same("plan", authored, lambda: load_plan(self._run_file))
            self._agencies = {each.code: each for each in self.plan.agencies}
            workspace = self.plan.workspace
            self.policy: Policy = self._same("policy", [workspace / MARKER], lambda: load_policy(workspace))
            self._now.made_of = made_of(self.plan)
            ledger = [self.build / f"{LEDGER}{ending}" for ending in ("", "-wal")]
            self.entries: Mapping[str, Entry] = self._same("ledger", ledger, lambda: read_ledger(self.build)[1])
            across = [self.build / ACROSS]
            self.concerns: Mapping[str, Sequence[Concern]] = self._same(
                "across", across, lambda: concerned(concerns(self.build))
            )
            self.compared: Mapping[str, str] | None = self._same("compared", across, lambda: compared(self.build))
            self._read_log()

    def take(self, decisions: tuple[Decision, ...]) -> None:
        """Go by these decisions. Raises InputError for one that was never written so."""
        self.decisions = decisions
        self.told: Mapping[str, Sequence[Told]] = about(decisions, self.plan.year)
        self.waivers: tuple[Waiver, ...] = told_in(decisions)
        self._now.waivers = by_agency(self.waivers, self.plan.year)

    @property
    def head(self) -> str:
        """The hash of the last decision of the workspace; "" where there is none."""
        return self.decisions[-1].hash if self.decisions else ""

    def agency(self, code: str) -> Agency | None:
        """The agency of that code, if it is in the roster."""
        return self._agencies.get(code)

    def parent(self, agency: Agency) -> str:
        """The name of the agency above; "" where there is none."""
        return self._agencies[agency.parent].agency if agency.parent else ""

    def folder(self, code: str) -> Path:
        """The folder of the version that the agency's name leads to; it may not be there."""
        return versions.place(self.build, code, versions.current(self.build, code) or "none")

    def is_compared(self, code: str) -> bool:
        """Whether the agency's report as it is now was held against those of the others."""
        return (self.compared or {}).get(code, "") == versions.current(self.build, code)

    def case(self, agency: Agency) -> Case:
        """The case of an agency, its files read byte for byte."""
        with self.lock:
            report, manifest, damage = opened(self.folder(agency.code))
            return Case(
                agency=agency,
                entry=self.entries.get(agency.code),
                manifest=manifest,
                report=report,
                damage=damage,
                stale=stale(self.plan, agency, manifest, self._now) if manifest else (),
                concerns=tuple(self.concerns.get(agency.code, ())),
                compared=self.is_compared(agency.code),
                waivers=self._now.waivers.get(agency.code, ()),
                standing=self._standing(agency, manifest),
            )

    def rows(self) -> list[Row]:
        """A line for each agency of the roster, in its order."""
        with self.lock:
            same = (self.policy, self._now.made_of, id(self.concerns), date.today())
            return [self._row(agency, same) for agency in self.plan.agencies]

    def _row(self, agency: Agency, same: object) -> Row:
        code, told = agency.code, self.told.get(agency.code, ())
        # As texts: of thousands of agencies, paths take longer than the system does.
        version = versions.current(self.build, code)
        manifest = f"{self.build}/{versions.FOLDER}/{code}/{version}/{versions.MANIFEST}"
        inputs = (self.plan.input(agency), self.plan.previous_name(agency))
        files = stamps([manifest, *(f"{self.plan.workspace}/{each}" for each in inputs)])
        compared = (self.compared or {}).get(code, "")
        waivers, entry = self._now.waivers.get(code, ()), self.entries.get(code)
        known = (version, files, agency, told, waivers, entry, compared, same)
        before = self._rows.get(code)
        if before is None or before[0] != known:
            before = self._rows[code] = (known, self._new_row(agency, self.folder(code)))
        return before[1]

    def _new_row(self, agency: Agency, folder: Path) -> Row:
        entry, manifest = self.entries.get(agency.code), versions.manifest(folder)
        damaged = manifest is None and folder.is_dir()
        outcome = manifest["outcome"] if manifest else entry.outcome if entry else "unknown"
        standing = self._standing(agency, manifest)
        kinds = Counter(manifest["kinds"] if manifest else {})
        kinds["doubt"] -= len(standing.resolved)
        found = self.concerns.get(agency.code, ())
        own = [each.finding for each in found if each.finding.agency_code == agency.code]
        waived = {each.fingerprint for each in self._now.waivers.get(agency.code, ()) if each.state == "confirmed"}
        kinds.update(each.kind for each in own if not each.waived(waived))
        rules = Counter(manifest["rules"] if manifest else {}) + Counter(each.rule for each in own)
        blocked = any(kinds[each] > 0 for each in ("error", "not_assessable", "doubt"))
        due = standing.due(self.policy)
        message = "" if manifest or entry is None else entry.message
        parent = self.parent(agency)
        words = [agency.agency, agency.code, parent, message, *rules, *_messages(folder), *(e.message for e in own)]
        return Row(
            agency=agency,
            parent=parent,
            status=status(
                "damaged" if damaged else outcome,
                stale=bool(manifest and stale(self.plan, agency, manifest, self._now)),
                returned=standing.returned is not None,
                blocked=blocked or not self.is_compared(agency.code),
                due=due,
            ),
            due=due,
            void=bool(standing.void),
            late=lateness(agency, self.plan.year, outcome, self.policy, date.today()),
            kinds=+kinds,
            rules=rules,
            message=message,
            words="\n".join(words).casefold(),
        )

    def _standing(self, agency: Agency, manifest: Mapping[str, Any] | None) -> Standing:
        """How decisions stand: held against the version, and against what it would be made of now."""
        now = {**evidence(manifest), **self._now.bound(self.plan, agency)} if manifest else {}
        return stand(self.told.get(agency.code, ()), now, self.policy)

    def _read_log(self) -> None:
        self.log_fault: InputError | None = None
        try:
            self.take(self._log.read())
        except InputError as error:
            self.take(())
            self.log_fault = error

    def _same(self, name: str, files: Iterable[Path], make: Callable[[], T]) -> T:
        """What `make` gave for `files` as they are."""
        now = stamps(files)
        before = self._kept.get(name)
        if before is None or before[0] != now:
            before = self._kept[name] = (now, make())
        value: T = before[1]
        return value


def stamps(files: Iterable[Path | str]) -> tuple[Stamp, ...]:
    """What tells whether any of `files` was written."""
    return tuple(_stamp(path) for path in files)


def _stamp(path: Path | str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _messages(folder: Path) -> list[str]:
    """What the findings of a version say."""
    try:
        return [each["message"] for each in json.loads((folder / "findings.json").read_bytes())]
    except (OSError, ValueError, KeyError, TypeError):
        return []
