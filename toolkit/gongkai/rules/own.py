"""An office's own rules: what it adds to ours in a folder `local`, and what of ours it changes or switches off there.

Its files are written by many hands and sent around, so they are read as what may be wrong in any way: everything that a
rule may hold is checked here, before anything is run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gongkai.authored import Model, load_yaml, validate
from gongkai.errors import AuthoringError, nearest
from gongkai.finding import Severity
from gongkai.forms import Axis, Form, editions
from gongkai.rules.equations import equations
from gongkai.rules.expectations import check_expectation, check_words
from gongkai.rules.grammar import Balance, GrammarError, parse
from gongkai.rules.model import Agencies, Code, Rule, Tolerance

LOCAL = "local"
"""The folder of own rules, beside those of the editions."""

FAMILIES = ("STR", "CEL", "T2", "T3", "T4", "XY", "NT", "TT", "FEE", "DL", "AGG", "QLT", "PRS", "DOC")
"""The words before the first hyphen of our codes, which no own code begins with; the last two are no rules'."""
LOCAL_DEADLINES = "DL-LOCAL"
"""The one code of ours that is for own rules."""

OF_BALANCES = {"table", "each", "only", "when", "in_workbook", "tolerance"}
OF_EXPECTATIONS = {"view", "where", "arguments", "together", "message"}
"""The keys that only one kind of rule heeds; whoever gives one to the other kind believes that it does something."""

LARGEST_FILE = 32 * 1024
"""Bytes of a file of own rules: fifty rules. Larger ones are divided."""
LONGEST_TEXT = 4000
"""Characters of any text in it."""


