"""How long a report takes in each format, beside nbconvert's HTML, pandoc's DOCX and WeasyPrint's PDF of the same.

    make bench        or        .venv/bin/python -m benchmarks.formats [--reports N] [--memory N]

N executed notebooks that differ in every number, each with the official tables, an analyst's text, a table of pandas
and a figure. Everything is warm and in one process on one core (but pandoc, which is a program of its own), the
formats taking turns on each notebook; medians are printed. Peers that are not installed are left out and named.
`--memory` makes that many documents in all three formats instead and prints how the memory of the process grows.
What must hold: each format faster than its peer; on a quiet machine HTML within 30 ms, DOCX and PDF within 60 ms;
at most 200 MiB over 1,000 documents.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from gongkai import report
from gongkai.export import GongkaiDOCXExporter, GongkaiHTMLExporter, GongkaiPDFExporter
from gongkai.filing import Filing, Text
from tests.helpers import balanced_filing
from tests.notebooks import cell, markdown, read, report_of, shown

Write = Callable[[Any], object]
PEERS = {"HTML": "nbconvert --to html", "DOCX": "pandoc, from our HTML", "PDF": "WeasyPrint, from our HTML"}
PROSE = "本机关坚持以公开为常态、不公开为例外，全年更新栏目，回应群众关切，办理情况见下表。"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--reports", type=int, default=15)
    arguments.add_argument("--memory", type=int, default=0)
    given = arguments.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    if given.memory:
        memory(given.memory)
    else:
        speed(given.reports)


def notebooks(count: int) -> Iterator[Any]:
    """Executed notebooks of as many agencies."""
    figure, words = _figure(), "## 附：分析\n\n- **甲** 件\n  - 其中\n- 其他"
    for seed in range(count):
        filing = _with_prose(balanced_filing(seed, largest=10 ** (seed % 5 + 2)), seed)
        extra = [
            markdown(words),
            cell({"text/html": _frame(seed)}),
            figure,
        ]
        yield read(report_of(filing, *extra))


def _with_prose(filing: Filing, seed: int) -> Filing:
    passages = tuple(Text(f"{PROSE}{seed * 7 + number}。{PROSE}") for number in range(1 + seed % 3))
    return replace(filing, texts=dict.fromkeys(filing.form.text_keys, passages))


def _frame(seed: int) -> str:
    import pandas as pd

    return str(pd.DataFrame({"件": range(seed, seed + 8), "万元": [each / 7 for each in range(8)]}).to_html())


def _figure() -> Any:
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(5, 2.5))
    drawn.subplots().bar(["一季", "二季", "三季", "四季"], [3, 8, 5, 6])
    return shown(report.figure(drawn, alt="各季度申请件数"))


def writers() -> dict[str, Write]:
    """What is measured: our formats and, where they are installed, their peers."""
    html, docx, pdf = GongkaiHTMLExporter(), GongkaiDOCXExporter(), GongkaiPDFExporter()
    ours: dict[str, Write] = {"HTML": html.from_notebook_node, "DOCX": docx.from_notebook_node}
    return ours | {"PDF": pdf.from_notebook_node} | dict(_peers(html))


def _peers(html: Any) -> Iterator[tuple[str, Write]]:
    from nbconvert import HTMLExporter

    yield PEERS["HTML"], HTMLExporter().from_notebook_node
    try:
        import pypandoc
    except ImportError:
        print("pypandoc_binary is not installed: no peer for DOCX")
    else:
        target = Path(os.environ.get("TMPDIR", "/tmp"), f"peer-{os.getpid()}.docx")

        def pandoc(notebook: Any) -> None:
            pypandoc.convert_text(
                html.from_notebook_node(notebook)[0], "docx", "html", ["--quiet"], outputfile=str(target)
            )
            target.unlink()

        yield PEERS["DOCX"], pandoc
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        print("WeasyPrint (with Pango) is not installed: no peer for PDF")
    else:
        yield PEERS["PDF"], lambda notebook: HTML(string=html.from_notebook_node(notebook)[0]).write_pdf()


def speed(count: int) -> None:
    write = writers()
    taken: dict[str, list[float]] = {name: [] for name in write}
    for number, notebook in enumerate(notebooks(count + 2)):
        for name, make in write.items():
            start = time.perf_counter()
            make(notebook)
            if number >= 2:  # the first two warm everything
                taken[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(each) for name, each in taken.items()}
    for name, peer in PEERS.items():
        line = f"{name:5} {medians[name] * 1000:7.1f} ms"
        if peer in medians:
            line += f"   {peer:27} {medians[peer] * 1000:7.1f} ms   {medians[peer] / medians[name]:5.1f} × ours"
        print(line)


# In a process of its own, which has not made the notebooks. JupyterLab, which only tests need, brings validators that
# nbconvert then loads: 16 MiB that are not ours.
MEMORY = """\
import resource, sys
from pathlib import Path
sys.modules["rfc3987_syntax"] = None
from gongkai.export import exported
for number, path in enumerate(sorted(Path(sys.argv[1]).iterdir()), start=1):
    assert len(list(exported(path.read_text(encoding="utf-8"), drafts=False))) == 3
    if number in (1, 10) or number % 100 == 0:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        print(f"{number:6} documents, at most {peak:6.1f} MiB resident", flush=True)
"""


def memory(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, notebook in enumerate(notebooks(count)):
            (Path(folder) / f"{number:06}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
        subprocess.run([sys.executable, "-c", MEMORY, folder], check=True)


if __name__ == "__main__":
    main()
