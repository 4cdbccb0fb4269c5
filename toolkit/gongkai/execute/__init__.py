"""The one door to papermill: runs a notebook with parameters in a folder. Import papermill late: it takes a second."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from gongkai.errors import AuthoringError, NotebookError
from gongkai.execute.canonical import INJECTED, canonical, name_cells, place_of_parameters
from gongkai.execute.parameters import check, declared

__all__ = ["Engine", "execute", "load_engine"]

KERNEL = "python3"

Engine = Literal["warm", "jupyter"]
"""What runs a notebook: a child forked from a warm parent, or a fresh Jupyter kernel. Both give the same outputs."""


def execute(notebook: Path, parameters: Mapping[str, Any], folder: Path, *, engine: Engine = "jupyter") -> str:
    """The executed notebook as canonical JSON text: the same for the same notebook, parameters and files.

    It runs in `folder`, in the environment of `environment`; nothing is written by us. Raises AuthoringError for a file
    that is no notebook, UsageError for a parameter that it does not declare or take, NotebookError where a cell raises
    (it is named) or the kernel dies.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    source = _read(notebook)
    # papermill itself logs an unknown parameter and runs on.
    check(parameters, declared(source, file=notebook.name), file=notebook.name)
    try:
        with _options(engine) as options:
            executed = papermill.execute_notebook(
                source, None, dict(parameters), kernel_name=KERNEL, progress_bar=False, cwd=folder, **options
            )
    except PapermillExecutionError as error:
        place = _cell_ids(source, injected=bool(parameters))[error.cell_index]
        problem = f"{error.ename}: {error.evalue}".splitlines()[0]
        raise NotebookError("cell_raised", file=notebook.name, place=place, problem=problem) from error
    except DeadKernelError as error:
        raise NotebookError("kernel_died", file=notebook.name) from error
    return canonical(executed, source, parameters)


def load_engine() -> None:
    """Load papermill, and look up the kernel: once, for all that are forked from this process."""
    import papermill  # noqa: F401  # before its engines

    from gongkai.execute.warm.engine import flags_of

    flags_of(KERNEL)


@contextmanager
def _options(engine: Engine) -> Iterator[dict[str, Any]]:
    """What papermill is told: to be quiet, and that a kernel listens in a private folder, not on open TCP ports."""
    quiet = {"extra_arguments": ["--IPKernelApp.log_level=CRITICAL"]}
    if engine == "warm":
        yield {"engine_name": "gongkai-warm", **quiet}
        return
    from traitlets.config import Config

    from gongkai.execute.jupyter import ListedEnvironment

    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        private = {"transport": "ipc", "ip": str(Path(folder, "kernel"))} if os.name == "posix" else {}
        yield {"kernel_manager_class": ListedEnvironment, "config": Config({"KernelManager": private}), **quiet}


def _read(notebook: Path) -> Any:
    import nbformat

    try:
        node = nbformat.reads(notebook.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(node)
    except OSError as error:
        raise AuthoringError("unreadable_file", file=notebook.name, reason=error.strerror) from error
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise AuthoringError("not_a_notebook", file=notebook.name) from error
    return name_cells(node)


def _cell_ids(source: Any, *, injected: bool) -> list[str]:
    """The ids of the cells as they are executed."""
    ids = [cell.id for cell in source.cells]
    if injected:
        ids.insert(place_of_parameters(source) + 1, INJECTED)
    return ids
