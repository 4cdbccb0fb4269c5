"""The pages as a service of a JupyterHub: it says who asks, the workspace says what he may do."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, sync_playwright

from gongkai.decisions import read_log
from gongkai.review.server.identity import ReviewersIdentity
from gongkai.review.server.page import Page as Pages
from tests.browser.test_html_print import tool
from tests.commands import GONGKAI, gongkai
from tests.review.places import BUILD, free_port

ONE, TWO = "990122", "990122001"
"""Clean reports."""

ACCOUNTS = {"zhou": ("周一", "first", "second"), "wu": ("吴二", "second")}
"""What the Hub calls people, what the workspace calls them, and their roles."""

PASSWORD = "the-password-of-all"
TOKEN = "the-token-of-another-service"

CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = [{command!r}]
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = {password!r}
c.Authenticator.allowed_users = {accounts!r}
c.JupyterHub.services = [
    {{
        "name": "review",
        "url": "http://127.0.0.1:{service}",
        "command": [{gongkai!r}, "review", {build!r}],
        "cwd": {home!r},
        "oauth_no_confirm": True,
    }},
    # Another program that has leave to ask, and has the name of a person.
    {{"name": "zhou", "api_token": {token!r}}},
]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "access:services!service=review"]}},
    {{"name": "asking", "scopes": ["access:services!service=review"], "services": ["zhou"]}},
]
"""

CHROMIUM = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-sandbox"),
]


@dataclass(frozen=True)
class Hub:
    url: str
    build: Path

    @property
    def pages(self) -> str:
        return f"{self.url}/services/review/gongkai/review/"


