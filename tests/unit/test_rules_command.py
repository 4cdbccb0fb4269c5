"""`gongkai rules`: all rules by family, and one explained in words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gongkai.catalogues import LANGUAGES, catalogue, speaking
from gongkai.cli import main
from gongkai.forms import editions
from gongkai.rules import VIEWS, load_rules
from gongkai.rules.describing import in_full, in_words, known_rules
from gongkai.rules.expectations import ARGUMENTS
from tests.helpers import ROOT

OWN = """
- rule: QX-001
  title: {zh: 收到的都办结, en: What was received was processed}
  basis: 县政务公开办要求
  severity: warning
  table: requests
  each: column
  only: [total]
  balance: received = processed
- {adjust: STR-LENGTH, reason: 篇幅放宽, severity: info}
- {adjust: DL-SIGN, part: order, off: true, reason: 先公布后盖章}
"""


def said(capsys: pytest.CaptureFixture[str], *line: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["rules", *line, *([] if "--lang" in line else ["--lang", "zh"])])
    printed = capsys.readouterr()
    return int(str(ended.value.code)), printed.out, printed.err


def test_every_rule_is_listed_under_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys)
    assert code == 0
    for edition in editions():
        assert all(rule.rule in out for rule in load_rules(edition))
    assert out.index("跨年 XY") < out.index("XY-CARRY-TOTAL") < out.index("时限 DL") < out.index("DL-DEPT")
    _, out, _ = said(capsys, "--edition", "2021", "--lang", "en")
    assert "T2-TOTAL-GE-NEW" not in out
    assert "Across years (XY)" in out


def test_a_balance_is_explained_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "T3-IDENTITY")
    assert code == 0
    for words in (
        "本年新收＋上年结转 = 办理结果总计＋结转下年度",
        "自然人",
        "总计",
        "国办公开办函〔2021〕30号",
        "错误",
        "28 个格",
        "即时标出",
    ):
        assert words in out
    _, out, _ = said(capsys, "T3-YOY-JUMP", "--lang", "en")
    assert out.count("≥ 20") == 4
    assert "not shown" in out


def test_an_expectation_is_explained_with_all_its_parts(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "DL-DEPT", "--lang", "en")
    for words in (
        "day ≤ 10131",
        "what = published",
        "departments",
        "townships or subdistricts",
        "[township]",
        "{quote}",
    ):
        assert words in out


def test_an_unknown_code_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "T3-IDENTTY")
    assert (code, out) == (2, "")
    assert "T3-IDENTITY" in err
    assert said(capsys, "--edition", "2022")[0] == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_can_be_explained(lang: str) -> None:
    with speaking(lang):
        for known in known_rules():
            lines = list(in_words(known))
            assert len(lines) >= 7
            assert json.dumps(in_full(known))


def test_views_and_expectations_have_words() -> None:
    words = catalogue("zh")
    assert {f"rules.view.{view}" for view in VIEWS} == {key for key in words if key.startswith("rules.view.")}
    assert {f"rules.expect.{each}" for each in ARGUMENTS} == {key for key in words if key.startswith("rules.expect.")}


def test_what_an_office_has_done_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "expectations" / "local").mkdir(parents=True)
    (tmp_path / "expectations" / "local" / "own.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "gongkai.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    _, out, _ = said(capsys)
    for words in ("自定规则 QX", "local/own.yaml", "篇幅放宽", "原级别：警告", "先公布后盖章"):
        assert words in out
    _, out, _ = said(capsys, "DL-SIGN", "--format", "json")
    first, order = json.loads(out)["rules"]
    assert first["off"] is None
    assert order["off"] == {"reason": "先公布后盖章", "file": "local/own.yaml"}
    _, out, _ = said(capsys, "--format", "json")
    listed = {each["code"]: each for each in json.loads(out)["rules"]}
    assert listed["QX-001"]["from"] == "local/own.yaml"
    assert listed["STR-LENGTH"]["severity"] == "info"
    assert listed["STR-LENGTH"]["changed"]["reason"] == "篇幅放宽"


def test_rules_are_told_without_what_is_slow_to_import() -> None:
    code = (
        "import sys\nfrom gongkai.cli import main\n"
        "try: main(['rules', 'T3-IDENTITY'])\nexcept SystemExit: pass\n"
        "print([name for name in ('great_expectations', 'pandas', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
