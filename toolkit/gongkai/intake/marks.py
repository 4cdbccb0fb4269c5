"""The live marks of the workbook: the balances of the rules as formulas, with last year's figures where they need them.

A balance over rows is marked under the table, one over columns beside it. Where rows are laid across, all marks stand
under the table, beneath the last operand. A mark says one of three things: incomplete, balanced, not balanced by how
much (the left side less the right side).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gongkai.catalogues import say
from gongkai.filing import Filing, decimal_text
from gongkai.forms import Form
from gongkai.intake.blueprint import TABLE_TOP, place_of
from gongkai.intake.book import Place, place_name
from gongkai.intake.spreadsheet import Formula, Value, quoted
from gongkai.rules import Equation, can_be_run, condition, equations, load_rules
from gongkai.rules.equations import PREVIOUS, Number, Part
from gongkai.tables import GridCell, layout

DECIMALS = 6
"""Digits after the point that a difference keeps: more than amounts have, fewer than floats blur."""

Kind = Literal["figure", "mark"]


@dataclass(slots=True)
class Strip:
    """A row of cells under a table or a column of cells beside it: last year's figures, or the marks of one rule."""

    label: str
    kind: Kind
    side: Literal["under", "beside"]
    line: int
    """Its row (under) or column (beside) on the sheet."""
    entries: dict[Place, tuple[Value | Formula, int]] = field(default_factory=dict)
    """What stands at each place, and over how many columns."""

    def put(self, cell: GridCell, value: Value | Formula) -> None:
        """Enter `value` beneath or beside a cell of the table."""
        self.entries[self.at(cell)] = value, cell.colspan if self.side == "under" else 1

    def at(self, cell: GridCell) -> Place:
        """The place in this strip beneath or beside a cell of the table."""
        row, column = place_of(cell)
        return (self.line, column) if self.side == "under" else (row, self.line)


