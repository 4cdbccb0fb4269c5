"""Cells files: CSV of two columns, ``cell,value``. An address that is absent is blank; an unknown one is an error."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from gongkai.errors import InputError, nearest
from gongkai.filing import LEVELS, Cell, Filing, Source, Text
from gongkai.forms import Form, edition_of, editions, form_for_year
from gongkai.intake.interface import Document, Reader
from gongkai.intake.numbers import read_cell

HEADER = ("cell", "value")
ABOUT = ("agency", "agency_code", "level", "year", "edition")


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    value: str
    source: Source


class CellsReader(Reader):
    """Reads a cells file."""

    def recognises(self, document: Document) -> bool:
        return bool(_header(document))

    def read(self, document: Document) -> Filing:
        lines = _lines(document)
        about = {key: line.value.strip() or None for key, line in lines.items() if key in ABOUT}
        year = _year(about.get("year"), document.name)
        form = _form(about.get("edition"), year, lines, document.name)
        if (level := about.get("level")) is not None and level not in LEVELS:
            raise InputError("unknown_level", file=document.name, level=level, known=", ".join(LEVELS))
        for key in lines:
            _known(key, form, lines[key])
        cells = {}
        for address, spec in form.cells.items():
            line = lines.get(address)
            cells[address] = read_cell(line.value, spec, line.source) if line else Cell(None, "blank", "")
        return Filing(
            edition=form.edition,
            agency=about.get("agency"),
            agency_code=about.get("agency_code"),
            level=level,
            year=year,
            cells=cells,
            texts={
                key: tuple(Text(part, lines[f"texts.{key}"].source) for part in lines[f"texts.{key}"].value.split("\n"))
                for key in form.text_keys
                if f"texts.{key}" in lines
            },
            facts={
                key.removeprefix("facts."): Text(line.value, line.source)
                for key, line in lines.items()
                if key.startswith("facts.")
            },
            inputs=(document.record,),
        )


def cells_text(filing: Filing) -> str:
    """`filing` as the text of a cells file. Doubts and inputs do not travel in it."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((name, getattr(filing, name)) for name in ABOUT)
    writer.writerows((f"facts.{key}", fact.text) for key, fact in filing.facts.items())
    writer.writerows((f"texts.{key}", "\n".join(text.text for text in texts)) for key, texts in filing.texts.items())
    writer.writerows((address, cell.raw) for address, cell in filing.cells.items())
    return stream.getvalue()


def _header(document: Document) -> str:
    """What separates the two words of the header, however it is written; "" where there is no header."""
    first = (document.text or "").lstrip("\n").split("\n", 1)[0]
    found = re.match(r'\s*"?cell"?\s*([,;\t])\s*"?value"?\s*(?:\1\s*)*$', first, re.IGNORECASE)
    return found[1] if found else ""


def _lines(document: Document) -> dict[str, _Line]:
    if _header(document) != ",":
        raise InputError("cells_separator", file=document.name, place=1)
    lines: dict[str, _Line] = {}
    reader = csv.reader("\n".join(document.lines()).splitlines(keepends=True), strict=True)
    try:
        for fields in reader:
            place = reader.line_num
            key, rest = fields[0].strip() if fields else "", fields[1:]
            if not any(map(str.strip, fields)) or key.lower() == HEADER[0]:
                continue
            # Excel adds empty columns where somebody once typed.
            if not rest or any(map(str.strip, rest[1:])):
                raise InputError("cells_columns", file=document.name, place=place, count=len(fields))
            if key in lines:
                raise InputError("cells_twice", file=document.name, place=place, address=key)
            lines[key] = _Line(key, rest[0], Source(file=document.name, line=reader.line_num))
    except csv.Error as error:
        raise InputError("cells_csv", file=document.name, place=reader.line_num, reason=error) from error
    if not lines:
        raise InputError("no_cells", file=document.name)
    return lines


def _year(text: str | None, file: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise InputError("year_no_number", file=file, year=text)
    return int(text)


def _form(edition: str | None, year: int | None, lines: dict[str, _Line], file: str) -> Form:
    by_year = form_for_year(year, file=file) if year is not None else None
    if edition is not None:
        if edition not in editions():
            raise InputError("unknown_edition", file=file, edition=edition, known=", ".join(editions()))
        return editions()[edition]
    tables = {table for form in editions().values() for table in form.tables}
    addresses = [key for key in lines if key.split(".")[0] in tables]
    return by_year or edition_of(addresses, file=file)


def _known(key: str, form: Form, line: _Line) -> None:
    texts = [f"texts.{each}" for each in form.text_keys]
    if key in form.cells or key in ABOUT or key in texts or (key.startswith("facts.") and key != "facts."):
        return
    hint = nearest(key, [*form.cells, *ABOUT, *texts])
    raise InputError("unknown_cell", file=line.source.file, place=line.source.line, address=key, nearest=hint)
