"""The workspace: where relative paths of files resolve, and where an office keeps its own rules and notebooks.

It is the nearest folder upward that holds ``gongkai.toml``; without one, the folder we stand in.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from gongkai.errors import UsageError

MARKER = "gongkai.toml"
_PACKAGE = Path(__file__).parent


_start: ContextVar[Path | None] = ContextVar("gongkai_start", default=None)


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    """Look for the workspace upward from `folder` inside the ``with`` block, wherever the process stands."""
    token = _start.set(folder)
    try:
        yield
    finally:
        _start.reset(token)


def find_workspace(start: Path | None = None) -> Path:
    """The workspace of `start` (default: where we stand, the current folder)."""
    here = (start or _start.get() or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return folder
    return here


def resolve(path: str, *, base: Path | None = None) -> Path:
    """A path that a file names: relative to the workspace; if it begins with ``./``, to `base` (the current folder)."""
    if path.startswith("./"):
        return (base or Path.cwd()) / path
    return find_workspace() / path


def package_data(name: str) -> Path:
    """A top-level folder or file that travels with the package: in the wheel, or beside a checkout's ``toolkit/``."""
    for root in (_PACKAGE / "_data", _PACKAGE.parents[1]):
        if (root / name).exists():
            return root / name
    raise UsageError("missing_package_data", name=name)


def find_data(name: str) -> Path:
    """A file or folder by its top-level name: the workspace's own first, else the package's."""
    own = find_workspace() / name
    return own if own.exists() else package_data(name)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary file beside `target` that takes its place, whole, when the block ends without an error."""
    if target.is_dir():
        raise UsageError("is_directory", file=target.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}.", suffix=target.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            # mkstemp makes files private; what we hand out is as readable as any other new file.
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
            flush(temporary)
            temporary.replace(target)
            flush(target.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(target, error) from error


def flush(path: Path) -> None:
    """Have the system bring a file, or the names in a folder, to the disk: they are to outlive a loss of power."""
    if sys.platform == "win32" and path.is_dir():  # which cannot be opened there
        return
    handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put(path: Path, data: bytes) -> None:
    """Write and flush a file of a folder that has not taken its place yet; elsewhere use `write_bytes`."""
    try:
        path.write_bytes(data)
        flush(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def put_held(path: Path, data: bytes) -> None:
    """Write `path`, whole or not at all, in a folder that we hold; what a killed process has left is written over."""
    beside = path.with_name(f".{path.name}")
    put(beside, data)
    try:
        beside.replace(path)
        flush(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


_REASONS = {
    "above_is_file": (errno.EEXIST, errno.ENOTDIR),
    "not_permitted": (errno.EACCES, errno.EPERM, errno.EROFS),
    "disk_full": (errno.ENOSPC, errno.EDQUOT),
}
"""Why something cannot be written (the key of its sentence), by the numbers of the system's errors."""


def cannot_write(target: Path, error: OSError) -> UsageError:
    """Why `target` cannot be written, in our words where we have any."""
    for key, numbers in _REASONS.items():
        if error.errno in numbers:
            return UsageError(key, file=target.name)
    return UsageError("cannot_write", file=target.name, reason=error.strerror or type(error).__name__)


def write_text(target: Path, text: str) -> None:
    """Write `text` to `target` (UTF-8, newlines as given), whole or not at all."""
    write_bytes(target, text.encode())


def write_bytes(target: Path, data: bytes) -> None:
    """Write `data` to `target`, whole or not at all."""
    with replacing(target) as temporary:
        temporary.write_bytes(data)


@contextmanager
def working_folder(target: Path) -> Iterator[Path]:
    """An empty folder beside `target`, gone when the block ends; what a killed process left in it is cleared first.

    Raises UsageError where a living process works at the same target, or where the folder cannot be made.
    """
    folder = target.parent / f".gongkai-{target.name}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder)
    except BlockingIOError as error:
        raise UsageError("output_in_use", file=target.name) from error
    except OSError as error:
        raise cannot_write(target, error) from error
    try:
        try:
            for left in folder.iterdir():
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left)
                elif left.name != _LOCK:
                    left.unlink()
        except OSError as error:
            raise cannot_write(target, error) from error
        yield folder
    finally:
        if sys.platform == "win32":  # which removes no open file
            os.close(lock)
        # Whoever comes meanwhile may have put a lock of his own there; then the folder is his.
        shutil.rmtree(folder, ignore_errors=True)
        if sys.platform != "win32":
            os.close(lock)


@contextmanager
def holding(folder: Path, about: str) -> Iterator[None]:
    """Keep other processes out of `folder`, which is made; they are told `about`, who holds it.

    Raises UsageError where another holds it, or where the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / f".{_LOCK}", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        try:
            _take(handle)
            os.ftruncate(handle, 0)
            os.pwrite(handle, about.encode(), 0)
        except BlockingIOError as error:
            holder = os.read(handle, 4096).decode(errors="replace")
            raise UsageError("folder_held", file=folder.name, holder=holder) from error
        except OSError as error:
            raise cannot_write(folder, error) from error
        yield
    finally:
        os.close(handle)


def held_by(folder: Path) -> str:
    """Who holds `folder` as `holding` has it; "" where nobody does."""
    try:
        handle = os.open(folder / f".{_LOCK}", os.O_RDWR)
    except FileNotFoundError:
        return ""
    try:
        _take(handle)  # for a moment: the name of whoever was killed may still stand there
    except BlockingIOError:
        return os.read(handle, 4096).decode(errors="replace")
    finally:
        os.close(handle)
    return ""


PATIENCE = 30
"""Seconds to wait for a file that another process holds; no decision takes one."""


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """A handle of the file `path`, which is made, open for reading and appending while no other process has it so.

    Raises UsageError where it cannot be opened, or where another keeps it longer than `PATIENCE`.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                os.lseek(handle, 2**40, os.SEEK_SET)  # beyond what is read: Windows lets no other read what is locked
                _take(handle)
                break
            except BlockingIOError as error:
                if time.monotonic() > end:
                    raise UsageError("still_in_use", file=path.name) from error
                time.sleep(0.01)
        yield handle
    finally:
        os.close(handle)


_LOCK = "lock"


def _lock(folder: Path) -> int:
    """Make and lock `folder`: the handle that holds the lock. Raises BlockingIOError where someone else does.

    The system frees the locks of whoever is killed, so nobody has to guess whether he lives.
    """
    if folder.is_symlink():  # what it points to is not ours to clear
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    while True:
        folder.mkdir(exist_ok=True)
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # whoever had the folder has just removed it
            continue
        try:
            _take(lock)
            if os.path.samestat(os.fstat(lock), (folder / _LOCK).stat()):
                return lock
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)


def _take(lock: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
