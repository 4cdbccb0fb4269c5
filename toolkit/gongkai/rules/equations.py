"""What a balance means for one edition of the form: an equation for each column or row that it holds for.

The same equations feed the tidy views, the live marks of the workbook, the messages of findings and the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from gongkai.authored import Words
from gongkai.catalogues import say
from gongkai.errors import AuthoringError, nearest
from gongkai.filing import Filing, decimal_text
from gongkai.forms import Axis, Form, Node, counterparts
from gongkai.rules.grammar import Balance, Relation, Term, parse
from gongkai.rules.model import Rule

Number = int | Decimal

PREVIOUS = "previous."
"""Before a name in a formula, and before the address of an operand: last year's filing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A term of one side: `coefficient` times the sum of `cells`; without cells a constant."""

    coefficient: int
    name: Words | None
    cells: tuple[str, ...]

    @property
    def is_previous(self) -> bool:
        return bool(self.cells) and self.cells[0].startswith(PREVIOUS)

    def value(self, number: Callable[[str], Number]) -> Number:
        """The term's value (without sign where it has a name), from the numbers of its cells."""
        return sum((number(address) for address in self.cells), start=0) if self.cells else 1


@dataclass(frozen=True, slots=True)
class Side:
    """A sum of parts."""

    parts: tuple[Part, ...]

    def value(self, number: Callable[[str], Number]) -> Number:
        return sum((part.coefficient * part.value(number) for part in self.parts), start=0)

    def operands(self) -> Iterator[tuple[int, str | None]]:
        """Coefficient and address of each operand; a constant has no address."""
        for part in self.parts:
            yield from ((part.coefficient, address) for address in part.cells or (None,))


@dataclass(frozen=True, eq=False)
class Equation:
    """A rule at one place: `place` is the key of the column or row, `place_name` what it is called."""

    rule: Rule
    place: str
    place_name: Words
    left: Side
    relation: Relation
    right: Side
    is_total: bool
    """Whether this is a column that adds up the others, so that its failure may only repeat theirs."""

    @cached_property
    def operands(self) -> tuple[str, ...]:
        """The address of every operand, in the order of the formula, each once."""
        operands = [*self.left.operands(), *self.right.operands()]
        return tuple(dict.fromkeys(address for _, address in operands if address))

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells among the operands that are this year's."""
        return tuple(address for address in self.operands if not address.startswith(PREVIOUS))

    @cached_property
    def previous(self) -> tuple[str, ...]:
        """The addresses, in this year's edition, of the operands that are last year's."""
        return tuple(each.removeprefix(PREVIOUS) for each in self.operands if each.startswith(PREVIOUS))

    def delta(self, number: Callable[[str], Number]) -> Number:
        """Left minus right."""
        return self.left.value(number) - self.right.value(number)

    def holds(self, number: Callable[[str], Number]) -> bool:
        """Whether the balance holds: the plain reading that every engine must agree with."""
        delta, tolerance = self.delta(number), self.rule.tolerance
        above, below = delta > tolerance, delta < -tolerance
        return not {"=": above or below, "<=": above, ">=": below}[self.relation]


def equations(rule: Rule, form: Form, *, file: str | None = None) -> tuple[Equation, ...]:
    """The equations of a balance on `form`. Raises AuthoringError for a table or a name that the form lacks."""
    if rule.each == "report":
        _check_addresses(rule, form, file)
        return (_of_report(rule, rule.parsed, form),)
    assert rule.table is not None, "the model demands one of a balance over rows or columns"
    if rule.table not in form.tables:
        hint = nearest(rule.table, form.tables)
        raise AuthoringError("unknown_table", file=file, place=rule.rule, name=rule.table, nearest=hint)
    named: Axis = "column" if rule.each == "row" else "row"
    balance = rule.parsed
    _check_names(rule, balance, form, named, file)
    found = tuple(_instances(rule, balance, form, named))
    if not found:
        raise AuthoringError("rule_without_place", file=file, place=rule.rule, edition=form.edition)
    return found


def condition(equation: Equation, form: Form) -> Equation | None:
    """The equation that must hold for `equation` to apply, at the same place; None where there is none."""
    if equation.rule.when is None:
        return None
    balance = parse(equation.rule.when)
    when = Rule.model_construct(**(dict(equation.rule) | {"balance": equation.rule.when, "when": None}))
    if when.each == "report":
        return _of_report(when, balance, form)
    named: Axis = "column" if equation.rule.each == "row" else "row"
    return next(each for each in _instances(when, balance, form, named) if each.place == equation.place)


