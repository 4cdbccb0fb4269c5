"""Reads the editions of the form and refuses, by file and key, what an author got wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from gongkai.authored import load_yaml, validate
from gongkai.catalogues import say
from gongkai.errors import AuthoringError, InputError, UsageError, nearest
from gongkai.forms.model import Band, Form, Node, Table

FOLDER = Path(__file__).parent


@cache
def editions() -> Mapping[str, Form]:
    """All editions there are, oldest first. Raises AuthoringError for a malformed one."""
    return load_editions(sorted(path for path in FOLDER.glob("*.yaml") if path.stem.isdigit()))


def load_form(edition: str) -> Form:
    """The form of one edition. Raises UsageError for an edition that does not exist."""
    try:
        return editions()[edition]
    except KeyError:
        raise UsageError("unknown_edition", edition=edition, known=", ".join(editions())) from None


def form_for_year(year: int, *, file: str | None = None, place: str | int | None = None) -> Form:
    """The form that applies to a statistical year. Raises InputError, which names `file` and `place`, for none."""
    for form in editions().values():
        if year in form.years:
            return form
    known = say("list.separator").join(str(form.years) for form in editions().values())
    raise InputError("unknown_year", file=file, place=place, year=year, known=known)


def edition_of(addresses: Iterable[str], *, file: str | None = None) -> Form:
    """The one edition that has all `addresses`; the newest where several have. Raises InputError where none has."""
    wanted = list(addresses)
    newest_first = reversed(list(editions().values()))
    strays = [(form, [each for each in wanted if each not in form.cells]) for form in newest_first]
    form, unknown = min(strays, key=lambda pair: len(pair[1]))
    if not unknown:
        return form
    raise InputError("unknown_cell", file=file, address=unknown[0], nearest=nearest(unknown[0], form.cells))


def load_editions(paths: Iterable[Path]) -> Mapping[str, Form]:
    """The editions in `paths`, oldest first. Raises AuthoringError for the first fault in any of them."""
    forms: list[Form] = []
    for path in paths:
        form = validate(Form, load_yaml(path), file=path.name)
        _check(form, path.name)
        for other in forms:
            if form.years.first in other.years or other.years.first in form.years:
                raise AuthoringError("overlapping_years", file=path.name, place="years", other=other.edition)
        forms.append(form)
    forms.sort(key=lambda form: form.years.first)
    return {form.edition: form for form in forms}


def _check(form: Form, file: str) -> None:
    if form.years.last is not None and form.years.last < form.years.first:
        raise AuthoringError("years_reversed", file=file, place="years")
    for number, section in enumerate(form.sections):
        place = f"sections.{number}"
        if (section.text is None) == (section.table is None):
            raise AuthoringError("section_text_or_table", file=file, place=place)
        if section.table is not None and section.table not in form.tables:
            hint = nearest(section.table, form.tables)
            raise AuthoringError("unknown_table", file=file, place=f"{place}.table", name=section.table, nearest=hint)
    _unique((section.ordinal.zh for section in form.sections), file, "sections.ordinal")
    _unique(form.text_keys, file, "sections.text")
    placed = [section.table for section in form.sections]
    for key, table in form.tables.items():
        if key not in placed:
            raise AuthoringError("unplaced_table", file=file, place=f"tables.{key}")
        _check_table(table, f"tables.{key}", file)


def _check_table(table: Table, place: str, file: str) -> None:
    _unique((node.key for node in table.walk("row") if node.key), file, f"{place}.rows")
    for number, band in enumerate(table.bands):
        _check_band(table, band, f"{place}.bands.{number}", file)


def _check_band(table: Table, band: Band, place: str, file: str) -> None:
    _unique((node.key for top in band.columns for node in top.walk() if node.key), file, f"{place}.columns")
    leaves: list[tuple[str, Node]] = [("rows", leaf) for leaf in band.leaf_rows]
    leaves += [("columns", leaf) for leaf in band.leaf_columns]
    for axis, leaf in leaves:
        if leaf.key is None:
            raise AuthoringError("leaf_without_key", file=file, place=f"{place}.{axis}", label=leaf.label.zh)
    for column in band.leaf_columns:
        for what, value in (("unit", column.unit or table.unit), ("kind", column.kind or table.kind)):
            if value is None:
                raise AuthoringError("missing_" + what, file=file, place=f"{place}.columns.{column.key}")
    if sum(column.total for column in band.leaf_columns) > 1:
        raise AuthoringError("two_totals", file=file, place=f"{place}.columns")


def _unique(keys: Iterable[str], file: str, place: str) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise AuthoringError("duplicate", file=file, place=place, name=key)
        seen.add(key)
