"""The official form as a model: sections, tables, bands, rows and columns, and the cells that they make.

A table is a stack of *bands*. A band has a boxhead (a tree of columns) and a stub (a tree of rows); where it is
`across`, its rows are laid out as spanners above the columns and the band is one line of cells. Keys are written
in full where they stand: a row's key is its part of the cell address, and the key of a node with children names
the sum of its leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self

from gongkai.authored import Model, Words
from gongkai.catalogues import say

Kind = Literal["count", "amount", "change"]
"""What a cell holds: a count (a whole number that is not negative), an amount of money (decimal) or a change (by how
many a count differs from last year's: a whole number with its sign)."""

Axis = Literal["row", "column"]


class Node(Model):
    """A label of the stub or the boxhead: a leaf with a line of cells, or a label that spans its children."""

    label: Words
    key: str | None = None
    short: Words | None = None
    """The label as it is said in a sentence, where that differs."""

    @property
    def name(self) -> Words:
        return self.short or self.label

    @property
    def children(self) -> Sequence[Self]:
        raise NotImplementedError

    def walk(self) -> Iterator[Self]:
        """The node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> Iterator[Self]:
        """The nodes at or below this one that hold cells."""
        return (node for node in self.walk() if not node.children)


class Column(Node):
    """A column of the boxhead; with `columns` a spanner over them."""

    kind: Kind | None = None
    unit: Words | None = None
    total: bool = False
    """Whether this column is the sum of the others of its band."""
    columns: tuple[Column, ...] = ()

    @property
    def children(self) -> Sequence[Column]:
        return self.columns


class Row(Node):
    """A row of the stub; with `rows` a label that spans them."""

    note: Words | None = None
    basis: str | None = None
    rows: tuple[Row, ...] = ()

    @property
    def children(self) -> Sequence[Row]:
        return self.rows


class Band(Model):
    """A part of a table under one boxhead."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: Words | None = None
    basis: str | None = None
    head: Words | None = None
    """The label above the stub."""
    across: bool = False

    def nodes(self, axis: Axis) -> tuple[Row, ...] | tuple[Column, ...]:
        return self.rows if axis == "row" else self.columns

    @cached_property
    def leaf_rows(self) -> tuple[Row, ...]:
        return tuple(leaf for row in self.rows for leaf in row.leaves())

    @cached_property
    def leaf_columns(self) -> tuple[Column, ...]:
        return tuple(leaf for column in self.columns for leaf in column.leaves())


class Table(Model):
    """One official table."""

    name: Words
    """What people call it: Table 3."""
    short: Words
    """A few characters for the tab of a workbook."""
    note: Words | None = None
    """What whoever fills the table must know and the form does not print: the workbook says it, the report does not."""
    kind: Kind | None = None
    unit: Words | None = None
    width: int = 0
    """Columns of the printed grid, where they are more than the bands have; the last cell of a line spans the rest."""
    bands: tuple[Band, ...]

    def walk(self, axis: Axis) -> Iterator[Node]:
        """All rows or columns of all bands, groups included, in reading order."""
        return (node for band in self.bands for top in band.nodes(axis) for node in top.walk())

    def find(self, key: str, axis: Axis) -> Node | None:
        """The row or column (or group of them) that has `key`."""
        return next((node for node in self.walk(axis) if node.key == key), None)


class Years(Model):
    """The statistical years that an edition applies to, both included; without `last` it is in force."""

    first: int
    last: int | None = None

    def __contains__(self, year: int) -> bool:
        return self.first <= year <= (self.last or year)

    def __str__(self) -> str:
        key = "form.years" if self.last else "form.since"
        return say(key, first=self.first, last=self.last)


class Part(Model):
    """A part of a section's text that the form names."""

    text: str
    ordinal: Words
    title: Words
    basis: str
    aliases: tuple[str, ...] = ()
    """Other headings that agencies give it."""

    @property
    def heading(self) -> str:
        """The heading in the language in use, numbered as in the form."""
        return say("form.part", ordinal=self.ordinal, title=self.title)


class Section(Model):
    """One of the form's sections; it holds a text or a table."""

    ordinal: Words
    title: Words
    basis: str
    text: str | None = None
    table: str | None = None
    note: Words | None = None
    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> str:
        return self.text or self.table or ""

    @property
    def heading(self) -> str:
        """The heading in the language in use, numbered as in the form."""
        return say("form.section", ordinal=self.ordinal, title=self.title)


@dataclass(frozen=True, slots=True)
class CellSpec:
    """One data cell of the form."""

    address: str
    table: str
    row: Row
    column: Column
    kind: Kind
    unit: Words


class Form(Model):
    """One edition of the form."""

    form: Literal[1]
    """The number of this file format."""
    edition: str
    years: Years
    title: Words
    basis: str
    sections: tuple[Section, ...]
    tables: dict[str, Table]

    @cached_property
    def cells(self) -> Mapping[str, CellSpec]:
        """Every data cell by address, in the order of the official tables."""
        return MappingProxyType({spec.address: spec for spec in self._specs()})

    def _specs(self) -> Iterator[CellSpec]:
        for key, table in self.tables.items():
            for band in table.bands:
                for row in band.leaf_rows:
                    for column in band.leaf_columns:
                        kind, unit = column.kind or table.kind, column.unit or table.unit
                        assert kind is not None, "the loader refuses a column without a kind"
                        assert unit is not None, "the loader refuses a column without a unit"
                        yield CellSpec(f"{key}.{row.key}.{column.key}", key, row, column, kind, unit)

    @cached_property
    def text_keys(self) -> tuple[str, ...]:
        """The keys of the texts of a report, in their order."""
        keys = ["preamble"]
        for section in self.sections:
            keys += [section.text] if section.text else []
            keys += [part.text for part in section.parts]
        return tuple(keys)
