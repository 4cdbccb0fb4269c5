"""What `gongkai rules --gx` writes, run by plain Great Expectations where gongkai cannot be imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.cli import main
from gongkai.consistency import check
from gongkai.consistency.export import csv_of, place_of, write_suites
from gongkai.errors import UsageError
from gongkai.filing import Cell, Filing, Text
from gongkai.finding import Finding
from gongkai.rules import Rule, equations, load_rules
from tests.helpers import balanced_filing, changed

WITHOUT_GONGKAI = """
import runpy, sys
class Gone:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "gongkai":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Gone())
try:
    import gongkai
    sys.exit("gongkai was imported")
except ModuleNotFoundError:
    pass
for script in sys.argv[1:]:
    runpy.run_path(script)
    print("end")
"""

Row = tuple[str, str]
"""Rule, and where in the filing."""


def figures() -> tuple[Filing, Filing]:
    """Bare figures with faults of every kind of view of cells and balances, and last year's."""
    last = balanced_filing(1, year=2023)
    cells: dict[str, Cell | int | None] = {
        "requests.received.natural_person": 999,
        "requests.carried_out.total": 77777,
        "requests.granted.business": None,
        "requests.granted.research": Cell(-1, "number", "-1"),
        "requests.granted.public_welfare": Cell(Decimal("1.5"), "number", "1.5件"),
        "requests.granted.legal_service": Cell(None, "placeholder", "/"),
        "requests.granted.total": Cell(Decimal("-2.5"), "number", "－2.5"),
        "disputes.direct_suit.total": 1000,
        "disclosure.normative_documents.in_force": 0,
        "disclosure.fees.amount": Cell(None, "unreadable", "1,2,3"),
    }
    filing = changed(balanced_filing(), cells)
    return replace(filing, agency_code="430121000"), last


def document() -> Filing:
    """A report whose words are faulty."""
    texts = {
        "preamble": (Text("本报告由六个部分组成。统计期限为2023年1月1日至2024年12月31日。"),),
        "overview": (Text('县XX局 "引号"，，\r\n换行,半角。' + "字" * 1300), Text("001"), Text("NA")),
        "issues": (Text("无"),),
        "other_matters": (Text("没有其他事项。"),),
    }
    facts = {
        "title": Text("青杉县财政局2023年政府信息公开报告"),
        "published": Text("2025-02-10"),
        "signed": Text("2025-03-01"),
        "heading.overview": Text("二、总体情况"),
        "heading.beyond.1": Text("七、其他"),
    }
    return replace(balanced_filing(), texts=texts, facts=facts, medium="document")


def told(finding: Finding, rules: list[Rule], filing: Filing) -> Iterator[Row]:
    """The rows that a finding is about."""
    of_code = [rule for rule in rules if rule.rule == finding.rule]
    for rule in of_code:
        if rule.view == "cells":
            yield from ((rule.rule, address) for address in finding.cells)
        elif rule.balance:
            held = equations(rule, filing.form)
            yield from ((rule.rule, each.place) for each in held if each.cells == finding.cells)
    if all(rule.view not in (None, "cells") for rule in of_code):
        yield finding.rule, place_of(finding)


def test_plain_great_expectations_finds_the_same_without_gongkai(tmp_path: Path) -> None:
    cases = [(figures()), (document(), None)]
    for number, (filing, last) in enumerate(cases):
        write_suites(tmp_path / str(number), filing, previous=last)
    scripts = [str(tmp_path / str(number) / "validate.py") for number in range(len(cases))]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_GONGKAI, *scripts], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    printed = done.stdout.split("end\n")
    for (filing, last), output in zip(cases, printed, strict=False):
        rows = {(rule, at) for _, rule, _, _, at in (line.split("\t") for line in output.splitlines())}
        rules = list(load_rules(filing.edition))
        found = [each for each in check([filing], previous=[last]).all if each.verdict == "fail"]
        expected = {row for each in found for row in told(each, rules, filing)}
        assert len({each.rule for each in found}) >= 10
        assert expected <= rows
        for rule, at in rows - expected:
            assert is_repeated(rule, at, rules, expected), (rule, at)


def is_repeated(code: str, at: str, rules: list[Rule], expected: set[Row]) -> bool:
    """Whether a row only repeats what is told: a total that its columns explain, a cell that breaks an earlier rule."""
    for rule in rules:
        if rule.rule == code and rule.view == "cells":
            return any(each.startswith("CEL-") and place == at for each, place in expected)
        if rule.rule == code and rule.balance:
            return at == "total" and any(each == code for each, _ in expected)
    return False


def test_without_a_file_all_suites_are_written_and_their_views_have_no_rows(tmp_path: Path) -> None:
    write_suites(tmp_path / "out", None, edition="2019")
    suites = {path.stem for path in (tmp_path / "out" / "suites").iterdir()}
    views = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "views").iterdir()}
    assert suites == views.keys() >= {"sums", "pairs", "cells-01", "dates-01", "claims-01"}
    assert all(text.count("\n") == 1 for text in views.values())
    with pytest.raises(UsageError):
        write_suites(tmp_path / "out", None)


def test_a_file_and_last_years_are_given_on_the_command_line(tmp_path: Path) -> None:
    filing, last = figures()
    (tmp_path / "a.json").write_text(filing.to_json(), encoding="utf-8")
    (tmp_path / "b.json").write_text(replace(last, agency_code="430121000").to_json(), encoding="utf-8")
    line = ["rules", "--gx", str(tmp_path / "out"), str(tmp_path / "a.json"), "--previous", str(tmp_path / "b.json")]
    with pytest.raises(SystemExit) as ended:
        main(line)
    assert ended.value.code == 0
    assert "XY-CARRY-TOTAL" in (tmp_path / "out" / "views" / "sums.csv").read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["rules", "--previous", str(tmp_path / "b.json")])
    assert ended.value.code == 2


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(WORDS | st.sampled_from(["", "NA", "001", "1e5", "\r", "\r\n", '"']), NUMBERS), max_size=6))
def test_a_view_is_read_back_as_it_was(rows: list[tuple[str, float]]) -> None:
    view = pd.DataFrame({"at": [each for each, _ in rows], "day": [each for _, each in rows]})
    types = {"at": "str", "day": "float64"}
    text = StringIO(csv_of(view), newline="")
    back = pd.read_csv(text, dtype=str, keep_default_na=False).astype(types)
    assert list(back["at"]) == list(view["at"])
    assert list(back["day"]) == list(view["day"])
