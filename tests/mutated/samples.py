"""Workbooks before anything happens to them, each with the truth and where every value of it stands."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.filing import Cell, Filing, Text
from gongkai.forms import load_form
from gongkai.intake.template import write_workbook
from tests.helpers import balanced_filing
from tests.mutated.packing import shared
from tests.published.report import typed
from tests.published.workbooks import write_many, write_one

LATEST_YEAR = 2025
SIZES = (1, 3, 40, 4000)
"""How large the numbers of a filing are at most; most agencies have next to none."""

Place = tuple[str, str]
"""The name of a sheet, and that of a cell."""


@dataclass(frozen=True)
class Sample:
    """A workbook and what it says; `places` has its cells by address, and its facts by the names of cells files."""

    filing: Filing
    content: bytes
    places: Mapping[str, Place]
    official: bool

    def sheet_of(self, table: str) -> str:
        """The name of the sheet of a table, or of the facts ("agency")."""
        return next(sheet for key, (sheet, _) in self.places.items() if key.split(".")[0] == table)

    @property
    def tables(self) -> list[str]:
        """The names of the sheets that hold tables."""
        return list(dict.fromkeys(self.places[address][0] for address in self.filing.cells))


def opened(content: bytes) -> Any:
    """The workbook for editing."""
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(content))


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@lru_cache(maxsize=64)
def official(edition: str, seed: int) -> Sample:
    """An official workbook that was filled in, as we wrote it or as a program keeps it that shares texts."""
    draw = random.Random(f"official/{edition}/{seed}")
    filing = _filing(edition, draw)
    language = draw.choice((LANGUAGES[0], *LANGUAGES))
    previous = balanced_filing(seed + 1, edition=edition, year=(filing.year or 0) - 1)
    given = previous if draw.random() < 0.3 else None
    content = _written(filing, language, given)
    marked = opened(_written(_marked(filing), language, given))
    if draw.random() < 0.5:
        content = shared(content)
    return Sample(filing, content, _places(marked, filing), official=True)


@lru_cache(maxsize=64)
def foreign(edition: str, seed: int) -> Sample:
    """A workbook that an office made for itself."""
    draw = random.Random(f"foreign/{edition}/{seed}")
    filing = _filing(edition, draw)
    write, habit = draw.choice((write_one, write_many)), draw.random()
    both = []
    for each in (filing, _marked(filing)):
        again = random.Random(habit)
        with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
            path = Path(folder) / "a.xlsx"
            write(typed(each, again), again, path)
            both.append(path.read_bytes())
    places = _places(opened(both[1]), filing)
    # Of what it does not show, a filing that is read from it holds nothing.
    shown = replace(filing, agency_code=None, texts={}, facts={})
    return Sample(shown, _computed(both[0], filing, places), places, official=False)


def _computed(content: bytes, filing: Filing, places: Mapping[str, Place]) -> bytes:
    """The workbook with its sums as numbers: what writes it here calculates none."""
    book = opened(content)
    for address, cell in filing.cells.items():
        sheet, name = places[address]
        if str(book[sheet][name].value).startswith("="):
            book[sheet][name].value = cell.value
    return saved(book)


def _filing(edition: str, draw: random.Random) -> Filing:
    years = load_form(edition).years
    year = draw.randint(years.first or LATEST_YEAR, years.last or LATEST_YEAR)
    filing = balanced_filing(draw.randrange(10**6), edition=edition, year=year, largest=draw.choice(SIZES))
    agency = filing.agency or ""
    return replace(
        filing,
        agency_code="QS-0042",
        facts={
            "title": Text(f"{agency}{year}年{filing.form.title.zh}"),
            "period": Text(f"{year}年1月1日至{year}年12月31日"),
            "signature": Text(agency),
            "signed": Text(f"{year + 1}年1月{draw.randint(4, 30)}日"),
        },
        texts={key: (Text(f"第一段，{key}。"), Text("第二段，3 件。")) for key in filing.form.text_keys},
    )


def _written(filing: Filing, language: str, previous: Filing | None) -> bytes:
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder, speaking(language):
        path = Path(folder) / "a.xlsx"
        write_workbook(path, filing, previous=previous)
        return path.read_bytes()


def _marked(filing: Filing) -> Filing:
    """A filing that says its addresses in place of its values, so that they are found wherever they are written."""
    return replace(
        filing,
        agency="agency",
        agency_code="agency_code",
        level="level",
        cells={address: Cell(None, "unreadable", address) for address in filing.cells},
        texts={key: (Text(f"texts.{key}"),) for key in filing.texts},
        facts={key: Text(f"facts.{key}") for key in filing.facts},
    )


def _places(marked: Any, filing: Filing) -> dict[str, Place]:
    keys = {*filing.cells, "agency", "agency_code", "level"}
    keys |= {f"texts.{key}" for key in filing.texts} | {f"facts.{key}" for key in filing.facts}
    found = {}
    for sheet in marked.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value in keys:
                    found[str(cell.value)] = (sheet.title, cell.coordinate)
                elif cell.value == filing.year:
                    found["year"] = (sheet.title, cell.coordinate)
    assert set(filing.cells) <= set(found), "every value stands somewhere"
    return found
