"""The claims of prose for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rich.markup import escape
from rich.table import Table

from gongkai.catalogues import say
from gongkai.filing import decimal_text
from gongkai.narrative import Claim
from gongkai.terminal import console

STYLES = {"match": "green", "mismatch": "red", "not_assessable": "magenta"}


def print_claims(found: Iterable[Claim]) -> None:
    """Each claim on a line: what is said, what it is about, both figures, the verdict."""
    shown = Table(*(say(f"claims.{each}") for each in ("quote", "meaning", "value", "computed", "verdict")))
    for claim in found:
        style = STYLES.get(claim.verdict, "dim")
        shown.add_row(
            escape(claim.quote),
            escape(claim.meaning or "-"),
            _stated(claim),
            _number(claim.computed),
            f"[{style}]{say(f'claims.{claim.verdict}')}[/]",
        )
    console().print(shown if shown.row_count else say("claims.none"))


def _stated(claim: Claim) -> str:
    return _number(claim.value) if claim.exact else say("claims.about", value=_number(claim.value))


def _number(value: int | Decimal | None) -> str:
    return "-" if value is None else decimal_text(Decimal(value))
