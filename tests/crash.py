"""Crashes of runs: processes killed at random moments, an error at every operation, disks that are full.

``python -m tests.crash [--kills N] [--workers N] [--errors N] [--disks N] [--seed N]``: after each of them nothing
finished may be lost, nothing unreadable may stand under a final name, no process may be left, and what is made in the
end must be, to the byte, what an undisturbed run makes.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

from tests.county import JOBS, County, Figures, begun, check, finished, tree
from tests.failing import Failing, small_disks
from tests.offices import events, started
from tests.processes import bearing, gone

LANES = 2
"""Runs at a time."""
PARTS = 10
"""In which the kills are done; after each of them it is told how far it is."""
FORMATS = ("html", "docx", "pdf")


@dataclass
class Watched:
    """A run in processes of its own whose events are read as they come, with the time at which each came."""

    process: subprocess.Popen[str]
    mark: str
    told: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    said: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for event in events(self.process.stdout):
            with self._changed:
                self.told.append((time.monotonic(), event))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def making(self) -> bool:
        """Wait until the first report of this run has been made; whether there was one."""
        with self._changed:
            self._changed.wait_for(lambda: self.made or not self._reader.is_alive() or self._done, 120)
            return bool(self.made)

    @property
    def _done(self) -> bool:
        return any(each["event"] == "finished" for _, each in self.told)

    @property
    def made(self) -> list[str]:
        """The agencies for which something was done."""
        return [each["code"] for _, each in self.told if each["event"] == "agency" and not each["unchanged"]]

    def wait(self) -> int:
        """Its exit code."""
        code = self.process.wait(180)
        self._reader.join()
        assert self.process.stderr
        self.said = self.process.stderr.read()
        return code

    @property
    def engine(self) -> list[int]:
        """The warm parent, and whoever stands between it and the run."""
        guards = _children(self.process.pid)
        return [*guards, *(pid for guard in guards for pid in _children(guard))]

    @property
    def workers(self) -> list[int]:
        """Whatever the warm parent has forked."""
        return sorted(bearing(self.mark) - {self.process.pid, *self.engine})


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@contextmanager
def watched(county: County, *more: object) -> Iterator[Watched]:
    mark = f"{county.home}-{time.monotonic_ns()}"
    try:
        with started(mark, "run", county.run_file, "--json", "--jobs", JOBS, *more) as process:
            yield Watched(process, mark)
    finally:
        assert gone(mark, 5), "no process outlives a run by more than 5 s"


@dataclass
class Trial:
    """A county that is run and disturbed again and again."""

    county: County
    chance: random.Random
    figures: Figures = field(default_factory=Figures)

    @cached_property
    def undisturbed(self) -> tuple[dict[str, str], float, float]:
        """What it makes, the seconds until its first report, and those after it."""
        self.county.clear()
        start = time.monotonic()
        with watched(self.county) as run:
            assert run.wait() == 0
        times = [when for when, _ in run.told]
        return tree(self.county.build), times[0] - start, times[-1] - times[0]

    @contextmanager
    def standing_still(self) -> Iterator[tuple[Watched, float]]:
        """A run one of whose workers was stopped, and when: anew until one was met at its work."""
        while True:
            self.county.clear()
            with watched(self.county) as run:
                run.making()
                while run.process.poll() is None:
                    # The youngest has most of its work before it.
                    if self._kill(run.workers[-1:], signal.SIGSTOP):
                        yield run, time.monotonic()
                        return

    def kills(self, number: int) -> None:
        """Kill a run, or its warm parent, again and again until it is done, and do that until there were `number`."""
        whole, starting, making = self.undisturbed
        self.county.clear()
        killed = 0
        while killed < number and not self.figures.failed:
            before, stages = finished(self.county.build), begun(self.county.build)
            with watched(self.county) as run:
                late = self.chance.random() < 0.8 and run.making()
                left = 1 - len(before) / self.county.agencies
                time.sleep(self.chance.uniform(0, making * left if late else starting))
                whom = self.chance.choice(["run", "run", "run", "engine"])
                hit = self._kill([run.process.pid] if whom == "run" else run.engine)
                code = run.wait()
            hit = hit and (whom == "engine" or code == -signal.SIGKILL)
            killed += hit
            self.figures.counts[f"kills of the {whom}"] += hit
            # An engine that is killed before it has begun is not started again; that is said.
            unstarted = whom == "engine" and code == 3 and "热启动进程无法启动" in run.said
            assert unstarted or code in (0, -signal.SIGKILL), (whom, code, run.told, run.said)
            self._resumed(run, before)
            check(self.county.build, whole)
            assert len(begun(self.county.build) - stages) <= JOBS, "no more than were being made are to be made again"
            if code == 0:
                self._complete(whole)
        if self.county.build.exists():
            self._finish(whole)

    def _kill(self, pids: Sequence[int], how: signal.Signals = signal.SIGKILL) -> bool:
        """Kill (or stop) one of some processes, if there is one."""
        with suppress(ProcessLookupError, IndexError):
            os.kill(self.chance.choice(pids), how)
            return True
        return False

    def _resumed(self, run: Watched, before: set[str]) -> None:
        """What was finished `before` was not made again."""
        assert not before & set(run.made), before & set(run.made)
        self.figures.counts["reports found finished"] += len(before)

    def _complete(self, whole: dict[str, str]) -> None:
        """All is made and nothing else is left: begin anew."""
        assert tree(self.county.build) == whole
        self.figures.counts["runs that came to their end"] += 1
        self.county.clear()

    def _finish(self, whole: dict[str, str]) -> None:
        """Run to the end without disturbance."""
        before = finished(self.county.build)
        with watched(self.county) as run:
            assert run.wait() == 0
        self._resumed(run, before)
        self._complete(whole)

    def workers(self, number: int) -> None:
        """Kill workers of runs until there were `number`; whoever worked on an agency, that is told, others go on."""
        whole, *_ = self.undisturbed
        self.county.clear()
        killed = 0
        while killed < number and not self.figures.failed:
            before, moments = finished(self.county.build), []
            with watched(self.county) as run:
                run.making()
                while run.process.poll() is None and killed < number:
                    time.sleep(self.chance.uniform(0, 0.3))
                    if self._kill(run.workers):
                        moments.append(time.monotonic())
                        killed += 1
                code = run.wait()
            failed = self._failed(run, moments)
            assert code == (3 if failed else 0)
            self._resumed(run, before)
            check(self.county.build, whole, all_made=not failed)
            if not failed:
                self._complete(whole)
        if self.county.build.exists():
            self._finish(whole)

    def _failed(self, run: Watched, moments: Sequence[float]) -> list[str]:
        """The agencies of which a worker was killed at one of some `moments`: each is told soon, with a reason."""
        self.figures.counts["kills of workers"] += len(moments)
        failed = [(when, each) for when, each in run.told if each["event"] == "agency" and not each["folder"]]
        for when, each in failed:
            assert each["message"] and each["outcome"] in ("excepted", "errored"), each
            self.figures.slowest = max(self.figures.slowest, when - max(m for m in moments if m < when))
        assert self.figures.slowest < 2, "the reason is told within 2 s"
        self.figures.counts["reports that failed by it"] += len(failed)
        return [each["code"] for _, each in failed]


def main(arguments: Sequence[str] | None = None) -> None:
    """All of it; what was done is printed. Where something is wrong the workspaces stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("kills", 500), ("workers", 200), ("errors", 0), ("disks", 12), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number, help="of errors, 0 means: at every operation")
    given = parser.parse_args(arguments)
    start, figures = time.monotonic(), Figures()
    home = Path(tempfile.mkdtemp(prefix="gongkai-crash-"))

    def lane(number: int) -> None:
        county = County.written(home / f"lane-{number}", formats=FORMATS[: 1 + 2 * number])
        trial = Trial(county, random.Random(given.seed + number), figures)
        try:
            for _ in range(PARTS):
                if figures.failed:
                    return
                trial.kills(ceil(given.kills / LANES / PARTS))
                trial.workers(ceil(given.workers / LANES / PARTS))
                tell()
        except BaseException:
            figures.failed = True
            raise

    def tell() -> None:
        print(f"{time.monotonic() - start:.0f} s: {figures}", flush=True)

    print(f"in {home}", flush=True)
    with ThreadPoolExecutor(LANES) as lanes:
        list(lanes.map(lane, range(LANES)))
    with Failing.armed(County.written(home / "errors", agencies=3, formats=FORMATS), figures) as failing:
        failing.every(given.errors)
    tell()
    county = County.written(home / "disks")
    whole, *_ = Trial(county, random.Random(given.seed)).undisturbed
    total = sum(path.stat().st_size for path in county.build.rglob("*") if path.is_file()) // 1024
    small_disks(county, whole, [total * number // given.disks for number in range(1, given.disks)], figures)
    tell()
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
