"""Other people's software at work: LibreOffice, Chromium and poppler, each on many files in one go."""

from __future__ import annotations

import base64
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.browser.devtools import browser
from tests.browser.test_html_print import tool

Step = Callable[[Sequence[Path]], list[Path]]

PROGRAMS = ("soffice", "chromium", "pdftotext")
PAGE_NUMBER = '<div style="font-size:9pt;width:100%;text-align:center">- <span class="pageNumber"></span> -</div>'


def office(suffix: str, export: str = "", load: str = "") -> Step:
    """LibreOffice's conversion to files named `suffix`, by its filters `export` and `load`."""
    return partial(_office, suffix, f"{suffix}:{export}" if export else suffix, load)


def _office(suffix: str, target: str, load: str, paths: Sequence[Path]) -> list[Path]:
    folder = _beside(paths, suffix)
    with tempfile.TemporaryDirectory(prefix="gongkai-") as profile:
        switches = [f"-env:UserInstallation={Path(profile).as_uri()}", "--headless"]
        switches += [f"--infilter={load}"] if load else []
        command = [tool("soffice"), *switches, "--convert-to", target, "--outdir", str(folder), *map(str, paths)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    made = [folder / f"{path.stem}.{suffix}" for path in paths]
    missing = [path.name for path in made if not path.exists()]
    assert not missing, (missing, done.stderr)
    return made


def printed(paths: Sequence[Path]) -> list[Path]:
    """Pages as Chromium prints them, numbered at the foot."""
    folder = _beside(paths, "pdf")
    made = []
    with browser(_beside(paths, "profile")) as page:
        for path in paths:
            page.open(path)
            settings = {"preferCSSPageSize": True, "displayHeaderFooter": True, "headerTemplate": "<i></i>"}
            told = page.call("Page.printToPDF", **settings, footerTemplate=PAGE_NUMBER)
            made.append(folder / f"{path.stem}.pdf")
            made[-1].write_bytes(base64.b64decode(told["data"]))
    return made


def text_of_pdf(*switches: str) -> Step:
    """What poppler's pdftotext takes out."""
    return partial(_text_of_pdf, switches)


def _text_of_pdf(switches: Sequence[str], paths: Sequence[Path]) -> list[Path]:
    folder = _beside(paths, "txt")
    made = [folder / f"{path.stem}.txt" for path in paths]
    for path, target in zip(paths, made, strict=True):
        subprocess.run([tool("pdftotext"), *switches, str(path), str(target)], check=True, timeout=60)
    return made


def encoded(encoding: str) -> Step:
    """Texts in UTF-8 saved in another encoding."""
    return partial(_encoded, encoding)


def _encoded(encoding: str, paths: Sequence[Path]) -> list[Path]:
    for path in paths:
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    return list(paths)


def _beside(paths: Sequence[Path], name: str) -> Path:
    """A new folder for what becomes of files."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=paths[0].parent))
