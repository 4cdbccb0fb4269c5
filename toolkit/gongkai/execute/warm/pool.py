"""Tasks done by children of a warm parent, some at a time; what becomes of each is told as it comes about."""

from __future__ import annotations

import itertools
import pickle
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gongkai.errors import InternalError, JobError
from gongkai.execute.warm import wire
from gongkai.execute.warm.child import unexpected
from gongkai.execute.warm.nursery import Nursery, available
from gongkai.execute.warm.task import Task, died

__all__ = ["Ended", "Pool", "available"]

_GRACE = 10
"""Seconds by which the parent must have done what it must, or something is wrong with it: forked a child, ended it at
its deadline, told of the end of one that has answered."""
_TRIES = 2
"""How often a task is given when it was not its own child that failed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a task: its value, or the error that it raised or that ended it."""

    task: Task
    value: Any = None
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class _Job:
    """A task that was given: its connection, what is still to be said to its child, and what the child has answered."""

    task: Task
    tries: int
    connection: socket.socket
    outbox: memoryview
    inbox: wire.Inbox = field(default_factory=wire.Inbox)
    forked: bool = False
    answer: tuple[bool, Any] | None = None
    expected: float | None = 0
    """When the parent must have done the next thing."""

    def __post_init__(self) -> None:
        self.expect(0)

    def expect(self, seconds: float | None) -> None:
        """The parent has something to do in `seconds`."""
        self.expected = None if seconds is None else time.monotonic() + seconds + _GRACE

    def late(self) -> bool:
        """Whether the parent has not done what it must."""
        return self.expected is not None and self.expected < time.monotonic()

    def say(self) -> bool:
        """Send as much as can be sent now; whether there is more."""
        try:
            self.outbox = self.outbox[self.connection.send(self.outbox) :]
        except BlockingIOError:
            pass
        except OSError:
            self.outbox = self.outbox[:0]  # nobody is there: that is told by the parent
        if not self.outbox:
            self.outbox = memoryview(b"")  # what was sent need not be kept
        return len(self.outbox) > 0

    def hear(self) -> None:
        """Take what has come. Raises EOFError where nothing more can come."""
        with suppress(BlockingIOError):
            while True:
                for (data,) in self.inbox.take(self.connection):
                    try:
                        self.answer = pickle.loads(data)  # noqa: S301  # from our own child
                    except Exception as error:  # whatever an object does when it is unpickled
                        self.answer = False, unexpected(error)
                    self.expect(0)

    def ended(self, error: Exception) -> Ended:
        """What became of it: what it has answered, or `error`."""
        if self.answer is None:
            return Ended(self.task, error=error)
        done, what = self.answer
        return Ended(self.task, what) if done else Ended(self.task, error=what)


class Pool:
    """A warm parent and its children, at most `jobs` at a time; whoever uses it closes it (or leaves its ``with``).

    `preload` names functions ("module:name") that the parent calls before it forks. The parent is started when the
    first task is given, and again when it was lost.
    """

    def __init__(self, *, jobs: int = 1, preload: Sequence[str] = ()) -> None:
        self._limit, self._preload = jobs, list(preload)
        self._nursery: Nursery | None = None
        self._selector = selectors.DefaultSelector()
        self._numbers = itertools.count()
        self._jobs: dict[int, _Job] = {}
        self._again: deque[tuple[Task, int]] = deque()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process of the parent, where there is one."""
        return self._nursery.pid if self._nursery else None

    def run(self, next_task: Callable[[], Task | None]) -> Iterator[Ended]:
        """What becomes of each task, as it comes about.

        `next_task` is asked whenever there is room; None means that there is none now, and, when nothing is under way
        either, that there will be none. Raises InternalError where the parent cannot be started.
        """
        try:
            while self._fill(next_task):
                yield from self._attend()
        except BaseException:
            self.close()  # nobody will ask for the others
            raise

    def _fill(self, next_task: Callable[[], Task | None]) -> bool:
        """Give tasks as long as there is room; whether anything is under way.

        One that is given once more is given by itself: it may be what the parent was lost by.
        """
        while len(self._jobs) < self._limit and not any(job.tries > 1 for job in self._jobs.values()):
            if self._again:
                if self._jobs:
                    break
                task, tries = self._again.popleft()
            elif (task_or_none := next_task()) is not None:
                task, tries = task_or_none, 1
            else:
                break
            self._give(task, tries)
        return bool(self._jobs)

    def _give(self, task: Task, tries: int) -> None:
        if self._nursery is None:
            self._nursery = Nursery(self._preload)
            self._selector.register(self._nursery, selectors.EVENT_READ)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        number = next(self._numbers)
        self._jobs[number] = job = _Job(task, tries, ours, memoryview(wire.framed([pickle.dumps(task)])))
        self._selector.register(ours, selectors.EVENT_READ | selectors.EVENT_WRITE, job)
        with theirs:
            self._nursery.fork(number, theirs, task.seconds)

    def _attend(self) -> Iterator[Ended]:
        """Wait until something happens, and tell what has ended by it."""
        told: list[tuple[str, int, Any]] | None = []
        for key, events in self._selector.select(self._wait()):
            job = key.data
            if not job:
                assert self._nursery is not None
                told = self._nursery.told()
                continue
            if events & selectors.EVENT_WRITE and not job.say():
                self._selector.modify(job.connection, selectors.EVENT_READ, job)
            if events & selectors.EVENT_READ:
                self._hear(job)
        for what, number, about in told or ():
            yield from self._told(what, number, about)
        if told is None or any(job.late() for job in self._jobs.values()):
            yield from self._lose()

    def _wait(self) -> float | None:
        expected = [job.expected for job in self._jobs.values() if job.expected is not None]
        return max(0.0, min(expected) - time.monotonic()) if expected else None

    def _told(self, what: str, number: int, about: Any) -> Iterator[Ended]:
        job = self._jobs[number]
        if what == "forked":
            job.forked = True
            job.expect(job.task.seconds)
            return
        self._hear(job)
        self._forget(number)
        if what == "refused":
            yield job.ended(InternalError("engine_threads", count=about))
            return
        code, overdue = about
        yield job.ended(_overdue(job.task) if overdue else died(code))

    def _hear(self, job: _Job) -> None:
        try:
            job.hear()
        except EOFError:
            with suppress(KeyError):
                self._selector.unregister(job.connection)

    def _forget(self, number: int) -> None:
        job = self._jobs.pop(number)
        with suppress(KeyError):
            self._selector.unregister(job.connection)
        job.connection.close()

    def _lose(self) -> Iterator[Ended]:
        """The parent is gone, or does not do what it must: the tasks under way are given once more."""
        jobs = list(self._jobs.values())
        for job in jobs:
            self._hear(job)
        late = {job for job in jobs if job.forked and job.late()}
        self.close()
        for job in jobs:
            if job.answer or job in late:
                yield job.ended(_overdue(job.task))
            elif job.tries < _TRIES:
                self._again.append((job.task, job.tries + 1))
            else:
                yield job.ended(JobError("engine_lost"))

    def close(self) -> None:
        """End the parent and all of its children."""
        for number in list(self._jobs):
            self._forget(number)
        if self._nursery is not None:
            self._selector.unregister(self._nursery)
            self._nursery.close()
            self._nursery = None


def _overdue(task: Task) -> JobError:
    return JobError("child_overdue", seconds=f"{task.seconds:g}")
