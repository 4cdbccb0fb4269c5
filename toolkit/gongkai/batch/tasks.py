"""What a run has its children do: read and check some agencies, make the report of one, and compare all of them.

Each is a call in a child of its own, see `gongkai.execute.warm`; what goes in and comes out is pickled.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gongkai import intake, versions
from gongkai.batch.keys import content_key
from gongkai.batch.report import fill, parameters_of
from gongkai.batch.results import NOTHING, Counts
from gongkai.batch.survey import Surveyed
from gongkai.batch.together import Together
from gongkai.catalogues import speaking
from gongkai.errors import GongkaiError, InputError, JobError, NotebookError
from gongkai.execute import Engine
from gongkai.filing import Filing
from gongkai.finding import Finding, findings_from_json, findings_to_json
from gongkai.ledger import Outcome
from gongkai.report import CHECKED_MIME, Opened
from gongkai.roster import Agency
from gongkai.rules import load_rules
from gongkai.runfile import Plan
from gongkai.waivers import FILE as WAIVERS
from gongkai.waivers import to_json, waived
from gongkai.workspace import put, standing_in


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the notebook of one agency is given: its content key and its files; or why its input could not be read."""

    key: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    """JSON texts by name; there is no ``findings.json`` where the notebook runs the rules itself."""
    counts: Counts = NOTHING
    message: str = ""

    def packed(self) -> bytes:
        """As bytes, for the ledger."""
        told = [self.key, self.files, self.counts.kinds, self.counts.rules, self.message]
        return zlib.compress(json.dumps(told, ensure_ascii=False).encode(), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> Prepared | None:
        """What `packed` gave; None where that is damaged, or nothing."""
        try:
            key, files, kinds, rules, message = json.loads(zlib.decompress(data))
        except (zlib.error, ValueError):
            return None
        return cls(key, files, Counts(kinds, rules), message)


@dataclass(frozen=True, slots=True)
class Product:
    """What became of a report that was prepared."""

    outcome: Outcome
    counts: Counts = NOTHING
    message: str = ""


def prepare(plan: Plan, around: str, wanted: Sequence[Surveyed]) -> list[Prepared]:
    """Read the inputs of some agencies and check them by one call."""
    with _at_home(plan):
        opened = [_opened(each.agency, plan) for each in wanted]
        found = iter(_findings(plan, [each for each in opened if isinstance(each, Opened)]))
        return [
            Prepared(message=read) if isinstance(read, str) else _prepared(plan, around, each, read, next(found))
            for each, read in zip(wanted, opened, strict=True)
        ]


def make(plan: Plan, surveyed: Surveyed, engine: Engine, prepared: Prepared, made_of: Mapping[str, str]) -> Product:
    """Make the version that was prepared, whole or not at all; it keeps what it was `made_of`."""
    agency, counts = surveyed.agency, prepared.counts
    try:
        with _at_home(plan), versions.new(versions.place(plan.output, agency.code, prepared.key)) as stage:
            given = _parameters(plan, agency, prepared.files)
            fill(
                stage,
                prepared.files,
                plan.notebook,
                given,
                formats=plan.formats,
                drafts=plan.drafts,
                engine=engine,
            )
            if plan.checks == "notebook":
                counts = _counts(stage, waived(surveyed.waivers))
            outcome: Outcome = "withheld" if counts.blocks else "succeeded"
            about = {"key": prepared.key, "agency_code": agency.code, "year": plan.year, "outcome": outcome}
            about |= {"kinds": dict(counts.kinds), "rules": dict(counts.rules)}
            versions.seal(stage, {**about, "made_of": {**made_of, **surveyed.inputs}})
    except NotebookError as error:
        return Product("excepted", counts, str(error))
    except (GongkaiError, OSError) as error:
        return Product("errored", counts, str(error))
    return Product(outcome, counts)


def compare(plan: Plan, together: Together) -> None:
    """Run the rules across the agencies of the run, and write what they find."""
    from gongkai.consistency import Expected, across

    with _at_home(plan):
        expected = [Expected(**each) for each in together.roster]
        found = across(together.filings(plan.output), expected=expected, year=plan.year, rules=plan.rules)
    together.write(plan.output, found.concerns)


def _at_home(plan: Plan) -> ExitStack:
    """Rules, fonts and the office's template are those of the run file's workspace, and so is the language."""
    with ExitStack() as stack:
        stack.enter_context(standing_in(plan.workspace))
        stack.enter_context(speaking(plan.language))
        return stack.pop_all()


def _opened(agency: Agency, plan: Plan) -> Opened | str:
    """The filings of one agency, or what keeps us from reading them."""
    path, previous = plan.workspace / plan.input(agency), plan.previous(agency)
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
        # Whoever is on an edition without rules cannot be checked, and keeps no other from it.
        load_rules(filing.edition, plan.rules)
        return Opened(filing, filing.require_previous(intake.read(previous)) if previous else None)
    except (GongkaiError, OSError) as error:
        return str(error)


def _findings(plan: Plan, opened: Sequence[Opened]) -> Sequence[tuple[Finding, ...]]:
    if plan.checks == "notebook" or not opened:
        return [()] * len(opened)
    from gongkai.consistency import check

    filings, previous = zip(*opened, strict=True)
    return check(filings, previous=previous, rules=plan.rules).findings


def _prepared(plan: Plan, around: str, surveyed: Surveyed, opened: Opened, findings: tuple[Finding, ...]) -> Prepared:
    filing, previous = opened
    files = {"filing.json": filing.to_json()}
    if previous is not None:
        files["previous.json"] = previous.to_json()
    if plan.checks == "together":
        files["findings.json"] = findings_to_json(findings)
    if surveyed.waivers:
        files[WAIVERS] = to_json(surveyed.waivers)
    key = content_key(around, _parameters(plan, surveyed.agency, files), files)
    return Prepared(key, files, Counts.of(filing, findings, waived(surveyed.waivers)))


def _parameters(plan: Plan, agency: Agency, files: Mapping[str, str]) -> dict[str, Any]:
    """What the notebook of `agency` is given."""
    own = plan.rules if plan.checks == "notebook" else None
    rules = {"rules": Path(os.path.relpath(own, plan.workspace)).as_posix()} if own else {}
    return parameters_of(files) | {"language": plan.language} | rules | plan.overrides(agency)


def _counts(stage: Path, waived: frozenset[str]) -> Counts:
    """What a notebook that has run the rules itself has found; its findings are written beside it."""
    filing = Filing.from_json((stage / "filing.json").read_text(encoding="utf-8"))
    cells = json.loads((stage / "report.ipynb").read_text(encoding="utf-8"))["cells"]
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    told = next((each[CHECKED_MIME] for each in data if CHECKED_MIME in each), None)
    if told is None:
        raise JobError("not_checked", file="report.ipynb")  # which must not look clean
    findings = findings_from_json(json.dumps(told))
    put(stage / "findings.json", findings_to_json(findings).encode())
    return Counts.of(filing, findings, waived)
