"""A corrected input takes the place of the one that was there, which is kept beside it.

::

    replaced/<name>-<digest>.<ending>    beside the input: what it was before, by the first digits of its SHA-256
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from gongkai import intake
from gongkai.decisions import Decision
from gongkai.errors import InputError, UsageError
from gongkai.review.deciding import RefusedError, correcting
from gongkai.review.desk import Desk
from gongkai.roster import Agency
from gongkai.workspace import cannot_write, replacing, standing_in, write_bytes

FOLDER = "replaced"

SHOWN = 12
"""Digits of the digest in the name of what was replaced."""


def correct(desk: Desk, agency: Agency, seen: str, name: str, data: bytes, *, by: str) -> Decision:
    """Put `data`, the file that was sent as `name`, in the place of the agency's input.

    Raises RefusedError or InputError where it cannot be the agency's filing of that year; then all stays as it was.
    """
    plan = desk.plan
    target = plan.workspace / plan.input(agency)
    if not data:
        raise RefusedError("nothing_sent")
    if Path(name).suffix.lower() != target.suffix.lower():
        raise RefusedError("other_kind", file=Path(name).name[:100], wanted=target.suffix)
    with standing_in(plan.workspace), correcting(desk, agency, seen, by=by) as correction:
        with replacing(target) as temporary:
            temporary.write_bytes(data)
            _check(temporary, target.name, agency, plan.year)
            before, after = _kept(target), hashlib.sha256(data).hexdigest()
            if before == after:
                raise RefusedError("same_file", file=target.name)
        # A crash just now leaves an input that nobody has told of, which every page shows as changed.
        return correction.told(plan.input(agency), before, after)


def _check(path: Path, name: str, agency: Agency, year: int) -> None:
    """Whether it can be read, and as the filing of that agency and year."""
    try:
        filing = intake.read(path)
    except InputError as error:
        raise InputError(error.key, file=name, place=error.place, **error.values) from error
    if filing.agency_code not in (None, agency.code):
        raise InputError("code_differs", file=name, given=agency.code, read=filing.agency_code)
    if filing.year not in (None, year):
        raise InputError("year_differs", file=name, given=year, read=filing.year)


def _kept(target: Path) -> str:
    """The digest of what is there now, which is kept; "" where nothing is."""
    try:
        data = target.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise cannot_write(target, error) from error
    digest = hashlib.sha256(data).hexdigest()
    aside = target.parent / FOLDER / f"{target.stem}-{digest[:SHOWN]}{target.suffix}"
    if aside.exists() and not aside.is_file():
        raise UsageError("is_directory", file=aside.name)
    if not aside.exists():
        write_bytes(aside, data)
    return digest
