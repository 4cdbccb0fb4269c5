"""Commands about decisions: waive, waivers.

What the line says of who types it proves nothing, so it proposes and withdraws; it has no way to confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai.catalogues import say
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH, about_options, read_one, read_previous
from gongkai.errors import UsageError, nearest

if TYPE_CHECKING:
    from gongkai.filing import Filing
    from gongkai.finding import Finding

MOST = 20
"""Findings that are named where none is meant; `check --format json` has all."""


@cli.command()
@click.argument("file", type=PATH)
@click.argument("finding")
@about_options
@click.option("--previous", type=PATH)
@click.option("--reason", required=True)
@click.option("--kind", type=click.Choice(["reform", "scope", "other"]), default="other")
@click.option("--by")
@click.option("--withdraw", "back", is_flag=True)
def waive(
    file: Path, finding: str, previous: Path | None, reason: str, kind: Any, by: str | None, back: bool, **about: Any
) -> None:
    from gongkai.consistency import check
    from gongkai.waivers import propose, withdraw
    from gongkai.workspace import find_workspace

    filing = read_one(file, about)
    findings = check([filing], previous=read_previous(previous, [filing])).all
    meant = _meant(finding, filing, findings, file.name)
    _tell_unfinished()
    by = by or user()
    if back:
        waiver = withdraw(find_workspace(), meant.fingerprint, note=reason, by=by)
    else:
        waiver = propose(find_workspace(), meant, kind=kind, reason=reason, by=by)
    click.echo(waiver.as_line())
    if not back and (filing.agency_code is None or filing.year is None):
        click.echo(say("waiver.no_code"))


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def waivers(form: str) -> None:
    from gongkai.filing import canonical_json
    from gongkai.waivers import waivers as told
    from gongkai.workspace import find_workspace

    found = told(find_workspace())
    if form == "json":
        click.echo(canonical_json({"waivers": [each.to_data() for each in found]}), nl=False)
        return
    _tell_unfinished()
    for each in found:
        year = each.year if each.year is not None else say("check.unknown_year")
        agency = each.agency or each.agency_code or say("check.unknown_agency")
        click.echo(say("waiver.listed", agency=agency, year=year, waiver=each.as_line(), mark=each.fingerprint))
    if not found:
        click.echo(say("waiver.none"))


def _meant(name: str, filing: Filing, findings: Sequence[Finding], file: str) -> Finding:
    """The one finding that `name` means: its fingerprint, its rule, or its rule and one of its cells.

    Raises UsageError where it means none or several, with those that there are, and where it means a doubt.
    """
    rule, _, cell = name.partition("@")
    found = [each for each in findings if each.fingerprint == name.lower()] or [
        each for each in findings if each.rule == rule.upper() and (not cell or cell in each.cells)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError("several_findings", file=file, name=name, known=_named(found))
    if any(doubt.code == rule.upper() for doubt in filing.doubts):
        raise UsageError("waive_doubt", file=file, name=name)
    if not findings:
        raise UsageError("nothing_to_waive", file=file)
    alike = nearest(name, [word for each in findings for word in (each.fingerprint, each.rule, *_places(each))])
    raise UsageError("unknown_finding", file=file, name=name, known=_named(findings), nearest=alike)


def _places(finding: Finding) -> list[str]:
    return [f"{finding.rule}@{cell}" for cell in finding.cells]


def _named(findings: Sequence[Finding]) -> str:
    """How findings may be called: by rule and first cell, and by fingerprint."""
    from gongkai.wording import listed

    names = [f"{next(iter(_places(each)), each.rule)} ({each.fingerprint})" for each in findings[:MOST]]
    return listed([*names, "…"] if len(findings) > MOST else names)


def _tell_unfinished() -> None:
    from gongkai.decisions import LOG, unfinished
    from gongkai.workspace import find_workspace

    if unfinished(find_workspace()):
        click.echo(say("waiver.unfinished", file=LOG), err=True)


def user() -> str:
    """Who types, as the system calls him. Raises UsageError where it does not."""
    import getpass

    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError) as error:
        raise UsageError("by_nobody") from error
