"""The ledger of a build folder: what the last run made of each agency, and what it has read but not made yet.

An SQLite file that only saves work: whoever deletes it has all inputs read once more, and nothing lost. Where it cannot
be written the run goes on without it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gongkai.errors import UsageError

FILE = "ledger.sqlite"

Outcome = Literal["succeeded", "withheld", "excepted", "errored", "missing"]
"""Made; made, but findings or doubts forbid its release; the notebook raised; could not be run; no input."""

OUTCOMES: tuple[Outcome, ...] = ("succeeded", "withheld", "excepted", "errored", "missing")

MADE = ("succeeded", "withheld")
"""The outcomes of which there is a report."""

SCHEMA = 1
_TABLES = """
CREATE TABLE run (run_file TEXT, year INTEGER, total INTEGER, started TEXT, finished TEXT);
CREATE TABLE result (
    code TEXT PRIMARY KEY, agency TEXT, level TEXT, outcome TEXT, reading TEXT, key TEXT, kinds TEXT, rules TEXT,
    message TEXT
) WITHOUT ROWID;
CREATE TABLE prepared (reading TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of an agency.

    `reading` names what its outcome followed from, as far as it is known before an input is read; `key` its report.
    """

    code: str
    agency: str
    level: str
    outcome: Outcome
    reading: str = ""
    key: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    message: str = ""

    @property
    def made(self) -> bool:
        """Whether there is a report of it."""
        return self.outcome in MADE


@dataclass(frozen=True, slots=True)
class Run:
    """The last run: times are UTC, ISO 8601; `finished` is "" while it runs, or when it was killed."""

    run_file: str
    """Its path from the build folder."""
    year: int
    total: int
    started: str
    finished: str


class Ledger:
    """The ledger in the folder `build`, for whoever holds that; others are `reading`.

    `usable` says whether it has taken all that it was told.
    """

    def __init__(self, build: Path, *, reading: bool = False) -> None:
        self.usable = True
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = _opened(build / FILE, _reading(build) if reading else "rwc")
        except sqlite3.DatabaseError:
            if reading:
                return
            # Damaged, or of another version: it holds nothing that cannot be found out again.
            with self._writing():
                for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal"):
                    (build / name).unlink(missing_ok=True)
                self._connection = _opened(build / FILE, "rwc")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError):
            self.usable = False

    def begin(self, run: Run) -> None:
        """A run begins."""
        self._write("DELETE FROM run", ())
        self._write("INSERT INTO run VALUES (?, ?, ?, ?, ?)", (run.run_file, run.year, run.total, run.started, ""))

    def finish(self, finished: str) -> None:
        """The run has ended by itself."""
        self._write("UPDATE run SET finished = ?", (finished,))
        self._write("DELETE FROM prepared", ())

    def run(self) -> Run | None:
        """The last run."""
        rows = self._read("SELECT run_file, year, total, started, finished FROM run")
        return Run(*rows[0]) if rows else None

    def entries(self) -> dict[str, Entry]:
        """What is known of each agency, by code."""
        rows = self._read("SELECT code, agency, level, outcome, reading, key, kinds, rules, message FROM result")
        try:
            return {row[0]: _entry(row) for row in rows}
        except (TypeError, ValueError):  # damaged
            return {}

    def record(self, entry: Entry) -> None:
        """What became of an agency; what was prepared for it is no longer needed."""
        values = [getattr(entry, name) for name in Entry.__dataclass_fields__]
        row = [json.dumps(dict(each)) if isinstance(each, Mapping) else each for each in values]
        self._write("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._write("DELETE FROM prepared WHERE reading = ?", (entry.reading,))

    def forget_others(self, codes: Iterable[str]) -> None:
        """Leave out agencies that are no longer in the roster."""
        for code in self.entries().keys() - set(codes):
            self._write("DELETE FROM result WHERE code = ?", (code,))

    def keep(self, reading: str, data: bytes) -> None:
        """What was read, until its report is made."""
        self._write("INSERT OR REPLACE INTO prepared VALUES (?, ?)", (reading, data))

    def kept(self, reading: str) -> bytes:
        """What was read in a run that was interrupted; nothing where nothing was."""
        rows = self._read("SELECT data FROM prepared WHERE reading = ?", (reading,))
        return bytes(rows[0][0]) if rows else b""

    def close(self) -> None:
        """Write what is left to write."""
        if self._connection is not None:
            with self._writing():
                self._connection.close()
            self._connection = None

    def _write(self, sql: str, values: Iterable[object]) -> None:
        with self._writing():
            if self._connection is not None:
                self._connection.execute(sql, tuple(values))

    def _read(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        if self._connection is not None:
            with self._writing():
                return self._connection.execute(sql, tuple(values)).fetchall()
        return []


def _entry(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(Entry.__dataclass_fields__, row, strict=True))
    return Entry(**values | {name: json.loads(values[name]) for name in ("kinds", "rules")})


def _reading(build: Path) -> str:
    """The mode in which nothing is written: SQLite's own files are only needed where there is a log."""
    return "ro" if (build / f"{FILE}-wal").exists() else "ro&immutable=1"


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    """Raises sqlite3.DatabaseError for a file that is no ledger of this version, or is damaged."""
    # Each statement stands by itself; the log lets a reader in while a run writes.
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA user_version={SCHEMA}; {_TABLES}")
        elif version != SCHEMA:
            raise sqlite3.DatabaseError(version)
        connection.execute("PRAGMA synchronous=NORMAL")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError(path.name)
    except BaseException:
        connection.close()
        raise
    return connection


def read_entries(build: Path) -> dict[str, Entry]:
    """What the ledger of `build` knows of each agency; nothing is made where there is none."""
    if not (build / FILE).is_file():
        return {}
    with closing(Ledger(build, reading=True)) as ledger:
        return ledger.entries()


def read_ledger(build: Path) -> tuple[Run, dict[str, Entry]]:
    """The last run of `build`, and what it has made of each agency. Raises UsageError where there was none."""
    if (build / FILE).is_file():
        with closing(Ledger(build, reading=True)) as ledger:
            if (run := ledger.run()) is not None:
                return run, ledger.entries()
    raise UsageError("no_run", file=build.name or str(build))
