"""Whatever is changed in the files of a decision log is found: refused with its line, or told as never accepted."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.decisions import HEAD, LOG, About, Decision, Reader, append, read_log, unfinished
from gongkai.errors import InputError

COUNT = 5


@cache
def written() -> tuple[bytes, bytes]:
    """The bytes of a log and of its head."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(COUNT):
            append(Path(folder), "note", About("青杉县财政局", None, 2024), {"text": "说明" * number}, by="张三")
        return (Path(folder) / LOG).read_bytes(), (Path(folder) / HEAD).read_bytes()


@given(st.data())
def test_any_edit_of_the_log_is_found(data: st.DataObject) -> None:
    log, head = written()
    start = data.draw(st.integers(0, len(log)))
    end = data.draw(st.integers(start, min(len(log), start + 600)))
    put = data.draw(st.one_of(st.binary(max_size=40), st.sampled_from(log.splitlines(keepends=True))))
    changed = log[:start] + put + log[end:]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / LOG).write_bytes(changed)
        (Path(folder) / HEAD).write_bytes(head)
        if changed == log:
            assert len(read_log(Path(folder))) == COUNT
        elif changed.startswith(log):
            told(Path(folder), changed[len(log) :])
        else:
            with pytest.raises(InputError) as refused:
                read_log(Path(folder))
            # The first line that is not as it was.
            same = log[: common(changed, log)]
            assert (refused.value.file, refused.value.place) == (LOG, same.count(b"\n") + 1)


def common(one: bytes, other: bytes) -> int:
    """How many bytes the two begin with in common."""
    return next((number for number, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def told(folder: Path, behind: bytes) -> None:
    """What stands behind all that was accepted changes nothing of it."""
    if len(behind.splitlines()) > 1:
        with pytest.raises(InputError):
            read_log(folder)
    else:
        assert len(read_log(folder)) == COUNT
        assert unfinished(folder)


@given(st.data())
def test_any_edit_of_the_head_is_found(data: st.DataObject) -> None:
    log, head = written()
    place = data.draw(st.integers(0, len(head) - 1))
    changed = head[:place] + data.draw(st.binary(max_size=3)) + head[place + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / LOG).write_bytes(log)
        (Path(folder) / HEAD).write_bytes(changed)
        if changed == head:
            assert len(read_log(Path(folder))) == COUNT
        else:
            with pytest.raises(InputError):
                read_log(Path(folder))


@given(st.data())
def test_whoever_has_read_a_log_before_finds_the_same_as_who_reads_it_anew(data: st.DataObject) -> None:
    log, head = written()
    lines = log.splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        reader = Reader(home)
        for _ in range(4):
            count = data.draw(st.integers(0, COUNT))
            cut = b"".join(lines[:count])
            place = data.draw(st.integers(0, max(0, len(cut) - 1)))
            changed = data.draw(st.sampled_from([cut, log, cut[:place] + b"x" + cut[place + 1 :], cut + b"{"]))
            (home / LOG).write_bytes(changed)
            (home / HEAD).write_bytes(data.draw(st.sampled_from([head, head_of(lines[:count])])))
            assert read(reader.read) == read(lambda: read_log(home))


def head_of(lines: list[bytes]) -> bytes:
    """The head of a log that ends with these lines."""
    if not lines:
        return b""
    last = json.loads(lines[-1])
    about = {"hash": last["hash"], "number": last["number"]}
    return json.dumps(about, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def read(how: Callable[[], tuple[Decision, ...]]) -> object:
    """What reading gives: the decisions, or what is wrong with them."""
    try:
        return how()
    except InputError as error:
        return error.key, error.file, error.place
