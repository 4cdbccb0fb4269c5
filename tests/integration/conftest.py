"""A workspace that the warm engine has run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gongkai.batch import run, running
from tests.helpers import ROOT
from tests.offices import ALL, Lasting, made, office


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
