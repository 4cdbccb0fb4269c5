"""The official workbook in a real spreadsheet program: what it computes and what it saves."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gongkai.catalogues import say
from gongkai.filing import Cell, Filing, Text, decimal_text
from gongkai.forms import load_form
from gongkai.intake import marks, read
from gongkai.intake.template import blank, write_workbook
from gongkai.rules import Equation, Rule, condition, equations, load_rules
from gongkai.rules.equations import PREVIOUS, Number
from tests.helpers import balanced_filing, changed, filing_of
from tests.unit.test_workbook import told

FORM = load_form("2021")
Convert = Callable[[Sequence[Path]], list[Path]]


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Saves workbooks by LibreOffice, all in one run."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have LibreOffice: soffice is not on the path")
        pytest.skip("LibreOffice is not installed: soffice is not on the path")
    folder = tmp_path_factory.mktemp("libreoffice")

    def run(paths: Sequence[Path]) -> list[Path]:
        target = Path(folder, f"run{len(list(folder.iterdir()))}")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(target), *map(str, paths)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return [target / path.name for path in paths]

    return run


def opened(path: Path, **options: Any) -> Any:
    with warnings.catch_warnings():
        # LibreOffice saves parts that openpyxl does not know.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, **options)


def test_what_a_clerk_fills_in_survives_libreoffice(tmp_path: Path, convert: Convert) -> None:
    texts = {
        "preamble": (Text("第一段"), Text("第二段，12件")),
        "overview.on_request": (Text("=1+1"),),
        "issues": (Text("2024-01-05"), Text("'引号 “”")),
    }
    odd = {
        "requests.received.total": Cell(None, "placeholder", "/"),
        "requests.carried_in.total": Cell(12, "number", "１２件"),
        "requests.granted.total": Cell(None, "unreadable", "约十件"),
        "disputes.direct_suit.total": None,
        "disclosure.fees.amount": Cell(Decimal("59237.2449"), "number", "59237.2449"),
    }
    filled = replace(
        changed(balanced_filing(7), odd),
        agency_code="0042",
        texts=texts,
        facts={"title": Text("报告"), "signed": Text("2025年1月20日"), "published": Text("2025-01-30")},
    )
    path = tmp_path / "clerk.xlsx"
    write_workbook(path, blank(filled.agency, filled.agency_code, filled.level, 2024), previous=balanced_filing(8))
    places = {address: cell.source for address, cell in read(path).cells.items()}
    book = opened(path)
    for address, cell in filled.cells.items():
        source = places[address]
        assert source
        plain = cell.value is not None and cell.raw == decimal_text(Decimal(cell.value))
        book[source.sheet][source.cell] = cell.value if plain else cell.raw
    facts = book.worksheets[0]
    labels = {row[0].value: row[1] for row in facts.iter_rows(min_row=3)}
    labels["前言"].value = "第一段\n第二段，12件"
    labels["（二）依申请公开"].value = "=1+1"
    labels["（二）依申请公开"].data_type = "s"
    labels["五、存在的主要问题及改进情况"].value = "2024-01-05\n\n'引号 “”\n"
    labels["报告标题"].value = "报告"
    labels["落款日期"].value = "2025年1月20日"
    labels["发布日期"].value = "2025-01-30"
    book.save(path)
    source = places["requests.received.total"]
    assert source
    book[source.sheet][source.cell] = '=IF(1=1,"","")'
    book.save(tmp_path / "formula.xlsx")
    saved, computed = convert([path, tmp_path / "formula.xlsx"])
    assert told(read(path)) == told(filled)
    assert told(read(saved)) == told(filled)
    assert told(read(computed)) == told(changed(filled, {"requests.received.total": None}))


def mark_of(book: Any, equation: Equation, places: Mapping[str, tuple[str, int, int]]) -> str:
    """The mark that stands in the row or column headed by the rule's title, at the equation's cells."""
    across = equation.rule.table == "disputes"
    sheet, row, column = places[equation.cells[-1 if across else 0]]
    cells = [cell for line in book[sheet] for cell in line if cell.value == str(equation.rule.title)]
    (label,) = cells
    if across:
        return str(book[sheet].cell(label.row + 1, column).value or "")
    if equation.rule.each == "column":
        return str(book[sheet].cell(label.row, column).value or "")
    return str(book[sheet].cell(row, label.column).value or "")


def places_of(path: Path) -> dict[str, tuple[str, int, int]]:
    found = {}
    for address, cell in read(path).cells.items():
        assert cell.source
        assert cell.source.cell
        row, column = openpyxl.utils.cell.coordinate_to_tuple(cell.source.cell)
        found[address] = (str(cell.source.sheet), row, column)
    return found


def expected_mark(equation: Equation, filing: Filing, previous: Filing) -> str:
    """What the plain reading of a rule says."""

    def number(address: str) -> Number | None:
        year = previous if address.startswith(PREVIOUS) else filing
        return year.number(address.removeprefix(PREVIOUS))

    def certain(address: str) -> Number:
        value = number(address)
        assert value is not None
        return value

    when = condition(equation, FORM)
    if any(number(address) is None for each in (equation, when) if each for address in each.operands):
        return say("workbook.incomplete")
    if when and not when.holds(certain):
        return ""
    if equation.holds(certain):
        return say("workbook.balanced")
    difference = equation.left.value(certain) - equation.right.value(certain)
    return say("workbook.unbalanced") + decimal_text(Decimal(difference))


def last_year(filing: Filing) -> Filing:
    """A filing of last year that `filing` follows from."""
    numbers: dict[str, int | Decimal] = {}
    for address, cell in filing.cells.items():
        if address.startswith("requests.carried_in."):
            assert cell.value is not None
            numbers[address.replace("carried_in", "carried_out")] = cell.value
    for kind in ("regulations", "normative_documents"):
        made, repealed, valid = (
            int(filing.number(f"disclosure.{kind}.{column}") or 0) for column in ("made", "repealed", "in_force")
        )
        numbers[f"disclosure.{kind}.in_force"] = valid - made + repealed
    return filing_of(numbers, year=2023)


def mutated(filing: Filing, seed: int) -> Filing:
    """`filing` with a few cells changed, blanked or filled with words."""
    draw = random.Random(seed)
    cells: dict[str, Cell | int | None] = {}
    for address in draw.sample([each for each in filing.cells if not each.endswith(".amount")], 3):
        value = filing.cells[address].value
        assert isinstance(value, int)
        cells[address] = draw.choice([value + draw.randint(1, 2000), value - draw.randint(1, 9), None])
    address = draw.choice(list(filing.cells))
    return changed(filing, cells | ({address: Cell(None, "placeholder", "/")} if seed % 3 == 0 else {}))


def test_every_mark_says_what_the_rules_say(tmp_path: Path, convert: Convert) -> None:
    cases = [(balanced_filing(seed), last_year(balanced_filing(seed))) for seed in range(2)]
    cases += [(mutated(balanced_filing(seed), seed), last_year(balanced_filing(seed))) for seed in range(12)]
    cases += [(balanced_filing(1), mutated(last_year(balanced_filing(1)), 5))]
    paths = [tmp_path / f"{number}.xlsx" for number in range(len(cases))]
    for path, (filing, previous) in zip(paths, cases, strict=True):
        write_workbook(path, filing, previous=previous)
    rules = [rule for rule in load_rules("2021") if rule.balance and rule.table and rule.in_workbook]
    held = [each for rule in rules for each in equations(rule, FORM)]
    places = places_of(paths[0])
    told_apart: set[str] = set()
    for number, (saved, case) in enumerate(zip(convert(paths), cases, strict=True)):
        book = opened(saved, data_only=True)
        for equation in held:
            expected = expected_mark(equation, *case)
            told_apart.add(expected[:1])
            assert mark_of(book, equation, places) == expected, (number, equation.rule.rule, equation.place)
            assert number >= 2 or expected == say("workbook.balanced")
    assert len(told_apart) == 3


RULES: list[dict[str, object]] = [
    {"table": "requests", "each": "column", "balance": "2 received - 3 >= carried_in + 10", "when": "received >= 12"},
    {"table": "requests", "each": "row", "balance": "total = natural_person", "tolerance": 2},
    {"table": "requests", "each": "row", "only": ["received"], "balance": "organisations <= 3 total", "tolerance": 1},
    {
        "table": "disputes",
        "each": "row",
        "balance": "total <= 2*previous.total + 1",
        "when": "pending >= previous.other",
    },
    {"table": "disputes", "each": "column", "balance": "reconsideration = litigation", "tolerance": 5},
    {"table": "disclosure", "each": "row", "balance": "amount + 1 = previous.amount"},
]


def test_marks_honour_all_that_a_balance_can_say(
    tmp_path: Path, convert: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"basis": "b", "severity": "error"}
    rules = [
        Rule.model_validate({"rule": f"X-{number}", "title": {"zh": f"规则{number}", "en": "-"}, **about, **each})
        for number, each in enumerate(RULES)
    ]
    monkeypatch.setattr(marks, "load_rules", lambda edition: tuple(rules))
    draw = random.Random(1)
    paths, cases = [], []
    for number in range(8):
        pair = []
        for _ in range(2):
            counts: dict[str, int | Decimal] = {address: draw.randint(0, 20) for address in FORM.cells}
            counts["disclosure.fees.amount"] = Decimal(draw.choice(["0.1", "0.3", "1.1", "1.3"]))
            pair.append(changed(filing_of(counts), {draw.choice(list(FORM.cells)): None}))
        cases.append((pair[0], pair[1]))
        paths.append(tmp_path / f"{number}.xlsx")
        write_workbook(paths[-1], pair[0], previous=pair[1])
    places = places_of(paths[0])
    told_apart: set[tuple[str, str]] = set()
    for saved, case in zip(convert(paths), cases, strict=True):
        book = opened(saved, data_only=True)
        for equation in (each for rule in rules for each in equations(rule, FORM)):
            expected = expected_mark(equation, *case)
            told_apart.add((equation.rule.rule, expected[:1]))
            assert mark_of(book, equation, places) == expected, (equation.rule.balance, equation.place)
    assert {
        ("X-0", ""),
        ("X-0", "✓"),
        ("X-0", "✗"),
        ("X-1", "✓"),
        ("X-1", "✗"),
        ("X-3", ""),
        ("X-4", "✓"),
    } <= told_apart
