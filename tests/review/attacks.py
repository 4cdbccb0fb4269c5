"""A workspace that is attacked over HTTP: what people rightly ask of it, and what must not change by what others do."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import openpyxl

from gongkai.decisions import HEAD, LOG, read_log
from gongkai.review import deciding, people
from gongkai.review.correcting import FOLDER as REPLACED
from gongkai.review.desk import Desk
from gongkai.review.standing import COMMENTED
from tests.review.places import BUILD, FEW, PEOPLE, Answer, Client, Server, secret, serving
from tests.review.test_deciding import reseal

COUNTY, CLEAN, WRONG, DOUBTFUL = "990122", "990122001", "990122004", "990122102"

INPUTS = Path("examples/qingshan/2024")

SESSION = "gongkai-review-PORT"
"""The cookie of a session; PORT stands for that of the server wherever a request is written down here."""

BASE = "/gongkai/review/"

GONE = {"周离": "another-secret-of-zhou", "吴换": "another-secret-of-wu", "郑出": "another-secret-of-zheng"}
"""One who is removed, one who gets another secret, one who logs out: their sessions are at an end."""


def session_of(client: Client) -> str:
    """The name of the cookie by which the server knows a client."""
    return SESSION.replace("PORT", str(client.port))


@dataclass(frozen=True)
class Request:
    """What somebody legitimately asks for: `by` whom, and the fields of the form."""

    method: str
    path: str
    by: str = "李初"
    given: tuple[tuple[str, str], ...] = ()
    file: bytes | None = None

    @property
    def url(self) -> str:
        return f"{BASE}{self.path}"


@dataclass
class Place:
    """The workspace, the server, and everybody logged in."""

    home: Path
    server: Server
    clients: dict[str, Client]
    dead: dict[str, Client] = field(default_factory=dict)

    @property
    def build(self) -> Path:
        return self.home / BUILD

    def state(self) -> dict[str, bytes]:
        """All that nobody may change: the log and its head, the people, the inputs, and what was replaced."""
        files = [self.home / name for name in (LOG, HEAD, people.FILE)]
        inputs = [path for code in FEW for path in (self.home / INPUTS).glob(f"{code}.*")]
        replaced = (self.home / INPUTS / REPLACED).glob("*")
        return {path.name: path.read_bytes() for path in (*files, *inputs, *replaced)}

    def form(self, by: str, code: str, action: str, **given: str) -> Request:
        """The form of a page, its hidden fields as they are now, and whatever was typed into it."""
        page = self.clients[by].get(f"agency/{code}/").text
        found = re.search(rf'action="[^"]*/{code}/{action}"[^>]*>(.*?)</form>', page, re.DOTALL)
        assert found, (by, code, action)
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[1]))
        fields = {name: html.unescape(value) for name, value in fields.items() if name != "_xsrf"}
        return Request("POST", f"agency/{code}/{action}", by, tuple({**fields, **given}.items()))


@contextmanager
def attacked(home: Path) -> Iterator[Place]:
    """The workspace `home` with something to be done by every form, and its server."""
    for name, known in GONE.items():
        people.add(home, name, ["first"], secret=known, by="tester")
    _prepare(home / BUILD)
    with serving(home / BUILD, home=home) as server:
        place = Place(home, server, {name: server.client(name) for name in PEOPLE})
        place.dead = _dead(place)
        yield place
        server.process.kill()  # nobody waits for what it makes anew


def _prepare(build: Path) -> None:
    """A report with an error that only the last may pass still, a doubt, a proposed waiver and a comment."""
    filing = json.loads((build / CLEAN / "filing.json").read_text(encoding="utf-8"))
    about: dict[str, object] = {
        "code": "PRS-YEAR",
        "cells": [],
        "text": None,
        "read": "2023",
        "alternatives": [],
        "source": None,
    }
    reseal(build, CLEAN, "filing.json", json.dumps({**filing, "doubts": [about]}, ensure_ascii=False))
    desk = Desk(build)
    wrong, county, doubtful = (desk.agency(code) for code in (WRONG, COUNTY, DOUBTFUL))
    assert wrong and county and doubtful
    for by in ("李初", "王复"):
        deciding.pass_report(desk, wrong, desk.case(wrong).seen, by=by)
    case = desk.case(doubtful)
    finding = next(each.fingerprint for each in case.own if each.blocks)
    deciding.waive(desk, doubtful, case.seen, finding, "scope", "口径一致", by="李初")
    deciding.comment(desk, county, "请补充附件", by="李初")


def _dead(place: Place) -> dict[str, Client]:
    """Clients whose sessions were good once."""
    clients = {}
    for name, known in GONE.items():
        client = Client(place.server.port)
        client.get("login")
        assert client.post("login", {"name": name, "secret": known}).status == 303
        assert client.get().status == 200
        clients[name] = Client(client.port, dict(client.cookies))
        if name == "郑出":
            assert client.post("logout").status == 303 and session_of(client) not in client.cookies
    people.remove(place.home, "周离", by="tester")
    people.remove(place.home, "吴换", by="tester")
    people.add(place.home, "吴换", ["first"], secret="yet-another-secret", by="tester")
    return clients


def pages() -> list[Request]:
    """Every page and file that a person who is logged in can have."""
    tabs = ("", "years/", "source/", "notebook/", "versions/", "history/", "progress/")
    more = (
        "files/report.html",
        "files/report.docx",
        "files/filing.json",
        "notebook.html",
        "send/workbook",
        "send/list",
    )
    paths = ["", "rules/QLT-CITE/", "pass/?level_due=first", *(f"agency/{WRONG}/{each}" for each in (*tabs, *more))]
    return [Request("GET", each) for each in paths]


def decisions(place: Place) -> list[Callable[[], Request]]:
    """Every form of an agency, made when it is asked for: as the one who may would send it just then."""
    clients = place.clients
    comment = next(e.number for e in read_log(place.home) if (e.kind, e.agency_code) == (COMMENTED, COUNTY))
    undo = (("number", str(comment)), ("reason", "看错了"))
    return [
        lambda: place.form("李初", CLEAN, "pass"),
        lambda: place.form("李初", CLEAN, "comment", text="请看第二段", place=""),
        lambda: place.form("李初", CLEAN, "resolve", reason="原件写的就是这一年"),
        lambda: place.form("王复", WRONG, "return", reason="请更正"),
        lambda: Request("POST", f"agency/{COUNTY}/undo", "李初", undo),
        lambda: Request(
            "POST", "pass/", "李初", (("level", "first"), ("agency", f"{COUNTY} {clients['李初'].seen(COUNTY)}"))
        ),
        lambda: place.form("李初", DOUBTFUL, "waive", kind="scope", reason="口径一致"),
        lambda: place.form("王复", DOUBTFUL, "confirm", reason=""),
        lambda: place.form("李初", DOUBTFUL, "withdraw", reason="看错了"),
        lambda: correction(place),
        lambda: place.form("李初", DOUBTFUL, "rerun"),
    ]


def correction(place: Place) -> Request:
    """Another workbook in the place of an agency's: the same figures, other bytes."""
    form = place.form("李初", DOUBTFUL, "correct")
    book = openpyxl.load_workbook(place.home / INPUTS / f"{DOUBTFUL}.xlsx")
    book.properties.title = "another"
    data = io.BytesIO()
    book.save(data)
    return Request("POST", form.path, form.by, form.given, data.getvalue())


