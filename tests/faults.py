"""An error of the system at one chosen operation of a run, whichever of its processes does it.

`arm` is called by the warm parent before it forks, and by the driver; from then on every operation by which something
is written into the build folder is counted, all processes together, and one of them fails as a disk fails.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import mmap
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

WHERE = "XDG_GONGKAI_FAULTS"
"""A variable of the environment that is handed on to the warm parent: the file in which all processes count."""

_NUMBERS = struct.Struct("=QQQ")
_SIZE = 8192


class Faults:
    """How many operations there were, which one is to fail and how, in a file that all processes share.

    What has failed stands in it too, and the folder that is meant.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR)
        self._shared = mmap.mmap(self._file, _SIZE)

    @classmethod
    def made(cls, path: Path, folder: Path) -> Faults:
        """A new one for `folder`; whatever is started from now on finds it."""
        path.write_bytes(bytes(_SIZE))
        os.environ[WHERE] = str(path)
        faults = cls(path)
        faults._put(4096, str(folder))
        return faults

    @property
    def folder(self) -> str:
        return self._get(4096)

    @property
    def hit(self) -> str:
        """The operation that has failed; "" where none has."""
        return self._get(_NUMBERS.size)

    @property
    def count(self) -> int:
        return int(_NUMBERS.unpack_from(self._shared)[0])

    def set(self, target: int = 0, number: int = errno.EIO) -> None:
        """Let the operation `target`, counted from 1 from now on, fail by the error `number`; of 0 none does."""
        self._put(_NUMBERS.size, "")
        _NUMBERS.pack_into(self._shared, 0, 0, target, number)

    def means(self, path: str | Path) -> bool:
        """Whether `path` lies in the folder."""
        return Path(path).absolute().is_relative_to(self.folder)

    def step(self, operation: str, path: str | Path) -> None:
        """An operation on `path` is about to be done. Raises OSError where it is the one."""
        if not self.means(path):
            return
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            count, target, number = _NUMBERS.unpack_from(self._shared)
            _NUMBERS.pack_into(self._shared, 0, count + 1, target, number)
            if count + 1 != target:
                return
            self._put(_NUMBERS.size, f"{operation} {Path(path).absolute().relative_to(self.folder)}")
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        raise OSError(number, os.strerror(number), str(path))

    def _put(self, start: int, text: str) -> None:
        data = text.encode()[:4000]
        self._shared[start : start + len(data) + 1] = data + b"\0"

    def _get(self, start: int) -> str:
        return self._shared[start : start + 4000].partition(b"\0")[0].decode()


_original: dict[str, Any] = {}


def arm() -> None:
    """From now on this process, and whatever it forks, counts and fails."""
    faults = Faults(Path(os.environ[WHERE]))
    for name in ("mkdir", "unlink"):
        _patch(name, lambda path, *_, name=name: faults.step(name, path))
    for name in ("rename", "replace", "symlink"):
        _patch(name, lambda _, path, *__, name=name: faults.step(name, path))
    for name in ("fsync", "ftruncate", "pwrite"):
        _patch(name, lambda handle, *_, name=name: faults.step(name, Path(f"/proc/self/fd/{handle}").readlink()))
    _patch("open", lambda path, flags=0, *_: faults.step("open", path) if flags & os.O_CREAT else None)
    opened = _original.setdefault("io.open", io.open)

    def open_counted(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if isinstance(file, int) or set(mode).isdisjoint("wax+") or not faults.means(file):
            return opened(file, mode, *arguments, **options)
        faults.step("open", file)
        return _writer(faults, os.fspath(file), mode, **options)

    io.open = builtins.open = open_counted


def _patch(name: str, before: Callable[..., object]) -> None:
    original = _original.setdefault(name, getattr(os, name))

    def patched(*arguments: Any, **options: Any) -> Any:
        if not set(options) & {"dir_fd", "src_dir_fd"}:  # a name of which the folder is not known
            before(*arguments, **{key: each for key, each in options.items() if key == "flags"})
        return original(*arguments, **options)

    setattr(os, name, patched)


def _writer(faults: Faults, path: str, mode: str, **options: Any) -> Any:
    """A file each write to which is counted; half of what is written is there when one fails."""

    class Raw(io.FileIO):
        failed: OSError | None = None

        def write(self, data: Any) -> int:
            if self.failed:
                raise self.failed
            try:
                faults.step("write", path)
            except OSError as error:
                self.failed = error
                super().write(memoryview(data)[: len(data) // 2])
                raise
            return super().write(data) or 0

    buffer = io.BufferedWriter(Raw(path, mode.replace("b", "").replace("t", "")))
    return buffer if "b" in mode else io.TextIOWrapper(buffer, **options)


def disarm() -> None:
    """As before `arm`, in this process."""
    with suppress(KeyError):
        io.open = builtins.open = _original.pop("io.open")
    for name, original in _original.items():
        setattr(os, name, original)
    _original.clear()
