"""Marks cells of a workbook that came from elsewhere: a colour, a comment, and a sheet that lists what is wrong.

The file's own parts are changed and no others, since openpyxl would write back only what it knows: it loses shapes,
charts, controls, sparklines, marks and checks of newer programs, threads of comments, and what formulas came to. A cell
keeps its format: the colour is a conditional one, so that it can be taken away again, as comments are by their author.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gongkai.intake.spreadsheet.listing import Listing, put_listing
from gongkai.intake.spreadsheet.package import OFFICE, Package, content_type, insert, main, parsed, say_in
from gongkai.intake.spreadsheet.reading import refused_if_broken
from gongkai.intake.spreadsheet.styles import add_style, styles_of

AUTHOR = "gongkai"
_OURS = f'LEN("{AUTHOR}")={len(AUTHOR)}'
"""The condition of our colours: always true, and it says whose they are."""
_APPENDED = f"\n\n[{AUTHOR}] "
"""How our words begin after the words of a comment that somebody else has left on the cell."""

_AFTER_COLOURS = (
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks"),
    *("colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing"),
)
_AFTER_DRAWING = (
    *("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"),
)
"""What stands in a sheet after conditional formats, and after the drawing of its comments."""
_VML, _X = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:excel"
_O = "{urn:schemas-microsoft-com:office:office}"
"""The namespaces of the drawing that shows comments."""
_BOX = "_x0000_t202"
"""What programs call the kind of shape that shows a comment."""
_WIDE = 300
"""Pixels of the width of a comment."""
_LINE = 18
"""Pixels of the height of one of its lines."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong with a cell: how grave it is, and what to say in how many lines."""

    sheet: str
    cell: str
    kind: str
    text: str
    lines: int


def annotated(file: str, content: bytes, marks: Sequence[Mark], colours: Mapping[str, str], listing: Listing) -> bytes:
    """The workbook `content` with `marks`, at most one for a cell, and the listing as a sheet of its own.

    What an earlier call has marked is taken away first; `listing` takes the place of a sheet that has its name.
    `colours` are those of the kinds of marks. Raises InputError, which names `file`, for what is no sound workbook.
    """
    with refused_if_broken(file):
        package = Package(content)
        ((_, book),) = package.related("", "officeDocument")
        targets = dict(package.related(book, "worksheet"))
        named = package.tree(book).iter(main("sheet"))
        sheets = {each.get("name"): targets.get(each.get(f"{{{OFFICE}}}id")) for each in named}
        styles = styles_of(package, book)
        numbers = {kind: add_style(styles, "dxfs", _filled(colour)) for kind, colour in colours.items()}
        for name, part in sheets.items():
            if part and name != listing.name:
                sheet = _Sheet(package, part)
                sheet.clear()
                own = [mark for mark in marks if mark.sheet == name]
                sheet.colour(own, numbers)
                sheet.comment(own)
        put_listing(package, book, sheets.get(listing.name), listing)
        return package.content()


