"""The Word file in other programs: LibreOffice sets it, a validator with the schemas of Office Open XML reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, NoReturn

import docx
import pytest
from openxml_audit import FileFormat, OpenXmlValidator

from gongkai.catalogues import speaking
from gongkai.export.blocks import TEXT_HEIGHT, TEXT_WIDTH, UNDATED, Document, Look, Note, Paragraph, Run, Signature
from gongkai.export.docx import write_docx
from tests.helpers import balanced_filing
from tests.unit.docx_trees import document, everything, line, nested, report

FILING = balanced_filing(1)
NOTES: dict[str, tuple[Note, ...]] = {
    "requests.received.total": (Note(1, "error", "TBL-1", "不等"), Note(2, "doubt", "PRS", "存疑"))
}
MM = 72 / 25.4
TOP, LEFT = 37 * MM, 28 * MM


def missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"{what} is not installed")


def samples() -> dict[str, Document]:
    with speaking("en"):
        english = replace(report(FILING, draft=True, notes=NOTES), language="en")
    return {
        "plain": report(FILING, *everything(FILING)),
        "draft": report(FILING, nested(), draft=True, notes=NOTES),
        "large": report(balanced_filing(2, largest=12_345_678)),
        "english": english,
        "empty": document(issued=UNDATED),
    }


def faults(path: Path) -> list[str]:
    """What openxml-audit finds by the schemas and rules of the Open XML SDK."""
    found = OpenXmlValidator(file_format=FileFormat.OFFICE_2019).validate(str(path)).errors
    # It demands a theme, which ISO/IEC 29500-1 does not and without which the SDK's own validator is content.
    return [str(each) for each in found if "relationships/theme" not in str(each)]


@pytest.mark.parametrize("name", list(samples()))
def test_the_file_is_valid(name: str, tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(write_docx(samples()[name]))
    assert faults(path) == []


def test_a_restyled_file_is_valid(tmp_path: Path) -> None:
    office = docx.Document()
    office.add_paragraph("正文", "List Bullet").part.document.sections[0].header.paragraphs[0].text = "某局"
    office.save(str(tmp_path / "reference.docx"))
    path = tmp_path / "made.docx"
    made = report(FILING, *everything(FILING), draft=True, notes=NOTES)
    path.write_bytes(write_docx(made, reference=tmp_path / "reference.docx"))
    assert faults(path) == []


def test_the_validator_sees_what_is_wrong(tmp_path: Path) -> None:
    broken = docx.Document()
    properties = broken.add_paragraph("文")._p.get_or_add_pPr()
    properties.append(properties.makeelement(properties.tag.replace("pPr", "tblPr"), None, None))
    broken.save(str(tmp_path / "broken.docx"))
    assert faults(tmp_path / "broken.docx")


class Word(NamedTuple):
    """A word on a page, with its box in points from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


Set = Callable[[Mapping[str, Document]], dict[str, list[Word]]]


@pytest.fixture(scope="module")
def typeset(tmp_path_factory: pytest.TempPathFactory) -> Set:
    """Sets documents by LibreOffice: the words of each, where they came to stand."""
    program, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if program is None or reader is None:
        missing("LibreOffice (soffice) and pdftotext")
    folder = tmp_path_factory.mktemp("libreoffice")

    def run(documents: Mapping[str, Document]) -> dict[str, list[Word]]:
        for name, made in documents.items():
            (folder / f"{name}.docx").write_bytes(write_docx(made))
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
        paths = [str(folder / f"{name}.docx") for name in documents]
        subprocess.run([*command, *paths], check=True, capture_output=True, timeout=300)
        if not all(Path(path).with_suffix(".pdf").exists() for path in paths):
            missing("LibreOffice Writer")
        return {name: _words(reader, folder / f"{name}.pdf") for name in documents}

    return run


BOX = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>|(<page )')


def _words(reader: str, path: Path) -> list[Word]:
    xml = subprocess.run([reader, "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    found, page = [], 0
    for left, top, right, bottom, text, new_page in BOX.findall(xml):
        page += bool(new_page)
        if not new_page:
            found.append(Word(page, float(left), float(top), float(right), float(bottom), text))
    return found


def test_a_page_has_22_lines_of_28_characters(typeset: Set) -> None:
    words = typeset({"lines": document(Paragraph(line("永" * 28 * 60)))})["lines"]
    body = [word for word in words if "永" in word.text]
    assert [sum(word.page == page for word in body) for page in (1, 2)] == [22, 22]
    assert len(body[0].text) == 26 and {len(word.text) for word in body[1:-1]} == {28}
    assert body[1].left == pytest.approx(LEFT, abs=0.5) and body[1].right <= LEFT + TEXT_WIDTH + 0.5
    assert body[21].bottom <= TOP + TEXT_HEIGHT + 8


def test_page_numbers_stand_outside_between_dashes(typeset: Set) -> None:
    words = typeset({"pages": document(Paragraph(line("永" * 28 * 60)))})["pages"]
    feet = [[word for word in words if word.page == page and word.top > TOP + TEXT_HEIGHT] for page in (1, 2)]
    assert [" ".join(word.text for word in foot) for foot in feet] == ["— 1 —", "— 2 —"]
    assert feet[0][-1].right == pytest.approx(LEFT + TEXT_WIDTH - 14, abs=1)
    assert feet[1][0].left == pytest.approx(LEFT + 14, abs=1)


def test_nothing_of_a_report_stands_outside_of_the_page(typeset: Set) -> None:
    for words in typeset(samples()).values():
        # A comma or full stop may hang in the margin.
        assert not [word for word in words if word.right > LEFT + TEXT_WIDTH + 17 or word.left < LEFT - 1]


def test_the_date_keeps_four_characters_free_below_who_signs(typeset: Set) -> None:
    words = typeset({"signed": document(Paragraph(line("文")), Signature(("青杉县财政局", "2025年1月20日")))})["signed"]
    body = [word for word in words if word.top < TOP + TEXT_HEIGHT]
    name = next(word for word in body if "财政局" in word.text)
    date = [word for word in body if word.top > name.top + 10]
    assert len({word.top for word in date}) == 1
    left, right = min(word.left for word in date), max(word.right for word in date)
    assert (left + right) / 2 == pytest.approx((name.left + name.right) / 2, abs=1)
    assert LEFT + TEXT_WIDTH - right == pytest.approx(64, abs=12)


def test_digits_and_latin_words_are_not_torn(typeset: Set) -> None:
    made = document(*(Paragraph((Run("永" * number + "2024年Government公开", Look()),)) for number in range(10, 27)))
    text = " ".join(word.text for word in typeset({"torn": made})["torn"])
    assert text.count("2024") == text.count("Government") == 17
