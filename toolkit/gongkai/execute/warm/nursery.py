"""The warm parent as whoever started it sees it: has it fork children, hears how each ended, and ends them all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gongkai.errors import InternalError
from gongkai.execute.environment import environment

_START = 300
"""Seconds that importing the stack may take."""
_END = 10
"""Seconds that ending everybody may take."""


def available() -> bool:
    """Whether this system can do all that the warm engine asks of it."""
    return sys.platform == "linux" and hasattr(os, "memfd_create") and hasattr(os, "pidfd_open")


START = "import sys; sys.path.remove(''); from gongkai.execute.warm.parent import main; main()"
"""Nothing is imported from the folder where we are; and then it is as if it had been asked for as any module."""


class Nursery:
    """A warm parent that has called what `preload` names ("module:name"), under a Python with `options`.

    Raises InternalError where it does not come about.
    """

    def __init__(self, preload: Sequence[str] = (), options: Sequence[str] = ()) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(theirs.fileno()), json.dumps(list(preload)), str(os.getpid())]
        command = [sys.executable, *options, "-c", START, *arguments]
        with tempfile.TemporaryFile() as said, theirs:
            self._guard = subprocess.Popen(  # noqa: S603  # our own module
                command,
                pass_fds=[theirs.fileno()],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
            theirs.close()
            try:
                ready = self._ready()
            except BaseException:
                self.close()
                raise
            if not ready:
                self.close()
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines()
                raise InternalError("engine_start", problem=lines[-1] if lines else "?")
        self.pid = int(ready)
        """The process of the parent."""
        self._control.setblocking(False)

    def _ready(self) -> bytes:
        self._control.settimeout(_START)
        try:
            return self._control.recv(4096)
        except OSError:
            return b""

    def fileno(self) -> int:
        """What can be read when there is something `told`."""
        return self._control.fileno()

    def fork(self, number: int, connection: socket.socket, seconds: float | None = None) -> None:
        """Ask for a child that takes its task from `connection` and is ended after `seconds`.

        That it cannot be asked is told by `told`.
        """
        with suppress(OSError):
            socket.send_fds(self._control, [json.dumps([number, seconds]).encode()], [connection.fileno()])

    def end(self, number: int) -> None:
        """Have the child of the task `number` ended, if it has not ended."""
        with suppress(OSError):
            self._control.send(json.dumps([number, None]).encode())

    def told(self) -> list[tuple[str, int, Any]] | None:
        """What there is to tell of tasks; None where the parent is gone.

        ("forked", number, process), ("refused", number, threads of the parent), ("ended", number, (exit code, whether
        its time was up)).
        """
        messages: list[tuple[str, int, Any]] = []
        while True:
            try:
                data = self._control.recv(4096)
            except BlockingIOError:
                return messages
            except ConnectionError:
                data = b""
            if not data:
                # What it said before it went is heard first; that it has gone, the next time.
                return messages or None
            what, number, *about = json.loads(data)
            messages.append((what, number, about[0] if len(about) == 1 else tuple(about)))

    def close(self) -> None:
        """End the parent and all that has come of it."""
        self._control.close()
        self._guard.terminate()
        try:
            self._guard.wait(_END)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
