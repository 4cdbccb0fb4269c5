"""The official workbook in the formats that offices save it in: LibreOffice converts, and the same is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gongkai.catalogues import speaking
from gongkai.errors import InputError
from gongkai.filing import Filing, Source, Text
from gongkai.intake import read
from gongkai.intake.numbers import read_cell
from gongkai.intake.template import write_workbook
from tests.commands import gongkai
from tests.helpers import balanced_filing, changed
from tests.published.programs import office
from tests.unit.test_workbook import DISPUTES, FACTS, REQUESTS, told

FORMATS = ("xlsx", "xls", "ods")
EACH_SHEET = "Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
RAW = {
    "requests.received.total": "/",
    "requests.carried_in.total": "１２件",
    "requests.granted.total": "约十件",
    "requests.granted.business": "2024-01-05",
    "requests.processed.total": "1,234",
    "requests.carried_out.total": "",
    "disputes.direct_suit.upheld": "-3",
}


def filled(seed: int) -> Filing:
    """What a clerk has filled in, of both editions in turn."""
    filing = balanced_filing(seed, edition=("2019", "2021")[seed % 2], largest=(0, 40, 5000)[seed % 3])
    odd = {address: read_cell(raw, filing.form.cells[address]) for address, raw in RAW.items()}
    texts = {
        "preamble": (Text("第一段"), Text("第二段，12件")),
        "overview.on_request": (Text("=1+1"), Text("a  b")),
        "issues": (Text("2024-01-05"), Text("'引号 “”")),
    }
    facts = {"title": Text("报告"), "signed": Text("2025年1月20日"), "published": Text("2025-01-30"), "url": Text("01")}
    return replace(changed(filing, dict(odd)), agency_code="0042", revision=3, texts=texts, facts=facts)


def written(folder: Path, filing: Filing, lang: str, edit: Callable[[Any], object] | None = None) -> Path:
    """The workbook of `filing` with last year's figures, after `edit`."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.xlsx"
    with speaking(lang):
        write_workbook(path, filing, previous=balanced_filing(9, edition=filing.edition, year=(filing.year or 0) - 1))
    if edit:
        book = openpyxl.load_workbook(path)
        edit(book)
        book.save(path)
    return path


def _copy(book: Any) -> None:
    del book["gongkai"]
    book.create_sheet("Sheet1")


def _tables(book: Any) -> None:
    del book["gongkai"], book[FACTS]


def _computed(book: Any) -> None:
    book[REQUESTS]["D7"] = "=40+2"


TYPED = {
    "D": (datetime(2024, 3, 4), None, "2024-03-04"),
    "E": (True, None, "TRUE"),
    "F": (1e300, None, "1" + "0" * 300),
    "G": (0.1 + 0.2, Decimal("0.3"), "0.3"),
    "H": ("=1/0", None, "#DIV/0!"),
    "I": ("12", 12, "12"),
    "J": ('=IF(1=1,"","")', None, ""),
}


def _typed(book: Any) -> None:
    for column, (typed, *_) in TYPED.items():
        book[REQUESTS][f"{column}7"] = typed
    book[FACTS]["B11"] = datetime(2025, 1, 20)
    book[FACTS]["B15"] = "长" * 20_000


def _hidden(book: Any) -> None:
    book[REQUESTS].row_dimensions[7].hidden = True


def _delete_sheet(book: Any) -> None:
    del book[DISPUTES]


def _rename_sheet(book: Any) -> None:
    book[REQUESTS].title = "表三"


def _move_sheet(book: Any) -> None:
    book.move_sheet(REQUESTS, -2)


def _insert_row(book: Any) -> None:
    book[REQUESTS].insert_rows(8)


def _insert_row_of_a_copy(book: Any) -> None:
    _copy(book)
    book[REQUESTS].insert_rows(8)


def _insert_column(book: Any) -> None:
    book[FACTS].insert_cols(2)


READ = (None, _copy, _tables, _computed, _typed, _hidden, _move_sheet)
REFUSED = {
    _delete_sheet: ("missing_sheet", None),
    _rename_sheet: ("missing_sheet", None),
    _insert_row: ("label_moved", f"{REQUESTS}!A8"),
    _insert_row_of_a_copy: ("label_moved", f"{REQUESTS}!A8"),
    _insert_column: ("label_moved", f"{FACTS}!C4"),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[object, Path]]:
    """The workbooks as they were given ("") or as LibreOffice saves them in a format, by what was done to each."""
    folder = tmp_path_factory.mktemp("workbooks")
    given: dict[object, Path] = {edit: written(folder / "given", filled(1), "zh", edit) for edit in (*READ, *REFUSED)}
    for seed in (2, 3):
        given[seed] = written(folder / "given", filled(seed), ("en", "zh")[seed % 2])

    @cache
    def converted(suffix: str) -> dict[object, Path]:
        made = office(suffix)(list(given.values())) if suffix else given.values()
        return dict(zip(given, made, strict=True))

    return converted


