"""What comparing all agencies of a province with each other takes, beside reading and checking the same filings.

``python -m benchmarks.across`` invents the reports of so many agencies with `gongkai.example` and runs over them the
check across agencies, the check of each by itself, and the reading of their JSON. Every tenth agency's prose is a copy
of its neighbour's with the names and figures changed; how many of those are found is told too. Since invented prose is
put together from few sentences, which are everybody's, each agency gets sentences of its own besides.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from gongkai.consistency import Across, across, check, warm
from gongkai.consistency.group import Expected
from gongkai.example import Example
from gongkai.example.reports import reports_of
from gongkai.filing import Filing, Text

YEAR = 2024
SIZE = 200
"""Agencies of a county: 29 counties are a province of 5,800."""
COPIED = 10
CHARACTERS = [chr(code) for code in range(0x5000, 0x6000)]


def main() -> int:
    """Measure, and print a line each."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--counties", type=int, default=29)
    arguments.add_argument("--agencies", type=int, default=SIZE, help="of each county")
    given = arguments.parse_args()
    wanted = Example(
        counties=given.counties, agencies=given.agencies, years=(YEAR, YEAR), faults=0.0, seed=1, files="cells"
    )
    with get_context("spawn").Pool() as pool:
        counties = pool.starmap(invented, [(wanted, number) for number in range(given.counties)])
    filings = [filing for county in counties for filing in county]
    warm()
    before = resident()
    found, seconds = timed(lambda: across(filings, expected=[expected(each) for each in filings]))
    print(f"{len(filings):,} agencies: across {seconds:.1f} s, {resident() - before:.0f} MiB more, found {found.rules}")
    copied = {number for number in range(len(filings)) if number % COPIED == 2}
    print(f"copies found: {len(copied & concerned(found, filings))} of {len(copied)}")
    sample = filings[: len(filings) // 10]
    texts = [each.to_json() for each in sample]
    _, reading = timed(lambda: [Filing.from_json(text) for text in texts])
    _, checking = timed(lambda: check(sample))
    print(f"reading their JSON {reading * 10:.1f} s, checking each by itself {checking * 10:.1f} s (from a tenth)")
    print(f"across is {seconds / (reading + checking) / 10:.1%} of reading and checking")
    return 0


def invented(example: Example, number: int) -> list[Filing]:
    """The filings of a county, every tenth a copy of the one before it."""
    county = example.county(number)
    filings = [own(reports_of(example, county, body).filings[YEAR]) for body in county.bodies]
    return [copied(each, filings[place - 1]) if place % COPIED == 2 else each for place, each in enumerate(filings)]


def own(filing: Filing) -> Filing:
    """A filing with sentences that nobody else has: 900 characters more, as reports really are long."""
    draw = random.Random(filing.agency_code)
    sentences = ["".join(draw.choices(CHARACTERS, k=30)) for _ in range(30)]
    parts = {"overview": sentences[:20], "issues": sentences[20:27], "other_matters": sentences[27:]}
    more = {key: (*filing.texts.get(key, ()), Text("。".join(words))) for key, words in parts.items()}
    return replace(filing, texts={**filing.texts, **more})


def copied(filing: Filing, neighbour: Filing) -> Filing:
    """The prose of `neighbour`, its name and figures changed."""

    def changed(text: str) -> str:
        return text.replace(neighbour.agency or "", filing.agency or "").replace("3", "7")

    texts = {key: tuple(Text(changed(each.text)) for each in passages) for key, passages in neighbour.texts.items()}
    return replace(filing, texts=texts)


def expected(filing: Filing) -> Expected:
    """The line of the roster for a filing."""
    return Expected(agency=filing.agency or "", agency_code=filing.agency_code, level=filing.level)


def concerned(found: Across, filings: Sequence[Filing]) -> set[int]:
    """The positions of all that a finding about copies names."""
    places = {each.agency_code: number for number, each in enumerate(filings)}
    codes = [(each.finding.agency_code, each.other_code) for each in found.concerns if each.sentences]
    return {places[code] for both in codes for code in both if code in places}


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What `work` gives, and the seconds of the processor that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def resident() -> float:
    """The most that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


if __name__ == "__main__":
    sys.exit(main())
