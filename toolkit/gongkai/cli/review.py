"""Commands about reviewing: review, reviewers, sign-off."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gongkai.catalogues import say
from gongkai.cli.decisions import user
from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH
from gongkai.errors import UsageError


@cli.command()
@click.argument("build", type=PATH)
@click.option("--port", type=int, default=8899, show_default=True)
@click.option("--no-browser", is_flag=True)
@click.option("--export", "target", type=PATH)
def review(build: Path, port: int, no_browser: bool, target: Path | None) -> None:
    if target is not None:
        from gongkai.review.bundle import export

        pages = export(build, target)
        click.echo(say("review.exported_to", path=target, count=pages))
        return
    from gongkai.review.people import read_people
    from gongkai.review.server.app import serve
    from gongkai.workspace import find_workspace

    if not read_people(find_workspace(build)):
        click.echo(say("reviewers.none"), err=True)
    serve(build, port=port, browser=not no_browser, when_ready=lambda url: click.echo(say("review.ready", url=url)))


@cli.group()
def reviewers() -> None:
    """Has commands of its own; its words stand in the catalogues."""


@reviewers.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--hub", default="")
def add(name: str, roles: tuple[str, ...], hub: str) -> None:
    from gongkai.review import people
    from gongkai.review.policy import in_words, load_policy
    from gongkai.workspace import find_workspace

    workspace = find_workspace()
    known = load_policy(workspace).known(roles)
    secret = "" if hub else _secret()
    new = people.add(workspace, name, known, secret=secret, hub=hub, by=user())
    words = say("list.separator").join(map(in_words, new.roles))
    click.echo(say("reviewers.added", name=new.name, roles=words, file=people.FILE))


@reviewers.command("list")
def list_reviewers() -> None:
    from gongkai.review.people import read_people
    from gongkai.review.policy import in_words
    from gongkai.workspace import find_workspace

    found = read_people(find_workspace())
    for each in found:
        words = say("list.separator").join(map(in_words, each.roles))
        click.echo(say("reviewers.line", name=each.name, roles=words))
    if not found:
        click.echo(say("reviewers.none"))


@reviewers.command()
@click.argument("name")
def remove(name: str) -> None:
    from gongkai.review import people
    from gongkai.workspace import find_workspace

    people.remove(find_workspace(), name, by=user())
    click.echo(say("reviewers.removed", name=name))


@cli.command("sign-off")
@click.argument("build", type=PATH)
@click.option("--check", is_flag=True, required=True)
@click.option("--agency", "agencies", multiple=True)
@click.option("--json", "as_json", is_flag=True)
def sign_off(build: Path, check: bool, agencies: tuple[str, ...], as_json: bool) -> int:  # noqa: ARG001  # says what is done
    from gongkai.review.desk import Desk
    from gongkai.review.release import verdicts
    from gongkai.terminal.reviews import print_verdicts

    desk = Desk(build)
    found = verdicts(desk, agencies)
    return int(not print_verdicts(found, desk.head, as_json=as_json))


def _secret() -> str:
    """What is typed, twice and unseen; a line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    secret, again = (
        click.prompt(say(f"reviewers.{words}"), hide_input=True, prompt_suffix=say("review.colon"))
        for words in ("secret", "again")
    )
    if secret != again:
        raise UsageError("secrets_differ")
    return str(secret)
