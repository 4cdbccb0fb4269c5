"""PDFs in processes of their own: always the same bytes, and no more memory after many than after a few."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import ROOT

SAME = """
import hashlib, random
from gongkai.export.pdf import write_pdf
from tests.unit.test_pdf import draft, everything
for made in (everything("zh"), everything("en"), draft(30)):
    print(hashlib.sha256(write_pdf(made)).hexdigest())
"""

MANY = """
from gongkai.export.pdf import write_pdf
from tests.helpers import balanced_filing
from tests.trees import report

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))

for number in range({count}):
    write_pdf(report(balanced_filing(number, largest=400), text=f"第{{number}}号。" * 60))
    if number == 30:
        print(resident())
print(resident())
"""


def run(code: str, folder: Path, **environment: str) -> list[str]:
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "toolkit")))
    given = {**os.environ, "PYTHONPATH": paths, **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=given, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_same_bytes_in_other_processes_zones_hash_seeds_and_folders(tmp_path: Path) -> None:
    (tmp_path / "二").mkdir()
    first = run(SAME, tmp_path, TZ="Asia/Shanghai", PYTHONHASHSEED="1")
    second = run(SAME, tmp_path / "二", TZ="America/New_York", PYTHONHASHSEED="2", TMPDIR=str(tmp_path / "二"))
    assert first == second
    assert len({*first, hashlib.sha256(b"").hexdigest()}) == 4


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's account of memory")
def test_memory_does_not_grow_with_the_number_of_documents(tmp_path: Path) -> None:
    early, late = map(int, run(MANY.format(count=150), tmp_path))
    assert late <= early + 15
