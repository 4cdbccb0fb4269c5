"""Old Word files: made into DOCX by LibreOffice, which runs and fetches nothing, and is ended with all it started."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gongkai.errors import InputError
from gongkai.intake import archive, old_word, word
from gongkai.intake.containers import contained
from gongkai.intake.interface import Document
from gongkai.intake.printed import Grid, Paragraph

PAGE = (
    '<html><head><meta charset="utf-8"></head><body><p>青杉县2023年政府信息公开工作年度报告</p><table border="1"><tr>'
    '<td>信息内容</td><td colspan="2">本年制发件数</td></tr><tr><td>规章</td><td>1</td><td>２件</td></tr></table>'
    "</body></html>"
)
FILTERS = {"doc": "doc:MS Word 97", "rtf": "rtf:Rich Text Format", "odt": "odt:writer8"}
Saved = Callable[[str], Path]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Saves a page as LibreOffice does, in the format that is asked for."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have LibreOffice: soffice is not on the path")
        pytest.skip("LibreOffice is not installed: soffice is not on the path")
    folder = tmp_path_factory.mktemp("libreoffice")
    (folder / "page.html").write_text(PAGE, encoding="utf-8")

    def save(kind: str) -> Path:
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--infilter=HTML (StarWriter)", "--convert-to", FILTERS[kind]]
        command += ["--outdir", str(folder), str(folder / "page.html")]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return folder / f"page.{kind}"

    return save


@pytest.mark.parametrize("kind", FILTERS)
def test_an_old_file_is_read_as_the_docx_that_libreoffice_makes(kind: str, saved: Saved) -> None:
    given = Document("报告.wps", saved(kind).read_bytes())
    document = contained(given)
    assert archive.kind(document) == "docx"
    assert document.record == given.record
    title, table = (each for each in word.printed(document) if isinstance(each, Grid) or each.text)
    assert isinstance(title, Paragraph)
    assert title.text == "青杉县2023年政府信息公开工作年度报告"
    assert isinstance(table, Grid)
    assert [[field.text for field in row] for row in table.rows] == [
        ["信息内容", "本年制发件数"],
        ["规章", "1", "２件"],
    ]


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What a server on this machine was asked for; the first entry is its address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            found.append(self.raw_requestline.decode())
            self.close_connection = True

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = [f"http://127.0.0.1:{server.server_port}"]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_that_a_file_links_to_is_fetched_or_read(tmp_path: Path, saved: Saved, asked: list[str]) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    linked = (
        f'<text:section text:name="S"><text:section-source xlink:type="simple" xlink:href="{secret.as_uri()}" '
        'text:filter-name="Text"/><text:p>before</text:p></text:section><text:p><draw:frame svg:width="3cm" '
        f'svg:height="3cm" text:anchor-type="as-char"><draw:image xlink:href="{asked[0]}/x.png" xlink:type="simple" '
        'xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p></office:text>'
    )
    path = tmp_path / "linked.odt"
    with zipfile.ZipFile(saved("odt")) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "content.xml":
                content = content.replace(b"</office:text>", linked.encode())
            new.writestr(name, content)
    document = contained(Document("a", path.read_bytes()))
    words = [each.text for each in word.printed(document) if isinstance(each, Paragraph)]
    assert "before" in words
    assert not any("SECRET" in each for each in words)
    assert len(asked) == 1


def pretending(folder: Path, script: str) -> None:
    """A program called soffice that does what `script` says."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)


OLD = Document("报告.doc", b"")


def test_without_libreoffice_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as caught:
        old_word.converted(OLD, "doc")
    assert (caught.value.key, caught.value.file) == ("no_libreoffice", "报告.doc")
    assert ".docx" in str(caught.value)


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "kill -9 $$"])
def test_what_libreoffice_does_not_convert_is_refused(
    script: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretending(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(InputError) as caught:
        old_word.converted(OLD, "doc")
    assert caught.value.key == "not_converted"


def test_a_conversion_that_takes_too_long_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretending(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; sleep 600")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(old_word, "TIMEOUT", 2)
    with pytest.raises(InputError) as caught:
        old_word.converted(OLD, "doc")
    assert caught.value.key == "conversion_overdue"
    child = int((tmp_path / "child").read_text())
    end = time.monotonic() + 10
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(process: int) -> bool:
    """Whether a process is there and no mere entry that its parent has not taken note of."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_is_left_in_the_folder_for_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretending(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(InputError):
        old_word.converted(OLD, "doc")
    assert [path.name for path in tmp_path.iterdir()] == ["soffice"]
