"""A run: every agency of a run file is read, checked and made, or left as it is because nothing has changed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

from gongkai import versions
from gongkai.batch.keys import made_of, surroundings
from gongkai.batch.page import write_page
from gongkai.batch.results import AgencyResult, Comparison, Counts, RunResult
from gongkai.batch.survey import ALL, Selection, Surveyed, survey
from gongkai.batch.tasks import Prepared, Product
from gongkai.batch.together import Together, concerns, counted, forget
from gongkai.catalogues import speaking
from gongkai.errors import GongkaiError, InternalError, JobError, UsageError
from gongkai.execute import Engine
from gongkai.execute.warm.pool import Ended, available
from gongkai.execute.warm.task import Task
from gongkai.execute.workers import workers
from gongkai.ledger import Entry, Ledger, Outcome, Run, read_entries
from gongkai.runfile import Plan, load_plan
from gongkai.waivers import Waiver, by_agency, waivers
from gongkai.workspace import holding

CHUNK = 50
"""Agencies that are read by one child and checked by one call: Great Expectations costs the same for 1 as for 50."""

WARM = "gongkai.batch.warming:warm"
PREPARE, MAKE, COMPARE = (f"gongkai.batch.tasks:{name}" for name in ("prepare", "make", "compare"))

LEAST_SECONDS, LEAST_MEMORY = 600, 4096
"""What comparing all agencies may take at least, whatever the notebook of one may take."""

Progress = Callable[[AgencyResult, int, int], None]
"""Called with each result as it comes, how many there are so far, and how many there will be."""


def run(
    run_file: Path,
    *,
    selection: Selection = ALL,
    jobs: int | None = None,
    engine: Engine = "warm",
    on_progress: Progress | None = None,
) -> RunResult:
    """Make the report of every agency of a run file; what befalls one agency never stops the others.

    `jobs` reports are made at a time (default: as many as there are cores). Raises AuthoringError where the run file or
    its roster is wrong, InputError where the decision log is not as it was written, UsageError where `selection` names
    what there is not or another run holds the build folder: before anything is made.
    """
    plan = load_plan(run_file)
    selection.chosen(plan, {})
    if jobs is not None and jobs < 1:
        raise UsageError("no_jobs", jobs=jobs)
    standing = _waivers(plan)
    with (
        speaking(plan.language),
        holding(plan.output, f"{plan.run_file.name} · {_now()} · PID {os.getpid()}"),
        closing(Ledger(plan.output)) as ledger,
    ):
        used: Engine = engine if available() else "jupyter"
        result = _Running(plan, ledger, jobs or cores(), used, on_progress, standing).run(selection)
        return replace(result, fell_back=used != engine)


def look(run_file: Path, *, selection: Selection = ALL) -> list[Surveyed]:
    """What `run` would find to do; nothing is written. Raises what `run` raises of run file and selection."""
    plan = load_plan(run_file)
    known = read_entries(plan.output)
    chosen = selection.chosen(plan, known)
    return list(survey(plan, surroundings(plan), chosen, known, _waivers(plan), again=selection.only_failed))


def _waivers(plan: Plan) -> dict[str, tuple[Waiver, ...]]:
    """What stands in the decision log of the workspace now, by agency: a run goes by that to its end."""
    return by_agency(waivers(plan.workspace), plan.year)


def cores() -> int:
    """The processor's cores that we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _from(folder: Path, path: Path) -> str:
    """The path by which `path` is found from `folder`, wherever both are moved together."""
    return Path(os.path.relpath(path, folder.resolve())).as_posix()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(slots=True)
