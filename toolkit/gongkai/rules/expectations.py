"""The closed list of expectations that rules may hold, with their arguments, and what words a view's columns know.

Those of Great Expectations' core that look at one row at a time: of a column, of a pair of columns, of several. Others
tell no rows, compare rows of different filings, or run what they are given. An argument has a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from gongkai.authored import shown
from gongkai.errors import AuthoringError, nearest
from gongkai.forms import Form
from gongkai.rules.model import Rule
from gongkai.rules.patterns import PatternError, check_pattern
from gongkai.rules.views import VIEWS, ColumnKind

Kind = Literal["column", "columns", "number", "flag", "pattern", "patterns", "words", "any_all"]

_RANGE: dict[str, Kind] = {
    "min_value": "number",
    "max_value": "number",
    "strict_min": "flag",
    "strict_max": "flag",
}
_PAIR: dict[str, Kind] = {"column_A": "column", "column_B": "column"}

ARGUMENTS: Mapping[str, Mapping[str, Kind]] = {
    "expect_column_values_to_be_between": {"column": "column", **_RANGE},
    "expect_column_values_to_be_in_set": {"column": "column", "value_set": "words"},
    "expect_column_values_to_not_be_in_set": {"column": "column", "value_set": "words"},
    "expect_column_values_to_match_regex": {"column": "column", "regex": "pattern"},
    "expect_column_values_to_not_match_regex": {"column": "column", "regex": "pattern"},
    "expect_column_values_to_match_regex_list": {"column": "column", "regex_list": "patterns", "match_on": "any_all"},
    "expect_column_values_to_not_match_regex_list": {"column": "column", "regex_list": "patterns"},
    "expect_column_value_lengths_to_be_between": {"column": "column", **_RANGE},
    "expect_column_value_lengths_to_equal": {"column": "column", "value": "number"},
    "expect_column_pair_values_to_be_equal": _PAIR,
    "expect_column_pair_values_a_to_be_greater_than_b": {**_PAIR, "or_equal": "flag"},
    "expect_multicolumn_sum_to_equal": {"column_list": "columns", "sum_total": "number"},
    "expect_multicolumn_values_to_be_equal": {"column_list": "columns"},
    "expect_select_column_values_to_be_unique_within_record": {"column_list": "columns"},
}
"""What each expectation takes."""

OPTIONAL = ("min_value", "max_value", "strict_min", "strict_max", "match_on", "or_equal")
"""The arguments that may be left out, of bounds all but one."""

_NUMBERS = (
    "expect_column_values_to_be_between",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_multicolumn_sum_to_equal",
)
"""The expectations of columns of numbers; those of one column besides are of text, all others of either."""

MANY = 200
"""Words, columns or patterns of a list."""
LARGEST = 10**15
"""More than any number of a report, and less than what a float no longer holds exactly."""

_WORDS: Mapping[tuple[str, str], Sequence[str]] = {
    ("cells", "kind"): ("number", "blank", "placeholder", "unreadable", "missing"),
    ("cells", "measure"): ("count", "amount", "change"),
    ("tables", "kind"): ("present", "picture", "missing"),
    ("sections", "kind"): ("present", "missing", "beyond"),
    ("texts", "kind"): ("present", "nothing", "missing"),
    ("announced", "what"): ("count", "name"),
    ("names", "place"): ("title", "signed", "signature", "prose"),
    ("years", "place"): ("title", "signed", "signature", "prose"),
    ("dates", "what"): ("published", "signed"),
    ("claims", "kind"): ("figure", "zero", "all", "share", "change"),
    ("claims", "wording"): ("strict", "loose"),
    ("parts", "family"): ("processing_fee", "other"),
    ("likeness", "what"): ("text", "table"),
    ("roster", "kind"): ("present", "missing"),
}
"""All that columns hold whose words are few; a rule that asks for another would never find anything."""


def known_words(view: str, column: str, form: Form) -> Sequence[str] | None:
    """All words that a column of a view may hold on an edition of the form; None where it may hold any."""
    match view, column:
        case "cells", "address":
            return list(form.cells)
        case "cells", "table":
            return list(form.tables)
        case "texts", "key":
            return [key for section in form.sections for key in (section.text, *(p.text for p in section.parts)) if key]
    return _WORDS.get((view, column))


def check_expectation(rule: Rule, *, file: str) -> None:
    """Raises AuthoringError for an expectation, an argument or a value that no rule over its view may hold."""
    assert rule.expect and rule.view, "only asked of expectations, which have a view"
    known = ARGUMENTS.get(rule.expect)
    if known is None:
        raise AuthoringError("unknown_word", file=file, name=rule.expect, nearest=nearest(rule.expect, ARGUMENTS))
    for name in rule.arguments:
        if name not in known:
            raise AuthoringError("unknown_key", file=file, place="arguments", name=name, nearest=nearest(name, known))
    for name, kind in known.items():
        if name in rule.arguments:
            _check_value(rule.arguments[name], name, kind, file)
        elif name not in OPTIONAL:
            raise AuthoringError("missing_key", file=file, place="arguments", name=name)
    _check_columns(rule, file)
    if "min_value" in known:
        _check_bounds(rule.arguments, file)
    _check_where(rule, file)


def _check_where(rule: Rule, file: str) -> None:
    for column, words in rule.where.items():
        if VIEWS[str(rule.view)][column] == "number":
            raise AuthoringError("number_column", file=file, place="where", name=column)
        if not words:
            raise AuthoringError("empty_name", file=file, place="where", name=column)


def check_words(rule: Rule, form: Form, *, file: str) -> None:
    """Raises AuthoringError for a word that a rule looks for in a column that never holds it."""
    assert rule.view, "only asked of expectations, which have a view"
    asked = [(column, word) for column, words in rule.where.items() for word in words]
    column = rule.arguments.get("column")
    asked += [(str(column), word) for word in rule.arguments.get("value_set", ())]
    for column, word in asked:
        known = known_words(rule.view, column, form)
        if known is not None and word not in known:
            raise AuthoringError("unknown_word", file=file, place=column, name=word, nearest=nearest(str(word), known))


def columns_of(rule: Rule) -> tuple[str, ...]:
    """The columns of its view that an expectation compares."""
    named = [rule.arguments[name] for name in ("column", "column_A", "column_B") if name in rule.arguments]
    return (*named, *rule.arguments.get("column_list", ()))


def _check_value(value: Any, name: str, kind: Kind, file: str) -> None:
    fits = {
        "column": isinstance(value, str),
        "columns": _is_list(value, str) and len(set(value)) == len(value) > 1,
        "number": _is_number(value),
        "flag": isinstance(value, bool),
        "pattern": isinstance(value, str),
        "patterns": _is_list(value, str),
        "words": _is_list(value, str) or (_is_list(value, int, float) and all(map(_is_number, value))),
        "any_all": value in ("any", "all"),
    }
    if not fits[kind]:
        raise AuthoringError(f"argument_{kind}", file=file, place=f"arguments.{name}", value=shown(value))
    for pattern in {"pattern": [value], "patterns": value}.get(kind, ()):
        try:
            check_pattern(pattern)
        except PatternError as error:
            raise AuthoringError(error.key, file=file, place=f"arguments.{name}", **error.values) from None


def _check_columns(rule: Rule, file: str) -> None:
    """That the view has the columns, and that they hold what the expectation can look at."""
    known, columns = VIEWS[str(rule.view)], columns_of(rule)
    for column in columns:
        if column not in known:
            raise AuthoringError(
                "unknown_word", file=file, place="arguments", name=column, nearest=nearest(column, known)
            )
    for column in columns:
        wanted = _wanted(rule) or known[columns[0]]
        if known[column] != wanted:
            key = "number_column" if wanted == "text" else "text_column"
            raise AuthoringError(key, file=file, place="arguments", name=column)


def _wanted(rule: Rule) -> ColumnKind | None:
    """What the columns must hold; None where they need only hold the same."""
    if rule.expect in _NUMBERS:
        return "number"
    if "value_set" in rule.arguments:
        return "text" if isinstance(rule.arguments["value_set"][0], str) else "number"
    return "text" if "column" in rule.arguments else None


def _check_bounds(arguments: Mapping[str, Any], file: str) -> None:
    low, high = (arguments.get(name) for name in ("min_value", "max_value"))
    if low is None and high is None:
        raise AuthoringError("missing_key", file=file, place="arguments", name="max_value")
    if low is not None and high is not None and low > high:
        raise AuthoringError("bounds", file=file, place="arguments", low=low, high=high)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and abs(value) <= LARGEST  # type: ignore[arg-type]  # which nan is not


def _is_list(value: object, *kinds: type) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MANY and all(type(each) in kinds for each in value)