@contextmanager
def hub_of(home: Path, folder: Path) -> Iterator[Hub]:
    """A JupyterHub that has the pages of a workspace as a service."""
    port = free_port()
    file, log = folder / "jupyterhub_config.py", folder / "hub.log"
    file.write_text(
        CONFIG.format(
            port=port,
            hub=free_port(),
            proxy=free_port(),
            service=free_port(),
            command=tool("configurable-http-proxy"),
            password=PASSWORD,
            accounts={*ACCOUNTS, "zheng"},
            gongkai=str(GONGKAI),
            build=str(BUILD),
            home=str(home),
            token=TOKEN,
        ),
        encoding="utf-8",
    )
    # Debian's modules lie where Debian's node looks for them, and no other node.
    environment = os.environ | {"NODE_PATH": "/usr/share/nodejs"}
    with log.open("wb") as told:
        command = [sys.executable, "-m", "jupyterhub", "--config", str(file)]
        process = subprocess.Popen(command, cwd=folder, stdout=told, stderr=told, env=environment)
    try:
        until_it_answers(port, process, log)
        yield Hub(f"http://127.0.0.1:{port}", home / BUILD)
    finally:
        process.terminate()  # it ends its proxy and its services
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """The Hub's proxy answers 503 for a service that is not there yet."""
    end = time.monotonic() + 120
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/services/review/gongkai/review/static/review.css")
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        assert process.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def hub(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    home = Path(shutil.copytree(first, folder / "home", symlinks=True))
    for account, (name, *roles) in ACCOUNTS.items():
        given = [each for role in roles for each in ("--role", role)]
        assert not gongkai("reviewers", "add", name, *given, "--hub", account, cwd=home).returncode
    with hub_of(home, folder) as there:
        yield there


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tool("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


@dataclass
class Person:
    """Who sits before a browser of his own, and what its pages complain of."""

    hub: Hub
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # The Hub's own pages may say what they like.
        self.page.on("console", lambda told: self._hear(told.type == "error", told.text))
        self.page.on("pageerror", lambda error: self._hear(True, str(error)))

    def _hear(self, wrong: bool, told: str) -> None:
        if wrong and self.page.url.startswith(self.hub.pages):
            self.complaints.append(told)

    @property
    def browser(self) -> BrowserContext:
        return self.page.context

    def open(self, path: str = "") -> int:
        answer = self.page.goto(self.hub.pages + path)
        assert answer
        return answer.status

    def login(self, account: str) -> None:
        """Fill in the Hub's form, to which he was led."""
        assert self.page.url.startswith(f"{self.hub.url}/hub/login")
        self.page.fill("#username_input", account)
        self.page.fill("#password_input", PASSWORD)
        self.page.click("#login_submit")

    def seen(self, code: str) -> str:
        """What a page says was seen of an agency."""
        self.open(f"agency/{code}/")
        return str(self.page.get_attribute("input[name=seen] >> nth=0", "value"))

    def token(self) -> str:
        return next(
            each["value"]
            for each in self.browser.cookies(self.hub.pages)
            if each["name"] == "_xsrf" and each["path"] == "/services/review/"
        )

    def press(self, button: str) -> None:
        with self.page.expect_navigation():
            self.page.click(button)

    def send(self, path: str, form: Mapping[str, str], **headers: str) -> APIResponse:
        """What a form is answered that no page of ours has sent."""
        return self.browser.request.post(self.hub.pages + path, form={**form}, headers=headers, max_redirects=0)


@pytest.fixture
def people(hub: Hub, chromium: Browser) -> Iterator[Callable[[str], Person]]:
    """Persons who have the pages open, each in a browser of his own, by what the Hub calls them."""
    opened = []

    def person(account: str) -> Person:
        browser = chromium.new_context()
        opened.append(browser)
        new = Person(hub, browser.new_page())
        new.open()
        new.login(account)
        return new

    yield person
    for each in opened:
        each.close()


def who(person: Person) -> str:
    return person.page.inner_text("header .who span >> nth=0")


def decided(hub: Hub, code: str) -> list[tuple[str, str, object]]:
    told = [each for each in read_log(hub.build.parents[1]) if each.agency_code == code]
    return [(each.kind, each.by, each.content.get("level")) for each in told]


def test_two_people_of_the_hub_pass_a_report_each_at_his_level(hub: Hub, people: Callable[[str], Person]) -> None:
    first, second = people("zhou"), people("wu")
    assert first.page.url == hub.pages and who(first) == "周一初审、复审"
    assert first.page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"
    first.page.click(f"a[href$='/agency/{ONE}/']")
    first.page.frame_locator("#paper").locator("td[aria-description]").first.wait_for()  # the page's script has run
    first.press("#do-pass")
    assert not first.page.query_selector("#do-pass")
    again = first.send(f"agency/{ONE}/pass", {"seen": first.seen(ONE), "_xsrf": first.token()})
    assert again.status == 403 and "同一人不能审核两级" in again.text()
    assert who(second) == "吴二复审"
    second.open(f"agency/{ONE}/")
    second.press("#do-pass")
    second.open(f"agency/{ONE}/history/")
    assert "周一" in second.page.inner_text("ul.history") and "吴二" in second.page.inner_text("ul.history")
    assert decided(hub, ONE) == [("review.passed", "周一", "first"), ("review.passed", "吴二", "second")]
    assert not first.complaints + second.complaints


def test_whom_the_workspace_does_not_know_is_told_so(people: Callable[[str], Person]) -> None:
    stranger = people("zheng")
    assert "“zheng”没有登记为审核人" in stranger.page.inner_text("main")
    for path in ("", f"agency/{ONE}/", f"agency/{ONE}/files/report.docx", f"agency/{ONE}/notebook.html", "pass/"):
        assert stranger.browser.request.get(stranger.hub.pages + path).status == 403
    assert stranger.send(f"agency/{TWO}/pass", {"seen": "1", "_xsrf": stranger.token()}).status == 403


def test_who_comes_to_a_page_is_led_to_the_login_of_the_hub_and_back_to_it(hub: Hub, chromium: Browser) -> None:
    forged = {"X-Forwarded-User": "zhou", "X-Remote-User": "zhou", "Remote-User": "zhou", "Authorization": "token zhou"}
    with chromium.new_context(extra_http_headers=forged) as browser:
        person = Person(hub, browser.new_page())
        person.open(f"agency/{TWO}/history/?lang=en")
        person.login("wu")
        assert person.page.url == f"{hub.pages}agency/{TWO}/history/?lang=en"
        assert who(person).startswith("吴二")
        assert not person.complaints
    with chromium.new_context() as browser:
        assert Person(hub, browser.new_page()).send(f"agency/{TWO}/pass", {"seen": "1"}, **forged).status == 403
        answer = browser.request.get(f"{hub.url}/services/review/")
        assert answer.url.startswith(f"{hub.url}/hub/login?next=")


def test_only_forms_of_our_own_pages_count(hub: Hub, people: Callable[[str], Person]) -> None:
    person, other = people("zhou"), people("wu")
    form = {"seen": person.seen(TWO), "text": "请看第二段", "place": ""}
    good, path = {**form, "_xsrf": person.token()}, f"agency/{TWO}/comment"
    assert person.send(path, form).status == 403
    assert person.send(path, {**form, "_xsrf": "wrong"}).status == 403
    assert person.send(path, {**form, "_xsrf": other.token()}).status == 403
    assert person.send(path, good, Origin="http://evil.example").status == 403
    assert person.send(path, good, Origin="null").status == 403
    assert person.send(path, good, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert person.send(path, good, **{"Sec-Fetch-Site": "same-site"}).status == 403
    assert decided(hub, TWO) == []
    assert person.send(path, good, Origin=hub.url).status == 303
    assert decided(hub, TWO) == [("review.commented", "周一", None)]


def test_no_other_page_of_the_hub_reads_ours(hub: Hub, people: Callable[[str], Person]) -> None:
    """All that a Hub serves may have one origin: the servers of other people too, who write pages of their own."""
    person = people("zhou")
    person.page.goto(f"{hub.url}/hub/home")
    fetched = (
        "async (url) => { const got = await fetch(url, {redirect: 'manual'}); return [got.type, await got.text()] }"
    )
    assert person.page.evaluate(fetched, hub.pages) == ["opaqueredirect", ""]  # to the login
    person.open()
    assert who(person).startswith("周一")


def test_another_program_of_the_hub_is_no_reviewer_whatever_its_name(hub: Hub, chromium: Browser) -> None:
    with chromium.new_context() as browser:
        program = Person(hub, browser.new_page())
        token = {"Authorization": f"token {TOKEN}"}
        answer = browser.request.get(hub.pages, headers=token)
        assert answer.status == 403 and "没有登记为审核人" in answer.text()
        assert program.send(f"agency/{TWO}/pass", {"seen": "1"}, **token).status == 403


def test_who_logs_out_is_logged_out_of_the_hub(hub: Hub, people: Callable[[str], Person]) -> None:
    person = people("zhou")
    person.page.click("header form button")
    person.page.wait_for_url("**/hub/login*")
    person.open(f"agency/{ONE}/")
    assert person.page.url.startswith(f"{hub.url}/hub/login?next=")


def test_a_hub_that_lies_elsewhere_may_be_logged_out_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a Hub gives each service a host of its own, its logout, to which our form leads, is another site's."""
    monkeypatch.setenv("JUPYTERHUB_HOST", "https://hub.example")
    policy = vars(Pages)["content_security_policy"].fget
    for provider, forms in (
        (JupyterHubIdentityProvider(), "form-action 'self' https://hub.example;"),
        (ReviewersIdentity(), "form-action 'self';"),
    ):
        assert forms in policy(SimpleNamespace(identity_provider=provider))