class _Running:
    """A run under way: what is still to be read, what is read and still to be made, and what has come of the others."""

    plan: Plan
    ledger: Ledger
    jobs: int
    engine: Engine
    on_progress: Progress | None
    waivers: Mapping[str, tuple[Waiver, ...]]
    around: str = ""
    made_of: Mapping[str, str] = field(default_factory=dict)
    total: int = 0
    known: dict[str, Entry] = field(default_factory=dict)
    results: dict[str, AgencyResult] = field(default_factory=dict)
    unread: deque[list[Surveyed]] = field(default_factory=deque)
    read: deque[tuple[Surveyed, Prepared]] = field(default_factory=deque)
    under_way: int = 0
    compared: bool = False
    not_compared: str = ""
    """Why agencies could not be compared."""

    def run(self, selection: Selection) -> RunResult:
        """Everything, in order."""
        plan = self.plan
        self.known = self.ledger.entries()
        self.ledger.forget_others(agency.code for agency in plan.agencies)
        self.ledger.begin(Run(_from(plan.output, plan.run_file), plan.year, len(plan.agencies), _now(), ""))
        chosen = selection.chosen(plan, self.known)
        self.total = len(chosen)
        self.around, self.made_of = surroundings(plan), made_of(plan)
        again = selection.only_failed
        self._begin(list(survey(plan, self.around, chosen, self.known, self.waivers, again=again)))
        if self.unread or self.read or self._together().is_due(plan.output):
            with closing(workers(self.jobs, [WARM])) as pool:
                for ended in pool.run(self._next):
                    self._end(ended)
        self.ledger.finish(_now())
        found = concerns(plan.output)
        write_page(plan, self.known, found, self.not_compared)
        self._tidy()
        results = tuple(self.results[agency.code] for agency in chosen)
        made = {code for code, entry in self.known.items() if entry.made}
        blocked = any(each.finding.blocks and each.finding.agency_code in made for each in found)
        across = Comparison(counted(found), blocked, self.not_compared)
        return RunResult(results, plan.output, self.ledger.usable, across=across)

    def _begin(self, surveyed: Sequence[Surveyed]) -> None:
        """Tell at once of those that need nothing; the others wait, but for those that were read before a crash."""
        waiting = []
        for each in surveyed:
            if each.state == "unchanged":
                self._stay(each)
            elif each.state != "changed":
                outcome: Outcome = "missing" if each.state == "missing" else "errored"
                self._result(each, AgencyResult(each.agency, outcome, message=each.message))
            elif prepared := Prepared.unpacked(self.ledger.kept(each.reading)):
                self._prepared(each, prepared)
            else:
                waiting.append(each)
        size = min(CHUNK, ceil(len(waiting) / self.jobs)) or 1
        self.unread.extend(waiting[start : start + size] for start in range(0, len(waiting), size))

    def _next(self) -> Task | None:
        """What is to be done next: when all reports are there, that they are held against each other."""
        task = self._next_report()
        if task is None and not self.under_way and not self.compared:
            self.compared = True
            if (together := self._together()).is_due(self.plan.output):
                plan = replace(self.plan, agencies=())
                seconds, memory = max(plan.seconds, LEAST_SECONDS), max(plan.memory, LEAST_MEMORY)
                task = Task(COMPARE, (plan, together), seconds, memory)
        self.under_way += task is not None
        return task

    def _together(self) -> Together:
        return Together.of(self.plan, self.around, self.known)

    def _next_report(self) -> Task | None:
        """Reports first, so that what was read does not pile up."""
        # The roster is not theirs to know, and a province's is long.
        plan = replace(self.plan, agencies=())
        if self.read:
            each, prepared = self.read.popleft()
            return Task(MAKE, (plan, each, self.engine, prepared, self.made_of), plan.seconds, plan.memory)
        if self.unread:
            return Task(PREPARE, (plan, self.around, self.unread.popleft()), plan.seconds, plan.memory)
        return None

    def _end(self, ended: Ended) -> None:
        self.under_way -= 1
        if ended.task.function == COMPARE:
            if ended.error:
                forget(self.plan.output)
                self.not_compared = self._told(ended.error)
            return
        if ended.task.function == MAKE:
            _, each, _, prepared, _ = ended.task.arguments
            made = ended.value or Product("errored", prepared.counts, self._told(ended.error))
            self._made(each, prepared, made)
            return
        _, _, wanted = ended.task.arguments
        if ended.value:
            for each, prepared in zip(wanted, ended.value, strict=True):
                self.ledger.keep(each.reading, prepared.packed())
                self._prepared(each, prepared)
        elif len(wanted) > 1:
            # One of them has ended the child: each by itself, so that it harms no other.
            self.unread.extend([each] for each in wanted)
        else:
            # Without its reading key: another time it may be read.
            result = AgencyResult(wanted[0].agency, "errored", message=self._told(ended.error))
            self._result(replace(wanted[0], reading=""), result)

    def _prepared(self, each: Surveyed, prepared: Prepared) -> None:
        """What was read is made, unless that stands there already, made from the same."""
        told = versions.manifest(versions.place(self.plan.output, each.agency.code, prepared.key))
        if prepared.message:
            self._result(each, AgencyResult(each.agency, "errored", message=prepared.message))
        elif told and told["key"] == prepared.key:
            self._made(each, prepared, Product(told["outcome"], Counts(told["kinds"], told["rules"])), unchanged=True)
        else:
            self.read.append((each, prepared))

    def _made(self, each: Surveyed, prepared: Prepared, made: Product, *, unchanged: bool = False) -> None:
        agency, key = each.agency, prepared.key
        result = AgencyResult(agency, made.outcome, made.counts, made.message, key=key, unchanged=unchanged)
        self._result(each, result)

    def _stay(self, each: Surveyed) -> None:
        before = self.known[each.agency.code]
        counts = Counts(before.kinds, before.rules)
        result = AgencyResult(each.agency, before.outcome, counts, before.message, key=before.key, unchanged=True)
        self._result(each, result)

    def _result(self, each: Surveyed, result: AgencyResult) -> None:
        """Let the agency's name lead to what there is of it now, and tell of it."""
        build, code = self.plan.output, each.agency.code
        try:
            if result.made:
                result = replace(result, folder=versions.point(build, code, result.key))
                versions.prune(build, code)
            else:
                versions.withdraw(build, code)
                versions.sweep(build, code)
        except GongkaiError as error:
            result = replace(result, outcome="errored", message=str(error), folder=None)
        self.results[code] = result
        self.known[code] = entry = _entry(each, result)
        self.ledger.record(entry)
        if self.on_progress is not None:
            self.on_progress(result, len(self.results), self.total)

    def _told(self, error: Exception | None) -> str:
        """What is said of an error; one that nobody raised on purpose is our own failure, and stops no other agency."""
        if isinstance(error, MemoryError):
            error = JobError("child_memory", limit=self.plan.memory)
        if not isinstance(error, GongkaiError):
            error = InternalError("unexpected", problem=f"{type(error).__name__}: {error}".splitlines()[0])
        return str(error)

    def _tidy(self) -> None:
        """Agencies that are no longer in the roster have no place among the others."""
        for code in versions.linked(self.plan.output) - {agency.code for agency in self.plan.agencies}:
            versions.withdraw(self.plan.output, code)


def _entry(each: Surveyed, result: AgencyResult) -> Entry:
    return Entry(
        code=each.agency.code,
        agency=each.agency.agency,
        level=each.agency.level,
        outcome=result.outcome,
        reading=each.reading,
        key=result.key,
        kinds=result.counts.kinds,
        rules=result.counts.rules,
        message=result.message,
    )