def forms(place: Place) -> list[Request]:
    """Every form at all: those of agencies, the login (of one who has not logged in yet), the logout."""
    login = Request("POST", "login", "李初", (("name", "钱经办"), ("secret", secret("钱经办"))))
    return [*(made() for made in decisions(place)), login, Request("POST", "logout")]


def blocked(place: Place) -> Request:
    """The pass that no page offers: at the last level, by the one who passes there, while an error stands."""
    return Request("POST", f"agency/{WRONG}/pass", "赵终", (("seen", place.clients["赵终"].seen(WRONG)),))


def send(
    client: Client,
    request: Request,
    headers: Mapping[str, str] | None = None,
    *,
    token: str | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> Answer:
    """Send a request as a browser would: a form with the token that the cookie has, unless `token` is another."""
    if request.method != "POST":
        return client.ask(request.method, request.url, headers=headers)
    known = client.cookies.get("_xsrf", "") if token is None else token
    given = [*request.given, *more, *([("_xsrf", known)] if known else [])]
    body, kind = _body(given, request.file)
    return client.ask("POST", request.url, body, {"Content-Type": kind, **(headers or {})})


def _body(given: Sequence[tuple[str, str]], file: bytes | None) -> tuple[bytes, str]:
    if file is None:
        return urlencode(given).encode(), "application/x-www-form-urlencoded"
    parts = [f'--limit\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in given]
    about = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    return b"".join([*parts, about, file, b"\r\n--limit--\r\n"]), "multipart/form-data; boundary=limit"


def copied(client: Client) -> Client:
    """Another browser with the same cookies: what it is sent does not change those of the first."""
    return Client(client.port, dict(client.cookies))
