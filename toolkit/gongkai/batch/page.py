"""The page of a run: every agency with what became of it, in one file that needs nothing else and can be searched."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gongkai import versions
from gongkai.batch.together import FILE as TOGETHER
from gongkai.catalogues import language, say
from gongkai.finding import Concern, findings_from_json
from gongkai.ledger import OUTCOMES, Entry
from gongkai.roster import Agency
from gongkai.runfile import Plan
from gongkai.waivers import FILE as WAIVERS
from gongkai.waivers import from_json, standing, waived
from gongkai.workspace import put_held

FILE = "index.html"

TEMPLATES = Path(__file__).parent / "templates"

LINKS = {
    "draft": ("report.draft.html", "report.draft.docx", "report.draft.pdf"),
    "final": ("report.html", "report.docx", "report.pdf"),
    "notebook": ("report.ipynb",),
}
"""What the page leads to, where it is there."""

KINDS = {"error": 10000, "not_assessable": 1000, "doubt": 1000, "warning": 10, "info": 1, "waived": 0}
"""Kinds of findings, and how heavy they weigh where agencies are sorted by them."""

MOST = 20
"""Findings of an agency that are told here; all of them are in its draft."""

MOST_ACROSS = 300
"""Findings of a rule across agencies that are told here; all of them are in the file beside the page."""


def write_page(plan: Plan, known: Mapping[str, Entry], across: Sequence[Concern] = (), not_compared: str = "") -> Path:
    """Write the page of all agencies of `plan` into the build folder, and say where.

    What is there of a report tells for itself; of the others, what is `known`. `across` is what was found between
    agencies, `not_compared` why that is not known.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = (TEMPLATES / "run.js").read_text(encoding="utf-8")
    names = {agency.code: agency.agency for agency in plan.agencies}
    whom = concerned(across)
    rows = [
        _row(plan, agency, known.get(agency.code), names.get(agency.parent, ""), whom[agency.code])
        for agency in plan.agencies
    ]
    outcomes = Counter(row["outcome"] for row in rows)
    page = environment.get_template("run.html.j2").render(
        lang=language(),
        say=say,
        title=say("run.page.title", year=plan.year, name=plan.output.name),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        outcomes=[(outcome, outcomes[outcome]) for outcome in (*OUTCOMES, "unknown") if outcomes[outcome]],
        rows=rows,
        missing=[row for row in rows if row["outcome"] == "missing"],
        across=list(_by_rule(across)),
        across_count=len(across),
        not_compared=not_compared,
        together=TOGETHER,
    )
    put_held(plan.output / FILE, page.encode())
    return plan.output / FILE


def concerned(across: Sequence[Concern]) -> Mapping[str, list[Concern]]:
    """The findings across agencies by the code of whom they concern: whose they are, and whom they name."""
    found: dict[str, list[Concern]] = defaultdict(list)
    for each in across:
        for code in dict.fromkeys((each.finding.agency_code, each.other_code)):
            found[code or ""].append(each)
    return found


def _by_rule(across: Sequence[Concern]) -> Iterator[dict[str, Any]]:
    """The findings across agencies, together by their rules; of many only the first."""
    rules: dict[str, list[Concern]] = defaultdict(list)
    for each in across:
        rules[each.finding.rule].append(each)
    for rule, found in rules.items():
        first = found[0]
        about = {"rule": rule, "kind": first.finding.kind, "title": first.title, "count": len(found)}
        yield about | {"found": found[:MOST_ACROSS], "more": max(0, len(found) - MOST_ACROSS)}


def _row(plan: Plan, agency: Agency, entry: Entry | None, parent: str, concerns: Sequence[Concern]) -> dict[str, Any]:
    """What the page says of an agency."""
    row: dict[str, Any] = {
        "code": agency.code,
        "agency": agency.agency,
        "level": agency.level,
        "parent": parent,
        "received": agency.received_at,
        "published": agency.published_at,
    }
    folder = plan.output / agency.code
    told: dict[str, Any] = {"outcome": "unknown", "kinds": {}, "rules": {}, "message": ""}
    made = versions.manifest(folder)
    if made:
        told |= {name: made[name] for name in ("outcome", "kinds", "rules")}
    elif entry and not entry.made:
        told |= {name: getattr(entry, name) for name in told}
    kinds = told["kinds"]
    weight = sum(kinds.get(kind, 0) * weight for kind, weight in KINDS.items())
    return row | {
        **told,
        "kinds": [(kind, kinds[kind]) for kind in KINDS if kinds.get(kind)],
        "weight": weight + sum(KINDS[each.finding.kind] for each in concerns),
        "concerns": concerns[:MOST],
        "concerns_count": len(concerns),
        "findings": list(_findings(folder)) if made else [],
        "links": list(_links(folder)) if made else [],
    }


def _links(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What there is of a report, by kind: the names of files and what to call them."""
    there = {path.name for path in folder.iterdir()}
    for kind, names in LINKS.items():
        yield kind, [(name, name.rpartition(".")[2].upper()) for name in names if name in there]


def _findings(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Kind, rule and words of the first findings of an agency, and of their waivers where they have any."""
    waivers = standing(from_json(_text(folder / WAIVERS) or "[]"))
    for finding in findings_from_json(_text(folder / "findings.json"))[:MOST]:
        waiver = waivers.get(finding.fingerprint)
        kind = "waived" if finding.waived(waived(waivers.values())) else finding.kind
        yield kind, finding.rule, finding.message, waiver.in_words() if waiver else ""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
