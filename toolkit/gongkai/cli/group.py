"""The command that all others belong to, and how its help is written."""

from __future__ import annotations

import click

from gongkai import __version__
from gongkai.catalogues import LANGUAGES, say


class Formatter(click.HelpFormatter):
    """Click's help in the language in use."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("cli.usage"))

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(f"cli.heading.{heading.lower()}"))


click.Context.formatter_class = Formatter


@click.group(name="gongkai")
@click.option("--lang", type=click.Choice(LANGUAGES))
@click.option("--debug", is_flag=True)
@click.version_option(__version__, prog_name="gongkai")
def cli(lang: str | None, debug: bool) -> None:
    """Read by `main` before click is: so that they may stand anywhere, and click's own words are spoken."""
