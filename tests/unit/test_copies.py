"""Sheets of the official workbook that have lost its hidden sheet: copied into another file, or saved as CSV each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.errors import InputError
from gongkai.filing import Filing, Text
from gongkai.intake import read
from gongkai.intake.template import write_workbook
from tests.helpers import balanced_filing
from tests.unit.test_workbook import DISCLOSURE, DISPUTES, FACTS, REQUESTS, told


def filing(edition: str = "2021") -> Filing:
    texts = {"preamble": (Text("第一段"), Text("第二段，“12”件"))}
    facts = {"title": Text("报告"), "signed": Text("2025年1月20日"), "aaa": Text("1"), "url": Text("=1")}
    return replace(balanced_filing(3, edition=edition), agency_code="0042", texts=texts, facts=facts)


def copied(folder: Path, edit: Callable[[Any], object], given: Filing | None = None) -> Path:
    """The sheets of an official workbook without the hidden one, after `edit`."""
    path = folder / "副本.xlsx"
    write_workbook(path, given or filing(), previous=balanced_filing(5, edition=(given or filing()).edition))
    book = openpyxl.load_workbook(path)
    del book["gongkai"]
    edit(book)
    book.save(path)
    return path


def nothing(book: Any) -> None:
    """Leave the copy as it is."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_copy_is_read_as_what_it_is_a_copy_of(tmp_path: Path, edition: str, lang: str) -> None:
    def elsewhere(book: Any) -> None:
        for number, sheet in enumerate(book.worksheets):
            sheet.title = f"Sheet{number + 2}"
        book.create_sheet("Sheet1", 0)["A1"] = "别的"

    with speaking(lang):
        path = copied(tmp_path, elsewhere, filing(edition))
    found = read(path)
    assert told(found) == told(filing(edition))
    assert not found.doubts
    source = found.cells["requests.received.natural_person"].source
    assert source
    assert (source.file, source.sheet, source.cell) == ("副本.xlsx", "Sheet4", "D6")


def test_what_was_not_copied_is_doubted_as_lost(tmp_path: Path) -> None:
    def only_some(book: Any) -> None:
        del book[DISPUTES], book[DISCLOSURE]

    found = read(copied(tmp_path, only_some))
    cells = {key: value for key, value in told(filing())["cells"].items() if key.startswith("requests.")}
    assert told(found) == told(filing()) | {"cells": cells}
    assert [(doubt.code, len(doubt.cells)) for doubt in found.doubts] == [
        ("PRS-TABLE-LOST", 10),
        ("PRS-TABLE-LOST", 15),
    ]


def _beside(book: Any) -> None:
    del book[DISPUTES]
    book.create_sheet("别的")["A1"] = "别的"


def _of_two(book: Any) -> None:
    book.copy_worksheet(book[REQUESTS])["D6"] = 77


def _reworded(book: Any) -> None:
    book[REQUESTS]["A1"] = "三、申请情况"
    del book[DISPUTES]


@pytest.mark.parametrize("edit", [_beside, _of_two, _reworded])
def test_sheets_that_are_not_surely_one_workbook_are_read_as_a_published_report(
    tmp_path: Path, edit: Callable[[Any], object]
) -> None:
    found = read(copied(tmp_path, edit))
    assert found.agency is None
    assert found.doubts


def _insert_fact(book: Any) -> None:
    book[FACTS].insert_rows(14)


def _insert_row(book: Any) -> None:
    book[REQUESTS].insert_rows(8)


def _no_year(book: Any) -> None:
    book[FACTS]["B6"] = "1997"


@pytest.mark.parametrize(
    ("edit", "key", "place"),
    [
        (_insert_row, "label_moved", f"{REQUESTS}!A8"),
        (_insert_fact, "label_moved", f"{FACTS}!A13"),
        (_no_year, "unknown_year", f"{FACTS}!B6"),
    ],
)
def test_a_copy_that_is_not_as_it_was_made_is_refused_by_place(
    tmp_path: Path, edit: Callable[[Any], object], key: str, place: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(copied(tmp_path, edit))
    assert (caught.value.key, caught.value.place) == (key, place)


def saved_as_csv(folder: Path, name: str, given: Filing, separator: str = ",", encoding: str = "utf-8-sig") -> Path:
    """A sheet as programs save it: all rows of one width, what is merged in the first of its cells."""
    book = openpyxl.load_workbook(copied(folder, nothing, given))
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator)
    writer.writerows(["" if value is None else value for value in row] for row in book[name].values)
    path = folder / "一张表.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_the_facts_as_csv(tmp_path: Path, separator: str, encoding: str) -> None:
    given = filing()
    found = read(saved_as_csv(tmp_path, FACTS, given, separator, encoding))
    assert told(found) == told(given) | {"cells": {}}
    assert len(found.doubts) == 3
    (first, _) = found.texts["preamble"]
    assert first.source
    # Row 15 of the sheet, after a hint of five lines.
    assert (first.source.sheet, first.source.line) == (None, 19)


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2024])
def test_where_no_label_tells_the_edition_the_year_does(tmp_path: Path, year: int) -> None:
    given = replace(filing("2019" if year < 2021 else "2021"), year=year)
    found = read(saved_as_csv(tmp_path, FACTS, given))
    assert (found.year, found.edition) == (year, given.edition)


def test_a_table_as_csv_names_line_row_and_column(tmp_path: Path) -> None:
    found = read(saved_as_csv(tmp_path, REQUESTS, filing("2019")))
    address = "requests.received.natural_person"
    assert found.edition == "2019"
    assert len(found.cells) == 161
    assert found.cells[address].value == filing("2019").cells[address].value
    source = found.cells[address].source
    assert source
    assert (source.line, source.table, source.column) == (6, "requests", "自然人")


def test_a_table_as_csv_whose_rows_have_moved_is_refused_by_its_line(tmp_path: Path) -> None:
    path = saved_as_csv(tmp_path, REQUESTS, filing())
    lines = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([*lines[:7], *lines[8:]]))
    with pytest.raises(InputError) as caught:
        read(path)
    assert (caught.value.key, caught.value.file, caught.value.place) == ("label_changed", "一张表.csv", 8)
    path.write_bytes(b"\r\n".join(lines[:20]))
    with pytest.raises(InputError) as caught:
        read(path)
    assert (caught.value.key, caught.value.place) == ("label_changed", 20)
