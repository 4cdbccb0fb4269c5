"""The text of a line: what elements and style sheets do to its look, and its white space as a browser shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gongkai.catalogues import say
from gongkai.export.blocks import Line, Look, Run
from gongkai.export.css import Declarations, color
from gongkai.export.refused import RefusedError

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "b": {"bold": True},
    "strong": {"bold": True},
    "i": {"italic": True},
    "em": {"italic": True},
    "cite": {"italic": True},
    "dfn": {"italic": True},
    "var": {"italic": True},
    "u": {"underline": True},
    "ins": {"underline": True},
    "s": {"strike": True},
    "del": {"strike": True},
    "strike": {"strike": True},
    "code": {"code": True},
    "kbd": {"code": True},
    "samp": {"code": True},
    "tt": {"code": True},
    "sub": {"position": "sub"},
    "sup": {"position": "super"},
    "a": {},
    "abbr": {},
    "bdi": {},
    "big": {},
    "font": {},
    "label": {},
    "mark": {"background": "#ffff00"},
    "small": {},
    "span": {},
    "time": {},
    "wbr": {},
}
"""The elements within a line that hold text, and what each does to its look."""
INLINE = {*LOOKS, "br", "img", "input"}
CHECKBOXES = {False: "□ ", True: "√ "}
"""A box that is ticked or not: signs that every Chinese face has."""
SPACE = re.compile(r"[ \t\r\n\f]+")
BREAK = "\u2028"
"""Unicode's line separator: a line break among the text gathered for a line."""
PARTS = re.compile(rf"([ \t\r\n\f]+|{BREAK})")


def styled(look: Look, declared: Declarations) -> Look:
    """`look` with what a style sheet declares."""
    if not declared:
        return look
    changed: dict[str, Any] = {}
    if "color" in declared:
        changed["color"] = color(declared["color"])
    if "background-color" in declared:
        changed["background"] = color(declared["background-color"])
    weight = declared.get("font-weight", "")
    if weight:
        changed["bold"] = weight in ("bold", "bolder") or (weight.isdecimal() and int(weight) >= 600)
    if "font-style" in declared:
        changed["italic"] = declared["font-style"] in ("italic", "oblique")
    decoration = declared.get("text-decoration", "") + declared.get("text-decoration-line", "")
    changed |= {"underline": True} if "underline" in decoration else {}
    changed |= {"strike": True} if "line-through" in decoration else {}
    if (position := declared.get("vertical-align", "")) in ("sub", "super"):
        changed["position"] = position
    return replace(look, **changed)


def refuse_text(element: Any) -> None:
    """Raises RefusedError for text that stands in `element` itself, which has a place for elements only."""
    for text in (element.text, *[child.tail for child in element]):
        if text and not text.isspace():
            raise RefusedError(say("refused.stray_text", name=element.tag))


def tidy(runs: Iterable[Run]) -> Line:
    """The runs of one line as a browser would show them: white space collapsed, runs of one look joined."""
    joined: list[tuple[list[str], Look]] = []
    space, before = "", "\n"
    for run in runs:
        for part in PARTS.split(run.text):
            if SPACE.fullmatch(part):
                space += part
            elif part:
                text = "\n" if part == BREAK else _gap(before, space, part) + part
                if not joined or joined[-1][1] != run.look:
                    joined.append(([], run.look))
                joined[-1][0].append(text)
                space, before = "", text[-1]
    line = [Run("".join(parts), look) for parts, look in joined]
    while line and not line[-1].text.strip("\n"):
        line.pop()
    if line:
        line[-1] = replace(line[-1], text=line[-1].text.rstrip("\n"))
    return tuple(line)


def _gap(before: str, space: str, part: str) -> str:
    """What becomes of the white space before `part`: a space, or nothing where a line begins or Chinese goes on.

    A line end of the source between two Chinese characters is no space: Chinese is written without.
    """
    is_source_line = "\n" in space and _is_wide(before) and _is_wide(part[0])
    return " " if space and before != "\n" and not is_source_line else ""


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
