"""What becomes of the rows, columns, merged cells and sheets of a workbook."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

from gongkai.tables import layout
from tests.mutated.said import Said, held
from tests.mutated.samples import Sample
from tests.mutated.values import at

OTHER_NAMES = ("表三", "Sheet1", "{name} ", "{name}(2)", "附件", "{name}1", "{part}")


def _any_sheet(sample: Sample, draw: random.Random) -> str:
    return draw.choice(sample.tables)


def _any_row(book: Any, sample: Sample, name: str, draw: random.Random) -> int:
    """A row of the table on a sheet that has a label or a value."""
    rows = [at(book, sample, key).row for key in sample.filing.cells if sample.places[key][0] == name]
    return draw.randint(min(rows), max(rows))


def _any_column(book: Any, sample: Sample, name: str, draw: random.Random) -> int:
    columns = [at(book, sample, key).column for key in sample.filing.cells if sample.places[key][0] == name]
    return draw.randint(1, max(columns))


def told(book: Any, sample: Sample, addresses: Iterable[str]) -> dict[str, Any]:
    """What stands at some cells of a workbook after an edit, as far as edits here go: numbers, or nothing."""
    return {address: held(at(book, sample, address).value) for address in addresses}


def _displaced(book: Any, sample: Sample, name: str) -> Said:
    """Labels that have moved are refused. Values that moved alone left blanks behind, never other numbers."""
    cells = told(book, sample, (key for key in sample.filing.cells if sample.places[key][0] == name))
    return Said({key: each for key, each in cells.items() if each[0][0] != "number"}, refusal=(name,))


def row_inserted(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = _any_sheet(sample, draw)
    book[name].insert_rows(_any_row(book, sample, name, draw), draw.randint(1, 3))
    return _displaced(book, sample, name)


def row_deleted(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = _any_sheet(sample, draw)
    book[name].delete_rows(_any_row(book, sample, name, draw), draw.randint(1, 3))
    return _displaced(book, sample, name)


def column_inserted(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = _any_sheet(sample, draw)
    book[name].insert_cols(_any_column(book, sample, name, draw))
    return _displaced(book, sample, name)


def column_deleted(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = _any_sheet(sample, draw)
    book[name].delete_cols(_any_column(book, sample, name, draw))
    return _displaced(book, sample, name)


def facts_moved(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Rows or columns of the sheet of facts come and go."""
    name = sample.sheet_of("agency")
    sheet = book[name]
    change = draw.choice((sheet.insert_rows, sheet.delete_rows, sheet.insert_cols, sheet.delete_cols))
    change(draw.randint(1, 2) if change in (sheet.insert_cols, sheet.delete_cols) else draw.randint(3, 8))
    return Said(refusal=(name,))


def _moved(book: Any, sample: Sample, draw: random.Random, rows: int, columns: int) -> Said:
    """Values moved within a table (that of disputes has one row only), the labels left where they are."""
    table = "requests" if rows else draw.choice(("requests", "disputes"))
    cells = [key for key in sample.filing.cells if key.split(".")[0] == table]
    first, last = (at(book, sample, cells[end]) for end in (0, -1))
    top = draw.randint(first.row, last.row - 1) if rows > 0 else first.row
    left = draw.randint(first.column, last.column - 1) if columns > 0 else first.column
    sheet = book[sample.places[cells[0]][0]]
    sheet.move_range(f"{sheet.cell(top, left).coordinate}:{last.coordinate}", rows, columns)
    return Said(told(book, sample, cells), refusal=(sheet.title,))


def values_down(book: Any, sample: Sample, draw: random.Random) -> Said:
    return _moved(book, sample, draw, draw.randint(1, 2), 0)


def values_right(book: Any, sample: Sample, draw: random.Random) -> Said:
    return _moved(book, sample, draw, 0, 1)


def values_up(book: Any, sample: Sample, draw: random.Random) -> Said:
    return _moved(book, sample, draw, -1, 0)


def row_pasted(book: Any, sample: Sample, draw: random.Random) -> Said:
    """The values of a row of requests over those of another one."""
    rows = [row.key for row in sample.filing.form.tables["requests"].bands[0].leaf_rows]
    one, other = draw.sample(rows, 2)
    cells = [key for key in sample.filing.cells if key.startswith(f"requests.{one}.")]
    for address in cells:
        source = address.replace(f".{one}.", f".{other}.")
        at(book, sample, address).value = at(book, sample, source).value
    return Said(told(book, sample, cells))


