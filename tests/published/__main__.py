"""``python -m tests.published``: publish thousands of reports, read them back, and say how well they were read.

``[--documents N] [--styles a,b] [--seed N] [--keep FOLDER]``; exit code 1 where a bound of `summary` does not hold.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from gongkai.forms import editions
from tests.published.measure import Result, measured_by_name
from tests.published.programs import PROGRAMS
from tests.published.styles import STYLES
from tests.published.summary import broken_bounds, table, worst

WORKERS = 2
TOGETHER = 20
"""Documents that are made in one go: other software starts slowly."""


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _arguments(arguments)
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        sys.exit(f"not installed: {', '.join(missing)}; `make debian` installs them, or says how")
    results = []
    begun, last = time.monotonic(), 0.0
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        waiting = [
            pool.submit(measured_by_name, style, drawn, chosen.keep)
            for style, drawn in _batches(chosen.styles, chosen.documents, chosen.seed)
        ]
        for done in as_completed(waiting):
            results += done.result()
            if time.monotonic() - last > 10:
                last = time.monotonic()
                print(
                    f"{len(results)} of {chosen.documents} documents, {last - begun:.0f} s", file=sys.stderr, flush=True
                )
    return _told(sorted(results, key=lambda result: result.document))


def _told(results: Sequence[Result]) -> int:
    print("\n".join(table(results)))
    failures = Counter(f"{result.style}: {result.failure}" for result in results if result.failure)
    for failure, count in failures.most_common():
        print(f"{count} x {failure}")
    print("\n".join(worst(results)))
    broken = list(broken_bounds(results))
    print("\n".join(broken) or "all bounds hold")
    return 1 if broken else 0


def _batches(styles: Sequence[str], documents: int, seed: int) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """As many documents of each style and edition as there may be, a few at a time."""
    kinds = [(style, edition) for style in styles for edition in editions()]
    for number, (style, edition) in enumerate(kinds):
        count = documents // len(kinds) + (number < documents % len(kinds))
        for first in range(seed, seed + count, TOGETHER):
            yield style, [(edition, each) for each in range(first, min(first + TOGETHER, seed + count))]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.published", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--styles", type=_styles, default=list(STYLES), metavar="A,B", help=", ".join(STYLES))
    parser.add_argument("--seed", type=int, default=1, help="of the first document of each style")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the documents and their truth stay")
    return parser.parse_args(arguments)


def _styles(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(STYLES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    sys.exit(main())
