"""Reviews on the terminal: what may be published."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from gongkai.catalogues import say
from gongkai.review.policy import in_words
from gongkai.review.release import Verdict


def print_verdicts(verdicts: Iterable[Verdict], head: str, *, as_json: bool) -> bool:
    """Say of each report whether it may be published, with its files or with what is against it; whether all may."""
    count = published = 0
    for each in verdicts:
        count += 1
        published += each.may
        if as_json:
            click.echo(json.dumps(each.to_data(), ensure_ascii=False))
        else:
            _print(each)
    if as_json:
        click.echo(json.dumps({"publish": published, "agencies": count, "head": head}))
    else:
        click.echo(say("sign_off.summary", count=published, total=count, head=head or "—"))
    return count == published


def _print(verdict: Verdict) -> None:
    agency = verdict.agency
    if not verdict.may:
        reasons = say("sign_off.and").join(each.in_words() for each in verdict.reasons)
        click.echo(say("sign_off.not", code=agency.code, agency=agency.agency, reasons=reasons))
        return
    passes = say("list.separator").join(
        say("sign_off.pass", level=in_words(level), by=by) for level, by, _ in verdict.passes
    )
    click.echo(say("sign_off.may", code=agency.code, agency=agency.agency, passes=passes))
    for name, sha256 in verdict.files.items():
        click.echo(say("sign_off.file", sha256=sha256, file=f"{agency.code}/{name}"))
