"""Reads the rules of an edition and refuses, by file and rule, what an author got wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gongkai.authored import load_yaml, validate
from gongkai.errors import AuthoringError, UsageError
from gongkai.forms import Form, load_form
from gongkai.rules.equations import equations
from gongkai.rules.model import Rule
from gongkai.workspace import find_data

EVERY = "every"
"""The folder of the rules that are the same in every edition: those about prose, dates and documents."""


def load_rules(edition: str, folder: Path | None = None) -> tuple[Rule, ...]:
    """The rules of an edition: of cells, of each table in the form's order, then the others; in a file as written.

    They are in `folder`, which has a folder for each edition and one for those of every edition; else in the
    workspace's expectations, else in ours.
    Raises UsageError for an edition without rules (which must never look clean), AuthoringError for a faulty rule.
    """
    return _load(edition, (folder or find_data("expectations")) / edition)


@cache
def _load(edition: str, folder: Path) -> tuple[Rule, ...]:
    form = load_form(edition)
    order = ["cells", *form.tables]
    if not list(folder.glob("*.yaml")):
        raise UsageError("edition_without_rules", file=folder.parent.name, edition=edition)
    paths = [path for each in (folder, folder.parent / EVERY) for path in each.glob("*.yaml")]

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
