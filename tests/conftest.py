"""The warm engine, started once for the many small runs of tests in one process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gongkai.batch import running
from tests.offices import Lasting


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
