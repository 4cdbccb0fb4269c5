"""What goes back to an agency: its own workbook with each fault marked, and a list of what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from gongkai.catalogues import language, say
from gongkai.export import blocks
from gongkai.filing import Doubt
from gongkai.formats.annotated import annotate, annotated_name
from gongkai.formats.entries import Entry, entries
from gongkai.review.case import Case
from gongkai.review.deciding import RefusedError
from gongkai.review.desk import Desk
from gongkai.review.standing import COMMENTED, mark
from gongkai.wording import cell_in_words
from gongkai.workspace import standing_in


def marked(desk: Desk, case: Case) -> tuple[str, bytes]:
    """The annotated workbook: what to call it, and its bytes. Raises RefusedError where there is none to mark."""
    report = case.report
    if report is None or "input" in case.stale:
        raise RefusedError("nothing_to_send", file=case.agency.agency)
    found = entries(report.filing, case.own, case.waivers)
    if not found:
        raise RefusedError("nothing_to_mark", file=case.agency.agency)
    plan = desk.plan
    path = plan.workspace / plan.input(case.agency)
    with standing_in(plan.workspace), TemporaryDirectory() as folder:
        target = Path(folder) / annotated_name(path)
        annotate(path, found, target, previous=report.previous)
        return target.name, target.read_bytes()


def listed(desk: Desk, case: Case) -> tuple[str, bytes]:
    """The list of what to mend as a Word file: what to call it, and its bytes."""
    from gongkai.export.docx import write_docx

    if case.report is None:
        raise RefusedError("nothing_to_send", file=case.agency.agency)
    reference = desk.plan.workspace / "reference.docx"
    title = say("review.list.title", agency=case.agency.agency, year=desk.plan.year)
    document = blocks.Document(title, language(), (blocks.Piece("", (blocks.Title((title,)), *_blocks(desk, case))),))
    with standing_in(desk.plan.workspace):
        data = write_docx(document, reference=reference if reference.exists() else None)
    return say("review.list.file", code=case.agency.code), data


def _blocks(desk: Desk, case: Case) -> Iterator[blocks.Block]:
    returned = case.standing.returned
    if returned:
        by, at = returned.decision.by, returned.decision.at[:10]
        yield _paragraph(say("review.list.returned", by=by, at=at))
        for line in str(returned.content["reason"]).splitlines():
            yield _paragraph(line)
    assert case.report is not None
    found = [each for each in entries(case.report.filing, case.own, case.waivers) if _is_open(each, case)]
    yield _paragraph(say("review.list.found", count=len(found)) if found else say("review.list.none"))
    if found:
        yield blocks.List(tuple((_paragraph(_sentence(each)),) for each in found), ordered=True)
    comments = [each for each in case.standing.told if each.kind == COMMENTED and each.state == "said"]
    if comments:
        yield _paragraph(say("review.list.comments"))
        form = case.report.filing.form
        places = [each.content["place"] for each in comments]
        names = [f"{cell_in_words(form, each)}{say('review.colon')}" if each in form.cells else "" for each in places]
        lines = [f"{name}{each.content['text']}" for name, each in zip(names, comments, strict=True)]
        yield blocks.List(tuple((_paragraph(line),) for line in lines), ordered=True)
    yield _paragraph(say("review.list.then", file=Path(desk.plan.input(case.agency)).name))


def _is_open(entry: Entry, case: Case) -> bool:
    """Whether there is something to mend: nothing that was waived or settled, and no mere hint."""
    if isinstance(entry.told, Doubt):
        return mark(entry.told) not in case.standing.resolved
    return entry.kind != "info" and not entry.told.waived(case.waived)


def _sentence(entry: Entry) -> str:
    kind = say(f"severity.{entry.kind}")
    where = entry.source
    return say("review.list.line", kind=kind, rule=entry.rule, message=entry.message, where=where)


def _paragraph(text: str) -> blocks.Paragraph:
    return blocks.Paragraph((blocks.Run(text),))
