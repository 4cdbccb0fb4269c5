"""Nothing is told to, or decided by, whoever is not the person who may: each request but the right one is refused."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from gongkai.decisions import LOG
from tests.review import attacks
from tests.review.attacks import (
    BASE,
    CLEAN,
    SESSION,
    WRONG,
    Place,
    Request,
    blocked,
    copied,
    decisions,
    forms,
    pages,
    send,
)
from tests.review.places import Answer, Client, free_port

Case = tuple[str, Callable[[], Answer], frozenset[int]]
"""What is tried, how, and the answers that refuse it."""

LOGIN, FORBIDDEN, NOT_SO = frozenset({302}), frozenset({403}), frozenset({403, 405})

FORGED: tuple[Mapping[str, str], ...] = (
    {"X-Forwarded-User": "李初"},
    {"X-Forwarded-User": "first", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"},
    {"Remote-User": "李初"},
    {"X-Remote-User": "李初"},
    {"X-JupyterHub-User": "李初"},
    {"X-Auth-Request-User": "李初", "X-Forwarded-Email": "first@example.org"},
    {"Authorization": "token "},
    {"Authorization": "token secret-of-first"},
    {"Authorization": "Bearer secret-of-first"},
    {"Authorization": "Basic 5p2O5YidOnNlY3JldC1vZi1maXJzdA=="},
    {"Cookie": f"{SESSION}=; {SESSION}=x"},
    {"Cookie": f"{SESSION}={secrets.token_urlsafe(32)}"},
    {"Cookie": f'{SESSION}="李初"'},
    {"Cookie": "username-127-0-0-1-PORT=2|1:0|10:1700000000|23:username-127-0-0-1-8888|8:5p2O5Yid|00"},
)
"""What other servers take for somebody."""

FOREIGN: tuple[Mapping[str, str], ...] = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1:PORT.evil.example"},
    {"Origin": "http://127.0.0.1:PORT@evil.example"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1:PORT", "Sec-Fetch-Site": "cross-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example:PORT", "Origin": "http://evil.example:PORT"},
    {"Host": "127.0.0.1.evil.example"},
)
"""What a browser says for the page of somebody else."""

OVERRIDES: tuple[Mapping[str, str], ...] = (
    {},
    {"X-HTTP-Method-Override": "POST"},
    {"X-Method-Override": "POST"},
    {"X-HTTP-Method": "POST"},
)


@pytest.fixture(scope="module")
def place(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("attacked") / "home"
    with attacks.attacked(Path(shutil.copytree(first, home, symlinks=True))) as place:
        yield place


def case(name: str, request: Request, client: Client, refused: frozenset[int], **given: object) -> Case:
    headers = given.pop("headers", {})
    assert isinstance(headers, Mapping)
    headers = {key: value.replace("PORT", str(client.port)) for key, value in headers.items()}
    ask: Callable[[], Answer] = lambda: send(copied(client), request, latin(headers), **given)  # type: ignore[arg-type]  # noqa: E731
    return f"{name} {headers or ''}: {request.method} {request.path} by {request.by}", ask, refused


def latin(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as their bytes: `http.client` writes Latin-1."""
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}


def nobody(place: Place) -> Iterator[Case]:
    """Whoever has not logged in: without anything, after a wrong secret, with forged names, with what was a session."""
    stranger, wrong = Client(place.server.port), Client(place.server.port)
    for each in (stranger, wrong):
        each.get("login")
    assert wrong.post("login", {"name": "李初", "secret": "wrong-secret"}).status == 403
    asked = [*pages(), *forms(place)]
    asked = [each for each in asked if each.path != "login"]
    who: list[tuple[str, Client, Mapping[str, str]]] = [
        ("no login", stranger, {}),
        ("no token either", Client(place.server.port), {}),
        ("wrong secret", wrong, {}),
        *((f"session of {name}", client, {}) for name, client in place.dead.items()),
        *(("forged", stranger, headers) for headers in FORGED),
    ]
    for name, client, headers in who:
        cookies = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        given = {key: f"{value}; {cookies}" if key == "Cookie" else value for key, value in headers.items()}
        for request in asked:
            yield case(name, request, client, LOGIN if request.method == "GET" else FORBIDDEN, headers=given)


