"""The published reports that readers are measured by: they show what their truth says."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from gongkai.filing import Cell, Filing
from gongkai.forms import editions, load_form
from tests.published import measure
from tests.published.filings import invented
from tests.published.report import Sheet, typed
from tests.published.styles import STYLES, Style
from tests.published.tears import CROSSINGS, Crossing, split, with_subtotal

SEEDS = range(1, 9)
PLAIN = [style for style in STYLES.values() if not style.steps and style.suffix in ("html", "txt")]
"""What no other program writes."""


def shown(filing: Filing) -> Counter[str]:
    return Counter(cell.raw for cell in filing.cells.values() if cell.raw)


def values(sheets: Iterable[Sheet]) -> Counter[tuple[str | None, str]]:
    return Counter((spot.address, spot.text) for sheet in sheets for spot in sheet.spots if spot.role == "value")


def area(sheet: Sheet) -> int:
    return sum(spot.rowspan * spot.colspan for spot in sheet.spots)


def blanks(filing: Filing) -> set[str]:
    return {address for address, cell in filing.cells.items() if cell.kind == "blank"}


@pytest.mark.parametrize("edition", editions())
def test_an_invented_filing_is_whole_and_the_same_for_the_same_seed(edition: str) -> None:
    for seed in SEEDS:
        filing = invented(edition, seed)
        assert filing == invented(edition, seed)
        assert set(filing.cells) == set(load_form(edition).cells)
        assert Filing.from_json(filing.to_json()) == filing


def test_most_invented_filings_balance() -> None:
    flow = {"received": 1, "carried_in": 1, "processed": -1, "carried_out": -1}
    whole = [each for each in (invented("2021", seed) for seed in range(100)) if not blanks(each)]
    sums = [sum(int(each.number(f"requests.{row}.total") or 0) * sign for row, sign in flow.items()) for each in whole]
    assert len(whole) > 60 and sums.count(0) > 0.9 * len(whole)


@pytest.mark.parametrize("crossing", CROSSINGS)
def test_a_torn_table_has_all_its_values_and_no_holes(crossing: Crossing) -> None:
    report = typed(invented("2021", 3), Random(3))
    pieces = [piece for sheet in report.sheets for piece in split(sheet, range(4, sheet.height, 5), crossing)]
    assert len(pieces) > 6
    assert values(pieces) == values(report.sheets)
    assert all(area(piece) == piece.height * piece.width for piece in pieces)


def test_a_subtotal_is_one_more_column_and_no_value_of_the_form() -> None:
    report = typed(invented("2021", 3), Random(3))
    sheet = next(each for each in report.sheets if each.table == "requests")
    wider = with_subtotal(sheet)
    assert wider.width == sheet.width + 1
    assert area(wider) == wider.height * wider.width
    assert {spot.address for spot in wider.spots} == {spot.address for spot in sheet.spots}


@pytest.mark.parametrize("style", PLAIN, ids=lambda style: style.name)
def test_a_document_shows_every_number_of_its_filing(style: Style, tmp_path: Path) -> None:
    filings = [invented("2021", seed) for seed in SEEDS]
    for path, filing in zip(style.publish(filings, SEEDS, tmp_path), filings, strict=True):
        content = path.read_bytes()
        text = content.decode("gb18030" if style.name == "html-nested" or not is_utf8(content) else "utf-8-sig")
        plain = html.unescape(re.sub("<[^>]*>", "", text))
        missing = [raw for raw, count in shown(filing).items() if plain.count(raw) < count]
        assert not missing


def is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("read", "doubted", "outcome"),
    [
        (Cell(3, "number", "3"), False, "exact"),
        (Cell(3, "number", "3"), True, "doubted"),
        (Cell(4, "number", "4"), False, "wrong"),
        (Cell(4, "number", "4"), True, "suspected"),
        (Cell(None, "blank", ""), False, "wrong"),
        (Cell(None, "unreadable", "?"), True, "unread"),
        (None, False, "unread"),
    ],
)
def test_outcomes_of_a_cell(read: Cell | None, doubted: bool, outcome: str) -> None:
    assert measure._outcome(Cell(3, "number", "3"), read, doubted=doubted) == outcome


def test_what_a_document_does_not_show_may_be_doubted_and_never_misread() -> None:
    filing = next(each for each in (invented("2021", seed) for seed in range(99)) if blanks(each))
    style = STYLES["text-lines"]
    lost = style.lost(filing)
    assert blanks(filing) <= lost < set(filing.cells)
    result = measure.Result("text-lines", "a.txt")
    measure._compare(result, style, replace(filing, cells={}), filing)
    assert set(result.cells["open"]) == lost and not result.count("wrong")