def hidden(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Rows and columns are hidden or grouped; what they hold is said all the same."""
    from openpyxl.utils import get_column_letter

    for name in sample.tables:
        sheet = book[name]
        for _ in range(draw.randint(1, 4)):
            sheet.row_dimensions[_any_row(book, sample, name, draw)].hidden = True
            letter = get_column_letter(_any_column(book, sample, name, draw))
            sheet.column_dimensions[letter].hidden = True
        sheet.row_dimensions.group(3, 8, hidden=True)
        sheet.auto_filter.ref = "A4:D9"
    return Said()


def sheets_hidden(book: Any, sample: Sample, draw: random.Random) -> Said:
    book[_any_sheet(sample, draw)].sheet_state = draw.choice(("hidden", "veryHidden"))
    return Said()


def sheet_renamed(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = draw.choice((_any_sheet(sample, draw), sample.sheet_of("agency")))
    part = name.split("、")[-1]
    new = draw.choice(OTHER_NAMES).format(name=name, part=part)
    book[name].title = new if new != name else f"{name}_"
    return Said(refusal=(name,))


def sheet_deleted(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = draw.choice((_any_sheet(sample, draw), sample.sheet_of("agency")))
    del book[name]
    return Said(refusal=(name,))


def names_exchanged(book: Any, sample: Sample, draw: random.Random) -> Said:
    one, other = draw.sample([*sample.tables, sample.sheet_of("agency")], 2)
    book[one].title = "-"
    book[other].title = one
    book["-"].title = other
    return Said(refusal=(one, other))


def sheets_reordered(book: Any, sample: Sample, draw: random.Random) -> Said:
    draw.shuffle(book._sheets)
    return Said()


def sheets_added(book: Any, sample: Sample, draw: random.Random) -> Said:
    for name in draw.sample(("填报说明", "Sheet1", "附表", "草稿", "WpsReserved"), draw.randint(1, 3)):
        sheet = book.create_sheet(name, draw.randint(0, len(book.sheetnames)))
        sheet.sheet_state = draw.choice(("visible", "hidden"))
        for row in range(1, draw.randint(2, 30)):
            sheet.append([f"说明{row}", row, None, row * 7])
    if draw.random() < 0.3:
        book.create_chartsheet("图表")
    return Said()


def sheet_copied(book: Any, sample: Sample, draw: random.Random) -> Said:
    copy = book.copy_worksheet(book[_any_sheet(sample, draw)])
    book.move_sheet(copy, -draw.randint(0, len(book.sheetnames)))
    return Said()


def copy_filled(book: Any, sample: Sample, draw: random.Random) -> Said:
    """A sheet is there twice with different numbers: nobody can say which ones are meant."""
    name = _any_sheet(sample, draw)
    cells = [key for key in sample.filing.cells if sample.places[key][0] == name]
    copy = book.copy_worksheet(book[name])
    changed = draw.sample(cells, draw.randint(1, len(cells)))
    for address in changed:
        cell = copy[sample.places[address][1]]
        cell.value = (cell.value or 0) + draw.randint(1, 9)
    book.move_sheet(copy, -draw.randint(0, len(book.sheetnames)))
    return Said(signed=frozenset(changed), refusal=(name,))


def table_repeated(book: Any, sample: Sample, draw: random.Random) -> Said:
    """The table is there once more below itself, with the same numbers."""
    name = _any_sheet(sample, draw)
    sheet = book[name]
    below = sheet.max_row + draw.randint(2, 9)
    for row in range(1, sheet.max_row + 1):
        for column in range(1, sheet.max_column + 1):
            if (value := sheet.cell(row, column).value) is not None:
                sheet.cell(below + row, column).value = value
    return Said()


def merged_over(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Values are merged, as programs do it: but for the first they are gone."""
    table = draw.choice(("requests", "disputes"))
    cells = [key for key in sample.filing.cells if key.split(".")[0] == table]
    first = at(book, sample, draw.choice(cells))
    last = at(book, sample, cells[-1])
    bottom, right = (min(a + draw.randint(0, 2), b) for a, b in ((first.row, last.row), (first.column, last.column)))
    sheet = book[sample.places[cells[0]][0]]
    area = {"start_row": first.row, "start_column": first.column, "end_row": bottom, "end_column": right}
    covered = [
        key
        for key in cells
        if first.row <= at(book, sample, key).row <= bottom and first.column <= at(book, sample, key).column <= right
    ]
    if len(covered) > 1:
        sheet.merge_cells(**area)
    # The first may be meant for all of them: that it is read as before is right, if something points there.
    return Said(told(book, sample, covered), signed=frozenset(covered if len(covered) > 1 else ()))


def unmerged(book: Any, sample: Sample, draw: random.Random) -> Said:
    for name in sample.tables:
        for area in list(book[name].merged_cells.ranges):
            book[name].unmerge_cells(str(area))
    return Said()


def labels_spaced(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Labels are set anew: line breaks and spaces in them."""
    for name in sample.tables:
        for cell in _labels(book, sample, name):
            if draw.random() < 0.3:
                middle = len(cell.value) // 2
                cell.value = cell.value[:middle] + draw.choice((" ", "\n", "\u3000")) + cell.value[middle:]
    return Said()


def label_reworded(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = _any_sheet(sample, draw)
    cell = draw.choice(_labels(book, sample, name))
    text = cell.value
    cell.value = draw.choice((text[:-1], f"{text}数", text.replace("、", "．", 1) + "*", None, 7, "合计"))
    return Said(refusal=(f"{name}!{cell.coordinate}",))


def labels_exchanged(book: Any, sample: Sample, draw: random.Random) -> Said:
    name = _any_sheet(sample, draw)
    one, other = draw.sample(_labels(book, sample, name), 2)
    if one.value == other.value:
        return Said()
    one.value, other.value = other.value, one.value
    return Said(refusal=(f"{name}!{one.coordinate}", f"{name}!{other.coordinate}"))


def _labels(book: Any, sample: Sample, name: str) -> list[Any]:
    """The cells of the labels of the table on a sheet, by the layout of the form alone."""
    table = next(key.split(".")[0] for key in sample.filing.cells if sample.places[key][0] == name)
    grid = layout(sample.filing.edition, table)
    value = next(grid.values())
    first = at(book, sample, value.address or "")
    places = [
        (cell.row + first.row - value.row, cell.column + first.column - value.column)
        for cell in grid.cells
        if cell.words
    ]
    return [book[name].cell(*place) for place in places]


def surroundings(book: Any, sample: Sample, draw: random.Random) -> Said:
    """Titles, hints, marks and notes are reworded or deleted, other things written around the table."""
    for name in sample.tables:
        sheet = book[name]
        bottom, right = (
            max(getattr(at(book, sample, key), axis) for key in sample.filing.cells if sample.places[key][0] == name)
            for axis in ("row", "column")
        )
        sheet["A1"], sheet["A2"] = draw.choice((None, "附表", 2024)), draw.choice((None, "单位：件"))
        # A value may reach over several columns.
        beside = max(right, sheet.max_column) + 1
        for row in range(bottom + 2, bottom + 6):
            cell = sheet.cell(row, 1)
            if type(cell).__name__ == "Cell":
                cell.value = draw.choice((None, "审核人：", 7, cell.value))
        sheet.cell(draw.randint(1, bottom), beside + draw.randint(1, 4)).value = draw.choice((99, "核对", "合计"))
    return Said()


def prepared(book: Any, sample: Sample, draw: random.Random) -> Said:
    """How sheets are shown, printed and protected, and names that are defined."""
    from openpyxl.workbook.defined_name import DefinedName

    for name in sample.tables:
        sheet = book[name]
        sheet.freeze_panes = draw.choice((None, "B2", "C9"))
        sheet.protection.sheet = draw.random() < 0.5
        sheet.print_area = "A1:C5"
        sheet.sheet_view.rightToLeft = draw.random() < 0.2
        sheet.conditional_formatting = type(sheet.conditional_formatting)()
    book.defined_names["数据"] = DefinedName("数据", attr_text="'[1]表'!$A$1")
    book.security = None
    return Said()


Change = Callable[[Any, Sample, random.Random], Said]

SHAPES: dict[str, Change] = {
    "rows inserted": row_inserted,
    "rows deleted": row_deleted,
    "columns inserted": column_inserted,
    "columns deleted": column_deleted,
    "facts moved": facts_moved,
    "values moved down": values_down,
    "values moved right": values_right,
    "values moved up": values_up,
    "a row pasted over another": row_pasted,
    "rows and columns hidden": hidden,
    "sheets hidden": sheets_hidden,
    "sheets renamed": sheet_renamed,
    "sheets deleted": sheet_deleted,
    "sheets with each other's name": names_exchanged,
    "sheets in another order": sheets_reordered,
    "sheets added": sheets_added,
    "sheets copied": sheet_copied,
    "sheets copied and filled": copy_filled,
    "tables repeated below": table_repeated,
    "values merged": merged_over,
    "nothing merged": unmerged,
    "spaces in labels": labels_spaced,
    "labels reworded": label_reworded,
    "labels exchanged": labels_exchanged,
    "what stands around a table": surroundings,
    "how sheets are shown": prepared,
}
