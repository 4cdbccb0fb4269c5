"""How results look on a terminal: tables and lines by rich, plain where there is no terminal."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gongkai.catalogues import say
from gongkai.consistency import Check
from gongkai.filing import Filing
from gongkai.finding import SEVERITIES, Finding
from gongkai.wording import doubt_in_words, listed, source_in_words

if TYPE_CHECKING:
    from gongkai.batch import AgencyResult, Made, RunResult

STYLES = {"error": "red", "not_assessable": "magenta", "warning": "yellow", "info": "cyan"}


def console() -> Console:
    """Standard output; where it is no terminal, lines are never wrapped, so that they can be searched."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, soft_wrap=True, width=200)


def print_check(filings: Iterable[Filing], found: Check, summary: dict[str, Any]) -> None:
    """The result of a check for people: by filing, then the counts and what was not run."""
    out = console()
    for filing, findings in zip(filings, found.findings, strict=True):
        out.print(f"[bold]{escape(who(filing))}[/bold]")
        for finding in findings:
            out.print(f"  {_line(finding)}")
        for doubt in filing.doubts:
            words, source = doubt_in_words(filing.form, doubt), source_in_words(filing.form, doubt.source)
            out.print("  " + escape(say("check.doubt", code=doubt.code, words=words, source=source)))
        if not findings and not filing.doubts:
            out.print("  " + say("check.clean"))
    out.print(say("check.summary", **{key: value for key, value in summary.items() if isinstance(value, int)}))
    not_run = {each["rule"]: each["reason"] for each in summary["not_run"]}
    for reason in dict.fromkeys(not_run.values()):
        rules = listed(rule for rule, why in not_run.items() if why == reason)
        out.print(say("check.not_run", reason=reason, rules=rules))


def who(filing: Filing) -> str:
    """Agency, year and file of a filing, in a line."""
    agency = filing.agency or say("check.unknown_agency")
    year = filing.year if filing.year is not None else say("check.unknown_year")
    return say("check.who", agency=agency, year=year, file=filing.inputs[0].file if filing.inputs else "-")


def _line(finding: Finding) -> str:
    return f"[{STYLES[finding.kind]}]{say(f'severity.{finding.kind}')}[/] {finding.rule}  {escape(finding.message)}"


def counts(findings: Iterable[Finding], doubts: int) -> str:
    """How many findings of each kind, and doubts, in words; "nothing found" where there are none."""
    kinds: Counter[str] = Counter(finding.kind for finding in findings)
    kinds["doubt"] = doubts
    shown = (*SEVERITIES, "not_assessable", "doubt")
    return listed(f"{say(f'severity.{kind}')} {kinds[kind]}" for kind in shown if kinds[kind]) or say("check.clean")


def print_report(filing: Filing, made: Made) -> None:
    """What was made of one filing, and where it is."""
    out = console()
    out.print(f"[bold]{escape(who(filing))}[/bold]  {counts(made.findings, len(filing.doubts))}")
    for file in made.files:
        out.print("  " + escape(str(file)))


def print_progress(result: AgencyResult, done: int, total: int) -> None:
    """A line for each agency as it is done."""
    words = say("run.progress", done=done, total=total, outcome=_outcome(result), agency=result.agency.agency)
    console().print(escape(words))


def print_run(result: RunResult) -> None:
    """What became of each agency of a run: outcome, findings, where its report lies or why there is none."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("code", "agency", "outcome_head", "findings", "where"):
        table.add_column(say(f"run.{column}"), overflow="fold")
    for each in result.results:
        agency, found = each.agency, counts(each.findings, each.doubts) if each.folder else ""
        where = os.path.relpath(each.folder) if each.folder else each.message
        table.add_row(*map(escape, (agency.code, agency.agency, _outcome(each), found, where)), style=_style(each))
    out = console()
    out.print(table)
    for each in result.results:
        rules = Counter(finding.rule for finding in each.findings)
        if rules:
            told = listed(f"{rule} {count}" for rule, count in rules.items())
            out.print(escape(say("run.rules", agency=each.agency.agency, rules=told)))
    outcomes = Counter(_outcome(each) for each in result.results)
    told = listed(f"{outcome} {count}" for outcome, count in outcomes.items())
    out.print(escape(say("run.summary", total=len(result.results), outcomes=told)))


def _outcome(result: AgencyResult) -> str:
    return say(f"run.outcome.{result.outcome}")


def _style(result: AgencyResult) -> str | None:
    return {"succeeded": None, "withheld": "yellow"}.get(result.outcome, "red")
