"""Every rule across agencies by cases that a reviewer can read: who writes what, and exactly what must be found."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml

from gongkai.consistency import Expected, across
from gongkai.consistency.between import VIEWS
from gongkai.filing import Filing, Text
from gongkai.rules import load_rules
from tests.helpers import ROOT

CASES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/rules/cases/across.yaml").read_text(encoding="utf-8"))
RULES = {rule.rule for rule in load_rules("2021") if rule.view in VIEWS}


def filing(who: str, texts: dict[str, str]) -> Filing:
    name, code, level = who.split()
    prose = {key: (Text(words),) for key, words in texts.items()}
    return Filing(edition="2021", cells={}, agency=name, agency_code=code, level=level, year=2024, texts=prose)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_what_agencies_write_raises_exactly_its_findings(case: dict[str, Any]) -> None:
    expected = [Expected(**dict(zip(("agency", "agency_code", "level"), who.split(), strict=True)))
                for who in case.get("roster", [])]  # fmt: skip
    found = across([filing(who, texts) for who, texts in case["reports"].items()], expected=expected)
    wanted = Counter(
        (each["rule"], each["agency"], each.get("other"), each.get("text")) for each in case.get("finds", [])
    )
    told = Counter((each.finding.rule, each.finding.agency, each.other, each.finding.text) for each in found.concerns)
    assert told == wanted
    assert bool(wanted) != case.get("passes", False)


def test_every_rule_across_agencies_has_a_case_that_passes_and_one_that_fails() -> None:
    assert len(RULES) == 3
    for passes in (True, False):
        assert {case["rule"] for case in CASES if case.get("passes", False) == passes} == RULES
