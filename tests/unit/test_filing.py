"""The filing: what is refused when it is read back, and what may stand beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.errors import InputError
from gongkai.filing import Filing, Input, Text
from gongkai.finding import findings_from_json
from tests.helpers import balanced_filing, changed

CELL = "requests.received.total"
FILING = replace(balanced_filing(), agency_code="A1", facts={"title": Text("报告")})


def refused(text: str) -> InputError:
    """The error that names the file, in words of each language and with no name of a Python error."""
    with pytest.raises(InputError) as caught:
        Filing.from_json(text, file="x.json")
    for lang in LANGUAGES:
        with speaking(lang):
            assert str(caught.value).startswith("x.json")
            assert "Error" not in str(caught.value)
    return caught.value


def put(*path: str, value: object) -> str:
    """The JSON of `FILING` with another value at `path`."""
    data: dict[str, Any] = json.loads(FILING.to_json())
    node = data
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    "value",
    [[1], {}, True, 3.5, 3.0, float("nan"), 10**15, "1" * 16, "1E+9", "NaN", " 3", "", "1" * 500, "1.2.3", None],
)
def test_a_cell_holds_nothing_but_a_number_of_the_digits_that_are_read(value: object) -> None:
    error = refused(put("cells", CELL, "value", value=value))
    assert error.key == "filing_value"
    assert error.place in (f"cells.{CELL}.value", f"cells.{CELL}.kind")


@pytest.mark.parametrize(
    ("path", "value", "key", "place"),
    [
        (("cells", CELL, "kind"), "wish", "filing_value", f"cells.{CELL}.kind"),
        (("cells", CELL, "kind"), "blank", "filing_value", f"cells.{CELL}.kind"),
        (("cells", CELL, "raw"), 3, "filing_value", f"cells.{CELL}.raw"),
        (("cells", CELL, "note"), 3, "unknown_key", f"cells.{CELL}"),
        (("cells", CELL), {"kind": "blank", "raw": ""}, "missing_key", f"cells.{CELL}"),
        (("cells", "requests.recieved.total"), {"value": 1, "kind": "number", "raw": ""}, "unknown_cell", "cells"),
        (("cells",), [], "filing_value", "cells"),
        (("texts",), {"issues": "x"}, "filing_value", "texts.issues"),
        (("doubts",), [{"code": 1}], "filing_value", "doubts.0.code"),
        (("year",), "2023", "filing_value", "year"),
        (("year",), 2023.5, "filing_value", "year"),
        (("year",), 1997, "unknown_year", "year"),
        (("level",), "x", "unknown_level", None),
        (("agency",), 7, "filing_value", "agency"),
        (("agency_code",), ["A1"], "filing_value", "agency_code"),
        (("edition",), "1066", "unknown_edition", None),
        (("schema",), 2, "filing_schema", None),
        (("colour",), "red", "unknown_key", None),
    ],
)
def test_what_is_wrong_in_a_filing_is_named_by_the_path_of_its_key(
    path: tuple[str, ...], value: object, key: str, place: str | None
) -> None:
    error = refused(put(*path, value=value))
    assert (error.key, error.place) == (key, place)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{}", "not_a_filing"),
        ("[]", "not_a_filing"),
        ("null", "not_a_filing"),
        ('{"name": "other"}', "not_a_filing"),
        ("{", "not_json"),
        ("{" + '"a":{' * 100_000, "not_json"),
        (FILING.to_json().replace("青杉县财政局", "\\ud800"), "not_json"),
    ],
)
def test_json_that_is_none_of_ours_is_told_in_words(text: str, key: str) -> None:
    assert refused(text).key == key


def test_findings_that_are_none_are_refused_with_their_place() -> None:
    for text, place in (("[" * 100_000, None), ("{}", None), ('[{"rule": "X"}]', "0.severity")):
        with pytest.raises(InputError, match=r"f\.json") as caught:
            findings_from_json(text, file="f.json")
        assert (caught.value.key, caught.value.place) == ("not_findings", place)


def test_a_year_that_another_edition_applies_to_is_taken_and_one_that_none_applies_to_is_refused() -> None:
    unsaid = replace(FILING, year=None, inputs=(Input("a.xlsx", "0"),))
    for year in (2019, 2020, 2023):
        filing = unsaid.identified(year=year)
        assert (filing.year, filing.edition) == (year, "2021")
        assert Filing.from_json(filing.to_json()) == filing
    with pytest.raises(InputError, match=r"a\.xlsx.*2018") as caught:
        unsaid.identified(year=2018)
    assert caught.value.key == "unknown_year"


def test_a_figure_is_given_as_another_edition_has_it() -> None:
    earlier = balanced_filing(edition="2019")
    parts = [f"requests.other.{each}.total" for each in ("uncorrected", "fee_unpaid", "other")]
    numbers = [FILING.number(part) for part in parts]
    assert FILING.number_as("requests.other.all.total", "2019") == sum(each for each in numbers if each is not None)
    assert changed(FILING, {parts[0]: None}).number_as("requests.other.all.total", "2019") is None
    assert earlier.number_as("requests.granted.total", "2021") == earlier.number("requests.granted.total")
    assert earlier.number_as("disclosure.fees.amount", "2021") is None
    assert FILING.number_as(parts[0], "2021") == numbers[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "taken"),
    [
        ({}, {}, True),
        ({}, {"agency": "青杉县财税局"}, True),
        ({}, {"agency_code": "A2"}, False),
        ({}, {"agency_code": None}, True),
        ({}, {"agency_code": None, "agency": "青杉县教育局"}, False),
        ({"agency_code": None}, {"agency": "青杉县教育局"}, False),
        ({"agency_code": None}, {"agency": " 青杉县\u3000财政局\n"}, True),
        ({"agency_code": None, "agency": None}, {"agency": "青杉县教育局"}, True),
        ({"agency_code": None}, {"agency": None}, True),
    ],
)
def test_last_years_filing_is_the_same_agencys_by_code_or_else_by_name(
    ours: dict[str, Any], theirs: dict[str, Any], taken: bool
) -> None:
    this, last = replace(FILING, **ours), replace(FILING, **{"year": 2023, **theirs})
    if taken:
        assert this.require_previous(last) is last
        return
    with pytest.raises(InputError, match=str(theirs.get("agency", theirs.get("agency_code")))) as caught:
        this.require_previous(last)
    assert caught.value.key == "previous_agency"
