"""The claims of prose for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rich.markup import escape
from rich.table import Table

from gongkai.catalogues import say
from gongkai.filing import decimal_text
from gongkai.forms import Form
from gongkai.narrative import Claim
from gongkai.terminal import console
from gongkai.wording import meaning_in_words, text_in_words

STYLES = {"match": "green", "mismatch": "red", "not_assessable": "magenta"}


COLUMNS = ("where", "quote", "meaning", "value", "computed", "verdict")


def print_claims(found: Iterable[Claim], form: Form) -> None:
    """Each claim on a line: where and what is said, what of the form it is about, both figures, the verdict."""
    shown = Table(*(say(f"claims.{each}") for each in COLUMNS))
    for claim in found:
        style = STYLES.get(claim.verdict, "dim")
        shown.add_row(
            escape(_where(claim, form)),
            escape(claim.quote),
            escape(meaning_in_words(form, claim.meaning) if claim.meaning else "-"),
            _stated(claim),
            _number(claim.computed),
            f"[{style}]{say(f'claims.{claim.verdict}')}[/]",
        )
    console().print(shown if shown.row_count else say("claims.none"))


def _where(claim: Claim, form: Form) -> str:
    """The passage, and its first and last characters, counted from one."""
    text = text_in_words(form, claim.text) if claim.text else None
    passage = say("claims.passage", text=text, number=claim.passage + 1) if text else ""
    return passage + say("claims.span", start=claim.start + 1, end=claim.end)


def _stated(claim: Claim) -> str:
    return _number(claim.value) if claim.exact else say("claims.about", value=_number(claim.value))


def _number(value: int | Decimal | None) -> str:
    return "-" if value is None else decimal_text(Decimal(value))
