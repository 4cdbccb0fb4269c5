"""How long a run takes for each agency, beside papermill, nbconvert and ploomber-engine with the same notebook.

    make bench        or        .venv/bin/python -m benchmarks.batch [--agencies N] [--rounds N] [--folder DIR]

The table: in each round every way makes reports of one invented workspace, the ways taking turns so that a busy machine
slows them alike; medians of the rounds are printed, the best beside them. The peers make nbconvert's plain HTML, and
the notebook runs the rules; (b) and (c) are processes that have made a report before, and (c) is no fresh process for
each notebook. Of `gongkai run` it is all from when its warm parent is ready until it has ended, divided by the
agencies; with the start, all of it. Peers that are not installed are left out and named.
What must hold: (d) 25 ×, (e) 40 ×, (f) 20 × as fast as (a), and (f) within 0.45 core-seconds on a quiet machine.

Longer ones, each by itself; `--folder` keeps the workspaces, which take minutes to make:

    --growth        HTML of 300 and of 3,000 agencies: the time for each within 10 %
    --province [N]  three formats of N agencies from workbooks, two at a time: 3,000 within 12 minutes
    --memory [N]    HTML of N agencies, two at a time: after the first 100 the driver and the warm parent grow by at
                    most 50 MiB, and hold no more open files
    --nothing [N]   N agencies of which nothing has changed: a run within 5 s, `gongkai status` within 0.5 s
    --notebooks [N] N small notebooks, four times as many at a time as there are cores: none fails
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "annual_report.ipynb"
GONGKAI, JUPYTER, PAPERMILL = (
    str(Path(sys.executable).with_name(name)) for name in ("gongkai", "jupyter", "papermill")
)
THIS = [sys.executable, "-W", "ignore", "-m", "benchmarks.batch"]

PEERS = {"papermill": "papermill's and nbconvert's API", "ploomber_engine": "ploomber-engine, nbconvert's API"}
HTML = {"formats": ["html"], "drafts": False}
ALL = {"formats": ["html", "docx", "pdf"]}
RUNS: dict[str, dict[str, Any]] = {
    "run: HTML, rules in each notebook": {**HTML, "checks": "notebook"},
    "run: HTML": HTML,
    "run: HTML, DOCX, PDF": {**ALL, "drafts": False},
    "run: all that, and drafts": ALL,
}
COMMANDS = "papermill; jupyter nbconvert"
BOUNDS = {"run: HTML, rules in each notebook": 25, "run: HTML": 40, "run: HTML, DOCX, PDF": 20}
CORE_SECONDS = 0.45


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds, and seconds of all cores together, of this process and of all that it has started and outlived."""

    seconds: float
    cores: float

    @classmethod
    def now(cls) -> Taken:
        """So far."""
        uses = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return cls(time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in uses))

    def __sub__(self, other: Taken) -> Taken:
        return Taken(self.seconds - other.seconds, self.cores - other.cores)

    def __truediv__(self, count: float) -> Taken:
        return Taken(self.seconds / count, self.cores / count)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--agencies", type=int, default=40, help="of each run of the table")
    arguments.add_argument("--rounds", type=int, default=3, help="of the table")
    arguments.add_argument("--folder", type=Path, help="keeps the workspaces")
    arguments.add_argument("--growth", action="store_true")
    for name, count in (("province", 3000), ("memory", 10000), ("nothing", 3000), ("notebooks", 5000)):
        arguments.add_argument(f"--{name}", type=int, nargs="?", const=count, default=0, metavar="N")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspaces = (given.folder or Path(folder)).resolve()
        longer = {"province": province, "memory": memory, "nothing": nothing, "notebooks": notebooks}
        asked = {measure: count for name, measure in longer.items() if (count := getattr(given, name))}
        for measure, count in asked.items():
            measure(workspaces, count)
        if given.growth:
            growth(workspaces)
        if not (given.growth or asked):
            table(workspaces, given.agencies, given.rounds)


def held(bound: str, *, holds: bool) -> str:
    return f"{'OK' if holds else 'short of it'} ({bound})"


# Workspaces ---------------------------------------------------------------------------------------------------------


