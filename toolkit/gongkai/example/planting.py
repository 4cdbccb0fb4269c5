"""Plants faults into right filings, and tells exactly what a check finds of each."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from gongkai.authored import Model, Words, load_yaml, validate
from gongkai.catalogues import LANGUAGES, speaking
from gongkai.example.arithmetic import APPLICANTS, FLOWS, plain
from gongkai.example.figures import Figures
from gongkai.filing import Filing
from gongkai.forms import Form, load_form
from gongkai.intake.numbers import read_cell
from gongkai.rules import Equation, equations, load_rules
from gongkai.wording import cell_in_words

MOST_FAULTS = 3
"""Of one report."""


class AtCell(Model):
    """A finding of a rule at a cell."""

    rule: str
    cell: str


class AtPlace(Model):
    """A finding of a rule at a column or row."""

    rule: str
    at: str


class Kind(Model):
    """A kind of fault, as `faults.yaml` describes it."""

    fault: str
    area: str
    when: tuple[str, ...] = ()
    write: dict[str, str]
    cells: tuple[AtCell, ...] = ()
    equations: tuple[AtPlace, ...] = ()
    unassessable: tuple[AtPlace, ...] = ()
    done: Words


@dataclass(frozen=True, slots=True)
class Found:
    """What a check finds of a fault."""

    rule: str
    verdict: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that is planted in a report."""

    fault: str
    done: Mapping[str, str]
    """What was done, in each language."""
    findings: tuple[Found, ...]

    def entry(self, file: str, filing: Filing) -> str:
        """The fault as an entry of a key file (YAML, in which JSON is at home)."""
        about = {"file": file, "agency": filing.agency, "code": filing.agency_code, "year": filing.year}
        lines = [f"- fault: {self.fault}"]
        lines += [f"  {key}: {_shown(value)}" for key, value in (about | {"done": self.done}).items()]
        lines += ["  findings:" if self.findings else "  findings: []"]
        for found in self.findings:
            lines += [f"    - rule: {found.rule}", f"      verdict: {found.verdict}"]
            lines += [f"      cells: [{', '.join(found.cells)}]"]
        return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds of faults."""
    path = Path(__file__).parent / "faults.yaml"
    return validate(tuple[Kind, ...], load_yaml(path), file=path.name)


def planted(filing: Filing, figures: Figures, draw: random.Random) -> tuple[Filing, tuple[Fault, ...]]:
    """`filing`, whose figures are all right, with one to three faults; and the faults."""
    wanted = draw.randint(1, MOST_FAULTS)
    faults: dict[str, Fault] = {}
    for kind in draw.sample(kinds(), len(kinds())):
        if len(faults) == wanted:
            break
        words = {} if kind.area in faults else _possible(kind, figures, draw)
        if words:
            filing, faults[kind.area] = _planted(kind, words, filing, figures)
    return filing, tuple(faults.values())


def _possible(kind: Kind, figures: Figures, draw: random.Random) -> dict[str, str]:
    """Words by which a kind of fault is possible; nothing where some tries found none."""
    for _ in range(12):
        words = _drawn(figures.form, draw)
        if figures.holds(each.format(**words) for each in kind.when):
            return words
    return {}


def _drawn(form: Form, draw: random.Random) -> dict[str, str]:
    applicant, neighbour = draw.sample(APPLICANTS, 2)
    outcomes = [row for row in _rows(form, "requests") if row not in FLOWS]
    return {
        "applicant": applicant,
        "neighbour": neighbour,
        "outcome": draw.choice(outcomes),
        "channel": draw.choice(_rows(form, "disputes")),
        "result": draw.choice(("upheld", "corrected", "other", "pending")),
        "figure": draw.choice(("licences", "penalties", "coercion")),
        "digit": str(draw.randint(1, 9)),
    }


def _rows(form: Form, table: str) -> list[str]:
    return [str(row.key) for band in form.tables[table].bands for row in band.leaf_rows]


def _planted(kind: Kind, words: Mapping[str, str], filing: Filing, figures: Figures) -> tuple[Filing, Fault]:
    written = {cell.format(**words): text for cell, text in kind.write.items()}
    for address, text in written.items():
        right = plain(figures.value(address))
        about = {**words, "right": right, "wide": _wide(right), "grouped": f"{figures.value(address):,}"}
        formula = text.format(**about)
        written[address] = plain(figures.sum(formula[1:])) if formula.startswith("=") else formula
    form = figures.form
    cells = {address: read_cell(text, form.cells[address]) for address, text in written.items()}
    first = next(iter(written))
    done = {lang: _done(kind, lang, first, written[first], figures) for lang in LANGUAGES}
    findings = tuple(_found(kind, words, form, with_last=figures.last is not None))
    return replace(filing, cells=dict(filing.cells) | cells), Fault(kind.fault, done, findings)


def _wide(digits: str) -> str:
    """Digits in full width."""
    return "".join(chr(ord(each) + 0xFEE0) for each in digits)


def _done(kind: Kind, lang: str, address: str, written: str, figures: Figures) -> str:
    with speaking(lang):
        cell = cell_in_words(figures.form, address)
        return str(kind.done).format(cell=cell, right=plain(figures.value(address)), written=written)


def _found(kind: Kind, words: Mapping[str, str], form: Form, *, with_last: bool) -> Iterator[Found]:
    """What a check finds of a fault; of rules that need last year's filing only where there is one."""
    for each in kind.cells:
        yield Found(each.rule, "fail", (each.cell.format(**words),))
    for verdict, places in (("fail", kind.equations), ("not_assessable", kind.unassessable)):
        for place in places:
            equation = _equations(form.edition)[place.rule, place.at.format(**words)]
            if with_last or not equation.previous:
                yield Found(place.rule, verdict, equation.cells)


@cache
def _equations(edition: str) -> Mapping[tuple[str, str], Equation]:
    """The equations of an edition's rules, by rule and place."""
    balances = [rule for rule in load_rules(edition) if rule.balance]
    return {(each.rule.rule, each.place): each for rule in balances for each in equations(rule, load_form(edition))}
