"""Who reviews in a workspace: ``reviewers.json``, with the roles of each and a hash of his secret, never the secret.

Whoever is added or removed is told in the decision log, with the roles that he has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError, with_config

from gongkai.decisions import About, person, writing
from gongkai.errors import InputError, UsageError
from gongkai.filing import STRICT, canonical_json, plain_data
from gongkai.workspace import put_held

FILE = "reviewers.json"

SHORTEST, LONGEST = 8, 256
"""Characters of a secret, and the most of a name's."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """A person; `hub` is what a JupyterHub calls him, `secret` the Argon2 hash of his secret: "" where he has none."""

    name: str
    roles: tuple[str, ...]
    secret: str = ""
    hub: str = ""


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class _Stored:
    schema: Literal[1]
    reviewers: tuple[Reviewer, ...]


def read_people(workspace: Path) -> tuple[Reviewer, ...]:
    """The reviewers of `workspace`, in the order in which they were added. Raises InputError for a damaged file."""
    try:
        data = (workspace / FILE).read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError("unreadable_file", file=FILE, reason=error.strerror) from error
    try:
        return _adapter().validate_json(data).reviewers
    except ValidationError as error:
        raise InputError("not_reviewers", file=FILE) from error


def add(workspace: Path, name: str, roles: Sequence[str], *, secret: str = "", hub: str = "", by: str) -> Reviewer:
    """Add a reviewer. Raises UsageError for a name that is taken or says nothing, and for a short secret."""
    name = " ".join(name.split())
    if not person(name) or not name.isprintable() or len(name) > LONGEST:
        raise UsageError("no_name")
    if not roles:
        raise UsageError("no_role")
    if not secret and not hub:
        raise UsageError("no_secret")
    if secret and not SHORTEST <= len(secret) <= LONGEST:
        raise UsageError("secret_length", shortest=SHORTEST, longest=LONGEST)
    new = Reviewer(name=name, roles=tuple(roles), secret=_hashed(secret) if secret else "", hub=hub)
    with writing(workspace) as log:
        there = read_people(workspace)
        if any(person(each.name) == person(name) or (hub and each.hub == hub) for each in there):
            raise UsageError("reviewer_there", name=name)
        log.append("reviewer.added", About(None, None, None), {"name": name, "roles": list(roles), "hub": hub}, by=by)
        _write(workspace, (*there, new))
    return new


def remove(workspace: Path, name: str, *, by: str) -> None:
    """Remove a reviewer; his decisions stay. Raises UsageError where there is none of that name."""
    with writing(workspace) as log:
        there = read_people(workspace)
        left = tuple(each for each in there if person(each.name) != person(name))
        if len(left) == len(there):
            raise UsageError("no_reviewer", name=name, known=", ".join(each.name for each in there))
        log.append("reviewer.removed", About(None, None, None), {"name": name}, by=by)
        _write(workspace, left)


def identified(workspace: Path, name: str, secret: str) -> Reviewer | None:
    """The reviewer of that name, if that is his secret; it takes as long where there is none of that name."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    found = next((each for each in read_people(workspace) if person(each.name) == person(name)), None)
    known = found.secret if found and found.secret else _nobody()
    try:
        PasswordHasher().verify(known, secret[:LONGEST])
    except (VerificationError, InvalidHashError):
        return None
    return found if found and found.secret else None


def _write(workspace: Path, reviewers: tuple[Reviewer, ...]) -> None:
    put_held(workspace / FILE, canonical_json(plain_data(_Stored(1, reviewers))).encode())
    (workspace / FILE).chmod(0o600)


def _hashed(secret: str) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secret)


@cache
def _nobody() -> str:
    """A hash that no secret has, for names that there are not: nobody learns from the time whom there is."""
    import secrets

    return _hashed(secrets.token_hex())


@cache
def _adapter() -> TypeAdapter[_Stored]:
    return TypeAdapter(_Stored)
