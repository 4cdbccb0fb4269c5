"""``papermill --engine gongkai-warm``: it does what papermill's own engine does, and says where it cannot."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from gongkai.errors import JobError
from gongkai.execute import execute
from gongkai.execute.warm import child, nursery
from gongkai.execute.warm.pool import Pool
from gongkai.execute.warm.task import Task
from tests.children import shown, written
from tests.helpers import ROOT
from tests.notebooks import report_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is a warm engine on Linux only")

PAPERMILL = Path(sys.executable).with_name("papermill")
SECRETS = ("GONGKAI_SECRET_TOKEN", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "PYTHONSTARTUP", "PYTHONWARNINGS")


def command(*arguments: object, cwd: Path, code: int = 0) -> str:
    """What papermill says on its standard error."""
    words = [str(PAPERMILL), *map(str, arguments), "--no-progress-bar"]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr


def run(path: Path, out: Path | None = None, **options: Any) -> list[str]:
    """What the notebook at `path` shows when papermill runs it here."""
    options = {"engine_name": "gongkai-warm", "progress_bar": False} | options
    return shown(nbformat.writes(papermill.execute_notebook(path, out, **options)))


def test_the_command_takes_parameters_and_writes_what_papermill_writes(tmp_path: Path) -> None:
    path = written(tmp_path / "in.ipynb", "名 = 'x'\nn = 1", "print(名 * n); n")
    node = nbformat.read(path, as_version=4)
    node.cells[0].metadata.tags = ["parameters"]
    nbformat.write(node, path)
    for engine in ("gongkai-warm", "nbclient"):
        command("in.ipynb", f"{engine}.ipynb", "--engine", engine, "-p", "n", 3, cwd=tmp_path)
    ours, theirs = (nbformat.read(tmp_path / f"{name}.ipynb", as_version=4) for name in ("gongkai-warm", "nbclient"))
    assert shown(nbformat.writes(ours)) == ["xxx\n", "3"]
    assert [without_times(cell) for cell in ours.cells] == [without_times(cell) for cell in theirs.cells]
    assert ours.metadata.keys() == theirs.metadata.keys()
    assert ours.metadata.language_info == theirs.metadata.language_info


def without_times(cell: Any) -> Any:
    for key in ("start_time", "end_time", "duration"):
        cell.metadata.papermill.pop(key)
    cell.metadata.execution = sorted(cell.metadata.execution)
    cell.pop("id")
    return cell


def test_a_kernel_that_dies_leaves_what_there_was_and_how_it_died(tmp_path: Path) -> None:
    path = written(
        tmp_path / "in.ipynb", "print('one')", "print('two'); import os, time; time.sleep(0.3); os._exit(3)", "0"
    )
    with pytest.raises(DeadKernelError, match=r"^Kernel died$") as caught:
        run(path, tmp_path / "out.ipynb")
    cause = caught.value.__cause__
    assert isinstance(cause, JobError)
    assert (cause.key, cause.values) == ("child_ended", {"code": 3})
    assert shown((tmp_path / "out.ipynb").read_text(encoding="utf-8")) == ["one\n", "two\n"]


def test_a_cell_that_takes_too_long_is_told_as_papermill_tells_it(tmp_path: Path) -> None:
    path = written(tmp_path / "in.ipynb", "print('one')", "print('two')\nwhile True: pass")
    said = command("in.ipynb", "out.ipynb", "--engine", "gongkai-warm", "--execution-timeout", 1, cwd=tmp_path, code=1)
    assert "CellTimeoutError" in said
    assert shown((tmp_path / "out.ipynb").read_text(encoding="utf-8"))[:2] == ["one\n", "two\n"]
    with pytest.raises(CellTimeoutError):
        run(path, execution_timeout=1)


def test_output_is_logged_and_kept_in_files_as_it_comes(tmp_path: Path) -> None:
    written(tmp_path / "in.ipynb", "import sys\nprint('out'); print('err', file=sys.stderr)", "'a result'")
    options = ("--log-output", "--stdout-file", "out.txt", "--stderr-file", "err.txt")
    said = command("in.ipynb", "out.ipynb", "--engine", "gongkai-warm", *options, cwd=tmp_path)
    assert all(word in said for word in ("out", "err", "'a result'"))
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "out\n"
    assert (tmp_path / "err.txt").read_text(encoding="utf-8") == "err\n"


def test_output_comes_while_a_cell_runs(tmp_path: Path) -> None:
    path = written(tmp_path / "in.ipynb", "import time\nprint('at once'); time.sleep(600)")
    with (tmp_path / "out.txt").open("w", encoding="utf-8") as file, pytest.raises(CellTimeoutError):
        run(path, stdout_file=file, execution_timeout=2)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "at once\n"


@pytest.mark.parametrize(
    ("metadata", "options", "words"),
    [
        ({"kernelspec": {"name": "other", "display_name": "Other", "language": "python"}}, {}, "other"),
        ({}, {"kernel_manager_class": "jupyter_client.AsyncKernelManager"}, "kernel_manager_class"),
    ],
)
def test_what_needs_a_kernel_of_its_own_gets_one_and_that_is_said(
    metadata: Any, options: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    spec = {"argv": [sys.executable, "-W", "ignore", "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
    folder = tmp_path / "kernels" / "other"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec | {"display_name": "Other", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    path = written(tmp_path / "in.ipynb", "import os; os.environ['JPY_PARENT_PID'] != ''", **metadata)
    assert falls_back(caplog, path, **options)[0] == ["True"]
    assert words in caplog.text


def falls_back(caplog: Any, path: Path, **options: Any) -> tuple[list[str], str]:
    logging.getLogger("papermill").propagate = True
    with caplog.at_level(logging.WARNING, "papermill"):
        return run(path, **options), caplog.text


def test_without_fork_a_jupyter_kernel_runs_the_notebook_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(nursery, "available", lambda: False)
    path = written(tmp_path / "in.ipynb", "import os; 'JPY_PARENT_PID' in os.environ")
    found, said = falls_back(caplog, path)
    assert found == ["True"]
    assert sys.platform in said


def test_a_child_with_threads_of_its_own_does_not_fork_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fork(*_: Any, **__: Any) -> int:
        raise child.HasThreads(5)

    monkeypatch.setattr("gongkai.execute.warm.kernels.can_fork", lambda: True)
    monkeypatch.setattr("gongkai.execute.warm.kernels.fork", fork)
    found, said = falls_back(caplog, written(tmp_path / "in.ipynb", "import os; 'JPY_PARENT_PID' in os.environ"))
    assert found == ["True"]
    assert "5" in said


def test_no_secret_reaches_a_notebook_by_either_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "in.ipynb", f"import os\n[name for name in {SECRETS!r} if name in os.environ]")
    for name in SECRETS:
        monkeypatch.setenv(name, "" if name.startswith(("LD", "PYTHON")) else "secret")
    for engine in ("warm", "jupyter"):
        assert shown(execute(path, {}, tmp_path, engine=engine)) == ["[]"]
    command("in.ipynb", "out.ipynb", "--engine", "gongkai-warm", cwd=tmp_path)
    assert shown((tmp_path / "out.ipynb").read_text(encoding="utf-8")) == ["[]"]
    # A secret that comes into our environment later than the parent is not seen either.
    monkeypatch.setenv("GONGKAI_LATER_TOKEN", "secret")
    assert run(written(tmp_path / "later.ipynb", "import os\n'GONGKAI_LATER_TOKEN' in os.environ")) == ["False"]


def test_a_notebook_stands_where_its_caller_stands(tmp_path: Path) -> None:
    path = written(tmp_path / "in.ipynb", "import os; print(os.getcwd())")
    (tmp_path / "甲").mkdir()
    assert run(path, cwd=tmp_path / "甲") == [f"{tmp_path / '甲'}\n"]
    assert run(path) == [f"{Path.cwd()}\n"]


def test_the_engine_costs_nothing_until_it_is_used() -> None:
    heavy = ("ipykernel", "IPython", "pandas", "great_expectations", "matplotlib", "typst", "jupyter_client.session")
    engine = loaded("import gongkai.execute.engine")
    assert not engine & {*heavy, "papermill", "nbclient"}
    nobody = "entrypoints.get_group_all = lambda *_: []"
    both, alone = (loaded(f"import entrypoints\n{each}\nimport papermill") for each in ("", nobody))
    assert not (both - alone) & set(heavy)
    assert {name.split(".")[0] for name in both - alone} <= {"gongkai", *sys.stdlib_module_names}


def loaded(code: str) -> set[str]:
    """The modules that are loaded after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_engine_changes_nothing_of_papermill() -> None:
    code = """
from papermill.engines import NBClientEngine, papermill_engines
from papermill import clientwrap, engines, execute
before = [dict(vars(each)) for each in (engines, clientwrap, execute, NBClientEngine)]
known = dict(papermill_engines._engines)
import gongkai.execute.engine
gongkai.execute.engine.WarmEngine
import gongkai.execute.warm.kernels
assert [dict(vars(each)) for each in (engines, clientwrap, execute, NBClientEngine)] == before
assert papermill_engines._engines == known and known[None] is known["nbclient"] is NBClientEngine
print(known["gongkai-warm"].__name__)
"""
    for first in ("", "import gongkai.execute.engine\n", "from gongkai.execute.engine import WarmEngine\n"):
        done = subprocess.run([sys.executable, "-c", first + code], capture_output=True, text=True, check=True)
        assert done.stdout == "WarmEngine\n"


