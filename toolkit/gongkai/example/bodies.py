"""Who there is in an invented workspace: counties and their agencies, each told from its number and the seed alone."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from gongkai.authored import Model, load_yaml, validate
from gongkai.errors import UsageError

Files = Literal["workbook", "cells"]
SUFFIXES: dict[Files, str] = {"workbook": "xlsx", "cells": "csv"}

LEAST_AGENCIES, MOST_AGENCIES = 3, 900
"""Of a county: a government, a department and a township at least; at most what three digits number."""
FIRST_YEAR, LAST_YEAR = 2021, 2099
"""The form of 2021 applies since; the other end is where a year is surely mistyped."""


class Kind(Model):
    """What agencies of a kind are called and do; counts are those of a usual year, `fees` in units of 100 yuan."""

    name: str
    we: str
    level: str = "department"
    subjects: tuple[str, ...]
    requests: int = 0
    documents: int = 0
    licences: int = 0
    penalties: int = 0
    coercion: int = 0
    fees: int = 0


class Places(Model):
    """The characters that names of places are put together from."""

    first: str
    county: str
    town: str


class Catalogue(Model):
    """What `bodies.yaml` holds."""

    places: Places
    county: str
    government: Kind
    departments: tuple[Kind, ...]
    offices: tuple[Kind, ...]
    townships: tuple[Kind, ...]
    subdistricts: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """One agency."""

    agency: str
    code: str
    county: str
    parent: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class County:
    """One county: its government first, then departments, townships and subdistricts."""

    name: str
    code: str
    bodies: tuple[Body, ...]

    @property
    def government(self) -> Body:
        return self.bodies[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What is asked for. The same is always the same workspace, to the byte."""

    counties: int
    agencies: int
    """Of each county, its government included."""
    years: tuple[int, int]
    """The first and the last."""
    faults: float = 0.0
    """The share of the reports of the last year that get faults."""
    seed: int = 1
    files: Files = "workbook"

    def __post_init__(self) -> None:
        most = most_counties()
        if not 1 <= self.counties <= most:
            raise UsageError("example_counties", place="--counties", given=self.counties, most=most)
        if not LEAST_AGENCIES <= self.agencies <= MOST_AGENCIES:
            raise UsageError(
                "example_agencies",
                place="--agencies",
                given=self.agencies,
                least=LEAST_AGENCIES,
                most=MOST_AGENCIES,
            )
        if not FIRST_YEAR <= self.years[0] <= self.years[1] <= LAST_YEAR:
            raise _years_error("-".join(map(str, self.years)))
        if not 0 <= self.faults <= 1:
            raise UsageError("example_faults", place="--faults", given=self.faults)

    @property
    def all_years(self) -> range:
        return range(self.years[0], self.years[1] + 1)

    @property
    def count(self) -> int:
        """How many input files there are."""
        return self.counties * self.agencies * len(self.all_years)

    def input(self, year: int | str, code: str) -> str:
        """Where an input file lies in the workspace."""
        return f"inputs/{year}/{code}.{SUFFIXES[self.files]}"

    def draw(self, *about: object) -> random.Random:
        """Chance for one thing only, so that nothing depends on the order in which things are made."""
        return random.Random("/".join(map(str, (self.seed, *about))))  # noqa: S311  # nothing secret

    def county(self, number: int) -> County:
        """The county of a number from zero."""
        known = catalogue()
        code = f"99{number + 1:04d}"
        name = known.county.format(place=_place(self.draw("counties"), number, known.places.county))
        government = Body(known.government.name.format(county=name), code, name, "", known.government)
        return County(name, code, (government, *self._agencies(name, code)))

    def _agencies(self, county: str, code: str) -> Iterator[Body]:
        for number, kind in _kinds(self.agencies - 1):
            place = _place(self.draw(code), number, catalogue().places.town)
            name = kind.name.format(county=county, place=place)
            yield Body(name, f"{code}{number:03d}", county, code, kind)


def years_of(text: str) -> tuple[int, int]:
    """The years that ``2023-2024``, or one year alone, stands for. Raises UsageError for anything else."""
    parts = text.strip().split("-")
    if len(parts) > 2 or not all(len(part) == 4 and part.isascii() and part.isdigit() for part in parts):
        raise _years_error(text)
    return int(parts[0]), int(parts[-1])


def _years_error(given: str) -> UsageError:
    return UsageError("example_years", place="--years", given=given, first=FIRST_YEAR, last=LAST_YEAR)


def most_counties() -> int:
    """How many counties have a name and a code."""
    places = catalogue().places
    return min(len(places.first) * len(places.county), 9999)


@cache
def catalogue() -> Catalogue:
    """The kinds of agencies and the characters of names."""
    path = Path(__file__).parent / "bodies.yaml"
    return validate(Catalogue, load_yaml(path), file=path.name)


def _place(draw: random.Random, number: int, seconds: str) -> str:
    """The place of a number: another one for each, in an order that is drawn."""
    firsts = catalogue().places.first
    size = len(firsts) * len(seconds)
    start = step = draw.randrange(size)
    while math.gcd(step, size) > 1:
        step = draw.randrange(size)
    place = (start + number * step) % size
    return firsts[place // len(seconds)] + seconds[place % len(seconds)]


def _kinds(count: int) -> Iterator[tuple[int, Kind]]:
    """Numbers and kinds of `count` agencies beneath a government: most of them departments, one township at least.

    A number means the same agency in a county of any size.
    """
    known = catalogue()
    townships, subdistricts = max(1, count // 5), count // 10
    for each in range(count - townships - subdistricts):
        beyond = known.offices[each % len(known.offices)]
        yield 1 + each, known.departments[each] if each < len(known.departments) else beyond
    for each in range(townships):
        yield 701 + each, known.townships[each % len(known.townships)]
    for each in range(subdistricts):
        yield 901 + each, known.subdistricts[each % len(known.subdistricts)]
