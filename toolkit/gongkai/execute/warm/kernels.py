"""Kernels in forked children: of this process where it is a warm child itself, or of a warm parent that it starts."""

from __future__ import annotations

import atexit
import itertools
import os
import pickle
import signal
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from nbclient.exceptions import DeadKernelError

from gongkai.errors import JobError
from gongkai.execute.warm import wire
from gongkai.execute.warm.child import HasThreads, can_fork, fork
from gongkai.execute.warm.client import Manager
from gongkai.execute.warm.nursery import Nursery
from gongkai.execute.warm.task import Task, died

STACK = "gongkai.consistency:warm"
"""What the parent imports and warms for notebooks that import gongkai."""

_GRACE = 4
"""Seconds that a kernel may take for what it does at its end."""
_MOMENT = 0.5
"""Seconds from when nothing more comes from a kernel to its end."""
_PATIENCE = 60
"""Seconds that a parent may take to fork."""


@contextmanager
def kernel(arguments: Sequence[str], *, stack: bool = True, options: Sequence[str] = ()) -> Iterator[Manager]:
    """A kernel that has just begun, in the folder where we are; it is ended with the block, at once if that raises.

    A new warm parent is a Python with `options`, and imports our stack where `stack` says so. A DeadKernelError of the
    block gets a cause that says how it died. Raises HasThreads where a process must not fork that should, InternalError
    where no parent can be started.
    """
    task = Task("gongkai.execute.warm.kernel:serve", (list(arguments),), folder=str(Path.cwd()))
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = _Child(ours, theirs) if can_fork() else _Nursling(_nursery(stack, tuple(options)), theirs)
        with suppress(OSError):  # that nobody is there is seen soon enough
            ours.sendall(wire.framed([pickle.dumps(task)]))
        manager = Manager(ours, process.pid)
        try:
            yield manager
        except DeadKernelError as error:
            code = process.ended(_GRACE)
            raise error from (None if code is None else died(code))
        except BaseException:
            # As Jupyter does it, and so that the cell that ran shows where it was.
            manager.interrupt_kernel()
            raise
        finally:
            manager.close(_GRACE)
            if process.ended(_MOMENT) is None:
                process.kill()
                process.ended(_GRACE)


class _Process(Protocol):
    """The process of a kernel."""

    pid: int

    def ended(self, seconds: float) -> int | None:
        """Its exit code (negative: the signal), if it ends within `seconds`."""

    def kill(self) -> None:
        """End it, if it has not ended."""


class _Child:
    """A child of our own."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        self.pid = fork(theirs, ours=[ours])
        self._code: int | None = None

    def ended(self, seconds: float) -> int | None:
        """See `_Process`."""
        for _ in _until(seconds):
            if self._code is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self._code = os.waitstatus_to_exitcode(status) if pid else None
            if self._code is not None:
                break
        return self._code

    def kill(self) -> None:
        """See `_Process`."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)


class _Nursling:
    """A child of a warm parent."""

    def __init__(self, nursery: _Shared, theirs: socket.socket) -> None:
        self._nursery, self._number = nursery, nursery.fork(theirs)
        what, about = nursery.hear(self._number, _PATIENCE) or ("lost", 0)
        if what == "refused":
            raise HasThreads(about)
        if what != "forked":
            raise JobError("engine_lost")
        self.pid = about
        self._code: int | None = None

    def ended(self, seconds: float) -> int | None:
        """See `_Process`."""
        if self._code is None:
            told: tuple[str, Any] = self._nursery.hear(self._number, seconds) or ("", None)
            what, about = told
            self._code = about[0] if what == "ended" else -signal.SIGKILL if what == "lost" else None
        return self._code

    def kill(self) -> None:
        """See `_Process`."""
        self._nursery.end(self._number)


class _Shared:
    """A nursery that threads share."""

    def __init__(self, preload: Sequence[str], options: Sequence[str]) -> None:
        self._nursery, self._lock = Nursery(preload, options), threading.Lock()
        self._numbers = itertools.count()
        self._told: dict[int, deque[tuple[str, Any]]] = defaultdict(deque)
        self.end, self.close = self._nursery.end, self._nursery.close

    def fork(self, connection: socket.socket) -> int:
        """Ask for a child: the number of its task, for `hear`."""
        number = next(self._numbers)
        self._nursery.fork(number, connection)
        return number

    def hear(self, number: int, seconds: float) -> tuple[str, Any] | None:
        """What is told next of a task, if it is told within `seconds`; ("lost", None) where nobody is left to tell."""
        for _ in _until(seconds):
            lost = self.lost()
            if number in self._told:
                news = self._told[number].popleft()
                if not self._told[number]:
                    del self._told[number]
                return news
            if lost:
                return "lost", None
        return None

    def lost(self) -> bool:
        """Whether the parent is gone; what it has told is kept."""
        with self._lock:
            told = self._nursery.told()
            for what, number, about in told or ():
                self._told[number].append((what, about))
        return told is None


_lock = threading.Lock()
_nurseries: dict[tuple[int, bool, tuple[str, ...]], _Shared] = {}


def _nursery(stack: bool, options: tuple[str, ...]) -> _Shared:
    """The warm parent of this process that has these things."""
    key = (os.getpid(), stack, options)
    with _lock:
        if key in _nurseries and _nurseries[key].lost():
            _nurseries.pop(key).close()
        if key not in _nurseries:
            _nurseries[key] = _Shared([STACK] if stack else [], options)
        return _nurseries[key]


@atexit.register
def _close() -> None:
    """End the warm parents of this process; those of a process that it was forked from are not ours to end."""
    for key in [key for key in _nurseries if key[0] == os.getpid()]:
        _nurseries.pop(key).close()


def _until(seconds: float) -> Iterator[None]:
    """Again and again, until `seconds` have passed."""
    end = time.monotonic() + seconds
    yield
    while time.monotonic() < end:
        time.sleep(0.001)
        yield
