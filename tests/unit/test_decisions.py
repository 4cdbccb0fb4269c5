"""The decision log: what it takes is there for good, and whatever was done to it since is found."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gongkai import workspace
from gongkai.decisions import HEAD, LOG, About, Decision, append, read_log, unfinished, writing
from gongkai.errors import InputError, UsageError

ABOUT = About("青杉县财政局", "990122004", 2024)

APPENDING = """
import sys
from pathlib import Path
from gongkai.decisions import About, append
who, count = sys.argv[2], int(sys.argv[3])
for number in range(count):
    done = append(Path(sys.argv[1]), "note", About(None, who, 2024), {"text": "说明" * 200, "nth": number}, by=who)
    print(done.number, flush=True)
"""


def note(home: Path, text: str = "说明") -> Decision:
    return append(home, "note", ABOUT, {"text": text}, by="张三")


def three(home: Path) -> list[bytes]:
    """The lines of a log of three decisions."""
    for text in ("一", "二", "三"):
        note(home, text)
    return (home / LOG).read_bytes().splitlines(keepends=True)


def compact(data: object) -> bytes:
    """A line of JSON as the log has it."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def appending(home: Path, who: str, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", APPENDING, str(home), who, str(count)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_decisions_come_back_in_order_each_with_the_hash_of_the_one_before(tmp_path: Path) -> None:
    assert read_log(tmp_path) == ()
    made = [note(tmp_path, text) for text in ("一", "二\n\u2028", "三")]
    assert list(read_log(tmp_path)) == made
    assert [each.number for each in made] == [1, 2, 3]
    assert [each.previous for each in made] == ["0" * 64, made[0].hash, made[1].hash]
    assert (made[1].content, made[1].agency_code, made[1].by) == ({"text": "二\n\u2028"}, "990122004", "张三")
    assert not unfinished(tmp_path)


def test_the_log_is_only_added_to(tmp_path: Path) -> None:
    note(tmp_path)
    before = (tmp_path / LOG).read_bytes()
    note(tmp_path)
    assert (tmp_path / LOG).read_bytes().startswith(before)


def test_what_is_decided_rests_on_all_that_was_decided_before(tmp_path: Path) -> None:
    with writing(tmp_path) as log:
        first = log.append("note", ABOUT, {}, by="张三")
        second = log.append("note", ABOUT, {}, by="李四")
        assert log.decisions == (first, second) == read_log(tmp_path)


Change = Callable[[list[bytes]], list[bytes]]