class Margin:
    """The strips around one table. Rules that need last year's figures take part only where `previous` compares."""

    def __init__(self, form: Form, table: str, previous: Filing | None) -> None:
        self._grid = layout(form.edition, table)
        self._cells = {cell.address: cell for cell in self._grid.values()}
        self._edition, self._previous = form.edition, previous
        self._strips: dict[tuple[str, ...], Strip] = {}
        self.across = any(band.across for band in form.tables[table].bands)
        self.prompts: dict[str, list[str]] = defaultdict(list)
        """Last year's figures, in words, by the address of the cell that follows from them."""
        held = list(_held(form, table, previous))
        # Figures come first, so that they stand next to the table and every formula finds them in their place.
        for equation, when in held:
            for part in _parts(equation, when):
                if part.is_previous:
                    self._show(equation, part)
        for equation, when in held:
            strip = self._strip("mark", equation, "/".join(equation.rule.key), str(equation.rule.title))
            strip.put(self._anchor(equation), Formula("=" + self._mark(equation, when)))

    @property
    def strips(self) -> tuple[Strip, ...]:
        """All strips, from the table outwards."""
        return tuple(self._strips.values())

    def _strip(self, kind: Kind, equation: Equation, name: str, label: str) -> Strip:
        under = self.across or equation.rule.each == "column"
        key = (kind, name, "under" if under else "beside")
        if key not in self._strips:
            before = sum((strip.side == "under") == under for strip in self._strips.values())
            # A gap sets the margin off from the table; laid across, each strip has its label in a row of its own.
            if under:
                line = TABLE_TOP + self._grid.height + 1 + (2 * before + 1 if self.across else before)
            else:
                line = self._grid.width + 2 + before
            self._strips[key] = Strip(label, kind, "under" if under else "beside", line)
        return self._strips[key]

    def _anchor(self, equation: Equation) -> GridCell:
        return self._cells[equation.cells[-1 if self.across else 0]]

    def _figure(self, equation: Equation, part: Part) -> Strip:
        label = say("rule.last_year", name=part.name)
        return self._strip("figure", equation, label, label)

    def _show(self, equation: Equation, part: Part) -> None:
        """Show last year's figure for `part`, and say it at the cell that a rule names first: that follows from it."""
        strip, value = self._figure(equation, part), self._last_year(part)
        strip.put(self._anchor(equation), say("workbook.no_figure") if value is None else value)
        shown = say("workbook.no_figure") if value is None else decimal_text(Decimal(value))
        prompt = say("workbook.prompt", name=strip.label, value=shown)
        if prompt not in self.prompts[equation.cells[0]]:
            self.prompts[equation.cells[0]].append(prompt)

    def _last_year(self, part: Part) -> Number | None:
        assert self._previous, "rules that need last year's figures are left out without them"
        numbers = [self._previous.number_as(each.removeprefix(PREVIOUS), self._edition) for each in part.cells]
        known = [number for number in numbers if number is not None]
        return sum(known, start=0) if len(known) == len(numbers) else None

    def _places(self, equation: Equation, part: Part, anchor: GridCell) -> list[Place]:
        if part.is_previous:
            return [self._figure(equation, part).at(anchor)]
        return [place_of(self._cells[address]) for address in part.cells]

    def _mark(self, equation: Equation, when: Equation | None) -> str:
        # A condition stands at the same place as its equation, whatever cells it names itself.
        anchor = self._anchor(equation)
        parts = _parts(equation, when)
        needed = list(dict.fromkeys(place for part in parts for place in self._places(equation, part, anchor)))
        difference = self._difference(equation, anchor)
        wrong = f"{quoted(say('workbook.unbalanced'))}&{difference}"
        mark = f"IF({_holds(equation, difference)},{quoted(say('workbook.balanced'))},{wrong})"
        if when:
            mark = f'IF({_holds(when, self._difference(when, anchor))},{mark},"")'
        return f"IF(COUNT({_ranges(needed)})<{len(needed)},{quoted(say('workbook.incomplete'))},{mark})"

    def _difference(self, equation: Equation, anchor: GridCell) -> str:
        """The left side less the right side."""
        terms: dict[int, list[Place]] = defaultdict(list)
        constant = 0
        for sign, side in ((1, equation.left), (-1, equation.right)):
            for part in side.parts:
                if part.cells:
                    terms[sign * part.coefficient] += self._places(equation, part, anchor)
                else:
                    constant += sign * part.coefficient
        sums = [f"{factor:+d}*SUM({_ranges(places)})" for factor, places in terms.items()]
        return f"ROUND({''.join(sums)}{constant:+d},{DECIMALS})"


def _held(form: Form, table: str, previous: Filing | None) -> Iterator[tuple[Equation, Equation | None]]:
    """The equations of a table that can be run, each with its condition."""
    for rule in load_rules(form.edition):
        if rule.balance and rule.table == table and rule.in_workbook:
            for equation in equations(rule, form):
                when = condition(equation, form)
                if can_be_run(equation, when, form, previous):
                    yield equation, when


def _parts(equation: Equation, when: Equation | None) -> Iterator[Part]:
    for each in (equation, when) if when else (equation,):
        yield from (part for part in each.left.parts + each.right.parts if part.cells)


def _holds(equation: Equation, difference: str) -> str:
    tolerance = equation.rule.tolerance
    return {
        "=": f"ABS({difference})<={tolerance}",
        "<=": f"{difference}<={tolerance}",
        ">=": f"{difference}>=-{tolerance}",
    }[equation.relation]


def _ranges(places: Iterable[Place]) -> str:
    """`places` as arguments of a function, runs down or along drawn together."""
    runs: list[list[Place]] = []
    for place in places:
        run = runs[-1] if runs else []
        step = (place[0] - run[-1][0], place[1] - run[-1][1]) if run else None
        before = (run[1][0] - run[0][0], run[1][1] - run[0][1]) if len(run) > 1 else step
        if step in ((1, 0), (0, 1)) and step == before:
            run.append(place)
        else:
            runs.append([place])
    ends = [(place_name(run[0]), place_name(run[-1])) for run in runs]
    return ",".join(first if first == last else f"{first}:{last}" for first, last in ends)
