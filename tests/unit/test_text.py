"""Published reports as text: what is there is read, what cannot be read for certain is doubted, nothing is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongkai.consistency import check
from gongkai.errors import InputError
from gongkai.filing import Cell, Filing
from gongkai.finding import Finding
from gongkai.forms import editions
from gongkai.intake import read
from gongkai.intake.interface import Document
from gongkai.intake.text import TextReader
from gongkai.wording import doubt_in_words, source_in_words
from tests.helpers import CORPUS, balanced_filing, changed
from tests.torn import torn_text

REAL = CORPUS / "xinjiang-2023.txt"


def about_cells(filing: Filing) -> list[Finding]:
    """What is found of the cells; these texts are tables without the rest of a report."""
    return [finding for finding in check([filing]).all if finding.cells and not finding.text]


def read_text(text: str) -> Filing:
    return TextReader().read(Document("report.txt", text.encode()))


def values(filing: Filing) -> dict[str, tuple[object, str]]:
    return {address: (cell.value, cell.kind) for address, cell in filing.cells.items()}


@pytest.mark.parametrize("edition", editions())
@given(st.integers(0, 10**6), st.sampled_from([3, 40, 10**7]), st.sampled_from([2019, 2020, 2021, 2024]))
@settings(max_examples=40, deadline=None)
def test_a_torn_report_is_read_to_the_last_cell_on_the_edition_that_it_prints(
    edition: str, seed: int, largest: int, year: int
) -> None:
    filing = balanced_filing(seed, edition=edition, largest=largest, year=year)
    found = read_text(torn_text(filing))
    assert values(found) == values(filing)
    assert not found.doubts
    assert (found.agency, found.year, found.edition) == (filing.agency, filing.year, edition)


def test_a_report_without_a_year_is_on_the_edition_that_it_prints_else_on_the_newest() -> None:
    for edition in editions():
        filing = balanced_filing(edition=edition)
        untitled = [line for line in torn_text(filing).split("\n") if "年度报告" not in line]
        found = read_text("\n".join(untitled))
        # The period of the statistics says it too.
        assert (found.edition, found.year) == (edition, filing.year)
        found = read_text("\n".join(line for line in untitled if "统计" not in line and "12月31日" not in line))
        assert (found.edition, found.year) == (edition, None)
    without_table_2 = [line for line in torn_text(balanced_filing(edition="2019", year=2023)).split("\n")
                       if "\t" not in line or "申请" in line]  # fmt: skip
    assert read_text("\n".join(without_table_2)).edition == "2021"


def test_changes_are_read_as_they_are_printed() -> None:
    filing = balanced_filing(edition="2019")
    changes = {
        "disclosure.licences.change": "减4",
        "disclosure.penalties.change": "+0",
        "disclosure.fees.change": "－2",
    }
    filing = changed(filing, {each: Cell(None, "unreadable", raw) for each, raw in changes.items()})
    found = read_text(torn_text(filing))
    assert [found.cells[each].value for each in changes] == [-4, 0, -2]
    assert not found.doubts


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
    assert {key: fact.text for key, fact in found.facts.items() if not key.startswith("heading.")} == {
        "title": "青杉县财政局2024年政府信息公开工作年度报告",
        "period": "2024年1月1日至2024年12月31日",
        "signature": "青杉县财政局",
        "signed": "2025年1月20日",
    }
    source = found.texts["issues"][0].source
    assert source is not None
    assert torn_text(balanced_filing()).split("\n")[(source.line or 0) - 1] == found.texts["issues"][0].text


PREAMBLE = (
    "本报告依条例编制，由青杉县财政局向社会公布，所列数据的统计期限自2024年1月1日起至2024年12月31日止，"
    "有疑问的可以到窗口查询，也可以打电话询问。"
)
OVERVIEW = (
    "2024年，青杉县财政局把公开当作日常工作来做，做到件件有人管、事事能查到，并重新梳理了栏目，合并重复"
    "内容3处，补上缺失目录8项。"
)
PROACTIVE = (
    "全年通过网站公开各类信息1,234条，比上年多95条，其中第二十条第（一）项规定的信息12条，"
    "群众关心的三类事项公开办理指南7份，配发图解23张。"
)
PROSE = {
    "preamble": [PREAMBLE],
    "overview": [OVERVIEW, "这一年没有大的变化，各股室都按要求完成了全年的任务。"],
    "overview.proactive": [PROACTIVE],
}


def in_lines(wrap: Callable[[str], list[str]], gap: Sequence[str], indent: str) -> str:
    """The report of `PROSE` and a table with its texts broken into lines."""
    headings = {"preamble": [], "overview": ["一、总体情况"], "overview.proactive": ["（一）主动公开情况"]}
    lines = ["青杉县财政局2024年政府信息公开工作年度报告"]
    for key, passages in PROSE.items():
        lines += headings[key]
        for passage in passages:
            lines += [*wrap(indent + passage), *gap]
    lines += ["二、主动公开政府信息情况", "信息内容\t本年制发件数\t本年废止件数\t现行有效件数", "规章\t1\t2\t3"]
    return "\n".join(lines)


def by_characters(text: str) -> list[str]:
    return [text[start : start + 34] for start in range(0, len(text), 34)]


def by_columns(text: str) -> list[str]:
    lines = [""]
    for each in text:
        if sum(2 if ord(char) > 0x2E80 else 1 for char in lines[-1]) > 62 and each not in "，。、0123456789":
            lines.append("")
        lines[-1] += each
    return lines


@pytest.mark.parametrize("indent", ["", "    ", "\u3000\u3000"])
@pytest.mark.parametrize("gap", [[], [""]])
@pytest.mark.parametrize("wrap", [by_columns, by_characters])
def test_lines_broken_at_a_width_are_one_paragraph(
    wrap: Callable[[str], list[str]], gap: Sequence[str], indent: str
) -> None:
    text = in_lines(wrap, gap, indent)
    found = read_text(text)
    assert {key: [each.text for each in texts] for key, texts in found.texts.items()} == PROSE
    assert found.facts["period"].text == "2024年1月1日起至2024年12月31日"
    assert found.cells["disclosure.regulations.in_force"].value == 3
    source = found.texts["preamble"][0].source
    assert source is not None and source.line == 2
    assert text.split("\n")[1 : source.last_line] == wrap(indent + PROSE["preamble"][0])
    assert source_in_words(found.form, source) == f"report.txt 第 2–{source.last_line} 行"


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    lines = in_lines(by_columns, [], "").split("\n")
    text = "\n".join([*lines[:2], "", "- 1 -", "", "\f" + lines[2], *lines[3:]])
    assert [each.text for each in read_text(text).texts["preamble"]] == PROSE["preamble"]


def test_where_a_paragraph_is_a_line_nothing_is_joined() -> None:
    text = in_lines(lambda passage: [passage], [], "")
    for each in (text, text.replace("。", "")):
        sources = [passage.source for passages in read_text(each).texts.values() for passage in passages]
        assert sources and all(source and source.last_line is None for source in sources)


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
        rules = {finding.rule: finding.verdict for finding in about_cells(found)}
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
    (missing,) = [finding for finding in about_cells(found) if finding.verdict == "fail"]
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
    assert [finding.verdict for finding in about_cells(found)] == ["not_assessable"] * 3


def test_values_under_a_head_of_no_edition_are_doubted_since_they_mean_something_else() -> None:
    found = read_text(torn_text(balanced_filing()).replace("本年制发件数", "本年转发其他单位文件总数"))
    assert values(found) == values(balanced_filing())
    assert {doubt.code for doubt in found.doubts} == {"PRS-COL-SHIFT"}
    assert "disclosure.regulations.made" in found.doubted


def test_a_text_without_tables_and_a_year_without_a_form_are_refused() -> None:
    with pytest.raises(InputError):
        read_text("今天天气很好。\n")
    with pytest.raises(InputError, match="2016"):
        read_text(torn_text(balanced_filing(year=2016)))


def test_gb18030_is_read_as_utf_8_is() -> None:
    text = torn_text(balanced_filing())
    assert values(TextReader().read(Document("x", text.encode("gb18030")))) == values(read_text(text))


def telling_filing() -> Filing:
    """A filing in which no number stands twice in a row, so that a value that moved is seen."""
    filing = balanced_filing(seed=5)
    addresses = [address for address in filing.cells if not address.endswith("amount")]
    return changed(filing, {address: 11 + 7 * number for number, address in enumerate(addresses)})


TELLING = telling_filing()
ROWS = [n for n, line in enumerate(torn_text(TELLING).split("\n")) if sum(f.isdigit() for f in line.split("\t")) > 0]
BLANKS = st.dictionaries(st.sampled_from(ROWS), st.sets(st.integers(0, 15), min_size=1, max_size=5), max_size=3)
ONE_FIELD = st.none() | st.tuples(st.sampled_from(ROWS), st.sampled_from(["lost", "added"]), st.integers(0, 15))


def without_or_with_a_field(line: str, kind: str, position: int) -> str:
    fields = line.split("\t")
    place = position % len(fields)
    if kind == "lost" and fields[place].replace(".", "").isdigit():
        del fields[place]
    elif kind == "added":
        fields.insert(place, "")
    return "\t".join(fields)


def with_blanks(line: str, positions: set[int]) -> str:
    fields = line.split("\t")
    for position in positions:
        if position < len(fields) and fields[position].replace(".", "").isdigit():
            fields[position] = ""
    return "\t".join(fields)


def assert_nothing_moved(text: str) -> None:
    found, lines = read_text(text), text.split("\n")
    for address, cell in found.cells.items():
        expected = TELLING.cells[address]
        line = cell.source.line if cell.source and cell.source.line else 1
        gone = cell.kind == "blank" and expected.raw not in lines[line - 1].split("\t")
        assert cell.value == expected.value or gone or address in found.doubted, (address, cell)


@given(BLANKS, ONE_FIELD, st.booleans(), st.booleans())
@example({62: {7}}, (62, "added", 1), True, False)
@example({37: {0, 8}}, (37, "added", 1), True, False)
@example({37: {0, 8}}, (37, "added", 3), True, False)
@example({39: {0, 1, 8}}, (39, "added", 3), True, False)
@settings(max_examples=300, deadline=None)
def test_neither_blanks_nor_a_lost_or_added_field_move_a_value(
    blanks: dict[int, set[int]], one: tuple[int, str, int] | None, strip: bool, close: bool
) -> None:
    """Blanks in some rows, one field too few or too many in one, ends stripped by an editor, page breaks lost."""
    lines = torn_text(TELLING).split("\n")
    for number, positions in blanks.items():
        lines[number] = with_blanks(lines[number], positions)
    if one:
        lines[one[0]] = without_or_with_a_field(lines[one[0]], one[1], one[2])
    if strip:
        lines = [line.rstrip() for line in lines]
    if close:
        lines = [line for line in lines if line.strip()]
    assert_nothing_moved("\n".join(lines))


def test_a_blank_total_at_the_end_of_a_stripped_line_is_not_taken_for_a_shift() -> None:
    """The label spans three columns, so an empty field stands between it and the values."""
    for start in ("一、本年新收", "二、上年结转"):
        lines = torn_text(TELLING).split("\n")
        number = next(n for n, line in enumerate(lines) if line.startswith(start))
        lines[number] = "\t".join(lines[number].split("\t")[:-2])
        assert_nothing_moved("\n".join(line.rstrip() for line in lines))
        assert_nothing_moved("\n".join(lines))


@pytest.mark.parametrize(
    ("printed", "instead", "table"),
    [
        ("本年制发件数\t本年废止件数", "本年废止件数\t本年制发件数", "disclosure"),
        ("商业 企业\t科研 机构", "科研 机构\t商业 企业", "requests"),
        ("申请人情况\t\t\t\t\t\t总计", "总计\t申请人情况\t\t\t\t\t", "requests"),
        (
            "结果 维持\t结果 纠正\t其他 结果\t尚未 审结\t总计\t未经",
            "结果 纠正\t结果 维持\t其他 结果\t尚未 审结\t总计\t未经",
            "disputes",
        ),
        ("未经复议直接起诉\t\t\t\t\t复议后起诉", "复议后起诉\t\t\t\t\t未经复议直接起诉", "disputes"),
        ("行政复议\t\t\t\t\t行政诉讼", "行政诉讼\t\t\t\t\t行政复议", "disputes"),
    ],
)
def test_heads_in_another_order_doubt_what_stands_under_them(printed: str, instead: str, table: str) -> None:
    text = torn_text(TELLING)
    assert printed in text
    found = read_text(text.replace(printed, instead))
    (doubt,) = found.doubts
    assert doubt.code == "PRS-COL-SHIFT"
    under = {address for address in TELLING.cells if address.startswith(f"{table}.")}
    if table == "disclosure":
        under = {address for address in under if address.endswith(("made", "repealed", "in_force"))}
    assert found.doubted == under
    assert {found.cells[address].kind for address in under} == {"unreadable"}


def test_a_head_with_another_unit_is_doubted() -> None:
    found = read_text(torn_text(TELLING).replace("（单位：万元）", "（单位：元）"))
    assert [(doubt.read, doubt.cells) for doubt in found.doubts] == [
        ("本年收费金额(单位:元)", ("disclosure.fees.amount",))
    ]


def test_a_short_label_is_known_by_its_number_only() -> None:
    """A long label that is wrapped after its first word must not be taken for the short one."""
    wrapped = torn_text(TELLING).replace("2. 其他法律行政法规禁止公开", "2. 其他")
    lines = wrapped.split("\n")
    number = next(n for n, line in enumerate(lines) if "2. 其他\t" in line)
    rest = "\t\t法律行政法规禁止公开" + "\t" * 7
    for text in (wrapped, "\n".join([*lines[: number + 1], rest, *lines[number + 1 :]])):
        found = read_text(text)
        assert found.number("requests.other.other.total") == TELLING.number("requests.other.other.total")
        assert {address for address in TELLING.cells if "prohibited_by_law" in address} <= found.doubted
        assert "CEL-BLANK" not in {finding.rule for finding in check([found]).all}


def test_a_row_printed_twice_with_different_values_is_doubted_and_alike_is_not() -> None:
    lines = torn_text(TELLING).split("\n")
    number = next(n for n, line in enumerate(lines) if line.startswith("行政许可"))
    again = [*lines[: number + 1], lines[number], *lines[number + 1 :]]
    assert not read_text("\n".join(again)).doubts
    again[number + 1] = "行政许可\t5"
    found = read_text("\n".join(again))
    assert found.cells["disclosure.licences.decisions"].kind == "unreadable"
    assert found.doubted == {"disclosure.licences.decisions"}


def test_values_torn_onto_the_next_line_are_doubted_and_not_told_as_blanks() -> None:
    lines = torn_text(TELLING).split("\n")
    number = next(n for n, line in enumerate(lines) if "重复申请" in line)
    fields = lines[number].split("\t")
    for label in ("\t".join(fields[:2]), "\t".join([*fields[:2], *[""] * 7])):
        found = read_text("\n".join([*lines[:number], label, "\t\t" + "\t".join(fields[2:]), *lines[number + 1 :]]))
        assert {address for address in TELLING.cells if "not_processed.repeated" in address} <= found.doubted
        assert {finding.verdict for finding in check([found]).all if finding.rule.startswith("CEL")} == set()


def test_doubts_are_told_with_cells_and_advice() -> None:
    found = read_text(torn_text(TELLING).replace("重复申请", "重复提申请"))
    (doubt,) = found.doubts
    words = doubt_in_words(found.form, doubt)
    assert words.startswith("印作“2. 重复提申请”的一行与格式不符。涉及：2.重复申请（自然人）、")
    assert words.endswith("可能是：2.重复申请。请对照原文核对。")


def piped(text: str, before: str) -> str:
    """The tables of `text` between pipes, each line closed by one."""
    return "\n".join(
        f"{before}{' | '.join(line.split(chr(9)))} |" if "\t" in line else line for line in text.split("\n")
    )


@pytest.mark.parametrize("before", ["| ", ""])
def test_between_closed_pipes_every_empty_field_is_a_blank(before: str) -> None:
    text = torn_text(TELLING)
    for emptied, raw in [(text, ""), *blanked(text)]:
        found = read_text(piped(emptied, before))
        assert not found.doubts
        different = [(address, cell.kind) for address, cell in found.cells.items() if cell != TELLING.cells[address]
                     and cell.value != TELLING.cells[address].value]  # fmt: skip
        assert [kind for _, kind in different] == (["blank"] if raw else [])


def test_one_line_that_keeps_its_empty_end_says_that_no_line_was_stripped() -> None:
    lines = torn_text(TELLING).split("\n")
    number = next(each for each, line in enumerate(lines) if "重复申请" in line)
    fields = lines[number].split("\t")
    lines[number] = "\t".join([*fields[:4], "", *fields[5:]])
    address = next(a for a, cell in TELLING.cells.items() if "not_processed.repeated" in a and cell.raw == fields[4])
    found = read_text("\n".join(lines))
    assert (found.cells[address].kind, found.doubts) == ("blank", ())
    stripped = read_text("\n".join(line.rstrip() for line in lines))
    assert {each for each in TELLING.cells if "not_processed.repeated" in each} == stripped.doubted


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
        found = [(finding.rule, finding.verdict) for finding in about_cells(read(REAL))]
        assert found == [("CEL-BLANK", "fail")] * 5 + [("T4-SUM", "not_assessable")]

    def test_no_further_blank_is_moved(self) -> None:
        assert_no_blank_is_moved(REAL.read_text(encoding="utf-8"))