def others(place: Place) -> Iterator[Case]:
    """People who are logged in and may not: clerks, inspectors, those of another level, whatever headers they forge."""
    for made in decisions(place):
        request = made()
        action = request.path.rpartition("/")[2]
        who = {"孙查阅": [{}, *FORGED[:3]]}
        if action not in ("comment", "correct", "rerun", "undo"):
            who["钱经办"] = [{}, *FORGED[:3]]
        if action in ("pass", ""):
            who |= {"王复": [{}, *FORGED[:3]], "赵终": [{}]}
        if action == "confirm":
            who["李初"] = [{}]
        if action == "undo":
            who |= {"王复": [{}], "钱经办": [{}]}
        for name, several in who.items():
            for headers in several:
                yield case(f"as {name}", request, place.clients[name], FORBIDDEN, headers=headers)


def sites(place: Place) -> Iterator[Case]:
    """Pages of others, in the browser of whoever is logged in and may."""
    known = {name: client.cookies["_xsrf"] for name, client in place.clients.items()}
    for request in forms(place):
        client = place.clients[request.by]
        if request.path == "login":
            client = Client(client.port, {"_xsrf": known["李初"]})
        for headers in FOREIGN:
            yield case("foreign", request, client, FORBIDDEN, headers=headers)
        another = next(each for name, each in known.items() if name != request.by)
        for name, token in {"no": "", "wrong": "2|00000000|" + "0" * 32 + "|1", "bad": "x", "other's": another}.items():
            yield case(f"{name} token", request, client, FORBIDDEN, token=token)
        yield case("other's token in a header", request, client, FORBIDDEN, token="", headers={"X-Xsrftoken": another})
    for request in pages():
        for headers in FOREIGN[-3:]:
            yield case("foreign", request, place.clients["李初"], FORBIDDEN, headers=headers)


def methods(place: Place) -> Iterator[Case]:
    """The right person with the right fields, but by another method, whatever says which one was meant."""
    for request in [made() for made in decisions(place)]:
        client = place.clients[request.by]
        token = client.cookies["_xsrf"]
        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"):
            for headers in OVERRIDES if method == "GET" else OVERRIDES[:2]:
                asked = urlencode([*request.given, ("_method", "POST"), ("_xsrf", token)])
                sent = Request(method, f"{request.path}?{asked}", request.by)
                page = frozenset({200}) if request.path == "pass/" and method == "GET" else NOT_SO
                yield case("method", sent, client, page, headers=headers)
        if request.file is None:
            for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
                body = urlencode([*request.given, ("_xsrf", token), ("_method", "POST")]).encode()
                yield f"{method} with the form: {request.path}", form(copied(client), method, request.url, body), NOT_SO
    for request in pages():
        if not request.path.startswith("pass/"):
            yield case("page", replace(request, method="POST"), place.clients["李初"], NOT_SO)


def form(client: Client, method: str, url: str, body: bytes) -> Callable[[], Answer]:
    return lambda: client.ask(method, url, body, {"Content-Type": "application/x-www-form-urlencoded"})


def impossible(place: Place) -> Iterator[Case]:
    """The right person, who asks for what he may not, or for what he has not seen."""
    refused = frozenset({422})
    yield case("an error stands", blocked(place), place.clients["赵终"], refused)
    for made in decisions(place):
        request = made()
        if any(name == "seen" for name, _ in request.given) and request.path.rpartition("/")[2] not in (
            "comment",
            "rerun",
        ):
            for seen in ("", "0", f"{'0' * 32}-0-0"):
                given = tuple((name, seen if name == "seen" else value) for name, value in request.given)
                yield case("not seen", replace(request, given=given), place.clients[request.by], frozenset({409}))


