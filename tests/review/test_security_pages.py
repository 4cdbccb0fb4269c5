"""What the server tells: no secret, no file from elsewhere, nothing of Jupyter's own, and no failure for nonsense."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from gongkai.review.bundle import export
from gongkai.review.server.app import LARGEST
from gongkai.review.server.throttle import FREE
from tests.review.attacks import BASE, CLEAN, WRONG, pages, session_of
from tests.review.places import BUILD, Answer, Client, Server, secret, serving

MARKER = "what-lies-elsewhere"

REFUSED = (302, 400, 403, 404, 405)


@pytest.fixture(scope="module")
def workspace(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Path(shutil.copytree(first, tmp_path_factory.mktemp("told") / "home", symlinks=True))
    (home / "outside.html").write_text(MARKER, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def server(workspace: Path) -> Iterator[Server]:
    with serving(workspace / BUILD, home=workspace) as server:
        yield server


@pytest.fixture(scope="module")
def reader(server: Server) -> Client:
    return server.client("李初")


def of(answers: list[Answer]) -> Iterator[str]:
    """Every address that pages lead to, and every one that they send to."""
    for each in answers:
        yield each.headers.get("location", "")
        if each.headers.get("content-type", "").startswith("text/html"):
            yield from re.findall(r'(?:href|src|action)="([^"]*)"', each.text)


def test_no_secret_stands_in_an_address_a_link_or_the_log(workspace: Path, server: Server) -> None:
    client = Client(server.port)
    answers = [client.get("login"), client.post("login", {"name": "王复", "secret": "a-wrong-secret"})]
    answers.append(client.post("login", {"name": "王复", "secret": secret("王复")}))
    assert answers[-1].status == 303
    settings = workspace / "gongkai.toml"
    settings.write_text("[review", encoding="utf-8")
    answers.append(client.get())
    settings.write_text("", encoding="utf-8")
    assert answers[-1].status == 500 and "Traceback" in server.log.read_text(encoding="utf-8")
    answers += [client.ask("GET", each.url) for each in pages()]
    token = client.cookies["_xsrf"]
    referer = f"{server.url}?{urlencode({'_xsrf': token})}"
    answers += [client.get("nowhere/", Referer=referer), client.post("rules/X/", {}, Referer=referer)]
    answers += [
        client.ask("POST", f"{BASE}agency/{CLEAN}/comment?{urlencode({'_xsrf': token})}", headers={"Referer": referer})
    ]
    answers += [client.post(f"agency/{CLEAN}/comment", {"text": "请看"}), client.get("?words=x&lang=en")]
    session = client.cookies[session_of(client)]
    answers.append(client.post("logout"))
    tokens = {found for each in answers for found in re.findall(rb'name="_xsrf" value="([^"]*)"', each.body)}
    assert len(tokens) > 10 and session not in client.cookies.values()
    known = [secret("王复"), "a-wrong-secret", session, token, *(each.decode() for each in tokens)]
    told = server.log.read_text(encoding="utf-8")
    for each in [*known, *map(quote, known)]:
        assert each not in told
        assert not [address for address in of(answers) if each in address]
    assert not [address for address in of(answers) if "xsrf" in address]


def test_every_answer_says_what_a_browser_must_not_do_with_it(server: Server, reader: Client) -> None:
    answers = [reader.ask("GET", each.url) for each in pages()]
    answers += [reader.get("nowhere/"), reader.get("?words=%ff"), reader.ask("TRACE", BASE), reader.get("logout")]
    answers += [reader.ask("POST", f"{BASE}logout"), Client(server.port).get(), Client(server.port).get("login")]
    assert {each.status for each in answers} == {200, 302, 400, 403, 404, 405}
    for each in answers:
        assert each.headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["x-content-type-options"] == "nosniff"
        policy = each.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "base-uri 'none'" in policy and "frame-ancestors" in policy
        assert not re.search(r"script-src [^;]*(unsafe|http|\*)|allow-scripts", policy)
        assert "x-powered-by" not in each.headers and "access-control-allow-origin" not in each.headers


def test_the_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends(server: Server) -> None:
    client = Client(server.port)
    client.get("login")
    told = client.post("login", {"name": "赵终", "secret": secret("赵终")}).headers["set-cookie"]
    assert told.startswith(f"{session_of(client)}=") and "domain" not in told.lower()
    assert "HttpOnly" in told and "SameSite=Lax" in told
    assert len(client.cookies[session_of(client)]) >= 43


UP = ("../", "%2e%2e/", "..%2f", "%2e%2e%2f", "%252e%252e%252f", "..\\", "..%5c", "..%c0%af", "..;/", "./../")

ELSEWHERE = (
    *(f"{up * depth}{name}" for up in UP for depth in (1, 5) for name in ("outside.html", "reviewers.json")),
    *("/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "%00", "report.html%00", "..%00/"),
    *("manifest.json", ".kept", "extra.html", "REPORT.HTML", "report.html/", "report.html/..", "%7e/", "C:%5cx", "."),
)

PLACES = (
    *("{0}", "static/{0}", "rules/{0}/", "agency/{0}/", "agency/{0}/files/report.html", "agency/{0}/notebook.html"),
    *(f"agency/{CLEAN}/{{0}}", f"agency/{CLEAN}/files/{{0}}", f"agency/{CLEAN}/send/{{0}}"),
)


def test_no_path_leads_out_of_a_version(workspace: Path, reader: Client) -> None:
    (workspace / BUILD / CLEAN / "extra.html").write_text(MARKER, encoding="utf-8")
    found = Counter[int]()
    for place, name in product(PLACES, ELSEWHERE):
        answer = reader.get(place.format(name))
        found[answer.status] += 1
        assert answer.status in REFUSED, (place, name, answer.status)
        assert not re.search(rb"what-lies-elsewhere|argon2|root:", answer.body), (place, name)
    for name in ELSEWHERE:
        for place in (f"agency/{CLEAN}/versions/?from={{0}}&to={{0}}", "?lang={0}&county={0}", "pass/?level_due={0}"):
            answer = reader.get(place.format(quote(name, safe="%")))
            assert answer.status in (200, 400) and not re.search(rb"argon2|root:x", answer.body), (place, name)
    (workspace / BUILD / CLEAN / "extra.html").unlink()
    assert found.total() > 400 and reader.get(f"agency/{CLEAN}/files/report.html").status == 200


def matched(folder: Path, name: str) -> None:
    """Let the manifest name the file as it is."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    data = (folder / name).read_bytes()
    manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def page_elsewhere(home: Path, folder: Path) -> None:
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to(home / "outside.html")


