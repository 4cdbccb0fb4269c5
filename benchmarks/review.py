"""How soon the pages of a review are painted, of many agencies, in Chromium.

    make bench        or        .venv/bin/python -m benchmarks.review [--agencies N] [--rounds N] [--folder DIR]

An invented province of N agencies (5,000 unless given) is run to HTML, some reports are passed, and its pages are
served; `--folder` keeps the workspace, which takes minutes to make. In each round every page is opened once, in turn,
and the login page of the same server, which asks for nothing, beside them. Printed are medians, from when the address
is asked for until something is painted (first contentful paint) and until all of the page is there, its frame too.

What must hold on a quiet machine: the run painted within 1 s, an agency all there within 0.5 s. The bounds are as much
wider as a fixed piece of work, done in turn with the pages, takes longer there. Exit code 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from playwright.sync_api import Page

from benchmarks.reading import QUIET, fixed_work
from gongkai.review import deciding
from gongkai.review.desk import Desk
from tests.review.browsing import Reader, chromium
from tests.review.places import PEOPLE, register, serving

GONGKAI = str(Path(sys.executable).with_name("gongkai"))
EACH = 50
"""Agencies of a county."""

BOUNDS = {
    "run": (0, 1.0),
    "run, page 20": (0, 1.0),
    "run, searched": (0, 1.0),
    "agency": (1, 0.5),
    "agency, years": (1, 0.5),
}
"""Of each page what is bound (0: painted, 1: all there) and the seconds that it may take."""


PAINTED = """new Promise((told) => {
  const look = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (paint) told(paint.startTime); else setTimeout(look, 5);
  };
  look();
})"""
"""When something was painted, in milliseconds: it may be told a little later than it was done."""


def province(home: Path, agencies: int) -> Path:
    """A workspace of that many agencies, run: its build folder."""
    build = home / "build" / "all-2024"
    if not (build / "index.html").exists():
        counties = -(-agencies // EACH)
        example = ["example", "--counties", str(counties), "--agencies", str(EACH), "--years", "2023-2024"]
        options = ["--faults", "0.3", "--files", "cells", "-o", str(home)]
        subprocess.run([GONGKAI, *example, *options], check=True, stdout=subprocess.DEVNULL)
        run_file = home / "params" / "all.yaml"
        told = yaml.safe_load(run_file.read_text(encoding="utf-8")) | {"formats": ["html"], "drafts": False}
        run_file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        began = time.perf_counter()
        subprocess.run([GONGKAI, "run", str(run_file)], check=True, stdout=subprocess.DEVNULL)
        print(f"the run: {time.perf_counter() - began:.0f} s")
        register(home)
        passed(build)
    return build


def passed(build: Path) -> None:
    """Pass a thousand of the clean reports at the first level, in tens."""
    desk = Desk(build)
    clean = [each.agency for each in desk.rows() if each.clean][:1000]
    for start in range(0, len(clean), 10):
        seen = {agency.code: desk.case(agency).seen for agency in clean[start : start + 10]}
        deciding.pass_together(desk, desk.policy.levels[0], seen, by=next(iter(PEOPLE)))


def taken(page: Page, url: str) -> tuple[float, float]:
    """Seconds until something of a page is painted, and until all of it is there."""
    page.goto(url, wait_until="load")
    painted = page.evaluate(PAINTED)
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    return painted / 1000, loaded / 1000


@contextmanager
def folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agencies", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with folder(asked.folder) as home:
        build = province(home, asked.agencies)
        began = time.perf_counter()
        desk = Desk(build)
        rows = desk.rows()
        print(f"{len(rows)} agencies; the desk looks at all of them: {time.perf_counter() - began:.2f} s", end="")
        began = time.perf_counter()
        desk.refresh()
        desk.rows()
        print(f", and once more: {time.perf_counter() - began:.2f} s")
        code = next(each.agency.code for each in rows if each.kinds)
        return measured(build, code, asked.rounds)


def measured(build: Path, code: str, rounds: int) -> int:
    """Open the pages; whether they are as soon there as they must be."""
    paths = {
        "login": "login",
        "run": "",
        "run, page 20": "?page=20",
        "run, searched": "?words=XY-CARRY&sort=findings",
        "agency": f"agency/{code}/",
        "agency, years": f"agency/{code}/years/",
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in paths}
    works = []
    with serving(build) as server, chromium() as browser:
        page = Reader.of(browser, server.url).login(next(iter(PEOPLE))).page
        for number in range(rounds + 1):
            began = time.process_time()
            fixed_work()
            works.append(time.process_time() - began)
            for name, path in paths.items():
                seconds = taken(page, server.url + path)
                if number:  # the first time the server reads what it keeps afterwards
                    times[name].append(seconds)
                else:
                    print(f"first time: {name} {seconds[0]:.2f} s painted, {seconds[1]:.2f} s all there")
    slower = max(1.0, statistics.median(works) / QUIET)
    print(f"the machine is {slower:.1f} × as slow as a quiet one")
    holds = True
    for name, each in times.items():
        medians = [statistics.median(one[number] for one in each) for number in (0, 1)]
        number, bound = BOUNDS.get(name, (0, 1.0))
        good = medians[number] <= bound * slower
        holds &= good
        print(f"{name}: painted {medians[0]:.3f} s, all there {medians[1]:.3f} s{'' if good else '  TOO SLOW'}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
