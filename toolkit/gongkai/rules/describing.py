"""What a rule says, in words and as plain data: what is compared where, for whom, from which document, marking what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.catalogues import say
from gongkai.errors import UsageError, nearest
from gongkai.forms import Form, editions, load_form
from gongkai.rules.equations import Equation, condition, equations, side_in_words
from gongkai.rules.loader import load_book
from gongkai.rules.model import Agencies, Rule
from gongkai.rules.own import FAMILIES, Change
from gongkai.wording import MANY, cell_in_words, listed

_SIGNS = {"=": "=", "<=": "≤", ">=": "≥"}
_BOUNDS = (("min_value", "strict_min", ">"), ("max_value", "strict_max", "<"))


@dataclass(frozen=True, slots=True)
class Known:
    """A rule, or a part of one, with the editions that have it and what an office has done to it."""

    rule: Rule
    editions: tuple[str, ...]
    file: str | None
    """The file of an own rule."""
    changed: Change | None
    off: Change | None

    @property
    def family(self) -> str:
        """The word before the first hyphen of the code."""
        return self.rule.rule.partition("-")[0]


def known_rules(edition: str | None = None, folder: Path | None = None) -> list[Known]:
    """All rules, those that are switched off too, by family and then as written; of one edition, or of all.

    A rule of several editions stands here as the newest has it. Raises UsageError where there are no rules.
    """
    found: dict[tuple[str, str], Known] = {}
    for each in [edition] if edition else sorted(editions()):
        try:
            book = load_book(each, folder)
        except UsageError:
            if edition or each == max(editions()):
                raise
            continue  # an edition that an office has no rules of
        rules = [*book.rules, *(change.before for change in book.off.values())]
        for rule in rules:
            before = found[rule.key].editions if rule.key in found else ()
            key = rule.key
            found[key] = Known(rule, (*before, each), book.files.get(key), book.changed.get(key), book.off.get(key))
    order = {family: number for number, family in enumerate(FAMILIES)}
    return sorted(found.values(), key=lambda known: order.get(known.family, len(order)))


def explained(code: str, edition: str | None = None, folder: Path | None = None) -> list[Known]:
    """The parts of the rule `code`. Raises UsageError, with the nearest code, where there is none."""
    every = known_rules(edition, folder)
    found = [known for known in every if known.rule.rule == code]
    if not found:
        raise UsageError("unknown_rule", name=code, nearest=nearest(code, {known.rule.rule for known in every}))
    return found


def in_short(known: Known) -> dict[str, Any]:
    """What a list of rules has of one."""
    rule, changed, off = known.rule, known.changed, known.off
    return {
        "code": rule.rule,
        "part": rule.part,
        "family": known.family,
        "severity": rule.severity,
        "title": str(rule.title),
        "editions": list(known.editions),
        "from": known.file or "gongkai",
        "changed": {"reason": changed.reason, "file": changed.file} if changed else None,
        "off": {"reason": off.reason, "file": off.file} if off else None,
    }


def in_full(known: Known) -> dict[str, Any]:
    """All that can be said of a rule, on the newest edition that has it, as plain data."""
    rule, form = known.rule, load_form(known.editions[-1])
    held = equations(rule, form) if rule.balance else ()
    cells = list(dict.fromkeys(address for each in held for address in each.cells))
    return in_short(known) | {
        "basis": rule.basis,
        "compared": list(_compared(rule, held)),
        "where": rule.where,
        "when": _condition(held, form),
        "tolerance": rule.tolerance,
        "agencies": rule.agencies.model_dump(exclude_unset=True, mode="json"),
        "message": str(rule.message) if rule.message else None,
        "cells": cells,
        "workbook": _in_workbook(rule, held, form),
    }


def in_words(known: Known) -> Iterator[str]:
    """The lines that explain a rule."""
    rule, told, form = known.rule, in_full(known), load_form(known.editions[-1])
    part = say("rules.part", part=rule.part) if rule.part else ""
    yield f"{rule.rule}{part}  {say(f'severity.{rule.severity}')}  {rule.title}"
    yield say("rules.basis", basis=rule.basis)
    for each in told["compared"]:
        yield say("rules.compared", words=each["words"])
        if each["places"]:
            yield say("rules.places", places=listed(each["places"]))
    if rule.where:
        yield say("rules.where", columns=listed(f"{name} = {' / '.join(each)}" for name, each in rule.where.items()))
    if told["when"]:
        yield say("rules.when", words=told["when"])
    if rule.tolerance:
        yield say("rules.tolerance", tolerance=rule.tolerance)
    yield say("rules.agencies", agencies=_agencies(rule.agencies))
    yield say("rules.message", message=rule.message or say("rules.balance_message"))
    yield say("rules.cells", cells=_cells(rule, told["cells"], form))
    yield say(f"rules.workbook_{told['workbook']}")
    yield say("rules.editions", editions=listed(known.editions))
    yield from done_to(known)


def done_to(known: Known) -> Iterator[str]:
    """Lines that say where an own rule is from, or what an office has done to one."""
    if known.file:
        yield say("rules.own", file=known.file)
    if known.changed:
        severity = say(f"severity.{known.changed.before.severity}")
        yield say("rules.changed", severity=severity, reason=known.changed.reason, file=known.changed.file)
    if known.off:
        yield say("rules.switched_off", reason=known.off.reason, file=known.off.file)


def _compared(rule: Rule, held: Sequence[Equation]) -> Iterator[dict[str, Any]]:
    """What is compared, in words, each with the places where it is; of an expectation there is one, without places."""
    if rule.expect:
        view = say(f"rules.view.{rule.view}", view=rule.view)
        yield {"words": f"{view}{say('error.where')}{_expected(rule)}", "places": []}
        return
    found: dict[str, list[str]] = {}
    for each in held:
        words = _equation_in_words(each)
        found.setdefault(words, []).extend([str(each.place_name)] if each.place else [])
    yield from ({"words": words, "places": places} for words, places in found.items())


def _equation_in_words(equation: Equation) -> str:
    return f"{side_in_words(equation.left)} {_SIGNS[equation.relation]} {side_in_words(equation.right)}"


def _expected(rule: Rule) -> str:
    arguments: Mapping[str, Any] = rule.arguments
    bounds = [
        f"{sign if arguments.get(strict) else _SIGNS[sign + '=']} {arguments[name]}"
        for name, strict, sign in _BOUNDS
        if arguments.get(name) is not None
    ]
    values = {name: listed(map(str, each)) if isinstance(each, list) else each for name, each in arguments.items()}
    or_equal = "≥" if arguments.get("or_equal") else ">"
    words = {"bounds": listed(bounds), "sign": or_equal, "match_on": arguments.get("match_on", "any")}
    return say(f"rules.expect.{rule.expect}", **(words | values))


def _condition(held: Sequence[Equation], form: Form) -> str | None:
    when = condition(held[0], form) if held else None
    return _equation_in_words(when) if when else None


def _in_workbook(rule: Rule, held: Sequence[Equation], form: Form) -> str:
    if not (rule.balance and rule.table and rule.in_workbook):
        return "no"
    asked = [each for equation in held for each in (equation, condition(equation, form)) if each]
    return "last_year" if any(each.previous for each in asked) else "yes"


def _agencies(agencies: Agencies) -> str:
    levels = [say(f"rules.level.{each}") for each in agencies.level]
    tiers = [say(f"rules.tier.{each}") for each in agencies.tier]
    named = [say("rules.named", pattern=agencies.name)] if agencies.name else []
    told = [say("rules.or").join(each) for each in (levels, tiers, named) if each]
    return listed(told) or say("rules.all_agencies")


def _cells(rule: Rule, addresses: Sequence[str], form: Form) -> str:
    if rule.expect:
        return say("rules.cells_of_line") if rule.view != "cells" else say("rules.cells_itself")
    if len(addresses) <= MANY:
        return listed(cell_in_words(form, address) for address in addresses)
    tables = dict.fromkeys(str(form.tables[form.cells[each].table].name) for each in addresses)
    return say("rules.cells_many", count=len(addresses), tables=listed(tables))
