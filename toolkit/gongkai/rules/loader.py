"""Reads the rules of an edition and refuses, by file and rule, what an author got wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gongkai.authored import load_yaml, validate
from gongkai.errors import AuthoringError, UsageError, nearest
from gongkai.forms import Form, editions, load_form
from gongkai.rules.equations import equations
from gongkai.rules.model import Rule
from gongkai.rules.own import LOCAL, Adjustment, Change, adjusted, load_own
from gongkai.workspace import find_workspace, package_data

NAME = "expectations"
EVERY = "every"
"""The folder of the rules that are the same in every edition: those about prose, dates and documents."""


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of an edition, and what an office has done to them."""

    rules: tuple[Rule, ...]
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The files of own rules, by the key of the rule."""
    changed: Mapping[tuple[str, str], Change] = field(default_factory=dict)
    """What was changed of rules, by their keys."""
    off: Mapping[tuple[str, str], Change] = field(default_factory=dict)
    """The rules that were switched off, and so are not among `rules`, by their keys."""


def load_rules(edition: str, folder: Path | None = None) -> tuple[Rule, ...]:
    """The rules of an edition: of cells, of each table in the form's order, then the others; in a file as written.

    They are in `folder`, else in the workspace's expectations, else in ours: in a folder for each edition and one for
    those of every edition. What stands in a folder `local` there comes on top of them, or of ours where no others are.
    Raises UsageError for an edition without rules (which must never look clean), AuthoringError for a faulty rule.
    """
    return load_book(edition, folder).rules


def load_book(edition: str, folder: Path | None = None) -> Book:
    """The rules of an edition as `load_rules` has them, with what an office has done to them."""
    own = _own(folder)
    return _load(edition, _base(folder), own / LOCAL if (own / LOCAL).is_dir() else None)


def rule_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """The folders that rules come from: whatever changes there may change what is found."""
    own = _own(folder)
    ours = package_data(NAME)
    needed = [own] if own.is_dir() else []
    return (*needed, *(() if _base(folder) == own else (ours,)))


def _own(folder: Path | None) -> Path:
    return folder or find_workspace() / NAME


def _base(folder: Path | None) -> Path:
    """Where the rules are that own ones come on top of: what holds nothing but own ones does not replace ours."""
    own = _own(folder)
    is_copy = any((own / each).is_dir() for each in (*editions(), EVERY))
    if (own / LOCAL).is_dir() and not is_copy:
        return package_data(NAME)
    return own if folder or own.is_dir() else package_data(NAME)


@cache
def _load(edition: str, base: Path, local: Path | None) -> Book:
    rules = _of_edition(edition, base)
    if local is None:
        return Book(rules)
    form, own = load_form(edition), load_own(local)
    files = {rule.key: file for rule, fitting, file in own.rules if edition in fitting}
    known = {rule.key: rule for rule in (*rules, *(rule for rule, fitting, _ in own.rules if edition in fitting))}
    elsewhere = {key for each in editions() for key in _keys(each, base)} | {rule.key for rule, _, _ in own.rules}
    changed: dict[tuple[str, str], Change] = {}
    off: dict[tuple[str, str], Change] = {}
    for adjustment, file in own.adjustments:
        place = f"{file}:{adjustment.adjust}"
        for key in _meant(adjustment, known, elsewhere, place):
            if key in changed or key in off:
                raise AuthoringError("duplicate", file=file, place="adjust", name=" ".join(filter(None, key)))
            done = off if adjustment.off else changed
            done[key] = Change(known[key], adjustment.reason, file)
            known[key] = adjusted(known[key], adjustment, form, file=place)
    return Book(tuple(rule for key, rule in known.items() if key not in off), files, changed, off)


def _keys(edition: str, base: Path) -> Iterator[tuple[str, str]]:
    try:
        yield from (rule.key for rule in _of_edition(edition, base))
    except UsageError:  # an edition that an office has no rules of
        return


def _meant(
    adjustment: Adjustment, known: Iterable[tuple[str, str]], elsewhere: Iterable[tuple[str, str]], file: str
) -> list[tuple[str, str]]:
    """The rules of the edition that an adjustment is about; none where only other editions have them."""
    code, part = adjustment.adjust, adjustment.part
    parts = {key[1] for key in elsewhere if key[0] == code}
    if not parts:
        hint = nearest(code, {key[0] for key in elsewhere})
        raise AuthoringError("unknown_word", file=file, place="adjust", name=code, nearest=hint)
    if part is not None and part not in parts:
        raise AuthoringError("unknown_word", file=file, place="part", name=part, nearest=nearest(part, parts))
    return [key for key in known if key[0] == code and part in (None, key[1])]


@cache
def _of_edition(edition: str, base: Path) -> tuple[Rule, ...]:
    form, folder = load_form(edition), base / edition
    order = ["cells", *form.tables]
    if not list(folder.glob("*.yaml")):
        raise UsageError("edition_without_rules", file=base.name, edition=edition)
    paths = [path for each in (folder, base / EVERY) for path in each.glob("*.yaml")]

    def place(path: Path) -> tuple[int, str]:
        return (order.index(path.stem) if path.stem in order else len(order), path.stem)

    return load_rule_files(sorted(paths, key=place), form)


def load_rule_files(paths: list[Path], form: Form) -> tuple[Rule, ...]:
    """The rules in `paths`, checked against `form`."""
    rules: dict[tuple[str, str], Rule] = {}
    for path in paths:
        for rule in _rules_of(path):
            if rule.key in rules:
                raise AuthoringError("duplicate", file=path.name, place="rule", name=rule.rule)
            if rule.balance:
                equations(rule, form, file=path.name)
            rules[rule.key] = rule
    return tuple(rules.values())


def _rules_of(path: Path) -> list[Rule]:
    data = load_yaml(path)
    if not isinstance(data, list):
        raise AuthoringError("not_a_list", file=path.name)
    # A fault is told by the rule's code, which an author can search for, where there is one.
    return [
        validate(Rule, each, file=f"{path.name}:{each.get('rule', number) if isinstance(each, dict) else number}")
        for number, each in enumerate(data, start=1)
    ]
