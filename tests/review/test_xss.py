"""Nothing that others have written runs, loads or leads anywhere, on whatever page it is shown; see `payloads`."""

from __future__ import annotations

import io
import json
import re
import shutil
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

from gongkai.review.bundle import export
from gongkai.review.desk import Desk
from gongkai.review.jobs import Job
from gongkai.review.pages import agency as pages
from gongkai.review.pages.links import Links
from gongkai.review.pages.writing import Around
from gongkai.review.people import Reviewer
from tests.review.browsing import chromium
from tests.review.hostile import (
    ABOVE,
    CLEAN,
    CLOSING,
    ENDINGS,
    FILES,
    KIND,
    LEVELS,
    MAIN,
    NAME,
    RULE,
    WHO,
    WRONG,
    chunks,
    poisoned,
)
from tests.review.payloads import AWAY, PAYLOADS, PLAIN
from tests.review.places import Client, Server, secret, serving
from tests.review.sinks import ALL, AROUND, ONE_LINE, PAGES, SHORT
from tests.review.watching import Watch

CONTROL = dict.fromkeys((*range(9), *range(14, 32)), " ")
"""What is read of an address in place of characters that no text has."""


def lines(most: int, of: Iterable[str]) -> Iterator[str]:
    """They, as many of them in a line as it holds characters; those that are too long for one are left out."""
    text = ""
    for each in of:
        if text and len(text) + len(each) >= most:
            yield text
            text = ""
        text = f"{text} {each}".strip() if len(each) <= most else text
    yield text


