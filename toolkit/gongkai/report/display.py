"""What a cell of the notebook shows, and the little HTML that is needed to show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

REPORT_MIME = "application/vnd.gongkai.report+json"
"""Beside the heading: ``{"title", "language"}`` of the report, for whoever exports the notebook."""

FINDINGS_MIME = "application/vnd.gongkai.findings+json"
"""Beside the appendix: its entries, ``[{"number", "kind", "rule", "cells", "message"}]``, for the marks of a draft."""

CHECKED_MIME = "application/vnd.gongkai.checked+json"
"""Beside the line of counts: all findings as data, so that an executed notebook says whatever was found in it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of the report: HTML for the page, plain text for the terminal, data for the exporters by mime type."""

    html: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/html": self.html, "text/plain": self.text, **self.data}

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.text


def element(tag: str, content: str, **attributes: object) -> str:
    """An HTML element around `content`, which is HTML already.

    Attributes are escaped, those that are None left out; an underscore in a name stands for a hyphen, a last one for
    nothing (``class_``).
    """
    shown = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{shown}>{content}</{tag}>"


def lines(parts: Iterable[str]) -> str:
    """The parts that there are, one a line."""
    return "\n".join(part for part in parts if part)
