"""The marks of a draft: each official cell with entries in the appendix shows their numbers, and they lead to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from html.parser import HTMLParser
from typing import Any

from gongkai.report import KINDS


def mark(blocks: Iterable[str], entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The clean HTML `blocks`, each cell that `entries` name marked where it is shown first."""
    by_cell: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in entries:
        for address in entry["cells"]:
            by_cell[address].append(entry)
    return [_Marker(by_cell).marked(block) for block in blocks]


class _Marker(HTMLParser):
    """Passes HTML through as it is, except for the cells to mark."""

    def __init__(self, by_cell: dict[str, list[Mapping[str, Any]]]) -> None:
        super().__init__(convert_charrefs=False)
        self.by_cell = by_cell
        self.out: list[str] = []
        self.pending = ""

    def marked(self, html: str) -> str:
        self.feed(html)
        self.close()
        return "".join(self.out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("data-cell") or ""
        entries = self.by_cell.pop(address, None) if tag == "td" else None
        if entries is None:
            self.out.append(self.get_starttag_text() or "")
            return
        kind = min((entry["kind"] for entry in entries), key=KINDS.index)
        added = {
            "id": f"cell-{address}",
            "class": f"marked {kind}",
            "title": "\n".join(entry["message"] for entry in entries),
        }
        shown = "".join(f' {name}="{escape(value or "")}"' for name, value in (dict(attrs) | added).items())
        numbers = (f'<a href="#finding-{entry["number"]}">{entry["number"]}</a>' for entry in entries)
        self.out.append(f"<td{shown}>")
        self.pending = f"<sup>{' '.join(numbers)}</sup>"

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self.out.append(self.pending)
            self.pending = ""
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")
