"""Where pages lie: the same under a server and in an exported folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of pages, each beginning with `base`; in an exported folder a page is the index of its folder."""

    base: str
    exported: bool = False

    def page(self, path: str, query: Mapping[str, str] | None = None, anchor: str = "") -> str:
        """The page at `path`, which is "" or ends with a slash."""
        asked = f"?{urlencode({name: each for name, each in query.items() if each})}" if query else ""
        return f"{self.base}{path}{'index.html' if self.exported else ''}{asked}{f'#{quote(anchor)}' if anchor else ''}"

    def run(self, **query: str) -> str:
        """The page of the run."""
        return self.page("", query)

    def agency(self, code: str, tab: str = "", anchor: str = "", **query: str) -> str:
        """A page of an agency; `tab` is "" for its report."""
        return self.page(f"agency/{quote(code)}/{f'{tab}/' if tab else ''}", query, anchor)

    def rule(self, rule: str) -> str:
        """The page of a rule; what a finding calls its rule leads nowhere else."""
        return self.page(f"rules/{quote(rule, safe='')}/")

    def file(self, code: str, name: str) -> str:
        """A file of an agency's report."""
        return f"{self.base}agency/{quote(code)}/files/{quote(name)}"

    def framed(self, code: str, name: str) -> str:
        """A report to be shown in a frame; where no server forbids it to load anything, it has a copy that says so."""
        return self.action(code, "paper.html") if self.exported else self.file(code, name)

    def action(self, code: str, action: str) -> str:
        """Where a form of an agency is sent."""
        return f"{self.base}agency/{quote(code)}/{action}"

    def path(self, path: str) -> str:
        """Anything else."""
        return f"{self.base}{path}"
