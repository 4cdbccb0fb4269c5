"""What is asked of the warm engine, and what is said where no answer comes."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from gongkai.errors import JobError


@dataclass(frozen=True, slots=True)
class Task:
    """A call of `function` ("module:name") with pickled `arguments` in a child of its own.

    The child stands in `folder`. It is ended after `seconds`, and may hold `memory` MiB beyond what the parent holds;
    None is no bound.
    """

    function: str
    arguments: tuple[Any, ...] = ()
    seconds: float | None = None
    memory: int | None = None
    folder: str | None = None


def died(code: int) -> JobError:
    """What is told of a child that has ended without an answer, with `code` (negative: by that signal)."""
    if code >= 0:
        return JobError("child_ended", code=code)
    names = {number.value: number.name for number in signal.Signals}
    return JobError("child_signal", name=names.get(-code, str(-code)))
