"""What awkward notebooks show in a child of the warm parent is what they show in a fresh Jupyter kernel."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from gongkai.batch.running import WARM
from gongkai.execute.warm.pool import Pool
from gongkai.execute.warm.task import Task
from tests.awkward import KERNELSPEC, NAMES, run
from tests.helpers import ROOT

DIRECTLY = ("dies", "exits", "interrupted", "killed", "nested", "output_widget", "overdue", "prints", "stops")
"""Those that are also run by papermill in a process that is not warm, where the way to the kernel is another."""


@pytest.fixture(scope="module")
def fresh(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[dict[str, Any]]]]:
    """What papermill's own engine makes of those that are asked for, each in a fresh kernel, two at a time."""
    context = multiprocessing.get_context("spawn")
    with pytest.MonkeyPatch.context() as patch, ProcessPoolExecutor(2, mp_context=context) as executor:
        patch.setenv("PYTHONPATH", str(ROOT))  # so that children find `tests`; kernels see what children see
        yield {name: executor.submit(run, name, None) for name in asked_for(request)}
        executor.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def warm(request: pytest.FixtureRequest, fresh: object) -> dict[str, dict[str, Any]]:
    """What children of a warm parent make of them, as in a run over many agencies."""
    waiting = [Task("tests.awkward:run", (name, "gongkai-warm"), 400) for name in reversed(asked_for(request))]
    with Pool(jobs=2, preload=[WARM]) as pool:
        ended = pool.run(lambda: waiting.pop() if waiting else None)
        return {each.task.arguments[0]: each.value or {"error": each.error} for each in ended}


def asked_for(request: pytest.FixtureRequest) -> list[str]:
    parameters = (getattr(item, "callspec", None) for item in request.session.items if item.path == request.path)
    return sorted({each.params["name"] for each in parameters if each and "name" in each.params})


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_shows_what_it_shows_in_a_fresh_kernel(
    name: str, fresh: dict[str, Future[dict[str, Any]]], warm: dict[str, dict[str, Any]]
) -> None:
    assert_same(warm[name], fresh[name].result())


@pytest.mark.parametrize("name", DIRECTLY)
def test_so_it_does_where_papermill_starts_the_warm_parent(name: str, fresh: dict[str, Future[dict[str, Any]]]) -> None:
    assert_same(run(name, "gongkai-warm"), fresh[name].result())


def assert_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    if ours != theirs:  # cell by cell, so that what differs can be read
        for our_cell, their_cell in zip(ours["notebook"]["cells"], theirs["notebook"]["cells"], strict=True):
            assert our_cell == their_cell
    assert ours == theirs


def executed(*cells: str, engine: str = "gongkai-warm") -> Any:
    """A notebook of these cells, run."""
    node = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
    node.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
    return papermill.execute_notebook(node, None, engine_name=engine, progress_bar=False)


def shown(cells: Sequence[Any]) -> list[str]:
    return [output.get("text") or output.data["text/plain"] for cell in cells for output in cell.outputs]


def test_each_child_draws_other_numbers() -> None:
    drawing = "import random, numpy\nrandom.random(), numpy.random.rand(), numpy.random.default_rng().random()"
    assert shown(executed(drawing).cells) != shown(executed(drawing).cells)


def test_at_its_end_a_notebook_finishes_what_it_has_begun(tmp_path: Path) -> None:
    executed(
        f"import atexit, pathlib, threading, time\nfolder = pathlib.Path({str(tmp_path)!r})",
        "left_open = open(folder / 'file', 'w'); left_open.write('written')",
        "atexit.register(lambda: (folder / 'atexit').write_text('done'))",
        "def late(): time.sleep(0.3); (folder / 'thread').write_text('done')\nthreading.Thread(target=late).start()",
    )
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "file": "written",
        "atexit": "done",
        "thread": "done",
    }


def test_a_notebook_forks_while_others_write() -> None:
    # Each line by one write: what others write may come between two.
    forking = """\
for number in range(30):
    print("outer\\n", end="")
    child = fork.Process(target=print, args=("inner\\n",), kwargs={"end": "", "flush": True})
    child.start(); child.join(20)
    assert child.exitcode == 0"""
    done = executed(
        "import multiprocessing, subprocess\nfork = multiprocessing.get_context('fork')",
        "loud = subprocess.Popen(['yes', 'x' * 99])",
        forking,
        "loud.kill(); loud.wait(); print('quiet')",
    )
    assert "quiet\n" in shown(done.cells[3:])[-1]
    text = "".join(shown(done.cells))
    assert text.count("inner\n") == text.count("outer\n") == 30


# Known differences, and why they are kept.


def test_what_was_printed_and_is_no_text_is_shown_escaped() -> None:
    # A kernel loses it, and puts a traceback of its own into the output whenever its clock strikes.
    assert shown(executed(r"print('lone \ud800 surrogate')").cells) == ["lone \\ud800 surrogate\n"]


def test_a_process_that_the_notebook_forks_prints_but_does_not_display() -> None:
    # A kernel sends what it displays if it has printed before, and loses it if it has not.
    child = "def show(): print('one', flush=True); display('two'); print('three', flush=True)"
    start = "process = multiprocessing.get_context('fork').Process(target=show); process.start(); process.join()"
    assert shown(executed(f"import multiprocessing\n{child}\n{start}").cells) == ["one\nthree\n"]


def test_modules_are_there_before_they_are_imported_and_threads_are_not_there() -> None:
    # That is what warm means; what an import itself warns of is not said again. A kernel has threads to listen with.
    (names,) = shown(executed("import sys, threading\nsorted(each.name for each in threading.enumerate())").cells)
    assert "IOPub" not in names
    assert shown(executed("import sys\n'nbclient' in sys.modules").cells) == ["True"]