def page_elsewhere_that_matches(home: Path, folder: Path) -> None:
    page_elsewhere(home, folder)
    matched(folder, "report.html")


def page_of_the_system(home: Path, folder: Path) -> None:
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to("/etc/passwd")
    matched(folder, "report.html")


def notebook_elsewhere(home: Path, folder: Path) -> None:
    text = (folder / "report.ipynb").read_text(encoding="utf-8")
    (home / "outside.ipynb").write_text(text.replace('"source": [', f'"source": ["# {MARKER}\\n", '), encoding="utf-8")
    assert MARKER in (home / "outside.ipynb").read_text(encoding="utf-8")
    (folder / "report.ipynb").unlink()
    (folder / "report.ipynb").symlink_to(home / "outside.ipynb")
    matched(folder, "report.ipynb")


def version_elsewhere(home: Path, folder: Path) -> None:
    shutil.move(folder, home / "elsewhere")
    (home / "elsewhere" / "report.html").write_text(MARKER, encoding="utf-8")
    matched(home / "elsewhere", "report.html")
    folder.symlink_to(home / "elsewhere", target_is_directory=True)


def versions_elsewhere(home: Path, folder: Path) -> None:
    shutil.move(folder.parent, home / "elsewhere")
    (home / "elsewhere" / folder.name / "report.html").write_text(MARKER, encoding="utf-8")
    matched(home / "elsewhere" / folder.name, "report.html")
    folder.parent.symlink_to(home / "elsewhere", target_is_directory=True)


def test_a_link_below_the_build_folder_leads_to_no_file(home: Path, build: Path) -> None:
    (home / "outside.html").write_text(MARKER, encoding="utf-8")
    there = (build / CLEAN).resolve().parent
    shutil.copytree(there, home / "kept")
    page, executed = f"agency/{CLEAN}/files/report.html", f"agency/{CLEAN}/notebook.html"
    with serving(build) as server:
        client = server.client("李初")
        assert [client.get(each).status for each in (page, executed)] == [200, 200]
        for links, gone in LINKED:
            links(home, (build / CLEAN).resolve())
            assert client.get(f"agency/{CLEAN}/files/{gone}").status == 404, links
            for each in (page, executed, *(each.path.replace(WRONG, CLEAN) for each in pages())):
                answer = client.get(each)
                assert answer.status in (200, 404, 422), (links, each)
                assert MARKER.encode() not in answer.body and b"root:" not in answer.body, (links, each)
            if "versions" not in links.__name__ and "version_" not in links.__name__:
                bundled(build, home / "bundle")
                assert client.post(f"agency/{CLEAN}/pass", {"seen": client.seen(CLEAN)}).status == 422
            (there.unlink if there.is_symlink() else lambda: shutil.rmtree(there))()
            shutil.rmtree(home / "elsewhere", ignore_errors=True)
            shutil.copytree(home / "kept", there)
        assert [client.get(each).status for each in (page, executed)] == [200, 200]


