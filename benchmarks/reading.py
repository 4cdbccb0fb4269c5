"""How long it takes to read a report, beside what an analyst has for it: pandas, python-docx, pdfplumber.

    make bench        or        .venv/bin/python -m benchmarks.reading [--documents N] [--rounds N] [--memory]

N invented reports of each kind, with all cells and the prose of a real report, come from LibreOffice, Chromium and
invented sites as in `tests/published`; only PDFs of six pages are taken. Everything is warm and in one process on one
core, we and the peer taking turns on each document; medians are printed, and how many of the cells we read rightly:
the peers make rows of text, and no filing. Peers that are not installed are left out and named. `--memory` prints
instead the most memory that a process of its own takes which reads a kind.
What must hold: a workbook within 40 ms, HTML within 60 ms, DOCX within 150 ms, a PDF of six pages within 600 ms, on a
quiet machine. Processor time is what counts, and the bounds are as much wider as a fixed piece of work that is done
before each document takes longer than on a quiet machine. Exit code 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gongkai import intake
from gongkai.filing import Cell, Filing
from gongkai.intake.template import write_workbook
from tests.published.filings import invented
from tests.published.styles import STYLES

Read = Callable[[Path], object]
Documents = Sequence[tuple[Path, Filing]]

EDITION, PAGES = "2021", 6
NOTHING = Cell(None, "unreadable", "")
QUIET = 0.0040
"""Processor seconds of the fixed piece of work, between documents, on a quiet machine."""


# Who reads what -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Peer:
    """What an analyst reads a kind with, and what must be installed for it."""

    name: str
    needs: tuple[str, ...]
    read: Read


@dataclass(frozen=True, slots=True)
class Kind:
    """Documents that are measured together, and within how many milliseconds one is read."""

    name: str
    style: str
    """One of `tests.published.styles`, "" for the official workbook."""
    peer: Peer | None = None
    bound: int | None = None


def _excel(path: Path) -> object:
    import pandas as pd

    return pd.read_excel(path, sheet_name=None, header=None)


def _csv(path: Path) -> object:
    import pandas as pd

    return pd.read_csv(path, header=None)


def _html(path: Path) -> object:
    import pandas as pd

    return pd.read_html(path, flavor="lxml")


def _docx(path: Path) -> object:
    import docx

    def told(parent: Any) -> list[object]:
        tables = [[[told(cell) for cell in row.cells] for row in table.rows] for table in parent.tables]
        return [tables, [paragraph.text for paragraph in parent.paragraphs]]

    return told(docx.Document(str(path)))


def _pdf(path: Path) -> object:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return [(page.extract_tables(), page.extract_text()) for page in pdf.pages]


EXCEL = Peer("pandas.read_excel", ("openpyxl",), _excel)
PAGE = Peer("pandas.read_html", ("lxml",), _html)
WORD = Peer("python-docx", ("docx",), _docx)
PDF = Peer("pdfplumber", ("pdfplumber",), _pdf)
KINDS = (
    Kind("XLSX, the official workbook", "", EXCEL, 40),
    Kind("XLSX by LibreOffice, one sheet", "xlsx-one", EXCEL, 40),
    Kind("XLSX by LibreOffice, many", "xlsx-many", EXCEL, 40),
    Kind("XLS by LibreOffice", "xls-one", replace(EXCEL, needs=("xlrd",)), 40),
    Kind("ODS by LibreOffice", "ods-many", replace(EXCEL, needs=("odf",)), 40),
    Kind("CSV by LibreOffice", "csv-utf8", Peer("pandas.read_csv", (), _csv)),
    Kind("HTML, pasted from Word", "html-nested", PAGE, 60),
    Kind("HTML, clean", "html-clean", PAGE, 60),
    Kind("DOCX by LibreOffice, of HTML", "docx-page", WORD, 150),
    Kind("DOCX by LibreOffice, of ODT", "docx-odt", WORD, 150),
    Kind("PDF by Chromium, ruled", "pdf-ruled", PDF, 600),
    Kind("PDF by Chromium, unruled", "pdf-unruled", PDF, 600),
    Kind("PDF by LibreOffice", "pdf-word", PDF, 600),
    Kind("text, tabs between values", "text-tabs"),
)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--documents", type=int, default=6, help="of each kind")
    arguments.add_argument("--rounds", type=int, default=5, help="in each of which a document is read once")
    arguments.add_argument("--memory", action="store_true")
    given = arguments.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    # Peers have much to say about files that are in order.
    warnings.simplefilter("ignore")
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        documents = {kind: published(kind, given.documents, Path(folder)) for kind in KINDS}
        if given.memory:
            memory(documents)
            return 0
        return speed(documents, given.rounds)


# Documents ----------------------------------------------------------------------------------------------------------


def published(kind: Kind, count: int, folder: Path) -> Documents:
    """So many documents of a kind, each with the filing that it tells."""
    place = folder / (kind.style or "official")
    place.mkdir()
    # Some come out with a page more or less.
    filings = [filing(seed) for seed in range(count * 3 if kind.peer is PDF else count)]
    if kind.style:
        paths = STYLES[kind.style].publish(filings, range(len(filings)), place)
    else:
        paths = [place / f"{number}.xlsx" for number in range(len(filings))]
        for path, each in zip(paths, filings, strict=True):
            write_workbook(path, each)
    both = list(zip(paths, filings, strict=True))
    if kind.peer is PDF:
        both = [(path, each) for path, each in both if pages(path) == PAGES]
    assert len(both) >= count, f"{kind.name}: {len(both)} of {count} documents have {PAGES} pages"
    return both[:count]


def filing(seed: int) -> Filing:
    """An invented filing with the prose of a real report: to its own comes what three others say of the same."""
    own, *others = (invented(EDITION, 1000 * seed + number) for number in range(4))
    texts = {key: [text for each in (own, *others) for text in each.texts.get(key, ())] for key in own.form.text_keys}
    texts["preamble"] = list(own.texts["preamble"])  # which names the agency
    return replace(own, texts={key: tuple(each) for key, each in texts.items() if each})


def pages(path: Path) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as pdf:
        return len(pdf)


# Speed --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds, and those of the processor."""

    seconds: float
    cores: float

    @classmethod
    def by(cls, work: Callable[[], object]) -> Taken:
        start, used = time.perf_counter(), time.process_time()
        work()
        return cls(time.perf_counter() - start, time.process_time() - used)

    @classmethod
    def median(cls, several: Sequence[Taken]) -> Taken:
        return cls(*(statistics.median(getattr(each, name) for each in several) for name in ("seconds", "cores")))


