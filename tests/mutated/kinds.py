"""All kinds of mutations by name, and mutated workbooks by kind and number."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from tests.mutated.damage import DAMAGE
from tests.mutated.markup import MARKUP
from tests.mutated.others import OTHERS
from tests.mutated.records import RECORDS
from tests.mutated.said import Edit, Mutated, Mutation, unnoticeable
from tests.mutated.samples import Sample, foreign, official, opened, saved
from tests.mutated.shapes import SHAPES
from tests.mutated.values import VALUES

SAMPLES = 12
"""Workbooks of each edition and sort that are mutated over and over."""
TRIES = 60
"""Draws after which a kind is given up that only makes reports as good as the original."""


@dataclass(frozen=True)
class Kind:
    """One kind of mutation, and whose workbooks it happens to."""

    name: str
    mutate: Mutation
    whose: Literal["ours", "others", "both"]

    def made(self, edition: str, seed: int) -> tuple[Sample, Mutated]:
        """The mutated workbook of a seed, and what it was before."""
        for attempt in range(TRIES):
            draw = random.Random(f"{self.name}/{edition}/{seed}/{attempt}")
            theirs = self.whose == "others" or (self.whose == "both" and draw.random() < 0.25)
            sample = (foreign if theirs else official)(edition, draw.randrange(SAMPLES))
            mutated = self.mutate(sample, draw)
            if not unnoticeable(sample, mutated.said):
                return sample, mutated
        raise AssertionError(f"{self.name} makes nothing that can be noticed")


def _edited(edit: Edit) -> Mutation:
    def mutation(sample: Sample, draw: random.Random) -> Mutated:
        book = opened(sample.content)
        said = edit(book, sample, draw)
        return Mutated(b"" if unnoticeable(sample, said) else saved(book), said)

    return mutation


KINDS = {
    kind.name: kind
    for kind in (
        *(Kind(name, _edited(edit), "both") for name, edit in VALUES.items()),
        *(Kind(name, _edited(edit), "ours") for name, edit in (SHAPES | RECORDS).items()),
        *(Kind(name, mutate, "ours") for name, mutate in (DAMAGE | MARKUP).items()),
        *(Kind(name, _edited(edit), "others") for name, edit in OTHERS.items()),
    )
}
