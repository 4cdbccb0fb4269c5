"""A rule as it is authored: a `balance` over rows or columns of a table, or an `expect` over one of the views."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from gongkai.authored import Model, Words
from gongkai.errors import nearest
from gongkai.filing import LEVELS
from gongkai.finding import Severity
from gongkai.rules.grammar import Balance, GrammarError, parse
from gongkai.rules.patterns import PatternError, check_pattern
from gongkai.rules.views import MESSAGE_WORDS, VIEWS

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$", max_length=40)]

Tolerance = Annotated[int, Field(ge=0, le=10**15)]

FORBIDDEN_ARGUMENTS = ("row_condition", "condition_parser", "mostly", "meta")
"""Arguments of an expectation that would run code, or let failures pass."""


Tier = Literal["province", "city", "county", "township"]


class Agencies(Model):
    """Which agencies a rule is for: those of which all that is given holds."""

    level: tuple[Literal[LEVELS], ...] = ()  # type: ignore[valid-type]  # the tuple holds the words
    tier: tuple[Tier, ...] = ()
    """How high in the administration, by the agency's code."""
    name: str | None = None
    """A regular expression that the agency's name holds."""

    @model_validator(mode="after")
    def _pattern(self) -> Self:
        if self.name is not None:
            try:
                check_pattern(self.name)
            except PatternError as error:
                raise PydanticCustomError(error.key, "{text}", error.values) from None
        return self


class Rule(Model):
    """One rule, or one part of it. Exactly one of `balance` and `expect` is given."""

    rule: Code
    part: str | None = None
    """Tells the parts of a rule apart that need more than one balance or expectation, or have different severities."""
    title: Words
    basis: str
    severity: Severity
    agencies: Agencies = Agencies()

    balance: str | None = None
    """The balance, in the grammar of `gongkai.rules.grammar`."""
    table: str | None = None
    each: Literal["row", "column", "report"] | None = None
    """What the balance holds for: each row (its names are columns), each column (its names are rows), or the report
    (its names are addresses of cells, and there is no table)."""
    only: tuple[str, ...] = ()
    """The keys of the rows or columns that it holds for; all that have its names where none is given."""
    when: str | None = None
    """A balance that must hold for the rule to apply."""
    in_workbook: bool = True
    """Whether the workbook that clerks fill shows it as a live mark; of a report's balance it never does."""
    tolerance: Tolerance = 0
    """How far the sides may be apart, in the unit of the cells."""

    expect: str | None = None
    """The type of a core expectation of Great Expectations."""
    view: str | None = None
    where: dict[str, list[str]] = Field(default_factory=dict)
    """Only rows of the view whose columns hold one of these values."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    together: Literal["table"] | None = None
    """One finding for all failing cells of a table, instead of one for each."""
    message: Words | None = None
    """What a finding says, with the `MESSAGE_WORDS` of the view in braces."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.balance is None) == (self.expect is None):
            raise PydanticCustomError("rule_kind", "balance or expect")
        needed = (
            ("view", "arguments", "message")
            if self.expect
            else ("each", *(() if self.each == "report" else ("table",)))
        )
        for name in needed:
            if not getattr(self, name):
                raise PydanticCustomError("missing_key", "{name}", {"name": name})
        for text in (self.balance, self.when):
            if text is not None:
                try:
                    parse(text)
                except GrammarError as error:
                    raise PydanticCustomError("not_a_balance", "{text}", {"text": str(error)}) from None
        return self

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        if self.view is None:
            return self
        columns, words = list(VIEWS.get(self.view, ())), MESSAGE_WORDS.get(self.view, ())
        for word, known in (
            (self.view, list(VIEWS)),
            *((column, columns) for column in self.where),
            *((column, columns) for column in self._named_columns()),
            *((word, words) for message in self._messages() for word in _braced(message)),
        ):
            if word not in known:
                raise PydanticCustomError("unknown_word", "{name}", {"name": word, "nearest": nearest(word, known)})
        for name in FORBIDDEN_ARGUMENTS:
            if name in self.arguments:
                raise PydanticCustomError("forbidden_argument", "{name}", {"name": name})
        return self

    def _named_columns(self) -> list[str]:
        return [str(value) for name, value in self.arguments.items() if name in ("column", "column_A", "column_B")]

    def _messages(self) -> tuple[str, ...]:
        return (self.message.zh, self.message.en) if self.message else ()

    @property
    def key(self) -> tuple[str, str]:
        """Code and part, which no two rules share."""
        return self.rule, self.part or ""

    @property
    def parsed(self) -> Balance:
        """The balance, parsed."""
        assert self.balance is not None, "only asked of balances"
        return parse(self.balance)


def _braced(text: str) -> list[str]:
    """What stands in braces; with a width, which could fill the memory, or a conversion it is no word that is known."""
    try:
        return [
            name + (f"!{conversion}" if conversion else "") + (f":{width}" if width else "")
            for _, name, width, conversion in Formatter().parse(text)
            if name is not None
        ]
    except ValueError:
        raise PydanticCustomError("braces", "{text}", {"text": text}) from None
