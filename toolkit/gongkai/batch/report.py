"""The report of one filing in a folder: what a run makes of each agency, and `gongkai report` of one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.catalogues import language as language_in_use
from gongkai.catalogues import speaking
from gongkai.errors import UsageError
from gongkai.execute import Engine
from gongkai.filing import Filing
from gongkai.finding import Finding, findings_to_json
from gongkai.runfile import NOTEBOOK
from gongkai.waivers import FILE as WAIVERS
from gongkai.waivers import of_filing, to_json, waived, waivers
from gongkai.workspace import cannot_write, find_data, find_workspace, flush, put, working_folder

FORMATS = (".html", ".docx", ".pdf")
FILES = (
    *("filing.json", "previous.json", "findings.json", "report.ipynb"),
    *(f"report{draft}{extension}" for draft in ("", ".draft") for extension in FORMATS),
)
"""What a report consists of; there is a previous.json where last year's filing was given."""

_PLACES = (*FILES, WAIVERS)
"""All that may lie there: what is waived, too, where something is."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made: its findings, its files, and the fingerprints of the findings that are waived."""

    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    waived: frozenset[str]


def make_report(
    filing: Filing,
    folder: Path,
    *,
    previous: Filing | None = None,
    findings: Sequence[Finding] | None = None,
    notebook: Path | None = None,
    language: str | None = None,
) -> Made:
    """Make the report of `filing` in `folder`, with the workspace's waivers; its findings are made unless given.

    Either all of its files are written, or `folder` stays as it was. Raises NotebookError where the notebook raises,
    JobError where it shows what has no place in a report, UsageError where `folder` cannot be written.
    """
    with speaking(language or language_in_use()):
        if findings is None:
            from gongkai.consistency import check

            findings = check([filing], previous=[previous]).all
        files = {"filing.json": filing.to_json(), "findings.json": findings_to_json(findings)}
        if previous is not None:
            files["previous.json"] = previous.to_json()
        if own := of_filing(waivers(find_workspace()), filing):
            files[WAIVERS] = to_json(own)
        given = parameters_of(files) | {"language": language_in_use()}
        with _staged(folder) as stage:
            fill(stage, files, notebook or find_data(NOTEBOOK), given)
    made = tuple(folder / name for name in _PLACES if (folder / name).exists())
    return Made(tuple(findings), made, waived(own))


def parameters_of(files: Mapping[str, str]) -> dict[str, Any]:
    """The parameters by which a notebook finds those of `FILES` that lie beside it."""
    names = {"filing.json": "input", "previous.json": "previous", "findings.json": "findings"}
    return {names[name]: f"./{name}" for name in files if name in names}


def fill(  # noqa: PLR0913
    stage: Path,
    files: Mapping[str, str],
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    formats: Sequence[str] = FORMATS,
    drafts: bool = True,
    engine: Engine = "jupyter",
) -> None:
    """Write `files` into `stage`, run the notebook there, and write what comes of it beside them.

    Raises NotebookError where the notebook raises, JobError where it shows what has no place in a report.
    """
    from gongkai.execute import execute
    from gongkai.export import exported

    for name, text in files.items():
        put(stage / name, text.encode())
    executed = execute(notebook, parameters, stage, engine=engine)
    put(stage / "report.ipynb", executed.encode())
    for ending, content in exported(executed, drafts=drafts, formats=formats):
        put(stage / f"report{ending}", content)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder beside `folder`; when the block ends without an error its files take their places in `folder`."""
    _check_places(folder)
    with working_folder(folder) as stage:
        yield stage
        _check_places(folder)
        try:
            folder.mkdir(exist_ok=True)
            for name in _PLACES:
                if (stage / name).exists():
                    (stage / name).replace(folder / name)
                else:
                    (folder / name).unlink(missing_ok=True)
            flush(folder)
        except OSError as error:
            raise cannot_write(folder, error) from error


def _check_places(folder: Path) -> None:
    """Refuse a `folder` that cannot take all of the files: before they are made, and before any is put there."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("not_a_folder", file=folder.name)
    for name in _PLACES:
        if (folder / name).is_dir():
            raise UsageError("folder_in_the_way", file=folder.name, place=name)
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError("not_permitted", file=folder.name)
