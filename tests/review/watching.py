"""Whether anything that a page was given runs, loads, leads away, or has become a part of the page."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Error, Page, Request

TAGS = """
html head meta title link script style body a header nav span div small form input button main p h1 h2 h3 ul ol li b
figure figcaption svg rect label select option table thead tbody tr th td code iframe details summary textarea
blockquote section dl dt dd footer ins del br progress
"""
"""What our templates are made of."""

ATTRIBUTES = """
lang charset name content rel href src defer class id tabindex aria-label aria-labelledby aria-current aria-live
aria-hidden aria-keyshortcuts method action type value hreflang viewBox preserveAspectRatio x y width height role scope
sandbox title required maxlength rows open enctype accept download selected checked autocomplete colspan rowspan
data-finding data-go data-tip http-equiv
"""
"""What they say of it."""

FRAMES = ("/files/report.html", "/notebook.html", "/paper.html", "about:", "data:", "chrome-error:")
"""What is in frames is not ours: its policy may have something to complain of."""

GUARD = """([tags, attributes, home]) => {
    const wrong = [];
    const whither = (address) => {
        try { return new URL(address, document.baseURI).href; } catch { return "nowhere"; }
    };
    for (const each of document.querySelectorAll("*")) {
        if (!tags.includes(each.localName)) wrong.push(`element ${each.localName}`);
        for (const { name, value } of each.attributes) {
            if (!attributes.includes(name)) wrong.push(`attribute ${each.localName}@${name}`);
            if (["href", "src", "action"].includes(name) && !whither(value).startsWith(home))
                wrong.push(`leads to ${value}`);
        }
    }
    for (const each of document.scripts)
        if (each.type !== "application/json" && !(each.src.startsWith(home) && each.src.endsWith("/static/review.js")))
            wrong.push(`script ${each.outerHTML}`);
    for (const each of document.querySelectorAll("meta[http-equiv]"))
        if (each.httpEquiv !== "Content-Security-Policy") wrong.push(each.outerHTML);
    return wrong;
}"""

RAN = """() => {
    const ran = (there) => {
        try {
            if (there.pwned !== undefined || there.Object.prototype.pwned !== undefined) return true;
        } catch { /* it is of another origin, which cannot be asked */ }
        return Array.from({ length: there.length }, (_, number) => there[number]).some(ran);
    };
    return ran(window);
}"""

TEXTS = """([selector, attribute]) => Array.from(document.querySelectorAll(selector), (each) =>
    attribute ? each.getAttribute(attribute) || "" : each.textContent).join("\\n")"""


def told(text: str) -> str:
    """`text` as it can be found in a page: HTML has no null characters, and but one kind of line's end."""
    return text.translate({0: None, 0xFFFD: None}).replace("\r\n", "\n").replace("\r", "\n")


@dataclass
class Watch:
    """Whoever watches a page; `home` is what all of its addresses begin with."""

    page: Page
    home: str
    wrong: list[str] = field(default_factory=list)
    blocked: int = 0
    """How much of what frames have asked for was never sent: their policy, or where it would lead, forbids it."""

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error {error}"))
        self.page.on("popup", lambda popup: self.wrong.append(f"popup {popup.url}"))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.on("requestfailed", self._failed)
        self._asked: list[Request] = []

    @property
    def asked(self) -> list[str]:
        """The addresses elsewhere that were asked for."""
        return [request.url for request in self._asked]

    def _dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog {dialog.message}")
        with suppress(Error):  # it is gone already, with its page
            dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not refused and not any(each in place for each in FRAMES):
            own = urlsplit(place)._replace(query="", fragment="").geturl() if place else "?"
            self.wrong.append(f"console {own}: {message.text[:200]}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "about:")):
            self._asked.append(request)

    def _failed(self, request: Request) -> None:
        if request in self._asked and request.failure in ("csp", "origin"):
            self._asked.remove(request)
            self.blocked += 1

    def visit(self, path: str = "") -> Page:
        """Open a page of ours, and look at all of it."""
        self.page.goto(self.home + path)
        self.look()
        return self.page

    def look(self) -> None:
        """Raise AssertionError where something ran, asked, led away or became a part of the page."""
        self.page.wait_for_load_state()
        assert self.page.url.startswith(self.home), self.page.url
        found: list[str] = self.page.evaluate(GUARD, [TAGS.split(), ATTRIBUTES.split(), self.home])
        # Frames within frames are asked by those around them: what was not let load would never answer.
        ran = [each.url for each in [self.page.main_frame, *self.page.main_frame.child_frames] if each.evaluate(RAN)]
        assert not (found or ran or self.asked or self.wrong), (
            self.page.url[:300],
            found[:9],
            ran,
            self.asked[:9],
            self.wrong[:9],
        )

    def holds(self, selector: str, texts: Iterable[str], attribute: str = "") -> None:
        """Raise AssertionError where one of `texts` does not stand, letter by letter, in elements or attributes."""
        there = told(self.page.evaluate(TEXTS, [selector, attribute]))
        missing = [each for each in texts if told(each) not in there]
        assert not missing, (selector, attribute, len(missing), missing[:5], there[:300])
