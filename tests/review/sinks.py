"""Where on the pages of a poisoned workspace its texts must stand, letter by letter; see `hostile`."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.review.hostile import BUILDING, FILES, WHO
from tests.review.payloads import PAYLOADS, PLAIN

Sink = tuple[str, list[str], str]
"""Where some of them must stand: elements, and the attribute, or "" for their text."""

ALL, ONE_LINE = list(PAYLOADS), list(PLAIN)
SHORT = [each for each in PAYLOADS if len(each) <= 60]
TAGGED = "main section.findings ol.list > li:not(.finding)"

AROUND: list[Sink] = [
    ("title", ONE_LINE, ""),
    ("h1", ONE_LINE, ""),
    ("h1 small", ONE_LINE, ""),
    (".who > span", [WHO], ""),
    (".who small", ONE_LINE, ""),
    (".build", [BUILDING], ""),
    (".step", ONE_LINE, ""),
    ("p.notice.bad", ALL, ""),
]
"""What is on all pages of an agency: whose it is and who reads it, the levels, what has become of passes."""

PAGES: dict[str, list[Sink]] = {
    "": [
        ("#paper", ONE_LINE, "title"),
        (".finding > p", ALL, ""),
        (".finding .message", ALL, ""),
        (".finding .message small", ALL, ""),
        (".finding blockquote", SHORT, ""),
        (".finding .waiver", ALL, ""),
        (".doubt .message", ALL, ""),
        (".cells b", ALL, ""),
        ("a.cell", ALL, "data-tip"),
        ("input[name=finding]", ALL, "value"),
        (f"{TAGGED} > p", ALL, ""),
        (f"{TAGGED} .message", ALL, ""),
        (f"{TAGGED} > p:not(.message)", ONE_LINE, ""),
    ],
    "years/": [("a.number", ALL, ""), ("a.number", ALL, "data-tip")],
    "source/": [
        ("main > .hint", ALL, ""),
        ("h3", ALL, ""),
        (".wide", ALL, "aria-label"),
        (".raw", ALL, ""),
        ("dt", ALL, ""),
        ("dt small", ALL, ""),
        ("dd", ALL, ""),
        (".others div", ALL, "id"),
    ],
    "notebook/": [("iframe", ONE_LINE, "title")],
    f"versions/?{urlencode({'from': '0' * 20})}": [("th code", list(FILES), ""), ("option", list(FILES), "value")],
    "history/": [
        (".history .message", ALL, ""),
        (".history > li > p:first-child", ONE_LINE, ""),
        (".history > li > p:not(.message)", ALL, ""),
        (".hashes li", ALL, ""),
        (".hashes code", ALL, ""),
        ("h2 + ul.list:not(.history) li", ALL, ""),
    ],
}
