"""What people read, as files that a person can review. `make golden` writes them anew."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click
import pytest

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.cli import cli, speak
from gongkai.consistency import check
from gongkai.filing import Cell
from gongkai.forms import editions, load_form
from gongkai.rules import equations, load_rules, side_in_words
from gongkai.tables import layout
from tests.helpers import changed, filing_of

HERE = Path(__file__).parent


def golden(name: str, text: str) -> None:
    """Compare `text` with the golden file `name`, or write it where ``GONGKAI_GOLDEN=write``."""
    path = HERE / name
    if os.environ.get("GONGKAI_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), (
        f"{name} differs; if that is meant, run `make golden` and review it"
    )


@pytest.mark.parametrize("edition", editions())
def test_the_form_with_its_merged_heads_and_addresses(edition: str) -> None:
    lines = []
    form = load_form(edition)
    for section in form.sections:
        lines.append(f"{section.ordinal.zh}、{section.title.zh} | {section.title.en} | {section.basis}")
        lines += [f"  {part.ordinal.zh}{part.title.zh} | {part.title.en} | {part.text}" for part in section.parts]
        if section.table is None:
            continue
        for row in layout(edition, section.table).rows():
            for cell in row:
                spans = f" ({cell.rowspan}×{cell.colspan})" if (cell.rowspan, cell.colspan) != (1, 1) else ""
                what = f"{cell.words.zh} | {cell.words.en}" if cell.words else cell.address
                lines.append(f"  r{cell.row + 1} c{cell.column + 1}{spans} {cell.role}: {what}")
    golden(f"form-{edition}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("edition", editions())
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rules_in_words(lang: str, edition: str) -> None:
    lines = []
    with speaking(lang):
        for rule in load_rules(edition):
            lines.append(f"{rule.rule} [{rule.severity}] {rule.title} ({rule.basis})")
            if rule.balance:
                for each in equations(rule, load_form(edition))[:1]:
                    left, right = side_in_words(each.left), side_in_words(each.right)
                    lines.append(f"  {each.place_name}: {left} {each.relation} {right}")
    golden(f"rules-{edition}.{lang}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentences_of_findings(lang: str) -> None:
    filing = changed(
        filing_of({"requests.received.natural_person": 7, "requests.received.total": 6}, agency="青杉县档案馆"),
        {
            "requests.carried_out.business": 2,
            "requests.granted.research": Cell(None, "placeholder", "/"),
            "disputes.reconsideration.total": None,
            "disputes.direct_suit.total": -1,
            "disclosure.regulations.made": 3,
            "disclosure.penalties.decisions": Cell(None, "unreadable", "若干"),
            "disclosure.licences.decisions": Cell(12, "number", "１２件"),
        },
    )
    filing = replace(filing, cells={each: cell for each, cell in filing.cells.items() if "coercion" not in each})
    last = filing_of({"requests.carried_out.total": 4, "disclosure.normative_documents.in_force": 2}, year=2023)
    with speaking(lang):
        found = check([filing], previous=[last])
    lines = [f"{each.rule} {each.severity} {each.verdict}: {each.message}" for each in found.all]
    golden(f"findings.{lang}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentences_of_findings_on_another_edition(lang: str) -> None:
    filing = changed(
        filing_of({}, edition="2019", year=2023, agency="青杉县档案馆"),
        {
            "requests.other.all.natural_person": 1,
            "disclosure.regulations.newly_published": 2,
            "disclosure.fees.change": Cell(None, "unreadable", "持平"),
        },
    )
    with speaking(lang):
        found = check([filing], previous=[filing_of({"requests.carried_out.total": 4}, year=2022)])
    lines = [f"{each.rule} {each.severity} {each.verdict}: {each.message}" for each in found.all]
    golden(f"findings-2019.{lang}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_help_of_every_command(lang: str) -> None:
    with speaking(lang):
        group = speak(cli)
        texts = [group.get_help(click.Context(group, info_name="gongkai", terminal_width=100))]
        for name, command in sorted(group.commands.items()):
            texts.append(command.get_help(click.Context(command, info_name=f"gongkai {name}", terminal_width=100)))
    golden(f"help.{lang}.txt", "\n\n".join(texts) + "\n")
