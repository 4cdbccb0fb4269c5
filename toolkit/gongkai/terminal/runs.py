"""How a run looks on a terminal while it goes on, and what it leaves there; as lines of JSON for other programs."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gongkai.batch import PAGE, AgencyResult, RunResult, Surveyed
from gongkai.batch.together import concerns, counted
from gongkai.catalogues import say
from gongkai.ledger import OUTCOMES, Entry, Outcome, Run
from gongkai.terminal import FULL, console, counts
from gongkai.wording import listed

Step = Callable[[AgencyResult, int, int], None]


class Told(Protocol):
    """What a result and an entry of the ledger have in common."""

    @property
    def outcome(self) -> str:
        """What became of the agency."""


@contextmanager
def progress(*, as_json: bool) -> Iterator[Step]:
    """What to call with each result: a bar on a terminal, else a line for each agency that was made or failed."""
    out = console()
    if as_json:
        yield lambda result, done, total: _event("agency", done=done, total=total, **_data(result))
    elif out.is_terminal:
        columns = ("{task.description}", "{task.fields[failing]}", "{task.fields[rate]}")
        bar, *texts = [BarColumn(), *(TextColumn(column) for column in columns)]
        with Progress(texts[0], bar, MofNCompleteColumn(), *texts[1:], TimeRemainingColumn(), console=out) as shown:
            yield _Bar(shown)
    else:
        yield lambda result, done, total: None if result.unchanged else out.print(escape(_line(result, done, total)))


class _Bar:
    def __init__(self, shown: Progress) -> None:
        self._shown, self._failing = shown, 0
        self._task = shown.add_task(say("run.preparing"), total=None, failing="", rate="")

    def __call__(self, result: AgencyResult, done: int, total: int) -> None:
        self._failing += not result.made
        speed = self._shown.tasks[0].speed
        self._shown.update(
            self._task,
            description=say("run.running"),
            total=total,
            completed=done,
            failing=say("run.failing", count=self._failing),
            rate=say("run.rate", rate=f"{speed:.1f}") if speed else "",
        )


def _line(result: AgencyResult, done: int, total: int) -> str:
    return say("run.progress", done=done, total=total, outcome=outcome_of(result), agency=result.agency.agency)


def outcome_of(result: Told) -> str:
    """The outcome in words."""
    return say(f"run.outcome.{result.outcome}")


def print_run(result: RunResult, *, as_json: bool) -> None:
    """What became of each agency: outcome, findings, where its report lies or why there is none; then the counts."""
    outcomes = Counter(each.outcome for each in result.results)
    unchanged = sum(each.unchanged for each in result.results)
    page = os.path.relpath(result.output / PAGE)
    if as_json:
        counted = {"outcomes": dict(outcomes), "unchanged": unchanged, "total": len(result.results)}
        counted |= {"across": dict(result.across.rules), "not_compared": result.across.message}
        _event("finished", **counted, ledger_kept=result.ledger_kept, page=page)
        return
    out = console()
    short = len(result.results) > FULL
    shown = [each for each in result.results if not short or each.outcome != "succeeded" or each.counts.kinds]
    if shown:
        out.print(_table(shown))
    for each in shown:
        if each.counts.rules:
            told = listed(f"{rule} {count}" for rule, count in each.counts.rules.items())
            out.print(escape(say("run.rules", agency=each.agency.agency, rules=told)))
    if clean := len(result.results) - len(shown):
        out.print(say("run.clean", count=clean))
    out.print(escape(_summary(outcomes, len(result.results))))
    print_across(result.across.rules, result.across.message)
    if unchanged:
        out.print(say("run.unchanged", count=unchanged))
    if not result.ledger_kept:
        out.print(say("run.ledger_lost"))
    if any(each.made for each in result.results):
        out.print(escape(say("run.where", folder=os.path.relpath(result.output))))
    if result.fell_back:
        out.print(escape(say("engine.falls_back", reason=say("engine.no_fork", system=sys.platform))))
    out.print(escape(say("run.see", page=page)))


def print_across(rules: Mapping[str, int], message: str = "") -> None:
    """What was found across agencies, by the code of the rule; or why nothing was."""
    if message:
        console().print(escape(say("run.not_compared", message=message)))
    elif rules:
        console().print(escape(say("run.across", rules=listed(f"{rule} {count}" for rule, count in rules.items()))))


def _table(results: Sequence[AgencyResult]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("code", "agency", "outcome_head", "findings", "why"):
        table.add_column(say(f"run.{column}"), overflow="fold")
    for each in results:
        found = counts(each.counts.kinds) if each.made or each.counts.kinds else ""
        row = (each.agency.code, each.agency.agency, outcome_of(each), found, each.message)
        table.add_row(*map(escape, row), style={"succeeded": None, "withheld": "yellow"}.get(each.outcome, "red"))
    return table


def print_survey(found: Sequence[Surveyed], *, as_json: bool) -> None:
    """What a run would do, without doing it."""
    for each in found:
        if as_json:
            about = {"code": each.agency.code, "agency": each.agency.agency}
            _event("survey", **about, state=each.state, message=each.message)
        elif each.state != "unchanged":
            words = say(f"run.state.{each.state}")
            console().print(escape(say("run.would", state=words, code=each.agency.code, agency=each.agency.agency)))
    if not as_json:
        states = Counter(each.state for each in found)
        told = listed(f"{say(f'run.state.{state}')} {count}" for state, count in states.items())
        console().print(escape(say("run.summary", total=len(found), outcomes=told)))


def print_status(build: Path, run: Run, entries: Mapping[str, Entry], holder: str) -> None:
    """How the last run of a build folder went, or goes: its counts, and who failed and why."""
    out = console()
    out.print(escape(say("status.run", run_file=Path(run.run_file).name, year=run.year, started=run.started)))
    if holder:
        out.print(escape(say("status.held", holder=holder)))
    else:
        out.print(say("status.finished", finished=run.finished) if run.finished else say("status.broken_off"))
    for entry in entries.values():
        if not entry.made:
            words = say("status.failed", agency=entry.agency, outcome=outcome_of(entry), message=entry.message)
            out.print(escape(words))
    if entries:
        out.print(escape(_summary(Counter(entry.outcome for entry in entries.values()), run.total)))
    print_across(counted(concerns(build)))
    if (waiting := run.total - len(entries)) > 0:
        out.print(say("status.waiting", count=waiting))
    out.print(escape(say("run.see", page=os.path.relpath(build / PAGE))))


def _summary(outcomes: Mapping[Outcome, int], total: int) -> str:
    there = [outcome for outcome in OUTCOMES if outcomes.get(outcome)]
    told = listed(f"{say(f'run.outcome.{outcome}')} {outcomes[outcome]}" for outcome in there)
    return say("run.summary", total=total, outcomes=told)


def _data(result: AgencyResult) -> dict[str, Any]:
    return {
        "code": result.agency.code,
        "agency": result.agency.agency,
        "outcome": result.outcome,
        "unchanged": result.unchanged,
        "kinds": dict(result.counts.kinds),
        "rules": dict(result.counts.rules),
        "message": result.message,
        "folder": os.path.relpath(result.folder) if result.folder else None,
    }


def _event(name: str, **data: Any) -> None:
    """A line of JSON, at once: whoever reads it waits for it."""
    print(json.dumps({"event": name, **data}, ensure_ascii=False), flush=True)  # noqa: T201  # rich would wrap it
