"""Who does the tasks of a run: the warm engine's children, or, where the system cannot fork, this process itself."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from gongkai.execute.warm.pool import Ended, Pool, available
from gongkai.execute.warm.task import Task


class Workers(Protocol):
    """Whoever does tasks."""

    def run(self, next_task: Callable[[], Task | None]) -> Iterator[Ended]:
        """What becomes of each task, as it comes about; None says that there is none now."""

    def close(self) -> None:
        """End whatever is under way."""


class Inline:
    """Does tasks one after the other in this process, without bounds."""

    def run(self, next_task: Callable[[], Task | None]) -> Iterator[Ended]:
        """What becomes of each task; `next_task` is asked until it gives none."""
        while (task := next_task()) is not None:
            try:
                yield Ended(task, pkgutil.resolve_name(task.function)(*task.arguments))
            except Exception as error:  # as a child tells it
                yield Ended(task, error=error)

    def close(self) -> None:
        """Nothing is."""


def workers(jobs: int, preload: Sequence[str]) -> Workers:
    """At most `jobs` children of a parent that has called what `preload` names; or ourselves."""
    return Pool(jobs=jobs, preload=preload) if available() else Inline()
