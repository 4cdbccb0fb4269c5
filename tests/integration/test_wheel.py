"""The wheel, installed in an empty environment, does everything outside the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from gongkai import workspace
from gongkai.batch import FILES
from tests.helpers import ROOT, balanced_filing

FOLDERS = ("notebooks", "expectations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", folder, ROOT], check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel, and finds what the lock names where we run.

    That the lock is enough is shown where this runs: `make` installs nothing else.
    """
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    install = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    subprocess.run([*install, "--quiet", "--disable-pip-version-check", "--no-deps", str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A path in a file of paths comes last, and the files of paths in it are not read: our editable one is not there.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin"


def run(*command: object, cwd: Path, code: int = 0) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_what_lies_at_the_top_of_the_repository(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    for folder in FOLDERS:
        for path in (path for path in (ROOT / folder).rglob("*") if path.suffix in (".ipynb", ".yaml")):
            name = f"gongkai/_data/{path.relative_to(ROOT).as_posix()}"
            assert packed.get(name) == path.read_bytes(), name
    package = ROOT / "toolkit" / "gongkai"
    for path in package.rglob("*"):
        if path.is_file() and path.suffix not in (".pyc",):
            assert f"gongkai/{path.relative_to(package).as_posix()}" in packed
    assert not [name for name in packed if "examples" in name or "tests" in name]


def test_a_checkout_uses_the_folders_where_they_stand() -> None:
    for folder in FOLDERS:
        assert workspace.package_data(folder) == ROOT / folder


def test_the_wheel_works_in_any_folder(installed: Path, tmp_path: Path) -> None:
    gongkai = installed / "gongkai"
    about = ["--agency", "青杉县档案馆", "--code", "990122099", "--level", "department", "--year", "2024"]
    run(gongkai, "template", *about, "-o", "填报.xlsx", cwd=tmp_path)
    assert "CEL-BLANK" in run(gongkai, "check", "填报.xlsx", cwd=tmp_path, code=1)
    (tmp_path / "甲.json").write_text(balanced_filing().to_json(), encoding="utf-8")
    run(gongkai, "report", "甲.json", "-o", "报告", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "报告").iterdir()} == {*FILES} - {"previous.json"}
    (tmp_path / "名单.csv").write_text(
        "agency,code,level,input\n青杉县财政局,A1,department,甲.json\n", encoding="utf-8"
    )
    (tmp_path / "run.yaml").write_text("run: 1\nyear: 2024\nroster: 名单.csv\noutput: out\n", encoding="utf-8")
    run(gongkai, "run", "run.yaml", cwd=tmp_path)
    assert (tmp_path / "out" / "A1" / "report.html").is_file()


def test_plain_papermill_and_nbconvert_work_with_the_wheel(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "甲.json").write_text(balanced_filing().to_json(), encoding="utf-8")
    (tmp_path / "p.yaml").write_text("input: 甲.json\nlanguage: zh\n", encoding="utf-8")
    python = installed / "python"
    where = "import gongkai.workspace as w; print(w.package_data('notebooks'))"
    notebooks = Path(run(python, "-c", where, cwd=tmp_path).strip())
    assert ROOT not in notebooks.parents
    run(python, "-m", "papermill", notebooks / "annual_report.ipynb", "out.ipynb", "-f", "p.yaml", cwd=tmp_path)
    run(python, "-m", "nbconvert", "--to", "gongkai_html", "out.ipynb", cwd=tmp_path)
    assert (tmp_path / "out.html").read_text(encoding="utf-8").count("data-cell=") == 200
