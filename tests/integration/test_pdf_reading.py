"""Published PDFs as others make them: every value is read in its row, in its column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gongkai.filing import Filing
from gongkai.intake.interface import Document
from gongkai.intake.pdf import printed
from gongkai.intake.printed import Field, Grid, Paragraph, Printed
from gongkai.tables import layout
from tests.browser.devtools import Page, browser
from tests.helpers import balanced_filing
from tests.notebooks import report_of, to_pdf
from tests.pdfs import PROSE, RULED, UNRULED, chromium, document_of, libreoffice, page_of, shown

TABLES = ("disclosure", "requests", "disputes")


@pytest.fixture(scope="module")
def filing() -> Filing:
    return balanced_filing(11, largest=300)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def grids(report: Printed, *, ruled: bool) -> list[Grid]:
    found = [block for block in report if isinstance(block, Grid)]
    assert found and all(grid.ruled is ruled for grid in found)
    return found


def paragraphs(report: Printed) -> list[str]:
    return [block.text for block in report if isinstance(block, Paragraph)]


def tight(text: str) -> str:
    return re.sub(r"\s", "", text)


def is_figure(text: str) -> bool:
    return re.fullmatch(r"[\d.\n]+", text) is not None


def rows(found: Sequence[Grid]) -> list[tuple[str, ...]]:
    """The figures of all rows that have any."""
    figures = (
        tuple(tight(field.text) for field in row if is_figure(field.text)) for grid in found for row in grid.rows
    )
    return [row for row in figures if row]


def expected(filing: Filing) -> list[tuple[str, ...]]:
    values = (
        tuple(shown(filing, cell) for cell in row if cell.role == "value")
        for table in TABLES
        for row in layout(filing.edition, table).rows()
    )
    return [row for row in values if row]


def check_ruled(report: Printed, filing: Filing) -> None:
    """All values in order; each under its heads and beside its labels, wherever a page tears the table."""
    found = grids(report, ruled=True)
    assert rows(found) == expected(filing)
    leaves = [
        tight(shown(filing, [cell for cell in row if cell.role == "stub"][-1]))
        for table in TABLES[:2]
        for row in layout(filing.edition, table).rows()
        if any(cell.role == "value" for cell in row)
    ]
    beside = [
        tight([field.text for field in row if not is_figure(field.text)][-1])
        for grid in found
        for row in grid.rows
        if any(is_figure(field.text) for field in row) and not all(is_figure(field.text) for field in row)
    ]
    # A page may tear a label, too: then it stands beside its values in part.
    assert len(beside) == len(leaves) and all(part and part in leaf for part, leaf in zip(beside, leaves, strict=True))
    for grid in found:
        _check_tiled(grid)
        # An empty field would be read as an empty cell; only labels are torn, by the ends of pages.
        for row in grid.rows:
            if len(_figures(row)) > 3:
                assert all(is_figure(field.text) for field in row[row.index(_figures(row)[0]) :])


def _check_tiled(grid: Grid) -> None:
    """No two fields of a grid cover one place, and those of figures are one column wide where rows have seven."""
    covered: set[tuple[int, int]] = set()
    for top, row in enumerate(grid.rows):
        assert [field.left for field in row] == sorted(field.left for field in row)
        for field in row:
            places = {
                (top + down, column)
                for down in range(field.height)
                for column in range(int(field.left), int(field.right))
            }
            assert places and not places & covered
            covered |= places
    sevens = [_figures(row) for row in grid.rows if len(_figures(row)) == 7]
    columns = {tuple((field.left, field.right) for field in figures) for figures in sevens}
    assert len(columns) <= 1


def _figures(row: Sequence[Field]) -> list[Field]:
    return [field for field in row if is_figure(field.text)]


def check_text(report: Printed, filing: Filing) -> None:
    found = paragraphs(report)
    assert found[0] == f"{filing.agency}{filing.year}年政府信息公开工作年度报告"
    assert [text for text in found if text in {section.heading for section in filing.form.sections}] == [
        section.heading for section in filing.form.sections
    ]
    assert found.count(PROSE) == 6


@pytest.mark.parametrize("style", RULED)
def test_ruled_tables_of_web_pages(style: str, page: Page, filing: Filing, tmp_path: Path) -> None:
    report = printed(chromium(page, page_of(filing, style), tmp_path))
    check_ruled(report, filing)
    check_text(report, filing)


@pytest.mark.parametrize("style", UNRULED)
def test_unruled_tables_of_web_pages(style: str, page: Page, filing: Filing, tmp_path: Path) -> None:
    report = printed(chromium(page, page_of(filing, style), tmp_path))
    assert rows(grids(report, ruled=False)) == expected(filing)
    check_text(report, filing)


def test_repeated_heads_stand_at_the_top_of_each_page(page: Page, filing: Filing, tmp_path: Path) -> None:
    report = printed(chromium(page, page_of(filing, "ruled", heads=True), tmp_path))
    check_ruled(report, filing)
    heads = [
        field
        for grid in grids(report, ruled=True)
        for row in grid.rows
        for field in row
        if tight(field.text) == "申请人情况"
    ]
    assert [field.source.page for field in heads] == [1, 2, 3][: len(heads)] and len(heads) > 1


@pytest.mark.parametrize("style", ["ruled", "unruled"])
def test_what_chromium_prints_into_the_margins_is_left_out(
    style: str, page: Page, filing: Filing, tmp_path: Path
) -> None:
    html = page_of(filing, style) + "<title>年度报告</title>"
    report = printed(chromium(page, html, tmp_path, headers=True))
    text = "\n".join(paragraphs(report))
    assert "file://" not in text and "年度报告\n年度报告" not in text
    check_text(report, filing)


def test_documents_of_libreoffice(filing: Filing, tmp_path: Path) -> None:
    made = {
        "ruled": document_of(filing),
        "vertical": document_of(filing, vertical=True, landscape=True),
        "unruled": document_of(balanced_filing(11, largest=9), borders=False),
    }
    reports = {name: printed(document) for name, document in libreoffice(made, tmp_path).items()}
    for name in ("ruled", "vertical"):
        check_ruled(reports[name], filing)
        check_text(reports[name], filing)
    assert rows(grids(reports["unruled"], ruled=False)) == expected(balanced_filing(11, largest=9))
    check_text(reports["unruled"], filing)


def test_our_own_pdf(filing: Filing) -> None:
    report = printed(Document("report.pdf", to_pdf(report_of(filing))))
    assert rows(grids(report, ruled=True)) == expected(filing)
