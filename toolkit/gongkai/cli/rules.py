"""The command about rules: what they are, what one says, and how they run without gongkai."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gongkai.catalogues import say
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH, about_options, read_one, read_previous
from gongkai.errors import UsageError

if TYPE_CHECKING:
    from gongkai.rules.describing import Known


@cli.command()
@click.argument("rule", required=False)
@about_options
@click.option("--edition")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--gx", "folder", type=PATH)
@click.option("--previous", type=PATH)
def rules(
    rule: str | None, edition: str | None, form: str, folder: Path | None, previous: Path | None, **about: object
) -> None:
    from gongkai.forms import load_form

    if edition:
        load_form(edition)
    if folder is not None:
        _export(folder, rule, edition, previous, about)
        return
    if previous is not None:
        raise UsageError("previous_of_gx")
    from gongkai.filing import canonical_json
    from gongkai.rules.describing import explained, in_full, in_short, in_words, known_rules

    found = explained(rule, edition) if rule else known_rules(edition)
    if form == "json":
        data = [in_full(each) if rule else in_short(each) for each in found]
        click.echo(canonical_json({"rules": data}), nl=False)
    elif rule:
        click.echo("\n\n".join("\n".join(in_words(each)) for each in found))
    else:
        _print_list(found)


def _print_list(found: Iterable[Known]) -> None:
    from gongkai.rules.describing import done_to
    from gongkai.rules.own import FAMILIES

    for family, members in groupby(found, key=lambda known: known.family):
        is_own = family not in FAMILIES
        click.echo(say("rules.own_family", family=family) if is_own else say(f"rules.family.{family}"))
        for known in members:
            rule = known.rule
            code = rule.rule + (say("rules.part", part=rule.part) if rule.part else "")
            click.echo(f"  {code:<32}  {say(f'severity.{rule.severity}')}  {rule.title}")
            for line in done_to(known):
                click.echo(f"      {line}")


def _export(
    folder: Path, file: str | None, edition: str | None, previous: Path | None, about: dict[str, object]
) -> None:
    from gongkai.consistency.export import write_suites

    filing = read_one(Path(file), about) if file else None
    if filing is None and previous is not None:
        raise UsageError("previous_of_gx")
    if filing is not None and edition not in (None, filing.edition):
        raise UsageError("edition_of_filing", given=edition, read=filing.edition)
    last = read_previous(previous, [filing])[0] if filing else None
    write_suites(folder, filing, previous=last, edition=edition)
    click.echo(say("cli.written", path=folder))
