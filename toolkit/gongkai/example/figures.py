"""Figures as sentences and faults name them: a cell, a row's total, the sum of a group; sums and conditions of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from gongkai.example.arithmetic import Number, Numbers, plain
from gongkai.forms import Form, load_form
from gongkai.rules.equations import PREVIOUS
from gongkai.rules.grammar import Balance, Term, parse

_SPOKEN = {"disputes.litigation": ("disputes.direct_suit", "disputes.suit_after_reconsideration")}
"""Rows that people count together, though the form has no name for them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """An agency's figures of a year, and of the year before where it is at hand."""

    form: Form
    numbers: Numbers
    last: Numbers | None

    def value(self, meaning: str) -> Number:
        """The figure that a term means: an address, of requests perhaps without its column, or that of a group.

        With ``previous.`` before it, that of the year before.
        """
        if meaning.startswith(PREVIOUS):
            assert self.last is not None, "compared with last year"
            return Figures(self.form, self.last, None).value(meaning.removeprefix(PREVIOUS))
        if meaning.startswith("processing_fee."):
            return self.numbers[meaning]
        return sum(self.numbers[address] for address in addresses(self.form.edition, meaning))

    def name(self, meaning: str) -> str:
        """What the row that a term means is called in the reports' language."""
        table, _, rest = meaning.partition(".")
        rows = self.form.tables[table]
        node = rows.find(rest, "row") or rows.find(rest.rpartition(".")[0], "row")
        assert node, meaning
        return node.name.zh

    def sum(self, formula: str) -> Number:
        """What a side of a balance, in the grammar of the rules, comes to."""
        return self._sum(_parsed(f"0 = {formula}").right)

    def holds(self, conditions: Iterable[str]) -> bool:
        """Whether every balance holds. One that asks for a last year that is not at hand does not."""
        return all(self._holds(_parsed(each)) for each in conditions)

    def _holds(self, balance: Balance) -> bool:
        if self.last is None and any(name.startswith(PREVIOUS) for name in balance.names):
            return False
        delta = self._sum(balance.left) - self._sum(balance.right)
        return {"=": delta == 0, "<=": delta <= 0, ">=": delta >= 0}[balance.relation]

    def _sum(self, terms: Iterable[Term]) -> Number:
        return sum(term.coefficient * (self.value(term.name) if term.name else 1) for term in terms)

    def told(self, text: str, words: Mapping[str, str]) -> str:
        """`text` with its words and figures: ``{agency}``, ``{requests.refused}``, ``{change_percent:…}``."""

        def figure(match: re.Match[str]) -> str:
            if match[1] in words:
                return words[match[1]]
            kind, _, meaning = match[1].rpartition(":")
            assert kind in ("", "change_percent"), match[1]
            return self._change(meaning) if kind else plain(self.value(meaning))

        return re.sub(r"\{([^}]+)\}", figure, text)

    def _change(self, meaning: str) -> str:
        """By how many per cent a figure differs from that of the year before."""
        before = Decimal(self.value(PREVIOUS + meaning))
        change = abs(self.value(meaning) - before) / before * 100
        return str(change.quantize(Decimal("0.1"), ROUND_HALF_UP))


@cache
def addresses(edition: str, meaning: str) -> tuple[str, ...]:
    """The cells that a term means."""
    table, _, rest = meaning.partition(".")
    found = load_form(edition).tables[table]
    if found.find(rest, "row") is not None:
        row, column = rest, "total"
    else:
        row, column = rest.rsplit(".", 1)
    rows = _SPOKEN.get(f"{table}.{row}", (f"{table}.{row}",))
    nodes = [node for each in rows if (node := found.find(each.removeprefix(f"{table}."), "row"))]
    across = found.find(column, "column")
    assert nodes and across, meaning
    cells = [f"{table}.{leaf.key}.{top.key}" for node in nodes for leaf in node.leaves() for top in across.leaves()]
    assert all(address in load_form(edition).cells for address in cells), meaning
    return tuple(cells)


@cache
def _parsed(text: str) -> Balance:
    return parse(text)
