"""One mutated workbook read in a process of its own, and whether what came of it is right."""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from gongkai import intake
from gongkai.consistency import check
from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.intake.appearance import is_printed
from tests.mutated.kinds import KINDS
from tests.mutated.said import ANY, Said, reading
from tests.mutated.samples import Sample

SECONDS, MEBIBYTES = 10, 512
"""What reading one workbook may take."""
GRACE = 20
"""Seconds after which a reading is ended that has not come back."""

Outcome = Literal["refused", "same", "told", "failed"]
"""Refused with the place named; as the original; as the mutated file says, with a doubt or a finding there."""


@dataclass
class Trial:
    """What came of one mutated workbook. While `filing` is there, each of `unsigned` still needs a finding."""

    kind: str
    name: str
    outcome: Outcome
    seconds: float = 0.0
    mebibytes: float = 0.0
    failures: list[str] = field(default_factory=list)
    unsigned: tuple[str, ...] = ()
    filing: Filing | None = None

    def fail(self, why: str) -> None:
        self.outcome = "failed"
        self.failures.append(why)


@dataclass(frozen=True)
class _Read:
    """What reading a file gave, in words where it was refused or broke."""

    seconds: float
    mebibytes: float
    filing: Filing | None = None
    refusal: str | None = None
    traceback: str | None = None


def trials(kind: str, edition: str, seeds: Sequence[int], keep: Path | None = None) -> list[Trial]:
    """Mutate, read and judge some workbooks; failures stay in `keep`. Findings are not asked for yet."""
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        return [_tried(kind, edition, seed, Path(folder), keep) for seed in seeds]


def _tried(kind: str, edition: str, seed: int, folder: Path, keep: Path | None) -> Trial:
    name = f"{kind.replace(' ', '-')}-{edition}-{seed}.xlsx"
    sample, mutated = KINDS[kind].made(edition, seed)
    path = folder / name
    path.write_bytes(mutated.content)
    read = _read_apart(path)
    trial = Trial(kind, name, "same", read.seconds, read.mebibytes)
    if read.seconds > SECONDS or read.mebibytes > MEBIBYTES:
        trial.fail(f"took {read.seconds:.1f} s and {read.mebibytes:.0f} MiB")
    if read.traceback:
        trial.fail(read.traceback)
    elif read.refusal is not None:
        _judge_refusal(trial, read.refusal, mutated.said)
    elif read.filing:
        _judge(trial, read.filing, sample, mutated.said)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, keep)
    return trial


def _read_apart(path: Path) -> _Read:
    """Read in a forked process, which has what it needs imported and a memory of its own to measure."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_reading, args=(path, theirs))
    process.start()
    theirs.close()
    try:
        return _received(ours)
    finally:
        process.kill()
        process.join()


def _received(ours: Connection) -> _Read:
    try:
        if ours.poll(GRACE):
            found: _Read = ours.recv()
            return found
    except EOFError:
        return _Read(0, 0, traceback="the process ended without a word")
    return _Read(GRACE, 0)


def _reading(path: Path, answer: Connection) -> None:
    begun = time.perf_counter()
    filing, refusal, broke = None, None, None
    try:
        filing = intake.read(path)
    except InputError as error:
        refusal = str(error)
    except BaseException:  # whatever it is, it is what we look for
        broke = " | ".join(traceback.format_exc().splitlines()[-3:])
    seconds = time.perf_counter() - begun
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.send(_Read(seconds, mebibytes, filing, refusal, broke))


def _judge_refusal(trial: Trial, refusal: str, said: Said) -> None:
    trial.outcome = "refused"
    words = refusal.removeprefix(trial.name)
    if words == refusal or "\n" in refusal:
        trial.fail(f"refused in other words than one line that names the file: {refusal}")
    elif said.refusal is None:
        trial.fail(f"refused without a reason: {words}")
    elif not any(each in words for each in said.refusal):
        trial.fail(f"refused without a word of {', '.join(said.refusal[:4])}: {words}")


def _judge(trial: Trial, read: Filing, sample: Sample, said: Said) -> None:
    for why in _wrong_facts(read, sample, said):
        trial.fail(why)
    unsigned, touched = [], {*said.cells, *said.signed}
    if sample.official and not said.nobodys and (needless := read.doubted - touched):
        trial.fail(f"doubted for nothing: {sorted(needless)[:4]}")
    for address, cell in sample.filing.cells.items():
        found, before = reading(read.cells.get(address)), reading(cell)
        doubted = address in read.doubted
        # No claim at all, and said so: that place is refused.
        refused = doubted and found[0] in (None, "unreadable")
        if found not in said.cells.get(address, (before,)) and not refused:
            trial.fail(f"{address}: read {found}, the file says {said.cells.get(address, before)}")
        elif (found != before or address in said.signed) and not doubted:
            unsigned.append(address)
    changed = any(reading(read.cells.get(address)) != reading(cell) for address, cell in sample.filing.cells.items())
    if trial.outcome != "failed" and (changed or said.signed or said.facts):
        trial.outcome = "told"
    about = _changed_report(read, sample)
    if unsigned or about:
        trial.unsigned, trial.filing = (*unsigned, *about), read


def _wrong_facts(read: Filing, sample: Sample, said: Said) -> Iterator[str]:
    known = {"edition", "year", "agency"}
    known |= {"agency_code", "level", "revision"} if sample.official else set()
    ours, theirs = (_facts(each) for each in (sample.filing, read))
    known |= {key for key in {*ours, *theirs} if "." in key} if sample.official else set()
    for key in sorted(known):
        options = said.facts.get(key, (ours.get(key, ""),))
        if ANY not in options and theirs.get(key, "") not in options:
            yield f"{key}: read {theirs.get(key)!r}, the file says {options}"


def _facts(filing: Filing) -> dict[str, object]:
    about = {key: getattr(filing, key) for key in ("edition", "year", "agency", "agency_code", "level", "revision")}
    # How anybody's workbook prints the form is nothing that was typed into it.
    about |= {f"facts.{key}": text.text for key, text in filing.facts.items() if not is_printed(key)}
    return about | {f"texts.{key}": tuple(each.text for each in texts) for key, texts in filing.texts.items()}


def _changed_report(read: Filing, sample: Sample) -> list[str]:
    """The year, where another one was read and no doubt is about it."""
    doubted = any(doubt.text == "year" for doubt in read.doubts)
    return ["year"] if read.year != sample.filing.year and read.year is not None and not doubted else []


def sign(trials_: Sequence[Trial]) -> None:
    """Ask the rules about what was read otherwise and not doubted: each such place needs a finding."""
    waiting = [trial for trial in trials_ if trial.filing]
    found = check([trial.filing for trial in waiting if trial.filing]).findings if waiting else ()
    for trial, findings in zip(waiting, found, strict=True):
        named = {address for each in findings for address in each.cells}
        # The failure of a column of totals is not told where it only repeats those of the columns that it adds up.
        named |= {f"{address.rpartition('.')[0]}.total" for address in named}
        named |= {"year" for each in findings if not each.cells}
        if missing := [address for address in trial.unsigned if address not in named]:
            trial.fail(f"neither doubt nor finding at {', '.join(missing[:5])} ({len(missing)})")
        trial.filing = None
