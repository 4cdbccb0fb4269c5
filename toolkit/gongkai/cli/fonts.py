"""Commands about an office's own fonts."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.catalogues import say
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH


@cli.group()
def fonts() -> None:
    """Has commands of its own; its words stand in the catalogues."""


@fonts.command()
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--role")
def add(files: tuple[Path, ...], role: str | None) -> None:
    from gongkai.fonts import register

    for font in register(files, role):
        key = "fonts.replaced" if font.replaced else "fonts.registered"
        where = say(f"fonts.role.{font.role}")
        click.echo(say(key, role=where, family=font.family, file=font.file, replaced=font.replaced))


@fonts.command("list")
def list_fonts() -> None:
    from gongkai.fonts import ROLES, chain

    for role in ROLES:
        font = chain(role)[0]
        whose = say("fonts.office" if font.of_office else "fonts.own")
        click.echo(say("fonts.line", role=say(f"fonts.role.{role}"), family=font.family, whose=whose, file=font.file))
