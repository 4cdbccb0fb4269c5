"""The command about prose: claims."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gongkai.cli.group import cli
from gongkai.cli.inputs import PATH, about_options, read_one, read_previous
from gongkai.errors import InputError, UsageError

if TYPE_CHECKING:
    from gongkai.narrative import Claim

STANDARD_INPUT = Path("-")


@cli.command()
@click.argument("file", type=PATH)
@about_options
@click.option("--previous", type=PATH)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
def claims(file: Path, previous: Path | None, style: str, **about: Any) -> None:
    from gongkai import narrative
    from gongkai.filing import canonical_json
    from gongkai.forms import editions
    from gongkai.terminal.claims import print_claims

    if file == STANDARD_INPUT:
        if previous or any(about.values()):
            raise UsageError("passage_alone")
        found, (*_, form) = narrative.claims_in(_passage()), editions().values()
    else:
        filing = read_one(file, about)
        found, form = narrative.claims(filing, read_previous(previous, [filing])[0]), filing.form
    if style == "json":
        click.echo(canonical_json({"claims": [_data(each) for each in found]}), nl=False)
    else:
        print_claims(found, form)


def _passage() -> str:
    from gongkai.intake.interface import Document

    text = Document(str(STANDARD_INPUT), sys.stdin.buffer.read()).text
    if text is None:
        raise InputError("not_text", file=str(STANDARD_INPUT))
    return text


def _data(claim: Claim) -> dict[str, Any]:
    """A claim as JSON has it."""
    return {
        "text": claim.quote,
        "start": claim.start,
        "end": claim.end,
        "where": {"text": claim.text, "passage": claim.passage},
        "meaning": claim.meaning,
        "value": _number(claim.value),
        "exact": claim.exact,
        "computed": _number(claim.computed),
        "verdict": claim.verdict,
    }


def _number(value: int | Decimal | None) -> int | float | None:
    """A number as JSON has numbers: nothing that is stated has more digits than they hold."""
    return float(value) if isinstance(value, Decimal) else value
