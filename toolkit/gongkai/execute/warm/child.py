"""A forked child: what it puts off of its parent before it works, the bounds that it works in, and its answer."""

from __future__ import annotations

import atexit
import contextvars
import ctypes
import gc
import logging
import os
import pickle
import pkgutil
import random
import resource
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gongkai.errors import InternalError
from gongkai.execute.warm import wire
from gongkai.execute.warm.task import Task

MIB = 2**20
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
_libc = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Bearings:
    """What importing and warming changes in a process, as it was before.

    Filters of warnings are left as they are: those that an import has added concern what is imported.
    """

    handlers: list[logging.Handler]
    level: int
    path: list[str]

    @classmethod
    def take(cls) -> Bearings:
        """As they are now."""
        root = logging.getLogger()
        return cls(list(root.handlers), root.level, list(sys.path))

    def restore(self) -> None:
        """As they would be in a fresh interpreter."""
        with warnings.catch_warnings():
            pass  # lets all be shown again that were shown once
        logging.captureWarnings(False)
        root = logging.getLogger()
        root.handlers[:] = self.handlers
        root.setLevel(self.level)
        sys.path[:] = self.path


@dataclass(slots=True)
class _Life:
    """What this process knows of itself, if it is a forked child at work on a task."""

    bearings: Bearings
    giver: socket.socket | None
    """The connection to whoever gave the task; None where the task has taken it over."""


_life: _Life | None = None


class HasThreads(Exception):  # noqa: N818  # it is no error yet
    """A process with more than one thread must not fork: what they hold would be held for ever in the child."""

    def __init__(self, count: int) -> None:
        super().__init__(str(InternalError("engine_threads", count=count)))
        self.count = count


def fork(connection: socket.socket, bearings: Bearings | None = None, *, ours: Sequence[socket.socket] = ()) -> int:
    """The process of a child that takes its task from `connection`, and to whom `ours` is closed.

    A child itself forks with the bearings that it has got. Raises HasThreads.
    """
    count = len(list(Path("/proc/self/task").iterdir()))
    if count != 1:
        raise HasThreads(count)
    if bearings is None:
        assert _life is not None, "only a warm parent and its children fork"
        bearings = _life.bearings
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        for end in ours:
            end.close()
        # An empty context: what the parent has set is not the child's.
        contextvars.Context().run(_live, connection, parent, bearings)
    return pid


def can_fork() -> bool:
    """Whether this process is a forked child that works on a task and has not become something else."""
    return _life is not None and _life.giver is not None


def take_over() -> socket.socket:
    """The connection to whoever gave the task; it is the task's from now on, and nothing is answered."""
    assert _life is not None, "only a child has it"
    assert _life.giver is not None, "it is taken over once"
    connection, _life.giver = _life.giver, None
    return connection


def load(name: str) -> Callable[..., Any]:
    """The function named "module:name"."""
    found: Callable[..., Any] = pkgutil.resolve_name(name)
    return found


def die_with_parent() -> None:
    """Have the system kill us when our parent ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def become_reaper() -> None:
    """Have the system hand us the processes that our children leave behind."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _live(connection: socket.socket, parent: int, bearings: Bearings) -> NoReturn:
    """The whole life of a child that was just forked: take the task from `connection`, work, answer, end."""
    global _life  # noqa: PLW0603  # there is one task in a process
    code = 1
    try:
        die_with_parent()
        if os.getppid() == parent:
            if _life is not None and _life.giver is not None:
                _life.giver.close()  # our parent's, itself a child
            _life = _Life(bearings, connection)
            _leave_home()
            (data,) = wire.receive(connection)
            task: Task = pickle.loads(data)  # noqa: S301  # from whoever started our parent
            _settle(task, bearings)
            answer = _answer(task)
            if can_fork():
                connection.sendall(wire.framed([answer]))
            _finish()
            code = 0
    finally:  # whatever it is: the parent's loop must never go on in a child
        os._exit(code)


def _leave_home() -> None:
    """A session and a group of our own, with all that we start; and no handlers of our parent's."""
    os.setsid()
    become_reaper()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # What is to be done at the parent's end is not ours to do.
    atexit._clear()


def _settle(task: Task, bearings: Bearings) -> None:
    """Be as a fresh process would be, in the folder and the bounds of `task`."""
    gc.enable()
    if task.folder is not None:
        os.chdir(task.folder)
    bearings.restore()
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # else all children would draw the same numbers
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if task.memory is not None:
        most = task.memory * MIB
        resource.setrlimit(resource.RLIMIT_DATA, (_held() + most,) * 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most,) * 2)


def _held() -> int:
    """Bytes that this process holds already, as its limit counts them: private and writable (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()


def _answer(task: Task) -> bytes:
    """Whether the task was done, and its value; or what it raised. Pickled."""
    try:
        answer = True, load(task.function)(*task.arguments)
    except Exception as error:
        answer = False, error
    try:
        return pickle.dumps(answer)
    except Exception as error:  # whatever an object does when it is pickled
        return pickle.dumps((False, unexpected(error)))


def unexpected(error: BaseException) -> InternalError:
    """What is said of an error that nobody has meant."""
    return InternalError("unexpected", problem=f"{type(error).__name__}: {error}".splitlines()[0])


def _finish() -> None:
    """What an interpreter does at its end: notebooks may have asked for it, or left files open."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    if main := sys.modules.get("__main__"):
        vars(main).clear()
    gc.collect()
