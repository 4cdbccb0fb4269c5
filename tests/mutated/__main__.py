"""``python -m tests.mutated``: spoil thousands of workbooks, read them, and say what came of each kind.

``[--files N] [--kinds a,b] [--seed N] [--keep FOLDER]``; exit code 1 where one was read wrongly, broke the reader, or
took too much.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

from gongkai.forms import editions
from tests.mutated.kinds import KINDS
from tests.mutated.trial import Trial, sign, trials

WORKERS = 2
TOGETHER = 25
OUTCOMES = ("refused", "same", "told", "failed")


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _arguments(arguments)
    begun = time.monotonic()
    results: list[Trial] = []
    for some in tried(chosen.kinds, chosen.files, chosen.seed, chosen.keep):
        results += some
        print(f"{len(results)} of {chosen.files} files, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print("\n".join(table(results)))
    failed = [trial for trial in results if trial.outcome == "failed"]
    print("\n".join(worst(failed)))
    print(f"{len(failed)} of {len(results)} files failed" if failed else "each was refused, read as before, or told")
    return 1 if failed else 0


def tried(kinds: Sequence[str], files: int, seed: int, keep: Path | None = None) -> Iterator[list[Trial]]:
    """The trials of so many files, in the order in which they are done; the rules are asked a batch at a time."""
    with ExitStack() as stack:
        pool = ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"))
        # What is raised here is to be seen now, and not when all the others are done.
        stack.callback(pool.shutdown, cancel_futures=True)
        waiting = [pool.submit(trials, *batch, keep) for batch in _batches(kinds, files, seed)]
        gathered: list[Trial] = []
        for number, done in enumerate(as_completed(waiting), start=1):
            gathered += done.result()
            if number % 10 == 0 or number == len(waiting):
                sign(gathered)
                yield gathered
                gathered = []


def _batches(kinds: Sequence[str], files: int, seed: int) -> Iterator[tuple[str, str, range]]:
    """As many files of each kind and edition as there may be, a few at a time."""
    both = [(kind, edition) for kind in kinds for edition in editions()]
    for number, (kind, edition) in enumerate(both):
        count = files // len(both) + (number < files % len(both))
        for first in range(seed, seed + count, TOGETHER):
            yield kind, edition, range(first, min(first + TOGETHER, seed + count))


def table(results: Iterable[Trial]) -> Iterator[str]:
    """A line for each kind: what came of its files, and the most that one of them took."""
    by_kind: dict[str, list[Trial]] = defaultdict(list)
    for trial in results:
        by_kind[trial.kind].append(trial)
    everything = [trial for some in by_kind.values() for trial in some]
    width = max(map(len, by_kind))
    yield "  ".join(("kind".ljust(width), "files", *(each.rjust(7) for each in OUTCOMES), "seconds", "MiB"))
    for name in (*(each for each in KINDS if each in by_kind), "all"):
        some = by_kind.get(name, everything)
        count = Counter[str](trial.outcome for trial in some)
        most = max(trial.seconds for trial in some), max(trial.mebibytes for trial in some)
        fields = (f"{len(some):5}", *(f"{count[each]:7}" for each in OUTCOMES), f"{most[0]:7.2f}", f"{most[1]:3.0f}")
        yield "  ".join((name.ljust(width), *fields))


def worst(failed: Iterable[Trial], most: int = 5) -> Iterator[str]:
    """Some failures of each kind."""
    shown: Counter[str] = Counter()
    for trial in sorted(failed, key=lambda trial: trial.name):
        shown[trial.kind] += 1
        if shown[trial.kind] <= most:
            yield f"{trial.name}: {'; '.join(trial.failures[:3])}"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutated", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--kinds", type=_kinds, default=list(KINDS), metavar="A,B", help="; ".join(KINDS))
    parser.add_argument("--seed", type=int, default=1, help="of the first file of each kind")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the files stay")
    return parser.parse_args(arguments)


def _kinds(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(KINDS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    sys.exit(main())
