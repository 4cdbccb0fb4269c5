"""The styles in which reports are published: what writes each, and what it can hold."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gongkai.filing import Filing
from tests.published import losses, sites, texts, wordfiles, workbooks
from tests.published.programs import Step, encoded, office, printed, text_of_pdf
from tests.published.report import Report, typed
from tests.published.tears import page_breaks, torn, with_note, with_subtotal

Write = Callable[[Report, random.Random, Path], None]


@dataclass(frozen=True)
class Style:
    """One way in which reports come out."""

    name: str
    suffix: str
    write: Write
    steps: tuple[Step, ...] = ()
    lost: losses.Losses = losses.nothing
    """What its documents no longer show for certain."""
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


def _page(template: str, encoding: str = "utf-8", look: str = "") -> Write:
    def write(report: Report, draw: random.Random, path: Path) -> None:
        path.write_bytes(sites.page(template, report, draw, look).encode(encoding))

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


def _word(report: Report, draw: random.Random, path: Path) -> None:
    """A Word file in which a third of the tables were continued as another table below."""
    if draw.random() < 0.3:
        report = torn(report, page_breaks(draw))
    wordfiles.write(report, draw, path)


WORD = office("docx", "MS Word 2007 XML")
LAYOUT = (printed, text_of_pdf("-layout"))
RAW = (printed, text_of_pdf("-raw"))
FROM_PAGE = "HTML (StarWriter)"
CSV = office("csv", "Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false")

STYLES = {
    style.name: style
    for style in (
        Style("html-nested", "html", _page("nested", "gb18030"), clean=True),
        Style("html-clean", "html", _page("clean"), clean=True),
        Style("html-torn", "html", _torn_page),
        Style("html-flat", "html", _page("flat"), lost=losses.blanks),
        Style("html-upper", "html", _page("upper")),
        Style("html-crowded", "html", _crowded_page),
        Style("html-breaks", "html", _page("breaks")),
        Style("text-tabs", "txt", _text(texts.tabbed)),
        Style("text-copied", "txt", _text(texts.copied)),
        Style("text-pipes", "txt", _text(texts.piped)),
        Style("text-lines", "txt", _text(texts.one_a_line), lost=losses.blanks),
        Style("docx-python", "docx", _word),
        Style("docx-page", "html", _page("nested", "gb18030"), (office("docx", "MS Word 2007 XML", FROM_PAGE),)),
        Style("html-writer", "docx", _word, (office("html", "HTML (StarWriter)"),)),
        Style("html-calc", "xlsx", workbooks.write_one, (office("html", "HTML (StarCalc)"),), prose=False),
        Style("docx-odt", "html", _page("clean"), (office("odt", "writer8", FROM_PAGE), WORD)),
        Style("pdf-word", "docx", _word, (office("pdf"),)),
        Style("pdf-calc", "xlsx", workbooks.write_many, (office("pdf"),), prose=False),
        Style("pdf-writer", "html", _page("clean"), (office("pdf", "writer_pdf_Export", FROM_PAGE),)),
        Style("pdf-ruled", "html", _page("print", look="ruled"), (printed,)),
        Style("pdf-unruled", "html", _page("print", look="unruled"), (printed,)),
        Style("pdf-vertical", "html", _page("print", look="vertical"), (printed,)),
        Style("pdf-site", "html", _page("clean"), (printed,)),
        Style("doc-word", "docx", _word, (office("doc", "MS Word 97"),)),
        Style("text-raw", "html", _page("print", look="ruled"), RAW, losses.blanks),
        Style("text-layout", "html", _page("print", look="unruled"), LAYOUT, losses.blanks),
        Style("text-narrow", "docx", _word, (office("pdf"), text_of_pdf("-raw")), losses.blanks_and_long_numbers),
        Style("text-columns", "docx", _word, (office("pdf"), text_of_pdf()), losses.everything),
        Style("xlsx-one", "xlsx", workbooks.write_one, (office("xlsx"),), prose=False, clean=True),
        Style("xlsx-many", "xlsx", workbooks.write_many, (office("xlsx"),), prose=False, clean=True),
        Style("xls-one", "xlsx", workbooks.write_one, (office("xls"),), prose=False, clean=True),
        Style("ods-many", "xlsx", workbooks.write_many, (office("ods"),), prose=False, clean=True),
        Style("xls-many", "xlsx", workbooks.write_many, (office("xls"),), prose=False, clean=True),
        Style("ods-one", "xlsx", workbooks.write_one, (office("ods"),), prose=False, clean=True),
        Style("csv-utf8", "xlsx", workbooks.write_one, (CSV, encoded("utf-8-sig")), prose=False),
        Style("csv-gb18030", "xlsx", workbooks.write_one, (CSV, encoded("gb18030")), prose=False),
    )
}
