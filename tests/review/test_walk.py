"""The whole story in a browser: from the login over a return and its correction to what may be published."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from gongkai import intake
from gongkai.filing import Cell
from gongkai.intake.template import write_workbook
from tests.commands import gongkai
from tests.review.browsing import Reader, chromium, violations
from tests.review.places import Server, county, serving

WRONG = "990122004"
NAME = "青杉县财政局"
SHOTS = os.environ.get("GONGKAI_SHOTS")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example county, all of it, in every format."""
    return county(tmp_path_factory.mktemp("walk"))


@pytest.fixture(scope="module")
def server(build: Path) -> Iterator[Server]:
    with serving(build) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def corrected(build: Path, folder: Path) -> Path:
    """The workbook with the one cell mended that spoils two rules."""
    home = build.parents[1]
    year = {name: home / "examples" / "qingshan" / name / f"{WRONG}.xlsx" for name in ("2023", "2024")}
    filing = intake.read(year["2024"])
    cells = dict(filing.cells)
    for address, value in (("requests.received.business", 5), ("requests.received.total", 17)):
        cells[address] = Cell(value, "number", str(value))
    write_workbook(folder / "更正.xlsx", replace(filing, cells=cells), previous=intake.read(year["2023"]))
    return folder / "更正.xlsx"


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def read(first: Reader) -> None:
    """From the run to the agency, from a finding to its cell, from the cell to where it stood."""
    page = first.page
    expect(page.locator("h1")).to_contain_text("总览")
    shot(page, "1-run")
    page.click(f"text={NAME}")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Alt+KeyJ")
    expect(page.locator("[data-finding]").first).to_be_focused()
    cell = page.frame_locator("#paper").locator('[data-cell="requests.received.business"]')
    cell.hover()
    expect(page.locator("#tip")).to_contain_text("三、依申请公开!E6")
    shot(page, "2-agency")
    page.locator("a.cell").first.click()
    stood = page.locator("[id='requests.received.business']")
    expect(stood).to_contain_text("6")
    expect(stood).to_be_in_viewport()
    shot(page, "3-source")


def send_back(first: Reader, second: Reader, folder: Path) -> None:
    """Passed at the first level, sent back from the second, with what goes back to the agency."""
    page = first.open(f"agency/{WRONG}/")
    page.keyboard.press("Alt+KeyP")
    expect(page.locator(".step.done")).to_contain_text("李初")
    page = second.open(f"agency/{WRONG}/")
    page.keyboard.press("Alt+KeyR")
    page.keyboard.type("商业企业一列不平，请核对后重报。")
    page.click("#returning button")
    expect(page.locator(".notice.bad").first).to_contain_text("商业企业一列不平")
    shot(page, "4-returned")
    with page.expect_download() as sent:
        page.click("text=标注问题的填报文件")
    sent.value.save_as(folder / "marked.xlsx")
    assert "核对结果" in load_workbook(folder / "marked.xlsx").sheetnames
    with page.expect_download() as sent:
        page.click("text=待更正清单")
    sent.value.save_as(folder / "list.docx")
    text = "\n".join(each.text for each in Document(str(folder / "list.docx")).paragraphs)
    assert "商业企业一列不平，请核对后重报。" in text and "T3-IDENTITY" in text


def correct(first: Reader, workbook: Path) -> None:
    """Corrected and made anew: the decisions on the old version are void, and it stays to be compared."""
    page = first.open(f"agency/{WRONG}/")
    page.set_input_files("[name=file]", workbook)
    page.click("text=上传并重新生成")
    first.until_made()
    shot(page, "5-progress")
    first.open(f"agency/{WRONG}/")
    expect(page.locator(".notice.bad")).to_contain_text("已失效")
    expect(page.locator(".list > li.finding")).to_have_count(0)
    shot(page, "6-void")
    first.open(f"agency/{WRONG}/versions/")
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(2)
    difference = page.locator("table.differences tr", has_text="商业企业")
    expect(difference.locator("del")).to_have_text("6")
    expect(difference.locator("ins")).to_have_text("5")
    shot(page, "7-versions")


