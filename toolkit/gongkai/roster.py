"""The roster: which agencies there are, and what is known of each, as CSV, workbook (its first sheet) or YAML."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from gongkai.authored import Model, load_yaml, parse_yaml, shown, validate, yaml_records
from gongkai.errors import AuthoringError, nearest
from gongkai.execute.parameters import is_plain
from gongkai.filing import LEVELS
from gongkai.intake import Document, archive, load, xls
from gongkai.intake.containers import contained
from gongkai.intake.numbers import plain
from gongkai.intake.spreadsheet import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A line of the roster."""

    agency: str
    code: str
    level: str
    parent: str = ""
    """The code of the agency above it, which is in the roster too."""
    input: str = ""
    previous: str = ""
    received_at: date | None = None
    published_at: date | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the notebook for this agency only."""


REQUIRED = ("agency", "code", "level")
KEYS = tuple(each.name for each in fields(Agency))

YAML = (".yaml", ".yml")

HEIGHT, WIDTH = 2**20, 2 * len(KEYS)
"""How much of a sheet is looked at: all its rows, and more columns than a roster has."""

LONGEST = 4000
"""Characters of the overrides in one cell; far more could be nested so deep that reading them fails."""


def load_roster(path: Path) -> list[tuple[int, Agency]]:
    """The agencies of a roster, each with the line or row that it stands on.

    Raises AuthoringError naming file and line of what is wrong, InputError for a file that cannot be read.
    """
    document = contained(load(path))
    if archive.recognises(document.content) or xls.recognises(document.content):
        records = _under_heads(_rows_of_sheet(document), path.name)
    elif path.suffix.lower() in YAML:
        records = _under_keys("\n".join(document.lines()), path.name)
    else:
        records = _under_heads(_rows_of_csv(document), path.name)
    agencies = [(line, _agency(values, path.name, line)) for line, values in records]
    if not agencies:
        raise AuthoringError("roster_empty", file=path.name)
    _check_codes(agencies, path.name)
    return agencies


def _rows_of_csv(document: Document) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(io.StringIO("\n".join(document.lines())), strict=True)
    try:
        for row in rows:
            yield rows.line_num, [value.strip() for value in row]
    except csv.Error as error:
        raise AuthoringError("roster_csv", file=document.name, place=rows.line_num, reason=error) from error


def _rows_of_sheet(document: Document) -> Iterator[tuple[int, list[str]]]:
    """The rows in which something stands, all as long as the first of them, or longer."""
    book = Book(document)
    sheet = book.sheet(next(iter(book.names), ""), height=HEIGHT, width=WIDTH)
    rows: dict[int, dict[int, str]] = {}
    for place in sorted({*sheet.texts, *sheet.uncomputed}):
        if text := sheet.text(place).strip():
            rows.setdefault(place[0], {})[place[1]] = text
    width = max(next(iter(rows.values()), {0: ""}))
    for row, texts in rows.items():
        yield row, [texts.get(column, "") for column in range(1, max(width, *texts) + 1)]


def _under_heads(rows: Iterable[tuple[int, list[str]]], file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    heads: list[str] = []
    for line, values in rows:
        if not any(values):
            continue
        if not heads:
            heads = _keys(values, file, line)
            if missing := [each for each in REQUIRED if each not in heads]:
                known = ", ".join(REQUIRED)
                raise AuthoringError("roster_columns", file=file, place=line, name=missing[0], known=known)
        elif len(values) != len(heads):
            raise AuthoringError("roster_fields", file=file, place=line, count=len(values), wanted=len(heads))
        else:
            yield line, dict(zip(heads, values, strict=True))


def _under_keys(text: str, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, record in yaml_records(text, file=file):
        yield line, dict(zip(_keys(record, file, line), record.values(), strict=True))


class _Words(Model):
    columns: dict[str, tuple[str, ...]]
    date: str


@cache
def _words() -> _Words:
    path = Path(__file__).with_suffix(".yaml")
    return validate(_Words, load_yaml(path), file=path.name)


@cache
def _heads() -> Mapping[str, str]:
    """The key of each head that a column may have."""
    return {head: key for key in KEYS for head in (key, *_words().columns[key])}


def _keys(heads: Iterable[str], file: str, line: int) -> list[str]:
    keys: list[str] = []
    for head in heads:
        key = _heads().get(plain(head))
        if key is None:
            raise AuthoringError("unknown_key", file=file, place=line, name=head, nearest=nearest(head, _heads()))
        if key in keys:
            raise AuthoringError("duplicate", file=file, place=line, name=head)
        keys.append(key)
    return keys


def _agency(values: Mapping[str, Any], file: str, line: int) -> Agency:
    texts: dict[str, Any] = {key: value or "" for key, value in values.items() if key != "overrides"}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise AuthoringError("needs_text", file=file, place=line, value=shown({name: value}))
    for name in REQUIRED:
        if not texts.get(name):
            raise AuthoringError("roster_blank", file=file, place=line, name=name)
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._-]*", texts["code"]):
        raise AuthoringError("roster_code", file=file, place=line, name=texts["code"])
    if texts["level"] not in LEVELS:
        known = ", ".join(LEVELS)
        raise AuthoringError("unknown_level", file=file, place=line, level=texts["level"], known=known)
    dates = {name: _date(texts.get(name, ""), file, line) for name in ("received_at", "published_at")}
    return Agency(**(texts | dates), overrides=_overrides(values.get("overrides"), file, line))


def _date(text: str, file: str, line: int) -> date | None:
    if not text:
        return None
    try:
        if found := re.fullmatch(_words().date, unicodedata.normalize("NFKC", text)):
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:  # of a day that there is not
        pass
    raise AuthoringError("roster_date", file=file, place=line, value=text)


def _overrides(value: Any, file: str, line: int) -> Mapping[str, Any]:
    found = value or {}
    try:
        if isinstance(found, str) and len(found) <= LONGEST:
            found = parse_yaml(found, file=file)
    except AuthoringError:  # its line is that within the cell
        pass
    if not isinstance(found, dict) or not is_plain(found) or not all(map(str.isidentifier, found)):
        raise AuthoringError("roster_overrides", file=file, place=line, value=shown(value))
    return found


def _check_codes(agencies: Sequence[tuple[int, Agency]], file: str) -> None:
    """Each code stands once, each parent is one of them, and none is above itself."""
    parents: dict[str, str] = {}
    for line, each in agencies:
        if each.code in parents:
            raise AuthoringError("duplicate", file=file, place=line, name=each.code)
        parents[each.code] = each.parent
    for line, each in agencies:
        if each.parent and each.parent not in parents:
            hint = nearest(each.parent, [code for code in parents if code != each.code])
            raise AuthoringError("unknown_parent", file=file, place=line, name=each.parent, nearest=hint)
    settled = {""}
    for line, each in agencies:
        chain: dict[str, None] = {}
        code = each.code
        while code not in settled and code not in chain:
            chain[code] = None
            code = parents[code]
        if code in chain:
            raise AuthoringError("parent_cycle", file=file, place=line, codes=" → ".join([*chain, code]))
        settled |= chain.keys()