def sources(filing: Filing) -> dict[str, tuple[str | None, str | None]]:
    places = {address: cell.source or Source(file="") for address, cell in filing.cells.items()}
    return {address: (source.sheet, source.cell) for address, source in places.items()}


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_filled_in_is_read_from_every_format(saved: Callable[[str], dict[object, Path]], suffix: str) -> None:
    books = saved(suffix)
    for seed, edit in ((1, None), (1, _hidden), (1, _move_sheet), (2, 2), (3, 3)):
        found = read(books[edit])
        assert told(found) == told(filled(seed)), edit
        assert not found.doubts
        assert sources(found) == sources(read(saved("")[edit]))
    computed = changed(filled(1), {"requests.carried_in.natural_person": 42})
    assert told(read(books[_computed])) == told(computed)


@pytest.mark.parametrize("suffix", FORMATS)
def test_whatever_is_typed_is_what_it_is_in_every_format(
    saved: Callable[[str], dict[object, Path]], suffix: str
) -> None:
    found = read(saved(suffix)[_typed])
    by_place = {source: found.cells[address] for address, source in sources(found).items()}
    for column, (_, value, raw) in TYPED.items():
        cell = by_place[REQUESTS, f"{column}7"]
        assert (cell.value, cell.raw) == (value, raw), column
        assert cell.kind == ("number" if value is not None else "unreadable" if raw else "blank")
    assert found.facts["signed"].text == "2025-01-20"
    assert [text.text for text in found.texts["overview"]] == ["长" * 20_000]


@pytest.mark.parametrize("suffix", FORMATS)
def test_copied_sheets_are_read_as_the_workbook_that_they_are_from(
    saved: Callable[[str], dict[object, Path]], suffix: str
) -> None:
    found = read(saved(suffix)[_copy])
    assert told(found) == told(replace(filled(1), revision=1))
    assert not found.doubts
    tables = read(saved(suffix)[_tables])
    assert told(tables)["cells"] == told(filled(1))["cells"]
    assert (tables.agency, tables.year, tables.texts, tables.doubts) == (None, None, {}, ())


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_not_in_its_place_is_refused_by_its_place(
    saved: Callable[[str], dict[object, Path]], suffix: str
) -> None:
    for edit, expected in REFUSED.items():
        with pytest.raises(InputError) as caught:
            read(saved(suffix)[edit])
        assert (caught.value.key, caught.value.place) == expected


def test_what_people_do_with_it_next(tmp_path: Path, saved: Callable[[str], dict[object, Path]]) -> None:
    back = tmp_path / "back.xlsx"
    assert gongkai("read", saved("xls")[2], "--to", "xlsx", "-o", back).returncode == 0
    assert told(read(back)) == told(filled(2))
    checked = gongkai("check", *(saved(suffix)[2] for suffix in FORMATS), "--format", "json")
    filings = json.loads(checked.stdout)["filings"]
    known = [(each["agency"], each["year"], each["doubts"]) for each in filings]
    assert known == [("青杉县财政局", filled(2).year, [])] * len(FORMATS)


def test_each_sheet_as_csv_is_read_by_its_places(tmp_path: Path) -> None:
    given = {seed: written(tmp_path / "csv", filled(seed), "zh") for seed in (1, 2)}
    with pytest.raises(AssertionError):  # no file has the workbook's own name
        office("csv", EACH_SHEET)(list(given.values()))
    for seed, path in given.items():
        parts = [read(each) for each in path.parent.glob(f"csv-*/{path.stem}-*.csv") if "gongkai" not in each.name]
        assert len(parts) == 4
        cells = {address: cell for part in parts for address, cell in part.cells.items()}
        assert {each: (cell.value, cell.kind, cell.raw) for each, cell in cells.items()} == told(filled(seed))["cells"]
        (facts,) = (part for part in parts if part.agency)
        assert told(replace(facts, cells=cells)) == told(replace(filled(seed), revision=1))
        for part in parts:
            tables = {address.split(".")[0] for address in part.cells}
            lost = {doubt.cells[0].split(".")[0] for doubt in part.doubts}
            assert (tables | lost, tables & lost) == (set(filled(seed).form.tables), set())
            assert {doubt.code for doubt in part.doubts} == {"PRS-TABLE-LOST"}
