"""Children of the warm parent that die, stop, run away or leave others behind; a parent and a driver that die."""

from __future__ import annotations

import ast
import os
import pickle
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gongkai.errors import InternalError, JobError, NotebookError
from gongkai.execute.warm.pool import Ended, Pool
from gongkai.execute.warm.task import Task
from tests.children import appears, open_files, shown, written
from tests.helpers import ROOT
from tests.processes import MARK, bearing, gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is a warm engine on Linux only")


@pytest.fixture(scope="module")
def mark() -> Iterator[str]:
    """What all processes of these tests have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, mark := uuid.uuid4().hex)
        patch.setenv("PYTHONPATH", str(ROOT))
        yield mark


@pytest.fixture(scope="module")
def pool(mark: str) -> Iterator[Pool]:
    with Pool(jobs=2) as pool:
        yield pool
    assert gone(mark, 5)


def task(name: str, *arguments: Any, seconds: float | None = 60, memory: int | None = None) -> Task:
    return Task(f"tests.children:{name}", arguments, seconds, memory)


def done(pool: Pool, *tasks: Task) -> list[Ended]:
    """What becomes of `tasks`, in their order."""
    waiting = list(reversed(tasks))
    ended = {id(each.task): each for each in pool.run(lambda: waiting.pop() if waiting else None)}
    return [ended[id(each)] for each in tasks]


def value(pool: Pool, name: str, *arguments: Any) -> Any:
    (ended,) = done(pool, task(name, *arguments))
    assert ended.error is None
    return ended.value


def failure(pool: Pool, of: Task) -> tuple[Exception, float]:
    """The error of a task, and the seconds until it was told."""
    start = time.monotonic()
    (ended,) = done(pool, of)
    assert ended.error is not None
    return ended.error, time.monotonic() - start


@pytest.mark.parametrize(
    ("of", "key", "values"),
    [
        (task("exits", 3), "child_ended", {"code": 3}),
        (task("exits", 0), "child_ended", {"code": 0}),
        (task("is_signalled", signal.SIGKILL), "child_signal", {"name": "SIGKILL"}),
        (task("is_signalled", signal.SIGTERM), "child_signal", {"name": "SIGTERM"}),
        (task("reads_nowhere"), "child_signal", {"name": "SIGSEGV"}),
        (task("aborts"), "child_signal", {"name": "SIGABRT"}),
    ],
    ids=lambda given: getattr(given, "function", ""),
)
def test_how_a_child_died_is_told_within_two_seconds(pool: Pool, of: Task, key: str, values: dict[str, Any]) -> None:
    value(pool, "returned", 1)  # the parent is there
    error, seconds = failure(pool, of)
    assert isinstance(error, JobError)
    assert (error.key, error.values) == (key, values)
    assert seconds < 2


@pytest.mark.parametrize(
    "of",
    [
        task("is_signalled", signal.SIGSTOP, seconds=1),
        task("spins", seconds=1),
        task("sleeps", seconds=1),
        task("bombs", seconds=1),
        task("prints_without_end", seconds=1),
    ],
    ids=lambda given: given.function,
)
def test_a_child_that_stops_or_runs_away_is_ended_at_its_deadline(pool: Pool, mark: str, of: Task) -> None:
    value(pool, "returned", 1)
    before = bearing(mark)
    error, seconds = failure(pool, of)
    assert isinstance(error, JobError)
    assert (error.key, error.values) == ("child_overdue", {"seconds": "1"})
    assert seconds < 1 + 5
    assert gone(mark, 5, before), "nothing is left of it"


@pytest.mark.parametrize("name", ["hogs", "hogs_by_numpy"])
def test_a_child_has_no_more_memory_than_it_may(pool: Pool, name: str) -> None:
    error, seconds = failure(pool, task(name, memory=200))
    assert isinstance(error, MemoryError)
    assert seconds < 10


def test_a_notebook_has_no_more_memory_than_its_task(pool: Pool, tmp_path: Path) -> None:
    hog = written(tmp_path / "hog.ipynb", "held = []\nwhile True: held.append(bytearray(10 << 20))")
    error, _ = failure(pool, task("runs", "warm", str(hog), memory=300))
    assert isinstance(error, NotebookError)
    assert "MemoryError" in str(error)


def test_what_a_notebook_does_to_its_process_it_does_to_no_other(pool: Pool, tmp_path: Path) -> None:
    for number, end in enumerate(["os._exit(7)", "os.kill(os.getpid(), 9)", "import ctypes; ctypes.string_at(0)"]):
        path = written(tmp_path / f"{number}.ipynb", f"import os; {end}")
        start = time.monotonic()
        error, _ = failure(pool, task("runs", "warm", str(path)))
        assert isinstance(error, NotebookError)
        assert error.key == "kernel_died"
        assert time.monotonic() - start < 5


def test_other_tasks_are_done_meanwhile(pool: Pool) -> None:
    parent = pool.pid
    functions: list[tuple[str, tuple[int, ...]]] = [
        ("exits", (1,)),
        ("returned", (1,)),
        ("aborts", ()),
        ("returned", (2,)),
    ]
    ended = done(pool, *(task(name, *arguments) for name, arguments in functions * 5))
    assert [each.value for each in ended] == [None, 1, None, 2] * 5
    assert pool.pid == parent


@pytest.mark.parametrize("name", ["gives_what_no_pickle_takes", "raises_what_no_pickle_takes", "raises_picky"])
def test_an_answer_that_cannot_be_sent_is_told(pool: Pool, name: str) -> None:
    error, _ = failure(pool, task(name))
    assert isinstance(error, InternalError)
    assert error.key == "unexpected"


def test_what_a_task_raises_is_told_as_it_is(pool: Pool) -> None:
    for raised in (ValueError("一", 2), JobError("engine_lost"), NotebookError("kernel_died", file="x.ipynb")):
        error, _ = failure(pool, task("raised", raised))
        assert (type(error), error.args, str(error)) == (type(raised), raised.args, str(raised))


def test_large_answers_and_large_tasks_come_whole(pool: Pool) -> None:
    assert value(pool, "large", 50_000_000) == b"x" * 50_000_000
    assert value(pool, "length", bytes(200_000_000)) == 200_000_000


def test_a_parent_that_is_stopped_is_given_up_and_its_task_given_to_another(pool: Pool) -> None:
    assert pool.pid
    os.kill(pool.pid, signal.SIGSTOP)
    start = time.monotonic()
    assert value(pool, "length", bytes(20_000_000)) == 20_000_000
    assert time.monotonic() - start < 30


def test_a_child_has_nothing_open_but_its_connection(pool: Pool) -> None:
    found = value(pool, "open_files")
    assert [found.pop(fd) for fd in (0, 1, 2)] == ["/dev/null"] * 3
    (connection,) = found.values()
    assert connection.startswith("socket:")


def test_a_kernel_has_nothing_open_of_those_above_it(pool: Pool, tmp_path: Path) -> None:
    cell = "from tests.children import open_files\nsorted(open_files().values())"
    above = written(tmp_path / "files.ipynb", cell)
    (text,) = shown(value(pool, "runs", "warm", str(above)))
    assert pool.pid
    parents = set(open_files(pool.pid).values())
    ours = {name for name in ast.literal_eval(text) if name.startswith("socket:")}
    # Its connection, and the pair by which its event loop wakes itself.
    assert len(ours) == 3
    assert not ours & parents


def test_a_child_leads_a_session_and_a_group(pool: Pool) -> None:
    who = value(pool, "identity")
    assert who["getpid"] == who["getpgrp"] == who["session"]
    assert who["getppid"] == pool.pid


def test_what_a_child_leaves_behind_ends_with_it(pool: Pool, mark: str, tmp_path: Path) -> None:
    value(pool, "returned", 1)
    before = bearing(mark)
    assert value(pool, "leaves_and_ends") == "ended"
    assert gone(mark, 5, before)


def test_nothing_piles_up_over_two_hundred_tasks(pool: Pool, tmp_path: Path) -> None:
    value(pool, "returned", 1)
    assert pool.pid
    counts = []
    for name in ("returned", "exits") * 2:
        done(pool, *(task(name, 1) for _ in range(50)))
        processes = (os.getpid(), pool.pid)
        counts.append([len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in processes])
        assert not Path(f"/proc/{pool.pid}/task/{pool.pid}/children").read_text().split()
    assert counts == [counts[0]] * 4


def test_a_parent_that_dies_is_replaced_and_its_tasks_are_given_again(pool: Pool, mark: str, tmp_path: Path) -> None:
    tasks = [
        task("kills_its_parent", str(tmp_path / "killed"), str(tmp_path / "slept")),
        task("sleeps_at_first", str(tmp_path / "slept")),
        *(task("returned", number) for number in range(10)),
    ]
    ended = done(pool, *tasks)
    assert [each.value for each in ended] == ["second", "second", *range(10)]


def test_a_task_that_kills_the_parent_again_is_not_given_a_third_time(pool: Pool) -> None:
    lost, other = done(pool, task("always_kills_its_parent"), task("returned", 1))
    assert isinstance(lost.error, JobError)
    assert lost.error.key == "engine_lost"
    assert other.value == 1


def test_no_process_outlives_a_parent_that_was_killed(mark: str, tmp_path: Path) -> None:
    killer = task("kills_its_parent", str(tmp_path / "killed"), *(str(tmp_path / name) for name in STARTED))
    before = bearing(mark)
    with Pool(jobs=4) as pool:
        ended = done(pool, killer, *everything(tmp_path))
        assert [each.error for each in ended] == [None] * 4
        assert pool.pid
        assert gone(mark, 5, {*before, pool.pid, parent(pool.pid)}), bearing(mark)


STARTED = ("left", "jupyter", "warm")


def everything(folder: Path) -> list[Task]:
    """Tasks that leave processes of all kinds, say so by a file, and sleep; if that is there they do nothing."""
    tasks = [task("leaves_and_sleeps_at_first", str(folder / "left"))]
    for engine in ("jupyter", "warm"):
        source = f"from tests.children import *\nleaves_and_sleeps_at_first({str(folder / engine)!r})"
        tasks.append(task("runs", engine, str(written(folder / f"{engine}.ipynb", source))))
    return tasks


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


@pytest.mark.parametrize("victim", ["driver", "stopped parent and driver"])
def test_no_process_outlives_a_driver_that_was_killed(mark: str, tmp_path: Path, victim: str) -> None:
    tasks = [(each.function.partition(":")[2], each.arguments) for each in everything(tmp_path)]
    code = f"import pickle; from tests.children import drive; drive(3, pickle.loads({pickle.dumps(tasks)!r}))"
    before = bearing(mark)
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as driver:
        assert appears(*(tmp_path / name for name in STARTED))
        assert len(bearing(mark) - before) > 15
        guard = int(Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text())
        warm = int(Path(f"/proc/{guard}/task/{guard}/children").read_text())
        if "parent" in victim:
            os.kill(warm, signal.SIGSTOP)
        driver.kill()
    assert gone(mark, 5, before), bearing(mark)


def test_no_process_outlives_a_driver_that_was_killed_as_soon_as_it_had_started_a_parent(mark: str) -> None:
    before = bearing(mark)
    code = """
