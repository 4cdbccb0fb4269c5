"""What tests have children of the warm parent do."""

from __future__ import annotations

import ctypes
import itertools
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import nbformat

from tests.awkward import KERNELSPEC


def written(path: Path, *cells: str, **metadata: Any) -> Path:
    """A notebook of these cells, in a file."""
    node = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC, **metadata})
    node.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
    path.write_text(nbformat.writes(node), encoding="utf-8")
    return path


def appears(*paths: Path, seconds: float = 60) -> bool:
    """Whether all of `paths` are there, at the latest after `seconds`."""
    end = time.monotonic() + seconds
    while not all(path.exists() for path in paths) and time.monotonic() < end:
        time.sleep(0.02)
    return all(path.exists() for path in paths)


def returned(value: Any) -> Any:
    return value


def exits(code: int) -> NoReturn:
    os._exit(code)


def is_signalled(number: int) -> None:
    os.kill(os.getpid(), number)
    time.sleep(600)


def reads_nowhere() -> None:
    ctypes.string_at(0)


def aborts() -> NoReturn:
    os.abort()


def spins() -> NoReturn:
    while True:
        pass


def sleeps(seconds: float = 600) -> str:
    time.sleep(seconds)
    return "awake"


def hogs() -> None:
    held = []
    while True:
        held.append(bytearray(10 << 20))


def hogs_by_numpy() -> None:
    import numpy

    numpy.ones((1 << 30,))


def bombs() -> NoReturn:
    for _ in range(4):
        os.fork()
    os.setpgid(0, 0) if os.getpid() != os.getsid(0) else None
    spins()


def prints_without_end() -> None:
    os.system("yes")


def raised(error: BaseException) -> NoReturn:
    raise error


class PickyError(Exception):
    """Can be pickled, but not unpickled."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def raises_picky() -> NoReturn:
    raise PickyError("one", "two")


def gives_what_no_pickle_takes() -> Any:
    return lambda: None


def raises_what_no_pickle_takes() -> NoReturn:
    raise ValueError(threading.Lock())


def large(size: int) -> bytes:
    return b"x" * size


def length(data: bytes) -> int:
    return len(data)


def open_files(pid: int | str = "self") -> dict[int, str]:
    found = {}
    for path in list(Path(f"/proc/{pid}/fd").iterdir()):
        with suppress(FileNotFoundError):  # that of the listing itself, or closed meanwhile
            found[int(path.name)] = str(path.readlink())
    return found


def identity() -> dict[str, int]:
    names = ("getpid", "getppid", "getpgrp")
    return {name: getattr(os, name)() for name in names} | {"session": os.getsid(0)}


def variables() -> dict[str, str]:
    return dict(os.environ)


def first_time(path: str) -> bool:
    """Whether this was not asked before of `path`."""
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def sleeps_at_first(path: str) -> str:
    return sleeps() if first_time(path) else "second"


def kills_its_parent(path: str, *when: str) -> str:
    """At first: as soon as the paths `when` are there."""
    if first_time(path):
        appears(*map(Path, when))
        os.kill(os.getppid(), 9)
        time.sleep(600)
    return "second"


def always_kills_its_parent() -> None:
    os.kill(os.getppid(), 9)
    time.sleep(600)


def leaves() -> None:
    """Start processes of all kinds, and go on."""
    subprocess.Popen(["sleep", "600"])
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    subprocess.run("setsid sleep 600 & sleep 600 &", shell=True, check=True)
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,)).start()


def leaves_and_ends() -> str:
    leaves()
    # The end of multiprocessing would wait for what it has started.
    multiprocessing.process._children.clear()  # type: ignore[attr-defined]
    return "ended"


def leaves_and_sleeps_at_first(path: str) -> str:
    if Path(path).exists():
        return "second"
    leaves()
    return sleeps_at_first(path)


def runs(engine: Any, notebook: str) -> str:
    """The executed notebook."""
    from gongkai.execute import execute

    return execute(Path(notebook), {}, Path(notebook).parent, engine=engine)


def shown(executed: str) -> list[str]:
    """The texts that a notebook shows."""
    outputs = [output for cell in nbformat.reads(executed, as_version=4).cells for output in cell.get("outputs", ())]
    return [text for each in outputs if (text := each.get("text") or each.get("data", {}).get("text/plain"))]


def typesets(report: str) -> dict[str, bytes]:
    """The final files of an executed notebook."""
    from gongkai.export import exported

    return dict(exported(report, drafts=False))


def has_a_second_thread() -> None:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def will_have_a_second_thread() -> None:
    """Once it has forked a second time: the first child is a scout."""
    forks = itertools.count(1)

    def forked() -> None:
        if next(forks) == 2:
            has_a_second_thread()

    os.register_at_fork(after_in_parent=forked)


def fails() -> NoReturn:
    raise ValueError("this preload is broken")


def drive(jobs: int, tasks: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
    """Be the driver of a pool, until all is done."""
    from gongkai.execute.warm.pool import Pool
    from gongkai.execute.warm.task import Task

    waiting = [Task(f"tests.children:{name}", arguments) for name, arguments in tasks]
    with Pool(jobs=jobs) as pool:
        for ended in pool.run(lambda: waiting.pop() if waiting else None):
            print(ended, file=sys.stderr, flush=True)
