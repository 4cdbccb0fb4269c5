"""The lines of a printed table, whatever it was printed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongkai.filing import Source
from gongkai.intake.labels import bare
from gongkai.intake.printed import Field


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a printed table: its fields from left to right, empty ones kept.

    `number` counts the lines of the report, with a gap where something else stands between; lines of one `grid` have
    their columns in common if it is `ruled`, else if they have as many fields. Where ends were `kept`, none was
    stripped of empty fields; where they are `closed`, by a sign after the last field, every field is there.
    """

    fields: tuple[Field, ...]
    number: int
    grid: int = 0
    ruled: bool = False
    kept: bool = False
    closed: bool = False

    @property
    def columns(self) -> tuple[int, int]:
        """What lines have in common whose fields stand in the same columns."""
        return self.grid, 0 if self.ruled else len(self.fields)

    @property
    def source(self) -> Source:
        """Where the line stood: as its first field."""
        return self.fields[0].source

    @property
    def shown(self) -> str:
        """All of it for a message."""
        return " | ".join(" ".join(field.text.split()) for field in self.fields)

    def printed(self) -> Iterator[tuple[Field, str]]:
        """The fields that hold something, and their bare texts."""
        return ((field, bare(field.text)) for field in self.fields if field.text.strip())
