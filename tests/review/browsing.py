"""A real browser on the pages of a review: whoever reviews has one of his own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.test_html_print import tool
from tests.review.places import secret

SWITCHES = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-sandbox"),
)

expect.set_options(timeout=30_000)  # a page on a busy machine; nothing here is about time

OFFICE = {"width": 1366, "height": 768}
"""The screen of an office."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, which is gone afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tool("chromium"), args=list(SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Reader:
    """Somebody before a browser; `complaints` is what its console has said, `asked` the addresses that it asked for."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, browser: Browser, url: str, **about: Any) -> Reader:
        """A new one, who is nobody yet."""
        page = browser.new_context(viewport=OFFICE, accept_downloads=True, **about).new_page()  # type: ignore[arg-type]
        reader = cls(page, url)
        page.on("console", lambda message: reader.complaints.append(message.text))
        page.on("pageerror", lambda error: reader.complaints.append(str(error)))
        page.on("dialog", lambda dialog: reader.complaints.append(dialog.message))
        page.on("request", lambda request: reader.asked.append(request.url))
        return reader

    def login(self, name: str) -> Reader:
        self.page.goto(self.url)
        self.page.fill("[name=name]", name)
        self.page.fill("[name=secret]", secret(name))
        self.page.click("main button")
        return self

    def open(self, path: str = "") -> Page:
        """Open a page, and wait until all of it is there."""
        answer = self.page.goto(self.url + path)
        assert answer, path
        self.page.wait_for_load_state("networkidle")
        return self.page

    def until_made(self) -> None:
        """Wait until the report that is being made anew is there: the page of its progress says so."""
        self.page.locator("progress").wait_for(state="detached", timeout=120_000)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, of whatever weight, but for what is in frames, which is not ours."""
    found = Axe().run(page, options={"iframes": False, "preload": False}).response["violations"]
    return [f"{each['impact']} {each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
