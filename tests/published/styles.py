"""The styles in which reports are published: what writes each, and what it can hold."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gongkai.filing import Filing
from tests.published import sites, texts
from tests.published.report import Report, typed
from tests.published.tears import page_breaks, torn, with_note, with_subtotal

Write = Callable[[Report, random.Random, Path], None]
Step = Callable[[Sequence[Path]], list[Path]]
"""Other software at work: it turns files into others beside them, in one go."""


@dataclass(frozen=True)
class Style:
    """One way in which reports come out."""

    name: str
    suffix: str
    write: Write
    steps: tuple[Step, ...] = ()
    blanks: bool = True
    """Whether a reader can tell where in its row a blank stood; else such rows may be doubted, never misread."""
    prose: bool = True
    """Whether it has the texts, or the tables alone."""
    clean: bool = False
    """Whether there is no reason for any doubt."""

    def publish(self, filings: Sequence[Filing], seeds: Sequence[int], folder: Path) -> list[Path]:
        """The documents of `filings`, in their order."""
        paths = []
        for filing, seed in zip(filings, seeds, strict=True):
            draw = random.Random(f"{self.name}/{filing.edition}/{seed}")
            path = folder / f"{self.name}-{filing.edition}-{seed}.{self.suffix}"
            self.write(typed(filing, draw), draw, path)
            paths.append(path)
        for step in self.steps:
            paths = step(paths)
        return paths


def _page(template: str, encoding: str = "utf-8") -> Write:
    def write(report: Report, draw: random.Random, path: Path) -> None:
        path.write_bytes(sites.page(template, report, draw).encode(encoding))

    return write


def _torn_page(report: Report, draw: random.Random, path: Path) -> None:
    _page(draw.choice(("clean", "nested", "breaks")), "utf-8-sig")(torn(report, page_breaks(draw)), draw, path)


def _crowded_page(report: Report, draw: random.Random, path: Path) -> None:
    """Tables with a column or a line that the form does not have."""
    word = draw.choice(("法人合计", "小计", "合计"))
    if draw.random() < 0.7:
        report = torn(report, lambda sheet: [with_subtotal(sheet, word)])
    if draw.random() < 0.5:
        report = torn(report, lambda sheet: [with_note(sheet, draw)])
    _page(draw.choice(("upper", "breaks")))(report, draw, path)


def _text(form: Callable[[Report, random.Random], str]) -> Write:
    def write(report: Report, draw: random.Random, path: Path) -> None:
        encoding = draw.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030"))
        newline = draw.choice(("\n", "\r\n"))
        path.write_text(form(report, draw), encoding=encoding, newline=newline)

    return write


STYLES = {
    style.name: style
    for style in (
        Style("html-nested", "html", _page("nested", "gb18030"), clean=True),
        Style("html-clean", "html", _page("clean"), clean=True),
        Style("html-torn", "html", _torn_page),
        Style("html-flat", "html", _page("flat"), blanks=False),
        Style("html-upper", "html", _page("upper")),
        Style("html-crowded", "html", _crowded_page),
        Style("html-breaks", "html", _page("breaks")),
        Style("text-tabs", "txt", _text(texts.tabbed)),
        Style("text-copied", "txt", _text(texts.copied)),
        Style("text-pipes", "txt", _text(texts.piped)),
        Style("text-lines", "txt", _text(texts.one_a_line), blanks=False),
    )
}
