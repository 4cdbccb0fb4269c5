"""One report from filing to page: a real kernel runs the notebook. Runs are shared, since each takes seconds."""

from __future__ import annotations

import errno
import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import nbformat
import pikepdf
import pytest
import yaml

from gongkai import report
from gongkai.batch import FILES, FORMATS, Made, make_report
from gongkai.errors import AuthoringError, GongkaiError, JobError, NotebookError, UsageError
from gongkai.execute import execute
from gongkai.filing import Filing, Text
from gongkai.finding import findings_from_json
from gongkai.report import FINDINGS_MIME
from gongkai.workspace import write_text
from tests.helpers import ROOT, balanced_filing, changed, plus_one
from tests.notebooks import report_of, to_html

NOTEBOOK = ROOT / "notebooks" / "annual_report.ipynb"


def faulty() -> Filing:
    filing = changed(plus_one(balanced_filing(1), "requests.received.business"), {"disputes.direct_suit.upheld": None})
    return replace(filing, texts={"issues": (Text("公开内容不够丰富。"),)}, agency_code="990122009")


def last_year() -> Filing:
    return replace(balanced_filing(2, year=2023), agency_code="990122009")


def notebook_in(folder: Path, *sources: str, minor: int = 5) -> Path:
    """A notebook whose first cell declares its parameters; of an old format where `minor` is below 5."""
    node = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    node.metadata.language_info = {"name": "python"}
    node.nbformat_minor = minor
    node.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for number, cell in enumerate(node.cells):
        cell.id = f"cell-{number}"
        if minor < 5:
            del cell["id"]
    node.cells[0].metadata.tags = ["parameters"]
    path = folder / "own.ipynb"
    path.write_text(nbformat.writes(node), encoding="utf-8")
    return path


def command(*arguments: str, cwd: Path) -> None:
    module, *rest = arguments
    subprocess.run([sys.executable, "-m", module, *rest], cwd=cwd, check=True, capture_output=True, timeout=300)


def outputs(path: Path) -> list[Any]:
    return [cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells]


def entries(path: Path) -> Any:
    (appendix,) = [cell for cell in nbformat.read(path, as_version=4).cells if cell.id == "appendix"]
    return appendix.outputs[0].data[FINDINGS_MIME]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made") / "报告" / "990122009"


@pytest.fixture(scope="module")
def made(folder: Path) -> Made:
    return make_report(faulty(), folder, previous=last_year())


