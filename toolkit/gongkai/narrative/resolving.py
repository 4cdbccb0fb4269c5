"""What the tables say of a statement: its cells, the value in every legitimate reading, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from gongkai.filing import Filing
from gongkai.forms import Table, load_form
from gongkai.narrative.claim import Number, Verdict
from gongkai.narrative.lexicon import Figure, patterns
from gongkai.narrative.statements import Statement

PREVIOUS = "previous."


class UnheldError(Exception):
    """No cell of the form holds it."""


class UnreadError(Exception):
    """A cell that is needed holds no number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict and what it rests on."""

    verdict: Verdict
    computed: Number | None = None
    cells: tuple[str, ...] = ()
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """Cells added up, some of them taken off."""

    signed: tuple[tuple[int, str], ...]

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(address for _, address in self.signed))

    @property
    def previous(self) -> Sum:
        """The same of last year."""
        return Sum(tuple((sign, PREVIOUS + address) for sign, address in self.signed))

    def value(self, number: Callable[[str], Number]) -> Number:
        return sum((sign * number(address) for sign, address in self.signed), start=0)


def readings(statement: str, *, strict: bool) -> tuple[str, ...]:
    """What a meaning may legitimately be read as, the likeliest first."""
    subject, _, column = statement.partition("@")
    told = patterns().readings["strict" if strict else "loose"].get(subject, (subject,))
    return tuple(f"{each}@{column}" if column else each for each in told)


@cache
def cells_of(edition: str, meaning: str) -> Sum | None:
    """The cells that a meaning adds up; None where the edition has no such cell."""
    subject, _, column = meaning.partition("@")
    found: list[tuple[int, str]] = []
    for number, minus in enumerate(subject.split("-")):
        for term in minus.split("+"):
            cells = _term(edition, term, column or "total")
            if cells is None:
                return None
            found += [(-1 if number else 1, address) for address in cells]
    return Sum(tuple(found))


def _term(edition: str, term: str, column: str) -> list[str] | None:
    table, _, rest = term.partition(".")
    form = load_form(edition)
    if table not in form.tables:
        return None
    if table != "requests":
        rest, _, column = rest.rpartition(".")
    rows = patterns().spoken.get(f"{table}.{rest}", (f"{table}.{rest}",))
    found = form.tables[table]
    down = [_leaves(found, each.removeprefix(f"{table}.")) for each in rows]
    across = found.find(column, "column")
    if across is None or not all(down):
        return None
    cells = [f"{table}.{leaf}.{top.key}" for leaves in down for leaf in leaves for top in across.leaves()]
    return cells if all(each in form.cells for each in cells) else None


def _leaves(table: Table, row: str) -> list[str]:
    """The keys of the rows that a row or group has; a group may be but one row of an edition."""
    node = table.find(row, "row")
    if node:
        return [str(leaf.key) for leaf in node.leaves()]
    return [each.key for each in table.walk("row") if each.key and each.key.startswith(f"{row}.")]


@dataclass(frozen=True, slots=True)
class Tables:
    """A filing and last year's, asked for what statements mean."""

    filing: Filing | None
    previous: Filing | None

    def answer(self, statement: Statement) -> Answer:
        """What the tables say of a statement."""
        if statement.kind == "parts":
            return self._parts(statement)
        government = self.filing is not None and self.filing.level == "government"
        if statement.scope or (statement.local and government) or self._of_another_year(statement):
            return Answer("not_comparable")
        if self.filing is None:
            return Answer("no_table")
        if statement.unheld:
            return Answer("no_cell")
        try:
            return self._compare(statement, list(self._candidates(statement)))
        except UnheldError:
            return Answer("no_cell")

    def _of_another_year(self, statement: Statement) -> bool:
        known = self.filing.year if self.filing else None
        return None not in (known, statement.year) and statement.year != known

    def _parts(self, statement: Statement) -> Answer:
        assert statement.figure
        total = sum((each.value for each in statement.parts), start=0)
        return Answer("match" if total == statement.figure.value else "mismatch", total)

    def _candidates(self, statement: Statement) -> Iterator[tuple[tuple[Sum, ...], Callable[..., Number]]]:
        """The sums that each reading asks for, and what it makes of their values."""
        assert self.filing
        edition, strict = self.filing.edition, statement.strict
        match statement.kind:
            case "share":
                for part in self._read(edition, statement.base, strict):
                    for whole in self._wholes(statement):
                        yield (part, whole), _percent
            case "change":
                if self.previous is None:
                    raise UnheldError
                for each in self._read(edition, statement.base, strict):
                    yield (each, each.previous), (_growth if statement.meaning else _difference)
            case _:
                for each in self._read(edition, statement.meaning, strict):
                    if statement.last_year:
                        if self.previous is None:
                            raise UnheldError
                        yield (each.previous,), _itself
                    else:
                        yield (each,), _itself

    def _wholes(self, statement: Statement) -> Iterator[Sum]:
        assert self.filing
        column_less = dict.fromkeys(
            (*([statement.whole] if statement.whole else []), *_wholes_of(statement.base or ""))
        )
        for meaning in column_less:
            yield from self._read(self.filing.edition, meaning, strict=True)

    def _read(self, edition: str, meaning: str | None, strict: bool) -> Iterator[Sum]:
        if meaning is None:
            raise UnheldError
        found = [cells_of(edition, each) for each in readings(meaning, strict=strict)]
        known = [each for each in found if each]
        if not known:
            raise UnheldError
        yield from known

    def _compare(self, statement: Statement, candidates: list[tuple[tuple[Sum, ...], Callable[..., Number]]]) -> Answer:
        answers = [self._one(statement, sums, make) for sums, make in candidates]
        fitting = next((each for each in answers if each.verdict == "match"), None)
        if fitting:
            return fitting
        # A reading that cannot be looked at may be the one that fits.
        unread = next((each for each in answers if each.verdict == "not_assessable"), None)
        return unread or answers[0]

    def _one(self, statement: Statement, sums: tuple[Sum, ...], make: Callable[..., Number]) -> Answer:
        cells = tuple(dict.fromkeys(address for each in sums for address in each.cells))
        try:
            computed = make(*(each.value(self._number) for each in sums))
            low, high = self._bounds(statement)
        except UnreadError:
            return Answer("not_assessable", cells=cells)
        except UnheldError:
            return Answer("no_table", cells=cells)
        except ZeroDivisionError:
            return Answer("no_cell", cells=cells)
        if statement.kind in ("share", "change") and statement.figure and make is not _difference:
            computed = rounded(computed, statement.figure)
        if statement.meaning == "disclosure.fees.amount" and statement.figure:
            low, high = (None if each is None else Decimal(each) / 10000 for each in (low, high))
        fits = (low is None or computed >= low) and (high is None or computed <= high)
        return Answer("match" if fits else "mismatch", computed, cells, low, high)

    def _bounds(self, statement: Statement) -> tuple[Number | None, Number | None]:
        if statement.kind == "all":
            return (self._total(statement.whole),) * 2
        if statement.figure is None:
            return 0, 0
        return statement.figure.low, statement.figure.high

    def _total(self, whole: str | None) -> Number:
        if whole is None:
            return 0
        assert self.filing
        total = cells_of(self.filing.edition, whole)
        assert total, "the total of a row that was found"
        return total.value(self._number)

    def _number(self, address: str) -> Number:
        assert self.filing
        if address.startswith(PREVIOUS):
            assert self.previous
            value = self.previous.number_as(address.removeprefix(PREVIOUS), self.filing.edition)
        else:
            value = self.filing.number(address)
            table = address.partition(".")[0] + "."
            if value is None and not any(each.startswith(table) for each in self.filing.cells):
                raise UnheldError
        if value is None:
            raise UnreadError
        return value


def _itself(value: Number) -> Number:
    return value


def _percent(part: Number, whole: Number) -> Number:
    return Decimal(part) / Decimal(whole) * 100 if whole else _nothing()


def _growth(now: Number, before: Number) -> Number:
    return (Decimal(now) - before) / Decimal(before) * 100 if before else _nothing()


def _difference(now: Number, before: Number) -> Number:
    return now - before


def _nothing() -> Number:
    raise ZeroDivisionError


def rounded(value: Number, figure: Figure) -> Number:
    """`value` rounded half up to as many decimals as `figure` has."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-figure.decimals), ROUND_HALF_UP)
    return exact if figure.decimals else int(exact)


def _wholes_of(base: str) -> tuple[str, ...]:
    if base.startswith("disputes."):
        return (base.rpartition(".")[0] + ".total",)
    return patterns().wholes
