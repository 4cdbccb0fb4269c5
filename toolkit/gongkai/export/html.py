"""The document as one HTML page that loads nothing, runs nothing and prints as the official layout."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, singledispatch
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any

from gongkai.catalogues import say, speaking
from gongkai.export.blocks import (
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
    Preformatted,
    Row,
    Run,
    Signature,
    Table,
    TableCell,
    Title,
)
from gongkai.report.display import element, lines

ADDRESS_PART = re.compile("(?<=[0-9A-Za-z][-/._?=])(?=[0-9A-Za-z])")
"""Where an address may go on in the next line."""
TALL = 10
"""What spans more rows than this may be cut by the end of a page; what spans fewer is kept together."""
MIMES = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml"}


def write_html(document: Document) -> str:
    """The page: the same for the same document. With notes on cells it shows them in the margin."""
    with speaking(document.language):
        blocks = [_block(block) for block in document.blocks]
        return str(_template().render(title=document.title, blocks=blocks, draft=document.draft, say=say))


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")


@singledispatch
def _block(block: Block) -> str:
    raise TypeError(block)


@_block.register
def _title(block: Title) -> str:
    return element("h1", "<br>".join(element("span", escape(line)) for line in block.lines))


@_block.register
def _heading(block: Heading) -> str:
    return element(f"h{block.level + 1}", _line(block.line), id=block.anchor or None)


@_block.register
def _paragraph(block: Paragraph) -> str:
    align = f"text-align: {block.align}" if block.align else None
    kind = None if block.style in ("body", "quote") else block.style
    html = element("p", _line(block.line), class_=kind, style=align)
    return element("blockquote", html) if block.style == "quote" else html


@_block.register
def _list(block: List) -> str:
    items = (element("li", "".join(map(_block, item))) for item in block.items)
    start = block.start if block.ordered and block.start != 1 else None
    return element("ol" if block.ordered else "ul", lines(["", *items, ""]), start=start)


@_block.register
def _figure(block: Figure) -> str:
    picture = block.picture
    source = f"data:{MIMES[picture.kind]};base64,{base64.b64encode(picture.data).decode()}"
    caption = element("figcaption", _line(block.caption)) if block.caption else ""
    image = f'<img src="{source}" alt="{escape(block.description)}" style="width: {_points(picture.width)}">'
    return element("figure", image + caption)


@_block.register
def _preformatted(block: Preformatted) -> str:
    # The line end after the tag is none of the text.
    return element("pre", f"\n{escape(block.text)}")


@_block.register
def _signature(block: Signature) -> str:
    return element("div", "".join(element("p", escape(line)) for line in block.lines), class_="signature")


@_block.register
def _page_break(_: PageBreak) -> str:
    return '<hr class="page">'


def _points(length: float) -> str:
    return f"{length:.4g}pt"


def _line(line: Line) -> str:
    return "".join(map(_run, line))


def _run(run: Run) -> str:
    html, look = escape(run.text, quote=False).replace("\n", "<br>"), run.look
    if look.link:
        # Else an address, too long for the rest of its line, leaves a gap before it.
        html = ADDRESS_PART.sub("<wbr>", html)
    if look == Look():
        return html
    colors = (("color", look.color), ("background-color", look.background))
    if style := "; ".join(f"{name}: {value}" for name, value in colors if value):
        html = element("span", html, style=style)
    marks = (("code", look.code), ("s", look.strike), ("u", look.underline), ("em", look.italic), ("strong", look.bold))
    for tag in (tag for tag, is_set in marks if is_set):
        html = element(tag, html)
    if look.position:
        html = element("sub" if look.position == "sub" else "sup", html)
    if look.link:
        html = element("a", html, href=look.link, rel=None if look.link.startswith("#") else "noreferrer")
    return html


@_block.register
def _table(table: Table) -> str:
    columns = "".join(f'<col style="width: {share:.2%}">' for share in table.widths)
    groups = list(table.groups)
    head = [_group("thead", groups.pop(0))] if table.head_rows else []
    is_tall = any(cell.rowspan > TALL for row in table.rows for cell in row.cells)
    return element(
        "table",
        lines(
            [
                "",
                element("caption", _line(table.caption)) if table.caption else "",
                element("colgroup", columns),
                *head,
                *(_group("tbody", group) for group in groups),
                "",
            ]
        ),
        class_=" ".join(["official"] * bool(table.official) + ["tall"] * is_tall) or None,
        data_table=table.official or None,
        aria_label=table.label or None,
        style=f"--size: {_points(table.size)}; --value-size: {_points(table.value_size)}",
    )


def _group(tag: str, rows: Iterable[Row]) -> str:
    return element(tag, lines(["", *map(_row, rows), ""]))


def _row(row: Row) -> str:
    notes = [note for cell in row.cells for note in cell.notes]
    first = next((cell for cell in row.cells if cell.notes), None)
    cells = (_cell(cell, _margin(notes) if cell is first else "") for cell in row.cells)
    return element("tr", "".join(cells), id=row.anchor or None)


def _cell(cell: TableCell, margin: str) -> str:
    tall = "tall" if cell.scope and cell.rowspan > TALL else None
    styles = (("text-align", cell.align), ("background-color", cell.background))
    paragraphs = [_line(line) for line in cell.lines]
    numbers = " ".join(f'<a href="#finding-{note.number}">{note.number}</a>' for note in cell.notes)
    return element(
        "th" if cell.scope else "td",
        (paragraphs[0] if len(paragraphs) == 1 else "".join(element("p", each) for each in paragraphs))
        + (element("sup", numbers) if numbers else "")
        + margin,
        rowspan=cell.rowspan if cell.rowspan > 1 else None,
        colspan=cell.colspan if cell.colspan > 1 else None,
        class_=f"marked {cell.gravest}" if cell.notes else tall,
        id=cell.anchor or None,
        scope=cell.scope or None,
        headers=cell.headers or None,
        data_cell=cell.address or None,
        style="; ".join(f"{name}: {value}" for name, value in styles if value) or None,
        title="\n".join(note.message for note in cell.notes) or None,
    )


def _margin(notes: Sequence[Note]) -> str:
    """What stands in the margin beside a row: a line a rule, with the numbers of its entries."""
    by_rule: dict[tuple[str, str], list[Note]] = defaultdict(list)
    for note in notes:
        by_rule[note.kind, note.rule].append(note)
    return element("small", "<br>".join(chain.from_iterable(map(_entries, by_rule.values()))), class_="margin")


def _entries(notes: Sequence[Note]) -> Iterator[str]:
    first = notes[0]
    numbers = " ".join(dict.fromkeys(str(note.number) for note in notes))
    text = f"{numbers} {first.rule} {first.message}"
    yield element("a", escape(text), class_=first.kind, href=f"#finding-{first.number}")
