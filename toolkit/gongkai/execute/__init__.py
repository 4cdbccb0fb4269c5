"""The one door to papermill: runs a notebook with parameters in a folder. Import papermill late: it takes a second."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gongkai.errors import AuthoringError, NotebookError, UsageError, nearest
from gongkai.execute.canonical import INJECTED, canonical, name_cells, place_of_parameters

__all__ = ["execute"]

KERNEL = "python3"


def execute(notebook: Path, parameters: Mapping[str, Any], folder: Path) -> str:
    """The executed notebook as canonical JSON text: the same for the same notebook, parameters and files.

    It runs in a fresh Jupyter kernel that stands in `folder`; nothing is written by us. Raises AuthoringError for a
    file that is no notebook, UsageError for a parameter that it does not declare, NotebookError where a cell raises
    (it is named) or the kernel dies.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    source = _read(notebook)
    _check_names(parameters, papermill.inspect_notebook(source), notebook.name)
    try:
        with _kernel_options() as options:
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


@contextmanager
def _kernel_options() -> Iterator[dict[str, Any]]:
    """What nbclient is told of the kernel: to be quiet, and to listen in a private folder, not on open TCP ports."""
    from traitlets.config import Config

    quiet = ["--IPKernelApp.log_level=CRITICAL"]
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        private = {"transport": "ipc", "ip": str(Path(folder, "kernel"))} if os.name == "posix" else {}
        yield {"extra_arguments": quiet, "config": Config({"KernelManager": private})}


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


def _check_names(parameters: Mapping[str, Any], declared: Mapping[str, Any], file: str) -> None:
    """What papermill itself leaves out: it logs an unknown parameter and runs on."""
    for name in parameters:
        if name not in declared:
            raise UsageError("unknown_parameter", file=file, name=name, nearest=nearest(name, declared))


def _cell_ids(source: Any, *, injected: bool) -> list[str]:
    """The ids of the cells as they are executed."""
    ids = [cell.id for cell in source.cells]
    if injected:
        ids.insert(place_of_parameters(source) + 1, INJECTED)
    return ids
