"""The templates, and what all of them have to hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gongkai.catalogues import LANGUAGES, language, say
from gongkai.filing import decimal_text
from gongkai.review.case import called
from gongkai.review.pages.links import Links
from gongkai.review.people import Reviewer
from gongkai.review.policy import in_words

TEMPLATES = Path(__file__).parent / "templates"
STATIC = {"review.css": "text/css", "review.js": "text/javascript", "icon.svg": "image/svg+xml"}
"""Our own files, and what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is the same on every page: whose it is, where links lead, the token of its forms, the head of the log.

    An exported page has nobody who reads it and no token: it has no forms.
    """

    links: Links
    year: int
    build: str
    head: str
    who: Reviewer | None = None
    token: str = ""
    fault: str = ""
    """What is wrong with the log of decisions."""
    here: Mapping[str, str] = field(default_factory=dict)
    """What the address asked for, for the link to the page in another language."""


def written(template: str, around: Around, **values: Any) -> str:
    """A page."""
    return (
        _environment()
        .get_template(template)
        .render(
            around=around,
            links=around.links,
            lang=language(),
            other_lang=next(each for each in LANGUAGES if each != language()),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"say": say, "role": in_words}
    environment.filters |= {"number": number, "called": called, "moment": moment, "day": lambda at: moment(at)[:10]}
    return environment


def moment(at: str) -> str:
    """A time of the log, which is UTC, as clocks show it where the pages are made."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def whole(text: str) -> int:
    """A whole number that an address or a form gives; 0 for what is none, or none that we ever write."""
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def number(value: Any) -> str:
    """A number as people write it; a dash where there is none, which is not zero."""
    if value is None:
        return "—"
    return str(value) if isinstance(value, int) else decimal_text(value)
