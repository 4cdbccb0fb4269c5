"""How long the command line takes to answer, beside a bare interpreter measured in the same run.

    make bench        or        .venv/bin/python benchmarks/command_line.py [--runs N]

Each command is run N times in turn with the others, so that a busy machine slows them alike; medians are printed.
What must hold on a quiet machine: `gongkai --help` within 0.3 s, and `gongkai check` of one workbook within 2 s of
importing Great Expectations.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GONGKAI = str(Path(sys.executable).with_name("gongkai"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=7)
    runs = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        workbook = str(Path(folder, "workbook.xlsx"))
        about = ["--agency", "青杉县档案馆", "--code", "990122099", "--level", "department", "--year", "2024"]
        subprocess.run([GONGKAI, "template", *about, "-o", workbook], check=True, stdout=subprocess.DEVNULL)
        commands = {
            "bare interpreter": [sys.executable, "-c", "pass"],
            "gongkai --help": [GONGKAI, "--help"],
            "import great_expectations": [sys.executable, "-W", "ignore", "-c", "import great_expectations"],
            "gongkai check (one workbook)": [GONGKAI, "check", workbook],
            "gongkai read (one workbook)": [GONGKAI, "read", workbook],
        }
        seconds = measure(commands, runs)
    bare = seconds["bare interpreter"]
    for name, each in seconds.items():
        print(f"{name:32} {each:7.3f} s  {each / bare:7.1f} × bare interpreter")
    after = seconds["gongkai check (one workbook)"] - seconds["import great_expectations"]
    print(f"{'check beyond the import':32} {after:7.3f} s  {after / bare:7.1f} × bare interpreter")


def measure(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """The median seconds of each command, the commands taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in taken.items()}


if __name__ == "__main__":
    main()
