"""Single sentences with what they say, written apart from the templates: `tests/data/sentences`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from pydantic import Field, TypeAdapter

from gongkai.authored import Model, load_yaml
from gongkai.filing import Filing, Text
from tests.helpers import ROOT

FOLDER = ROOT / "tests" / "data" / "sentences"


class Sentence(Model):
    """A sentence, and the figures that it states by their meaning; `note` says what is hard about it."""

    text: str
    facts: Mapping[str, int | Decimal] = Field(default_factory=dict)
    note: str = ""

    @property
    def filing(self) -> Filing:
        """A filing that holds nothing else; of no year, for the sentences are of many."""
        return Filing(edition="2021", cells={}, texts={"overview.on_request": (Text(self.text),)})


@cache
def standalone() -> tuple[Sentence, ...]:
    """All of them."""
    read = [each for path in sorted(FOLDER.glob("*.yaml")) for each in load_yaml(path)]
    return tuple(TypeAdapter(tuple[Sentence, ...]).validate_python(read))