def test_a_report_leaves_exactly_its_files(made: Made, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert made.files == tuple(folder / name for name in FILES)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_filing_and_findings_are_left_as_they_were_used(made: Made, folder: Path) -> None:
    assert Filing.from_json((folder / "filing.json").read_text(encoding="utf-8")) == faulty()
    assert Filing.from_json((folder / "previous.json").read_text(encoding="utf-8")) == last_year()
    assert findings_from_json((folder / "findings.json").read_text(encoding="utf-8")) == made.findings
    assert made.findings == report.check(faulty(), previous=last_year()).findings
    assert {"CEL-BLANK", "T3-IDENTITY", "T4-SUM"} <= {finding.rule for finding in made.findings}


def test_the_same_report_in_another_folder_has_the_same_bytes(made: Made, folder: Path, tmp_path: Path) -> None:
    make_report(faulty(), tmp_path / "b", previous=last_year(), findings=made.findings)
    for name in FILES:
        assert (tmp_path / "b" / name).read_bytes() == (folder / name).read_bytes(), name


def test_no_file_tells_of_folder_machine_or_time(made: Made, folder: Path) -> None:
    words = (str(folder.parent), str(ROOT), "/tmp/", platform.node(), platform.python_version(), "papermill")
    for path in made.files:
        for text in unpacked(path):
            for word in words:
                assert not re.search(rb"(?<![\w.])" + re.escape(word.encode()) + rb"(?!\w)", text), (
                    f"{path.name}: {word}"
                )


def unpacked(path: Path) -> list[bytes]:
    """What is in a file, beside fonts, pictures and what is drawn."""
    if path.suffix == ".docx":
        with ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    if path.suffix == ".pdf":
        with pikepdf.open(path) as document:
            described = document.Root.Metadata.read_bytes()
            return [described, *(repr(each).encode() for each in document.objects)]
    return [path.read_bytes()]


def test_the_executed_notebook_is_canonical_and_readable(made: Made, folder: Path) -> None:
    text = (folder / "report.ipynb").read_text(encoding="utf-8")
    node = nbformat.reads(text, as_version=4)
    assert text == nbformat.writes(node) + "\n"
    assert node.metadata == nbformat.read(NOTEBOOK, as_version=4).metadata
    ids = [cell.id for cell in nbformat.read(NOTEBOOK, as_version=4).cells]
    assert [cell.id for cell in node.cells] == [ids[0], "injected-parameters", *ids[1:]]
    assert [cell.execution_count for cell in node.cells] == list(range(1, len(ids) + 2))


def test_the_executed_notebook_runs_again_in_its_folder(made: Made, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.ipynb"
    command("papermill", "report.ipynb", str(out), "--no-progress-bar", cwd=folder)
    assert outputs(out) == outputs(folder / "report.ipynb")


@pytest.mark.parametrize("extension", FORMATS)
def test_nbconvert_makes_the_final_and_on_demand_the_draft(
    extension: str, made: Made, folder: Path, tmp_path: Path
) -> None:
    for flags, name in (((), "report"), (("--GongkaiExporter.draft=True",), "report.draft")):
        arguments = ("--to", f"gongkai_{extension[1:]}", *flags, "--output-dir", str(tmp_path), "report.ipynb")
        command("jupyter", "nbconvert", *arguments, cwd=folder)
        assert (tmp_path / f"report{extension}").read_bytes() == (folder / f"{name}{extension}").read_bytes()


def test_plain_papermill_finds_the_same_from_the_repository_root(made: Made, folder: Path, tmp_path: Path) -> None:
    parameters = {"input": str(folder / "filing.json"), "previous": str(folder / "previous.json"), "language": "zh"}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(parameters, allow_unicode=True), encoding="utf-8")
    out = tmp_path / "out.ipynb"
    arguments = ("notebooks/annual_report.ipynb", str(out), "-f", str(tmp_path / "x.yaml"), "--no-progress-bar")
    command("papermill", *arguments, cwd=ROOT)
    assert entries(out) == entries(folder / "report.ipynb")
    for draft, name in ((False, "report.html"), (True, "report.draft.html")):
        assert to_html(out.read_text(encoding="utf-8"), draft=draft) == (folder / name).read_text(encoding="utf-8")


def test_the_notebook_runs_as_it_stands_beside_itself() -> None:
    text = execute(NOTEBOOK, {}, NOTEBOOK.parent)
    assert "data-table" in to_html(text)


def test_with_findings_handed_in_great_expectations_is_not_loaded(made: Made, folder: Path) -> None:
    code = (
        "import sys; from gongkai import report; filing, _ = report.open('./filing.json');"
        "checked = report.check(filing, findings='./findings.json'); report.appendix(checked);"
        "print(len(checked.findings), 'great_expectations' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [str(len(made.findings)), "False", "False"]


PARAMETERS = "input = None\nfindings = None\nlanguage = None\nprevious = None"


def test_a_report_without_last_year_leaves_no_old_one_behind(tmp_path: Path) -> None:
    target = tmp_path / "target"
    for previous in (last_year(), None):
        make_report(faulty(), target, previous=previous, findings=(), notebook=notebook_in(tmp_path, PARAMETERS))
        assert (target / "previous.json").exists() == (previous is not None)


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("raise ValueError('第一行\\nsecond')", NotebookError, r"own\.ipynb.*cell-1.*ValueError: 第一行$"),
        ("from gongkai import report\nreport.open('absent.json')", NotebookError, "cell-1.*absent.json"),
        ("from IPython.display import SVG\nSVG('<svg/>')", JobError, "cell-1.*SVG"),
    ],
)
def test_a_notebook_that_fails_leaves_the_folder_as_it_was(
    source: str, error: type[GongkaiError], words: str, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "report.html").write_text("old", encoding="utf-8")
    with pytest.raises(error, match=words):
        make_report(faulty(), target, findings=(), notebook=notebook_in(tmp_path, PARAMETERS, source))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.ipynb", "target"]
    assert [path.read_text(encoding="utf-8") for path in target.iterdir()] == ["old"]


