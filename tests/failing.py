"""Runs in which one operation fails, and runs on disks that are full: who is harmed says so, and nobody else is."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle

import pytest

from gongkai.batch import running
from gongkai.errors import UsageError
from tests import faults
from tests.commands import GONGKAI
from tests.county import County, Figures, check, finished, tree
from tests.helpers import ROOT
from tests.offices import Lasting, outcomes

TAIL = 10
"""Operations by which a run may be shorter than another: folders that are there already, names that lead there."""
ERRORS = (errno.ENOSPC, errno.EIO)
REASONS = {errno.ENOSPC: "磁盘已满", errno.EIO: os.strerror(errno.EIO)}


@dataclass
class Failing:
    """Runs of a county in this process, of which one operation each fails."""

    county: County
    faults: faults.Faults
    figures: Figures

    @classmethod
    @contextmanager
    def armed(cls, county: County, figures: Figures | None = None) -> Iterator[Failing]:
        """All that writes counts what it writes, here and in the children of one warm parent."""
        engine = Lasting(["tests.faults:arm"], jobs=1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
            patch.setenv(faults.WHERE, str(county.home / "faults"))
            patch.setattr(running, "workers", lambda jobs, preload: engine)
            counting = faults.Faults.made(county.home / "faults", county.build)
            faults.arm()
            try:
                yield cls(county, counting, figures or Figures())
            finally:
                faults.disarm()
                engine.pool.close()

    def every(self, number: int | None = None) -> None:
        """Let each operation of a run fail, or `number` of them spread over it, and run it once more each time."""
        self.county.clear()
        self.faults.set()
        running.run(self.county.run_file, jobs=1)
        whole, count = tree(self.county.build), self.faults.count
        self.figures.counts["operations"] = count
        chosen = range(1, count + 1, max(1, count // number if number else 1))
        for target, kind in zip(chosen, cycle(ERRORS), strict=False):
            self.county.clear()
            self.faults.set(target, kind)
            self._run_once(kind, last=target > count - TAIL)
            check(self.county.build, whole, all_made=False)
            before = finished(self.county.build)
            self.faults.set()
            result = running.run(self.county.run_file, jobs=1)
            assert not before & {each.agency.code for each in result.results if not each.unchanged}
            assert tree(self.county.build) == whole, self.faults.hit
            self.figures.counts["errors of the system"] += 1

    def _run_once(self, kind: int, *, last: bool) -> None:
        """A run in which an operation fails: at most one agency, which says so, or the run says it itself."""
        try:
            result = running.run(self.county.run_file, jobs=1)
        except UsageError as error:
            told, who = [str(error)], "the run"
        else:
            failed = [each for each in result.results if not each.made]
            assert [each.outcome for each in failed] in ([], ["errored"]), (self.faults.hit, outcomes(result))
            lost = result.across.message
            told = [*(each.message for each in failed), *([lost] if lost else [])]
            who = "the agency" if failed else "the comparison" if lost else "nobody"
        if not self.faults.hit:
            assert last, "the operation was not reached"
            return
        assert all(REASONS[kind] in each for each in told), (self.faults.hit, told)
        self.figures.counts[f"told by {who}"] += 1


ON_SMALL_DISK = """
mount -t tmpfs -o size="$1"k none "$2" || exit 99
"$3" run "$4"; first=$?
mount -o remount,size=512m "$2"
"$3" run "$4" >/dev/null && cp -a "$2/." "$5" && exit $first
exit 98
"""
"""A run on a disk of some KiB, and, once there is room, another."""


def small_disks(county: County, whole: dict[str, str], sizes: Sequence[int], figures: Figures) -> None:
    """Runs on real disks that are full at some point; each is completed when there is room."""
    for size in sizes:
        county.clear()
        county.build.mkdir(parents=True)
        copy = county.home / f"disk-{size}"
        command = ["unshare", "-Urm", "sh", "-c", ON_SMALL_DISK, "sh", str(size), str(county.build), str(GONGKAI)]
        done = subprocess.run(
            [*command, str(county.run_file), str(copy)], capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode == 99:
            pytest.skip("disks cannot be mounted here")
        said = done.stdout + done.stderr
        assert done.returncode in (2, 3), said
        assert REASONS[errno.ENOSPC] in said and "内部出错" not in said, said
        assert tree(copy) == whole
        figures.counts["full disks"] += 1