def can_be_run(equation: Equation, when: Equation | None, form: Form, last: Filing | None) -> bool:
    """Whether `last`, last year's filing, is there and comparable wherever a balance or its condition asks for it."""
    asked = [address for each in (equation, when) if each for address in each.previous]
    return not asked or (last is not None and all(counterparts(each, form.edition, last.edition) for each in asked))


def _check_names(rule: Rule, balance: Balance, form: Form, axis: Axis, file: str | None) -> None:
    table = form.tables[rule.table or ""]
    known = [node.key for node in table.walk(axis) if node.key]
    for name in _names(rule, balance):
        if name.removeprefix(PREVIOUS) not in known:
            hint = nearest(name, known)
            raise AuthoringError("unknown_name", file=file, place=rule.rule, name=name, nearest=hint)


def _check_addresses(rule: Rule, form: Form, file: str | None) -> None:
    for name in _names(rule, rule.parsed):
        if name.removeprefix(PREVIOUS) not in form.cells:
            hint = nearest(name, form.cells)
            raise AuthoringError("unknown_name", file=file, place=rule.rule, name=name, nearest=hint)


def _of_report(rule: Rule, balance: Balance, form: Form) -> Equation:
    """A balance over cells wherever they stand; its place is the report."""

    def side(terms: Iterable[Term]) -> Side:
        return Side(
            tuple(Part(term.coefficient, _called(term, form), (term.name,) if term.name else ()) for term in terms)
        )

    return Equation(rule, "", form.title, side(balance.left), balance.relation, side(balance.right), is_total=False)


def _called(term: Term, form: Form) -> Words | None:
    if term.name is None:
        return None
    spec = form.cells[term.name.removeprefix(PREVIOUS)]
    table, row, column = form.tables[spec.table].name, spec.row.name, spec.column.name
    return Words(zh=f"{table.zh}{row.zh} {column.zh}", en=f"{table.en}, {row.en}, {column.en}")


def _names(rule: Rule, balance: Balance) -> list[str]:
    return [*balance.names, *(parse(rule.when).names if rule.when else ())]


def _instances(rule: Rule, balance: Balance, form: Form, axis: Axis) -> Iterator[Equation]:
    assert rule.table
    for band in form.tables[rule.table].bands:
        named: dict[str, Node] = {node.key: node for top in band.nodes(axis) for node in top.walk() if node.key}
        if not all(name.removeprefix(PREVIOUS) in named for name in _names(rule, balance)):
            continue
        for place in band.leaf_columns if axis == "row" else band.leaf_rows:
            key = str(place.key)
            if rule.only and key not in rule.only:
                continue

            def address(node: Node, key: str = key) -> str:
                row, column = (node.key, key) if axis == "row" else (key, node.key)
                return f"{rule.table}.{row}.{column}"

            left, right = (_side(terms, named, address) for terms in (balance.left, balance.right))
            is_total = any(column is place and column.total for column in band.leaf_columns)
            yield Equation(rule, key, place.name, left, balance.relation, right, is_total)


def _side(terms: Iterable[Term], named: dict[str, Node], address: Callable[[Node], str]) -> Side:
    parts = []
    for term in terms:
        if term.name is None:
            parts.append(Part(term.coefficient, None, ()))
            continue
        node = named[term.name.removeprefix(PREVIOUS)]
        prefix = PREVIOUS if term.name.startswith(PREVIOUS) else ""
        cells = tuple(prefix + address(leaf) for leaf in node.leaves())
        parts.append(Part(term.coefficient, node.name, cells))
    return Side(tuple(parts))


def side_in_words(side: Side, number: Callable[[str], Number] | None = None) -> str:
    """A side as people write it: names joined by signs, with their figures where `number` gives them."""
    text = ""
    for part in side.parts:
        sign = say("rule.minus") if part.coefficient < 0 else (say("rule.plus") if text else "")
        factor = str(abs(part.coefficient)) + ("×" if part.name else "")
        factor = "" if factor == "1×" else factor
        figure = f" {decimal_text(Decimal(part.value(number)))}" if number and part.name else ""
        name = say("rule.last_year", name=part.name) if part.is_previous else part.name or ""
        text += f"{sign}{factor}{name}{figure}"
    return text