CHANGES: dict[str, tuple[Change, int]] = {
    "a word edited": (lambda lines: [lines[0], lines[1].replace("二".encode(), "贰".encode()), lines[2]], 2),
    "the last edited": (lambda lines: [*lines[:2], lines[2].replace("张三".encode(), "李四".encode())], 3),
    "white space": (lambda lines: [lines[0].replace(b",", b", ", 1), *lines[1:]], 1),
    "line ends of Windows": (lambda lines: [line.replace(b"\n", b"\r\n") for line in lines], 1),
    "a key given twice": (lambda lines: [lines[0].replace(b"{", b'{"by":"x",', 1), *lines[1:]], 1),
    "the first removed": (lambda lines: lines[1:], 1),
    "one removed": (lambda lines: [lines[0], lines[2]], 2),
    "the last removed": (lambda lines: lines[:2], 3),
    "all removed": (lambda lines: [], 1),
    "two exchanged": (lambda lines: [lines[0], lines[2], lines[1]], 2),
    "one put in twice": (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
    "an empty line": (lambda lines: [lines[0], b"\n", *lines[1:]], 2),
    "the last cut": (lambda lines: [*lines[:2], lines[2][:-9]], 3),
    "the last without its end": (lambda lines: [*lines[:2], lines[2][:-1]], 3),
    "two more behind": (lambda lines: [*lines, lines[1], lines[2]], 4),
    "no JSON": (lambda lines: [lines[0], b"\xff\n", lines[2]], 2),
    "no mapping": (lambda lines: [lines[0], b"[]\n", lines[2]], 2),
    "very deep": (lambda lines: [lines[0], b"[" * 100_000 + b"\n", lines[2]], 2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_log_that_is_not_as_it_was_written_is_refused_by_its_line(name: str, tmp_path: Path) -> None:
    change, line = CHANGES[name]
    changed = b"".join(change(three(tmp_path)))
    (tmp_path / LOG).write_bytes(changed)
    with pytest.raises(InputError) as refused:
        read_log(tmp_path)
    assert (refused.value.file, refused.value.place) == (LOG, line)
    with pytest.raises(InputError):
        note(tmp_path)
    assert (tmp_path / LOG).read_bytes() == changed


@pytest.mark.parametrize(
    "content", [b"{}", b"x", b"[1]\n", b'{"hash":"","number":true}\n', b'{"hash":"","number":0}\n']
)
def test_a_head_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    three(tmp_path)
    (tmp_path / HEAD).write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_log(tmp_path)
    assert (refused.value.key, refused.value.file) == ("log_head", HEAD)


def test_a_log_without_its_head_or_with_an_older_one_is_refused(tmp_path: Path) -> None:
    note(tmp_path)
    older = (tmp_path / HEAD).read_bytes()
    three(tmp_path)
    for head, line in ((older, 2), (b"", 1)):
        (tmp_path / HEAD).write_bytes(head)
        with pytest.raises(InputError) as refused:
            read_log(tmp_path)
        assert (refused.value.key, refused.value.place) == ("log_behind", line)


def test_a_line_whose_hash_is_right_and_that_is_no_decision_is_refused(tmp_path: Path) -> None:
    note(tmp_path)
    (line,) = (tmp_path / LOG).read_bytes().splitlines()
    data = {**json.loads(line), "by": 7}
    del data["hash"]
    digest = hashlib.sha256(compact(data)).hexdigest()
    (tmp_path / LOG).write_bytes(compact(data | {"hash": digest}))
    (tmp_path / HEAD).write_bytes(compact({"number": 1, "hash": digest}))
    with pytest.raises(InputError) as refused:
        read_log(tmp_path)
    assert (refused.value.key, refused.value.place) == ("log_line", 1)


def test_what_a_crash_left_at_the_end_counts_for_nothing_is_told_and_gives_way(tmp_path: Path) -> None:
    first = note(tmp_path)
    head, before = (tmp_path / HEAD).read_bytes(), (tmp_path / LOG).read_bytes()
    note(tmp_path, "没有写完")
    line = (tmp_path / LOG).read_bytes()[len(before) :]
    for length in range(1, len(line) + 1):
        (tmp_path / LOG).write_bytes(before + line[:length])
        (tmp_path / HEAD).write_bytes(head)
        assert (read_log(tmp_path), unfinished(tmp_path)) == ((first,), True)
    second = note(tmp_path, "此后")
    assert (read_log(tmp_path), unfinished(tmp_path)) == ((first, second), False)


def test_processes_that_decide_at_once_lose_nothing_and_read_it_whole_meanwhile(tmp_path: Path) -> None:
    running = [appending(tmp_path, who, 40) for who in ("甲", "乙", "丙")]
    while any(each.poll() is None for each in running):
        read_log(tmp_path)
        time.sleep(0.005)
    told = [int(line) for each in running for line in each.communicate()[0].split()]
    found = read_log(tmp_path)
    assert sorted(told) == [each.number for each in found] == list(range(1, 121))
    for who in ("甲", "乙", "丙"):
        assert [each.content["nth"] for each in found if each.by == who] == list(range(40))


def test_whatever_moment_whoever_decides_is_killed_no_decision_is_lost_or_half(tmp_path: Path) -> None:
    draw, told = random.Random(7), 0
    for _ in range(8):
        process = appending(tmp_path, "甲", 10**6)
        assert process.stdout is not None
        last = int(process.stdout.readline())
        time.sleep(draw.random() / 20)
        process.send_signal(signal.SIGKILL)
        told = max([last, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
        process.wait()
        process.stdout.close()
        # One may have been accepted and not told any more.
        assert len(read_log(tmp_path)) in (told, told + 1)
    assert note(tmp_path).number in (told + 1, told + 2)
    assert not unfinished(tmp_path)


def test_a_decision_that_cannot_be_written_is_refused_and_the_log_stays(tmp_path: Path) -> None:
    first = note(tmp_path)
    (tmp_path / f".{HEAD}").mkdir()  # in the way of the new head
    with pytest.raises(UsageError):
        note(tmp_path)
    assert (read_log(tmp_path), unfinished(tmp_path)) == ((first,), True)
    (tmp_path / f".{HEAD}").rmdir()
    assert note(tmp_path).number == 2
    with pytest.raises(UsageError):
        note(tmp_path / "nowhere")


def test_whoever_waits_too_long_for_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "PATIENCE", 0.1)
    with writing(tmp_path) as log:
        with pytest.raises(UsageError) as refused:
            note(tmp_path)
        log.append("note", ABOUT, {}, by="张三")
    assert (refused.value.key, refused.value.file) == ("still_in_use", LOG)
    assert note(tmp_path).number == 2


@pytest.mark.parametrize("name", ["", " \n\u3000", "\x1b[31m", "\udcff"])
def test_a_decision_is_by_somebody(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        append(tmp_path, "note", ABOUT, {}, by=name)
    assert read_log(tmp_path) == ()
