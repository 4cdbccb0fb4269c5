"""The filing: one agency's report of one year, as it was read. Frozen; canonical JSON.

Every value keeps where it stood. A blank is never zero: `Cell.value` is None unless the cell holds a number, and a
cell that the input did not have at all is absent from `Filing.cells`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, PlainValidator, TypeAdapter, ValidationError, with_config

from gongkai.errors import InputError, nearest
from gongkai.forms import Form, counterparts, editions, form_for_year, load_form

SCHEMA = 1

MAX_DIGITS = 15
"""More digits than any count or amount of an agency has, and than a float holds exactly."""

STRICT = ConfigDict(extra="forbid", strict=True)
"""How records are read back: nothing unknown, nothing made to fit."""

_PLAIN = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def _number(value: object) -> int | Decimal | None:
    """A number as our JSON holds it: counts as whole numbers, all others as text; never a float."""
    if value is None or (type(value) is int and _PLAIN.fullmatch(str(value))):
        return value
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    raise ValueError


Number = Annotated[int | Decimal | None, PlainValidator(_number)]

CellKind = Literal["number", "blank", "placeholder", "unreadable"]

Medium = Literal["cells", "workbook", "document"]
"""What a filing was read from: bare figures, an agency's workbook, or a report as it is published.

Rules about sections, titles and wording apply to the latter two.
"""

LEVELS = ("government", "department", "township", "subdistrict", "other")
"""What an agency is, as far as deadlines ask for it: a government of a county or above, its department, a township."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something stood. `file` is a name without folder; `page` and `line` count from one.

    `last_line` is that of a passage that was put together from several lines of a text.
    """

    file: str
    sheet: str | None = None
    cell: str | None = None
    table: str | None = None
    row: str | None = None
    column: str | None = None
    page: int | None = None
    line: int | None = None
    last_line: int | None = None
    span: tuple[int, int] | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as read: `raw` is the text as it stood, `value` its number (None unless `kind` is "number")."""

    value: Number
    kind: CellKind
    raw: str
    source: Source | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Text:
    """A passage or a fact, and where it stood."""

    text: str
    source: Source | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What we are not sure to have read rightly: our uncertainty, not the report's fault."""

    code: str
    cells: tuple[str, ...] = ()
    text: str | None = None
    read: str
    alternatives: tuple[str, ...] = ()
    source: Source | None = None


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Input:
    """A file that a filing was read from."""

    file: str
    sha256: str


