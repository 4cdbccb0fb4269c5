"""Labels as people print them, against the form's own: spaces, enumeration and quotes do not matter."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache

from gongkai.forms import Node, Row
from gongkai.intake.numbers import plain, vocabulary

KEPT = 4096
"""Texts whose bare form is kept: those of a form, and many times as many as a report has."""
LIKE = 0.75
"""How alike (difflib's ratio) a printed label must be to one of the form's to be taken for it, with a doubt."""


@lru_cache(KEPT)
def bare(label: str) -> str:
    """`label` without spaces, enumeration and quotes."""
    text = re.sub(vocabulary()["enumeration"], "", plain(label))
    return re.sub(f"[{vocabulary()['quotes']}]", "", text)


def is_enumerated(label: str) -> bool:
    """Whether `label` begins with a number of a list or a heading."""
    return bool(ordinal(label))


def ordinal(label: str) -> str:
    """The number that `label` begins with, without its signs; "" where there is none."""
    found = re.match(vocabulary()["enumeration"], plain(label))
    return re.sub(r"[^\w]", "", found.group()) if found else ""


def differs(printed: str, node: Node) -> bool:
    """Whether `printed` is another label than that of `node`, by more than signs, its note and its unit."""
    texts = [bare(each) for each in (printed, node.label.zh)]
    one, other = (_words(each) for each in texts)
    if one == other:
        return False
    one, other = (_words(_without_notes(each)) for each in texts)
    known = _words(bare(node.label.zh) + bare(str(node.note.zh if isinstance(node, Row) and node.note else "")))
    notes = [_words(each) for each in re.findall(r"\(([^()]*)\)", texts[0])]
    return one != other or not all(each in known or re.search(vocabulary()["unit_note"], each) for each in notes)


def _words(text: str) -> str:
    return re.sub(r"\W", "", text)


@lru_cache(KEPT)
def _without_notes(text: str) -> str:
    return re.sub(r"\([^()]*\)", "", text)


def match(label: str, known: Mapping[str, str]) -> tuple[str | None, bool]:
    """The key of the known label (bare label → key) that `label` prints, and whether it prints it exactly.

    A label is taken for one that it is not equal to only where no other comes near.
    """
    text = bare(label)
    if text in known:
        return known[text], True
    noted = [key for each, key in known.items() if _without_notes(each) == _without_notes(text)]
    if len(noted) == 1:
        return noted[0], False
    near = difflib.get_close_matches(text, known, n=2, cutoff=LIKE)
    if not near:
        return None, False
    ratios = [difflib.SequenceMatcher(None, text, each).ratio() for each in near]
    if len(near) == 2 and ratios[0] - ratios[1] < 0.1:
        return None, False
    return known[near[0]], False
