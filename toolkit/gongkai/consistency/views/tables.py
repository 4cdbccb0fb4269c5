"""Views of the tables as a document prints them."""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.consistency.lines import Absent, Line, Subject
from gongkai.forms import Axis


def tables(subject: Subject) -> Iterator[Line | Absent]:
    """The view `tables`; whether one is there that our readers could not find is not known."""
    filing = subject.filing
    if not subject.is_document:
        yield Absent("document")
        return
    for key, table in filing.form.tables.items():
        addresses = [address for address, spec in filing.form.cells.items() if spec.table == key]
        missing = not any(address in filing.cells for address in addresses)
        picture = filing.facts.get(f"picture.{key}")
        kind = "present" if not missing else "picture" if picture else "missing"
        lost = missing and not picture and any(address in filing.doubted for address in addresses)
        source = picture.source if picture else None
        yield Line(values={"table": str(table.name), "kind": kind}, unknown=lost, source=source)


def labels(subject: Subject) -> Iterator[Line | Absent]:
    """The view `labels`."""
    filing = subject.filing
    if filing.medium != "document":
        yield Absent("document")
        return
    for key, fact in filing.facts.items():
        word, _, place = key.partition(".")
        table, _, name = place.partition(".")
        if word == "label" and table in filing.form.tables:
            axes: tuple[Axis, Axis] = ("row", "column")
            node = next(filter(None, (filing.form.tables[table].find(name, axis) for axis in axes)), None)
            wanted = node.label.zh if node else ""
            yield Line(values={"printed": fact.text, "wanted": wanted}, quote=fact.text, source=fact.source)
