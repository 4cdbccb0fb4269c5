"""The warm engine, started once for the many small runs of these tests, and a workspace that it has run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gongkai.batch import run, running
from tests.helpers import ROOT
from tests.offices import ALL, Lasting, made, office


@pytest.fixture(scope="session")
def lasting() -> Iterator[Lasting]:
    engine = Lasting()
    yield engine
    engine.pool.close()


@pytest.fixture
def engine(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> Lasting:
    """Runs are made by the warm engine that is there."""
    monkeypatch.setattr(running, "workers", lambda jobs, preload: lasting)
    return lasting


@pytest.fixture(scope="session")
def first(lasting: Lasting, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was run; its rules are copies of the package's."""
    home = tmp_path_factory.mktemp("first")
    shutil.copytree(ROOT / "expectations", home / "expectations")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "workers", lambda jobs, preload: lasting)
        assert made(run(office(home))) == ALL
    return home


@pytest.fixture
def home(first: Path, engine: Lasting, tmp_path: Path) -> Path:
    """A copy of that workspace: a moved one."""
    shutil.copytree(first, tmp_path / "home", symlinks=True)
    return tmp_path / "home"
