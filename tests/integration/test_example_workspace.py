"""Invented workspaces: right but for what the key file lists, the same each time, as large as one likes."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from gongkai import intake
from gongkai.catalogues import speaking
from gongkai.consistency import check
from gongkai.errors import UsageError
from gongkai.example import KEY_FILE, Example, Written, write_example, years_of
from gongkai.example.bodies import LEAST_AGENCIES, MOST_AGENCIES, most_counties
from gongkai.example.planting import kinds
from gongkai.filing import LEVELS, Filing
from gongkai.finding import Finding
from gongkai.fonts import missing
from gongkai.rules import load_rules
from tests.commands import gongkai
from tests.helpers import ROOT

Found = Counter[tuple[str, str, tuple[str, ...]]]
"""Rule, verdict and cells of findings, and how often each was found."""

SMALL = Example(counties=2, agencies=12, years=(2022, 2024), faults=0.5, seed=7, files="cells")


def written(folder: Path, example: Example) -> Written:
    seen: list[int] = []
    done = write_example(folder, example, seen.append)
    assert done.files == sum(seen) == example.count
    return done


def contents(folder: Path) -> dict[str, str]:
    """The digest of each file; of a workbook that of its parts, since zlib may pack the same parts differently."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _digest(path) for path in files}


def _digest(path: Path) -> str:
    if path.suffix != ".xlsx":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with zipfile.ZipFile(path) as archive:
        return hashlib.sha256(b"".join(archive.read(name) for name in archive.namelist())).hexdigest()


def key_of(folder: Path) -> list[dict[str, Any]]:
    return yaml.load((folder / KEY_FILE).read_text(encoding="utf-8"), yaml.CSafeLoader) or []


