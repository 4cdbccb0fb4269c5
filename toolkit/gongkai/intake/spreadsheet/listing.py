"""The sheet that lists what is wrong with a workbook that came from elsewhere, with links to its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongkai.intake.spreadsheet.package import OFFICE, Package, content_type, main, parsed, say_in
from gongkai.intake.spreadsheet.styles import add_style, styles_of

Target = tuple[str, str]
"""Where a link leads: a sheet and a cell."""

_FACES = {"bold": ("<b/>", ""), "link": ("<u/>", '<color rgb="FF0563C1"/>'), "plain": ("", "")}
"""What stands in a font before and after its size."""
_LOOKS = {"title": ("bold", False), "head": ("bold", True), "text": ("plain", True), "link": ("link", True)}
"""How cells of the listing look: their face, and whether they have a frame and wrap their text."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The sheet that lists what is wrong; each line may lead to a cell."""

    name: str
    font: str
    heading: str
    heads: Sequence[str]
    widths: Sequence[float]
    link: int
    """The column whose texts lead there."""
    lines: Sequence[tuple[Sequence[str], Target | None]]
    heights: Sequence[float]
    """Of the lines, in points: programs do not all make room for a wrapped text by themselves."""


def put_listing(package: Package, book: str, old: str | None, listing: Listing) -> None:
    """Write the listing: as a new sheet behind the others, or in the place of the one that is there."""
    from lxml import etree

    root = _listing(listing, _looks(styles_of(package, book), listing.font))
    part = old or package.unused("xl/worksheets/sheet*.xml")
    package.put(part, root, content_type("worksheet"))
    if not old:
        sheets = package.tree(book).find(main("sheets"))
        number = max(int(each.get("sheetId")) for each in sheets) + 1
        sheet = etree.SubElement(sheets, main("sheet"), name=listing.name, sheetId=str(number))
        sheet.set(f"{{{OFFICE}}}id", package.relate(book, "worksheet", part))


def _looks(styles: Any, font: str) -> dict[str, int]:
    """The numbers of the formats of the listing."""
    fonts = {
        name: add_style(styles, "fonts", parsed(f'<font>{before}<sz val="11"/>{after}<name val="{font}"/></font>'))
        for name, (before, after) in _FACES.items()
    }
    line = '<{0} style="thin"><color rgb="FF7F7F7F"/></{0}>'
    edges = "".join(line.format(edge) for edge in ("left", "right", "top", "bottom"))
    border = add_style(styles, "borders", parsed(f"<border>{edges}</border>"))
    looks = {}
    for name, (face, boxed) in _LOOKS.items():
        about = f'numFmtId="0" fontId="{fonts[face]}" fillId="0" borderId="{border if boxed else 0}" applyFont="1"'
        wrap = ' wrapText="1"' if boxed else ""
        xf = f'<xf {about} applyBorder="1" applyAlignment="1"><alignment vertical="top"{wrap}/></xf>'
        looks[name] = add_style(styles, "cellXfs", parsed(xf))
    return looks


def _listing(listing: Listing, looks: Mapping[str, int]) -> Any:
    """The sheet itself; texts stand in their cells, and none of them is ever taken for a formula."""
    from lxml import etree

    root = parsed(
        '<worksheet><sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0"/></sheetViews><cols/><sheetData/><hyperlinks/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )
    columns, data, links = (root.find(main(name)) for name in ("cols", "sheetData", "hyperlinks"))
    for number, width in enumerate(listing.widths, start=1):
        about = {"min": str(number), "max": str(number), "width": str(width), "customWidth": "1"}
        etree.SubElement(columns, main("col"), about)
    rows: list[tuple[Sequence[str], str, Target | None]] = [
        ([listing.heading], "title", None),
        (listing.heads, "head", None),
    ]
    rows += [(texts, "text", target) for texts, target in listing.lines]
    heights = [None, None, *listing.heights]
    for number, ((texts, look, target), height) in enumerate(zip(rows, heights, strict=True), start=1):
        own = {"ht": str(height), "customHeight": "1"} if height else {}
        row = etree.SubElement(data, main("row"), {"r": str(number)} | own)
        for column, text in enumerate(texts):
            linked = target if column == listing.link else None
            name = f"{chr(ord('A') + column)}{number}"
            about = {"r": name, "s": str(looks["link" if linked else look]), "t": "inlineStr"}
            say_in(etree.SubElement(etree.SubElement(row, main("c"), about), main("is")), text)
            if linked:
                sheet = linked[0].replace("'", "''")
                etree.SubElement(links, main("hyperlink"), ref=name, location=f"'{sheet}'!{linked[1]}")
    if not len(links):
        root.remove(links)
    return root
