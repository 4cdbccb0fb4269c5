"""The pages as a folder that needs nothing but a browser: for whoever inspects and has no Python.

::

    index.html                       the run, all agencies
    agency/<code>/index.html         an agency, and a folder for each of its other pages
    agency/<code>/files/             its final report, draft and notebook, the very bytes
    agency/<code>/paper.html         the final report as the page shows it: it may load nothing
    rules/<rule>/index.html          a rule
    decisions.jsonl                  the log of decisions as it was, to be checked against its head
    .gongkai-review                  says that the folder is an export, which another may replace
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from gongkai.decisions import HEAD, LOG
from gongkai.errors import UsageError
from gongkai.export import notebook_page
from gongkai.review.case import Case
from gongkai.review.desk import Desk
from gongkai.review.pages import agency as pages
from gongkai.review.pages import overview, rules
from gongkai.review.pages.links import Links
from gongkai.review.pages.writing import TEMPLATES, Around
from gongkai.workspace import working_folder, write_bytes

MARK = ".gongkai-review"

FRAMED = (
    b'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    b"style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">"
)
"""What stands before a report in a frame: no server says so here, and who has written the report need not."""


def export(build: Path, target: Path) -> int:
    """Write the pages of `build` into the folder `target`, whole or not at all: how many there are.

    Raises UsageError where something else lies there.
    """
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MARK).is_file())):
        raise UsageError("bundle_not_empty", file=target.name)
    desk = Desk(build)
    count = 0
    with working_folder(target) as folder:
        stage = folder / "bundle"
        for path, page in _pages(desk):
            count += path.endswith("index.html")
            place = stage / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(page if isinstance(page, bytes) else page.encode())
        write_bytes(stage / MARK, b"")
        if target.exists():
            target.rename(folder / "before")
        stage.rename(target)
        shutil.rmtree(folder / "before", ignore_errors=True)
    return count


def _pages(desk: Desk) -> Iterator[tuple[str, str | bytes]]:
    yield "index.html", overview.overview(desk, _around(desk, 0), {}, size=len(desk.plan.agencies))
    for name in ("review.css", "icon.svg"):
        yield f"static/{name}", (TEMPLATES / name).read_bytes()
    for name in (LOG, HEAD):
        if (path := desk.plan.workspace / name).is_file():
            yield name, path.read_bytes()
    for row in desk.rows():
        yield from _agency(desk, desk.case(row.agency))
    for rule in sorted({rule for row in desk.rows() for rule in row.rules}):
        if page := rules.rule(desk, _around(desk, 2), rule):
            yield f"rules/{rule}/index.html", page


def _agency(desk: Desk, case: Case) -> Iterator[tuple[str, str | bytes]]:
    base = f"agency/{case.agency.code}/"
    yield f"{base}index.html", pages.report(desk, case, _around(desk, 2), None)
    below = _around(desk, 3)
    yield f"{base}years/index.html", pages.years(desk, case, below)
    yield f"{base}source/index.html", pages.source(desk, case, below)
    yield f"{base}notebook/index.html", pages.notebook(desk, case, below)
    yield f"{base}versions/index.html", pages.versions_page(desk, case, below, {})
    yield f"{base}history/index.html", pages.history(desk, case, below)
    if case.report is None:
        return
    for name in case.report.manifest["files"]:
        if name.startswith("report") and name not in case.damage:
            data = (case.report.folder / name).read_bytes()
            yield f"{base}files/{name}", data
            if name == "report.html":
                yield f"{base}paper.html", FRAMED + data
    if "report.ipynb" not in case.damage:
        text = (case.report.folder / "report.ipynb").read_text(encoding="utf-8")
        yield f"{base}notebook.html", notebook_page(text, title=case.agency.agency)


def _around(desk: Desk, depth: int) -> Around:
    """What is the same on every page that lies `depth` folders below the first."""
    fault = str(desk.log_fault) if desk.log_fault else ""
    links = Links("../" * depth, exported=True)
    return Around(links=links, year=desk.plan.year, build=desk.build.name, head=desk.head, fault=fault)
