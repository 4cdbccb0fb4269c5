"""Commands about filings: template, read, check, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gongkai.catalogues import say
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH, about_options, exit_code, read_all, read_one, read_previous
from gongkai.errors import UsageError


@cli.command()
@click.option("--agency", required=True)
@click.option("--code", required=True)
@click.option("--level", required=True)
@click.option("--year", type=int, required=True)
@click.option("--previous", type=PATH)
@click.option("-o", "--output", type=PATH, required=True)
@click.option("--force", is_flag=True)
def template(agency: str, code: str, level: str, year: int, previous: Path | None, output: Path, force: bool) -> None:
    from gongkai.intake.template import blank, write_workbook

    if output.suffix.lower() != ".xlsx":
        raise UsageError("not_xlsx", file=output.name)
    if output.exists() and not force:
        # A clerk may have begun to fill it; nothing is lost by writing elsewhere.
        raise UsageError("exists", file=output.name)
    filing = blank(agency, code, level, year)
    write_workbook(output, filing, previous=read_previous(previous, filing))
    click.echo(say("cli.written", path=output))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@about_options
@click.option("--show", is_flag=True)
@click.option("--to", "kind", type=click.Choice(["json", "xlsx"]), default="json")
@click.option("-o", "--output", type=PATH)
def read(files: tuple[Path, ...], show: bool, kind: str, output: Path | None, **about: Any) -> int:
    from gongkai import terminal
    from gongkai.intake.template import write_workbook
    from gongkai.workspace import write_text

    if output is None and kind == "xlsx":
        raise UsageError("output_needed", file=files[0].name)
    filings, unread = read_all(files, about)
    if show:
        for filing in filings.values():
            terminal.print_filing(filing)
    if output is None:
        for filing in () if show else filings.values():
            click.echo(filing.to_json(), nl=False)
        return exit_code(unread)
    as_file = output.suffix == f".{kind}" and len(files) == 1
    targets = {path: output if as_file else output / f"{path.stem}.{kind}" for path in filings}
    if len(set(targets.values())) < len(targets):
        raise UsageError("same_names", file=output.name)
    for path, target in targets.items():
        if kind == "xlsx":
            write_workbook(target, filings[path])
            # Doubts do not travel in workbooks.
            terminal.print_doubts(filings[path])
        else:
            write_text(target, filings[path].to_json())
        click.echo(say("cli.written", path=target))
    return exit_code(unread)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@about_options
@click.option("--previous", type=PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(files: tuple[Path, ...], previous: Path | None, form: str, **about: Any) -> int:
    from gongkai import terminal
    from gongkai.consistency import across
    from gongkai.consistency import check as run_check
    from gongkai.filing import canonical_json, plain_data
    from gongkai.finding import blocks_release

    if previous and len(files) > 1:
        raise UsageError("previous_of_one")
    filings, unread = read_all(files, about)
    last = [read_previous(previous, filing) for filing in filings.values()]
    found = run_check(tuple(filings.values()), previous=last)
    together = across(tuple(filings.values())) if len(filings) > 1 else None
    summary = found.summary(tuple(filings.values())) | {"unread": unread}
    if form == "json":
        findings = [finding.to_data() for finding in found.all]
        data = {"filings": [filing.to_data() for filing in filings.values()], "findings": findings, "summary": summary}
        if together:
            data["across"] = [plain_data(each) for each in together.concerns]
        click.echo(canonical_json(data), nl=False)
    else:
        terminal.print_check(filings.values(), found, summary)
        if together:
            terminal.print_across(together)
    blocked = any(blocks_release(*each) for each in zip(filings.values(), found.findings, strict=True))
    return exit_code(unread) or int(blocked or bool(together and together.blocks))


@cli.command()
@click.argument("file", type=PATH)
@about_options
@click.option("--previous", type=PATH)
@click.option("-o", "--output", type=PATH, required=True)
@click.option("--fail-on", type=click.Choice(["error"]))
def report(file: Path, previous: Path | None, output: Path, fail_on: str | None, **about: Any) -> int:
    from gongkai import terminal
    from gongkai.batch import make_report
    from gongkai.finding import blocks_release

    filing = read_one(file, about)
    made = make_report(filing, output, previous=read_previous(previous, filing))
    terminal.print_report(filing, made)
    return int(bool(fail_on) and blocks_release(filing, made.findings))
