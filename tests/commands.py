"""Commands of gongkai in processes of their own.

`fresh` starts one as a user does, which takes seconds wherever Great Expectations is imported. `gongkai` forks it from
a process that has imported everything and done nothing else: what a command does, says and returns is the same.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

GONGKAI = Path(sys.executable).with_name("gongkai")

Done = subprocess.CompletedProcess[str]


def fresh(*arguments: object, cwd: Path | None = None, wait: float = 120) -> Done:
    """Run a command in a process that has imported nothing."""
    command = [str(GONGKAI), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False, timeout=wait)


def gongkai(*arguments: object, cwd: Path | None = None, wait: float = 120) -> Done:
    """Run a command in a process that has everything imported; its output is given as it is, line ends and all."""
    words = [str(GONGKAI), *map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        told = [Path(folder, name) for name in ("stdout", "stderr")]
        process = _server().Process(target=_run, args=(words, str(cwd or Path.cwd()), dict(os.environ), told))
        process.start()
        process.join(wait)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(words, wait)
        return Done(words, process.exitcode, *(path.read_bytes().decode() for path in told))


@cache
def _server() -> ForkServerContext:
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["gongkai.cli", "gongkai.consistency.gx", __name__])
    return server


def _run(words: Sequence[str], folder: str, environment: Mapping[str, str], told: Sequence[Path]) -> None:
    for number, path in enumerate(told, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(words)
    from gongkai.cli import main

    main()
