"""What stands otherwise in the XML of a sheet, as other programs write it or as it should not be."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from tests.mutated.packing import BOOK, TEXTS, cells_of, packed, parts_of, shared, sheet_parts, tagged
from tests.mutated.said import BLANK, BROKEN, UNREADABLE, UNTOUCHED, Mutated, Options, Said, number
from tests.mutated.samples import Sample
from tests.mutated.values import chosen

Markup = Callable[[dict[str, etree._Element], Sample, random.Random], Said]
"""A change to the sheets of tables, by their names."""


def changed(markup: Markup) -> Callable[[Sample, random.Random], Mutated]:
    def mutation(sample: Sample, draw: random.Random) -> Mutated:
        parts = parts_of(sample.content)
        names = {name: part for name, part in sheet_parts(parts).items() if name in sample.tables}
        sheets = {name: etree.fromstring(parts[part]) for name, part in names.items()}
        said = markup(sheets, sample, draw)
        for name, sheet in sheets.items():
            parts[names[name]] = etree.tostring(sheet, encoding="UTF-8", xml_declaration=True)
        return Mutated(packed(parts), said)

    return mutation


def _cell(sheets: dict[str, etree._Element], sample: Sample, address: str) -> etree._Element:
    sheet, name = sample.places[address]
    return cells_of(sheets[sheet])[name]


def _where(sample: Sample, address: str) -> str:
    return "!".join(sample.places[address])


def _written(cell: etree._Element, formula: str | None, value: str | None, kind: str | None) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.set("t", kind or "n")
    if formula is not None:
        etree.SubElement(cell, tagged("f")).text = formula
    if value is not None:
        etree.SubElement(cell, tagged("v")).text = value


def formulas(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Formulas with their results: numbers, texts, errors, nothing."""
    cells: dict[str, Options] = {}
    for address in chosen(sample.filing, draw):
        value = sample.filing.cells[address].value
        assert value is not None
        shown, kind, told = draw.choice(
            (
                (str(value), None, number(value)),
                (str(value), "str", number(value)),
                ("#REF!", "e", UNREADABLE),
                ("1", "b", UNREADABLE),
                ("", "str", BLANK),
                (f"{float(value)!r}", "n", number(value)),
            )
        )
        source = draw.choice(("SUM(A1:A9)", "[1]表!$A$1", 'WEBSERVICE("http://198.51.100.7")', "1/0", "A1&amp;"))
        _written(_cell(sheets, sample, address), source, shown, kind)
        cells[address] = told
    return Said(cells)