import os, signal
from gongkai.execute.warm.nursery import Nursery
Nursery._ready = lambda self: os.kill(os.getpid(), signal.SIGKILL)
Nursery(["tests.children:sleeps"])
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    assert gone(mark, 5, before), bearing(mark) - before


def test_a_parent_with_a_second_thread_forks_nobody_and_says_so(mark: str) -> None:
    with Pool(preload=["tests.children:has_a_second_thread"]) as pool, pytest.raises(InternalError) as caught:
        done(pool, task("returned", 1))
    assert caught.value.key == "engine_start"
    assert str(InternalError("engine_threads", count=2)) in str(caught.value)


def test_so_it_is_where_the_second_thread_comes_later(mark: str) -> None:
    with Pool(jobs=2, preload=["tests.children:will_have_a_second_thread"]) as pool:
        first, *others = done(pool, task("returned", 1), task("returned", 2), task("returned", 3))
        parent = pool.pid
        (last,) = done(pool, task("returned", 4))
        assert pool.pid == parent, "another would fare no better"
    assert first.value == 1
    for each in (*others, last):
        assert isinstance(each.error, InternalError)
        assert (each.error.key, each.error.values) == ("engine_threads", {"count": 2})


def test_why_a_parent_does_not_start_is_told(mark: str) -> None:
    with Pool(preload=["tests.children:fails"]) as pool, pytest.raises(InternalError) as caught:
        done(pool, task("returned", 1))
    assert caught.value.key == "engine_start"
    assert "this preload is broken" in str(caught.value)


def test_sixty_notebooks_at_four_times_the_cores(mark: str, tmp_path: Path) -> None:
    notebooks = [
        written(tmp_path / f"{number}.ipynb", f"x = {number}", "print(x * x)", "x + 1") for number in range(60)
    ]
    with Pool(jobs=8) as pool:
        ended = done(pool, *(task("runs", "warm", str(path)) for path in notebooks))
    assert [shown(each.value) for each in ended] == [[f"{number * number}\n", str(number + 1)] for number in range(60)]
