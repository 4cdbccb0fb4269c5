"""Runs in processes of their own: two at once, killed ones, interrupted ones, and what their status says."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gongkai import versions
from tests.commands import fresh
from tests.offices import ALL, BUILD, events, office, stamps, started
from tests.processes import gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")

CODES = [*ALL, *(f"B{number}" for number in range(5))]


def slow_office(home: Path) -> Path:
    """Eight agencies, each of which takes half a second at least."""
    path = office(home, more="import time; time.sleep(0.5)")
    with (home / "roster.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"\n{code}局,{code},other,,,,,in/2024/A1.json" for code in CODES[len(ALL) :])
    return path


@contextmanager
def under_way(path: Path, mark: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A run that has just told of its first agency."""
    with started(mark, "run", path, "--json", "--jobs", 1) as process:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        assert (first["done"], first["total"], process.poll()) == (1, 8, None), "it is told while the others are made"
        yield process, first["code"]


def stages(build: Path) -> list[Path]:
    return list((build / "versions").glob("*/.*"))


def whole(build: Path) -> set[str]:
    """The agencies that have a version, each of which is whole."""
    folders = list((build / "versions").glob("[!.]*/[!.]*"))
    assert all(versions.manifest(folder) for folder in folders)
    return {folder.parent.name for folder in folders}


@dataclass(frozen=True)
class Seen:
    """What was seen of a run that was killed, and of others beside and after it."""

    first: str
    pid: int
    second: subprocess.CompletedProcess[str]
    during: subprocess.CompletedProcess[str]
    orphans: bool
    after: subprocess.CompletedProcess[str]
    finished: set[str]
    kept: bool
    resumed: list[dict[str, Any]]
    at_last: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    home = tmp_path_factory.mktemp("killed")
    path, build = slow_office(home), home / BUILD
    with under_way(path, str(home)) as (process, first):
        second, during = fresh("run", path), fresh("status", build)
        process.kill()
    orphans, after, finished = not gone(str(home), 5), fresh("status", build), whole(build)
    before = {code: stamps(build / "versions" / code) for code in finished}
    resumed = list(events(fresh("run", path, "--json").stdout.splitlines()))
    kept = all(stamps(build / "versions" / code) == stamp for code, stamp in before.items())
    assert not stages(build)
    at_last = fresh("status", build)
    return Seen(first, process.pid, second, during, orphans, after, finished, kept, resumed, at_last)


def test_the_second_of_two_runs_is_told_who_holds_the_folder_and_makes_nothing(seen: Seen) -> None:
    assert (seen.second.returncode, seen.second.stdout) == (2, "")
    assert all(word in seen.second.stderr for word in ("run", "run.yaml", f"PID {seen.pid}"))


def test_status_tells_of_a_run_while_it_goes_on_after_it_was_killed_and_at_its_end(seen: Seen) -> None:
    assert [each.returncode for each in (seen.during, seen.after, seen.at_last)] == [0, 0, 0]
    assert all(word in seen.during.stdout for word in ("正在运行", f"PID {seen.pid}", "完成"))
    assert "中途停止" in seen.after.stdout
    # What was finished last, by each of two workers, may not have been recorded.
    (waiting,) = re.findall(r"还有 (\d+) 家", seen.after.stdout)
    assert 0 <= int(waiting) - (8 - len(seen.finished)) <= 2
    assert "正在运行" not in seen.after.stdout
    assert all(word in seen.at_last.stdout for word in ("完成于", "完成 8"))


def test_no_process_outlives_a_run_that_was_killed(seen: Seen) -> None:
    assert not seen.orphans


def test_a_run_after_a_kill_makes_only_what_was_not_finished(seen: Seen) -> None:
    *steps, last = seen.resumed
    assert seen.first in seen.finished
    assert seen.finished < set(CODES)
    assert {each["code"] for each in steps if each["unchanged"]} == seen.finished
    assert seen.kept
    assert (last["outcomes"], last["unchanged"]) == ({"succeeded": 8}, len(seen.finished))


def test_an_interrupted_run_says_so_leaves_nothing_half_made_and_goes_on_another_time(tmp_path: Path) -> None:
    path, build = slow_office(tmp_path), tmp_path / BUILD
    with under_way(path, str(tmp_path)) as (process, first):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said.strip()) == (130, "gongkai：已中断；没有留下写到一半的文件。")
    assert gone(str(tmp_path), 5)
    finished = whole(build)
    assert first in finished
    done = fresh("run", path, "--json")
    *steps, _ = events(done.stdout.splitlines())
    assert (done.returncode, {each["code"] for each in steps if each["unchanged"]}) == (0, finished)
    assert whole(build) == set(CODES)
    assert not stages(build)
