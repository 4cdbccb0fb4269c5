"""How results look on a terminal: tables and lines by rich, plain where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from gongkai.catalogues import say
from gongkai.filing import Filing
from gongkai.finding import SEVERITIES, Finding, kinds_of
from gongkai.terminal.tables import official_tables
from gongkai.wording import doubt_in_words, listed, source_in_words

if TYPE_CHECKING:
    from gongkai.batch import Made
    from gongkai.consistency import Across, Check

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
        print_doubts(filing)
        if not findings and not filing.doubts:
            out.print("  " + say("check.clean"))
    out.print(say("check.summary", **{key: value for key, value in summary.items() if isinstance(value, int)}))
    _print_not_run({each["rule"]: each["reason"] for each in summary["not_run"]})


def _print_not_run(not_run: Mapping[str, str]) -> None:
    out = console()
    for reason in dict.fromkeys(not_run.values()):
        rules = listed(rule for rule, why in not_run.items() if why == reason)
        out.print(say("check.not_run", reason=reason, rules=rules))


def print_across(found: Across) -> None:
    """What was found across agencies, a line each, and what was not run."""
    out = console()
    out.print(f"[bold]{escape(say('run.page.across'))}[/bold]")
    for each in found.concerns:
        told, whose = each.finding, each.finding.agency or each.finding.agency_code
        words = say("run.page.of", agency=whose, message=told.message) if each.other else told.message
        out.print(f"  {_line(replace(told, message=words))}")
    if not found.concerns:
        out.print("  " + say("check.clean"))
    _print_not_run({each.rule: each.reason for each in found.not_run})


def print_doubts(filing: Filing) -> None:
    """What is not sure to have been read rightly, a line each."""
    out = console()
    for doubt in filing.doubts:
        words, source = doubt_in_words(filing.form, doubt), source_in_words(filing.form, doubt.source)
        out.print("  " + escape(say("check.doubt", code=doubt.code, words=words, source=source)))


def who(filing: Filing) -> str:
    """Agency, year and file of a filing, in a line."""
    agency = filing.agency or say("check.unknown_agency")
    year = filing.year if filing.year is not None else say("check.unknown_year")
    return say("check.who", agency=agency, year=year, file=filing.inputs[0].file if filing.inputs else "-")


def _line(finding: Finding) -> str:
    return f"[{STYLES[finding.kind]}]{say(f'severity.{finding.kind}')}[/] {finding.rule}  {escape(finding.message)}"


def counts(kinds: Mapping[str, int]) -> str:
    """How many findings of each kind, and doubts, in words; "nothing found" where there are none."""
    shown = (*SEVERITIES, "not_assessable", "doubt")
    return listed(f"{say(f'severity.{kind}')} {kinds[kind]}" for kind in shown if kinds.get(kind)) or say("check.clean")


def print_filing(filing: Filing) -> None:
    """A filing as it was read: facts, the official tables with what is doubted marked, how much prose, the doubts."""
    out = Console(highlight=False) if console().is_terminal else Console(highlight=False, width=160)
    out.print(f"[bold]{escape(who(filing))}[/bold]")
    for key, fact in filing.facts.items():
        out.print(
            "  " + escape(say("show.fact", name=key, text=fact.text, source=source_in_words(filing.form, fact.source)))
        )
    for table in official_tables(filing):
        out.print(table)
    out.print(escape(say("show.legend")))
    for key, texts in filing.texts.items():
        out.print("  " + escape(say("show.text", name=key, count=sum(len(each.text) for each in texts))))
    print_doubts(filing)


def print_report(filing: Filing, made: Made) -> None:
    """What was made of one filing, and where it is."""
    out = console()
    out.print(f"[bold]{escape(who(filing))}[/bold]  {counts(kinds_of(filing, made.findings))}")
    for file in made.files:
        out.print("  " + escape(str(file)))