HANGS = """\
import os, sys, time
from gongkai.export import exported
report = open(sys.argv[1], encoding="utf-8").read()
if sys.argv[2] == "first":
    dict(exported(report, drafts=False))
if (child := os.fork()) == 0:
    dict(exported(report, drafts=False))
    os._exit(0)
end = time.monotonic() + 10
while time.monotonic() < end:
    if os.waitpid(child, os.WNOHANG)[0]:
        print("ended")
        break
    time.sleep(0.05)
else:
    os.kill(child, 9)
    print("hangs")
"""


def test_a_child_that_is_forked_after_a_compile_of_typst_hangs_in_its_own(tmp_path: Path) -> None:
    # Why the parent never typesets. Where this no longer holds, that rule can go.
    report = tmp_path / "report.ipynb"
    report.write_text(report_of(balanced()), encoding="utf-8")
    for when, what in (("first", "hangs"), ("not", "ended")):
        done = subprocess.run([sys.executable, "-c", HANGS, report, when], capture_output=True, text=True, check=True)
        assert done.stdout == f"{what}\n", when


def balanced() -> Any:
    from tests.helpers import balanced_filing

    return balanced_filing(1)


def test_children_of_the_warm_parent_typeset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    waiting = [Task("tests.children:typesets", (report_of(balanced()),), 60) for _ in range(2)]
    with Pool(jobs=2, preload=["gongkai.batch.warming:warm"]) as pool:
        ended = list(pool.run(lambda: waiting.pop() if waiting else None))
    assert [each.error for each in ended] == [None, None]
    for each in ended:
        assert each.value[".pdf"].startswith(b"%PDF-")
        assert each.value == ended[0].value