def tried(place: Place, cases: list[Case]) -> list[str]:
    """What of `cases` was not refused, or has changed anything."""
    before, wrong = place.state(), []
    for name, ask, refused in cases:
        answer = ask()
        if answer.status not in refused or "gongkai-review-" in answer.headers.get("set-cookie", ""):
            wrong.append(f"{answer.status} {name}")
        if answer.status == 302 and not answer.headers["location"].startswith(f"{BASE}login?next=%2Fgongkai%2F"):
            wrong.append(f"{answer.headers['location']} {name}")
        if "access-control-allow-origin" in answer.headers or place.state() != before:
            wrong.append(f"something was done: {name}")
            before = place.state()
    return wrong


def test_no_request_but_the_right_one_is_answered_or_changes_anything(place: Place) -> None:
    families = [nobody, others, sites, methods, impossible]
    cases = {family.__name__: list(family(place)) for family in families}
    assert sum(map(len, cases.values())) >= 500, Counter({name: len(each) for name, each in cases.items()})
    found = {name: wrong for name, each in cases.items() if (wrong := tried(place, each))}
    assert found == {}
    assert all(client.get().status == 200 for client in place.clients.values())
    assert all("refresh" not in client.get(f"agency/{WRONG}/progress/").headers for client in place.clients.values())
    answer = send(place.clients["赵终"], blocked(place))
    assert answer.status == 422 and "2 " in answer.text


def test_the_jupyter_token_is_no_person(place: Place, tmp_path: Path) -> None:
    """Another server with the extension, and Jupyter's own identities: in a header, then in the cookie it has set."""
    with jupyter(place, tmp_path) as (bearer, cookie, token):
        cases = []
        for name, client, headers in (("token", bearer, {"Authorization": f"token {token}"}), ("cookie", cookie, {})):
            for request in [*pages(), *forms(place)]:
                refused = {"login": frozenset({404}), "logout": frozenset({303})}.get(request.path, FORBIDDEN)
                cases.append(case(name, request, client, refused, headers=headers))
        assert tried(place, cases) == []
        known = bearer.ask("GET", "/api/status", headers={"Authorization": f"token {token}"})
        assert known.status == cookie.ask("GET", "/api/status").status == 200
        for page in (bearer.get(Authorization=f"token {token}"), cookie.post(f"agency/{CLEAN}/comment", {"text": "x"})):
            assert "gongkai reviewers add" in page.text


@contextmanager
def jupyter(place: Place, tmp_path: Path) -> Iterator[tuple[Client, Client, str]]:
    """A Jupyter Server of anybody's: a client without cookies, one with a session, and the token."""
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += ["--ServerApp.jpserver_extensions={'gongkai.review': True}", f"--ReviewApp.build={place.build}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path}"]
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    log = tmp_path / "jupyter.log"
    with log.open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told, env=os.environ | folders)
    try:
        # Whoever forges both cookie and form has a token: the person is what is missing.
        forged = {"_xsrf": f"2|00000000|{'a' * 32}|1700000000"}
        bearer, cookie = Client(port, dict(forged)), Client(port, dict(forged))
        end = time.monotonic() + 60
        while True:
            try:
                assert cookie.ask("GET", "/api/status", headers={"Authorization": f"token {token}"}).status == 200
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < end, log.read_text()
                time.sleep(0.2)
        assert any(name.startswith("username-") for name in cookie.cookies)
        yield bearer, cookie, token
    finally:
        process.kill()
        process.wait()


def test_what_nobody_else_may_the_right_person_does_and_does_it_once(place: Place) -> None:
    """The control: the very forms that were refused are accepted; sent again they are refused."""
    assert [send(place.clients[each.by], each).status for each in pages()] == [200] * len(pages())
    for made in decisions(place):
        before = place.state()
        for _ in range(20):  # what is made anew meanwhile has changed since the form was made
            request = made()
            answer = send(place.clients[request.by], request)
            if answer.status != 409:
                break
            time.sleep(0.5)
        assert answer.status == 303, (request.path, answer.text)
        after, action = place.state(), request.path.rpartition("/")[2]
        assert after[LOG].startswith(before[LOG]) and (after != before) is (action != "rerun"), request.path
        if action != "rerun":
            assert send(place.clients[request.by], request).status in (403, 409, 422), request.path
            assert place.state() == after, request.path
    assert Client(place.server.port).login("钱经办").post("logout").status == 303
