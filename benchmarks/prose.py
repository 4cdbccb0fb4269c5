"""How long it takes to find all claims in the prose of a report, beside a fixed piece of work.

    make bench        or        .venv/bin/python -m benchmarks.prose [--reports N] [--rounds N]

The prose of N invented reports, each as long as that of a real one (about 3,500 characters, the passages that state
figures among others that state none), is held against their tables. Everything is warm and in one process; processor
time is what counts, the median of the rounds is printed.
What must hold: 10 ms a report on a quiet machine. The bound is as much wider as the fixed piece of work, which is done
in turn with the reports, takes longer than on a quiet machine. Exit code 1 where it does not hold.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks.reading import QUIET, fixed_work
from gongkai.example import Example
from gongkai.example.reports import reports_of
from gongkai.filing import Filing, Text
from gongkai.narrative import claims

LENGTH = 3500
"""Characters."""
BOUND = 0.010
"""Processor seconds."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--reports", type=int, default=20)
    arguments.add_argument("--rounds", type=int, default=7)
    given = arguments.parse_args()
    pairs = reports(given.reports)
    for filing, last in pairs:
        claims(filing, last)
    found, works = [], []
    for _ in range(given.rounds):
        for filing, last in pairs:
            works.append(taken(fixed_work))
            found.append(taken(lambda filing=filing, last=last: claims(filing, last)))  # type: ignore[misc]
    seconds, slower = statistics.median(found), max(1, statistics.median(works) / QUIET)
    number = statistics.median(len(claims(*pair)) for pair in pairs)
    print(f"{seconds * 1000:.1f} ms a report, {seconds / statistics.median(works):.1f} × the fixed piece of work")
    print(f"{number:.0f} claims a report; the machine is {slower:.1f} × as slow as a quiet one")
    if seconds > BOUND * slower:
        print(f"more than {BOUND * 1000:.0f} ms on a quiet machine", file=sys.stderr)
        return 1
    return 0


def reports(count: int) -> list[tuple[Filing, Filing]]:
    """Filings of two years, the prose of the later made as long as that of a real report by that of others."""
    example = Example(counties=1, agencies=max(count, 20), years=(2023, 2024))
    county = example.county(0)
    years = [reports_of(example, county, body).filings for body in county.bodies]
    others = [each for filings in years for texts in filings[2024].texts.values() for each in texts]
    silent = [each for each in others if not claims(replace(years[0][2024], texts={"issues": (each,)}))]
    return [(_long(filings[2024], silent[place * 7 :] + silent), filings[2023]) for place, filings in enumerate(years)][
        :count
    ]


def _long(filing: Filing, silent: list[Text]) -> Filing:
    texts = dict(filing.texts)
    length = sum(len(each.text) for passages in texts.values() for each in passages)
    more = []
    for each in silent:
        if length >= LENGTH:
            break
        more.append(each)
        length += len(each.text)
    return replace(filing, texts=texts | {"issues": (*texts["issues"], *more)})


def taken(do: Callable[[], object]) -> float:
    start = time.process_time()
    do()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
