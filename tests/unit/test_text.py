"""Published reports as text: what is there is read, what cannot be read for certain is doubted, nothing is moved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.consistency import check
from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.intake import read
from gongkai.intake.interface import Document
from gongkai.intake.text import TextReader
from tests.helpers import CORPUS, balanced_filing
from tests.torn import torn_text

REAL = CORPUS / "xinjiang-2023.txt"


def read_text(text: str) -> Filing:
    return TextReader().read(Document("report.txt", text.encode()))


def values(filing: Filing) -> dict[str, tuple[object, str]]:
    return {address: (cell.value, cell.kind) for address, cell in filing.cells.items()}


@given(st.integers(0, 10**6), st.sampled_from([3, 40, 10**7]))
@settings(max_examples=40, deadline=None)
def test_a_torn_report_is_read_to_the_last_cell(seed: int, largest: int) -> None:
    filing = balanced_filing(seed, largest=largest)
    found = read_text(torn_text(filing))
    assert values(found) == values(filing)
    assert not found.doubts
    assert (found.agency, found.year, found.edition) == (filing.agency, filing.year, "2021")


def test_prose_and_facts_are_read_with_their_lines() -> None:
    found = read_text(torn_text(balanced_filing()))
    assert {key: [text.text for text in texts] for key, texts in found.texts.items()} == {
        "preamble": ["本报告依条例编制，所列数据统计期限为 2024 年 1 月 1 日至 2024 年 12 月 31 日。"],
        "overview": ["本年工作平稳有序。"],
        "overview.proactive": ["全年更新栏目十二个。"],
        "overview.on_request": ["申请渠道保持畅通。"],
        "overview.information_management": ["公开前逐件审查。"],
        "overview.platforms": ["网站改版一次。"],
        "overview.oversight": ["组织培训两期。"],
        "issues": ["问题是栏目更新不够及时，改进措施是每周巡查一次。"],
        "other_matters": ["本年未收取信息处理费。"],
    }
    assert {key: fact.text for key, fact in found.facts.items()} == {
        "title": "青杉县财政局2024年政府信息公开工作年度报告",
        "period": "2024年1月1日至2024年12月31日",
        "signature": "青杉县财政局",
        "signed": "2025年1月20日",
    }
    source = found.texts["issues"][0].source
    assert source is not None
    assert torn_text(balanced_filing()).split("\n")[(source.line or 0) - 1] == found.texts["issues"][0].text


def test_every_value_says_where_it_stood() -> None:
    text = torn_text(balanced_filing())
    for address, cell in read_text(text).cells.items():
        assert cell.source is not None
        assert cell.source.table == address.split(".", maxsplit=1)[0]
        assert cell.raw in text.split("\n")[(cell.source.line or 0) - 1]


def blanked(text: str) -> Iterator[tuple[str, str]]:
    """`text` with each cell of each table row emptied in turn, and what stood there."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        fields = line.split("\t")
        for position, field in enumerate(fields):
            if len(fields) > 1 and field.strip().replace(".", "").isdigit():
                emptied = [*fields[:position], "", *fields[position + 1 :]]
                yield "\n".join([*lines[:number], "\t".join(emptied), *lines[number + 1 :]]), field


def assert_no_blank_is_moved(text: str) -> None:
    before = read_text(text)
    count = 0
    for emptied, _ in blanked(text):
        after = read_text(emptied)
        differing = {each for each, value in values(before).items() if values(after).get(each) != value}
        if after.doubts:
            assert differing <= after.doubted
            assert len({address.rsplit(".", 1)[0] for address in after.doubted}) == 1
        else:
            (address,) = differing
            assert after.cells[address].kind == "blank"
        count += 1
    assert count == sum(cell.kind == "number" for cell in before.cells.values())


def test_a_blank_anywhere_is_found_in_its_place_or_its_row_is_doubted() -> None:
    assert_no_blank_is_moved(torn_text(balanced_filing(seed=5)))


def test_a_row_that_lost_a_field_is_doubted_and_never_shifted() -> None:
    filing = balanced_filing(seed=5)
    lines = torn_text(filing).split("\n")
    number = next(each for each, line in enumerate(lines) if "属于行政执法案卷" in line)
    fields = lines[number].split("\t")
    for position in range(2, len(fields)):
        lost = "\t".join(fields[:position] + fields[position + 1 :])
        found = read_text("\n".join([*lines[:number], lost, *lines[number + 1 :]]))
        row = [f"requests.refused.enforcement_file.{each}" for each in ("natural_person", "total")]
        assert [found.cells[address].kind for address in row] == ["unreadable"] * 2
        assert [doubt.code for doubt in found.doubts] == ["PRS-COL-SHIFT"]
        rules = {finding.rule: finding.verdict for finding in check([found]).all}
        assert set(rules.values()) == {"not_assessable"}


