"""The run file: which agencies, their inputs, the notebook and its parameters, the folder for what is made, and how."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from gongkai.authored import Model, load_yaml, validate
from gongkai.catalogues import language as language_in_use
from gongkai.errors import AuthoringError, UsageError, nearest
from gongkai.execute.parameters import check, declared_in
from gongkai.forms import form_for_year
from gongkai.roster import Agency, load_roster
from gongkai.rules import load_rules
from gongkai.workspace import find_workspace, package_data, standing_in

NOTEBOOK = "notebooks/annual_report.ipynb"

PLACEHOLDERS = ("code", "agency", "year", "previous_year")

GIVEN = ("input", "previous", "findings", "language", "rules")
"""The parameters that gongkai itself gives to a notebook."""

Format = Literal["html", "docx", "pdf"]
Checks = Literal["together", "notebook"]
Positive = Annotated[int, Field(gt=0, strict=True)]


class Limits(Model):
    """What the notebook of one agency may take."""

    seconds: Positive = 300
    memory: Positive = 2048
    """In MiB."""


class RunFile(Model):
    """What to run, as it is authored. Paths are relative to the workspace that the run file lies in."""

    run: Literal[1]
    """The number of this file format."""
    year: int
    roster: str
    """A CSV file, workbook or YAML file with the agencies, see `gongkai.roster`."""
    inputs: str | None = None
    """Where the inputs are, with ``{code}``, ``{agency}``, ``{year}``; the roster's `input` goes before it."""
    previous: str | None = None
    """Where last year's reports are, with ``{previous_year}`` too; where there is none the run goes without."""
    notebook: str | None = None
    """The notebook to run, where it is not the annual report."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the notebook, for all agencies; the roster's `overrides` go before them."""
    output: str
    """The folder that gets a folder for each agency, named by its code."""
    formats: tuple[Format, ...] = ("html", "docx", "pdf")
    drafts: bool = True
    """Whether there is a draft beside each final report."""
    language: Literal["zh", "en"] | None = None
    """That of the reports, where it is not the one in use."""
    rules: str | None = None
    """The folder of the rules, where it is not the workspace's ``expectations``, or else the package's."""
    checks: Checks = "together"
    """Whether the rules are run once for all agencies, or by the notebook of each."""
    limits: Limits = Limits()

    @field_validator("formats")
    @classmethod
    def _each_once(cls, formats: tuple[Format, ...]) -> tuple[Format, ...]:
        if not formats:
            raise PydanticCustomError("no_format", "")
        if twice := [each for each in formats if formats.count(each) > 1]:
            raise PydanticCustomError("duplicate", "{name}", {"name": twice[0]})
        return formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run file with its roster, its paths resolved."""

    run_file: Path
    workspace: Path
    year: int
    roster: Path
    agencies: tuple[Agency, ...]
    inputs: str
    previous_pattern: str
    notebook: Path
    parameters: Mapping[str, Any]
    output: Path
    formats: tuple[str, ...]
    """The extensions of the files that are made, such as ``.html``."""
    drafts: bool
    language: str
    rules: Path | None
    """The folder of the rules where the run file names one."""
    checks: Checks
    seconds: int
    memory: int
    """In MiB."""

    def input(self, agency: Agency) -> str:
        """The input of `agency`, relative to the workspace."""
        return agency.input or self._filled(self.inputs, agency)

    def previous(self, agency: Agency) -> Path | None:
        """Last year's report: the one the roster names; else the one that the pattern leads to, if it is there."""
        name = self.previous_name(agency)
        path = self.workspace / name
        return path if agency.previous or (name and path.exists()) else None

    def previous_name(self, agency: Agency) -> str:
        """Where last year's report lies if it is there, relative to the workspace; "" where none is looked for."""
        return agency.previous or self._filled(self.previous_pattern, agency)

    def overrides(self, agency: Agency) -> dict[str, Any]:
        """The parameters of the notebook for `agency`, but for those that gongkai gives."""
        return {**self.parameters, **agency.overrides}

    def _filled(self, pattern: str, agency: Agency) -> str:
        return pattern.format(code=agency.code, agency=agency.agency, year=self.year, previous_year=self.year - 1)


def load_plan(path: Path) -> Plan:
    """The run file at `path`. Raises AuthoringError, UsageError or InputError naming file and place of the first fault.

    Whatever can be known to be wrong before anything is made is found here: the roster, the parameters, the rules.
    """
    workspace = find_workspace(path.parent)
    authored = validate(RunFile, load_yaml(path), file=path.name)
    form = form_for_year(authored.year, file=path.name)
    for place, pattern in (("inputs", authored.inputs), ("previous", authored.previous)):
        _check_pattern(pattern or "", file=path.name, place=place)
    roster = _existing(workspace, authored.roster, path, "roster")
    agencies = load_roster(roster)
    for line, agency in agencies:
        if not (agency.input or authored.inputs):
            raise AuthoringError("no_input_named", file=roster.name, place=line)
    plan = Plan(
        run_file=path.resolve(),
        workspace=workspace,
        year=authored.year,
        roster=roster,
        agencies=tuple(agency for _, agency in agencies),
        inputs=authored.inputs or "",
        previous_pattern=authored.previous or "",
        notebook=_notebook(workspace, authored.notebook or NOTEBOOK, path),
        parameters=authored.parameters,
        output=_output(workspace, authored.output, path),
        formats=tuple(f".{each}" for each in authored.formats),
        drafts=authored.drafts,
        language=authored.language or language_in_use(),
        rules=_rules(workspace, authored.rules, path, form.edition),
        checks=authored.checks,
        seconds=authored.limits.seconds,
        memory=authored.limits.memory,
    )
    _check_parameters(plan, agencies, roster.name)
    return plan


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


def _rules(workspace: Path, name: str | None, run_file: Path, edition: str) -> Path | None:
    if name is None:
        with standing_in(workspace):
            load_rules(edition)
        return None
    folder = workspace / name
    if not folder.is_dir():
        raise AuthoringError("names_no_folder", file=run_file.name, place="rules", name=name)
    load_rules(edition, folder)
    return folder


def _check_parameters(plan: Plan, agencies: Sequence[tuple[int, Agency]], roster: str) -> None:
    """Those of the run file by themselves, then each agency's: what it lacks may stand in either file."""
    declared = {name: each for name, each in declared_in(plan.notebook).items() if name not in GIVEN}
    optional = {name: replace(each, required=False) for name, each in declared.items()}
    _check_own(plan.parameters, file=plan.run_file.name, place="parameters")
    check(plan.parameters, optional, file=plan.run_file.name, place="parameters")
    for line, agency in agencies:
        _check_own(agency.overrides, file=roster, place=line)
        check(plan.overrides(agency), declared, file=roster, place=line)


def _check_own(parameters: Mapping[str, Any], *, file: str, place: str | int) -> None:
    for name in parameters:
        if name in GIVEN:
            raise AuthoringError("given_parameter", file=file, place=place, name=name)
