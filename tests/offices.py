"""Workspaces whose agencies are run in tests: in this process over one warm parent, or in a process of their own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import yaml

from gongkai.batch import RunResult, look, run, running
from gongkai.execute.warm.pool import Ended, Pool
from gongkai.execute.warm.task import Task
from gongkai.filing import Cell, Filing
from tests.commands import GONGKAI
from tests.helpers import APPLICANTS, ROOT, balanced_filing, changed, plus_one
from tests.processes import MARK

RUN: Mapping[str, object] = {
    "run": 1,
    "year": 2024,
    "roster": "roster.csv",
    "inputs": "in/{year}/{code}.json",
    "previous": "in/{previous_year}/{code}.json",
    "notebook": "mine.ipynb",
    "output": "build/run",
    "formats": ["html"],
    "drafts": False,
    "limits": {"seconds": 60},
}
LEVELS = {"A1": "government", "A2": "department", "A3": "township"}
ALL = list(LEVELS)
RUN_FILE, BUILD = Path("params/run.yaml"), Path("build/run")


def filing(seed: int, year: int = 2024) -> Filing:
    """A clean filing that the roster completes."""
    return replace(balanced_filing(seed, year=year), agency=None, agency_code=None, level=None)


def year_before(this: Filing) -> Filing:
    """Last year's filing, clean too, that `this` goes on from."""
    cells: dict[str, Cell | int | None] = {}

    def number(address: str) -> int:
        return int(this.cells[address].value or 0)

    for each in (*APPLICANTS, "total"):
        left, processed = number(f"requests.carried_in.{each}"), number(f"requests.processed.{each}")
        cells |= {f"requests.carried_out.{each}": left, f"requests.carried_in.{each}": 0}
        cells[f"requests.received.{each}"] = processed + left
    for kind in ("regulations", "normative_documents"):
        made, repealed, there = (number(f"disclosure.{kind}.{each}") for each in ("made", "repealed", "in_force"))
        cells |= {f"disclosure.{kind}.made": 0, f"disclosure.{kind}.in_force": there - made + repealed}
    return replace(changed(this, cells), year=this.year - 1 if this.year else None)


def write(path: Path, content: Filing | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else content.to_json(), encoding="utf-8")


def office(home: Path, *, more: str = "", **changes: object) -> Path:
    """A workspace of three agencies, the first two with last year's report: its run file.

    Their notebook is the annual report with a parameter `note`, and `more` code at its end.
    """
    home.mkdir(parents=True, exist_ok=True)
    (home / "gongkai.toml").touch()
    lines = [f"{code}局,{code},{level},,,,," for code, level in LEVELS.items()]
    write(home / "roster.csv", "\n".join(["agency,code,level,parent,received_at,published_at,overrides,input", *lines]))
    for seed, code in enumerate(LEVELS):
        write(home / "in" / "2024" / f"{code}.json", filing(seed))
        if code != "A3":
            write(home / "in" / "2023" / f"{code}.json", year_before(filing(seed)))
    node = nbformat.read(ROOT / "notebooks" / "annual_report.ipynb", as_version=4)
    node.cells[0].source += "\nnote: str = None"
    node.cells.append(nbformat.v4.new_code_cell(more, id="more"))
    write(home / "mine.ipynb", nbformat.writes(node))
    path = home / "params" / "run.yaml"
    write(path, yaml.safe_dump({**RUN, **changes}, allow_unicode=True))
    return path


def edit(path: Path, **changes: object) -> None:
    """Change a run file."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    write(path, yaml.safe_dump(told | changes, allow_unicode=True))


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old}"
    write(path, text.replace(old, new, 1))


def one_more(path: Path, seed: int) -> None:
    """Change the input at `path`, which holds the filing of `seed`; it stays clean where it was."""
    write(path, plus_one(filing(seed), "disclosure.licences.decisions"))


def ran(home: Path) -> RunResult:
    return run(home / RUN_FILE)


def changed_ones(home: Path) -> list[str]:
    """What a dry run would make."""
    return [each.agency.code for each in look(home / RUN_FILE) if each.state == "changed"]


def made(result: RunResult) -> list[str]:
    """The codes of the agencies whose reports this run has made."""
    return [each.agency.code for each in result.results if each.made and not each.unchanged]


def outcomes(result: RunResult) -> dict[str, str]:
    return {each.agency.code: each.outcome for each in result.results}


def hashes(build: Path) -> dict[str, str]:
    """The digest of every file of every version, by agency and name."""
    files = (path for path in (build / "versions").glob("[!.]*/[!.]*/*") if path.is_file())
    return {f"{path.parts[-3]}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """What tells whether any file in `folder` was written: its size and time."""
    there = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return {path.relative_to(folder).as_posix(): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in there}


def times(folder: Path) -> dict[Path, int]:
    """What tells whether anything in `folder` was made, written, renamed or removed."""
    return {path: path.lstat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


class Lasting:
    """The warm engine of many runs, whose parent is started once; `runs` counts those that have needed it."""

    def __init__(self, preload: Iterable[str] = (), *, jobs: int = 2) -> None:
        self.pool = Pool(jobs=jobs, preload=[*preload, running.WARM])
        self.runs = 0

    def run(self, next_task: Callable[[], Task | None]) -> Iterator[Ended]:
        self.runs += 1
        return self.pool.run(next_task)

    def close(self) -> None:
        """It is used again."""


def command(*arguments: object) -> list[str]:
    return [str(GONGKAI), *map(str, arguments)]


@contextmanager
def started(mark: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of the command line that bears `mark`; whatever happens it is gone afterwards."""
    process = subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {MARK: mark},
        start_new_session=True,
        # Whoever runs the tests in the background has it ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no thread is there
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The events of ``--json``, as they come."""
    for line in lines:
        yield json.loads(line)
