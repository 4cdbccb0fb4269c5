"""Figures of matplotlib as pictures of a report: drawn to the same bytes each time, in fonts that come with gongkai."""

from __future__ import annotations

import base64
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from gongkai.errors import UsageError
from gongkai.report.display import Page, element

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Nothing of the day, of the machine or of the version.
METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
MATHS = ("rm", "it", "bf", "bfit", "cal", "tt", "sf")

MISSING = re.compile(r"Glyph (\d+) ")
"""How matplotlib's warning of a character that no font has begins; it would draw a box."""


def figure(drawing: object, *, alt: str, caption: str = "") -> Page:
    """A figure of matplotlib (or axes, or what pandas' ``plot`` returned) as it looks now, and closes it.

    `alt` says in words what the figure shows, for those who cannot see it; `caption` stands below it. Raises UsageError
    where `alt` is empty, `drawing` is no figure, or a character of it is in none of our fonts.
    """
    if not alt.strip():
        raise UsageError("figure_without_alt")
    drawn = _figure_of(drawing)
    try:
        svg = _svg(drawn)
    finally:
        # Else JupyterLab would show it once more below.
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close(drawn)
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    below = element("figcaption", escape(caption)) if caption.strip() else ""
    return Page(element("figure", f'<img src="{source}" alt="{escape(alt)}">{below}'), caption.strip() or alt)


def _figure_of(drawing: Any) -> Figure:
    """The whole figure that `drawing` is, or is in."""
    from matplotlib.figure import FigureBase

    found = drawing.flat[0] if getattr(drawing, "size", 0) and hasattr(drawing, "flat") else drawing
    found = getattr(found, "figure", found)
    if not isinstance(found, FigureBase):
        raise UsageError("not_a_figure", kind=type(drawing).__name__)
    return found.get_figure(root=True)


def _svg(drawn: Figure) -> str:
    from matplotlib import rc_context
    from matplotlib.text import Text

    families = _families()
    settings: Any = {
        "axes.unicode_minus": True,
        "font.family": families,
        "mathtext.fallback": "stixsans",
        "mathtext.fontset": "custom",
        "svg.fonttype": "path",
        "svg.hashsalt": "gongkai",
        "svg.image_inline": True,
        "text.usetex": False,
    } | {f"mathtext.{style}": families[0] for style in MATHS}
    buffer = StringIO()
    with rc_context(settings), _no_missing_glyph():
        # What was written before the settings has kept those of its time.
        for text in drawn.findobj(Text):
            text.set_fontfamily(families)
            text.set_math_fontfamily("custom")
        drawn.savefig(buffer, format="svg", bbox_inches="tight", metadata=METADATA)
    return _small(buffer.getvalue())


def _families() -> list[str]:
    """Names that matplotlib knows our fonts by, and at the end the one that it brings, for what ours lack."""
    from matplotlib import get_data_path

    from gongkai.fonts import files

    return [_family(path) for path in (*map(str, files("heading")), f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf")]


@cache
def _family(path: str) -> str:
    """The name that a font file gets from us: by its own, matplotlib might find another version, or a bold one.

    It stands for every weight, for matplotlib complains below the cell of one that is not there.
    """
    from matplotlib.font_manager import FontEntry, fontManager

    name = f"gongkai {len(fontManager.ttflist)}"
    fontManager.ttflist += [
        FontEntry(fname=path, name=name, weight=weight, size="scalable") for weight in range(100, 1000, 100)
    ]
    return name


class _Refuser(logging.Handler):
    """Raises where matplotlib only logs that a formula lacks a character."""

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and "dummy symbol" in str(record.msg):
            raise UsageError("figure_glyph", character=record.args[1])


@contextmanager
def _no_missing_glyph() -> Iterator[None]:
    """Raise UsageError for a character that would be drawn as a box."""
    log, handler = logging.getLogger("matplotlib.mathtext"), _Refuser()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", MISSING.pattern)
            yield
    except UserWarning as warning:
        found = MISSING.match(str(warning))
        if not found:
            raise
        raise UsageError("figure_glyph", character=chr(int(found[1]))) from None
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def _small(svg: str) -> str:
    """`svg` without what nobody sees: its document type, comments, indentation, and less than 1/100 point."""
    svg = re.sub(r"<!--.*?-->|(?<=>)\s+(?=<)", "", svg[svg.index("<svg") :].strip(), flags=re.DOTALL)
    return re.sub(r' d="([^"]*)"', lambda found: f' d="{_short_path(found[1])}"', svg)


def _short_path(path: str) -> str:
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", re.sub(r"(\.\d\d)\d+", r"\1", path))