@dataclass(slots=True)
class _Sheet:
    package: Package
    part: str
    root: Any = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.package.tree(self.part)

    def clear(self) -> None:
        """Take our colours and comments away."""
        for rule in [each for each in self.root.iter(main("cfRule")) if each.findtext(main("formula")) == _OURS]:
            above = rule.getparent()
            above.remove(rule)
            if not len(above):
                self.root.remove(above)
        gone = set()
        for _, part in self.package.related(self.part, "comments"):
            comments = self.package.tree(part)
            authors = [each.text for each in comments.iter(main("author"))]
            for comment in list(comments.iter(main("comment"))):
                if authors[int(comment.get("authorId"))] == AUTHOR:
                    gone.add(_place(comment.get("ref")))
                    comment.getparent().remove(comment)
                for run in [each for each in comment.iter(main("r")) if _text(each).startswith(_APPENDED)]:
                    run.getparent().remove(run)
        for _, part in self.package.related(self.part, "vmlDrawing") if gone else ():
            for shape in list(self.package.tree(part).iter(f"{{{_VML}}}shape")):
                if tuple(int(shape.findtext(f".//{{{_X}}}{axis}", "-1")) for axis in ("Row", "Column")) in gone:
                    shape.getparent().remove(shape)

    def colour(self, marks: Sequence[Mark], numbers: Mapping[str, int]) -> None:
        """Colour cells by what is wrong with them, above whatever other conditions they have."""
        from lxml import etree

        kinds = [kind for kind in numbers if any(mark.kind == kind for mark in marks)]
        for rule in self.root.iter(main("cfRule")):
            rule.set("priority", str(int(rule.get("priority", "1")) + len(kinds)))
        for priority, kind in enumerate(kinds, start=1):
            cells = " ".join(mark.cell for mark in marks if mark.kind == kind)
            found = etree.Element(main("conditionalFormatting"), sqref=cells)
            about = {"type": "expression", "dxfId": str(numbers[kind]), "priority": str(priority)}
            etree.SubElement(etree.SubElement(found, main("cfRule"), about), main("formula")).text = _OURS
            insert(self.root, found, (*_AFTER_COLOURS, *_AFTER_DRAWING))

    def comment(self, marks: Sequence[Mark]) -> None:
        """Say at each cell what is wrong with it, after whatever others have said there."""
        from lxml import etree

        if not marks:
            return
        comments, drawing = self._comments(), self._drawing()
        authors = comments.find(main("authors"))
        number = next((n for n, each in enumerate(authors) if each.text == AUTHOR), len(authors))
        if number == len(authors):
            etree.SubElement(authors, main("author")).text = AUTHOR
        listed = comments.find(main("commentList"))
        known = {each.get("ref"): each for each in listed}
        for mark in marks:
            if mark.cell in known:
                run = etree.SubElement(known[mark.cell].find(main("text")), main("r"))
                say_in(run, _APPENDED + mark.text)
                continue
            new = etree.SubElement(listed, main("comment"), ref=mark.cell, authorId=str(number))
            say_in(etree.SubElement(new, main("text")), mark.text)
            drawing.append(self._shape(mark))
        listed[:] = sorted(listed, key=lambda each: _place(each.get("ref")))

    def _comments(self) -> Any:
        """The comments of this sheet; none yet where it has had none."""
        for _, part in self.package.related(self.part, "comments"):
            return self.package.tree(part)
        root = parsed("<comments><authors/><commentList/></comments>")
        part = self.package.unused("xl/comments*.xml")
        self.package.put(part, root, content_type("comments"))
        self.package.relate(self.part, "comments", part)
        return root

    def _drawing(self) -> Any:
        """The drawing that shows the comments, and in it the kind of shape that they have."""
        from lxml import etree

        there = dict(self.package.related(self.part, "vmlDrawing"))
        used = self.root.find(main("legacyDrawing"))
        root = self._new_drawing() if used is None else self.package.tree(there[used.get(f"{{{OFFICE}}}id")])
        if not any(each.get("id") == _BOX for each in root.iter(f"{{{_VML}}}shapetype")):
            about = {"id": _BOX, "coordsize": "21600,21600", "path": "m,l,21600r21600,l21600,xe", f"{_O}spt": "202"}
            kind = etree.SubElement(root, f"{{{_VML}}}shapetype", about)
            etree.SubElement(kind, f"{{{_VML}}}stroke", joinstyle="miter")
            etree.SubElement(kind, f"{{{_VML}}}path", {"gradientshapeok": "t", f"{_O}connecttype": "rect"})
        return root

    def _new_drawing(self) -> Any:
        from lxml import etree

        root = etree.Element("xml", nsmap={"v": _VML, "o": _O[1:-1], "x": _X})
        part = self.package.unused("xl/drawings/vmlDrawing*.vml")
        self.package.put(part, root, "application/vnd.openxmlformats-officedocument.vmlDrawing")
        shown = etree.Element(main("legacyDrawing"))
        shown.set(f"{{{OFFICE}}}id", self.package.relate(self.part, "vmlDrawing", part))
        insert(self.root, shown, _AFTER_DRAWING)
        return root

    def _shape(self, mark: Mark) -> Any:
        """The box of a comment: hidden until somebody points at the cell, beside it, as high as its lines are."""
        from lxml import etree

        row, column = _place(mark.cell)
        about = {"id": f"{AUTHOR}_{mark.cell}", "type": f"#{_BOX}", "fillcolor": "#ffffe1"}
        shape = etree.Element(f"{{{_VML}}}shape", about | {"style": "position:absolute;visibility:hidden"})
        etree.SubElement(shape, f"{{{_VML}}}path", {f"{_O}connecttype": "none"})
        etree.SubElement(shape, f"{{{_VML}}}textbox", style="mso-direction-alt:auto")
        data = etree.SubElement(shape, f"{{{_X}}}ClientData", ObjectType="Note")
        for name in ("MoveWithCells", "SizeWithCells"):
            etree.SubElement(data, f"{{{_X}}}{name}")
        right = _reach(self._widths(), column + 1, 15 + _WIDE)
        bottom = _reach(self._heights(), row, 2 + _LINE * (mark.lines + 1))
        told = {"Anchor": f"{column + 1}, 15, {row}, 2, {right[0]}, {right[1]}, {bottom[0]}, {bottom[1]}"}
        for name, value in (told | {"AutoFill": "False", "Row": str(row), "Column": str(column)}).items():
            etree.SubElement(data, f"{{{_X}}}{name}").text = value
        return shape

    def _widths(self) -> tuple[Mapping[int, float], float]:
        """The width in pixels of each column (from 0) that has one of its own, and of the others."""
        form = self.root.find(main("sheetFormatPr"))
        usual = float(form.get("defaultColWidth", "8.43")) if form is not None else 8.43
        own: dict[int, float] = {}
        for each in self.root.iter(main("col")):
            width = 0.0 if each.get("hidden") in ("1", "true") else float(each.get("width", usual))
            last = min(int(each.get("max")), int(each.get("min")) + 100)
            own |= {column - 1: width * 7 + 5 for column in range(int(each.get("min")), last + 1)}
        return own, usual * 7 + 5

    def _heights(self) -> tuple[Mapping[int, float], float]:
        """The same of rows."""
        form = self.root.find(main("sheetFormatPr"))
        usual = float(form.get("defaultRowHeight", "15")) if form is not None else 15.0
        rows = [each for each in self.root.iter(main("row")) if each.get("ht") and each.get("r")]
        return {int(each.get("r")) - 1: float(each.get("ht")) * 4 / 3 for each in rows}, usual * 4 / 3


def _reach(sizes: tuple[Mapping[int, float], float], start: int, length: float) -> tuple[int, int]:
    """The row or column that `length` pixels from the beginning of `start` end in, and how far in it."""
    own, usual = sizes
    while (size := own.get(start, usual)) <= length and start < 16_000:
        start, length = start + 1, length - size
    return start, int(length)


def _place(cell: str) -> tuple[int, int]:
    """The row and the column of a cell, from 0."""
    from openpyxl.utils.cell import coordinate_to_tuple

    row, column = coordinate_to_tuple(cell)
    return row - 1, column - 1


def _text(run: Any) -> str:
    return str(run.findtext(main("t"), ""))


def _filled(colour: str) -> Any:
    """A conditional format, which takes the colour of a plain fill from its background."""
    fill = f'<fgColor rgb="{colour}"/><bgColor rgb="{colour}"/>'
    return parsed(f'<dxf><fill><patternFill patternType="solid">{fill}</patternFill></fill></dxf>')
