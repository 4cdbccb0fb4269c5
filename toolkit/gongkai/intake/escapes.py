"""How workbooks write a character by its code: ``_x000D_`` (ECMA-376-1, 22.9.2.19, ST_Xstring)."""

from __future__ import annotations

import re

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_ILLEGAL = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def decoded(text: str) -> str:
    """What `text` stands for, without the first halves of Windows line breaks; what cannot be shown stays as it is."""
    return _ESCAPE.sub(_character, text)


def encoded(text: str) -> str:
    """`text`, so that nothing in it is taken for a character by its code."""
    return _LIKE_ESCAPE.sub("_x005F_", text)


def legal(text: str) -> str:
    """`text` with a mark for each character that XML cannot hold, not even escaped."""
    return _ILLEGAL.sub("\ufffd", text)


def _character(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character.isprintable() or character == "\n" else "" if character == "\r" else escape[0]
