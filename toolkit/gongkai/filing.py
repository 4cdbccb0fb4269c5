"""The filing: one agency's report of one year, as it was read. Frozen; canonical JSON.

Every value keeps where it stood. A blank is never zero: `Cell.value` is None unless the cell holds a number, and a
cell that the input did not have at all is absent from `Filing.cells`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, get_args

from gongkai.errors import InputError
from gongkai.forms import Form, form_for_year, load_form

SCHEMA = 1

CellKind = Literal["number", "blank", "placeholder", "unreadable"]

LEVELS = ("government", "department", "township", "subdistrict", "other")
"""What an agency is, as far as deadlines ask for it: a government of a county or above, its department, a township."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something stood. `file` is a name without folder; `page` and `line` count from one."""

    file: str
    sheet: str | None = None
    cell: str | None = None
    table: str | None = None
    row: str | None = None
    column: str | None = None
    page: int | None = None
    line: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        place = [str(getattr(self, each.name)) for each in fields(self) if getattr(self, each.name) is not None]
        return " › ".join(place)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as read: `raw` is the text as it stood, `value` its number (None unless `kind` is "number")."""

    value: int | Decimal | None
    kind: CellKind
    raw: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A passage or a fact, and where it stood."""

    text: str
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What we are not sure to have read rightly: our uncertainty, not the report's fault."""

    code: str
    cells: tuple[str, ...] = ()
    text: str | None = None
    read: str
    alternatives: tuple[str, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A file that a filing was read from."""

    file: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One agency, one year, one edition of the form.

    `agency`, `agency_code`, `level` and `year` are None where the input does not say them and nobody gave them.
    """

    edition: str
    cells: Mapping[str, Cell]
    agency: str | None = None
    agency_code: str | None = None
    level: str | None = None
    year: int | None = None
    revision: int = 1
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
        file = self.inputs[0].file if self.inputs else None
        if year is not None:
            if self.year not in (None, year):
                raise InputError("year_differs", file=file, given=year, read=self.year)
            form_for_year(year, file=file)
        if level is not None and level not in LEVELS:
            raise InputError("unknown_level", file=file, level=level, known=", ".join(LEVELS))
        return replace(
            self,
            agency=agency or self.agency,
            agency_code=agency_code or self.agency_code,
            level=level or self.level,
            year=year or self.year,
        )

    def require_previous(self, previous: Filing) -> Filing:
        """`previous`, if it can be this agency's filing of the year before. Raises InputError where it cannot."""
        file = previous.inputs[0].file if previous.inputs else None
        if self.year is not None and previous.year not in (None, self.year - 1):
            raise InputError("previous_year", file=file, read=previous.year, wanted=self.year - 1)
        if self.agency_code and previous.agency_code and self.agency_code != previous.agency_code:
            raise InputError("previous_agency", file=file, read=previous.agency_code, wanted=self.agency_code)
        return previous

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
            data = json.loads(text)
            if data.pop("schema") != SCHEMA:
                raise InputError("filing_schema", file=file, known=SCHEMA)
            return _filing(data)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            raise InputError("not_a_filing", file=file, reason=f"{type(error).__name__}: {error}") from error


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


def _filing(data: dict[str, Any]) -> Filing:
    cells = {address: _cell(each) for address, each in data.pop("cells").items()}
    texts = {key: tuple(_text(each) for each in passages) for key, passages in data.pop("texts").items()}
    facts = {key: _text(each) for key, each in data.pop("facts").items()}
    doubts = tuple(_doubt(each) for each in data.pop("doubts"))
    inputs = tuple(Input(**each) for each in data.pop("inputs"))
    form = load_form(data["edition"])
    stray = [address for address in cells if address not in form.cells]
    if stray:
        raise KeyError(stray[0])
    return Filing(cells=cells, texts=texts, facts=facts, doubts=doubts, inputs=inputs, **data)


def _cell(data: dict[str, Any]) -> Cell:
    value = data["value"]
    if data["kind"] not in get_args(CellKind) or (value is None) == (data["kind"] == "number"):
        raise ValueError(f"kind {data['kind']!r} with value {value!r}")
    number = Decimal(value) if isinstance(value, str) else value
    return Cell(number, data["kind"], data["raw"], source_of(data["source"]))


def source_of(data: dict[str, Any] | None) -> Source | None:
    """The source that JSON data tells, if any."""
    if data is None:
        return None
    span = tuple(data["span"]) if "span" in data else None
    return Source(**(data | {"span": span}))


def _text(data: dict[str, Any]) -> Text:
    return Text(data["text"], source_of(data["source"]))


def _doubt(data: dict[str, Any]) -> Doubt:
    lists = {key: tuple(data[key]) for key in ("cells", "alternatives")}
    return Doubt(**(data | lists | {"source": source_of(data["source"])}))
