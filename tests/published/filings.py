"""Filings as agencies hand them to the public: invented by chance, with the truth of every cell and text.

Nothing here knows an edition: tables, columns and totals are those of the form.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gongkai.filing import Cell, Filing, Text, decimal_text
from gongkai.forms import Band, CellSpec, Column, Form, load_form

FLOWS = ("received", "carried_in", "processed", "carried_out")
"""The rows of the table of requests that are no outcomes; all others add up to what was processed."""
LATEST_YEAR = 2025
PLACEHOLDERS = ("/", "—", "无", "-")
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")

SIGNED = ("change",)
"""Kinds of cells that print which way a number went; how they do, downwards and upwards."""
SIGNS = {-1: ("-", "减"), 0: ("", "+"), 1: ("", "+", "增")}

Numbers = dict[str, int | Decimal]


@cache
def prose() -> Mapping[str, Any]:
    """The words of invented agencies."""
    words: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))
    return words


def invented(edition: str, seed: int) -> Filing:
    """A filing of `edition`, the same for the same seed. `Cell.raw` is what its report prints."""
    draw = random.Random(f"filing/{edition}/{seed}")
    form = load_form(edition)
    level = draw.choice(list(prose()["agencies"]))
    agency = draw.choice(prose()["agencies"][level]).format(place=draw.choice(prose()["places"]))
    year = draw.randint(form.years.first or LATEST_YEAR, form.years.last or LATEST_YEAR)
    filing = Filing(
        edition=edition,
        agency=agency,
        level=level,
        year=year,
        cells=_cells(form, draw),
        texts={key: tuple(_passages(key, agency, year, draw)) for key in form.text_keys},
        facts={
            "title": Text(f"{agency}{year}年{form.title.zh}"),
            "signature": Text(agency),
            "signed": Text(f"{year + 1}年1月{draw.randint(4, 30)}日"),
        },
    )
    return _with_gaps(filing, draw)


def _passages(key: str, agency: str, year: int, draw: random.Random) -> Iterator[Text]:
    """Some sentences of `key` in their order, in one paragraph or several."""
    known = prose()["texts"][key]
    sentences = [each for each in known if draw.random() < 0.75] or [draw.choice(known)]
    if key == "overview" and draw.random() < 0.3:
        return
    told = []
    for sentence in sentences:
        parts = sentence.replace("{n}", "\0").split("\0")
        filled = (
            "".join(part + str(draw.choice((draw.randint(1, 9), draw.randint(10, 96)))) for part in parts[:-1])
            + parts[-1]
        )
        told.append(filled.format(agency=agency, year=year, next_year=year + 1))
    yield from map(Text, told if draw.random() < 0.4 else ["".join(told)])


# Numbers -----------------------------------------------------------------------------------------------------------


def _cells(form: Form, draw: random.Random) -> dict[str, Cell]:
    size = draw.choices((0, 3, 40, 2_000, 60_000), (2, 5, 5, 2, 1))[0]
    numbers: Numbers = {}
    for key, table in form.tables.items():
        for band in table.bands:
            numbers |= _band(form, f"{key}.", band, draw, size)
    if draw.random() < 0.1:
        # Published reports do not all add up, and a reader is not to make them.
        address = draw.choice([each for each, spec in form.cells.items() if spec.kind == "count"])
        numbers[address] += draw.randint(1, 9)
    spelling = draw.choices(("plain", "units", "thousands", "wide"), (12, 1, 2, 1))[0]
    return {address: _printed(numbers[address], spec, spelling, draw) for address, spec in form.cells.items()}


def _band(form: Form, prefix: str, band: Band, draw: random.Random, size: int) -> Numbers:
    """The numbers of a band: its columns of totals are sums, and what flows in flows out."""
    single = [column for column in band.leaf_columns if not column.total]
    rows: dict[str, Numbers] = {}
    for row in band.leaf_rows:
        specs = {column.key or "": form.cells[f"{prefix}{row.key}.{column.key}"] for column in single}
        rows[row.key or ""] = {
            key: _drawn(spec, draw, size if number == 0 else size // 8 + size % 8)
            for number, (key, spec) in enumerate(specs.items())
        }
    if set(FLOWS) <= set(rows):
        for column in single:
            _balance(rows, column, draw)
    for total in band.leaf_columns:
        if total.total:
            for counts in rows.values():
                counts[total.key or ""] = sum(counts.values())
    return {f"{prefix}{row}.{key}": number for row, counts in rows.items() for key, number in counts.items()}


def _balance(rows: dict[str, Numbers], column: Column, draw: random.Random) -> None:
    key = column.key or ""
    processed = sum(int(counts[key]) for row, counts in rows.items() if row not in FLOWS)
    carried_out = draw.choice((0, 0, processed // 9))
    carried_in = draw.choice((0, 0, (processed + carried_out) // 8))
    received = processed + carried_out - carried_in
    for row, number in zip(FLOWS, (received, carried_in, processed, carried_out), strict=True):
        rows[row][key] = number


def _drawn(spec: CellSpec, draw: random.Random, size: int) -> int | Decimal:
    if draw.random() < 0.55 or not size:
        return 0
    if spec.kind == "amount":
        return Decimal(draw.randint(0, size * 10_000)).scaleb(-draw.randint(0, 4))
    if spec.kind in SIGNED:
        return draw.randint(-9, 9)
    # Decisions and documents in table 2 may be many where requests are few.
    most = size * draw.choice((1, 1, 1, 60)) if spec.table == "disclosure" else size
    return draw.randint(0, most)


def _printed(value: int | Decimal, spec: CellSpec, spelling: str, draw: random.Random) -> Cell:
    text = f"{value:,}" if spelling == "thousands" else decimal_text(Decimal(value))
    if spec.kind in SIGNED:
        text = draw.choice(SIGNS[(value > 0) - (value < 0)]) + str(abs(value))
    if spelling == "wide":
        text = text.translate(FULL_WIDTH)
    if spelling == "units" and draw.random() < 0.3:
        text += spec.unit.zh
    exact = Decimal(value).normalize() + 0
    return Cell(value if isinstance(value, int) else exact, "number", text)


# Gaps --------------------------------------------------------------------------------------------------------------


def _with_gaps(filing: Filing, draw: random.Random) -> Filing:
    """`filing`, or one in which cells were left empty or crossed out, as some agencies do with their zeros."""
    zeros = [address for address, cell in filing.cells.items() if cell.value == 0]
    totals = {address for address in zeros if address.endswith(".total")}
    match draw.choices(("none", "few", "zeros", "group", "crossed"), (14, 2, 1, 1, 2))[0]:
        case "few":
            gone = draw.sample(list(filing.cells), draw.randint(1, 6))
        case "zeros":
            gone = [each for each in zeros if each.startswith("requests.") and each not in totals]
        case "group":
            group = draw.choice([row.key or "" for row in filing.form.tables["disputes"].bands[0].leaf_rows])
            gone = [each for each in filing.cells if each.startswith(f"disputes.{group}.")]
        case "crossed":
            mark = draw.choice(PLACEHOLDERS)
            return _changed(filing, draw.sample(zeros, len(zeros) // 3), Cell(None, "placeholder", mark))
        case _:
            gone = []
    return _changed(filing, gone, Cell(None, "blank", ""))


def _changed(filing: Filing, addresses: list[str], cell: Cell) -> Filing:
    return replace(filing, cells={**filing.cells, **dict.fromkeys(addresses, cell)})
