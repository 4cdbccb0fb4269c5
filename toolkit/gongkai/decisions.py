"""The decision log of a workspace: what people decide about reports, chained by hashes; it is only ever added to.

::

    decisions.jsonl     a decision a line: canonical JSON with its number, its own hash and that of the line before
    decisions.head      number and hash of the last decision that was accepted

A decision is accepted when the head names it. Whatever a crash has left behind that was not: it counts for nothing, is
told (`unfinished`), and gives way to the next decision. Any other difference from what was written (a line edited,
removed, put elsewhere or in between) is an InputError that names the line. Only who makes both files anew is not found
out: whoever must be certain keeps the head elsewhere too.
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError, with_config

from gongkai.errors import InputError, UsageError
from gongkai.filing import STRICT
from gongkai.workspace import cannot_write, locked, put_held

LOG, HEAD = "decisions.jsonl", "decisions.head"

SCHEMA = 1


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision: what `kind` it is of, `by` whom and when (`at`: UTC, ISO 8601), and of whose report.

    `content` is what the kind says; who does not know a kind passes it by. `number` is that of its line, from 1.
    """

    schema: Literal[1]
    number: int
    previous: str
    at: str
    by: str
    kind: str
    agency: str | None
    agency_code: str | None
    year: int | None
    content: dict[str, Any]
    hash: str


class About(NamedTuple):
    """Whose report of which year a decision is about."""

    agency: str | None
    agency_code: str | None
    year: int | None


class _Head(NamedTuple):
    number: int
    hash: str


_BEGINNING = _Head(0, "0" * 64)
"""What the first decision follows."""


@dataclass(slots=True)
class Log:
    """A log that nobody else writes to meanwhile: its `decisions`, in order."""

    decisions: tuple[Decision, ...]
    _workspace: Path
    _handle: int
    _accepted: int
    """The bytes of the log that are accepted."""

    def append(self, kind: str, about: About, content: Mapping[str, Any], *, by: str) -> Decision:
        """Add a decision; it is on the disk when this returns, and not accepted where this raises.

        Raises UsageError where it cannot be written, or is by nobody.
        """
        by = " ".join(by.split())
        if not by or not by.isprintable():
            raise UsageError("by_nobody")
        last = self.decisions[-1] if self.decisions else _BEGINNING
        data = _sealed(
            {
                "schema": SCHEMA,
                "number": last.number + 1,
                "previous": last.hash,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "by": by,
                "kind": kind,
                **about._asdict(),
                "content": dict(content),
            }
        )
        decision, line = Decision(**data), _line(data)
        try:
            os.ftruncate(self._handle, self._accepted)
            left = line
            while left:
                left = left[os.write(self._handle, left) :]
            os.fsync(self._handle)
        except OSError as error:
            raise cannot_write(self._workspace / LOG, error) from error
        put_held(self._workspace / HEAD, _line({"number": decision.number, "hash": decision.hash}))
        self._accepted += len(line)
        self.decisions = (*self.decisions, decision)
        return decision


@contextmanager
def writing(workspace: Path) -> Iterator[Log]:
    """The log of `workspace` while nobody else can add to it: what is decided rests on all that was decided before.

    Raises InputError where the log is not as it was written, UsageError where it cannot be written.
    """
    with locked(workspace / LOG) as handle:
        data, head = _read(workspace)
        decisions, rest = _verified(data, head)
        yield Log(decisions, workspace, handle, len(data) - len(rest))


def person(name: str) -> str:
    """Who is meant by a name, however it was typed: by this alone people are told apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def append(workspace: Path, kind: str, about: About, content: Mapping[str, Any], *, by: str) -> Decision:
    """Add one decision that rests on no other. Raises what `writing` and `Log.append` raise."""
    with writing(workspace) as log:
        return log.append(kind, about, content, by=by)


def read_log(workspace: Path) -> tuple[Decision, ...]:
    """All decisions of `workspace`, in order. Raises InputError, with the line, where they are not as written."""
    return _verified(*_read(workspace))[0]


class Reader:
    """A log that is read again and again: lines that were verified and still stand there are not verified once more."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._data, self._decisions = b"", ()  # type: bytes, tuple[Decision, ...]

    def read(self) -> tuple[Decision, ...]:
        """All decisions as they are now. Raises what `read_log` raises."""
        data, head = _read(self._workspace)
        known = self._decisions if self._data and data.startswith(self._data) else ()
        decisions, rest = _verified(data, head, known)
        self._data, self._decisions = data[: len(data) - len(rest)], decisions
        return decisions


def unfinished(workspace: Path) -> bool:
    """Whether something follows that was not accepted: a crash has left it, or it is being written just now."""
    return bool(_verified(*_read(workspace))[1])


def _read(workspace: Path) -> tuple[bytes, _Head]:
    """The bytes of the log and the head that belongs to them, though others may be adding to it."""
    head = _head(workspace)
    while True:
        data, before = _bytes(workspace / LOG), head
        head = _head(workspace)
        if head == before:
            return data, head


def _head(workspace: Path) -> _Head:
    data = _bytes(workspace / HEAD)
    if not data:
        return _BEGINNING
    try:
        head = _Head(**json.loads(data))
        if _line(head._asdict()) == data and type(head.number) is int and head.number > 0:
            return head
    except (ValueError, TypeError, RecursionError):
        pass
    raise InputError("log_head", file=HEAD)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputError("unreadable_file", file=path.name, reason=error.strerror) from error


def _verified(data: bytes, head: _Head, known: tuple[Decision, ...] = ()) -> tuple[tuple[Decision, ...], bytes]:
    """The decisions up to the head, of which the first are `known`, and whatever follows them."""
    lines = data.splitlines(keepends=True)
    decisions: list[Decision] = list(known[: head.number])
    last = _Head(decisions[-1].number, decisions[-1].hash) if decisions else _BEGINNING
    for number, line in enumerate(lines[last.number : head.number], start=last.number + 1):
        decision = _decision(line, number)
        if decision.number != number or decision.previous != last.hash:
            raise InputError("log_order", file=LOG, place=number)
        decisions.append(decision)
        last = _Head(number, decision.hash)
    if last.number < head.number:
        raise InputError("log_cut", file=LOG, place=last.number + 1, count=head.number)
    if last != head:
        raise InputError("log_line", file=LOG, place=head.number)
    rest = lines[head.number :]
    if len(rest) > 1:
        # A crash leaves one at most: these come from elsewhere, or the head is that of an older log.
        raise InputError("log_behind", file=LOG, place=head.number + 1, head=HEAD)
    return tuple(decisions), b"".join(rest)


def _decision(line: bytes, number: int) -> Decision:
    """The decision of a line. Raises InputError for one that is not, to the byte, what its hash says."""
    try:
        data = json.loads(line)
        if _line(_sealed({name: value for name, value in data.items() if name != "hash"})) == line:
            return _adapter().validate_json(line)
    except (ValueError, AttributeError, RecursionError, ValidationError):
        pass
    raise InputError("log_line", file=LOG, place=number)


def _sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with its hash."""
    return {**data, "hash": hashlib.sha256(_line(data)).hexdigest()}


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@cache
def _adapter() -> TypeAdapter[Decision]:
    return TypeAdapter(Decision)
