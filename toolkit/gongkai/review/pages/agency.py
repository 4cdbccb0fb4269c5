"""The pages of an agency: its report with what is wrong with it, the years beside each other, versions, history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gongkai import versions
from gongkai.batch.page import LINKS
from gongkai.catalogues import say
from gongkai.filing import Doubt, Filing
from gongkai.finding import Finding
from gongkai.formats.entries import Entry, entries
from gongkai.review import deciding
from gongkai.review.case import Case, opened
from gongkai.review.desk import Desk
from gongkai.review.evidence import FINAL, digest
from gongkai.review.jobs import Job
from gongkai.review.pages import comparing, sources
from gongkai.review.pages.writing import Around, number, written
from gongkai.review.policy import in_words
from gongkai.review.release import verdict
from gongkai.review.rows import WEIGHTS, lateness, status
from gongkai.review.standing import RETURNED, Told, mark
from gongkai.wording import cell_in_words, source_in_words, text_in_words

KINDS = (*WEIGHTS, "waived")
"""What a version may say that it has: a manifest that was never made here may say anything."""

TABS = ("", "years", "source", "notebook", "versions", "history")


@dataclass(frozen=True, slots=True)
class Place:
    """A cell that a finding is about: its address, what it is called, what it holds and where that stood."""

    anchor: str
    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding or a doubt as it is shown; `mark` names it in a form: its fingerprint, or the digest of the doubt."""

    entry: Entry
    places: tuple[Place, ...]
    mark: str
    state: str = ""
    """Of a waiver ``proposed`` or ``confirmed``; of a doubt ``resolved``."""
    other: str = ""
    """The other agency, of a finding across agencies."""
    own: bool = True

    @property
    def number(self) -> str:
        """What it is called on the page."""
        return f"f-{self.mark[:16]}"


def report(desk: Desk, case: Case, around: Around, job: Job | None) -> str:
    """The report, what is wrong with it and what can be decided."""
    filing = case.report.filing if case.report else None
    shown = list(_shown(case)) if case.report else []
    told = around.who is not None and not around.fault
    refused = deciding.why_not(desk, case, around.who.name) if told and around.who else None
    return written(
        "report.html.j2",
        around,
        **_head(desk, case, ""),
        findings=[each for each in shown if isinstance(each.entry.told, Finding)],
        doubts=[each for each in shown if isinstance(each.entry.told, Doubt)],
        marks=_marks(shown, filing) if filing else {},
        may=deciding.allowed(desk, case, around.who.name) if told and around.who else frozenset(),
        refused=refused,
        job=job,
        cells=[(address, cell_in_words(filing.form, address)) for address in filing.form.cells] if filing else [],
        comments=[each for each in case.standing.told if each.kind == "review.commented"],
        final=_final(case, "html"),
        files=_files(case),
        accepts=Path(desk.plan.input(case.agency)).suffix,
    )


def years(desk: Desk, case: Case, around: Around) -> str:
    """The page of both years beside each other, cell by cell, each number with where it stood."""
    filing, previous = _filings(case)
    wrong: dict[str, str] = {}
    for each in case.own:
        for address in each.cells:
            wrong.setdefault(address, each.kind)
    return written(
        "years.html.j2",
        around,
        **_head(desk, case, "years"),
        grids=list(comparing.grids(filing, previous)) if filing else [],
        bars=comparing.bars(filing, previous) if filing else [],
        sources={a: source_in_words(filing.form, cell.source) for a, cell in filing.cells.items()} if filing else {},
        wrong=wrong,
        previous=previous is not None,
    )


def source(desk: Desk, case: Case, around: Around) -> str:
    """What was read, in the places where it stood."""
    filing, _ = _filings(case)
    wrong = {address for each in case.own for address in each.cells}
    wrong |= {f"{each.text}-{each.passage or 0}" for each in case.own if each.text}
    return written(
        "source.html.j2",
        around,
        **_head(desk, case, "source"),
        sheets=sources.sheets(filing) if filing else [],
        others=sources.others(filing) if filing else [],
        inputs=filing.inputs if filing else (),
        wrong=wrong,
    )


