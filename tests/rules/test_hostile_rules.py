"""Files of own rules that are meant to harm run nothing, and are done with in a second."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.helpers import ROOT
from tests.rules.hostile import CANARY, files, prepare, trial


def test_hostile_files_run_nothing_and_end_within_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folders = []
    for number, data in enumerate(files()):
        folder = tmp_path / str(number)
        for name in ("2021", "every", "local"):
            (folder / name).mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "data" / "rules" / "valid.yaml", folder / "2021")
        (folder / "local" / "hostile.yaml").write_bytes(data)
        folders.append(folder)
    assert len(folders) >= 200
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=prepare) as pool:
        results = list(pool.map(trial, folders, timeout=600))
    bad = {
        folder.name: (result, (folder / "local" / "hostile.yaml").read_bytes()[:300])
        for folder, result in zip(folders, results, strict=True)
        if not result[0].startswith(("accepted", "refused")) or result[1] > 1 or result[2] or len(result[0]) > 2000
    }
    assert not bad
    assert not list(tmp_path.rglob(CANARY))
    kinds = Counter(outcome.partition(":")[0] for outcome, _, _ in results)
    assert kinds["refused"] > 200
    assert kinds["accepted"] > 20
    assert all("hostile.yaml" in outcome for outcome, _, _ in results if outcome.startswith("refused"))