class OwnRule(Rule):
    """A rule that an office adds."""

    editions: tuple[str, ...] = ()
    """The editions of the form that it is for; all that have its names where none is given."""

    @field_validator("editions", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return [str(each) if isinstance(each, int) else each for each in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _has_its_own_code(self) -> Self:
        family = self.rule.partition("-")[0]
        if family in FAMILIES and self.rule != LOCAL_DEADLINES:
            values = {"family": family, "local": LOCAL_DEADLINES}
            raise PydanticCustomError("code_taken", "{family}", values)
        needless = (OF_BALANCES if self.expect else OF_EXPECTATIONS) & self.model_fields_set
        if needless:
            raise PydanticCustomError("unknown_key", "{name}", {"name": min(needless), "nearest": ""})
        for each in self.editions:
            if each not in editions():
                values = {"edition": each, "known": ", ".join(editions())}
                raise PydanticCustomError("unknown_edition", "{edition}", values)
        return self


class Adjustment(Model):
    """What an office changes of a rule, or that it switches it off; never without saying why."""

    adjust: Code
    part: str | None = None
    """The part that is meant; all parts where none is given."""
    reason: str = Field(min_length=1)
    off: bool = False
    severity: Severity | None = None
    agencies: Agencies | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    """New values of arguments that the rule has."""
    balance: str | None = None
    """The balance with other numbers."""
    when: str | None = None
    """The condition with other numbers."""
    tolerance: Tolerance | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        changes = self.changes | ({"arguments": self.arguments} if self.arguments else {})
        if bool(changes) == self.off:
            raise PydanticCustomError("adjustment", "off or changes")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """What is put in place of what the rule has, arguments left out."""
        names = ("severity", "agencies", "balance", "when", "tolerance")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a rule of which `before` was loaded: why, and in which file that is said."""

    before: Rule
    reason: str
    file: str


@dataclass(frozen=True, slots=True)
class Own:
    """The own rules of a folder with the editions that each is for, and the adjustments, each with its file."""

    rules: tuple[tuple[OwnRule, tuple[str, ...], str], ...]
    adjustments: tuple[tuple[Adjustment, str], ...]


@cache
def load_own(folder: Path) -> Own:
    """What the files of a folder `local` say. Raises AuthoringError for the first that is faulty."""
    rules: dict[tuple[str, str], tuple[OwnRule, tuple[str, ...], str]] = {}
    adjustments: list[tuple[Adjustment, str]] = []
    for path in sorted(folder.glob("*.yaml")):
        file = f"{LOCAL}/{path.name}"
        for data, place in _entries(path, file):
            if "adjust" in data and "rule" not in data:
                adjustments.append((validate(Adjustment, data, file=place), file))
                continue
            rule = validate(OwnRule, data, file=place)
            if rule.key in rules:
                raise AuthoringError("duplicate", file=file, place="rule", name=" ".join(filter(None, rule.key)))
            rules[rule.key] = rule, _editions_of(rule, place), file
    return Own(tuple(rules.values()), tuple(adjustments))


def _entries(path: Path, file: str) -> Iterator[tuple[dict[Any, Any], str]]:
    """The entries of a file, each with what it is called in the message of a fault: file and code, or number."""
    try:
        too_large = path.stat().st_size > LARGEST_FILE
    except OSError:
        too_large = False  # what is wrong with it is told by whoever reads it
    if too_large:
        raise AuthoringError("rules_too_large", file=file, limit=LARGEST_FILE // 1024)
    data = load_yaml(path)
    if not isinstance(data, list):
        raise AuthoringError("not_a_list", file=file)
    for number, each in enumerate(data, start=1):
        code = next((each[key] for key in ("rule", "adjust") if key in each), None) if isinstance(each, dict) else None
        place = f"{file}:{code if isinstance(code, str) and len(code) <= 40 and code.isprintable() else number}"
        _check_texts(each, place, set())
        # YAML takes the bare word `off` for false, as a key too.
        yield {"off" if key is False else key: value for key, value in validate(dict, each, file=place).items()}, place


def _check_texts(data: Any, place: str, seen: set[int]) -> None:
    """Refuses what no report can show and what fills a screen."""
    if isinstance(data, str):
        if len(data) > LONGEST_TEXT:
            raise AuthoringError("text_long", file=place, text=data[:40] + "…", limit=LONGEST_TEXT)
        if control := next((each for each in data if each != "\n" and unicodedata.category(each) in ("Cc", "Cs")), ""):
            raise AuthoringError("control_character", file=place, code=f"U+{ord(control):04X}")
    elif isinstance(data, dict | list) and id(data) not in seen:
        # By an alias one list may stand in very many places, and even in itself.
        seen.add(id(data))
        for each in [*data, *data.values()] if isinstance(data, dict) else data:
            _check_texts(each, place, seen)


def _editions_of(rule: OwnRule, file: str) -> tuple[str, ...]:
    """The editions that a rule is for. Raises AuthoringError where one that it names, or every one, lacks its names."""
    if rule.expect:
        check_expectation(rule, file=file)
    faults: dict[str, AuthoringError] = {}
    for edition in rule.editions or editions():
        try:
            check_names(rule, editions()[edition], file=file)
        except AuthoringError as fault:
            faults[edition] = fault
    fitting = tuple(each for each in rule.editions or editions() if each not in faults)
    if faults and (rule.editions or not fitting):
        raise next(reversed(faults.values()))
    return fitting


def check_names(rule: Rule, form: Form, *, file: str) -> None:
    """Raises AuthoringError for a name in a rule that an edition of the form does not have."""
    if rule.expect:
        check_words(rule, form, file=file)
        return
    equations(rule, form, file=file)
    if rule.table and rule.each != "report":
        axis: Axis = "row" if rule.each == "row" else "column"
        known = [node.key for node in form.tables[rule.table].walk(axis) if node.key]
        for name in rule.only:
            if name not in known:
                hint = nearest(name, known)
                raise AuthoringError("unknown_word", file=file, place="only", name=name, nearest=hint)


def adjusted(rule: Rule, adjustment: Adjustment, form: Form, *, file: str) -> Rule:
    """A rule as an adjustment has it. Raises AuthoringError for what the rule does not have, or may not hold."""
    for name in adjustment.arguments:
        if name not in rule.arguments:
            hint = nearest(name, rule.arguments)
            raise AuthoringError("unknown_key", file=file, place="arguments", name=name, nearest=hint)
    for name in ("balance", "when"):
        old, new = getattr(rule, name), getattr(adjustment, name)
        if new is not None and (old is None or _shape(new, file) != _shape(old, file)):
            raise AuthoringError("other_balance", file=file, place=name, text=old or "—")
    if adjustment.tolerance is not None and not rule.balance:
        raise AuthoringError("unknown_key", file=file, name="tolerance", nearest="arguments")
    new = rule.model_copy(update=adjustment.changes | {"arguments": rule.arguments | adjustment.arguments})
    if new.expect:
        check_expectation(new, file=file)
    check_names(new, form, file=file)
    return new


def _shape(text: str, file: str) -> Sequence[object]:
    """A balance without its numbers: names and signs."""
    try:
        balance: Balance = parse(text)
    except GrammarError as error:
        raise AuthoringError("not_a_balance", file=file, text=str(error)) from None
    sides = ([(term.coefficient > 0, term.name) for term in side] for side in (balance.left, balance.right))
    return (balance.relation, *sides)