def test_an_interrupted_report_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("gongkai.execute.execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_report(faulty(), tmp_path / "target", findings=())
    assert not list(tmp_path.iterdir())


def test_a_kernel_that_dies_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="内核"):
        execute(notebook_in(tmp_path, "x = 1", "import os\nos._exit(1)"), {}, tmp_path)


def test_an_executed_notebook_holds_nothing_of_chance(tmp_path: Path) -> None:
    """Parameters in letters, pieces of a stream joined, cells of an old format numbered."""
    loud = "import sys, time\nfor each in range(5):\n    print(each)\n    sys.stdout.flush()\n    time.sleep(0.05)"
    notebook = notebook_in(tmp_path, "agency = None\nyear = 1", loud, "agency, year", minor=4)
    node = nbformat.reads(execute(notebook, {"agency": "青杉县“局”", "year": 2024}, tmp_path), as_version=4)
    assert [cell.id for cell in node.cells] == ["cell-1", "injected-parameters", "cell-2", "cell-3"]
    assert node.cells[1].source == "# Parameters\nagency = '青杉县“局”'\nyear = 2024"
    assert [output.text for output in node.cells[2].outputs] == ["0\n1\n2\n3\n4\n"]
    assert node.cells[3].outputs[0].data["text/plain"] == "('青杉县“局”', 2024)"
    assert not any(cell.metadata.keys() - {"tags"} for cell in node.cells)


def test_a_parameter_that_the_notebook_does_not_declare_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"annual_report\.ipynb.*inputs.*input"):
        execute(NOTEBOOK, {"inputs": "x"}, tmp_path)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_text("no notebook", encoding="utf-8"),
        lambda path: path.write_text(json.dumps({"cells": 1}), encoding="utf-8"),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
        lambda path: None,
    ],
)
def test_what_is_no_notebook_is_refused_by_its_name(write: Callable[[Path], object], tmp_path: Path) -> None:
    write(tmp_path / "own.ipynb")
    with pytest.raises(AuthoringError, match=r"own\.ipynb"):
        execute(tmp_path / "own.ipynb", {}, tmp_path)


def test_a_folder_that_cannot_be_made_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError):
            make_report(faulty(), target, findings=())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_in_the_place_of_a_file_is_told_and_nothing_is_moved(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "report.html").mkdir(parents=True)
    (target / "filing.json").write_text("old", encoding="utf-8")
    with pytest.raises(UsageError, match=r"target.*report\.html"):
        make_report(faulty(), target, findings=(), notebook=notebook_in(tmp_path, PARAMETERS))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.ipynb", "target"]
    assert sorted(path.name for path in target.iterdir()) == ["filing.json", "report.html"]
    assert (target / "filing.json").read_text(encoding="utf-8") == "old"


def test_a_folder_that_comes_into_the_way_meanwhile_is_told_and_nothing_is_moved(tmp_path: Path) -> None:
    target = tmp_path / "target"
    notebook = notebook_in(tmp_path, PARAMETERS, f"import os; os.makedirs({str(target / 'report.html')!r})")
    with pytest.raises(UsageError, match=r"target.*report\.html"):
        make_report(faulty(), target, findings=(), notebook=notebook)
    assert [path.name for path in target.iterdir()] == ["report.html"]


def refusal(write: Callable[..., object], target: Path, *arguments: object) -> str:
    with pytest.raises(UsageError, match=r"^target") as caught:
        write(target, *arguments)
    return caught.value.key


def report_to(target: Path) -> Made:
    return make_report(faulty(), target, findings=())


