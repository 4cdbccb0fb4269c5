"""Old files of text (.doc, .wps, .rtf, .odt): LibreOffice, where it is installed, makes DOCX of them.

It is run in a folder and with a profile of its own, without macros, links or a network, and ended with all that it
started.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Literal

from gongkai.errors import InputError
from gongkai.intake.interface import Document

Kind = Literal["doc", "rtf", "odt"]

TIMEOUT = 60
"""Seconds. A start on a busy machine takes some five, a long report one more."""
PROGRAMS = ("soffice", "libreoffice")


def converted(document: Document, kind: Kind) -> Document:
    """`document` as DOCX. Raises InputError with what to do where that cannot be made."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise InputError("no_libreoffice", file=document.name, kind=f".{kind}")
    with tempfile.TemporaryDirectory(prefix="gongkai-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, profile = folder / f"input.{kind}", folder / "profile" / "user"
        source.write_bytes(document.content)
        profile.mkdir(parents=True)
        settings = files("gongkai.intake").joinpath("libreoffice.xcu").read_bytes()
        (profile / "registrymodifications.xcu").write_bytes(settings)
        _run(program, source, folder, document.name)
        target = folder / "out" / "input.docx"
        if not target.is_file():
            raise InputError("not_converted", file=document.name)
        return document.holding(target.read_bytes())


def _run(program: str, source: Path, folder: Path, file: str) -> None:
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--norestore", "--nolockcheck", "--convert-to", "docx:MS Word 2007 XML"),
        *("--outdir", str(folder / "out"), str(source)),
    ]
    # Nothing of the user's own settings, fonts apart.
    environment = os.environ | {"HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}
    silent = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603  # the program that the path names, and files of ours
        command, cwd=folder, env=environment, stdin=silent, stdout=silent, stderr=silent, start_new_session=True
    )
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        raise InputError("conversion_overdue", file=file, seconds=TIMEOUT) from None
    finally:
        # The program is a script that starts others, which would outlive it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise InputError("not_converted", file=file)
