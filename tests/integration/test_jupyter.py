"""The exporters in a running JupyterLab: its menu, the downloads of its menu, and what nbconvert makes without it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from bs4 import BeautifulSoup
from jsonschema import validate  # type: ignore[import-untyped]

from gongkai.execute import execute
from tests.helpers import ROOT, balanced_filing

MIMES = {
    "gongkai_docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gongkai_html": "text/html",
    "gongkai_pdf": "application/pdf",
}
FORMATS = sorted(MIMES)
NAMES = ("report", "青杉县财政局 2024年报")
OVERRIDE = ROOT / "toolkit" / "share" / "jupyter" / "lab" / "settings" / "overrides.d" / "gongkai.json"
MENU = "@jupyterlab/mainmenu-extension:plugin"
TOKEN = "a-token-of-the-tests"

# Which packages that nbconvert does not import itself do all exporters import, when one of each is made?
LISTING = """\
import sys
from importlib.metadata import entry_points
from nbconvert.exporters import get_export_names, get_exporter
for entry in entry_points(group="nbconvert.exporters"):
    if not entry.name.startswith("gongkai_"):
        get_exporter(entry.name)()
before = set(sys.modules)
for name in get_export_names():
    get_exporter(name)()
print(*{name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes


Get = Callable[[str], Answer]


def get(port: int, path: str) -> Answer:
    with closing(HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request("GET", quote(path, safe="/?=:@"), headers={"Authorization": f"token {TOKEN}"})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an executed notebook, under each of `NAMES`."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "甲.json").write_text(balanced_filing().to_json(), encoding="utf-8")
    parameters = {"input": "./甲.json", "language": "zh"}
    executed = execute(ROOT / "notebooks" / "annual_report.ipynb", parameters, folder)
    for name in NAMES:
        (folder / f"{name}.ipynb").write_text(executed, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the tests, but with no Jupyter settings of whoever runs them."""
    home = tmp_path_factory.mktemp("jupyter")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return kept | {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}


@pytest.fixture(scope="module")
def lab(root: Path, environment: dict[str, str]) -> Iterator[Get]:
    """A running JupyterLab, to get from."""
    options = [
        "--no-browser",
        "--ServerApp.allow_root=True",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.shutdown_no_activity_timeout=600",
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.extension_manager=readonly",
    ]
    runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
    log = runtime.parent / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=root,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        port = ready(process, runtime / f"jpserver-{process.pid}.json")
        assert port, log.read_text(encoding="utf-8")
        yield lambda path: get(port, path)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ready(process: subprocess.Popen[bytes], about: Path) -> int | None:
    """The port of the server, once it answers."""
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError, ValueError):
            port = int(json.loads(about.read_text(encoding="utf-8"))["port"])
            if get(port, "/api/status").status == 200:
                return port
        time.sleep(0.1)
    return None


def settings(lab: Get, plugin: str) -> Any:
    """What the browser gets of a plugin's settings."""
    return json.loads(lab(f"/lab/api/settings/{plugin}").body)["schema"]


def exports(menus: Any) -> Any:
    """The submenu Save and Export Notebook As."""
    (menu,) = [menu for menu in menus if menu["id"] == "jp-mainmenu-file"]
    (submenu,) = [item["submenu"] for item in menu["items"] if item["type"] == "submenu"]
    return submenu


@pytest.mark.parametrize("target", FORMATS)
def test_a_download_is_the_file_that_nbconvert_makes(
    target: str, lab: Get, root: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    notebooks = [f"{name}.ipynb" for name in NAMES]
    command = [sys.executable, "-m", "nbconvert", "--to", target, "--output-dir", str(tmp_path), *notebooks]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    for name in NAMES:
        answer = lab(f"/nbconvert/{target}/{name}.ipynb?download=true")
        file = f"{name}.{target.removeprefix('gongkai_')}"
        assert (answer.status, answer.headers.get_content_type()) == (200, MIMES[target]), answer.body[-4000:]
        assert (answer.headers.get_content_disposition(), answer.headers.get_filename()) == ("attachment", file)
        assert answer.body == (tmp_path / file).read_bytes()


@pytest.mark.parametrize("target", FORMATS)
def test_a_notebook_with_an_error_is_refused_in_words(target: str, lab: Get, root: Path) -> None:
    notebook = nbformat.read(root / f"{NAMES[0]}.ipynb", as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "signature"]
    cell.outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="没有 100% <数>", traceback=["File …"])]
    nbformat.write(notebook, root / "错.ipynb")
    answer = lab(f"/nbconvert/{target}/错.ipynb?download=true")
    assert (answer.status, answer.headers.get_content_disposition()) == (500, None)
    page = BeautifulSoup(answer.body, "html.parser")
    (message,) = page.select(".error pre")
    assert message.text == "nbconvert failed: signature：单元格出错：ValueError: 没有 100% <数>"
    assert "Traceback" not in page.text and "File " not in page.text


def test_the_server_offers_the_formats(lab: Get) -> None:
    offered = json.loads(lab("/api/nbconvert").body)
    ours = {name: about["output_mimetype"] for name, about in offered.items() if name.startswith("gongkai")}
    assert ours == {name: MIMES[name] for name in FORMATS}


def test_the_menu_names_the_formats_in_chinese(lab: Get) -> None:
    schema = settings(lab, MENU)
    menus = schema["properties"]["menus"]["default"]
    assert json.loads(OVERRIDE.read_text(encoding="utf-8")) == {MENU: {"menus": menus}}, "install gongkai again"
    items = [item for item in exports(menus)["items"] if "command" in item]
    assert {item["command"] for item in items} == {"notebook:export-to-format"}
    labels = {item["args"]["format"]: item["args"]["label"] for item in items}
    assert set(labels) == set(MIMES)
    assert all(re.search("[一-鿿]", label) for label in labels.values())


def test_the_menu_is_one_that_jupyterlab_has(lab: Get) -> None:
    schema = settings(lab, MENU)
    menus = schema["properties"]["menus"]
    validate(menus["default"], {**menus, "definitions": schema["definitions"]})
    theirs = settings(lab, "@jupyterlab/notebook-extension:export")["jupyter.lab.menus"]["main"]
    assert exports(menus["default"])["id"] == exports(theirs)["id"]


def test_listing_all_exporters_imports_nothing_heavy(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTING], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == ["gongkai"]
