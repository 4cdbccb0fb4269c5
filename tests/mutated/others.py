"""What becomes of workbooks that offices made for themselves, which are read by their labels."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.mutated.said import ANY, BLANK, GONE, UNREADABLE, Options, Said, number
from tests.mutated.samples import Sample
from tests.mutated.shapes import hidden, sheets_reordered, unmerged
from tests.mutated.values import at


def untouched(book: Any, sample: Sample, draw: random.Random) -> Said:
    return Said()


def _row_of_values(book: Any, sample: Sample, draw: random.Random) -> tuple[Any, int]:
    address = draw.choice(list(sample.filing.cells))
    return book[sample.places[address][0]], at(book, sample, address).row


def row_inserted(book: Any, sample: Sample, draw: random.Random) -> Said:
    sheet, row = _row_of_values(book, sample, draw)
    sheet.insert_rows(row)
    if draw.random() < 0.5:
        sheet.cell(row, 1).value = draw.choice(("续表", "接上页", "备注：按实际填写"))
    return Said(refusal=("",))


def row_deleted(book: Any, sample: Sample, draw: random.Random) -> Said:
    sheet, row = _row_of_values(book, sample, draw)
    gone: dict[str, Options] = {
        address: GONE + UNREADABLE
        for address in sample.filing.cells
        if sample.places[address][0] == sheet.title and at(book, sample, address).row == row
    }
    sheet.delete_rows(row)
    return Said(gone, refusal=("",))


def column_inserted(book: Any, sample: Sample, draw: random.Random) -> Said:
    """A column more: an empty one that leaves merged cells where they were, or one of sums of their own."""
    sheet, _ = _row_of_values(book, sample, draw)
    column = draw.randint(1, 9)
    sheet.insert_cols(column)
    if draw.random() < 0.4:
        for area in sheet.merged_cells.ranges:
            area.expand(right=area.max_col >= column)
            area.shrink(left=area.min_col >= column)
        for row in range(1, sheet.max_row + 1):
            sheet.cell(row, column).value = draw.randint(0, 99)
    # Values and titles that come to stand beneath a merged cell are no longer shown.
    beneath: dict[str, Options] = {}
    for key, value in sample.filing.cells.items():
        cell = at(book, sample, key)
        place = sheet.cell(cell.row, cell.column + (cell.column >= column))
        covering = [each for each in sheet.merged_cells.ranges if place.coordinate in each]
        first = [(each.min_row, each.min_col) for each in covering]
        if sample.places[key][0] == sheet.title and first not in ([], [(place.row, place.column)]):
            beneath[key] = number(value.value or 0) + BLANK
    facts = {key: (getattr(sample.filing, key), None) for key in ("agency", "year")}
    return Said(beneath, refusal=("",), facts=facts)


def column_deleted(book: Any, sample: Sample, draw: random.Random) -> Said:
    """A column of the requests is gone; with the merged heads as they were, no column is certain."""
    address = draw.choice([key for key in sample.filing.cells if key.startswith("requests.received.")])
    sheet, column = book[sample.places[address][0]], at(book, sample, address).column
    gone: dict[str, Options] = {
        key: GONE + UNREADABLE
        for key in sample.filing.cells
        if sample.places[key][0] == sheet.title and at(book, sample, key).column == column
    }
    sheet.delete_cols(column)
    return Said(gone, refusal=("",))


def table_repeated(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Sheets are there twice; where the numbers differ, nobody can say which ones are meant."""
    cells = list(sample.filing.cells)
    name = sample.places[draw.choice(cells)][0]
    copy = book.copy_worksheet(book[name])
    if draw.random() < 0.5:
        return Said(refusal=("",))
    own = [key for key in cells if sample.places[key][0] == name]
    changed = draw.sample(own, draw.randint(1, len(own)))
    for address in changed:
        copy[sample.places[address][1]].value = draw.randint(5000, 9000)
    return Said(dict.fromkeys(changed, UNREADABLE), refusal=("",), signed=frozenset(changed))


def labels_misspelled(book: Any, sample: Sample, draw: random.Random) -> Said:
    values = {sample.places[address] for address in sample.filing.cells}
    for name in sample.tables:
        for row in book[name].iter_rows():
            for cell in row:
                text = None if (name, cell.coordinate) in values else cell.value
                if isinstance(text, str) and len(text) > 5 and text[0] != "=" and draw.random() < 0.1:
                    at_ = draw.randrange(len(text))
                    cell.value = text[:at_] + draw.choice(("", "X", text[at_] * 2)) + text[at_ + 1 :]
    return Said(refusal=("",), facts={"agency": (sample.filing.agency, ANY), "year": (sample.filing.year, ANY)})


def sheets_renamed(book: Any, sample: Sample, draw: random.Random) -> Said:
    for place, sheet in enumerate(book.worksheets):
        sheet.title = f"{draw.choice(('表', 'Sheet', '附件'))}{place}"
    return Said()


def values_moved(book: Any, sample: Sample, draw: random.Random) -> Said:
    """The values of the requests one column to the right, the labels left where they are."""
    cells = [key for key in sample.filing.cells if key.startswith("requests.")]
    first, last = (at(book, sample, cells[end]) for end in (0, -1))
    sheet = book[sample.places[cells[0]][0]]
    sheet.move_range(f"{first.coordinate}:{last.coordinate}", 0, 1)
    # To find them by each other, where all are there, is right; so is to refuse them.
    return Said({key: number(sample.filing.number(key) or 0) + UNREADABLE for key in cells}, refusal=("",))


OTHERS: dict[str, Callable[[Any, Sample, random.Random], Said]] = {
    "another's, untouched": untouched,
    "another's rows inserted": row_inserted,
    "another's rows deleted": row_deleted,
    "another's columns inserted": column_inserted,
    "another's columns deleted": column_deleted,
    "another's tables repeated": table_repeated,
    "another's labels misspelled": labels_misspelled,
    "another's sheets renamed": sheets_renamed,
    "another's values moved": values_moved,
    "another's rows hidden": hidden,
    "another's sheets in another order": sheets_reordered,
    "another's merged cells parted": unmerged,
}
