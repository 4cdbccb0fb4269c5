"""Reports that are made anew from the pages: one run at a time, each of one agency, through `gongkai.batch`."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from gongkai import batch
from gongkai.errors import GongkaiError, InternalError

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A report that is made anew: for whom, by whom it was asked, since when (UTC), and what has come of it."""

    code: str
    by: str
    since: str
    state: State = "waiting"
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed")


class Jobs:
    """The queue of one build folder, and the last job of each agency."""

    def __init__(self, run_file: Callable[[], Path]) -> None:
        self._run_file = run_file
        self._last: dict[str, Job] = {}
        self._waiting: queue.Queue[str | None] = queue.Queue()
        # The language in use is that of whoever has started us.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._work), name="gongkai-review-jobs", daemon=True)
        self._thread.start()

    def ask(self, code: str, by: str) -> Job:
        """Make the report of an agency anew, unless that waits already."""
        there = self._last.get(code)
        if there is not None and there.state == "waiting":
            return there
        job = self._last[code] = Job(code, by, datetime.now(UTC).isoformat(timespec="seconds"))
        self._waiting.put(code)
        return job

    def last(self, code: str) -> Job | None:
        """The last job of an agency."""
        return self._last.get(code)

    def ahead(self, code: str) -> int:
        """How many others are to be made before it."""
        waiting = list(self._waiting.queue)
        return waiting.index(code) if code in waiting else 0

    def close(self) -> None:
        """No more; the one that runs comes to its end."""
        self._waiting.put(None)
        self._thread.join(timeout=60)

    def _work(self) -> None:
        while (code := self._waiting.get()) is not None:
            job = self._last[code] = replace(self._last[code], state="running")
            state, message = self._made(code)
            if self._last[code] is job:  # else it was asked for again meanwhile
                self._last[code] = replace(job, state=state, message=message)

    def _made(self, code: str) -> tuple[State, str]:
        try:
            result = batch.run(self._run_file(), selection=batch.Selection(agencies=[code]), jobs=1)
        except GongkaiError as error:
            return "failed", str(error)
        except Exception as error:  # whatever it is, the pages go on and say so
            problem = f"{type(error).__name__}: {error}".splitlines()[0]
            return "failed", str(InternalError("unexpected", problem=problem))
        made = result.results[0]
        return ("failed", made.message) if not made.made else ("done", result.across.message)
