"""Words of the interface: one YAML per language, the same keys in each.

``say("error.empty_file")`` gives the sentence in the language in use; forms and rules carry their own
bilingual words, and ``pick`` chooses among them.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"

_language: ContextVar[str | None] = ContextVar("gongkai_language", default=None)


def language() -> str:
    """The language in use: what `use` set, else ``GONGKAI_LANG``, else Chinese."""
    chosen = _language.get() or os.environ.get("GONGKAI_LANG", DEFAULT_LANGUAGE)
    return chosen if chosen in LANGUAGES else DEFAULT_LANGUAGE


def use(lang: str) -> None:
    """Speak `lang` from here on. Raises ValueError for a language that has no catalogue."""
    if lang not in LANGUAGES:
        raise ValueError(f"no catalogue for language {lang!r}; there are {', '.join(LANGUAGES)}")
    _language.set(lang)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak `lang` inside the ``with`` block only."""
    before = _language.get()
    use(lang)
    try:
        yield
    finally:
        _language.set(before)


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All words of one language, by dotted key."""
    text = files(__name__).joinpath(f"{lang}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return dict(_flatten(yaml.load(text, loader)))  # noqa: S506  # the C twin of the safe loader


def _flatten(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def say(key: str, /, **values: object) -> str:
    """The words under `key` in the language in use, with `values` filled in."""
    return catalogue(language())[key].format(**values)


def pick(words: Mapping[str, str]) -> str:
    """The text of bilingual `words` (``{"zh": …, "en": …}``) in the language in use."""
    return words[language()]
