"""Which cells of another edition say the same: what two years on two editions can be compared by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gongkai.authored import Model, load_yaml, validate
from gongkai.errors import AuthoringError, nearest
from gongkai.forms.loader import FOLDER, editions, load_form
from gongkai.forms.model import Form

Counterparts = Mapping[str, tuple[str, ...]]
"""By address in one edition: the addresses in another whose sum it is; empty where there is no such sum."""


class Crosswalk(Model):
    """What two editions say in different cells."""

    editions: tuple[str, str]
    sums: dict[str, tuple[str, ...]]
    """By row of the first edition (``table.row``): the rows of the second whose sum it is."""


@cache
def counterparts(address: str, edition: str, other: str) -> tuple[str, ...]:
    """The cells of edition `other` whose sum is the cell at `address` of `edition`; none where nothing compares."""
    told = _crosswalk().get((edition, other), {})
    if address in told:
        return told[address]
    return (address,) if address in load_form(other).cells else ()


@cache
def _crosswalk() -> Mapping[tuple[str, str], Counterparts]:
    return load_crosswalk(FOLDER / "crosswalk.yaml", editions())


def load_crosswalk(path: Path, forms: Mapping[str, Form]) -> Mapping[tuple[str, str], Counterparts]:
    """The crosswalks of a file in both directions, by the pair of editions.

    Raises AuthoringError for an edition, row or column that `forms` do not have, and for a row told twice.
    """
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for number, each in enumerate(validate(tuple[Crosswalk, ...], load_yaml(path), file=path.name)):
        first, second = each.editions
        for edition in each.editions:
            if edition not in forms:
                place, known = f"{number}.editions", ", ".join(forms)
                raise AuthoringError("unknown_edition", file=path.name, place=place, edition=edition, known=known)
        there, back = found.setdefault((first, second), {}), found.setdefault((second, first), {})
        for row, parts in each.sums.items():
            about = {"file": path.name, "place": f"{number}.sums.{row}"}
            whole = _cells(forms[first], row, about)
            below = [_cells(forms[second], part, about) for part in parts]
            for name, cells in zip(parts, below, strict=True):
                if cells.keys() != whole.keys():
                    raise AuthoringError("crosswalk_columns", **about, name=name, row=row)
            for column, address in whole.items():
                split = tuple(cells[column] for cells in below)
                _enter(there, address, split, about)
                for part in split:
                    # What is one of several says nothing by itself.
                    _enter(back, part, (address,) if len(split) == 1 else (), about)
    return found


def _enter(found: dict[str, tuple[str, ...]], address: str, split: tuple[str, ...], about: dict[str, str]) -> None:
    if address in found:
        raise AuthoringError("duplicate", **about, name=address)
    found[address] = split


def _cells(form: Form, row: str, about: dict[str, str]) -> dict[str, str]:
    """The cells of a row by the keys of their columns."""
    rows: dict[str, dict[str, str]] = {}
    for address, spec in form.cells.items():
        rows.setdefault(f"{spec.table}.{spec.row.key}", {})[str(spec.column.key)] = address
    if row not in rows:
        hint = nearest(row, rows)
        raise AuthoringError("unknown_row", **about, edition=form.edition, name=row, nearest=hint)
    return rows[row]