def notebook(desk: Desk, case: Case, around: Around) -> str:
    """The executed notebook, in a frame in which nothing runs."""
    return written("notebook.html.j2", around, **_head(desk, case, "notebook"), there=case.report is not None)


def versions_page(desk: Desk, case: Case, around: Around, asked: Mapping[str, str]) -> str:
    """All versions that there are, and what two of them differ in."""
    found = list(_versions(desk, case))
    names = [each["name"] for each in found]
    chosen = [asked.get(name, "") for name in ("from", "to")]
    if not all(each in names for each in chosen):
        before = _sent_back(case, names) or names[1:2]
        chosen = [*before, names[0]] if before else []
    filings = [_filing_of(desk, case, name) for name in chosen]
    differences = comparing.differences(*filings) if len(filings) == 2 and all(filings) else None  # type: ignore[arg-type]
    return written(
        "versions.html.j2",
        around,
        **_head(desk, case, "versions"),
        versions=found,
        chosen=chosen,
        differences=differences,
    )


def _sent_back(case: Case, names: Sequence[str]) -> list[str]:
    """The version that was sent back last, where that is not the current one: what people want to compare with."""
    returned = (each.content["version"] for each in reversed(case.standing.told) if each.kind == RETURNED)
    return [each for each in returned if each in names[1:]][:1]


def history(desk: Desk, case: Case, around: Around) -> str:
    """All decisions on this report, the last first, and how they stand."""
    waivers = [each for each in desk.waivers if each.agency_code == case.agency.code and each.year == desk.plan.year]
    undoable = {
        each.decision.number
        for each in case.standing.told
        if around.who and each.decision.by == around.who.name and each.state == "stands" and not around.fault
    }
    return written(
        "history.html.j2",
        around,
        **_head(desk, case, "history"),
        told=[(each, told_in_words(each)) for each in reversed(case.standing.told)],
        waivers=waivers,
        undoable=undoable,
        digest=digest,
    )


def progress(desk: Desk, case: Case, around: Around, job: Job | None, ahead: int) -> str:
    """How the making anew of a report goes; `ahead` are to be made before it."""
    return written("progress.html.j2", around, **_head(desk, case, "progress"), job=job, ahead=ahead)


def told_in_words(told: Told) -> str:
    """What a decision says, in a sentence."""
    content = told.content
    if told.kind == "review.commented" and content["place"]:
        return say("review.told.commented_on", place=content["place"])
    level = in_words(content["level"]) if "level" in content else ""
    return say(f"review.told.{told.kind.partition('.')[2]}", level=level, number=content.get("number", ""))


def _head(desk: Desk, case: Case, tab: str) -> dict[str, Any]:
    agency, standing = case.agency, case.standing
    due = standing.due(desk.policy)
    state = status(
        "damaged" if case.damage else case.outcome,
        stale=bool(case.stale),
        returned=standing.returned is not None,
        blocked=any(case.blocks()),
        due=due,
    )
    return {
        "agency": agency,
        "case": case,
        "tab": tab,
        "tabs": TABS,
        "parent": desk.parent(agency),
        "state": state,
        "due": due,
        "levels": desk.policy.levels,
        "passes": {each.content["level"]: each.decision for each in standing.passes},
        "verdict": verdict(desk, case),
        "deadline": desk.policy.deadline(agency.level, desk.plan.year),
        "late": lateness(agency, desk.plan.year, case.outcome, desk.policy, datetime.now(UTC).date()),
    }


def _filings(case: Case) -> tuple[Filing | None, Filing | None]:
    return (case.report.filing, case.report.previous) if case.report else (None, None)