def roster_of(folder: Path, name: str = "all") -> list[dict[str, str]]:
    with (folder / "params" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_all(folder: Path, example: Example) -> dict[str, Filing]:
    """Every filing of the workspace, read back, by its file."""
    files = [example.input(year, each["code"]) for each in roster_of(folder) for year in example.all_years]
    assert {path.relative_to(folder).as_posix() for path in (folder / "inputs").rglob("*.*")} == set(files)
    return {file: intake.read(folder / file) for file in files}


TOLD = {place.rule for kind in kinds() for place in (*kind.equations, *kind.unassessable)}
TOLD |= {place.rule for kind in kinds() for place in kind.cells}
"""The rules that planted faults are told of: those about the tables; prose that states what was spoiled, and figures
that jump by it, break others, and a late report one about dates."""


def found_in(folder: Path, example: Example, rules: Collection[str] = TOLD) -> dict[str, Found]:
    """What a check of all filings with last year's finds by `rules` in each file where it finds anything."""
    filings = read_all(folder, example)
    # Of an agency one year comes after the other.
    before = [None, *filings.values()]
    last = [None if each.year == example.years[0] else one for each, one in zip(filings.values(), before, strict=False)]
    result = check(list(filings.values()), previous=last)
    told = [[each for each in found if each.rule in rules] for found in result.findings]
    return {file: counted(found) for file, found in zip(filings, told, strict=True) if found}


def counted(findings: Iterable[Finding]) -> Found:
    return Counter((each.rule, each.verdict, tuple(each.cells)) for each in findings)


def expected(folder: Path) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for fault in key_of(folder):
        for each in fault["findings"]:
            found.setdefault(fault["file"], Counter())[each["rule"], each["verdict"], tuple(each["cells"])] += 1
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    written(folder, SMALL)
    return folder


@pytest.mark.parametrize("years", [(2024, 2024), (2021, 2024)])
def test_without_faults_nothing_is_found(tmp_path: Path, years: tuple[int, int]) -> None:
    example = Example(counties=3, agencies=40, years=years, files="cells")
    assert written(tmp_path, example).faults == 0
    graver = {rule.rule for rule in load_rules("2021") if rule.severity != "info"}
    assert found_in(tmp_path, example, graver) == {}
    assert key_of(tmp_path) == []
    assert all(line["published_at"] <= _deadline(line, years[1]) for line in roster_of(tmp_path))


@pytest.mark.parametrize("seed", range(5))
def test_a_check_finds_what_the_key_file_lists_and_nothing_else(tmp_path: Path, seed: int) -> None:
    example = Example(counties=2, agencies=60, years=(2023, 2024), faults=1, seed=seed, files="cells")
    done = written(tmp_path, example)
    assert found_in(tmp_path, example) == expected(tmp_path)
    key = key_of(tmp_path)
    assert done.faults == len(key)
    of_reports = Counter(fault["file"] for fault in key if fault["findings"])
    assert len(of_reports) == 120
    assert set(of_reports.values()) == {1, 2, 3}


def test_faults_of_a_single_year_are_found_without_last_years(tmp_path: Path) -> None:
    example = Example(counties=1, agencies=60, years=(2024, 2024), faults=1, files="cells")
    written(tmp_path, example)
    assert found_in(tmp_path, example) == expected(tmp_path)


def test_every_kind_of_fault_is_planted_and_every_rule_is_broken(tmp_path: Path) -> None:
    written(tmp_path, Example(counties=6, agencies=60, years=(2023, 2024), faults=1, files="cells"))
    key = key_of(tmp_path)
    assert {fault["fault"] for fault in key} == {*(kind.fault for kind in kinds()), "published-late"}
    assert {each["rule"] for fault in key for each in fault["findings"]} == TOLD


def test_only_the_last_year_has_faults_and_about_the_share_that_is_asked_for(small: Path) -> None:
    key = key_of(small)
    assert {fault["year"] for fault in key} == {2024}
    assert 6 <= len({fault["file"] for fault in key if fault["findings"]}) <= 18
    filings = read_all(small, SMALL)
    for fault in key:
        filing = filings[fault["file"]]
        assert (filing.agency, filing.agency_code, filing.year) == (fault["agency"], fault["code"], fault["year"])
        assert all(fault["done"][lang] for lang in ("zh", "en"))


def test_late_publications_are_in_the_roster_in_the_report_and_in_the_key_file(tmp_path: Path) -> None:
    written(tmp_path, Example(counties=2, agencies=60, years=(2023, 2024), faults=1, files="cells"))
    late = {fault["file"] for fault in key_of(tmp_path) if fault["fault"] == "published-late"}
    assert late
    for line in roster_of(tmp_path):
        file = f"inputs/2024/{line['code']}.csv"
        assert (line["published_at"] > _deadline(line, 2024)) == (file in late)
        day = date.fromisoformat(line["published_at"])
        published = intake.read(tmp_path / file).facts["published"].text
        assert published == f"{day.year}年{day.month}月{day.day}日"


def _deadline(line: Mapping[str, str], year: int) -> str:
    return f"{year + 1}-{'03-31' if line['level'] == 'government' else '01-31'}"


def test_the_county_is_the_sum_of_its_agencies(tmp_path: Path) -> None:
    example = Example(counties=2, agencies=12, years=(2023, 2024), files="cells")
    written(tmp_path, example)
    filings = read_all(tmp_path, example)
    for county in ("990001", "990002"):
        for year in (2023, 2024):
            whole = filings.pop(f"inputs/{year}/{county}.csv")
            parts = [each for file, each in filings.items() if file.startswith(f"inputs/{year}/{county}")]
            assert len(parts) == 11
            for address, cell in whole.cells.items():
                assert cell.value == sum(part.number(address) or 0 for part in parts), address


def test_agencies_are_as_in_life(tmp_path: Path) -> None:
    example = Example(counties=4, agencies=45, years=(2023, 2024), files="cells")
    written(tmp_path, example)
    roster = roster_of(tmp_path)
    names = [line["agency"] for line in roster]
    assert len(set(names)) == len(names) == 180
    assert len({line["code"] for line in roster}) == 180
    levels = Counter(line["level"] for line in roster)
    assert set(levels) <= set(LEVELS)
    assert (levels["government"], 0.65 < levels["department"] / 180 < 0.75) == (4, True)
    assert levels["township"] > levels["subdistrict"] > 0
    for line in roster:
        assert re.fullmatch(r"99\d{4}" if line["level"] == "government" else r"99\d{7}", line["code"])
        assert line["parent"] == ("" if line["level"] == "government" else line["code"][:6])
    received = sorted(
        filing.number("requests.received.total") or 0
        for filing in read_all(tmp_path, example).values()
        if filing.level != "government"
    )
    assert received[len(received) // 5] == 0 or received[len(received) // 5] < 5
    assert received[len(received) * 3 // 4] <= 30
    assert received[-1] >= 100


def test_a_run_file_for_each_county_and_for_all(small: Path) -> None:
    for name, count in (("990001", 12), ("990002", 12), ("all", 24)):
        run = yaml.safe_load((small / "params" / f"{name}.yaml").read_text(encoding="utf-8"))
        assert run == {
            "run": 1,
            "year": 2024,
            "roster": f"params/{name}.csv",
            "inputs": "inputs/{year}/{code}.csv",
            "previous": "inputs/{previous_year}/{code}.csv",
            "output": f"build/{name}-2024",
        }
        roster = roster_of(small, name)
        assert len(roster) == count
        for line in roster:
            for year in (2023, 2024):
                assert (small / f"inputs/{year}/{line['code']}.csv").is_file()
            assert line["received_at"] <= line["published_at"]
    assert (small / "gongkai.toml").is_file()


def test_the_run_file_of_the_province_is_the_one_that_its_command_writes(tmp_path: Path) -> None:
    text = (ROOT / "params" / "province.yaml").read_text(encoding="utf-8")
    assert "--counties 117 --agencies 45 --years 2023-2024 --faults 0.05 --seed 1 -o build/province\n" in text
    write_example(tmp_path, Example(counties=1, agencies=3, years=(2023, 2024)))
    made = yaml.safe_load((tmp_path / "params" / "all.yaml").read_text(encoding="utf-8"))
    paths = {key: f"build/province/{value}" for key, value in made.items() if isinstance(value, str)}
    assert yaml.safe_load(text) == made | paths


def test_the_same_is_the_same_to_the_byte_whatever_is_spoken(small: Path, tmp_path: Path) -> None:
    with speaking("en"):
        written(tmp_path / "again", SMALL)
    assert contents(tmp_path / "again") == contents(small)
    written(tmp_path / "other", replace(SMALL, seed=8))
    other = contents(tmp_path / "other")
    inputs = [name for name in other if name.startswith("inputs/")]
    assert all(other[name] != contents(small)[name] for name in inputs)


def test_an_agency_is_the_same_in_a_larger_workspace(small: Path, tmp_path: Path) -> None:
    written(tmp_path, replace(SMALL, counties=3, agencies=30))
    larger, smaller = contents(tmp_path), contents(small)
    governments = re.compile(r"/\d{6}\.csv$")  # whose figures are sums of more
    names = [name for name in smaller if name.startswith("inputs/") and not governments.search(name)]
    assert [name for name in names if larger[name] != smaller[name]] == []


def test_workbooks_hold_what_cells_files_hold(tmp_path: Path) -> None:
    # More workbooks than one process writes alone.
    example = replace(SMALL, years=(2023, 2024), files="workbook")
    written(tmp_path / "books", example)
    written(tmp_path / "cells", replace(example, files="cells"))
    assert found_in(tmp_path / "books", example) == expected(tmp_path / "books")
    books, cells = read_all(tmp_path / "books", example), read_all(tmp_path / "cells", replace(example, files="cells"))
    for book, from_cells in zip(books.values(), cells.values(), strict=True):
        assert _plain(book) == _plain(from_cells)
    key = (tmp_path / "books" / KEY_FILE).read_text(encoding="utf-8")
    assert key.replace(".xlsx", ".csv") == (tmp_path / "cells" / KEY_FILE).read_text(encoding="utf-8")


def test_workbooks_are_the_same_to_the_byte_whoever_writes_them(tmp_path: Path) -> None:
    few = Example(counties=1, agencies=12, years=(2023, 2024), faults=0.5)  # one process
    many = replace(few, counties=2)  # several
    written(tmp_path / "few", few)
    written(tmp_path / "many", many)
    one, several = contents(tmp_path / "few"), contents(tmp_path / "many")
    assert all(several[name] == one[name] for name in one if name.startswith("inputs/"))


def _plain(filing: Filing) -> dict[str, Any]:
    data = filing.to_data()
    del data["inputs"], data["medium"]
    return json.loads(json.dumps(data), object_hook=lambda each: {key: each[key] for key in each if key != "source"})  # type: ignore[no-any-return]


# Texts -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Filing]:
    """Filings without faults, of three years."""
    folder = tmp_path_factory.mktemp("right")
    example = Example(counties=3, agencies=60, years=(2022, 2024), seed=3, files="cells")
    written(folder, example)
    return read_all(folder, example)


STATED = {
    r"新收政府信息公开申请(\d+)件": "requests.received.total",
    r"上年结转(?:的|的有|为)?(\d+)件": "requests.carried_in.total",
    r"(?:办理完毕|作出答复|均已办结，共)(\d+)件": "requests.processed.total",
    r"予以公开(\d+)件": "requests.granted.total",
    r"部分公开(\d+)件": "requests.partly_granted.total",
    r"结转下年度继续办理(\d+)件": "requests.carried_out.total",
    r"(\d+)件结转下年度继续办理": "requests.carried_out.total",
    r"行政复议(\d+)件": "disputes.reconsideration.total",
    r"未经复议直接起诉(\d+)件": "disputes.direct_suit.total",
    r"自然人(?:提出)?(\d+)件": "requests.received.natural_person",
    r"行政许可决定(\d+)件": "disclosure.licences.decisions",
    r"行政处罚决定(\d+)件": "disclosure.penalties.decisions",
    r"制发(?:行政规范性文件)?(\d+)件": "disclosure.normative_documents.made",
    r"废止(\d+)件": "disclosure.normative_documents.repealed",
    r"现行有效(\d+)件": "disclosure.normative_documents.in_force",
}
SUMS = {
    r"不予公开(\d+)件": r"requests\.refused\..*\.total",
    r"无法提供(\d+)件": r"requests\.unavailable\..*\.total",
    r"不予处理(\d+)件": r"requests\.not_processed\..*\.total",
    r"其他处理(\d+)件": r"requests\.other\..*\.total",
    r"行政诉讼(\d+)件": r"disputes\.(direct_suit|suit_after_reconsideration)\.total",
    r"法人或其他组织(?:提出)?(\d+)件": r"requests\.received\.(?!natural_person|total).*",
}


def test_texts_state_the_figures_of_the_tables(right: dict[str, Filing]) -> None:
    stated: Counter[str] = Counter()
    for filing in right.values():
        text = "".join(part.text for parts in filing.texts.values() for part in parts)
        for pattern, address in (STATED | SUMS).items():
            cells = [each for each in filing.cells if re.fullmatch(address, each)]
            assert cells, address
            for number in re.findall(pattern, text):
                stated[pattern] += 1
                assert int(number) == sum(filing.number(each) or 0 for each in cells), (pattern, text)
    assert set(stated) == {*STATED, *SUMS}


def test_texts_state_the_change_since_last_year(right: dict[str, Filing]) -> None:
    by_place = {(filing.agency, filing.year): filing for filing in right.values()}
    seen: Counter[str] = Counter()
    for filing in right.values():
        text = "".join(part.text for part in filing.texts["overview.on_request"])
        now = int(filing.number("requests.received.total") or 0)
        last = by_place.get((filing.agency, (filing.year or 0) - 1))
        for word, percent in re.findall(r"(增长|下降)([0-9.]+)%", text):
            assert last is not None
            before = int(last.number("requests.received.total") or 0)
            assert abs(abs(now - before) / before * 100 - float(percent)) <= 0.05 + 1e-9
            assert (word == "增长") == (now > before)
            seen[word] += 1
        if "持平" in text:
            assert last is not None
            assert last.number("requests.received.total") == now
            seen["持平"] += 1
        assert bool(now) == bool(re.search(r"新收政府信息公开申请\d", text))
    assert set(seen) == {"增长", "下降", "持平"}


def test_texts_are_complete_and_of_their_agency(right: dict[str, Filing]) -> None:
    for filing in right.values():
        keys = [key for key in filing.form.text_keys if key != "overview" or filing.level == "government"]
        assert list(filing.texts) == keys
        texts = {key: "".join(part.text for part in parts) for key, parts in filing.texts.items()}
        assert all(texts.values())
        assert not re.search(r"[{}]|None", "".join(texts.values()))
        assert str(filing.agency) in texts["preamble"]
        assert all(section.title.zh in texts["preamble"] for section in filing.form.sections)
        assert f"{filing.year}年1月1日至{filing.year}年12月31日" in texts["preamble"]
        assert len("".join(text for key, text in texts.items() if key.startswith("overview"))) <= 1000
        assert len(texts["issues"]) >= 50
        if filing.level != "department":
            assert all(word in texts["overview.oversight"] for word in ("考核", "评议", "追究"))


def test_nobody_writes_what_he_wrote_last_year(right: dict[str, Filing]) -> None:
    by_place = {(filing.agency, filing.year): filing for filing in right.values()}
    for (agency, year), filing in by_place.items():
        if last := by_place.get((agency, (year or 0) - 1)):
            for key in ("overview.proactive", "overview.platforms", "overview.oversight", "issues"):
                assert filing.texts[key][0].text != last.texts[key][0].text


def test_our_fonts_have_every_character(right: dict[str, Filing]) -> None:
    text = {each for filing in right.values() for each in filing.to_json()}
    names = "".join(Example(counties=1, agencies=3, years=(2024, 2024)).county(each).name for each in range(3000))
    assert missing("".join(sorted(text | set(names))), "body") == ()


# Wrong orders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"counties": 0}, "example_counties"),
        ({"counties": most_counties() + 1}, "example_counties"),
        ({"agencies": LEAST_AGENCIES - 1}, "example_agencies"),
        ({"agencies": MOST_AGENCIES + 1}, "example_agencies"),
        ({"years": (2024, 2023)}, "example_years"),
        ({"years": (2020, 2023)}, "example_years"),
        ({"years": (2024, 2124)}, "example_years"),
        ({"faults": 1.01}, "example_faults"),
        ({"faults": -0.1}, "example_faults"),
        ({"faults": float("nan")}, "example_faults"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], key: str) -> None:
    right: dict[str, Any] = {"counties": 1, "agencies": 3, "years": (2023, 2024)}
    with pytest.raises(UsageError) as refused:
        Example(**(right | wrong))
    assert refused.value.key == key
    for lang in ("zh", "en"):
        with speaking(lang):
            assert str(refused.value)


@pytest.mark.parametrize("text", ["", "2023-", "23-24", "2023-2024-2025", "２０２３-２０２４", "2023–2024", "x"])
def test_malformed_years_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="2023-2024"):
        years_of(text)


def test_years_are_read() -> None:
    assert (years_of("2023-2024"), years_of("2024")) == ((2023, 2024), (2024, 2024))


def test_the_largest_workspace_has_names_and_codes_for_all() -> None:
    example = Example(counties=most_counties(), agencies=MOST_AGENCIES, years=(2024, 2024), seed=5)
    names = {example.county(number).name for number in range(most_counties())[-40:]}
    names |= {replace(example, agencies=3).county(number).name for number in range(most_counties())}
    assert len(names) == most_counties()
    bodies = example.county(most_counties() - 1).bodies
    assert len(bodies) == len({body.agency for body in bodies}) == len({body.code for body in bodies}) == MOST_AGENCIES


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        write_example(tmp_path, SMALL)
    assert refused.value.key == "folder_not_empty"
    with pytest.raises(UsageError) as no_folder:
        write_example(tmp_path / "x", SMALL)
    assert no_folder.value.key == "not_a_folder"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_the_command_writes_a_workspace_whose_files_can_be_checked(tmp_path: Path) -> None:
    target = tmp_path / "new" / "province"
    size = ("--counties", 1, "--agencies", 5, "--years", "2023-2024")
    done = gongkai("example", *size, "--faults", "0", "--seed", 3, "-o", target)
    assert (done.returncode, "params/all.yaml" in done.stdout) == (0, True), done.stderr
    checked = gongkai("check", target / "inputs/2024/990001.xlsx", "--previous", target / "inputs/2023/990001.xlsx")
    assert checked.returncode == 0, checked.stdout
    again = gongkai("example", *size, "-o", target)
    assert (again.returncode, "province" in again.stderr, again.stdout) == (2, True, "")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--years", "2024-2023"), "--years"),
        (("--years", "last"), "--years"),
        (("--faults", "2"), "--faults"),
        (("--faults", "many"), "--faults"),
        (("--counties", "0"), "--counties"),
        (("--agencies", "2"), "--agencies"),
        (("--files", "pdf"), "--files"),
    ],
)
def test_the_command_says_what_is_wrong_in_a_line(tmp_path: Path, wrong: tuple[str, str], words: str) -> None:
    size = {"--counties": "1", "--agencies": "3", "--years": "2023-2024"} | {wrong[0]: wrong[1]}
    done = gongkai("example", *(part for pair in size.items() for part in pair), "-o", tmp_path / "x")
    assert (done.returncode, len(done.stderr.splitlines()), words in done.stderr) == (2, 1, True), done.stderr
    assert re.search("[一-鿿]", done.stderr)
    assert not (tmp_path / "x").exists()