LINKED: tuple[tuple[Callable[[Path, Path], None], str], ...] = (
    (page_elsewhere, "report.html"),
    (page_elsewhere_that_matches, "report.html"),
    (page_of_the_system, "report.html"),
    (notebook_elsewhere, "report.ipynb"),
    (version_elsewhere, "report.html"),
    (versions_elsewhere, "report.html"),
)


def bundled(build: Path, target: Path) -> None:
    """What is exported has no file from elsewhere either."""
    export(build, target)
    told = [path.read_bytes() for path in target.rglob("*") if path.is_file()]
    assert told and not [data for data in told if MARKER.encode() in data or b"root:" in data]


JUPYTER = (
    *("api", "api/", "api/contents", "api/contents/gongkai.toml", "api/kernels", "api/kernelspecs", "api/sessions"),
    *("api/config/x", "api/terminals", "api/shutdown", "api/status", "api/me", "api/spec.yaml", "api/events"),
    *("files/gongkai.toml", "files/reviewers.json", "view/gongkai.toml", "edit/gongkai.toml", "tree", "lab", "lab/api"),
    *(
        "nbconvert/html/x.ipynb",
        "nbconvert/html",
        "terminals/1",
        "metrics",
        "login",
        "logout",
        "logo",
        "custom/custom.css",
    ),
    *("static/favicon.ico", "static/logo/logo.png", "static/style/style.min.css", "favicon.ico", "robots.txt"),
    *("kernelspecs/python3/logo-64x64.png", "nbextensions/x.js", "security/csp-report", "hub/api", "oauth_callback"),
)


def test_nothing_of_jupyter_answers(server: Server, reader: Client) -> None:
    token = {"X-Xsrftoken": reader.cookies["_xsrf"]}
    for path in JUPYTER:
        assert Client(server.port).ask("GET", f"/{path}").status == 404, path
        answer = reader.ask("GET", f"/{path}")
        assert answer.status == 404 and "jupyter_server" not in answer.text, path
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert reader.ask(method, f"/{path}", b"{}", token).status in (403, 404, 405), (method, path)
    assert reader.ask("GET", "/").headers["location"].startswith(BASE)
    assert server.process.poll() is None


def test_after_five_wrong_secrets_a_name_waits_and_the_others_do_not(server: Server) -> None:
    client = Client(server.port)
    client.get("login")
    wrong = [client.post("login", {"name": "钱经办", "secret": "wrong"}).status for _ in range(FREE)]
    assert wrong == [403] * FREE
    while client.post("login", {"name": " 钱 经办", "secret": "wrong"}).status != 429:
        pass  # a slow machine may have let the first second go by; the next pause is longer
    answer = client.post("login", {"name": "钱经办", "secret": secret("钱经办")})
    assert answer.status == 429 and session_of(client) not in client.cookies
    assert Client(server.port).login("孙查阅").get().status == 200
    for name in ("无此人", "x" * 100_000):
        assert client.post("login", {"name": name, "secret": "wrong"}).status == 403


def test_many_secrets_at_once_wait_like_many_in_a_row(server: Server) -> None:
    client = Client(server.port)
    client.get("login")
    found: list[int] = []

    def guess(number: int) -> None:
        answer = Client(server.port, dict(client.cookies)).post("login", {"name": "赵终", "secret": f"guess-{number}"})
        found.append(answer.status)

    guesses = [threading.Thread(target=guess, args=(number,)) for number in range(24)]
    for each in guesses:
        each.start()
    for each in guesses:
        each.join()
    assert set(found) == {403, 429} and found.count(403) < 2 * FREE