def workspace(folder: Path, files: str, count: int) -> Path:
    """An invented workspace of at least `count` agencies, two years each; one that is there is used again."""
    counties = -(-count // 40)
    made = folder / f"{files}-{counties * 40}"
    if not (made / "FAULTS.yaml").exists():  # which is written last
        shutil.rmtree(made, ignore_errors=True)
        command = f"--counties {counties} --agencies 40 --years 2023-2024 --faults 0.05 --seed 1 --files {files} -o"
        subprocess.run([GONGKAI, "example", *command.split(), made], check=True, stdout=subprocess.DEVNULL)
    return made


def run_file(where: Path, name: str, count: int, options: Mapping[str, Any]) -> Path:
    """A run file for the first `count` agencies of the workspace `where`."""
    lines = (where / "params" / "all.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (where / "params" / f"{name}.csv").write_text("".join(lines[: count + 1]), encoding="utf-8")
    keys = yaml.safe_load((where / "params" / "all.yaml").read_text(encoding="utf-8"))
    own = {"roster": f"params/{name}.csv", "output": f"build/{name}"}
    path = where / "params" / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**keys, **own, **options}, allow_unicode=True), encoding="utf-8")
    return path


def inputs(where: Path) -> Iterator[dict[str, str]]:
    """What the notebook of each agency is given."""
    keys = yaml.safe_load((where / "params" / "all.yaml").read_text(encoding="utf-8"))
    with (where / keys["roster"]).open(encoding="utf-8", newline="") as roster:
        for agency in csv.DictReader(roster):
            about = {"code": agency["code"], "year": keys["year"], "previous_year": keys["year"] - 1}
            yield {name: keys[key].format(**about) for name, key in (("input", "inputs"), ("previous", "previous"))}


# Peers --------------------------------------------------------------------------------------------------------------


