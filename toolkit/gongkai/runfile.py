"""The run file and its roster: which agencies, their inputs, the notebook, the folder for what is made."""

from __future__ import annotations

import csv
import io
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gongkai.authored import Model, load_yaml, validate
from gongkai.errors import AuthoringError, UsageError, nearest
from gongkai.filing import LEVELS
from gongkai.forms import form_for_year
from gongkai.intake import load
from gongkai.workspace import find_workspace, package_data

NOTEBOOK = "notebooks/annual_report.ipynb"

REQUIRED = ("agency", "code", "level")
OPTIONAL = ("parent", "input", "previous")
PLACEHOLDERS = ("code", "agency", "year", "previous_year")


class RunFile(Model):
    """What to run, as it is authored. Paths are relative to the workspace that the run file lies in."""

    run: Literal[1]
    """The number of this file format."""
    year: int
    roster: str
    """A CSV file with a line for each agency: `agency`, `code`, `level`, and perhaps `parent`, `input`, `previous`."""
    inputs: str | None = None
    """Where the inputs are, with ``{code}``, ``{agency}``, ``{year}``; the roster's `input` goes before it."""
    previous: str | None = None
    """Where last year's reports are, with ``{previous_year}`` too; where there is none the run goes without."""
    notebook: str | None = None
    """The notebook to run, where it is not the annual report."""
    output: str
    """The folder that gets a folder for each agency, named by its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A line of the roster."""

    agency: str
    code: str
    level: str
    parent: str = ""
    input: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run file with its roster, its paths resolved."""

    workspace: Path
    year: int
    agencies: tuple[Agency, ...]
    notebook: Path
    output: Path
    inputs: str
    previous_pattern: str

    def input(self, agency: Agency) -> str:
        """The input of `agency`, relative to the workspace."""
        return agency.input or self._filled(self.inputs, agency)

    def previous(self, agency: Agency) -> Path | None:
        """Last year's report: the one the roster names; else the one that the pattern leads to, if it is there."""
        if agency.previous:
            return self.workspace / agency.previous
        path = self.workspace / self._filled(self.previous_pattern, agency)
        return path if self.previous_pattern and path.exists() else None

    def _filled(self, pattern: str, agency: Agency) -> str:
        return pattern.format(code=agency.code, agency=agency.agency, year=self.year, previous_year=self.year - 1)


def load_plan(path: Path) -> Plan:
    """The run file at `path`. Raises AuthoringError or InputError, naming file and place of the first fault."""
    workspace = find_workspace(path.parent)
    authored = validate(RunFile, load_yaml(path), file=path.name)
    form_for_year(authored.year, file=path.name)
    for place, pattern in (("inputs", authored.inputs), ("previous", authored.previous)):
        _check_pattern(pattern or "", file=path.name, place=place)
    return Plan(
        workspace=workspace,
        year=authored.year,
        agencies=_roster(_existing(workspace, authored.roster, path, "roster"), authored.inputs),
        notebook=_notebook(workspace, authored.notebook or NOTEBOOK, path),
        output=_output(workspace, authored.output, path),
        inputs=authored.inputs or "",
        previous_pattern=authored.previous or "",
    )


def _notebook(workspace: Path, name: str, run_file: Path) -> Path:
    """The workspace's own notebook, else the one that travels with the package."""
    try:
        return _existing(workspace, name, run_file, "notebook")
    except AuthoringError:
        try:
            path = package_data(name)
        except UsageError:
            path = workspace
        if not path.is_file():
            raise
        return path


def _output(workspace: Path, name: str, run_file: Path) -> Path:
    path = workspace / name.strip()
    if path.resolve() == workspace:
        # Folders of agencies would lie among the folders of the workspace.
        raise AuthoringError("output_is_workspace", file=run_file.name, place="output")
    return path


def _existing(workspace: Path, name: str, run_file: Path, place: str) -> Path:
    path = workspace / name
    if not path.is_file():
        raise AuthoringError("names_no_file", file=run_file.name, place=place, name=name)
    return path


def _check_pattern(pattern: str, *, file: str, place: str) -> None:
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise AuthoringError("malformed_pattern", file=file, place=place, problem=error) from error
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            # A width could fill the memory, and an attribute is nobody's business.
            written = "{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}"
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise AuthoringError("placeholder_form", file=file, place=place, name=written, known=known)
        if name not in PLACEHOLDERS:
            hint = nearest(name, PLACEHOLDERS)
            raise AuthoringError("unknown_placeholder", file=file, place=place, name=name, nearest=hint)


def _roster(path: Path, inputs: str | None) -> tuple[Agency, ...]:
    lines = list(_lines(path))
    if not lines:
        raise AuthoringError("roster_empty", file=path.name)
    seen: set[str] = set()
    agencies = []
    for place, values in lines:
        agency = Agency(**values)
        for name in REQUIRED:
            if not values[name]:
                raise AuthoringError("roster_blank", file=path.name, place=place, name=name)
        if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._-]*", agency.code):
            raise AuthoringError("roster_code", file=path.name, place=place, name=agency.code)
        if agency.code in seen:
            raise AuthoringError("duplicate", file=path.name, place=place, name=agency.code)
        if agency.level not in LEVELS:
            known = ", ".join(LEVELS)
            raise AuthoringError("unknown_level", file=path.name, place=place, level=agency.level, known=known)
        if not (agency.input or inputs):
            raise AuthoringError("no_input_named", file=path.name, place=place)
        seen.add(agency.code)
        agencies.append(agency)
    return tuple(agencies)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line of the roster that is not empty: where it stands and its values by column."""
    try:
        rows = csv.reader(io.StringIO("\n".join(load(path).lines())), strict=True)
        columns: list[str] = []
        for row in rows:
            values = [value.strip() for value in row]
            place = rows.line_num
            if not any(values):
                continue
            if not columns:
                columns = values
                _check_columns(columns, path.name)
                continue
            if len(values) != len(columns):
                raise AuthoringError(
                    "roster_fields", file=path.name, place=place, count=len(values), wanted=len(columns)
                )
            yield place, dict(zip(columns, values, strict=True))
    except csv.Error as error:
        raise AuthoringError("roster_csv", file=path.name, place=rows.line_num, reason=error) from error


def _check_columns(columns: Sequence[str], file: str) -> None:
    known = (*REQUIRED, *OPTIONAL)
    for column in columns:
        if column not in known:
            raise AuthoringError("unknown_key", file=file, place=1, name=column, nearest=nearest(column, known))
        if columns.count(column) > 1:
            raise AuthoringError("duplicate", file=file, place=1, name=column)
    for column in REQUIRED:
        if column not in columns:
            raise AuthoringError("roster_columns", file=file, place=1, name=column, known=", ".join(REQUIRED))
