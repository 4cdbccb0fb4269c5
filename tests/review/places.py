"""Workspaces under review for tests, the server that shows them, and a client that says exactly what it is told to."""

from __future__ import annotations

import csv
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import yaml

from gongkai.batch import run
from gongkai.review import people
from gongkai.review.desk import Desk
from tests.commands import GONGKAI
from tests.helpers import ROOT

PEOPLE = {"李初": "first", "王复": "second", "赵终": "final", "钱经办": "clerk", "孙查阅": "inspector"}
"""Who reviews, and the role of each."""

FEW = ("990122", "990122001", "990122004", "990122102")
"""Agencies of the example county: two clean ones, one with two errors, one with everything."""

BUILD = Path("build/qingshan-2024")


def secret(name: str) -> str:
    return f"secret-of-{PEOPLE[name]}"


def county(home: Path, codes: Sequence[str] = (), formats: Sequence[str] = ("html", "docx", "pdf")) -> Path:
    """The example county, or some agencies of it, run, with its reviewers: its build folder."""
    shutil.copytree(ROOT / "examples", home / "examples")
    shutil.copytree(ROOT / "params", home / "params")
    (home / "gongkai.toml").touch()
    run_file = home / "params" / "demo.yaml"
    told = yaml.safe_load(run_file.read_text(encoding="utf-8")) | {"formats": list(formats)}
    run_file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    if codes:
        keep(home / told["roster"], codes)
    run(run_file)
    register(home)
    return home / BUILD


def keep(roster: Path, codes: Sequence[str]) -> None:
    """Leave only these agencies in a roster."""
    with roster.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with roster.open("w", encoding="utf-8", newline="") as file:
        left = csv.DictWriter(file, list(rows[0]))
        left.writeheader()
        left.writerows(row for row in rows if row["code"] in codes)


def register(home: Path) -> None:
    for name, role in PEOPLE.items():
        people.add(home, name, [role], secret=secret(name), by="tester")


def seen(build: Path, code: str) -> str:
    """What a page that is opened now would say was seen of an agency."""
    desk = Desk(build)
    agency = desk.agency(code)
    assert agency
    return desk.case(agency).seen


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """A browser without a page: it keeps cookies, and sends what it is told to and nothing else."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        connection.request(method, path, body=body, headers={**given, **(headers or {})})
        answer = connection.getresponse()
        data = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                for each in SimpleCookie(value).values():
                    self.cookies[each.key] = each.value
                    if each.value in ("", '""') or "expires=Thu, 01 Jan 1970" in value:
                        del self.cookies[each.key]
        connection.close()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, data)

    def get(self, path: str = "", **headers: str) -> Answer:
        return self.ask("GET", f"/gongkai/review/{path}", headers=headers)

    def post(
        self, path: str, given: Mapping[str, object] | Sequence[tuple[str, object]] = (), **headers: str
    ) -> Answer:
        """Send a form of a page: with the token that the cookie has."""
        pairs = [*(given.items() if isinstance(given, Mapping) else given), ("_xsrf", self.cookies.get("_xsrf", ""))]
        about = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", f"/gongkai/review/{path}", urlencode(pairs).encode(), about)

    def login(self, name: str) -> Client:
        self.get("login")
        answer = self.post("login", {"name": name, "secret": secret(name)})
        assert answer.status == 303, answer.text
        return self

    def seen(self, code: str) -> str:
        """What the page of an agency says was seen."""
        found = re.search(r'name="seen" value="([^"]+)"', self.get(f"agency/{code}/").text)
        assert found
        return found[1]


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/gongkai/review/"

    def client(self, name: str = "") -> Client:
        client = Client(self.port)
        return client.login(name) if name else client


@contextmanager
def serving(build: Path, *arguments: object, home: Path | None = None) -> Iterator[Server]:
    """The pages of `build`, served by a process of their own."""
    port = free_port()
    log = (home or build.parents[1]) / f"server-{port}.log"
    command = [str(GONGKAI), "review", str(build), "--no-browser", "--port", str(port), *map(str, arguments)]
    with log.open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        until_it_answers(port, process, log)
        yield Server(port, process, log)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            if Client(port).get("login").status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        assert process.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        port: int = there.getsockname()[1]
        return port
