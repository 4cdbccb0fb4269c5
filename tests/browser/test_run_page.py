"""The page of a run in Chromium: searched, sorted, and deaf to whatever names and messages say."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from gongkai.batch import PAGE, run, running
from gongkai.filing import Filing, Text
from tests.browser.devtools import Page, browser
from tests.helpers import plus_one
from tests.offices import BUILD, Lasting, edit, filing, office, outcomes, write

HOSTILE = """<script>window.pwned = 1</script>"'&{{ 7 * 7 }}<img src=x onerror="window.pwned = 2">局"""
MISSING = "in/<img src=x onerror='window.pwned = 3'>.json"
ROWS = [
    {"agency": HOSTILE, "code": "A1", "level": "government", "received_at": "2025-01-20"},
    {"agency": "乙局", "code": "A2", "level": "department", "parent": "A1", "published_at": "2025-01-31"},
    {
        "agency": "丙镇",
        "code": "A10",
        "level": "township",
        "input": "in/2024/A3.json",
        "overrides": "note: '</script>'",
    },
    {"agency": "丁局", "code": "A4", "level": "department", "input": MISSING},
    {"agency": "戊局", "code": "A5", "level": "department", "input": "in/bad.json"},
]
COPIED = f"{'公开栏换得慢，十二个窗口里有三个一个月没有换过；指南写得含糊，来的人要再问一遍。' * 3}<img src=y>"
VISIBLE = "Array.from(document.querySelectorAll('tbody tr:not([hidden])')).map((row) => row.cells[0].textContent)"
COLUMNS = {"code": 0, "agency": 1, "outcome": 2, "findings": 3, "received": 4, "published": 5}