def _shown(case: Case) -> Iterator[Shown]:
    assert case.report is not None
    filing = case.report.filing
    across = {each.finding.fingerprint: each for each in case.concerns}
    for entry in entries(filing, case.own, case.waivers):
        told = entry.told
        if isinstance(told, Doubt):
            state = "resolved" if mark(told) in case.standing.resolved else ""
            yield Shown(entry, tuple(_places(entry, filing)), digest({"doubt": mark(told)}), state)
        else:
            state = entry.waiver.state if entry.waiver else ""
            other = across[told.fingerprint].other if told.fingerprint in across else None
            yield Shown(entry, tuple(_places(entry, filing)), told.fingerprint, state, other or "")
    for concern in case.concerns:
        if concern.finding.agency_code != case.agency.code:
            entry = Entry(filing, concern.finding, concern.title)
            yield Shown(entry, (), concern.finding.fingerprint, other=concern.finding.agency or "", own=False)


def doubt_of(case: Case, named: str) -> str:
    """The mark of the doubt that a form names so; "" where there is none."""
    doubts = case.report.filing.doubts if case.report else ()
    return next((mark(each) for each in doubts if digest({"doubt": mark(each)}) == named), "")


def _places(entry: Entry, filing: Filing) -> Iterator[Place]:
    told, form = entry.told, filing.form
    for address in told.cells:
        cell = filing.cells.get(address)
        value = (number(cell.value) if cell.value is not None else cell.raw or "—") if cell else "—"
        yield Place(address, cell_in_words(form, address), value, source_in_words(form, cell.source) if cell else "")
    if isinstance(told, Finding) and told.text and not told.cells:
        name = text_in_words(form, told.text)
        yield Place(f"{told.text}-{told.passage or 0}", name, "", source_in_words(form, told.source))


def _marks(shown: list[Shown], filing: Filing) -> dict[str, Any]:
    """What the script draws around the report: of each cell its source, and what is wrong with it."""
    cells = {address: {"source": source_in_words(filing.form, cell.source)} for address, cell in filing.cells.items()}
    wrong: dict[str, list[str]] = {}
    for each in shown:
        for address in each.entry.told.cells:
            wrong.setdefault(address, []).append(each.number)
    about = {
        each.number: {
            "kind": each.entry.kind,
            "told": f"{each.entry.rule} {each.entry.message}",
            "quote": _quoted(each),
        }
        for each in shown
        if each.own
    }
    return {"cells": cells, "wrong": wrong, "findings": about}


def _quoted(shown: Shown) -> str:
    told = shown.entry.told
    if isinstance(told, Finding) and told.text and told.passage is not None:
        return shown.entry.quote.removesuffix("…")
    return ""


def _final(case: Case, ending: str) -> str:
    names = [name for name in case.evidence if FINAL.fullmatch(name)]
    return next((name for name in names if name.endswith(ending)), "")


def _files(case: Case) -> list[tuple[str, list[tuple[str, str]]]]:
    """The files of the report by kind, each with what it is called."""
    there = case.manifest["files"] if case.manifest else {}
    kinds = (
        (kind, [(name, name.rpartition(".")[2].upper()) for name in LINKS[kind] if name in there]) for kind in LINKS
    )
    return [(kind, names) for kind, names in kinds if names]


def _versions(desk: Desk, case: Case) -> Iterator[dict[str, Any]]:
    """The versions of a report that are there, the current one first and then the youngest."""
    folder = desk.build / versions.FOLDER / case.agency.code
    current = versions.current(desk.build, case.agency.code)
    found = [path for path in folder.glob("[!.]*") if path.is_dir()]
    found.sort(key=lambda path: (path.name != current, -_made(path)))
    for path in found:
        about = versions.unchecked(path) or {}
        decided = [each for each in case.standing.told if each.content.get("version") == path.name]
        yield {
            "name": path.name,
            "current": path.name == current,
            "made": datetime.fromtimestamp(_made(path), UTC).isoformat(timespec="seconds"),
            "kinds": {kind: about["kinds"][kind] for kind in KINDS if type(about.get("kinds", {}).get(kind)) is int},
            "decided": [told_in_words(each) for each in decided],
        }


def _made(folder: Path) -> float:
    try:
        return (folder / versions.MANIFEST).stat().st_mtime
    except OSError:
        return 0.0


def _filing_of(desk: Desk, case: Case, name: str) -> Filing | None:
    read, _, _ = opened(versions.place(desk.build, case.agency.code, name))
    return read.filing if read else None