def raw(port: int, *parts: bytes) -> int:
    """The status of what is answered to these bytes; 0 where the connection is closed without a word."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as there:
        try:
            for each in parts:
                there.sendall(each)
            answer = there.recv(100)
        except ConnectionError:
            return 0
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_what_cannot_be_read_is_refused_and_the_server_goes_on(server: Server, reader: Client) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    host = f"Host: 127.0.0.1:{server.port}\r\nCookie: {cookies}\r\n"
    head = f" HTTP/1.1\r\n{host}"
    comment = f"POST {BASE}agency/{CLEAN}/comment{head}X-Xsrftoken: {reader.cookies['_xsrf']}\r\n"
    typed = f"{comment}Content-Type: application/x-www-form-urlencoded\r\n"
    mixed = f"{comment.replace('comment', 'correct')}Content-Type: multipart/form-data; boundary=x\r\n"
    closed = {0, 400, 403, 404, 405, 409, 413, 414, 422, 431}
    tries: dict[str, list[bytes]] = {
        "too large": [f"{typed}Content-Length: {LARGEST + 1}\r\n\r\n".encode(), b"text="],
        "too large in parts": [
            f"{typed}Transfer-Encoding: chunked\r\n\r\n".encode(),
            *[b"200000\r\n", b"x" * 2**21, b"\r\n"] * 20,
        ],
        "no length that is one": [f"{typed}Content-Length: -1\r\n\r\n".encode()],
        "two lengths": [f"{typed}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd".encode()],
        "a length and parts": [f"{typed}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()],
        "a huge header": [f"GET {BASE}{head}X-Huge: ".encode(), b"y" * 2**20, b"\r\n\r\n"],
        "many headers": [f"GET {BASE}{head}".encode(), b"X-Y: z\r\n" * 20_000, b"\r\n"],
        "a huge address": [f"GET {BASE}?words=".encode(), b"y" * 2**20, f"{head}\r\n".encode()],
        "a null": [f"GET {BASE}agency/{CLEAN}/files/report.html\0{head}\r\n".encode()],
        "no method": [f"{BASE}{head}\r\n".encode()],
        "no host": [f"GET {BASE} HTTP/1.1\r\nCookie: {cookies}\r\n\r\n".encode()],
        "bytes of no text": [f"GET {BASE}?words=%ff%fe{head}\r\n".encode()],
        "a name of no text": [f"GET {BASE}login?next=%ff&lang=%ff{head}\r\n".encode()],
        "a form of no text": [f"{typed}Content-Length: 9\r\n\r\ntext=%ff%".encode()],
        "half a character": [f"{typed}Content-Length: 14\r\n\r\ntext=%ed%a0%80".encode()],
        "a packed form": [f"{typed}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd".encode()],
        "another kind": [f"{comment}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode()],
    }
    for number, body in enumerate(
        (b"", b"--x", b"--x\r\nabc\r\n--x--", b'--x\r\nContent-Disposition: form-data; name="file"')
    ):
        tries[f"multipart {number}"] = [f"{mixed}Content-Length: {len(body)}\r\n\r\n".encode(), body]
    found = {name: raw(server.port, *parts) for name, parts in tries.items()}
    assert {name: status for name, status in found.items() if status not in closed} == {}
    assert found["too large"] == 400 and found["a form of no text"] == 400
    for path in (f"?page={'9' * 5000}", "?page=%C2%B2", "%", "%zz", "?words=%", "agency/%ff/", f"agency/{'9' * 5000}/"):
        assert reader.get(path).status in (200, 400, 404), path
    for digits in ("9" * 5000, "-1", "²", "1e9"):
        assert reader.post(f"agency/{CLEAN}/undo", {"number": digits, "reason": "看错了"}).status == 422, digits
    told = server.log.read_text(encoding="utf-8")
    assert "Uncaught exception in write_error" not in told and "ValueError" not in told
    assert reader.get().status == 200


HERE = ("", f"{BASE}login", f"{BASE}agency/{CLEAN}/?lang=en", f"{BASE}?words=%E6%94%BF")

AWAY = (
    *(
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "data:,x",
    ),
    *(
        "%2f%2fevil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "///evil.example",
        "http:evil.example",
        "evil.example",
    ),
    *(f"{BASE}../../..//evil.example", f"{BASE}%2e%2e/%2e%2e/lab", f"{BASE}..\\..\\evil", f"{BASE}%2f%2fevil.example"),
    *(
        f"//127.0.0.1{BASE}",
        f"https:{BASE}",
        f"http://127.0.0.1@evil.example{BASE}",
        "/\t/evil.example",
        "\t//evil.example",
    ),
    *(
        f"{BASE}\r\nSet-Cookie: x=y",
        f"{BASE}\0",
        "http://[",
        "//[",
        "/lab",
        "/",
        "/gongkai/reviewed",
        f" //evil.example{BASE}",
    ),
)


def test_the_login_leads_to_our_pages_and_nowhere_else(server: Server) -> None:
    client = Client(server.port)
    for wanted in (*HERE, *AWAY):
        shown = client.get(f"login?{urlencode({'next': wanted})}")
        kept = re.search(r'name="next" value="([^"]*)"', shown.text)
        assert shown.status == 200 and kept and kept[1] == (wanted if wanted in HERE[1:] else BASE), wanted
    for wanted in (HERE[2], *AWAY[::3]):  # the same words decide, and each login takes its time
        answer = client.post("login", {"name": "李初", "secret": secret("李初"), "next": wanted})
        assert answer.status == 303 and answer.headers["location"] == (wanted if wanted in HERE else BASE), wanted
        assert "x" not in client.cookies
