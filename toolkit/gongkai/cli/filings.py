"""Commands about filings: template, read, check, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gongkai.catalogues import say
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH, about_options, exit_code, read_all, read_one, read_previous, waivers_of
from gongkai.cli.outputs import write_annotated, write_result
from gongkai.errors import UsageError
from gongkai.formats import FORMATS


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
    write_workbook(output, filing, previous=read_previous(previous, [filing])[0])
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
@click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text")
@click.option("-o", "--output", type=PATH)
@click.option("--annotate", type=PATH)
def check(files: tuple[Path, ...], form: str, output: Path | None, annotate: Path | None, **given: Any) -> int:
    from gongkai.consistency import across
    from gongkai.consistency import check as run_check
    from gongkai.finding import blocks_release
    from gongkai.formats.entries import Result
    from gongkai.waivers import waived

    if form == "xlsx" and output is None:
        raise UsageError("output_needed", file=files[0].name)
    previous = given.pop("previous")
    if previous and len(files) > 1 and not previous.is_dir():
        raise UsageError("previous_of_one")
    read, unread = read_all(files, given)
    filings = tuple(read.values())
    last = read_previous(previous, filings)
    found = run_check(filings, previous=last)
    together = across(filings) if len(filings) > 1 else None
    result = Result(filings, found, unread, waivers_of(filings, found), together)
    write_result(result, form, output)
    if annotate:
        write_annotated(result, list(zip(read, last, strict=True)), annotate, aside=form != "text" and output is None)
    every = zip(filings, found.findings, map(waived, result.waivers), strict=True)
    blocked = any(blocks_release(*each) for each in every)
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
    made = make_report(filing, output, previous=read_previous(previous, [filing])[0])
    terminal.print_report(filing, made)
    return int(bool(fail_on) and blocks_release(filing, made.findings, made.waived))
