"""A few agencies of the example county, run once for all tests of a process; each test has a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gongkai.batch import running
from tests.offices import Lasting
from tests.review.places import BUILD, FEW, county


@pytest.fixture(scope="session")
def first(lasting: Lasting, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("county")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "workers", lambda jobs, preload: lasting)
        county(home, FEW, ["html", "docx"])
    return home


@pytest.fixture
def home(first: Path, tmp_path: Path) -> Path:
    """A workspace."""
    return Path(shutil.copytree(first, tmp_path / "home", symlinks=True))


@pytest.fixture
def build(home: Path) -> Path:
    return home / BUILD
