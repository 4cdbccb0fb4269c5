"""How tests find the processes that others have started, whatever has become of those."""

from __future__ import annotations

import time
from pathlib import Path

MARK = "XDG_GONGKAI_MARK"
"""A variable of the environment that is handed on to whatever a run or a warm parent starts."""


def bearing(mark: str) -> set[int]:
    """The processes that bear `mark`; one that has ended does not, even while it is still listed."""
    wanted = f"{MARK}={mark}".encode()
    return {
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if wanted in contents(path).split(b"\0")
    }


def contents(path: Path) -> bytes:
    """Of a file of /proc; nothing where its process has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def gone(mark: str, within: float, but: frozenset[int] | set[int] = frozenset()) -> bool:
    """Whether no process `but` these bears `mark` any more, `within` some seconds."""
    end = time.monotonic() + within
    while bearing(mark) - but:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
