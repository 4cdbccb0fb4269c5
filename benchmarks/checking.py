"""How long a check takes: of one filing, of a hundred thousand at once, and beside plain Great Expectations.

    make bench        or        .venv/bin/python -m benchmarks.checking [--filings N] [--runs N] [--sample N]

One filing: of tables alone, and a whole report as long as a real one, with last year's, one after the other; medians of
processor time. Many: random filings that balance, of which every hundredth is made wrong, built and checked in a
process of its own, whose peak of memory the kernel tells. Beside them a sample is validated by plain Great Expectations
as it comes: filing by filing, a suite for each view, and with one expectation for each cell. What must hold on a quiet
machine: one report within 0.35 s, 100,000 filings of tables within 60 s and 8 GiB. The bounds are as much wider as a
fixed piece of work takes longer than on a quiet machine. Exit code 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.prose import reports
from benchmarks.reading import QUIET, fixed_work
from gongkai.consistency import check, gx, warm
from gongkai.consistency.balances import balances
from gongkai.consistency.cells import cells_view
from gongkai.consistency.lines import Subject
from gongkai.filing import Cell, Filing, decimal_text
from gongkai.forms import load_form
from gongkai.rules import equations, load_rules
from tests.helpers import APPLICANTS, CHANNELS, RESULTS

ONE, MANY, GIB = 0.35, 60 / 100_000, 8.0
"""The bounds: seconds of one report, seconds of each of many filings, memory."""

PEERS = ("plain, filing by filing", "plain, an expectation a cell")

FORM = load_form("2021")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--filings", type=int, default=100_000)
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument("--sample", type=int, default=3)
    arguments.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    warm()
    if given.child:
        print(json.dumps(many(given.filings)))
        return 0
    ((report, last),) = reports(1)
    report = replace(report, medium="document")
    alone = replace(report, texts={}, facts={}, medium="cells")
    slower, (whole, tables) = taken(given.runs, lambda: check([report], previous=[last]), lambda: check([alone]))
    found = json.loads(
        subprocess.run(
            [sys.executable, "-m", "benchmarks.checking", "--child", "--filings", str(given.filings)],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
    )
    each = found["cores"] / given.filings
    _, peers = taken(given.sample, *(partial(validate, alone) for validate in (by_view, by_cell)))
    there = max(1.0, found["fixed"] / QUIET)
    print(f"{'one report, with last year':32}{whole:9.3f} s")
    print(f"{'one filing of tables':32}{tables:9.3f} s")
    print(f"{f'{given.filings:,} filings of tables':32}{found['cores']:9.1f} s, elapsed {found['seconds']:.1f} s")
    print(f"{'  memory':32}{found['peak']:9.2f} GiB, of which the filings {found['filings']:.2f} GiB")
    for name, seconds in zip(PEERS, peers, strict=True):
        print(f"{name:32}{seconds:9.3f} s each, {seconds / each:,.0f} × all at once, {seconds / tables:.1f} × one")
    print(f"processor time; fixed work: bounds × {slower:.2f} for one, × {there:.2f} for many")
    held = {
        "one": whole <= ONE * slower,
        "many": each <= MANY * there,
        "memory": found["peak"] <= GIB,
        "what was made wrong is found": found["wrong"] == -(-given.filings // 100),
    }
    print(", ".join(f"{name}: {'holds' if holds else 'DOES NOT HOLD'}" for name, holds in held.items()))
    return 0 if all(held.values()) else 1


def taken(runs: int, *works: Callable[[], object]) -> tuple[float, list[float]]:
    """How much slower the machine is than a quiet one, and the median processor seconds of each work, in turn."""
    fixed: list[float] = []
    cores: list[list[float]] = [[] for _ in works]
    for number in range(runs + 1):
        for work, seconds in zip((fixed_work, *works), (fixed, *cores), strict=True):
            start = time.process_time()
            work()
            if number:  # the first warms
                seconds.append(time.process_time() - start)
    return max(1.0, statistics.median(fixed) / QUIET), [statistics.median(each) for each in cores]


def many(count: int) -> dict[str, float]:
    """What it takes to check so many filings at once."""
    filings = list(random_filings(count))
    before = memory()
    fixed = taken(5)[0] * QUIET
    start, used = time.perf_counter(), time.process_time()
    found = check(filings)
    seconds, cores = time.perf_counter() - start, time.process_time() - used
    told = {"seconds": seconds, "cores": cores, "fixed": fixed, "filings": before, "peak": memory()}
    return told | {"wrong": sum(map(bool, found.findings))}


def memory() -> float:
    """The most that this process has had in memory so far, in GiB."""
    told = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    assert told
    return int(told[1]) / 2**20


def random_filings(count: int, block: int = 10_000) -> Iterator[Filing]:
    """Filings of tables that balance, but every hundredth."""
    for start in range(0, count, block):
        numbers = balanced(min(block, count - start), seed=start)
        addresses = list(FORM.cells)
        for number, row in enumerate(np.column_stack([numbers[each] for each in addresses]).tolist()):
            cells = {address: Cell(value, "number", str(value)) for address, value in zip(addresses, row, strict=True)}
            fees = Decimal(cells["disclosure.fees.amount"].value or 0).scaleb(-4)
            cells["disclosure.fees.amount"] = Cell(fees, "number", decimal_text(fees))
            if number % 100 == 0:
                address = addresses[10 + number // 100 % 175]
                wrong = row[addresses.index(address)] + 1
                cells[address] = Cell(wrong, "number", str(wrong))
            yield Filing(edition="2021", cells=cells, agency=f"第{start + number}局", year=2024, level="department")


def balanced(count: int, seed: int) -> dict[str, Any]:
    """The numbers of so many filings, by address: what `tests.helpers.balanced_filing` draws, for all at once."""
    draw = np.random.default_rng(seed)
    numbers: dict[str, Any] = {address: draw.integers(0, 41, count) for address in FORM.cells}
    for kind in ("regulations", "normative_documents"):
        numbers[f"disclosure.{kind}.in_force"] += numbers[f"disclosure.{kind}.made"]
    rows = [str(row.key) for row in FORM.tables["requests"].bands[0].leaf_rows]
    outcomes = [row for row in rows if row not in ("received", "carried_in", "processed", "carried_out")]
    for applicant in APPLICANTS:
        at = {row: numbers[f"requests.{row}.{applicant}"] for row in rows}
        at["processed"] = sum(at[row] for row in outcomes)
        both = at["processed"] + at["carried_out"]
        at["carried_in"] = np.minimum(at["carried_in"], both)
        at["received"] = both - at["carried_in"]
        numbers |= {f"requests.{row}.{applicant}": each for row, each in at.items()}
    for row in rows:
        numbers[f"requests.{row}.total"] = sum(numbers[f"requests.{row}.{each}"] for each in APPLICANTS)
    for channel in CHANNELS:
        numbers[f"disputes.{channel}.total"] = sum(numbers[f"disputes.{channel}.{each}"] for each in RESULTS)
    return numbers


def by_view(filing: Filing) -> None:
    """One filing's views, each with a suite of its own, as plain Great Expectations validates them."""
    rules = [rule for rule in load_rules("2021") if rule.balance and not rule.agencies.model_fields_set]
    held = [equation for rule in rules for equation in equations(rule, FORM)]
    views = balances([Subject(filing, None)], held).views
    sums = {"column_list": list(views["sums"]), "sum_total": 0, "ignore_row_if": "never"}
    pairs = {"column_A": "greater", "column_B": "smaller", "or_equal": True}
    validate(views["sums"], [gx.Expectation("expect_multicolumn_sum_to_equal", sums)])
    validate(views["pairs"], [gx.Expectation("expect_column_pair_values_a_to_be_greater_than_b", pairs)])
    cells = cells_view([filing], FORM)
    for rule in load_rules("2021"):
        if rule.view == "cells":
            chosen = np.logical_and.reduce([cells[column].isin(values) for column, values in rule.where.items()])
            validate(cells[chosen] if rule.where else cells, [gx.Expectation(str(rule.expect), dict(rule.arguments))])


def by_cell(filing: Filing) -> None:
    """One filing as a row of cells, of each of which it is expected that it is a number and not negative."""
    import pandas as pd

    row = pd.DataFrame({address: [float(cell.value or 0)] for address, cell in filing.cells.items()})
    expected = [
        gx.Expectation("expect_column_values_to_be_between", {"column": address, "min_value": 0}) for address in row
    ]
    validate(row, expected)


def validate(view: Any, expectations: Sequence[gx.Expectation]) -> None:
    """As its documentation has it: a batch, a suite, all that a result can hold."""
    batch = gx._batches().get_batch({"dataframe": view})
    batch.validate(gx.suite("plain", expectations), result_format="COMPLETE")


if __name__ == "__main__":
    sys.exit(main())
