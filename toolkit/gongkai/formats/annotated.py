"""The workbook that goes back to the clerk: the one that was handed in, with its faulty cells coloured and commented.

What was handed in as anything but a workbook of this kind becomes the official workbook first, with what was read.
Reading an annotated workbook gives the filing that it was made from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from gongkai.catalogues import say
from gongkai.errors import UsageError
from gongkai.filing import Filing, Source
from gongkai.finding import Finding
from gongkai.formats.entries import Entry
from gongkai.intake import archive, containers, load, read
from gongkai.intake.blueprint import is_listing
from gongkai.intake.fitting import fitted, lines
from gongkai.intake.interface import Document
from gongkai.intake.spreadsheet import MAX_TEXT, Book, Listing, Mark, annotated
from gongkai.intake.template import write_workbook
from gongkai.workspace import write_bytes

COLOURS = {
    "error": "FFFFB3B3",
    "not_assessable": "FFE0C2F0",
    "doubt": "FFFFD0A6",
    "warning": "FFFFE066",
    "info": "FFBDE3F0",
}
"""Of cells by the gravest of what is wrong with them, as alpha, red, green and blue."""
HEADS = {"kind": 10.0, "rule": 18.0, "cell": 20.0, "place": 44.0, "message": 70.0, "basis": 36.0}
"""The columns of the sheet that lists all, and their widths in characters."""
COMMENT_WIDTH = 40
"""Characters of a comment's line."""
_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")


def annotated_name(path: Path) -> str:
    """What the annotated workbook of an input is called."""
    return path.name if path.suffix.lower() in _SUFFIXES else f"{path.stem}.xlsx"


def annotate(path: Path, found: Sequence[Entry], target: Path, *, previous: Filing | None = None) -> None:
    """Write the annotated workbook of the input at `path`, of which `found` is what a check has found.

    `previous` is shown where the official workbook is written. Raises UsageError where `target` is the input itself
    or cannot be written.
    """
    if target.exists() and target.samefile(path):
        raise UsageError("annotates_input", file=path.name)
    filing = found[0].filing
    document = load(path)
    own = containers.contained(document)
    # A strict workbook is read in another form, without its pictures; that is not what goes back.
    if archive.kind(own) != "xlsx" or own.content != document.content:
        own, filing = _official(filing, target.name, previous)
    listing = _listing(own, found, filing)
    write_bytes(target, annotated(own.name, own.content, [*_marks(found, filing)], COLOURS, listing))


def _official(filing: Filing, name: str, previous: Filing | None) -> tuple[Document, Filing]:
    """The official workbook of a filing, and the filing with the places that it has there."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_workbook(path, filing, previous=previous)
        return load(path), read(path)


def _marks(found: Sequence[Entry], filing: Filing) -> Iterator[Mark]:
    """A mark for each cell that something is wrong with."""
    cells: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in found:
        for place in dict.fromkeys(_places(entry, filing)):
            cells[place].append(entry)
    for (sheet, cell), entries in cells.items():
        text = "\n\n".join(_sentence(entry) for entry in entries)[:MAX_TEXT]
        gravest = next(kind for kind in COLOURS if any(entry.kind == kind for entry in entries))
        yield Mark(sheet, cell, gravest, text, lines(text, COMMENT_WIDTH))


def _sentence(entry: Entry) -> str:
    quoted = say("listing.quoted", quote=entry.quote) if entry.quote else ""
    kind = say(f"severity.{entry.kind}")
    return say("listing.sentence", kind=kind, rule=entry.rule, quoted=quoted, message=entry.message)


def _places(entry: Entry, filing: Filing) -> Iterator[tuple[str, str]]:
    """Sheet and cell of whatever an entry is about, in the workbook that `filing` was read from."""
    for source in _sources(entry, filing):
        if source and source.sheet and source.cell:
            yield source.sheet, source.cell


def _sources(entry: Entry, filing: Filing) -> Iterator[Source | None]:
    told = entry.told
    if told.cells:
        cells = [filing.cells[address] for address in told.cells if address in filing.cells]
        # What cannot be assessed is told of a whole equation, and is the fault of those that hold no number.
        faulty = [cell for cell in cells if cell.value is None] if entry.kind == "not_assessable" else []
        yield from (cell.source for cell in faulty or cells)
    elif isinstance(told, Finding) and told.text in filing.texts:
        passages = filing.texts[told.text or ""]
        yield passages[min(told.passage or 0, len(passages) - 1)].source
    elif told.source:
        # A fact, which the official workbook has in another place.
        facts = [key for key, fact in entry.filing.facts.items() if fact.source == told.source]
        yield filing.facts[facts[0]].source if facts and facts[0] in filing.facts else told.source


def _listing(document: Document, found: Sequence[Entry], filing: Filing) -> Listing:
    targets = [next(_places(entry, filing), None) for entry in found]
    texts: list[list[str]] = []
    for entry, target in zip(found, targets, strict=True):
        values = {**entry.values(), "place": entry.where, "cell": "!".join(target or ())}
        texts.append([str(values.get(name) or "")[:MAX_TEXT] for name in HEADS])
    return Listing(
        name=_sheet_name(document),
        font=say("workbook.font"),
        heading=say("listing.heading"),
        heads=[say(f"column.{name}") for name in HEADS],
        widths=list(HEADS.values()),
        link=list(HEADS).index("cell"),
        lines=list(zip(texts, targets, strict=True)),
        heights=[fitted(line, list(HEADS.values())) for line in texts],
    )


def _sheet_name(document: Document) -> str:
    """The name of the sheet that an earlier check has left; else one that no sheet has."""
    book = Book(document)
    for name in book.names:
        if is_listing(book.sheet(name, height=1, width=1).texts.get((1, 1), "")):
            return name
    names = (say("listing.sheet"), *(f"{say('listing.sheet')} {number}" for number in range(2, len(book.names) + 3)))
    taken = {name.lower() for name in book.names}
    return next(name for name in names if name.lower() not in taken)
