"""The tree as the data that the template of the PDF is filled with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import accumulate, pairwise
from math import ceil
from typing import Any

from gongkai.catalogues import say
from gongkai.errors import JobError
from gongkai.export.blocks import (
    TEXT_HEIGHT,
    TEXT_WIDTH,
    Block,
    Document,
    Figure,
    Heading,
    Line,
    List,
    Look,
    Note,
    PageBreak,
    Paragraph,
    Piece,
    Preformatted,
    Row,
    Run,
    Signature,
    Table,
    TableCell,
    Title,
)
from gongkai.export.fitting import ems
from gongkai.export.pdf.tables import balanced, fitted, heights, kept, size_of
from gongkai.fonts import Role, families, missing

LARGE, BODY, CAPTION, SMALL = 22.0, 16.0, 14.0, 10.5
"""Sizes of type in points: the title, the text, captions, and what is set smaller."""
CHARACTER = TEXT_WIDTH / 28
LIST_INDENT, LIST_STEP = 3.5 * CHARACTER, 1.5 * CHARACTER
"""What a list takes of the width: two characters and the mark; and one within another: the mark."""
BULLETS = "•–"
SHORT_LINES = 8
"""A paragraph of no more lines goes to the next page with the signature rather than leave it alone there."""
LONG_CAPTION = 10
"""A caption of more lines may go on overleaf."""
PARAGRAPH_ROLES: dict[str, Role] = {"body": "body", "quote": "subheading", "front": "body", "summary": "heading"}
HEADING_ROLES: tuple[Role, ...] = ("heading", "subheading")
EXTERNAL = ("http://", "https://", "mailto:")
PLAIN = Look()
EMPTY_LINE = Paragraph((Run("\u00a0"),))

_WORD = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
_NUMBER = re.compile(r"[-+(−]?[\d.,%)]+")
_TAG = re.compile(r"<[^>]*>")
_BREAK = "\u200b"


@dataclass
class Setting:
    """What the template reads: its data, and the files beside it; `tables` are those of the document, in order."""

    data: dict[str, Any]
    files: dict[str, bytes]
    tables: list[Table]


def setting(document: Document) -> Setting:
    """The data of `document`. Raises JobError for a character that no font has."""
    writer = _Writer(frozenset(_anchors(document.blocks)))
    blocks = [data for piece in document.pieces for data in writer.piece(piece)]
    _keep_signature(blocks)
    lang, _, region = say("page.lang").partition("-")
    issued = document.issued
    data = {
        "title": document.title,
        "lang": lang,
        "region": region or None,
        "issued": {"year": issued.year, "month": issued.month, "day": issued.day},
        "draft": writer.text(say("page.draft"), "heading") if document.draft else "",
        "fonts": families(),
        "blocks": blocks,
    }
    writer.require_glyphs()
    return Setting(data, writer.files, writer.tables)


def _anchors(blocks: Iterable[Block]) -> Iterator[str]:
    """What a link in the document may lead to."""
    for block in blocks:
        match block:
            case Heading(anchor=anchor) if anchor:
                yield anchor
            case Table():
                yield from (name for row in block.rows for name in _names(row))
            case List():
                yield from _anchors(each for item in block.items for each in item)


def _names(row: Row) -> Iterator[str]:
    yield from filter(None, (row.anchor, *(cell.anchor for cell in row.cells)))


def _beside(item: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks of an item of a list, the first of them a line for its mark, which else might leave the page."""
    return item if item and isinstance(item[0], Paragraph | List | Preformatted) else (EMPTY_LINE, *item)


def _keep_signature(blocks: list[dict[str, Any]]) -> None:
    for before, block in pairwise(blocks):
        if block["kind"] == "signature" and before["kind"] == "body":
            before["sticky"] = before["rows"] <= SHORT_LINES


def _filled(**values: Any) -> dict[str, Any]:
    """The values that say something, since the template knows what holds without them."""
    return {name: value for name, value in values.items() if value}


def _plain(lines: list[list[Any]]) -> str | list[list[Any]]:
    """The text itself of a cell that holds no more than that: most do, and it is set sooner."""
    match lines:
        case []:
            return ""
        case [[str(text)]]:
            return text
    return lines


