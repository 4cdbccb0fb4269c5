"""Reports of one agency, and of all agencies of a run file: read, checked in one go, made one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gongkai import intake
from gongkai.catalogues import language as language_in_use
from gongkai.catalogues import speaking
from gongkai.errors import GongkaiError, InputError, NotebookError, UsageError
from gongkai.filing import Filing
from gongkai.finding import Finding, blocks_release, findings_to_json
from gongkai.report import Opened
from gongkai.runfile import NOTEBOOK, Agency, Plan, load_plan
from gongkai.workspace import cannot_write, find_data, standing_in, working_folder, write_bytes, write_text

FORMATS = (".html", ".docx", ".pdf")
FILES = (
    *("filing.json", "previous.json", "findings.json", "report.ipynb"),
    *(f"report{draft}{extension}" for draft in ("", ".draft") for extension in FORMATS),
)
"""What a report consists of; there is a previous.json where last year's filing was given."""

Outcome = Literal["succeeded", "withheld", "excepted", "errored", "missing"]
"""Made; made, but findings or doubts forbid its release; the notebook raised; could not be made; no input."""


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made: its findings, and its files."""

    findings: tuple[Finding, ...]
    files: tuple[Path, ...]


def make_report(
    filing: Filing,
    folder: Path,
    *,
    previous: Filing | None = None,
    findings: Sequence[Finding] | None = None,
    notebook: Path | None = None,
    language: str | None = None,
) -> Made:
    """Make the report of `filing` in `folder`; its findings are made unless they are given.

    Either all of `FILES` are written, or `folder` stays as it was. Raises NotebookError where the notebook raises,
    JobError where it shows what has no place in a report, UsageError where `folder` cannot be written.
    """
    with speaking(language or language_in_use()):
        if findings is None:
            from gongkai.consistency import check

            findings = check([filing], previous=[previous]).all
        source = notebook or find_data(NOTEBOOK)
        with _staged(folder) as stage:
            _fill(stage, filing, previous, findings, source)
    return Made(tuple(findings), tuple(folder / name for name in FILES if (folder / name).exists()))


def _fill(stage: Path, filing: Filing, previous: Filing | None, findings: Sequence[Finding], notebook: Path) -> None:
    from gongkai.execute import execute
    from gongkai.export import exported

    parameters = {"input": "./filing.json", "findings": "./findings.json", "language": language_in_use()}
    write_text(stage / "filing.json", filing.to_json())
    write_text(stage / "findings.json", findings_to_json(findings))
    if previous is not None:
        parameters["previous"] = "./previous.json"
        write_text(stage / "previous.json", previous.to_json())
    executed = execute(notebook, parameters, stage)
    write_text(stage / "report.ipynb", executed)
    for draft in (False, True):
        for extension, content in exported(executed, draft=draft):
            write_bytes(stage / f"report{'.draft' * draft}{extension}", content)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder beside `folder`; when the block ends without an error its files take their places in `folder`."""
    _check_places(folder)
    with working_folder(folder) as stage:
        yield stage
        _check_places(folder)
        try:
            folder.mkdir(exist_ok=True)
            for name in FILES:
                if (stage / name).exists():
                    (stage / name).replace(folder / name)
                else:
                    (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(folder, error) from error


def _check_places(folder: Path) -> None:
    """Refuse a `folder` that cannot take all of the files: before they are made, and before any is put there."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("not_a_folder", file=folder.name)
    for name in FILES:
        if (folder / name).is_dir():
            raise UsageError("folder_in_the_way", file=folder.name, place=name)
    if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError("not_permitted", file=folder.name)


@dataclass(frozen=True, slots=True)
class AgencyResult:
    """What became of one agency. `folder` holds its report where one was made; `message` says why none was."""

    agency: Agency
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    doubts: int = 0
    message: str = ""
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """What became of a run: a result for each agency, in the roster's order, and the folder with their folders."""

    results: tuple[AgencyResult, ...]
    output: Path

    @property
    def failed(self) -> bool:
        """Whether a report that was asked for was not made."""
        return any(each.folder is None for each in self.results)

    @property
    def blocked(self) -> bool:
        """Whether findings or doubts forbid the release of a report that was made."""
        return any(each.outcome == "withheld" for each in self.results)


Progress = Callable[[AgencyResult, int, int], None]
"""Called with each result as it comes, how many there are so far, and how many there will be."""


def run(run_file: Path, *, on_progress: Progress | None = None) -> RunResult:
    """Make the report of every agency of a run file; what befalls one agency never stops the others.

    Raises AuthoringError where the run file or its roster is wrong: before anything is made.
    """
    plan = load_plan(run_file)
    results = []
    # Rules, fonts and the office's template are those of the run file's workspace, wherever the command was given.
    with standing_in(plan.workspace):
        opened = [_opened(agency, plan) for agency in plan.agencies]
        found = iter(_check([each for each in opened if isinstance(each, Opened)]))
        for agency, each in zip(plan.agencies, opened, strict=True):
            result = _made(agency, each, next(found), plan) if isinstance(each, Opened) else each
            results.append(result)
            if on_progress is not None:
                on_progress(result, len(results), len(plan.agencies))
    return RunResult(tuple(results), plan.output)


def _check(opened: Sequence[Opened]) -> tuple[tuple[Finding, ...], ...]:
    from gongkai.consistency import check

    return check([each.filing for each in opened], previous=[each.previous for each in opened]).findings


def _made(agency: Agency, opened: Opened, findings: tuple[Finding, ...], plan: Plan) -> AgencyResult:
    filing, folder = opened.filing, plan.output / agency.code
    about = (findings, len(filing.doubts))
    try:
        make_report(filing, folder, previous=opened.previous, findings=findings, notebook=plan.notebook)
    except NotebookError as error:
        return AgencyResult(agency, "excepted", *about, str(error))
    except (GongkaiError, OSError) as error:
        return AgencyResult(agency, "errored", *about, str(error))
    blocked = blocks_release(filing, findings)
    return AgencyResult(agency, "withheld" if blocked else "succeeded", *about, "", folder)


def _opened(agency: Agency, plan: Plan) -> Opened | AgencyResult:
    """The filings of one agency, or what keeps us from reading them."""
    name, path, previous = plan.input(agency), plan.workspace / plan.input(agency), plan.previous(agency)
    if not path.exists():
        return AgencyResult(agency, "missing", message=str(InputError("no_such_file", file=name)))
    try:
        filing = intake.read(path)
        if filing.agency_code not in (None, agency.code):
            raise InputError("code_differs", file=path.name, given=agency.code, read=filing.agency_code)
        # What the input says of itself stands; the roster completes it.
        filing = filing.identified(
            agency=None if filing.agency else agency.agency,
            agency_code=agency.code,
            level=None if filing.level else agency.level,
            year=plan.year,
        )
        last = filing.require_previous(intake.read(previous)) if previous else None
    except (GongkaiError, OSError) as error:
        return AgencyResult(agency, "errored", message=str(error))
    return Opened(filing, last)
