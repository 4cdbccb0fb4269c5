"""By what the tables of the form are known, whatever edition they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gongkai.forms import Form, Section, Table, editions
from gongkai.intake.labels import bare
from gongkai.intake.narrative import opened
from gongkai.intake.numbers import has_number, is_value, vocabulary
from gongkai.intake.printed import Field

TELLING = 4
"""A label of so many characters stands in one table only."""
TEXT = 40
"""Characters from which on what stands alone in its row is text and no label."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Labels by their table (bare label → table), the labels that only one edition has, sections of all editions."""

    labels: Mapping[str, str]
    own_labels: Mapping[str, frozenset[str]]
    sections: tuple[Section, ...]
    tables: tuple[str, ...]

    def table_of(self, row: Sequence[Field]) -> str | None:
        """The table that a row is of, by the labels in it."""
        for field in row:
            if table := self.labels.get(bare(field.text)):
                return table
        return None

    @staticmethod
    def is_number(row: Sequence[Field]) -> bool:
        """Whether a row holds numbers and nothing else."""
        texts = [field.text for field in row if field.text.strip()]
        return all(map(is_value, texts)) and any(map(has_number, texts))

    def is_text(self, row: Sequence[Field]) -> bool:
        """Whether a row holds a heading, a sentence or a note, and nothing else."""
        texts = [bare(field.text) for field in row if field.text.strip()]
        ends = vocabulary()["sentence_end"]
        if len(texts) == 1 and any(opened(field.text, self.sections) for field in row):
            return True
        return len(texts) == 1 and not has_number(texts[0]) and (len(texts[0]) > TEXT or texts[0][-1:] in ends)


@cache
def landmarks() -> Landmarks:
    """The landmarks of all editions."""
    forms = editions()
    labels: dict[str, set[str]] = {}
    for form in forms.values():
        for key, table in form.tables.items():
            for label in _labels(table):
                labels.setdefault(label, set()).add(key)
    own = {}
    for edition, form in forms.items():
        others = {label for each in forms.values() if each is not form for label in _all(each)}
        own[edition] = frozenset(label for label in _all(form) if not any(label in other for other in others))
    newest = list(forms.values())[-1]
    return Landmarks(
        {label: next(iter(keys)) for label, keys in labels.items() if len(keys) == 1 and len(label) >= TELLING},
        own,
        newest.sections,
        tuple(newest.tables),
    )


def _all(form: Form) -> set[str]:
    return {label for table in form.tables.values() for label in _labels(table) if len(label) >= TELLING}


def _labels(table: Table) -> set[str]:
    words = [band.caption for band in table.bands] + [band.head for band in table.bands]
    words += [node.label for axis in ("row", "column") for node in table.walk(axis)]
    return {bare(each.zh) for each in words if each}