class _Writer:
    """Turns blocks into data, and gathers what stands beside them."""

    def __init__(self, anchors: frozenset[str]) -> None:
        self.anchors = anchors
        self.cell = ""
        self.labels: set[str] = set()
        self.told: set[int] = set()
        self.files: dict[str, bytes] = {}
        self.tables: list[Table] = []
        self.characters: dict[Role, dict[str, str]] = defaultdict(dict)

    def piece(self, piece: Piece) -> Iterator[dict[str, Any]]:
        """The blocks of one cell of the notebook."""
        self.cell = piece.cell
        return self.blocks(piece.blocks, TEXT_WIDTH)

    def blocks(self, blocks: Iterable[Block], room: float) -> Iterator[dict[str, Any]]:
        """Blocks in a column that is `room` points wide."""
        for block in blocks:
            yield self.block(block, room)

    def block(self, block: Block, room: float) -> dict[str, Any]:
        match block:
            case Paragraph():
                data = self.paragraph(block, room)
            case List():
                data = self.items(block, room)
            case Table():
                data = self.table(block, room)
            case Figure():
                data = self.figure(block, room)
            case Heading(level, line, anchor):
                role = HEADING_ROLES[level - 1] if level <= len(HEADING_ROLES) else "body"
                data = {"kind": "heading", "level": level, "line": self.line(line, room, role=role)}
                data |= self.labelled(anchor)
            case Title(lines):
                data = {
                    "kind": "title",
                    "lines": [self.breakable(self.text(line, "title"), room / LARGE) for line in lines],
                }
            case Preformatted(text):
                data = {"kind": "preformatted", "text": self.breakable(self.text(text.expandtabs()), room / SMALL)}
            case Signature(lines):
                data = {"kind": "signature", "lines": [self.breakable(self.text(line), room / BODY) for line in lines]}
            case PageBreak():
                data = {"kind": "break"}
        return data

    def items(self, block: List, room: float) -> dict[str, Any]:
        room -= LIST_INDENT if room == TEXT_WIDTH else LIST_STEP
        items = [[*self.blocks(_beside(item), room)] for item in block.items]
        for item, data in zip(block.items, items, strict=True):
            for each in data:
                each["indent"] = False
            if len(data) > len(item):
                data[0]["sticky"] = True
        if not block.ordered:
            self.text(BULLETS)
        return {"kind": "list", "items": items, "ordered": block.ordered, "start": block.start}

    def figure(self, block: Figure, room: float) -> dict[str, Any]:
        picture = block.picture
        name = f"{len(self.files)}.{picture.kind}"
        self.files[name] = picture.data
        if picture.kind == "svg":
            self.text(unescape(_TAG.sub("", picture.data.decode(errors="replace"))))
        size = {"width": picture.width, "height": picture.height}
        words = sum(ems(run.text) for run in block.caption) * CAPTION
        return {
            "kind": "figure",
            "file": name,
            "alt": block.description,
            "caption": self.line(block.caption, room, CAPTION, "heading"),
            "breakable": words > LONG_CAPTION * room,
        } | size

    def paragraph(self, block: Paragraph, room: float) -> dict[str, Any]:
        size = SMALL if block.style == "summary" else BODY
        rows = ceil(sum(ems(run.text) for run in block.line) * CHARACTER / room)
        data = {"kind": block.style, "line": self.line(block.line, room, size, PARAGRAPH_ROLES[block.style])}
        return {**data, **_filled(align=block.align), "indent": block.style == "body", "sticky": False, "rows": rows}

    def line(
        self, line: Line, room: float, size: float = BODY, role: Role = "body", *, table: bool = False
    ) -> list[Any]:
        """Runs that break where they must in a column `room` points wide; a run that looks like others is a string."""
        return [self.run(run, room / size, role, table=table) for run in line]

    def run(self, run: Run, measure: float, role: Role, *, table: bool) -> str | dict[str, Any]:
        look = run.look
        text = self.breakable(self.text(run.text, "subheading" if look.italic else role), measure, table=table)
        if look == PLAIN:
            return text
        target = look.link.removeprefix("#") if look.link.startswith("#") else ""
        return {"text": text} | _filled(
            bold=look.bold,
            italic=look.italic,
            underline=look.underline,
            strike=look.strike,
            color=look.color,
            background=look.background,
            url=look.link if look.link.startswith(EXTERNAL) else "",
            target=target if target in self.anchors else "",
            **{look.position: True} if look.position else {},
        )

    def labelled(self, *anchors: str) -> dict[str, Any]:
        """What a link may lead to: the first place of each name."""
        new = [anchor for anchor in anchors if anchor and anchor not in self.labels]
        self.labels.update(new)
        return _filled(anchors=new)

    def text(self, text: str, role: Role = "body") -> str:
        """The text itself; its characters are noted, for `require_glyphs`."""
        known = self.characters[role]
        known |= dict.fromkeys(set(text) - known.keys(), self.cell)
        return text

    def require_glyphs(self) -> None:
        """Raises JobError for the first character noted that no font of its role has, and names its cell."""
        for role, characters in self.characters.items():
            for character in missing("".join(characters), role)[:1]:
                code = f"U+{ord(character):04X}"
                raise JobError("missing_glyph", place=characters[character], character=character, code=code)

    def breakable(self, text: str, measure: float, *, table: bool = False) -> str:
        """`text` with places to break in each word longer than `measure` ems, but in no number of a table."""
        if len(text) <= measure:
            return text

        def broken(match: re.Match[str]) -> str:
            word = match[0]
            long = ems(word) > measure and not (table and _NUMBER.fullmatch(word))
            return _BREAK.join(word) if long else word

        return _WORD.sub(broken, text)

    def table(self, table: Table, room: float) -> dict[str, Any]:
        self.tables.append(table)
        edges = [share * room for share in accumulate(table.widths, initial=0.0)]
        about, exact = heights(table, edges)
        # A head that is repeated leaves room for what it heads.
        repeated = table.head_rows if sum(about[: table.head_rows]) < TEXT_HEIGHT / 2 else 0
        # Heads repeat on each page, so what leads to one leads to the table.
        heads = (name for row in table.rows[:repeated] for name in _names(row))
        labels = self.labelled(*heads)
        cells = []
        for number, row in enumerate(table.rows):
            margin = self.margin(row)
            for cell in row.cells:
                width = edges[cell.column + cell.colspan] - edges[cell.column]
                own = self.labelled(cell.anchor, row.anchor if cell is row.cells[0] else "")
                if cell.notes:
                    own, margin = own | _filled(margin=margin), []
                beside = sum(about[number : number + cell.rowspan])
                cells.append({"x": cell.column, "y": number} | own | self.table_cell(table, cell, width, beside))
        return {
            "kind": "table",
            "widths": table.widths,
            "size": table.size,
            "head": sum(len(row.cells) for row in table.rows[:repeated]),
            "cells": cells,
            "kept": list(kept(table, about)),
            "rows": exact,
            "caption": self.line(table.caption, room, CAPTION, "heading"),
        } | labels

    def table_cell(self, table: Table, cell: TableCell, width: float, beside: float) -> dict[str, Any]:
        how = fitted(table, cell, width, beside)
        room, size = width - 2 * how["inset"], size_of(table, cell)
        lines = _plain([self.line(line, room, size, table=True) for line in cell.lines])
        return {
            "lines": balanced(lines, room / size)
            if cell.scope and how["align"] == "center" and isinstance(lines, str)
            else lines,
            **how,
            **_filled(
                rowspan=cell.rowspan,
                colspan=cell.colspan,
                size=size if size != table.size else 0,
                background=cell.background,
                notes=[self.note(note) for note in cell.notes],
                tint=cell.gravest,
            ),
        }

    def note(self, note: Note) -> dict[str, Any]:
        entry = f"finding-{note.number}"
        target = entry if entry in self.anchors else ""
        return {"number": self.text(str(note.number), "heading"), "kind": note.kind} | _filled(target=target)

    def margin(self, row: Row) -> list[dict[str, Any]]:
        """What stands in the margin beside a row: each entry once, with what it says where it is met first."""
        entries = []
        for note in {note.number: note for cell in row.cells for note in cell.notes}.values():
            message = "" if note.number in self.told else self.text(note.message, "heading")
            words = self.text(f"{note.number} {note.rule}", "heading")
            entries.append({"kind": note.kind, "words": words} | _filled(message=message))
            self.told.add(note.number)
        return entries
