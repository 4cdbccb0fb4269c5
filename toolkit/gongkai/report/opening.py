"""Opens a filing for a report, with last year's beside it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypedDict, Unpack

from gongkai import intake
from gongkai.catalogues import use
from gongkai.filing import Filing
from gongkai.workspace import resolve


class About(TypedDict, total=False):
    """What is known of a filing from elsewhere; it completes what its file says."""

    agency: str | None
    agency_code: str | None
    level: str | None
    year: int | None


class Opened(NamedTuple):
    """A filing, and last year's of the same agency (None where it was not given)."""

    filing: Filing
    previous: Filing | None


def open(  # noqa: A001 — notebooks call it as report.open
    input: str,  # noqa: A002 — papermill shows the parameter under this name
    *,
    previous: str | None = None,
    language: str | None = None,
    **about: Unpack[About],
) -> Opened:
    """The filing in the file `input`, and last year's; from here on the notebook speaks `language`.

    Paths are relative to the workspace, those that begin with ``./`` to the notebook. Raises InputError for a file that
    cannot be read or is not of this agency and year.
    """
    if language is not None:
        use(language)
    return read_pair(resolve(input), resolve(previous) if previous else None, about)


def read_pair(path: Path, previous: Path | None, about: About) -> Opened:
    """The filings of two files. Raises InputError where one cannot be read, or the two do not belong together."""
    filing = intake.read(path).identified(**about)
    return Opened(filing, filing.require_previous(intake.read(previous)) if previous else None)