def formulas_without_value(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    addresses = chosen(sample.filing, draw)
    for address in addresses:
        _written(_cell(sheets, sample, address), "SUM(A1:A9)", draw.choice((None, "")), draw.choice((None, "n")))
    return Said(refusal=tuple(_where(sample, address) for address in addresses))


def cells_twice(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """A cell is there twice with different numbers."""
    addresses = chosen(sample.filing, draw)
    for address in addresses:
        cell = _cell(sheets, sample, address)
        again = deepcopy(cell)
        _written(again, None, str((sample.filing.cells[address].value or 0) + 1), None)
        draw.choice((cell.addnext, cell.addprevious))(again)
    return Said(refusal=tuple(_where(sample, address) for address in addresses))


def rows_twice(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    name = sample.places["requests.received.total"][0]
    rows = list(sheets[name].iter(tagged("row")))
    row = draw.choice(rows[5:20])
    again = deepcopy(row)
    draw.choice((row.addnext, rows[-1].addnext))(again)
    for cell in again.iter(tagged("c")):
        for value in cell.iter(tagged("v")) if cell.get("t", "n") == "n" else ():
            value.text = f"{value.text or ''}1"
    return Said(refusal=(name,))


def places_left_out(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Rows and cells without their names: they follow each other."""
    for sheet in sheets.values():
        for row in sheet.iter(tagged("row")):
            for number_, cell in enumerate(list(row)):
                if cell.get("r", "").rstrip("0123456789") != chr(ord("A") + number_):
                    break
                del cell.attrib["r"]
    return UNTOUCHED


def rows_in_another_order(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    for sheet in sheets.values():
        (data,) = sheet.iter(tagged("sheetData"))
        rows = list(data)
        draw.shuffle(rows)
        data[:] = rows
    return Said(refusal=tuple(sheets))


def merges_shifted(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Merged ranges one row or column further; what stands beneath is still in the file."""
    down, along = draw.choice(((1, 0), (0, 1), (2, 1)))
    for sheet in sheets.values():
        for merged in sheet.iter(tagged("mergeCell")):
            ends = [re.fullmatch("([A-Z])([0-9]+)", end) for end in merged.get("ref", "").split(":")]
            moved = [f"{chr(ord(end[1]) + along)}{int(end[2]) + down}" for end in ends if end]
            merged.set("ref", ":".join(moved))
    return _beneath(sheets, sample)


def _beneath(sheets: dict[str, etree._Element], sample: Sample) -> Said:
    """Values beneath a merged cell that are not its only one, or not the one that it shows, ask for a doubt."""
    from openpyxl.utils import coordinate_to_tuple, range_boundaries

    found: set[str] = set()
    own = {address: sample.places[address] for address in sample.filing.cells}
    for name, sheet in sheets.items():
        for merged in sheet.iter(tagged("mergeCell")):
            try:
                bounds = range_boundaries(merged.get("ref", ""))
            except ValueError:
                continue
            left, top, right, bottom = (each or 1 for each in bounds)
            covered = {
                address: place
                for address, (other, cell) in own.items()
                for place in (coordinate_to_tuple(cell),)
                if other == name and top <= place[0] <= bottom and left <= place[1] <= right
            }
            if len(covered) > 1 or (top, left) not in covered.values():
                found.update(covered)
    return Said(refusal=tuple(sheets), signed=frozenset(found))


def merges_odd(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Merged ranges that overlap, that are whole columns, or none at all."""
    for sheet in sheets.values():
        for merged in sheet.iter(tagged("mergeCell")):
            if draw.random() < 0.3:
                merged.set("ref", draw.choice(("A1:XFD1048576", "A1:B2", "Z9:A1", "C3", "A:C", "0", "$A$1:$B$2")))
    return _beneath(sheets, sample)


def dimensions_wrong(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    for sheet in sheets.values():
        for each in sheet.iter(tagged("dimension")):
            each.set("ref", draw.choice(("A1", "A1:A1", "A1:XFD1048576", "B5:C6", "")))
    return Said(refusal=tuple(sheets))


def far_cells(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Somebody has touched the last row and column there are, and formatted thousands of rows."""
    for sheet in sheets.values():
        (data,) = sheet.iter(tagged("sheetData"))
        for row in (*range(2000, 2000 + draw.choice((1, 5000))), 1048576):
            last = etree.SubElement(data, tagged("row"), r=str(row))
            _written(etree.SubElement(last, tagged("c"), r=f"XFD{row}"), None, draw.choice((None, "1")), None)
    return UNTOUCHED


def numbers_spelled(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Numbers in the XML as few programs write them, and as none does."""
    cells: dict[str, Options] = {}
    for address in chosen(sample.filing, draw):
        value = sample.filing.cells[address].value
        assert value is not None
        shown, kind, told = draw.choice(
            (
                (f"{value}.0" if isinstance(value, int) else str(value), None, number(value)),
                (f"{float(value):.17e}", None, number(value)),
                (f" {value} ", None, number(value)),
                ("NaN", None, UNREADABLE),
                ("INF", None, UNREADABLE),
                ("1e999", None, UNREADABLE),
                ("9" * 400, None, UNREADABLE),
                ("2024-03-04T00:00:00Z", "d", UNREADABLE),
                ("", None, BLANK),
            )
        )
        _written(_cell(sheets, sample, address), None, shown, kind)
        cells[address] = told
    return Said(cells, refusal=tuple(sheets))


def comments_inside(sheets: dict[str, etree._Element], sample: Sample, draw: random.Random) -> Said:
    """Remarks and instructions in the XML, which say nothing."""
    for address in chosen(sample.filing, draw):
        for value in _cell(sheets, sample, address).iter(tagged("v")):
            text = value.text or ""
            value.text = text[:1]
            inner = draw.choice((etree.Comment("9"), etree.ProcessingInstruction("x", "9")))
            inner.tail = text[1:]
            value.append(inner)
    return Said(refusal=tuple(sheets))


def encoded_otherwise(sample: Sample, draw: random.Random) -> Mutated:
    """XML in another encoding, with prefixes, or with a mark of the order of bytes."""
    parts = parts_of(sample.content)
    encoding = draw.choice(("UTF-16", "UTF-8", "GB18030", "prefix"))
    for name in draw.sample(sorted(parts), draw.randint(1, len(parts))) + [BOOK] * (draw.random() < 0.5):
        text = str(etree.tostring(etree.fromstring(parts[name]), encoding="unicode"))
        if encoding == "prefix":
            if name.startswith("xl/w"):
                text = re.sub(r"<(/?)([a-zA-Z]+)(?=[\s/>])", r"<\1x:\2", text).replace("xmlns=", "xmlns:x=", 1)
                parts[name] = text.encode()
        else:
            parts[name] = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    return Mutated(packed(parts), BROKEN)


def declared(sample: Sample, draw: random.Random) -> Mutated:
    """A part declares a document type, as those do that are made to fill the memory."""
    parts = parts_of(sample.content)
    name = draw.choice([each for each in parts if not each.startswith("docProps")])
    body = re.sub(rb"^<\?xml[^>]*\?>\s*", b"", parts[name])
    parts[name] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "7">]>' + body
    return Mutated(packed(parts), Said(refusal=(name,)))


def texts_exchanged(sample: Sample, draw: random.Random) -> Mutated:
    """The list of texts lost one, or cells ask for texts that it does not have."""
    parts = parts_of(shared(sample.content))
    sheets = sheet_parts(parts)
    if draw.random() < 0.5:
        listed = etree.fromstring(parts[TEXTS])
        listed.remove(draw.choice(list(listed)[:5]))
        parts[TEXTS] = etree.tostring(listed, encoding="UTF-8", xml_declaration=True)
        return Mutated(packed(parts), Said(refusal=("",)))
    name = draw.choice(sample.tables)
    sheet = etree.fromstring(parts[sheets[name]])
    cell = draw.choice([each for each in sheet.iter(tagged("c")) if each.get("t") == "s"][2:])
    cell[0].text = draw.choice(("999999", "-99999", "x", "1.5", ""))
    parts[sheets[name]] = etree.tostring(sheet, encoding="UTF-8", xml_declaration=True)
    return Mutated(packed(parts), Said(refusal=(name,)))


def sheets_listed_twice(sample: Sample, draw: random.Random) -> Mutated:
    """Two sheets of the same name, which no program makes."""
    parts = parts_of(sample.content)
    root = etree.fromstring(parts[BOOK])
    listed = [each for each in root.iter(tagged("sheet")) if each.get("name") in sample.tables]
    one, other = draw.sample(listed, 2)
    name = one.get("name", "")
    if draw.random() < 0.5:
        other.set("name", name)
    else:
        again = deepcopy(one)
        again.set("sheetId", "99")
        one.addnext(again)
    parts[BOOK] = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Mutated(packed(parts), Said(refusal=tuple(sample.tables)))


def days_since_1904(sample: Sample, draw: random.Random) -> Mutated:
    parts = parts_of(sample.content)
    parts[BOOK] = parts[BOOK].replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')
    return Mutated(packed(parts), UNTOUCHED)


MARKUP: dict[str, Callable[[Sample, random.Random], Mutated]] = {
    "formulas with results": changed(formulas),
    "formulas without value": changed(formulas_without_value),
    "cells twice": changed(cells_twice),
    "rows twice": changed(rows_twice),
    "places left out": changed(places_left_out),
    "rows in another order": changed(rows_in_another_order),
    "merges shifted": changed(merges_shifted),
    "merges that cannot be": changed(merges_odd),
    "dimensions wrong": changed(dimensions_wrong),
    "cells far away": changed(far_cells),
    "numbers in other spelling": changed(numbers_spelled),
    "comments in the XML": changed(comments_inside),
    "XML encoded otherwise": encoded_otherwise,
    "document types": declared,
    "shared texts wrong": texts_exchanged,
    "sheets listed twice": sheets_listed_twice,
    "days since 1904": days_since_1904,
}