def test_three_people_review_a_report_that_is_sent_back_once(
    build: Path, server: Server, browser: Browser, tmp_path: Path
) -> None:
    readers = [Reader.of(browser, server.url).login(name) for name in ("李初", "王复", "赵终")]
    first, second, final = readers
    read(first)
    send_back(first, second, tmp_path)
    correct(first, corrected(build, tmp_path))
    for reader, level in zip(readers, ("初审", "复审", "终审"), strict=True):
        page = reader.open(f"agency/{WRONG}/")
        page.click(f"text={level}通过")
        expect(page.locator("#do-pass")).to_have_count(0)
    expect(final.page.locator(".notice.good")).to_contain_text("可以公布")
    shot(final.page, "8-passed")
    shot(final.open(f"agency/{WRONG}/history/"), "9-history")
    done = gongkai("sign-off", build, "--check", "--agency", WRONG, "--json")
    verdict, summary = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, verdict["publish"], summary["publish"]) == (0, True, 1)
    assert [each["by"] for each in verdict["passes"]] == ["李初", "王复", "赵终"]
    assert gongkai("sign-off", build, "--check").returncode == 1
    for reader in readers:
        assert reader.complaints == []
        assert all(url.startswith(server.url) for url in reader.asked)
        reader.page.context.close()


PAGES = (
    *("", "?status=blocked&sort=findings", "?lang=en", "rules/T3-IDENTITY/", "pass/?level_due=first"),
    *(
        f"agency/990122102/{tab}"
        for tab in ("", "years/", "source/", "notebook/", "versions/", "history/", "progress/")
    ),
    *("agency/990122011/source/", "agency/none/"),
)


@pytest.fixture(scope="module")
def reader(server: Server, browser: Browser) -> Reader:
    """Somebody who has logged in."""
    return Reader.of(browser, server.url).login("李初")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_wrong_with_a_page_that_fits_on_the_screen(reader: Reader, path: str) -> None:
    page = reader.open(path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert violations(page) == []


def test_axe_finds_nothing_wrong_with_the_login_and_would_find_a_fault(server: Server, browser: Browser) -> None:
    page = Reader.of(browser, server.url).open()
    assert violations(page) == []
    page.evaluate("document.querySelectorAll('label').forEach((label) => label.replaceWith(...label.children))")
    assert any("label" in each for each in violations(page))
    page.context.close()


def test_every_page_does_its_work_without_a_script(server: Server, browser: Browser) -> None:
    reader = Reader.of(browser, server.url, java_script_enabled=False).login("李初")
    page = reader.page
    page.click("text=青杉县公安局")
    page.click("text=初审通过")
    expect(page.locator(".step.done")).to_contain_text("李初")
    page.click("text=决定记录")
    page.click("summary:has-text('撤销')")
    page.fill("textarea", "点错了")
    page.click("button:has-text('撤销')")
    expect(page.locator("li.undone")).to_have_count(1)
    page.context.close()


def test_the_exported_pages_say_the_same_and_ask_for_nothing(build: Path, browser: Browser, tmp_path: Path) -> None:
    done = gongkai("review", build, "--export", tmp_path / "bundle")
    assert done.returncode == 0, done.stderr
    shutil.move(tmp_path / "bundle", tmp_path / "elsewhere")
    reader = Reader.of(browser, (tmp_path / "elsewhere").as_uri() + "/")
    page = reader.open("index.html")
    expect(page.locator("table.agencies tbody tr")).to_have_count(16)
    page.click(f"text={NAME}")
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_contain_text(NAME)
    expect(page.frame_locator("#paper").locator("h1")).to_contain_text(NAME)
    shot(page, "exported")
    assert page.locator("form, button, script").count() == 0
    for tab in ("与上年对照", "原始数据", "笔记本", "版本与变化", "决定记录"):
        page.click(f"nav.tabs >> text={tab}")
        assert violations(page) == []
    assert all(url.startswith("file:") for url in reader.asked)
    assert reader.complaints == []
    page.context.close()
