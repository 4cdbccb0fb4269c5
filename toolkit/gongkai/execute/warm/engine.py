"""Papermill's engine: its own, that drives a kernel in a forked child as it drives a Jupyter kernel.

What the notebook shows is what a fresh kernel gives. A notebook of another kernel, or of another system, gets its
Jupyter kernel, which is said in papermill's log.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from papermill.engines import NBClientEngine
from papermill.log import logger

from gongkai.catalogues import say

MANAGERS = frozenset({"km", "kernel_manager_class"})
"""Options by which a caller says that he has a kernel of his own."""

LAUNCHER = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
"""What the command of a kernel must end in, for us to be that kernel."""
OPTIONS: frozenset[str] = frozenset({"-Xfrozen_modules=off"})
"""Options that its Python may have."""


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, over a kernel in a child of the warm parent of this process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook of papermill's manager `nb_man`. Raises what papermill's own engine raises."""
        with ExitStack() as stack:
            reason, flags = _unfit(kernel_name, options)
            if not reason:
                from gongkai.execute.warm.child import HasThreads
                from gongkai.execute.warm.kernels import kernel

                started = kernel(_arguments(options), stack=_needs_stack(nb_man.nb), options=flags)
                try:
                    options["km"] = stack.enter_context(started)
                except HasThreads as error:
                    reason = say("engine.threads", count=error.count)
            if reason:
                logger.warning(say("engine.falls_back", reason=reason))
            return super().execute_managed_notebook(nb_man, kernel_name, **options)


def _unfit(kernel_name: str, options: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Why this must run in a Jupyter kernel, "" where it need not; and the options that the kernel's Python has."""
    from gongkai.execute.warm.nursery import available

    if not available():
        return say("engine.no_fork", system=sys.platform), []
    if given := MANAGERS & options.keys():
        return say("engine.option", names=", ".join(sorted(given))), []
    flags = flags_of(kernel_name)
    return ("", flags) if flags is not None else (say("engine.other_kernel", name=kernel_name), [])


@cache
def flags_of(kernel_name: str) -> list[str] | None:
    """The options that the Python of a kernel has; None for a kernel that we are not. It is looked up once."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        program, *rest = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except (NoSuchKernel, ValueError):
        return None
    flags, launcher = rest[: -len(LAUNCHER)], rest[-len(LAUNCHER) :]
    names = ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info))
    own = program in names or (Path(program).exists() and Path(program).samefile(sys.executable))
    return flags if own and launcher == LAUNCHER and OPTIONS.issuperset(flags) else None


def _arguments(options: Mapping[str, Any]) -> list[str]:
    """What nbclient would start a kernel of ipykernel with."""
    history = options.get("ipython_hist_file", ":memory:")
    return [f"--HistoryManager.hist_file={history}", *options.get("extra_arguments", ())]


def _needs_stack(notebook: Any) -> bool:
    """Whether a notebook imports gongkai."""
    return any("gongkai" in cell.source for cell in notebook.cells)