def test_why_something_cannot_be_written_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for above in (tmp_path / "file", tmp_path / "file" / "below"):
        assert refusal(write_text, above / "target", "x") == "above_is_file"
        assert refusal(report_to, above / "target") == "above_is_file"

    for number, key in ((errno.ENOSPC, "disk_full"), (errno.EACCES, "not_permitted"), (errno.EIO, "cannot_write")):

        def failing(*_: object, number: int = number, **__: object) -> None:
            raise OSError(number, "in English")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", failing)
            assert refusal(write_text, tmp_path / "target.txt", "x") == key
        with monkeypatch.context() as patch:
            patch.setattr("gongkai.batch.report.fill", lambda *_, **__: None)
            patch.setattr("gongkai.batch.report.FILES", ("report.html",))
            patch.setattr(Path, "unlink", failing)
            assert refusal(report_to, tmp_path / "target") == key
    with monkeypatch.context() as patch:
        patch.setattr("os.access", lambda *_: False)
        assert refusal(report_to, tmp_path / "target") == "not_permitted"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "target"]


def test_a_disk_that_is_full_after_the_first_pages_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.write_bytes

    def write_bytes(path: Path, data: bytes) -> int:
        if path.suffix == ".pdf":
            raise OSError(errno.ENOSPC, "in English")
        return written(path, data)

    monkeypatch.setattr("gongkai.execute.execute", lambda *_, **__: report_of(faulty()))
    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    with pytest.raises(UsageError, match=re.escape("report.pdf")) as full:
        report_to(tmp_path / "target")
    assert full.value.key == "disk_full"
    assert not list(tmp_path.iterdir())


WORKING = """\
import sys, time
from pathlib import Path
from gongkai.workspace import working_folder
with working_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("written")
    (folder / "below").mkdir()
    print("ready", flush=True)
    time.sleep(600)
"""


def test_what_a_killed_run_left_is_cleared_but_never_what_a_living_one_uses(tmp_path: Path) -> None:
    target, folder = tmp_path / "A1", tmp_path / ".gongkai-A1"
    notebook = notebook_in(tmp_path, PARAMETERS)
    with subprocess.Popen([sys.executable, "-c", WORKING, str(target)], stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout
            assert other.stdout.readline().strip() == b"ready"
            with pytest.raises(UsageError, match="A1") as caught:
                make_report(faulty(), target, findings=(), notebook=notebook)
            assert caught.value.key == "output_in_use"
            assert (folder / "half").exists()
            make_report(faulty(), tmp_path / "A2", findings=(), notebook=notebook)
        finally:
            other.kill()
    assert (folder / "half").exists()
    made = make_report(faulty(), target, findings=(), notebook=notebook)
    assert sorted(path.name for path in target.iterdir()) == sorted(path.name for path in made.files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A1", "A2", "own.ipynb"]


def test_a_link_in_the_place_of_the_working_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept").write_text("", encoding="utf-8")
    (tmp_path / ".gongkai-target").symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError):
        report_to(tmp_path / "target")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["kept"]


def test_opening_completes_the_filing_and_refuses_what_does_not_belong(tmp_path: Path) -> None:
    anonymous = replace(balanced_filing(1), agency=None, year=None)
    (tmp_path / "this.json").write_text(anonymous.to_json(), encoding="utf-8")
    (tmp_path / "last.json").write_text(last_year().to_json(), encoding="utf-8")
    path, previous = str(tmp_path / "this.json"), str(tmp_path / "last.json")
    filing, last = report.open(path, previous=previous, agency="青杉县财政局", agency_code="990122009", year=2024)
    assert (filing.agency, filing.agency_code, filing.year) == ("青杉县财政局", "990122009", 2024)
    assert last == last_year()
    with pytest.raises(GongkaiError, match=r"2023.*2024"):
        report.open(path, previous=previous, year=2025)
    with pytest.raises(GongkaiError, match="990122001"):
        report.open(path, previous=previous, year=2024, agency_code="990122001")
