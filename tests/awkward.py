"""Awkward notebooks, as data; what running one gives, without what differs from run to run."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import papermill
from traitlets.config import Config

from gongkai.execute.canonical import canonical
from gongkai.execute.jupyter import ListedEnvironment

FOLDER = Path(__file__).parent / "data" / "awkward"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipy"))

KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def awkward(name: str) -> tuple[Any, dict[str, Any]]:
    """The notebook `name`, and options of papermill that it wants.

    Cells are parted by lines ``# %%``, followed by ``markdown``, ``raw``, or the metadata of a code cell; a first line
    may be ``# options`` with the options.
    """
    head, *parts = re.split(r"^# %%", (FOLDER / f"{name}.ipy").read_text(encoding="utf-8"), flags=re.MULTILINE)
    node = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
    for number, part in enumerate(parts):
        about, _, source = part.partition("\n")
        about, source = about.strip(), source.removesuffix("\n")
        match about:
            case "markdown" | "raw":
                cell = getattr(nbformat.v4, f"new_{about}_cell")(source)
            case _:
                cell = nbformat.v4.new_code_cell(source, metadata=json.loads(about or "{}"))
        cell.id = f"cell-{number}"
        node.cells.append(cell)
    return node, json.loads(head.removeprefix("# options") or "{}")


PATIENCE, ATTEMPTS = 40, 3
"""Seconds that a cell may take in a fresh kernel, and how often it is asked."""


def run(name: str, engine: str | None) -> dict[str, Any]:
    """What becomes of the awkward notebook `name` under papermill's own engine or `engine`.

    On a busy machine papermill's own may miss the answer of a fresh kernel and wait for ever: then it is asked again.
    """
    if engine is None and "timeout" not in awkward(name)[1]:
        for _ in range(ATTEMPTS):
            told = _run(name, None, timeout=PATIENCE)
            if "CellTimeoutError" not in str(told["raised"]):
                break
        return told
    return _run(name, engine)


def _run(name: str, engine: str | None, **more: Any) -> dict[str, Any]:
    source, options = awkward(name)
    options |= more
    executed = copy.deepcopy(source)
    # The notebook that papermill works on is lost to us where the kernel dies, if not for its file.
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        out = Path(folder) / "out.ipynb"
        if engine is None:
            private = {"transport": "ipc", "ip": f"{folder}/kernel"}
            options |= {"kernel_manager_class": ListedEnvironment, "config": Config({"KernelManager": private})}
        try:
            papermill.execute_notebook(
                executed,
                out,
                engine_name=engine,
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
                **options,
            )
            raised = None
        except Exception as error:
            raised = f"{type(error).__module__}.{type(error).__name__}: {error}"
        return told(nbformat.read(out, as_version=4), source, raised)


def told(executed: Any, source: Any, raised: str | None) -> dict[str, Any]:
    """All that a run leaves, but for times, ids, paths and what is cut by chance."""
    about = {key: value for key, value in executed.metadata.items() if key != "papermill"}
    statuses = [
        {key: cell.metadata.get("papermill", {}).get(key) for key in ("exception", "status")} for cell in executed.cells
    ]
    for number, cell in enumerate(executed.cells):
        if "papermill-error-cell-tag" in cell.metadata.get("tags", ()):
            cell.id = f"error-{number}"  # else drawn by lot
    canon = nbformat.reads(canonical(executed, source, {}), as_version=4)
    found = {"raised": raised, "metadata": about, "statuses": statuses, "notebook": canon}
    told: dict[str, Any] = _without_chance(found)
    return told


def _without_chance(value: Any) -> Any:
    match value:
        case str():
            for pattern, instead in BY_CHANCE:
                value = pattern.sub(instead, value)
            return value
        case list():
            return [_without_chance(each) for each in value]
        case {"traceback": list(frames), **others}:
            # A recursion ends where the stack does, and a kernel's own part of the stack is not as deep as ours.
            return _without_chance(others) | {"frames": [frame for frame, _ in groupby(_without_chance(frames))]}
        case dict():
            return {key: _without_chance(each) for key, each in value.items()}
        case _:
            return value


BY_CHANCE = [
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\b0x[0-9a-f]{6,}|(?<= object at )[0-9a-f]{6,}", "0x…"),  # addresses
        (r"/tmp/(tmp|gongkai-)\w+", "/tmp/…"),
        (r"(?<![^\s\"'(])[^\s\"'(]*/ipykernel_\d+/", ""),  # the folder that ipykernel makes up for cells
        (r"\b[\d.e+]+ (s|ms|μs|ns)\b", "… s"),  # what %time tells
        (r"\(\d+ times\)", "(… times)"),  # frames of a recursion
        (r"Call stack:\n(.*\n)*?(?=.*/kernelapp\.py)", "Call stack:\n"),  # of logging: what is beneath a kernel
        (r"'Task-\d+'", "'Task-…'"),
        (r"TimerHandle when=[\d.]+", "TimerHandle when=…"),
    )
]
