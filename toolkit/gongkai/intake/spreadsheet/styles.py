"""The formats of a workbook that came from elsewhere: new ones are added behind those there are."""

from __future__ import annotations

from typing import Any

from gongkai.intake.spreadsheet.package import Package, content_type, insert, main, parsed

_LISTS = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs"),
    *("cellStyles", "dxfs", "tableStyles", "colors", "extLst"),
)
"""The lists of formats in their order."""
_FIRST = {
    "fonts": "<font/>",
    "fills": '<fill><patternFill patternType="none"/></fill>',
    "borders": "<border/>",
    "cellXfs": "<xf/>",
}
"""What cells have that name no format: the first of each list, which nothing of ours may become."""


def styles_of(package: Package, book: str) -> Any:
    """The formats of a workbook, whose part is called `book`; with the first of each list where it has none."""
    part = next((part for _, part in package.related(book, "styles")), "")
    if not part:
        part = package.unused("xl/styles*.xml")
        package.put(part, parsed("<styleSheet/>"), content_type("styles"))
        package.relate(book, "styles", part)
    styles = package.tree(part)
    for name, first in _FIRST.items():
        if not len(_listed(styles, name)):
            add_style(styles, name, parsed(first))
    return styles


def add_style(styles: Any, name: str, element: Any) -> int:
    """The number that a new format has in its list."""
    listed = _listed(styles, name)
    listed.append(element)
    listed.set("count", str(len(listed)))
    return len(listed) - 1


def _listed(styles: Any, name: str) -> Any:
    from lxml import etree

    if styles.find(main(name)) is None:
        insert(styles, etree.Element(main(name)), _LISTS[_LISTS.index(name) + 1 :])
    return styles.find(main(name))
