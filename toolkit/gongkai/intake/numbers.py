"""From the text of a cell to its value: what is no plain number is never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gongkai.filing import MAX_DIGITS, Cell, Source
from gongkai.forms import CellSpec

_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<fraction>[0-9]+))?")

_PADDED = re.compile(r"[-+]?0\d")

_AMBIGUOUS = re.compile(r"[0-9]\s+[0-9]")


@cache
def vocabulary() -> Mapping[str, Any]:
    """The words and patterns of published reports."""
    text = files("gongkai.intake").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    words: Mapping[str, Any] = yaml.safe_load(text)
    return words


def plain(text: str) -> str:
    """`text` without any space, full-width letters, digits and signs made plain (NFKC)."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def has_number(text: str) -> bool:
    """Whether `text` holds digits and no letters: what a label never is."""
    tight = plain(text)
    return any(map(str.isdigit, tight)) and not any(each.isalpha() for each in tight)


def is_value(text: str) -> bool:
    """Whether `text` is written as the value of a cell is: a number, maybe with its unit, or a placeholder."""
    tight = plain(text)
    return tight in vocabulary()["placeholders"] or bool(re.match(vocabulary()["value"], tight))


def is_padded(text: str) -> bool:
    """Whether digits follow a zero at the beginning, as in no number: two that have lost the space between them."""
    return bool(_PADDED.match(plain(text)))


def behind_unit(text: str, units: Iterable[str]) -> str | None:
    """What follows one of `units` at the beginning of `text`: a value, or nothing; None where neither does."""
    rests = (text.removeprefix(unit) for unit in units if text.startswith(unit))
    return next((rest for rest in rests if not rest or is_value(rest)), None)


def is_split(text: str) -> bool:
    """Whether `text` holds digits apart, on two lines or with a space between: two numbers, or one that was torn."""
    return bool(_AMBIGUOUS.search(unicodedata.normalize("NFKC", text.strip())))


def read_cell(raw: str, spec: CellSpec, source: Source | None = None) -> Cell:
    """The cell that `raw` stands for in the place that `spec` describes.

    Full-width digits, thousands separators and the cell's own unit are read through (`Cell.raw` keeps them), a smaller
    unit is converted; where a cell holds a change, a word for its sign is read through too. Anything else that is no
    number is "unreadable", as is a number of more than `MAX_DIGITS` digits.
    """
    shown = raw.strip()
    text = plain(raw)
    if not text:
        return Cell(None, "blank", shown, source)
    if text in vocabulary()["placeholders"] or shown in vocabulary()["placeholders"]:
        return Cell(None, "placeholder", shown, source)
    text, smaller = _without_unit(text, spec.unit.zh)
    if spec.kind == "change":
        text = _signed(text)
    # NFKC makes plain digits of raised and circled ones too, which are notes and list numbers.
    strange = any(has_number(character) and unicodedata.category(character) != "Nd" for character in shown)
    value = None if is_split(raw) or strange else read_number(text)
    if value is None:
        return Cell(None, "unreadable", shown, source)
    value = value.scaleb(-smaller).normalize() + 0
    if spec.kind != "amount" and value == value.to_integral_value():
        return Cell(int(value), "number", shown, source)
    return Cell(value, "number", shown, source)


def _without_unit(text: str, unit: str) -> tuple[str, int]:
    """`text` without the unit after its number, and how many digits the point moves where that is a smaller one."""
    own = dict.fromkeys(vocabulary()["unit_words"].get(unit, [unit]), 0)
    # The own unit is asked for first: the smaller one may be the end of its name.
    for word, digits in (own | vocabulary()["smaller_units"].get(unit, {})).items():
        if text.endswith(word):
            return text.removesuffix(word), digits
    return text, 0


def _signed(text: str) -> str:
    """`text` with a word for more or fewer before its digits as the sign that it stands for."""
    for sign, words in vocabulary()["sign_words"].items():
        text = re.sub(f"^(?:{'|'.join(words)})(?=[0-9])", sign, text)
    return text


def read_number(text: str) -> Decimal | None:
    """The number that the whole of `text` writes; None where it is none or has too many digits."""
    match = _NUMBER.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if match is None:
        return None
    whole, fraction = match["whole"].replace(",", ""), match["fraction"] or ""
    if len(whole.lstrip("0")) + len(fraction) > MAX_DIGITS:
        return None
    return Decimal(f"{match['sign']}{whole}.{fraction or 0}").normalize() + 0