def by_commands(where: Path, given: Mapping[str, str], target: Path) -> Taken:
    """The report of one agency as two commands make it."""
    told = [word for name, value in given.items() for word in ("-r", name, value)]
    papermill = [PAPERMILL, str(NOTEBOOK), str(target), *told, "--cwd", str(where)]
    before = Taken.now()
    for command in (papermill, [JUPYTER, "nbconvert", "--to", "html", str(target)]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Taken.now() - before


class Peer:
    """A process that makes one report after the other, as it is told."""

    def __init__(self, name: str, where: Path) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [*THIS, "--peer", name, str(where)],
            cwd=ROOT,
            # ploomber-engine would tell its makers of each use.
            env=os.environ | {"PLOOMBER_STATS_ENABLED": "false", "PLOOMBER_VERSION_CHECK_DISABLED": "true"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def make(self, given: Mapping[str, str], target: Path) -> Taken:
        """Have it make the report of one agency."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps([given, str(target)]), file=self._process.stdin, flush=True)
        if not (answer := self._process.stdout.readline()):
            self._said.seek(0)
            raise RuntimeError(self._said.read())
        return Taken(*json.loads(answer))

    def close(self) -> None:
        """End it."""
        self._process.communicate()
        self._said.close()


def be_peer(name: str, where: Path) -> None:
    """Make the reports that standard input names."""
    from nbconvert import HTMLExporter

    if name == "papermill":
        from papermill import execute_notebook as execute
    else:
        from ploomber_engine import execute_notebook as execute
    html = HTMLExporter()
    # Whatever a notebook prints is no answer of ours.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        given, target = json.loads(line)
        before = Taken.now()
        execute(str(NOTEBOOK), target, parameters=given, progress_bar=False, cwd=str(where))
        written, _ = html.from_filename(target)
        Path(target).with_suffix(".html").write_text(written, encoding="utf-8")
        took = Taken.now() - before
        print(json.dumps([took.seconds, took.cores]), file=answers, flush=True)


def peers(where: Path, first: Mapping[str, str], target: Path) -> dict[str, Peer]:
    """Those that are installed, warmed by the report of a `first` agency."""
    there = {}
    for name, words in PEERS.items():
        try:
            __import__(name)
        except ImportError:
            print(f"{name} is not installed: left out")
            continue
        there[words] = peer = Peer(name, where)
        peer.make(first, target)
    return there


# `gongkai run` ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Ran:
    """A run: what it took, what of it until its warm parent was ready, and its events by when they came."""

    whole: Taken
    start: Taken
    events: list[tuple[float, dict[str, Any]]] = field(repr=False)

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event for _, event in self.events if event["event"] == kind]

    def when(self, kind: str) -> list[float]:
        return [when for when, event in self.events if event["event"] == kind]

    @property
    def each(self) -> Taken:
        """For each agency, without the start."""
        return (self.whole - self.start) / len(self.told("agency"))


def ran(path: Path, *, jobs: int = 1, listener: Callable[[int, dict[str, Any]], None] | None = None) -> Ran:
    """Run the run file at `path`; `listener` is called with each event and the PID of the driver."""
    start = time.perf_counter()
    command = [*THIS, "--watched", "run", str(path), "--jobs", str(jobs), "--json"]
    events, ready = [], Taken(0, 0)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            when, event = time.perf_counter() - start, json.loads(line)
            events.append((when, event))
            if event["event"] == "ready":
                ready = Taken(when, event["cores"])
            if listener:
                listener(process.pid, event)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    whole = Taken(time.perf_counter() - start, used.ru_utime + used.ru_stime)
    outcomes = Counter(event["outcome"] for _, event in events if event["event"] == "agency")
    if set(outcomes) - {"succeeded", "withheld"}:
        print(f"not all were made: {dict(outcomes)}")
    return Ran(whole, ready, events)


def anew(path: Path, **options: Any) -> Ran:
    """Run the run file at `path` as if for the first time."""
    shutil.rmtree(path.parents[1] / "build" / path.stem, ignore_errors=True)
    return ran(path, **options)


class Watched:
    """The workers of a run, watched: tells when their parent is ready, and of each task how long it took."""

    def __init__(self, workers: Any) -> None:
        self._workers = workers

    def run(self, next_task: Callable[[], Any]) -> Iterator[Any]:
        """What becomes of each task, after a first one of ours that asks the child who its parent is."""
        from gongkai.execute.warm.task import Task

        ours, began = Task("os:getppid"), {}
        waiting = [ours]

        def given() -> Any:
            task = waiting.pop() if waiting else next_task()
            began[id(task)] = time.perf_counter()
            return task

        for ended in self._workers.run(given):
            if ended.task is ours:
                tell(event="ready", parent=ended.value, cores=time.process_time() + cores_of(ended.value))
                continue
            name = ended.task.function.rpartition(":")[2]
            tell(event="task", name=name, seconds=time.perf_counter() - began.pop(id(ended.task)))
            yield ended

    def close(self) -> None:
        self._workers.close()


def be_watched(arguments: Sequence[str]) -> None:
    """Be `gongkai run --json`, telling of the tasks too."""
    from gongkai.batch import running
    from gongkai.cli import main as gongkai

    inner = running.workers
    running.workers = lambda *options: Watched(inner(*options))  # type: ignore[assignment, arg-type, return-value]
    gongkai(arguments)


def tell(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def cores_of(pid: int) -> float:
    """Core-seconds of a process, and of its children that have ended."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


# What is measured ---------------------------------------------------------------------------------------------------


def table(folder: Path, count: int, rounds: int) -> None:
    where = workspace(folder, "workbook", count)
    calibration = {
        "bare interpreter": [sys.executable, "-c", "pass"],
        "import great_expectations": [sys.executable, "-W", "ignore", "-c", "import great_expectations"],
    }
    names = enumerate(RUNS.items())
    run_files = {words: run_file(where, f"table-{number}", count, options) for number, (words, options) in names}
    first, *given = inputs(where)
    taken: dict[str, list[Taken]] = {}
    whole: dict[str, list[Taken]] = {}
    with tempfile.TemporaryDirectory() as made:
        target = Path(made, "report.ipynb")
        others = peers(where, first, target)
        for number in range(rounds):
            for words, command in calibration.items():
                before = Taken.now()
                subprocess.run(command, check=True)
                taken.setdefault(words, []).append(Taken.now() - before)
            taken.setdefault(COMMANDS, []).append(by_commands(where, given[number % len(given)], target))
            for words, peer in others.items():
                for each in range(2):
                    took = peer.make(given[(2 * number + each) % len(given)], target)
                    taken.setdefault(words, []).append(took)
            for words, path in run_files.items():
                run = anew(path)
                taken.setdefault(words, []).append(run.each)
                whole.setdefault(words, []).append(run.whole / count)
        for peer in others.values():
            peer.close()
    print_table(taken, whole)


def print_table(taken: Mapping[str, Sequence[Taken]], whole: Mapping[str, Sequence[Taken]]) -> None:
    def median(each: Sequence[Taken]) -> Taken:
        return Taken(statistics.median(one.seconds for one in each), statistics.median(one.cores for one in each))

    def best(each: Sequence[Taken]) -> Taken:
        return Taken(min(one.seconds for one in each), min(one.cores for one in each))

    base = median(taken[COMMANDS])
    names = dict(zip([COMMANDS, *PEERS.values(), *RUNS], [f"({letter})" for letter in "abcdefg"], strict=True))
    heads = f"{'seconds':>9}{'best':>8}{'× (a)':>8}{'core-s':>10}{'best':>8}{'× (a)':>8}{'with the start':>16}"
    print(f"{'for each agency':40}{heads}")
    for words, each in taken.items():
        middle, least = median(each), best(each)
        line = f"{names.get(words, ''):3} {words:36}{middle.seconds:9.3f}{least.seconds:8.3f}"
        line += f"{base.seconds / middle.seconds:8.1f}" if words in names else " " * 8
        line += f"{middle.cores:10.3f}{least.cores:8.3f}"
        line += f"{base.cores / middle.cores:8.1f}" if words in names else ""
        line += f"{median(whole[words]).seconds:16.3f}" if words in whole else ""
        print(line)
    for words, bound in BOUNDS.items():
        ratio = base.seconds / median(taken[words]).seconds
        print(f"{names[words]} {ratio:.1f} × as fast as (a): {held(f'{bound} ×', holds=ratio >= bound)}")
    cores = median(taken["run: HTML, DOCX, PDF"]).cores
    print(f"(f) {cores:.3f} core-seconds: {held(f'{CORE_SECONDS} on a quiet machine', holds=cores <= CORE_SECONDS)}")


def growth(folder: Path, few: int = 300, many: int = 3000) -> None:
    where = workspace(folder, "cells", many)
    paths = {count: run_file(where, f"html-{count}", count, HTML) for count in (few, many)}
    runs = []
    for count in (few, many, few):  # so that a machine that tires shows
        runs.append((count, run := anew(paths[count])))
        print(f"{count:6} agencies: {run.each.seconds:.3f} s, {run.each.cores:.3f} core-seconds each", flush=True)
    for name in ("seconds", "cores"):
        small, large = (statistics.mean(getattr(run.each, name) for count, run in runs if count == n) for n in paths)
        print(f"growth of the {name} for each {large / small - 1:+.1%}: {held('10 %', holds=large <= 1.1 * small)}")


def province(folder: Path, count: int) -> None:
    path = run_file(workspace(folder, "workbook", count), "province", count, {**ALL, "drafts": False})
    run = anew(path, jobs=2)
    minutes, bound = run.whole.seconds / 60, 12 * count / 3000
    print(f"{count} agencies, three formats, two at a time: {minutes:.1f} min, {run.whole.cores:.0f} core-seconds")
    print(f"for each {run.each.seconds:.3f} s, {run.each.cores:.3f} core-seconds")
    seconds: Counter[str] = Counter()
    for task in run.told("task"):
        seconds[task["name"]] += task["seconds"]
    print(f"until the warm parent is ready {run.start.seconds:8.1f} s")
    print(f"children that read and check   {seconds['prepare']:8.1f} s, summed up")
    print(f"children that make reports     {seconds['make']:8.1f} s, summed up")
    print(f"after the last agency          {run.whole.seconds - run.when('agency')[-1]:8.1f} s")
    print(held(f"{bound:.1f} min", holds=minutes <= bound))


class Sampler:
    """Looks each second at the driver and the warm parent of a run: MiB resident, and open files."""

    def __init__(self) -> None:
        self.samples: dict[str, list[tuple[int, float, int]]] = {"driver": [], "warm parent": []}
        """How many agencies were done, MiB, open files."""
        self._done, self._over = 0, threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, driver: int, event: dict[str, Any]) -> None:
        if event["event"] == "ready":
            pids = {"driver": driver, "warm parent": event["parent"]}
            self._thread = threading.Thread(target=self._look, args=[pids])
            self._thread.start()
        if event["event"] == "agency":
            self._done = event["done"]
        if event["event"] == "finished":
            self._over.set()

    def _look(self, pids: Mapping[str, int]) -> None:
        while not self._over.wait(1):
            for name, pid in pids.items():
                try:
                    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
                    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
                except OSError:  # it has ended
                    return
                self.samples[name].append((self._done, pages * resource.getpagesize() / 2**20, files))


def memory(folder: Path, count: int) -> None:
    path = run_file(workspace(folder, "cells", count), f"html-{count}", count, HTML)
    sampler = Sampler()
    run = anew(path, jobs=2, listener=sampler)
    print(f"{count} agencies: {run.each.seconds:.3f} s, {run.each.cores:.3f} core-seconds each")
    for name, samples in sampler.samples.items():
        for part in range(0, count, max(1, count // 10)):
            found = [each for each in samples if part <= each[0] < part + max(1, count // 10)]
            if found:
                most, files = max(each[1] for each in found), max(each[2] for each in found)
                print(f"{name:12} from {part:6} {most:8.1f} MiB resident, {files} open files")
        before = [each for each in samples if each[0] <= 100]
        after = [each for each in samples if each[0] > 100] or before
        grown, more = (max(each[n] for each in after) - max(each[n] for each in before) for n in (1, 2))
        print(f"{name:12} after the first 100 {grown:+.1f} MiB: {held('50 MiB', holds=grown <= 50)}")
        print(f"{name:12} after the first 100 {more:+d} open files: {held('no more', holds=more <= 0)}")


def nothing(folder: Path, count: int) -> None:
    path = run_file(workspace(folder, "cells", count), f"html-{count}", count, HTML)
    ran(path)
    runs = [ran(path) for _ in range(3)]
    unchanged = min(run.told("finished")[0]["unchanged"] for run in runs)
    seconds = statistics.median(run.whole.seconds for run in runs)
    print(f"{unchanged} of {count} agencies unchanged: {seconds:.2f} s: {held('5 s', holds=seconds <= 5)}")
    taken = []
    for _ in range(7):
        before = time.perf_counter()
        command = [GONGKAI, "status", str(path.parents[1] / "build" / path.stem)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - before)
    print(f"gongkai status: {statistics.median(taken):.2f} s: {held('0.5 s', holds=statistics.median(taken) <= 0.5)}")


def notebooks(folder: Path, count: int) -> None:
    import nbformat

    from gongkai.execute.warm.pool import Pool
    from gongkai.execute.warm.task import Task

    sources = ["n: int = 0", "print(n * n)", "n + 1"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    node = nbformat.v4.new_notebook(cells=cells, metadata=about)
    node.cells[0].metadata.tags = ["parameters"]
    folder.mkdir(parents=True, exist_ok=True)
    path, numbers, jobs = folder / "small.ipynb", iter(range(count)), 4 * len(os.sched_getaffinity(0))
    nbformat.write(node, path)

    def next_task() -> Task | None:
        number = next(numbers, None)
        return None if number is None else Task("benchmarks.batch:executed", (str(path), number), seconds=60)

    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    wrong: Counter[str] = Counter()
    start = time.perf_counter()
    with Pool(jobs=jobs) as pool:
        for ended in pool.run(next_task):
            number = ended.task.arguments[1]
            if ended.error or ended.value != [f"{number * number}\n", str(number + 1)]:
                wrong[repr(ended.error or ended.value)] += 1
    seconds = time.perf_counter() - start
    print(
        f"{count} notebooks, {jobs} at a time: {seconds:.0f} s, {wrong.total()} failed: {held('none', holds=not wrong)}"
    )
    for error, times in wrong.most_common(5):
        print(f"{times:6} {error}")


def executed(notebook: str, number: int) -> list[str]:
    """What a small notebook shows of `number`."""
    from gongkai.execute import execute

    executed = json.loads(execute(Path(notebook), {"n": number}, Path(notebook).parent, engine="warm"))
    outputs = [output for cell in executed["cells"] for output in cell["outputs"]]
    return ["".join(each.get("text") or each["data"]["text/plain"]) for each in outputs]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--peer", name, where]:
            be_peer(name, Path(where))
        case ["--watched", *arguments]:
            be_watched(arguments)
        case _:
            main()
