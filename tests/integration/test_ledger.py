"""The ledger only saves work: whatever befalls it loses nothing, and is told."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from gongkai import ledger
from gongkai.batch import PAGE, look, run
from gongkai.cli import main
from gongkai.ledger import FILE
from tests.offices import ALL, BUILD, RUN_FILE, Lasting, changed_ones, edit, made, office, one_more, ran, stamps, times


def truncated(path: Path) -> None:
    os.truncate(path, 5000)


def torn(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)


def of_other_schema(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()


def of_damaged_words(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE result SET kinds = '{'")
        connection.execute("INSERT INTO prepared VALUES ('x', 'y')")
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, truncated, torn, of_other_schema, of_damaged_words, lambda path: path.write_bytes(os.urandom(9000))],
)
def test_a_ledger_that_is_lost_or_damaged_is_made_anew_and_loses_nothing(
    damage: Callable[[Path], None], home: Path, engine: Lasting
) -> None:
    before = stamps(home / BUILD / "versions")
    damage(home / BUILD / FILE)
    assert sorted(changed_ones(home)) == ALL
    result = ran(home)
    assert (made(result), result.ledger_kept, result.failed) == ([], True, False)
    assert stamps(home / BUILD / "versions") == before
    runs = engine.runs
    assert made(ran(home)) == []
    assert engine.runs == runs


def test_what_was_read_before_a_crash_is_read_again_where_it_is_damaged(home: Path) -> None:
    one_more(home / "in" / "2024" / "A1.json", 0)
    (reading,) = [each.reading for each in look(home / RUN_FILE) if each.state == "changed"]
    with sqlite3.connect(home / BUILD / FILE) as connection:
        connection.execute("INSERT INTO prepared VALUES (?, ?)", (reading, b"\0"))
    connection.close()
    assert made(ran(home)) == ["A1"]


def only_read(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only=ON")


def full(connection: sqlite3.Connection) -> None:
    """SQLite itself says that the disk is full."""
    connection.execute("PRAGMA max_page_count=1")
    connection.execute("CREATE TABLE IF NOT EXISTS filling (data)")
    with suppress(sqlite3.OperationalError):
        while True:
            connection.execute("INSERT INTO filling VALUES (zeroblob(2000))")


@pytest.mark.parametrize("ail", [only_read, full])
def test_a_ledger_that_cannot_be_written_keeps_no_report_from_being_made_and_is_told_of(
    ail: Callable[[sqlite3.Connection], None],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened = ledger._opened

    def ailing(path: Path, mode: str) -> sqlite3.Connection:
        connection = opened(path, mode)
        ail(connection)
        return connection

    monkeypatch.setattr(ledger, "_opened", ailing)
    edit(home / RUN_FILE, parameters={"note": "丙"})
    with pytest.raises(SystemExit) as end:
        main(["run", str(home / RUN_FILE)])
    assert not end.value.code
    assert "台账" in capsys.readouterr().out
    assert made(ran(home)) == []


def test_a_folder_where_the_ledger_should_be_keeps_no_report_from_being_made(tmp_path: Path) -> None:
    path = office(tmp_path)
    (tmp_path / BUILD / FILE).mkdir(parents=True)
    result = run(path)
    assert (made(result), result.ledger_kept) == (ALL, False)
    assert (tmp_path / BUILD / PAGE).is_file()


def test_the_ledger_and_the_run_file_may_be_told_of_by_status(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "in" / "2024" / "A2.json").unlink()
    ran(home)
    before = times(home)
    with pytest.raises(SystemExit) as end:
        main(["status", str(home / BUILD)])
    assert not end.value.code
    told = capsys.readouterr().out
    assert all(word in told for word in ("run.yaml", "2024", "完成于", "A2局", "A2.json", "完成 2", "缺少输入 1"))
    assert times(home) == before
    for folder in (home, home / "nowhere"):
        with pytest.raises(SystemExit) as end:
            main(["status", str(folder)])
        assert end.value.code == 2
        assert folder.name in capsys.readouterr().err
