"""Temporary."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Number = int | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    text: str | None
    passage: int
    start: int
    end: int
    quote: str
    kind: str
    meaning: str | None
    wording: str
    value: Number
    exact: bool
    low: Number
    high: Number
    computed: Number
    cells: tuple[str, ...]
    verdict: str

    @property
    def subject(self) -> str:
        return (self.meaning or "").partition("@")[0]


def claims(filing, previous=None):
    return ()
