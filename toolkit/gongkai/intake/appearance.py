"""What a document prints in place of the form's own: headings, labels, pictures. As facts, for rules on wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gongkai.filing import Text
from gongkai.intake.body import Body
from gongkai.intake.tablereading import TableReading

PRINTED = ("heading.", "label.", "picture.")
"""How the keys of such facts begin. A workbook has headings and labels of its own, and keeps none of them."""


def appearance(body: Body, parts: Mapping[str, Text], readings: Iterable[TableReading]) -> dict[str, Text]:
    """The headings as printed, those beyond the form's, labels that differ, and pictures where a table is missing."""
    headings = {**body.outline.headings, **parts}
    found = {f"heading.{key}": text for key, text in headings.items()}
    found |= {f"heading.beyond.{number}": text for number, text in enumerate(body.outline.beyond, start=1)}
    for reading in readings:
        found |= {f"label.{reading.table}.{key}": text for key, text in reading.labels.items()}
        if not reading.cells and (picture := body.pictures.get(reading.table)):
            found[f"picture.{reading.table}"] = Text(picture.picture, picture.source)
    return found


def is_printed(key: str) -> bool:
    """Whether a fact tells how a document prints the form."""
    return key.startswith(PRINTED)