@pytest.fixture(scope="module")
def home(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A poisoned workspace, which nobody changes."""
    return Path(shutil.copytree(first, tmp_path_factory.mktemp("hostile") / "home", symlinks=True))


@pytest.fixture(scope="module")
def build(home: Path) -> Path:
    return poisoned(home)


@pytest.fixture(scope="module")
def server(build: Path) -> Iterator[Server]:
    with serving(build) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def client(server: Server) -> Client:
    """Whoever has some of them as his name, and all as his roles."""
    client = Client(server.port)
    client.get("login")
    assert client.post("login", {"name": WHO, "secret": secret("王复")}).status == 303
    return client


@pytest.fixture
def watch(browser: Browser, server: Server, client: Client) -> Iterator[Watch]:
    """A page of a browser that bears his cookies."""
    context = browser.new_context()
    about = {"domain": "127.0.0.1", "path": "/"}
    context.add_cookies([{"name": name, "value": each, **about} for name, each in client.cookies.items()])  # type: ignore[typeddict-item]
    yield Watch(context.new_page(), server.url)
    context.close()


def test_there_are_more_than_two_hundred_and_what_watches_sees_them_run(browser: Browser) -> None:
    """Where nothing holds them back: no policy, no sandbox, nothing escaped."""
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 200
    some = [each for each in PAYLOADS if each.startswith(("<img", "<IMG", "<svg", "<details", "<script src"))]
    page = browser.new_page()
    watch = Watch(page, "about:")
    page.set_content("".join(f"<div>{each}{CLOSING}</div>" for each in some))
    # Dialogs come one after the other, each when that before it is gone.
    for _ in range(100):
        if len(watch.wrong) > 5 and len(watch.asked) > 5:
            break
        page.wait_for_timeout(100)
    assert sum(each == "dialog 1" for each in watch.wrong) > 2
    assert page.evaluate("window.pwned") == 1
    assert sum(AWAY in each for each in watch.asked) > 2
    page.close()


@pytest.mark.parametrize(
    "attack", ["<img src=x onerror=self.pwned=1>", f"<img src=http://{AWAY}>", "<p onclick=x>", "<x>"]
)
def test_what_watches_sees_a_single_one(browser: Browser, attack: str) -> None:
    page = browser.new_page()
    watch = Watch(page, "about:")
    page.set_content(attack)
    page.wait_for_timeout(100)
    with pytest.raises(AssertionError):
        watch.look()
    page.close()


def use(watch: Watch) -> None:
    """Point at findings, click them and go through them by keys, in the page of a report and in its frame."""
    page = watch.page
    assert watch.blocked > 10, "the report in the frame asks for other sites, and is not let"
    island = json.loads(page.locator("#marks").text_content() or "")
    messages = "\n".join(each["told"] for each in island["findings"].values())
    assert all(each in messages for each in SHORT)
    page.locator("[data-finding]").nth(3).click(position={"x": 2, "y": 2})
    assert page.evaluate("document.activeElement.hasAttribute('data-finding')")
    page.locator("a.cell").first.hover()
    for key in ("Alt+j", "Alt+j", "Alt+k", "Alt+p", "Alt+r"):
        page.keyboard.press(key)
    page.locator("[data-finding] summary").first.click()
    (frame,) = (each for each in page.frames if each.url.endswith("report.html"))
    drawn = frame.evaluate("""() => {
        const all = Document.prototype.querySelectorAll.call(document, "td[data-cell]");
        for (const cell of all) for (const kind of ["mouseenter", "focus", "click", "mouseleave"])
            cell.dispatchEvent(new Event(kind));
        return Array.from(all, (cell) => cell.getAttribute("aria-description")).join();
    }""")
    assert PAYLOADS[0] in drawn
    watch.look()


@pytest.mark.parametrize("tab", PAGES, ids=lambda tab: tab.partition("/")[0] or "report")
def test_a_page_of_an_agency_shows_them_as_text(watch: Watch, tab: str) -> None:
    watch.visit(f"agency/{MAIN}/{tab}")
    for selector, texts, attribute in (*AROUND, *PAGES[tab]):
        watch.holds(selector, texts, attribute)
    if tab == "":
        use(watch)


def test_the_differences_of_two_versions_show_them_as_text(watch: Watch, build: Path) -> None:
    now = (build / MAIN).resolve().name
    watch.visit(f"agency/{MAIN}/versions/?{urlencode({'from': '0' * 20, 'to': now})}")
    watch.holds(".differences th", ALL)
    watch.holds(".differences ins", ALL)


def test_what_is_shown_in_frames_runs_and_loads_nothing_by_itself_either(watch: Watch) -> None:
    watch.page.goto(f"{watch.home}agency/{MAIN}/files/report.html")
    blocked = watch.blocked
    assert blocked > 10, "the report asks for other sites, and is not let"
    answer = watch.page.goto(f"{watch.home}agency/{MAIN}/notebook.html")
    assert watch.page.url.endswith("/notebook.html") and not watch.wrong and not watch.asked
    assert answer and answer.status == 200
    cleaned(answer.text())


RUNNING = ("script", "style", "iframe", "object", "embed", "base", "meta", "link", "form", "svg", "math")


class _Cleaned(HTMLParser):
    """Has nothing against a page of a notebook in which nothing could run, were it let."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in RUNNING, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert not re.match(r"[\s\x00-\x20]*(java|vb)script:", value or "", re.IGNORECASE), (tag, name, value)


def cleaned(text: str) -> None:
    """Raise AssertionError where a page of a notebook has something that could run, were it let."""
    head, _, body = text.partition("<body>")
    assert "default-src 'none'" in head and body
    _Cleaned().feed(body)


def test_a_reviewer_goes_through_another_report_by_keys(watch: Watch) -> None:
    page = watch.visit(f"agency/{CLEAN}/")
    watch.holds(".finding .message", ALL)
    watch.holds(".finding > p", ALL)
    for key in ("Alt+r", "Alt+j", "Alt+k"):
        page.keyboard.press(key)
    watch.look()
    watch.visit(f"agency/{WRONG}/")
    watch.holds("p.notice.bad", FILES)


def test_the_page_of_the_run_shows_them_as_text(watch: Watch) -> None:
    watch.visit()
    watch.holds("tbody th a", ONE_LINE)
    watch.holds("tbody th small", ONE_LINE)
    watch.holds("td .message", ALL)
    watch.holds("td.rules a", ALL)
    watch.holds("select[name=rule] option", ALL, "value")
    watch.holds("select[name=county] option", ONE_LINE)
    watch.holds("select[name=status] option", ONE_LINE)
    watch.holds("select[name=status] option", [f"waiting-{each}" for each in LEVELS], "value")


def test_what_an_address_asks_for_is_shown_as_text(watch: Watch) -> None:
    names = ("words", "status", "county", "level", "severity", "rule", "sort", "page", "level_due", "lang", "x")
    for these in chunks(32):
        text = " ".join(these)
        watch.visit(f"?{urlencode({**dict.fromkeys(names, text), text: text})}")
        watch.holds("input[name=words]", [text[:200].translate(CONTROL)], "value")
    watch.visit(f"pass/?{urlencode({**dict.fromkeys(names, text), text: text})}")


def test_what_is_searched_for_is_shown_as_text(client: Client) -> None:
    """Of so many characters at most, so it is asked for often; what has become of a page is seen above."""
    for text in lines(200, PLAIN):
        page = client.get(f"?{urlencode({'words': text})}").text
        found = re.search(r'name="words" type="search" value="([^"]*)">', page)
        assert found and unescape(found[1]) == text and not set(found[1]) & set("<>'")


def test_the_pages_of_rules_and_of_passing_together_show_them_as_text(watch: Watch) -> None:
    watch.visit(f"rules/{RULE}/")
    watch.holds("td p", ALL)
    watch.holds("tbody th", ONE_LINE)
    watch.visit(f"pass/?{urlencode({'level_due': LEVELS[0]})}")
    watch.holds("main label", ONE_LINE)
    watch.holds("input[name=level]", [LEVELS[0]], "value")
    watch.holds("title", [LEVELS[0]])
    watch.visit(f"agency/{MAIN}/progress/")
    watch.visit(f"agency/{KIND}/")
    watch.holds("input[type=file]", ENDINGS, "accept")


def test_what_has_become_of_a_run_is_shown_as_text(watch: Watch, build: Path) -> None:
    """What a run says, and what is wrong with the log, in a page that not even a policy protects."""
    desk = Desk(build)
    agency = desk.agency(MAIN)
    assert agency
    text = "\n".join(PAYLOADS)
    job = Job(MAIN, text, "2025-01-02T03:04:05+00:00", "failed", text)
    who = Reviewer(name=text, roles=PAYLOADS)
    given = {"head": text, "who": who, "token": text, "fault": text, "here": {text: text}}
    around = Around(links=Links("/gongkai/review/"), year=2024, build=text, **given)  # type: ignore[arg-type]
    page = pages.progress(desk, desk.case(agency), around, job, 1)
    watch.page.route("**/progress/", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8"))
    watch.visit(f"agency/{MAIN}/progress/")
    for selector in (
        ".notice.bad[role=status]",
        "[role=alert]",
        ".notice small",
        "footer",
        ".build",
        ".who > span",
        ".who small",
    ):
        watch.holds(selector, ALL)
    watch.holds("input[name=_xsrf]", [text], "value")


def test_the_login_shows_what_it_was_given_as_text(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    watch = Watch(page, server.url)
    for these in chunks(100, [each for each in PLAIN if "\\" not in each]):
        text = " ".join(these)
        watch.visit(f"login?{urlencode({'next': f'/gongkai/review/?{text}', 'name': text})}")
        watch.holds("input[name=next]", [f"/gongkai/review/?{text}"], "value")
    page.evaluate("(name) => { document.querySelector('[name=name]').value = name; }", NAME[:256])
    page.fill("[name=secret]", "not-his-secret")
    page.click("main button")
    watch.look()
    watch.holds("input[name=name]", [NAME[:256]], "value")
    for each in ("javascript:alert(1)", "//127.0.0.1:1/pwned", "data:text/html,x", "/\\127.0.0.1:1/pwned"):
        watch.visit(f"login?{urlencode({'next': each})}")
        watch.holds("input[name=next]", ["/gongkai/review/"], "value")
        assert page.locator("input[name=next]").get_attribute("value") == "/gongkai/review/"
    page.close()


SEND = """([action, name]) => {
    const form = document.createElement("form");
    const file = document.createElement("input");
    const token = document.createElement("input");
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], name));
    Object.assign(file, { type: "file", name: "file", files: transfer.files });
    Object.assign(token, { name: "_xsrf", value: document.cookie.match(/_xsrf=([^;]*)/)[1] });
    Object.assign(form, { method: "post", action, enctype: "multipart/form-data" });
    form.append(token, file);
    document.body.append(form);
    form.submit();
}"""


def test_what_was_refused_is_told_as_text(watch: Watch) -> None:
    page = watch.visit(f"agency/{KIND}/")
    for each in lines(100, [each for each in PLAIN if not set(each) & set('/\\"')]):
        with page.expect_navigation():
            page.evaluate(SEND, [f"{watch.home}agency/{CLEAN}/correct", each])
        watch.look()
        watch.holds("[role=alert]", [each])
    for action, given in (("pass", {}), ("comment", {"text": "x", "place": NAME}), ("undo", {"number": NAME})):
        with page.expect_navigation():
            page.evaluate(
                """([action, given]) => {
                    const form = Object.assign(document.createElement("form"), { method: "post", action });
                    given._xsrf = document.cookie.match(/_xsrf=([^;]*)/)[1];
                    for (const [name, value] of Object.entries(given))
                        form.append(Object.assign(document.createElement("input"), { name, value }));
                    document.body.append(form);
                    form.submit();
                }""",
                [f"{watch.home}agency/{MAIN}/{action}", given],
            )
        watch.look()
        watch.holds("[role=alert]", ONE_LINE)
    for these in chunks(40):
        watch.visit(quote(" ".join(these)))
        watch.visit(f"agency/{MAIN}/{quote(these[0])}")


def test_the_list_that_goes_back_holds_them_as_text_alone(client: Client) -> None:
    answer = client.get(f"agency/{MAIN}/send/list")
    assert answer.status == 200
    with zipfile.ZipFile(io.BytesIO(answer.body)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    tree = ElementTree.fromstring(parts["word/document.xml"])
    texts = "\n".join("".join(each.text or "" for each in line.iter(f"{word}t")) for line in tree.iter(f"{word}p"))
    assert not [each for each in PLAIN if each not in texts]
    kinds = {each.tag.removeprefix(word) for each in tree.iter()}
    assert not kinds & {"fldSimple", "instrText", "fldChar", "hyperlink", "altChunk", "object", "drawing", "pict"}
    for name, data in parts.items():
        if name.endswith(".rels"):
            assert b"External" not in data and b"127.0.0.1" not in data, name


@pytest.fixture(scope="module")
def bundle(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "out"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your element with mimetype", UserWarning)  # outputs that are not shown
        export(build, folder)
    return folder


def test_the_exported_pages_show_them_as_text(browser: Browser, bundle: Path) -> None:
    page = browser.new_page()
    watch = Watch(page, f"{bundle.as_uri()}/")
    for tab, sinks in PAGES.items():
        watch.visit(f"agency/{MAIN}/{tab.partition('?')[0]}index.html")
        for selector, texts, attribute in sinks:
            if "input" not in selector and "option" not in selector:
                watch.holds(selector, texts, attribute)
    assert watch.blocked, "the report asks for other sites, and is not let"
    for path in ("index.html", f"rules/{RULE}/index.html", f"agency/{CLEAN}/index.html", f"agency/{ABOVE}/index.html"):
        watch.visit(path)
    watch.visit(f"agency/{WRONG}/index.html")
    page.close()