def test_an_empty_field_that_may_be_padding_is_doubted_where_no_neighbour_decides() -> None:
    lines = torn_text(balanced_filing(seed=5)).split("\n")
    first, second = (
        next(n for n, line in enumerate(lines) if line.startswith(start)) for start in ("一、本", "二、上")
    )
    for number in (first, second):
        fields = lines[number].split("\t")
        lines[number] = "\t".join([*fields[:2], "", *fields[3:]])
    found = read_text("\n".join(lines))
    assert {doubt.code for doubt in found.doubts} == {"PRS-COL-SHIFT"}
    assert {address.split(".")[1] for address in found.doubted} == {"received", "carried_in"}


def test_a_label_with_a_missing_character_is_read_with_a_doubt() -> None:
    found = read_text(torn_text(balanced_filing()).replace("属于四类过程性信息", "属于四类过程信息"))
    assert values(found) == values(balanced_filing())
    assert [(doubt.code, doubt.alternatives) for doubt in found.doubts] == [
        ("PRS-ROW-UNMATCHED", ("6.属于四类过程性信息",))
    ]


def test_a_row_that_is_not_there_is_missing_and_not_zero() -> None:
    lines = [line for line in torn_text(balanced_filing()).split("\n") if "重复申请" not in line]
    found = read_text("\n".join(lines))
    assert len(found.cells) == 193
    (missing,) = [finding for finding in check([found]).all if finding.verdict == "fail"]
    assert (missing.rule, len(missing.cells)) == ("CEL-COUNT", 7)


def test_a_row_with_an_unknown_label_is_doubted_with_the_rows_it_may_be() -> None:
    text = torn_text(balanced_filing()).replace("2. 重复申请", "2. 某种别的情形")
    found = read_text(text)
    assert found.doubted == {address for address in balanced_filing().cells if "not_processed.repeated" in address}
    assert "CEL-COUNT" not in {finding.rule for finding in check([found]).all}


def test_a_table_that_is_lost_is_doubted_as_a_whole() -> None:
    text = torn_text(balanced_filing())
    lines = [line for line in text.split("\n") if line.count("\t") != 14]
    found = read_text("\n".join(lines))
    assert [doubt.code for doubt in found.doubts] == ["PRS-TABLE-LOST"]
    assert found.doubted == {address for address in balanced_filing().cells if address.startswith("disputes.")}
    assert [finding.verdict for finding in check([found]).all] == ["not_assessable"] * 3


def test_other_heads_are_refused_since_the_same_rows_would_mean_something_else() -> None:
    with pytest.raises(InputError, match="本年新公开数量"):
        read_text(torn_text(balanced_filing()).replace("本年制发件数", "本年新公开数量"))


def test_a_text_without_tables_and_a_year_without_a_form_are_refused() -> None:
    with pytest.raises(InputError):
        read_text("今天天气很好。\n")
    with pytest.raises(InputError, match="2016"):
        read_text(torn_text(balanced_filing(year=2016)))


def test_gb18030_is_read_as_utf_8_is() -> None:
    text = torn_text(balanced_filing())
    assert values(TextReader().read(Document("x", text.encode("gb18030")))) == values(read_text(text))


@pytest.mark.skipif(not REAL.is_file(), reason="the corpus of published reports is not here")
class TestPublishedReport:
    def test_it_is_read_with_195_zeros_and_five_blanks(self) -> None:
        filing = read(REAL)
        kinds = {address: cell.kind for address, cell in filing.cells.items() if cell.value != 0}
        assert kinds == {
            f"disputes.reconsideration.{each}": "blank" for each in ("upheld", "corrected", "other", "pending", "total")
        }
        assert len(filing.cells) == 200
        assert (filing.agency, filing.year, filing.doubts) == ("新绛县人民政府办公室", 2023, ())

    def test_exactly_its_blanks_are_found(self) -> None:
        found = [(finding.rule, finding.verdict) for finding in check([read(REAL)]).all]
        assert found == [("CEL-BLANK", "fail")] * 5 + [("T4-SUM", "not_assessable")]

    def test_no_further_blank_is_moved(self) -> None:
        assert_no_blank_is_moved(REAL.read_text(encoding="utf-8"))
