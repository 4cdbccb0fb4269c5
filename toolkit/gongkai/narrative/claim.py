"""A claim: a passage's words that speak of the form's cells, what they say, and what the tables say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Number = int | Decimal

Kind = Literal["figure", "zero", "all", "share", "change", "parts"]
"""A zero may be said in words or as a figure; "all" has no figure (all of them upheld); of an enumeration that adds up
to a stated total, "parts" is the total."""

Verdict = Literal["match", "mismatch", "not_comparable", "no_cell", "not_assessable", "no_table"]
"""not_comparable: of another scope; no_cell: the form has none; not_assessable: a cell that is needed holds no number;
no_table: there is none to look at."""

Wording = Literal["strict", "loose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one place of a passage claims. `passage[start:end] == quote`."""

    text: str | None
    """The key of the text; None for a bare passage."""
    passage: int
    start: int
    end: int
    quote: str
    kind: Kind
    meaning: str | None
    """What it is about, as stated: terms joined by "+", and "@" with a column of the requests' table."""
    wording: Wording
    """Strict where the words are the form's own and can mean nothing else."""
    value: Number | None
    """As stated; a fall is a negative change."""
    exact: bool
    low: Number | None
    high: Number | None
    """What the words allow, both included; None is without bound."""
    computed: Number | None
    """By the tables, in the reading that fits, else the first; shares and changes rounded as stated."""
    cells: tuple[str, ...]
    """Those of that reading, "previous." before last year's."""
    verdict: Verdict

    @property
    def subject(self) -> str:
        """The meaning without its column."""
        return (self.meaning or "").partition("@")[0]
