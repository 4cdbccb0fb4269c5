"""What an attacker would write wherever he is let: each runs, loads, leads away or breaks out where it is not escaped.

They stand in ``payloads.txt``, one a line, but for those that no line can hold. ``§`` is what their code does: it opens
a dialog, or leaves a mark in its own window, in that around it, or in the outermost. Some ask for `AWAY`.
"""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

ACTIONS = ("alert(1)", "self.pwned=1", "parent.pwned=1", "top.pwned=1")

AWAY = "127.0.0.1:1/pwned"
"""Nobody listens there, but that it was asked for is seen."""

_UNPRINTABLE = (
    "<img\u2028src=x\u2028onerror=§>",
    "\u2028§\u2029",
    "'\u2028;§//",
    "<script>\u2028§\u2029</script>",
    "<img src=x\tonerror=§>",
    "<img\nsrc=x\nonerror\n=\n§>",
    "<img\fsrc=x\fonerror=§>",
    "<img\vsrc=x onerror=§>",
    "java\tscript:§",
    "java\nscript:§",
    "\x01javascript:§",
    "\x00javascript:§",
    "<scr\x00ipt>§</scr\x00ipt>",
    "<img src=x onerror\x00=§>",
    "\x1b]8;;http://127.0.0.1:1/pwned\x07x\x1b]8;;\x07",
    "\ufeff<script>§</script>",
    "\u202e<script>§</script>\u202c",
    "\u200b<\u200bscript>§</script>",
    "\u00a0javascript:§",
    "＜script＞§＜/script＞",
    "‹img src=x onerror=§›",
    "\u02ba onmouseover=\u02ba§",
    "<\u017fcript>§</\u017fcript>",
    "<img src=x onerror=\u3000§>",
    "<\U000e0073cript>§</script>",
    "<svg on\u0131oad=§>",
    "\u2039script\u203a§",
    "a\u0338<img src=x onerror=§>",
)

_TEXT = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
_LINES = [line for line in _TEXT.split("\n") if line and not line.startswith("== ")]

PAYLOADS: tuple[str, ...] = tuple(
    each.replace("§", action) for each, action in zip((*_LINES, *_UNPRINTABLE), cycle(ACTIONS), strict=False)
)


def is_plain(payload: str) -> bool:
    """Whether it stays what it is where text has to be one line of what can be shown."""
    return payload.isprintable() and payload == " ".join(payload.split())


PLAIN = tuple(filter(is_plain, PAYLOADS))
