"""Writes an invented workspace: county by county, so that it may have any size; workbooks by all cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from gongkai.catalogues import speaking
from gongkai.errors import UsageError
from gongkai.example.bodies import County, Example
from gongkai.example.planting import Fault
from gongkai.example.reports import dates_of, reports_of
from gongkai.filing import Filing
from gongkai.intake.cells import cells_text
from gongkai.intake.template import write_workbook
from gongkai.workspace import MARKER, cannot_write, replacing, standing_in, write_text

PART = 20
"""Agencies that are written in one go."""
ALONE = 40
"""Workbooks that are sooner written than other processes begin."""

KEY_FILE = "FAULTS.yaml"
KEY_HEAD = """\
# Every fault that is planted in the inputs of this workspace, and everything that a check with last year's filing
# finds of it; the inputs hold no other. Late publications, which no rule of the tables finds, have no findings.
#
# fault     what kind it is
# done      what went wrong
# findings  what is found: rule, verdict, and the cells that the finding marks
"""
COLUMNS = ("agency", "code", "level", "parent", "received_at", "published_at")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: input files, and faults in them."""

    files: int
    faults: int


@dataclass(frozen=True, slots=True)
class _Part:
    """Some agencies of one county, by their positions."""

    folder: Path
    example: Example
    county: int
    first: int


@dataclass(frozen=True, slots=True)
class _Done:
    files: int
    faults: tuple[str, ...]
    """Their entries in the key file."""


def write_example(folder: Path, example: Example, on_progress: Callable[[int], object] | None = None) -> Written:
    """Write the workspace that `example` asks for into `folder`, which must be absent or empty.

    `on_progress` is called with the number of input files that have been written since the last call. The key file
    is written last: where it is, nothing is missing. Raises UsageError where something cannot be written.
    """
    _require_empty(folder)
    write_text(folder / MARKER, f"# Written by: {_command(example)}\n")
    _write_parameters(folder, example)
    count = Written(0, 0)
    with replacing(folder / KEY_FILE) as path, path.open("w", encoding="utf-8", newline="") as key_file:
        key_file.write(KEY_HEAD)
        for done in _written(folder, example):
            key_file.writelines(f"\n{entry}" for entry in done.faults)
            count = Written(count.files + done.files, count.faults + len(done.faults))
            if on_progress:
                on_progress(done.files)
    return count


def _require_empty(folder: Path) -> None:
    try:
        if any(folder.iterdir()):
            raise UsageError("folder_not_empty", file=folder.name)
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        raise UsageError("not_a_folder", file=folder.name) from None
    except OSError as error:
        raise cannot_write(folder, error) from error


def _command(example: Example) -> str:
    """The command that writes the same again."""
    first, last = example.years
    return (
        f"gongkai example --counties {example.counties} --agencies {example.agencies} --years {first}-{last}"
        f" --faults {example.faults} --seed {example.seed} --files {example.files}"
    )


# Inputs ------------------------------------------------------------------------------------------------------------


def _written(folder: Path, example: Example) -> Iterator[_Done]:
    """Write all inputs; tells of each part as it is done, in order."""
    parts = (
        _Part(folder, example, county, first)
        for county in range(example.counties)
        for first in range(0, example.agencies, PART)
    )
    if example.files == "cells" or example.count <= ALONE:
        yield from map(_write_part, parts)
        return
    # Never forked: a child of a process that has typeset would hang.
    pool = ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield from pool.map(_write_part, parts)
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Who is interrupted is the process that asked; it lets the others end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write_part(part: _Part) -> _Done:
    example = part.example
    county = example.county(part.county)
    entries: list[str] = []
    files = 0
    # The same bytes in whatever language it is asked for, by the rules that a new workspace has.
    with speaking("zh"), standing_in(part.folder):
        for body in county.bodies[part.first : part.first + PART]:
            reports = reports_of(example, county, body)
            last = None
            for year, filing in reports.filings.items():
                _write_input(part.folder / example.input(year, body.code), filing, last)
                last = filing
                files += 1
            if last:
                entries += [_entry(example, fault, last) for fault in reports.faults]
    return _Done(files, tuple(entries))


def _entry(example: Example, fault: Fault, filing: Filing) -> str:
    return fault.entry(example.input(example.years[1], str(filing.agency_code)), filing)


def _write_input(path: Path, filing: Filing, last: Filing | None) -> None:
    if path.suffix == ".csv":
        write_text(path, cells_text(filing))
    else:
        write_workbook(path, filing, previous=last)


# Parameters --------------------------------------------------------------------------------------------------------


def _write_parameters(folder: Path, example: Example) -> None:
    """A run file and a roster for each county, and for all of them."""
    _write_run(folder, example, "all", "All counties")
    with replacing(folder / "params" / "all.csv") as path, path.open("w", encoding="utf-8", newline="") as whole:
        whole.write(_line(COLUMNS))
        for number in range(example.counties):
            county = example.county(number)
            lines = list(_roster(example, county))
            whole.writelines(lines)
            write_text(folder / "params" / f"{county.code}.csv", "".join([_line(COLUMNS), *lines]))
            _write_run(folder, example, county.code, county.name)


def _write_run(folder: Path, example: Example, name: str, about: str) -> None:
    year = example.years[1]
    keys = {
        "run": 1,
        "year": year,
        "roster": f"params/{name}.csv",
        "inputs": example.input("{year}", "{code}"),
        "previous": example.input("{previous_year}", "{code}"),
        "output": f"build/{name}-{year}",
    }
    lines = [f"{key}: {value}\n" for key, value in keys.items()]
    write_text(folder / "params" / f"{name}.yaml", f"# {about}\n{''.join(lines)}")


def _roster(example: Example, county: County) -> Iterator[str]:
    for body in county.bodies:
        dates = dates_of(example, body, example.years[1])
        days = (dates.received.isoformat(), dates.published.isoformat())
        yield _line((body.agency, body.code, body.kind.level, body.parent, *days))


def _line(values: Iterable[str]) -> str:
    """A line of a roster; no value of ours needs quotes."""
    return ",".join(values) + "\n"
