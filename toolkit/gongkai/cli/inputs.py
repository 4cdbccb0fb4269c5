"""What commands have in common that read filings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai.errors import InputError, UsageError

if TYPE_CHECKING:
    from gongkai.consistency import Check
    from gongkai.filing import Filing
    from gongkai.waivers import Waiver

PATH = click.Path(path_type=Path)


def about_options(command: Any) -> Any:
    """The options by which any input may be completed."""
    for name, kind in (("--year", int), ("--level", str), ("--code", str), ("--agency", str)):
        command = click.option(name, type=kind)(command)
    return command


def read_all(files: Sequence[Path], about: dict[str, Any]) -> tuple[dict[Path, Filing], list[dict[str, str]]]:
    """The filings of `files`; those that cannot be read are told on the spot, and returned, without stopping."""
    if len(files) > 1 and (about["agency"] or about["code"]):
        raise UsageError("about_one")
    filings, unread = {}, []
    for path in dict.fromkeys(files):
        try:
            filings[path] = read_one(path, about)
        except InputError as error:
            click.echo(str(error), err=True)
            unread.append({"file": path.name, "message": str(error)})
    return filings, unread


def read_one(path: Path, about: dict[str, Any]) -> Filing:
    from gongkai.intake import read as read_file

    given = {"agency_code" if key == "code" else key: value for key, value in about.items()}
    return read_file(path).identified(**given)


def read_previous(path: Path | None, filings: Sequence[Filing]) -> list[Filing | None]:
    """Last year's filing of each; what a folder does not give is told on the spot, and not run."""
    if path is None:
        return [None] * len(filings)
    from gongkai.intake.previous import Previous

    previous = Previous(path)
    found = [previous.of(filing) for filing in filings]
    for problem in previous.problems:
        click.echo(str(problem), err=True)
    return found


def waivers_of(filings: Sequence[Filing], found: Check) -> list[tuple[Waiver, ...]]:
    """What is waived of each filing in the workspace that we stand in, as it stands after a check."""
    from gongkai.waivers import judged, waivers
    from gongkai.workspace import find_workspace

    given = waivers(find_workspace())
    not_run = [
        [each.rule for each in found.not_run if (each.agency, each.year) == (filing.agency, filing.year)]
        for filing in filings
    ]
    return [judged(given, *each) for each in zip(filings, found.findings, not_run, strict=True)]


def exit_code(unread: Sequence[object]) -> int:
    return InputError.exit_code if unread else 0
