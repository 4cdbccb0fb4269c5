"""What commands have in common that write what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gongkai.catalogues import say
from gongkai.errors import UsageError

if TYPE_CHECKING:
    from gongkai.filing import Filing
    from gongkai.formats.entries import Result


def write_result(result: Result, form: str, output: Path | None) -> None:
    """Print the result of a check, or write it to `output`, as text or in one of the formats."""
    from gongkai.formats import written
    from gongkai.terminal.checks import check_text, print_check
    from gongkai.workspace import write_bytes

    if output is not None:
        write_bytes(output, check_text(result) if form == "text" else written(form, result))
        click.echo(say("cli.written", path=output))
    elif form == "text":
        print_check(result)
    else:
        click.echo(written(form, result), nl=False)


def write_annotated(result: Result, inputs: Sequence[tuple[Path, Filing | None]], folder: Path, *, aside: bool) -> None:
    """Write the annotated workbook of each input that something is wrong with into `folder`.

    `inputs` are the files of the filings, each with last year's filing. Where standard output holds data, `aside`
    tells of what was written on the other one.
    """
    from gongkai.formats.annotated import annotate, annotated_name

    found = {id(filing): entries for filing, entries in result.by_filing}
    todo = [
        (path, last, found[id(filing)])
        for (path, last), filing in zip(inputs, result.filings, strict=True)
        if found[id(filing)]
    ]
    targets = {path: folder / annotated_name(path) for path, *_ in todo}
    if len({target.name.lower() for target in targets.values()}) < len(targets):
        raise UsageError("same_names", file=folder.name)
    given = {path.resolve() for path, _ in inputs}
    for target in targets.values():
        if target.resolve() in given:
            raise UsageError("annotates_input", file=target.name)
    for path, last, entries in todo:
        annotate(path, entries, targets[path], previous=last)
        click.echo(say("cli.written", path=targets[path]), err=aside)
