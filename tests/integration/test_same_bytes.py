"""The same notebook gives the same bytes in each format, whatever process, time zone, hash seed and folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gongkai import report
from tests.helpers import ROOT
from tests.notebooks import cell, faulty, markdown, report_of, shown

DIGESTS = """\
import hashlib, sys
from pathlib import Path
from gongkai.export import exported
text = Path(sys.argv[1]).read_text(encoding="utf-8")
for ending, content in exported(text, drafts=True):
    print(ending, hashlib.sha256(content).hexdigest())
"""


def test_every_format_is_the_same_to_the_byte_wherever_and_whenever_it_is_made(tmp_path: Path) -> None:
    import pandas as pd
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(4, 2))
    drawn.subplots().plot([1, -2, 3])
    frame = pd.DataFrame({"甲": [1, 2]}).style.background_gradient()
    extra = [
        markdown("## 分析\n\n- 一\n  - 二\n\n[网址](https://example.org/)"),
        # pandas draws the ids of its cells by lot.
        cell({"text/html": frame.to_html()}),
        shown(report.figure(drawn, alt="折线")),
    ]
    checked = faulty()
    digests = set()
    for seed, zone in (("0", "UTC"), ("4242", "Asia/Shanghai")):
        folder = tmp_path / seed
        folder.mkdir()
        notebook = folder / f"report-{seed}.ipynb"
        text = report_of(checked.filing, *extra, checked=checked)
        notebook.write_text(text, encoding="utf-8")
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", DIGESTS, str(notebook)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1
    assert len(digests.pop().splitlines()) == 6