def county(home: Path, engine: Lasting, language: str) -> Path:
    """A run of every outcome: its page."""
    path = office(home, formats=["html", "docx"], drafts=True, language=language)
    edit(path, parameters={})
    with (home / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        heads = ["agency", "code", "level", "parent", "received_at", "published_at", "overrides", "input"]
        roster = csv.DictWriter(file, heads)
        roster.writeheader()
        roster.writerows(ROWS)
    write(
        home / "in" / "2024" / "A2.json",
        plus_one(plus_one(filing(1), "disputes.direct_suit.total"), "requests.received.total"),
    )
    write(home / "in" / "bad.json", "{")
    for name in ("A2", "A3"):
        input_file = home / "in" / "2024" / f"{name}.json"
        read = Filing.from_json(input_file.read_text(encoding="utf-8"))
        write(input_file, replace(read, texts={"issues": (Text(COPIED),)}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "workers", lambda jobs, preload: engine)
        result = run(path)
    assert outcomes(result) == {
        "A1": "succeeded",
        "A2": "withheld",
        "A10": "succeeded",
        "A4": "missing",
        "A5": "errored",
    }
    return home / BUILD / PAGE


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    engine = Lasting()
    try:
        return {each: county(tmp_path_factory.mktemp(each), engine, each) for each in ("zh", "en")}
    finally:
        engine.pool.close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(chromium: Page, pages: dict[str, Path]) -> Page:
    chromium.open(pages["zh"])
    return chromium


def shown(page: Page) -> list[str]:
    found: list[str] = page.ask(VISIBLE)
    return found


def put(page: Page, name: str, value: str) -> list[str]:
    """What is shown when `value` stands in a field."""
    page.ask(f"(() => {{ const field = document.getElementById('{name}'); field.value = {json.dumps(value)};"
             "field.dispatchEvent(new Event('input', { bubbles: true })) })()")  # fmt: skip
    return shown(page)


def click(page: Page, column: str) -> list[str]:
    page.ask(f"document.querySelectorAll('thead th')[{COLUMNS[column]}].querySelector('button').click()")
    return shown(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_asks_nobody_for_anything_and_violates_nothing(
    language: str, chromium: Page, pages: dict[str, Path]
) -> None:
    chromium.open(pages[language])
    for column in COLUMNS:
        click(chromium, column)
    put(chromium, "words", "<img")
    assert chromium.complaints == []
    assert chromium.requests == [pages[language].as_uri()]


def test_names_and_messages_are_shown_as_they_are_written_and_do_nothing(page: Page) -> None:
    cell = page.ask("document.querySelector('tbody tr th').firstChild.textContent")
    assert cell == HOSTILE
    assert page.ask("[document.scripts.length, document.images.length, typeof window.pwned]") == [1, 0, "undefined"]
    messages = page.ask("Array.from(document.querySelectorAll('.message')).map((each) => each.textContent)")
    assert [MISSING in messages[0], "bad.json" in messages[1]] == [True, True]
    labels = page.ask("Array.from(document.querySelectorAll('tbody tr a')).map((each) => each.ariaLabel)")
    assert labels[0].startswith(HOSTILE)


def test_a_script_of_anybody_else_would_not_be_run(chromium: Page, pages: dict[str, Path], tmp_path: Path) -> None:
    html = pages["zh"].read_text(encoding="utf-8")
    intruder = "<script>window.pwned = 1</script><img src='http://127.0.0.1:9/x.png'>"
    write(tmp_path / "page.html", html.replace("</main>", f"{intruder}</main>"))
    chromium.open(tmp_path / "page.html")
    assert chromium.ask("typeof window.pwned") == "undefined"
    assert len([each for each in chromium.complaints if "Content Security Policy" in each]) == 2


def test_words_outcome_and_level_sift_the_agencies(page: Page) -> None:
    assert shown(page) == ["A1", "A2", "A10", "A4", "A5"]
    assert put(page, "words", "t4-sum") == ["A2"]
    assert put(page, "words", "  局  A4 ") == ["A4"]
    assert put(page, "words", "没有这样的") == []
    assert page.ask("document.getElementById('shown').textContent") == "显示 0 / 5"
    assert put(page, "words", "") == ["A1", "A2", "A10", "A4", "A5"]
    assert put(page, "level", "department") == ["A2", "A4", "A5"]
    assert put(page, "outcome", "missing") == ["A4"]
    assert page.ask("document.getElementById('shown').textContent") == "显示 1 / 5"
    assert put(page, "level", "") == ["A4"]


def test_enter_in_the_search_box_stays_on_the_page(page: Page, pages: dict[str, Path]) -> None:
    put(page, "words", "T4-SUM")
    page.ask("document.getElementById('words').focus()")
    for kind in ("rawKeyDown", "char", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    time.sleep(0.5)  # in which a form would be sent
    assert page.ask("location.href") == pages["zh"].as_uri()
    assert shown(page) == ["A2"]


def test_a_click_on_a_head_sorts_and_another_one_the_other_way_round(page: Page) -> None:
    assert click(page, "code") == ["A1", "A2", "A4", "A5", "A10"]
    assert click(page, "code") == ["A10", "A5", "A4", "A2", "A1"]
    assert page.ask("Array.from(document.querySelectorAll('[aria-sort]')).map((each) => each.ariaSort)") == [
        "descending"
    ]
    assert click(page, "findings")[-1] == "A2"
    assert click(page, "findings")[0] == "A2"
    assert click(page, "received")[-1] == "A1" or click(page, "received")[-1] == "A1"
    put(page, "level", "department")
    assert click(page, "code") == ["A2", "A4", "A5"], "sifted rows stay sifted"


def test_every_link_leads_to_a_file_that_is_there(page: Page, pages: dict[str, Path]) -> None:
    links = page.ask(
        "Array.from(document.querySelectorAll('tbody a'))"
        ".map((each) => [each.closest('tr').cells[0].textContent, each.href])"
    )
    files = [(code, Path(unquote(urlsplit(href).path))) for code, href in links]
    assert all(file.is_file() for _, file in files)
    names = ["report.draft.html", "report.draft.docx", "report.html", "report.docx", "report.ipynb"]
    for code in ("A1", "A2", "A10"):
        assert [file.name for each, file in files if each == code] == names
        assert {file.parent for each, file in files if each == code} == {pages["zh"].parent / code}
    assert len(files) == 15


def test_what_was_found_is_told_in_words_and_opens_without_a_script(page: Page) -> None:
    assert page.ask("document.querySelector('details').closest('tr').cells[0].textContent") == "A2"
    assert page.ask("document.querySelector('details summary').innerText") == "错误 3"
    page.ask("document.querySelector('details summary').click()")
    told = page.ask("document.querySelector('details ol').innerText")
    assert "T4-SUM" in told


def test_what_is_between_agencies_has_a_section_and_stands_beside_each_of_them(page: Page) -> None:
    heads = page.ask("Array.from(document.querySelectorAll('#across h3')).map((each) => each.innerText)")
    assert [head.split()[:2] for head in heads] == [["警告", "QLT-PEER-DUP"], ["错误", "DL-MISSING"]]
    beside = (
        "Array.from(document.querySelectorAll('tbody details.across')).map((e) => e.closest('tr').cells[0].innerText)"
    )
    assert page.ask(beside) == ["A2", "A10", "A4"]
    links = page.ask(
        "Array.from(document.querySelectorAll('#across small a')).map((each) => each.getAttribute('href'))"
    )
    assert links == ["#agency-A10", "#agency-A2", "#agency-A4"]
    assert page.ask(
        "Array.from(document.querySelectorAll('#across a')).every((each) => document.querySelector(each.hash))"
    )
    page.ask("document.querySelector('#across details summary').click()")
    told = page.ask("document.querySelector('#across details').innerText")
    assert "占 100%" in told
    assert "<img src=y>" in told
    assert put(page, "words", "peer-dup") == ["A2", "A10"]


def test_without_scripts_the_table_is_whole_and_the_tools_are_not_there(chromium: Page, pages: dict[str, Path]) -> None:
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(pages["zh"])
        assert len(shown(chromium)) == 5
        assert chromium.ask("getComputedStyle(document.getElementById('tools')).display") == "none"
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)


def test_it_speaks_english_and_lists_who_has_handed_in_nothing(chromium: Page, pages: dict[str, Path]) -> None:
    chromium.open(pages["en"])
    assert chromium.ask("document.documentElement.lang") == "en"
    text = chromium.ask("document.querySelector('main').innerText")
    assert all(word in text for word in ("error 3", "丁局"))
    names = "".join(row["agency"] for row in ROWS)
    assert {each for each in text if ord(each) > 0x2E7F} <= set(names)
    assert chromium.ask("document.querySelector('h2 + p').innerText") == "丁局"


def test_the_page_is_no_wider_than_the_screen(page: Page) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    assert page.ask("document.documentElement.scrollWidth <= 1280")