@with_config(STRICT)
@dataclass(frozen=True, kw_only=True)
class Filing:
    """One agency, one year, one edition of the form: that which it is made on, even where another applies to its year.

    `agency`, `agency_code`, `level` and `year` are None where the input does not say them and nobody gave them.
    """

    edition: str
    cells: Mapping[str, Cell]
    agency: str | None = None
    agency_code: str | None = None
    level: str | None = None
    year: int | None = None
    revision: int = 1
    medium: Medium = "cells"
    texts: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)
    facts: Mapping[str, Text] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    inputs: tuple[Input, ...] = ()

    def __post_init__(self) -> None:
        for name in ("cells", "texts", "facts"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[object, ...]:
        return Filing.from_json, (self.to_json(),)

    @property
    def form(self) -> Form:
        """The edition of the form that this filing is made on."""
        return load_form(self.edition)

    @property
    def doubted(self) -> frozenset[str]:
        """The addresses of all cells under a doubt."""
        return frozenset(address for doubt in self.doubts for address in doubt.cells)

    def number(self, address: str) -> int | Decimal | None:
        """The number at `address`; None where there is none."""
        cell = self.cells.get(address)
        return cell.value if cell else None

    def number_as(self, address: str, edition: str) -> int | Decimal | None:
        """The number that `edition` of the form has at `address`; None where nothing here compares, or is no number."""
        numbers = [self.number(each) for each in counterparts(address, edition, self.edition)]
        known = [number for number in numbers if number is not None]
        return sum(known, start=0) if known and len(known) == len(numbers) else None

    def identified(
        self,
        *,
        agency: str | None = None,
        agency_code: str | None = None,
        level: str | None = None,
        year: int | None = None,
    ) -> Filing:
        """The filing, completed by what the caller knows of it.

        Raises InputError for a year that contradicts it or that no edition applies to, and for an unknown level.
        """
        file = self._file
        if year is not None and self.year not in (None, year):
            raise InputError("year_differs", file=file, given=year, read=self.year)
        if chosen := year or self.year:
            form_for_year(chosen, file=file)
        if level is not None and level not in LEVELS:
            raise InputError("unknown_level", file=file, level=level, known=", ".join(LEVELS))
        return replace(
            self,
            agency=agency or self.agency,
            agency_code=agency_code or self.agency_code,
            level=level or self.level,
            year=chosen,
        )

    def require_previous(self, previous: Filing) -> Filing:
        """`previous`, if it can be this agency's filing of the year before. Raises InputError where it cannot."""
        file = previous._file
        if self.year is not None and previous.year not in (None, self.year - 1):
            raise InputError("previous_year", file=file, read=previous.year, wanted=self.year - 1)
        ours, theirs = (self.agency_code, previous.agency_code)
        if not (ours and theirs):
            # Names change and collide, so they are asked only where a code is missing.
            ours, theirs = self.agency, previous.agency
        if ours and theirs and "".join(ours.split()) != "".join(theirs.split()):
            raise InputError("previous_agency", file=file, read=theirs, wanted=ours)
        return previous

    @property
    def _file(self) -> str | None:
        return self.inputs[0].file if self.inputs else None

    def to_data(self) -> dict[str, Any]:
        """The filing as plain JSON data."""
        return {"schema": SCHEMA, **plain_data(self)}

    def to_json(self) -> str:
        """The one canonical JSON text of this filing: sorted keys, no absent values, Chinese readable."""
        return canonical_json(self.to_data())

    @staticmethod
    def from_json(text: str, *, file: str | None = None) -> Filing:
        """The filing of a JSON text. Raises InputError where it is none."""
        try:
            stored = _adapter().validate_json(text)
        except ValidationError as error:
            raise _fault(error, file) from error
        filing = Filing(**{each.name: getattr(stored, each.name) for each in fields(Filing)})
        _check(filing, file)
        return filing


@dataclass(frozen=True, kw_only=True)
class _Stored(Filing):
    """A filing as its JSON has it."""

    schema: Literal[1]


def canonical_json(data: Any) -> str:
    """JSON text that is the same for the same data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def decimal_text(value: Decimal) -> str:
    """The shortest plain writing of a decimal: no exponent, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_data(value: Any) -> Any:
    """`value` as JSON data: records as objects (of a source only what it says), decimals as text."""
    match value:
        case Decimal():
            return decimal_text(value)
        case Mapping():
            return {key: plain_data(each) for key, each in value.items()}
        case tuple():
            return [plain_data(each) for each in value]
    if not is_dataclass(value):
        return value
    data = {each.name: plain_data(getattr(value, each.name)) for each in fields(value)}
    return {key: each for key, each in data.items() if each is not None} if isinstance(value, Source) else data


@cache
def _adapter() -> TypeAdapter[_Stored]:
    return TypeAdapter(_Stored)


def _fault(error: ValidationError, file: str | None) -> InputError:
    """What is wrong with a JSON text that holds no filing, in our words; the place is the path of its key."""
    first, *others = error.errors(include_url=False)
    if first["type"] == "json_invalid":
        return InputError("not_json", file=file, reason=first["ctx"]["error"])
    whole = {each["loc"]: each["type"] for each in (first, *others) if each["loc"] in ((), ("schema",))}
    if whole:
        # Without our number it is no filing at all; with another one, nothing else that is wrong matters.
        if whole.get(("schema",)) == "literal_error":
            return InputError("filing_schema", file=file, known=SCHEMA)
        return InputError("not_a_filing", file=file)
    *above, name = map(str, first["loc"])
    match first["type"]:
        case "missing":
            return InputError("missing_key", file=file, place=".".join(above) or None, name=name)
        case "unexpected_keyword_argument":
            return InputError("unknown_key", file=file, place=".".join(above) or None, name=name)
    return InputError("filing_value", file=file, place=".".join([*above, name]), value=_shown(first["input"]))


def _check(filing: Filing, file: str | None) -> None:
    """Refuse what has the right structure and yet cannot be."""
    if filing.edition not in editions():
        raise InputError("unknown_edition", file=file, edition=filing.edition, known=", ".join(editions()))
    if filing.level not in (None, *LEVELS):
        raise InputError("unknown_level", file=file, level=filing.level, known=", ".join(LEVELS))
    if filing.year is not None:
        form_for_year(filing.year, file=file, place="year")
    known = filing.form.cells
    for address, cell in filing.cells.items():
        if address not in known:
            raise InputError("unknown_cell", file=file, place="cells", address=address, nearest=nearest(address, known))
        number = cell.value
        if (number is None) == (cell.kind == "number"):
            raise InputError("filing_value", file=file, place=f"cells.{address}.kind", value=_shown(cell.kind))
        if number is not None and len(Decimal(number).as_tuple().digits) > MAX_DIGITS:
            raise InputError("filing_value", file=file, place=f"cells.{address}.value", value=number)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]
