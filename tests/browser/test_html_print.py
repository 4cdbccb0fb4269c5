"""The page as Chromium prints it on A4."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from dataclasses import replace as changed_to
from pathlib import Path

import pytest

from gongkai import intake, report
from gongkai.filing import Filing, Text
from gongkai.forms import load_form
from gongkai.report import Checked
from gongkai.tables import layout
from tests.helpers import CORPUS, balanced_filing, changed, plus_one
from tests.notebooks import markdown, notebook, report_of, shown_values, to_html

A4 = (594.96, 841.92)
LEFT, RIGHT = 28 / 25.4 * 72, A4[0] - 26 / 25.4 * 72
"""The edges of the type area."""
CHROMIUM = ("google", "gvt1.com")
"""Hosts that Chromium asks for updates and dictionaries, whatever the page."""


@dataclass(frozen=True)
class Word:
    page: int
    left: float
    right: float
    middle: float
    """Its height: fonts differ in how far their boxes reach up and down."""
    text: str


@dataclass(frozen=True)
class Printed:
    pages: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing")
        pytest.skip(f"{name} is not installed")
    return path


def printed(html: str, folder: Path) -> Printed:
    """What stands where when Chromium prints `html`."""
    chromium, pdftotext = tool("chromium"), tool("pdftotext")
    (folder / "report.html").write_text(html, encoding="utf-8")
    arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={folder}/p",
    ]
    target = [f"--print-to-pdf={folder}/report.pdf", (folder / "report.html").as_uri()]
    subprocess.run([chromium, *arguments, *target], check=True, capture_output=True, timeout=180)
    done = subprocess.run(
        [pdftotext, "-bbox", "report.pdf", "-"], cwd=folder, check=True, capture_output=True, text=True
    )
    words, page = [], 0
    for line in done.stdout.splitlines():
        if "<page " in line:
            page += 1
            size = [float(each) for each in re.findall(r'(?:width|height)="([\d.]+)"', line)]
            assert size == pytest.approx(A4, abs=0.1)
        if found := re.search(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)</word>', line):
            left, top, right, bottom = (float(found[number]) for number in (1, 2, 3, 4))
            words.append(Word(page, left, right, (top + bottom) / 2, found[5].replace("&amp;", "&")))
    return Printed(page, tuple(words))


def outside(page: Printed) -> list[Word]:
    """The words that reach out of the type area; a point is left for the side bearings of letters."""
    return [word for word in page.words if word.left < LEFT - 1 or word.right > RIGHT + 1]


def narrated(filing: Filing) -> Filing:
    """`filing` with prose in every place for it."""
    keys = load_form(filing.edition).text_keys
    texts = {key: tuple(Text(f"{key}：" + "本机关依法公开政府信息。" * 8) for _ in range(2)) for key in keys}
    return changed_to(filing, texts=texts, facts={"signed": Text("2025年1月20日")})


@pytest.fixture(scope="module")
def filing() -> Filing:
    return narrated(balanced_filing(4))


@pytest.fixture(scope="module")
def final(filing: Filing, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    return printed(to_html(report_of(filing)), tmp_path_factory.mktemp("final"))


def test_all_labels_and_values_are_printed(final: Printed, filing: Filing) -> None:
    form = load_form("2021")
    for key in form.tables:
        for cell in layout("2021", key).cells:
            if cell.words:
                # The lines of a label that wraps stand between those of its neighbours: compare its letters.
                assert set(str(cell.words)) <= set(final.text)
    values = [word.text for word in final.words if re.fullmatch(r"[\d.]+", word.text)]
    for value in shown_values(filing):
        values.remove(value)
    for section in form.sections:
        assert section.heading in final.text


def test_the_page_count_is_sane_and_nothing_leaves_the_type_area(final: Printed) -> None:
    assert 4 <= final.pages <= 7
    assert not outside(final)


def test_pages_are_numbered_at_the_outer_edge(final: Printed) -> None:
    feet = {
        page: [word for word in final.words if word.page == page and word.middle > A4[1] - 35 / 25.4 * 72]
        for page in range(1, final.pages + 1)
    }
    for page, words in feet.items():
        assert "".join(word.text for word in words) == f"—{page}—"
        assert (min(word.left for word in words) > A4[0] / 2) == (page % 2 == 1)


def test_no_heading_ends_a_page_and_no_signature_stands_alone(final: Printed, filing: Filing) -> None:
    body = [word for word in final.words if word.middle < A4[1] - 35 / 25.4 * 72]
    headings = [section.heading for section in filing.form.sections]
    for page in range(1, final.pages + 1):
        bottom = max((word for word in body if word.page == page), key=lambda word: word.middle)
        line = "".join(word.text for word in body if word.page == page and abs(word.middle - bottom.middle) < 2)
        assert not any(line.startswith(heading) for heading in headings)
    last = "".join(word.text for word in body if word.page == final.pages)
    assert last.endswith("2025年1月20日")
    assert len(last) > len(f"{filing.agency}2025年1月20日")


def test_the_head_of_a_table_is_repeated_where_a_page_cuts_it(final: Printed) -> None:
    pages = {word.page for word in final.words if word.text in ("商业", "商业企业")}
    rows = {word.page for word in final.words if word.text.startswith(("1.信访", "（七）总计", "1.属于"))}
    assert rows <= pages


def test_numbers_of_eight_digits_are_neither_torn_nor_cut(tmp_path: Path) -> None:
    form = load_form("2021")
    wide = changed(balanced_filing(), {address: 90_000_000 + number for number, address in enumerate(form.cells)})
    page = printed(to_html(report_of(wide)), tmp_path)
    assert not outside(page)
    # Neighbours may touch so closely that they are read as one word.
    digits = "".join(word.text for word in page.words if re.fullmatch(r"\d{8,}", word.text))
    assert sorted(re.findall(r"\d{8}", digits)) == sorted(shown_values(wide))


def test_a_draft_is_marked_on_every_page_and_shows_its_findings(filing: Filing, tmp_path: Path) -> None:
    faulty = plus_one(filing, "requests.received.business")
    checked: Checked = report.check(faulty)
    page = printed(to_html(report_of(faulty, checked=checked), draft=True), tmp_path)
    assert not [word for word in outside(page) if word.text not in ("草", "稿", "草稿") and word.left < RIGHT]
    margin = "".join(word.text for word in page.words if word.left >= RIGHT)
    assert all(finding.rule in margin for finding in checked.findings if finding.cells)
    for number in range(1, page.pages + 1):
        assert {"草", "稿"} <= set("".join(word.text for word in page.words if word.page == number))
    appendix = "".join(word.text for word in page.words if word.page == page.pages)
    for finding in checked.findings:
        assert finding.rule.replace("-", "") in appendix.replace("-", "")


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
def test_a_real_report_is_printed_whole(tmp_path: Path) -> None:
    real = intake.read(CORPUS / "xinjiang-2023.txt")
    page = printed(to_html(report_of(real)), tmp_path)
    assert not outside(page)
    assert page.pages <= 6
    zeros = [word for word in page.words if word.text == "0"]
    assert len(zeros) == 195


def requests_of(html: str, folder: Path) -> list[str]:
    """The addresses that Chromium's own log says it asked for, but for those that it asks by itself."""
    folder.mkdir()
    (folder / "page.html").write_text(html, encoding="utf-8")
    log = folder / "net.json"
    switches = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/p",
        f"--log-net-log={log}",
    ]
    target = [f"--print-to-pdf={folder}/page.pdf", (folder / "page.html").as_uri()]
    subprocess.run([tool("chromium"), *switches, *target], check=True, capture_output=True, timeout=180)
    found = set(re.findall(r'"url":"([^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    return [url for url in found if not any(own in url for own in CHROMIUM)]


def test_the_page_asks_nothing_of_anyone_and_would_not_be_let(filing: Filing, tmp_path: Path) -> None:
    stowaway = '<img src="http://127.0.0.1:9/x.png">'
    assert requests_of(stowaway, tmp_path / "control") == ["http://127.0.0.1:9/x.png"]
    html = to_html(report_of(filing)).replace("</main>", f"{stowaway}</main>")
    assert stowaway in html
    assert not requests_of(html, tmp_path / "page")


def test_a_page_has_22_lines_of_28_characters(tmp_path: Path) -> None:
    page = printed(to_html(notebook([markdown("永" * 28 * 60)])), tmp_path)
    lines = [word for word in page.words if "永" in word.text]
    assert [sum(word.page == number for word in lines) for number in (1, 2)] == [22, 22]
    assert len(lines[0].text) == 26 and {len(word.text) for word in lines[1:-1]} == {28}
