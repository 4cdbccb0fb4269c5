"""Who may do what in the review of a workspace: the levels, the roles, four eyes and the deadlines of ``gongkai.toml``.

::

    [review]
    levels = ["first", "second", "final"]
    four_eyes = true

    [review.roles]
    supervisor = ["pass-final", "return", "comment", "confirm"]

    [review.deadlines]
    department = "01-26"

Each level is a role too, and so are `clerk` and `inspector`; what `roles` says goes before what these may do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gongkai.authored import Model, validate
from gongkai.catalogues import catalogue, language, say
from gongkai.errors import AuthoringError, UsageError, nearest
from gongkai.filing import LEVELS
from gongkai.workspace import MARKER

ACTIONS = ("return", "comment", "waive", "confirm", "resolve", "correct")
"""Send a report back; comment on it; propose a waiver; confirm one; settle a doubt; hand in a corrected input."""

PASS = "pass-"  # noqa: S105  # no secret
"""What stands before a level in what its role may do."""

DEADLINES = {"government": "03-31"} | dict.fromkeys(("department", "township", "subdistrict", "other"), "01-31")
"""Month and day by which a report is to be there (Regulations on Open Government Information, article 49).

It names no townships and no others: they go by the departments' deadline.
"""


def _day(text: str) -> str:
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError as error:
        raise PydanticCustomError("month_and_day", "{value}", {"value": text}) from error
    return text


class Policy(Model):
    """The review of a workspace, as it is authored."""

    levels: Annotated[tuple[str, ...], Field(min_length=1, max_length=9)] = ("first", "second", "final")
    four_eyes: bool = True
    """Whether nobody may pass a report at more than one level."""
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    deadlines: dict[str, Annotated[str, AfterValidator(_day)]] = Field(default_factory=dict)

    @cached_property
    def permissions(self) -> Mapping[str, frozenset[str]]:
        """What each role may do: `ACTIONS`, and ``pass-<level>``."""
        usual = {"return", "comment", "waive", "resolve", "correct"}
        levels = {level: {f"{PASS}{level}", *usual, *["confirm"][:above]} for above, level in enumerate(self.levels)}
        own = {"clerk": {"comment", "correct"}, "inspector": set[str](), **levels}
        return {role: frozenset(may) for role, may in {**own, **self.roles}.items()}

    def may(self, roles: Iterable[str]) -> frozenset[str]:
        """What a person of these roles may do; a role that is no longer known may nothing."""
        return frozenset().union(*(self.permissions.get(role, frozenset()) for role in roles))

    def known(self, roles: Iterable[str]) -> tuple[str, ...]:
        """`roles`, if each is known. Raises UsageError for one that is not."""
        for role in roles:
            if role not in self.permissions:
                known = ", ".join(self.permissions)
                raise UsageError("unknown_role", name=role, known=known, nearest=nearest(role, self.permissions))
        return tuple(dict.fromkeys(roles))

    def deadline(self, level: str, year: int) -> date | None:
        """The last day on which the report of `year` of an agency of that kind is in time."""
        day = self.deadlines.get(level) or DEADLINES.get(level)
        return date.fromisoformat(f"{year + 1}-{day}") if day else None


class _Settings(Model):
    review: Policy = Policy()


def load_policy(workspace: Path) -> Policy:
    """The review of `workspace`. Raises AuthoringError naming the key of what is wrong."""
    path = workspace / MARKER
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthoringError("not_toml", file=path.name, problem=error) from error
    policy = validate(_Settings, data, file=path.name).review
    if len(set(policy.levels)) < len(policy.levels):
        twice = next(each for each in policy.levels if policy.levels.count(each) > 1)
        raise AuthoringError("duplicate", file=path.name, place="review.levels", name=twice)
    actions = (*ACTIONS, *(f"{PASS}{level}" for level in policy.levels))
    for role, may in policy.roles.items():
        for name in may:
            if name not in actions:
                hint = nearest(name, actions)
                raise AuthoringError(
                    "unknown_word", file=path.name, place=f"review.roles.{role}", name=name, nearest=hint
                )
    for level in policy.deadlines:
        if level not in LEVELS:
            hint = nearest(level, LEVELS)
            raise AuthoringError("unknown_word", file=path.name, place="review.deadlines", name=level, nearest=hint)
    return policy


def in_words(role: str) -> str:
    """What a level or a role is called: our own in the language in use, an office's as it has named it."""
    key = f"review.role.{role}"
    return say(key) if key in catalogue(language()) else role
