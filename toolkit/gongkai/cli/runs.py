"""Commands about runs: run, status, example."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gongkai.catalogues import say
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH


@cli.command()
@click.argument("run_file", type=PATH)
@click.option("--agency", "agencies", multiple=True)
@click.option("--level", "levels", multiple=True)
@click.option("--only-failed", is_flag=True)
@click.option("--dry-run", is_flag=True)
@click.option("--jobs", type=int)
@click.option("--engine", type=click.Choice(["warm", "jupyter"]), default="warm")
@click.option("--fail-on", type=click.Choice(["error"]))
@click.option("--json", "as_json", is_flag=True)
def run(
    run_file: Path, jobs: int | None, engine: Any, dry_run: bool, fail_on: str | None, as_json: bool, **selected: Any
) -> int:
    from gongkai import batch
    from gongkai.terminal import runs

    selection = batch.Selection(**selected)
    if dry_run:
        runs.print_survey(batch.look(run_file, selection=selection), as_json=as_json)
        return 0
    with runs.progress(as_json=as_json) as step:
        result = batch.run(run_file, selection=selection, jobs=jobs, engine=engine, on_progress=step)
    runs.print_run(result, as_json=as_json)
    if result.failed:
        return 3
    return 1 if fail_on and result.blocked else 0


@cli.command()
@click.argument("build", type=PATH)
def status(build: Path) -> None:
    from gongkai.ledger import read_ledger
    from gongkai.terminal import runs
    from gongkai.workspace import held_by

    run, entries = read_ledger(build)
    runs.print_status(build, run, entries, held_by(build))


@cli.command()
@click.option("--counties", type=int, required=True)
@click.option("--agencies", type=int, required=True)
@click.option("--years", required=True)
@click.option("--faults", type=float, default=0.0)
@click.option("--seed", type=int, default=1)
@click.option("--files", type=click.Choice(["workbook", "cells"]), default="workbook")
@click.option("-o", "--output", type=PATH, required=True)
def example(years: str, output: Path, **wanted: Any) -> None:
    from gongkai.example import Example, write_example, years_of

    asked = Example(years=years_of(years), **wanted)
    label = say("cli.example.progress")
    with click.progressbar(length=asked.count, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        made = write_example(output, asked, bar.update)
    run_file = output / "params" / "all.yaml"
    click.echo(say("cli.example.done", path=output, files=made.files, faults=made.faults, run=run_file))
