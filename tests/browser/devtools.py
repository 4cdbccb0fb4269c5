"""Chromium, driven over its own protocol: a page is opened, asked and clicked, and what it complains of is heard."""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from tests.browser.test_html_print import CHROMIUM, tool

SWITCHES = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--remote-allow-origins=*"]


class Page:
    """A page of a browser; `events` are what it has told so far, by name."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=60)
        self._numbers = itertools.count(1)
        self.events: list[tuple[str, dict[str, Any]]] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of a command of the protocol."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self.events.append((message["method"], message["params"]))

    def open(self, file: Path) -> None:
        """Open a file, and wait until it is loaded; what was told before is forgotten."""
        self.events.clear()
        self.call("Page.navigate", url=file.as_uri())
        while "Page.loadEventFired" not in {name for name, _ in self.events}:
            self.ask("1")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    @property
    def complaints(self) -> list[str]:
        """What the page has complained of: violations of its policy, errors, dialogs."""
        names = (
            "Log.entryAdded",
            "Runtime.exceptionThrown",
            "Page.javascriptDialogOpening",
            "Runtime.consoleAPICalled",
        )
        return [json.dumps(about) for name, about in self.events if name in names]

    @property
    def requests(self) -> list[str]:
        """The addresses that it has asked for."""
        urls = [about["request"]["url"] for name, about in self.events if name == "Network.requestWillBeSent"]
        return [url for url in urls if not any(own in url for own in CHROMIUM)]

    def close(self) -> None:
        self._socket.close()


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A browser with one page, which is gone afterwards."""
    command = [tool("chromium"), *SWITCHES, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = Page(_address(profile / "DevToolsActivePort", process))
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        process.wait(30)


def _address(told: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the page can be talked to, as soon as the browser says so."""
    end = time.monotonic() + 60
    while not (told.exists() and told.read_text()):
        assert process.poll() is None and time.monotonic() < end, "the browser does not start"
        time.sleep(0.05)
    connection = http.client.HTTPConnection("127.0.0.1", int(told.read_text().split()[0]), timeout=60)
    connection.request("GET", "/json/list")
    pages = json.loads(connection.getresponse().read())
    connection.close()
    return str(next(each["webSocketDebuggerUrl"] for each in pages if each["type"] == "page"))
