"""How the result of a check looks: a table for each agency, or a line for each finding where there is no terminal."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gongkai.catalogues import say
from gongkai.consistency import Across
from gongkai.filing import Filing
from gongkai.formats.entries import GRAVITY, Entry, Result
from gongkai.terminal import FULL, STYLES, console, counts, print_doubts, who
from gongkai.wording import listed


def print_check(result: Result, out: Console | None = None) -> None:
    """Many agencies at a glance, then what was found of each, then the counts and what was not run."""
    out = out or console()
    shown = result.by_filing
    void = {
        id(filing): [each for each in own if each.state == "void"]
        for filing, own in zip(result.filings, result.waivers, strict=False)
    }
    if len(shown) > 1:
        _print_summary(result, out)
    if len(shown) > FULL:
        shown = tuple((filing, found) for filing, found in shown if found)
    for filing, found in shown:
        out.print(f"[bold]{escape(who(filing))}[/bold]")
        _print_entries(filing, found, out)
        for waiver in void.get(id(filing), ()):
            out.print(f"  {escape(waiver.as_line())}")
    summary = result.summary
    out.print(say("check.summary", **{key: value for key, value in summary.items() if isinstance(value, int)}))
    if states := summary.get("waived"):
        out.print(say("check.waived", **{state: states.get(state, 0) for state in ("confirmed", "proposed", "void")}))
    if clean := len(result.by_filing) - len(shown):
        out.print(say("check.more_clean", count=clean))
    _print_not_run({each["rule"]: each["reason"] for each in summary["not_run"]}, out)
    if result.across:
        _print_across(result.across, out)


def _print_not_run(not_run: Mapping[str, str], out: Console) -> None:
    for reason in dict.fromkeys(not_run.values()):
        rules = listed(rule for rule, why in not_run.items() if why == reason)
        out.print(say("check.not_run", reason=reason, rules=rules))


def _print_across(found: Across, out: Console) -> None:
    """What was found across agencies, a line each, and what was not run."""
    out.print(f"[bold]{escape(say('run.page.across'))}[/bold]")
    for each in found.concerns:
        told, whose = each.finding, each.finding.agency or each.finding.agency_code
        words = say("run.page.of", agency=whose, message=told.message) if each.other else told.message
        kind = f"[{STYLES[told.kind]}]{say(f'severity.{told.kind}')}[/]"
        out.print(f"  {kind} {told.rule}  {escape(words)}")
    if not found.concerns:
        out.print("  " + say("check.clean"))
    _print_not_run({each.rule: each.reason for each in found.not_run}, out)


def check_text(result: Result) -> bytes:
    """What `print_check` prints where there is no terminal."""
    stream = io.StringIO()
    print_check(result, Console(file=stream, highlight=False, soft_wrap=True, width=200))
    return stream.getvalue().encode()


def _print_entries(filing: Filing, found: Sequence[Entry], out: Console) -> None:
    findings = [entry for entry in found if entry.kind != "doubt"]
    if not found:
        out.print("  " + say("check.clean"))
    elif out.is_terminal and findings:
        out.print(_table(findings))
    else:
        for entry in findings:
            parts = (escape(part) for part in (entry.where, entry.message, entry.source) if part)
            out.print("  ".join([f"  {_kind(entry)} {entry.rule}", *parts]))
            if entry.waiver:
                out.print(f"    {escape(entry.waiver.in_words())}")
    print_doubts(filing, out)


def _table(findings: Sequence[Entry]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_lines=False)
    # What is searched for stays whole; sentences share the width that is left.
    for name, ratio in (("kind", 0), ("rule", 0), ("place", 3), ("message", 5), ("source", 2)):
        table.add_column(say(f"column.{name}"), no_wrap=not ratio, ratio=ratio or None, overflow="fold")
    for entry in findings:
        message = "\n".join([entry.message, *([entry.waiver.in_words()] if entry.waiver else [])])
        table.add_row(_kind(entry), entry.rule, *map(escape, (entry.where, message, entry.source)))
    return table


def _kind(entry: Entry) -> str:
    return f"[{STYLES[entry.kind]}]{say(f'severity.{entry.kind}')}[/]"


def _print_summary(result: Result, out: Console) -> None:
    """A line for each filing, of very many only for those that are not clean."""
    lines = [line for line in result.counts() if len(result.filings) <= FULL or any(line[kind] for kind in GRAVITY)]
    if not out.is_terminal:
        for line in lines:
            found = counts({kind: count for kind in GRAVITY if isinstance(count := line[kind], int)})
            out.print(escape("  ".join([*_named(line), found])))
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("agency_code", "agency", "year", "file"):
        table.add_column(say(f"column.{name}"), overflow="fold")
    for kind in GRAVITY:
        table.add_column(say(f"severity.{kind}"), justify="right")
    for line in lines:
        numbers = (f"[{STYLES[kind]}]{line[kind]}[/]" if line[kind] else "0" for kind in GRAVITY)
        table.add_row(*map(escape, _named(line)), *numbers)
    out.print(table)


def _named(line: Mapping[str, object]) -> list[str]:
    return ["" if line[name] is None else str(line[name]) for name in ("agency_code", "agency", "year", "file")]
