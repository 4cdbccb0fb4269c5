"""The warm parent: imports the stack once and forks a child for each task, so that none waits for an import.

`main` is started by `nursery` with the one end of a socket pair as ``FD PRELOAD STARTER`` (the last is a PID); nothing
else can reach it. A task comes as a connection of its own, which its child inherits; only numbers go through the
parent. It never runs a notebook, never typesets, and never forks while it has a second thread.

Two processes are started: the parent, and a guard that waits for its end, or for the end of whoever started them, and
then ends whatever is left of them all.
"""

from __future__ import annotations

import gc
import heapq
import importlib
import json
import os
import pickle
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gongkai.execute.warm import wire
from gongkai.execute.warm.child import Bearings, HasThreads, become_reaper, die_with_parent, fork, load
from gongkai.execute.warm.task import Task

_PATIENCE = 1.0
"""Seconds between two looks of the guard at whether whoever started it still lives."""

SCOUT = Task("gongkai.execute.warm.scout:scout")


class Parent:
    """Forks children as it is told, ends those whose time is up, and tells how each ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control, self._bearings = control, Bearings.take()
        self._bell, self._ringer = socket.socketpair()
        """Rung by the system where a child has ended."""
        self._tasks: dict[int, int] = {}
        """The number of its task by process."""
        self._deadlines: list[tuple[float, int, int]] = []
        """When a process is to be ended, and the number of its task."""
        self._overdue: set[int] = set()

    def warm(self, preload: Sequence[str]) -> None:
        """Call what makes things warm ("module:function"), and import whatever a first notebook imports."""
        import tqdm

        tqdm.tqdm.monitor_interval = 0  # its thread would be a second one
        gc.disable()  # what is imported stays: looking through it again and again would take a quarter of the time
        for name in preload:
            load(name)()
        for name in self._scouted():
            with suppress(ImportError):  # what stands under another name in its package
                importlib.import_module(name)
        _gather_names()
        gc.collect()
        # What is warm is never looked at again, so that it stays shared.
        gc.freeze()

    def _scouted(self) -> list[str]:
        ours, theirs = socket.socketpair()
        with ours:
            scout = self._fork(theirs)
            ours.sendall(wire.framed([pickle.dumps(SCOUT)]))
            (answer,) = wire.receive(ours)
            os.waitpid(scout, 0)
        done, found = pickle.loads(answer)  # noqa: S301  # from our own child
        if not done:
            raise found
        return list(found)

    def serve(self) -> None:
        """Do as told until whoever started us hangs up."""
        become_reaper()
        for end in (self._bell, self._ringer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._ringer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        for end in (self._control, self._bell):
            poll.register(end, select.POLLIN)
        with suppress(EOFError, ConnectionError):
            while True:
                ready = {fd for fd, _ in poll.poll(self._wait())}
                with suppress(BlockingIOError):
                    self._bell.recv(4096)
                self._end_overdue()
                self._reap()
                if self._control.fileno() in ready:
                    self._obey()

    def _wait(self) -> float | None:
        """Milliseconds until a deadline."""
        return max(0.0, self._deadlines[0][0] - time.monotonic()) * 1000 if self._deadlines else None

    def _obey(self) -> None:
        """Fork a child for the task whose connection comes, or end the one of the task that is named."""
        data, fds, _, _ = socket.recv_fds(self._control, 4096, 1)
        if not data:
            raise EOFError
        number, seconds = json.loads(data)
        if not fds:
            for pid in [pid for pid, task in self._tasks.items() if task == number]:
                _kill(pid)
            return
        try:
            connection = socket.socket(fileno=fds[0])
            connection.set_inheritable(False)
            pid = self._fork(connection)
        except HasThreads as error:
            self._tell("refused", number, error.count)
            return
        self._tasks[pid] = number
        if seconds is not None:
            heapq.heappush(self._deadlines, (time.monotonic() + seconds, pid, number))
        self._tell("forked", number, pid)

    def _fork(self, connection: socket.socket) -> int:
        with connection:
            return fork(connection, self._bearings, ours=(self._control, self._bell, self._ringer))

    def _end_overdue(self) -> None:
        while self._deadlines and self._deadlines[0][0] <= time.monotonic():
            _, pid, number = heapq.heappop(self._deadlines)
            if self._tasks.get(pid) == number:
                self._overdue.add(number)
                _kill(pid)

    def _reap(self) -> None:
        """Tell of all children that have ended, and end what they have left behind."""
        with suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                pid = ended.si_pid
                _kill(pid)  # the others of its group, as long as nobody else can be meant
                _, status = os.waitpid(pid, 0)
                number = self._tasks.pop(pid, None)
                if number is not None:
                    overdue = number in self._overdue
                    self._overdue.discard(number)
                    self._tell("ended", number, os.waitstatus_to_exitcode(status), overdue)
                # Whatever is our child and works on no task is left of one: each child takes in its own as it lives.
                for stray in _children() - self._tasks.keys():
                    _kill(stray)

    def _tell(self, *message: Any) -> None:
        self._control.sendall(json.dumps(message).encode())


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()}


def _gather_names() -> None:
    """Put the names of all modules side by side: a kernel lists them, and so would copy the pages all over the heap."""
    gathered = dict(zip("\0".join(sys.modules).split("\0"), sys.modules.values(), strict=True))
    sys.modules.clear()
    sys.modules.update(gathered)


def _kill(pid: int) -> None:
    """End a child that has not been reaped, with its group if it leads one."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _guarded() -> bool:
    """Fork: True in the child, who is the parent of all others; False in its guard, when none of them is left."""
    # Who started us is told, since he may have ended before we could ask.
    guard, starter, expected = os.getpid(), int(sys.argv[3]), {signal.SIGCHLD, signal.SIGTERM}
    become_reaper()
    signal.pthread_sigmask(signal.SIG_BLOCK, expected)
    parent = os.fork()
    if parent == 0:
        die_with_parent()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, expected)
        return os.getppid() == guard
    # The guard holds no end of the control's line, so that its end is seen when the parent ends.
    os.close(int(sys.argv[1]))
    told = None
    while os.getppid() == starter and not (told and told.si_signo == signal.SIGTERM):
        told = signal.sigtimedwait(expected, _PATIENCE)
        if os.waitid(os.P_PID, parent, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
    with suppress(ChildProcessError):
        while True:
            for pid in _children():
                _kill(pid)
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    return False


def main() -> None:
    """Warm up, say so, and serve."""
    if not _guarded():
        return
    control = socket.socket(fileno=int(sys.argv[1]))
    parent = Parent(control)
    parent.warm(json.loads(sys.argv[2]))
    control.sendall(json.dumps(os.getpid()).encode())
    # Whatever a notebook has written beside its streams is nobody's business.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    parent.serve()