def speed(documents: Mapping[Kind, Documents], rounds: int) -> int:
    """Print the table; 1 where a bound does not hold."""
    readers = {kind: [intake.read, *theirs(kind)] for kind in documents}
    ours: dict[Kind, list[Taken]] = defaultdict(list)
    peers: dict[Kind, list[Taken]] = defaultdict(list)
    fixed: list[Taken] = []
    for number in range(rounds + 1):
        for kind, path in [(kind, path) for kind, each in documents.items() for path, _ in each]:
            calibration = Taken.by(fixed_work)
            # Whoever comes second finds the file and the processor warm.
            turns = readers[kind][:: 1 if number % 2 else -1]
            took = {read: Taken.by(partial(read, path)) for read in turns}
            if number:  # the first round warms everything
                fixed.append(calibration)
                ours[kind].append(took.pop(intake.read))
                peers[kind] += took.values()
    slower = max(1.0, Taken.median(fixed).cores / QUIET)
    print(f"{'median ms, of the processor':32}{'ours':>16}{'theirs':>35}{'× ours':>8}{'cells':>8}")
    lines = [line(kind, documents[kind], ours[kind], peers[kind]) for kind in documents]
    print("\n".join(lines))
    print(f"fixed work {shown(Taken.median(fixed))} ms, {QUIET * 1000:.1f} on a quiet machine: bounds × {slower:.2f}")
    over = [kind for kind in documents if kind.bound and Taken.median(ours[kind]).cores * 1000 > kind.bound * slower]
    print("\n".join(f"{kind.name}: over {kind.bound} ms" for kind in over) or "all bounds hold")
    return 1 if over else 0


def theirs(kind: Kind) -> list[Read]:
    """The peer of a kind, if there is one; one that is not installed is named."""
    if kind.peer and (missing := [each for each in kind.peer.needs if find_spec(each) is None]):
        print(f"{kind.name}: no {kind.peer.name}, for which {', '.join(missing)} is not installed")
        return []
    return [kind.peer.read] if kind.peer else []


def line(kind: Kind, documents: Documents, ours: Sequence[Taken], peers: Sequence[Taken]) -> str:
    told = f"{kind.name:32}{shown(Taken.median(ours)):>16}"
    if kind.peer and peers:
        times = Taken.median(peers).cores / Taken.median(ours).cores
        told += f"   {kind.peer.name:17}{shown(Taken.median(peers)):>15}{times:8.1f}"
    else:
        told += " " * 43
    return told + f"{rightly_read(documents):8.1%}" + (f"   at most {kind.bound} ms" if kind.bound else "")


def shown(taken: Taken) -> str:
    return f"{taken.seconds * 1000:.1f} ({taken.cores * 1000:.1f})"


def rightly_read(documents: Documents) -> float:
    """The share of cells that we read as they were printed."""
    found = [
        (cell.kind, cell.value) == (read.kind, read.value)
        for path, truth in documents
        for cells in [intake.read(path).cells]
        for address, cell in truth.cells.items()
        for read in [cells.get(address, NOTHING)]
    ]
    return sum(found) / len(found)


def fixed_work() -> None:
    """What reading consists of, in small: texts cut, looked up and sorted."""
    words = {f"{number % 977}.{number}": number for number in range(10_000)}
    sorted(words, key=lambda word: word.split(".")[0])


# Memory -------------------------------------------------------------------------------------------------------------

# The most that was ever resident: what getrusage tells counts that of the process that started this one, too.
MEMORY = """\
import re, sys
from pathlib import Path
from benchmarks.reading import KINDS
from gongkai import intake
who, name, *paths = sys.argv[1:]
kind = next(kind for kind in KINDS if kind.name == name)
read = intake.read if who == "ours" else kind.peer.read
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 2**10
read(Path(paths[0]))
first = peak()
for path in paths * 5:
    read(Path(path))
print(f"{first:.0f} {peak():.0f}")
"""


def memory(documents: Mapping[Kind, Documents]) -> None:
    """Print the peaks of processes that read one document, and of those that read all of a kind five times."""
    print(f"{'MiB resident, after one and after all':40}{'ours':>12}{'theirs':>16}")
    for kind, each in documents.items():
        told = f"{kind.name:40}"
        for who in ("ours", "theirs") if theirs(kind) else ("ours",):
            command = [sys.executable, "-W", "ignore", "-c", MEMORY, who, kind.name, *(str(path) for path, _ in each)]
            one, every = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            told += f"{one:>8}{every:>6}"
        print(told, flush=True)


if __name__ == "__main__":
    sys.exit(main())
