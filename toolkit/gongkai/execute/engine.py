"""``papermill --engine gongkai-warm``: runs any notebook of this Python in a child forked from a warm parent.

Papermill's own engine drives it as it drives a Jupyter kernel, and what the notebook shows is what a fresh kernel
gives. A notebook of another kernel, or of another system, gets its Jupyter kernel, which is said in papermill's log.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gongkai.catalogues import say

NAME = "gongkai-warm"

MANAGERS = frozenset({"km", "kernel_manager_class"})
"""Options by which a caller says that he has a kernel of his own."""

LAUNCHER = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
"""What the command of a kernel must end in, for us to be that kernel."""
OPTIONS: frozenset[str] = frozenset({"-Xfrozen_modules=off"})
"""Options that its Python may have."""


class WarmEngine:
    """What papermill takes for an engine: its own, over a kernel in a child of the warm parent of this process."""

    @staticmethod
    def execute_notebook(nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook `nb`. Raises what papermill's own engine raises."""
        from papermill.engines import NBClientEngine
        from papermill.log import logger

        with ExitStack() as stack:
            reason, flags = _unfit(kernel_name, options)
            if not reason:
                from gongkai.execute.warm.child import HasThreads
                from gongkai.execute.warm.kernels import kernel

                started = kernel(_arguments(options), stack=_needs_stack(nb), options=flags)
                try:
                    options["km"] = stack.enter_context(started)
                except HasThreads as error:
                    reason = say("engine.threads", count=error.count)
            if reason:
                logger.warning(say("engine.falls_back", reason=reason))
            return NBClientEngine.execute_notebook(nb, kernel_name, **options)

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> Any:
        """As papermill's own engine finds it."""
        from papermill.engines import NBClientEngine

        return NBClientEngine.nb_kernel_name(nb, name)

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> Any:
        """As papermill's own engine finds it."""
        from papermill.engines import NBClientEngine

        return NBClientEngine.nb_language(nb, language)


def _unfit(kernel_name: str, options: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Why this must run in a Jupyter kernel, "" where it need not; and the options that the kernel's Python has."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from gongkai.execute.warm.nursery import available

    if not available():
        return say("engine.no_fork", system=sys.platform), []
    if given := MANAGERS & options.keys():
        return say("engine.option", names=", ".join(sorted(given))), []
    try:
        program, *rest = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except (NoSuchKernel, ValueError):
        return say("engine.other_kernel", name=kernel_name), []
    flags, launcher = rest[: -len(LAUNCHER)], rest[-len(LAUNCHER) :]
    names = ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info))
    own = program in names or (Path(program).exists() and Path(program).samefile(sys.executable))
    if own and launcher == LAUNCHER and OPTIONS.issuperset(flags):
        return "", flags
    return say("engine.other_kernel", name=kernel_name), []


def _arguments(options: Mapping[str, Any]) -> list[str]:
    """What nbclient would start a kernel of ipykernel with."""
    history = options.get("ipython_hist_file", ":memory:")
    return [f"--HistoryManager.hist_file={history}", *options.get("extra_arguments", ())]


def _needs_stack(notebook: Any) -> bool:
    """Whether a notebook imports gongkai."""
    return any("gongkai" in cell.source for cell in notebook.cells)
