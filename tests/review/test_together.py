"""Several people at once, and a server that is killed: no accepted decision is lost, and none is accepted by half."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from gongkai.decisions import LOG, read_log, unfinished
from gongkai.review.desk import Desk
from tests.review.places import FEW, Client, serving

CLEAN = "990122001"


def test_of_two_who_decide_at_once_the_second_is_told_that_it_has_changed(build: Path) -> None:
    with serving(build) as server:
        first, second = server.client("李初"), server.client("李初")
        seen = first.seen(CLEAN)
        assert second.seen(CLEAN) == seen
        answers = [each.post(f"agency/{CLEAN}/pass", {"seen": seen}) for each in (first, second)]
        assert [each.status for each in answers] == [303, 409]
        assert "已经变化" in answers[1].text
        assert [each.kind for each in read_log(build.parents[1])].count("review.passed") == 1


def test_of_many_at_once_on_one_report_no_decision_is_lost(build: Path) -> None:
    with serving(build) as server:
        people = [server.client(name) for name in ("李初", "王复", "赵终", "钱经办")]

        def comments(client: Client, number: int) -> list[int]:
            told = [{"text": f"{number} 的第 {count} 条", "place": ""} for count in range(15)]
            return [client.post(f"agency/{CLEAN}/comment", each).status for each in told]

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = [each for told in pool.map(comments, people, range(4)) for each in told]
        assert Counter(statuses) == {303: 60}
    texts = [each.content["text"] for each in read_log(build.parents[1]) if each.kind == "review.commented"]
    assert sorted(texts) == sorted(f"{number} 的第 {count} 条" for number in range(4) for count in range(15))


def test_of_two_who_pass_it_at_different_levels_none_is_lost(build: Path) -> None:
    with serving(build) as server:
        people = {name: server.client(name) for name in ("李初", "王复", "赵终")}
        done: list[str] = []

        def passing(name: str) -> None:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                answer = people[name].post(f"agency/{CLEAN}/pass", {"seen": people[name].seen(CLEAN)})
                if answer.status == 303:
                    done.append(name)
                    return
                assert answer.status in (403, 409), answer.text

        threads = [threading.Thread(target=passing, args=(name,)) for name in people]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert done == ["李初", "王复", "赵终"]
    desk = Desk(build)
    agency = desk.agency(CLEAN)
    assert agency and len(desk.case(agency).standing.passes) == 3


@pytest.mark.parametrize("seed", range(3))
def test_a_server_that_is_killed_loses_no_accepted_decision_and_accepts_none_by_half(build: Path, seed: int) -> None:
    draw = random.Random(seed)
    accepted: list[str] = []
    for life in range(2):
        with serving(build) as server:
            client = server.client("李初")
            stop = threading.Timer(draw.uniform(0.05, 0.6), server.process.send_signal, (signal.SIGKILL,))
            stop.start()
            try:
                for count in range(200):
                    text = f"{life}-{count}"
                    if client.post(f"agency/{FEW[0]}/comment", {"text": text, "place": ""}).status == 303:
                        accepted.append(text)
            except (OSError, http.client.HTTPException):
                pass  # the connection breaks with the server
            stop.join()
            server.process.wait(30)
        texts = [each.content["text"] for each in read_log(build.parents[1]) if each.kind == "review.commented"]
        # The last may be accepted without anybody having been told.
        assert texts[: len(accepted)] == accepted and len(texts) <= len(accepted) + 1
        accepted = texts
    assert accepted
    lines = (build.parents[1] / LOG).read_bytes().splitlines()
    assert all(json.loads(line) for line in lines[: len(read_log(build.parents[1]))])
    assert not Desk(build).log_fault
    assert isinstance(unfinished(build.parents[1]), bool)


def test_a_page_says_that_the_log_or_a_report_is_not_as_it_was_written(build: Path) -> None:
    with serving(build) as server:
        client = server.client("李初")
        client.post(f"agency/{CLEAN}/pass", {"seen": client.seen(CLEAN)})
        report = build / CLEAN / "report.html"
        report.write_bytes(report.read_bytes().replace("青杉县".encode(), "青山县".encode(), 1))
        page = client.get(f"agency/{CLEAN}/").text
        assert "文件与生成时不同" in page and 'id="do-pass"' not in page
        assert client.get(f"agency/{CLEAN}/files/report.html").status == 404
        assert client.get(f"agency/{CLEAN}/files/report.docx").status == 200
        log = build.parents[1] / LOG
        log.write_bytes(log.read_bytes().replace("李初".encode(), "李楚".encode(), 1))
        for path in ("", f"agency/{CLEAN}/", f"agency/{CLEAN}/history/"):
            assert "决定记录不是原来写下的样子" in client.get(path).text
        answer = client.post(f"agency/{FEW[0]}/pass", {"seen": "anything"})
        assert answer.status in (409, 422) and log.name in answer.text
