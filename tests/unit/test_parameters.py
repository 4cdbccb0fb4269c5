"""The parameters that a notebook declares: which types there are, and which values fit them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.errors import AuthoringError, UsageError
from gongkai.execute.parameters import Declared, check, declared, declared_in, is_plain
from tests.helpers import ROOT


def declares(source: str) -> dict[str, Declared]:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    other = nbformat.v4.new_code_cell("other: int = 3")
    return dict(declared(nbformat.v4.new_notebook(cells=[other, cell]), file="own.ipynb"))


def fits(annotation: str, value: object) -> bool:
    try:
        check({"x": value}, declares(f"x: {annotation}"), file="own.ipynb")
    except UsageError:
        return False
    return True


def test_the_annual_report_declares_its_parameters() -> None:
    found = declared_in(ROOT / "notebooks" / "annual_report.ipynb")
    assert {name: each.type for name, each in found.items()}.items() >= {"input": "str", "year": "int"}.items()
    assert not any(each.required for each in found.values())
    node = nbformat.read(ROOT / "notebooks" / "annual_report.ipynb", as_version=4)
    assert [(name, each.type) for name, each in declared(node, file="").items()] == [
        (name, each.type) for name, each in found.items()
    ]


def test_what_is_declared_is_what_is_assigned_at_the_top_of_the_cell() -> None:
    found = declares(
        "# what it is made of\n"
        "import os\n"
        "year: int\n"
        "names: 'list[ str ]' = []  # of people\n"
        "contact = None\n"
        "first = second = 1\n"
        "home: str = os.environ['HOME']\n"
        "late: int\n"
        "late = 3\n"
        "print(year)\n"
        "os.name = 'x'\n"
        "a, b = 1, 2\n"
        "if year:\n    inner = 3\n"
    )
    assert {name: (each.type, each.required) for name, each in found.items()} == {
        "year": ("int", True),
        "names": ("list[str]", False),
        "contact": ("", False),
        "first": ("", False),
        "second": ("", False),
        "home": ("str", False),
        "late": ("int", False),
    }


def test_a_notebook_without_the_cell_declares_nothing() -> None:
    assert not declared(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")]), file="own.ipynb")


def test_the_cell_is_read_and_never_run(tmp_path: Path) -> None:
    declares(f"open({str(tmp_path / 'made')!r}, 'w').close()\nx: str = 'C:\\data'")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x: String = 'a'", ["第 1 行", "String", "str", "Literal[...]"]),
        ("y = 1\nx: list[datetime]", ["第 2 行", "datetime"]),
        ("x: dict[int, str]", ["dict[int, str]"]),
        ("x: dict[str]", ["dict[str]"]),
        ("x: 'list['", ["list["]),
        ("x: \"'int'\"", ["int"]),
        ("x: typing.Optional[int]", ["typing.Optional[int]"]),
        ("x: int & str", ["int & str"]),
        ("x: Literal[()]", ["Literal[()]"]),
        ("x: Literal[1.5]", ["Literal[1.5]"]),
        ("x: Literal[{[]: 1}]", ["Literal"]),
        ("x: Literal[name]", ["Literal[name]"]),
        ("x: __import__('os')", ["__import__('os')"]),
        ("x: 3", ["3"]),
        ("x = 1\n%matplotlib inline", ["第 2 行", "%"]),
        ("x = 1\n\nx = = 2", ["第 3 行", "Python"]),
        ("x = 1\n\0", ["Python"]),
    ],
)
def test_a_cell_that_declares_what_is_unknown_is_refused_by_its_line(source: str, words: list[str]) -> None:
    with pytest.raises(AuthoringError) as raised:
        declares(source)
    assert all(word in str(raised.value) for word in ["own.ipynb", "参数单元格", *words]), str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["", "none", "[]", "{}", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{}]}', "[" * 100_000, b"\xff\xfe\x00"],
)
def test_what_is_no_notebook_is_refused(text: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "own.ipynb"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AuthoringError, match=r"own\.ipynb"):
        declared_in(path)
    with pytest.raises(AuthoringError, match=r"absent\.ipynb"):
        declared_in(tmp_path / "absent.ipynb")


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        ("str", ["", "张三"], [1, None, ["a"], date(2025, 1, 20), b"a"]),
        ("int", [0, -3, 10**30], [True, 1.0, "1", None]),
        ("float", [1, 1.5, -0.0, 10**400], [True, "1.5", float("nan"), float("inf"), None]),
        ("bool", [True, False], [1, 0, "true", None]),
        ("None", [None], [0, "", False]),
        ("list", [[], [1, "a", None, {"b": [1.5]}]], [(1,), "ab", {"a": 1}, [date(2025, 1, 20)], [float("nan")]]),
        ("dict", [{}, {"a": {"b": []}}], [{1: 2}, {True: 1}, {None: 1}, [], {"a": {1}}]),
        ("list[int]", [[], [1, 2]], [[1, "2"], [True], [1.0], [None]]),
        ("dict[str, list[str]]", [{}, {"a": ["b"]}], [{"a": "b"}, {"a": [1]}, {1: ["b"]}]),
        ("int | None", [1, None], [True, "1"]),
        ("Optional[str]", ["a", None], [1]),
        ("str | list[str] | None", ["a", ["a"], None], [1, [1]]),
        ("Literal['a', 1, None, -2]", ["a", 1, None, -2], ["b", True, 1.0, 2]),
        ("Literal[True]", [True], [1, False, "True"]),
        ("'int | str'", [1, "a"], [True, 1.0]),
        ("list['int']", [[1]], [["a"]]),
        ("str = None", ["a", None], [1]),
        ("int = 3", [1], [None, "1"]),
    ],
)
def test_a_type_takes_its_values_and_no_others(annotation: str, good: list[object], bad: list[object]) -> None:
    assert [value for value in good if not fits(annotation, value)] == []
    assert [value for value in bad if fits(annotation, value)] == []


def test_a_parameter_without_a_type_takes_any_plain_data_and_nothing_else() -> None:
    found = declares("x = None")
    around: list[Any] = []
    around.append(around)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    bomb: list[Any] = ["x"]
    for _ in range(40):
        bomb = [bomb, bomb]
    good: list[Any] = [None, 1, 1.5, "a", True, [1, [None]], {"a": {"b": 1}}]
    for value in good:
        check({"x": value}, found, file="own.ipynb")
    bad: list[Any] = [
        around,
        deep,
        bomb,
        {1: 2},
        (1,),
        {1},
        float("nan"),
        [float("-inf")],
        b"",
        date(2025, 1, 20),
        "\ud800",
    ]
    for value in bad:
        with pytest.raises(UsageError, match=r"own\.ipynb.*x.*普通数据"):
            check({"x": value}, found, file="own.ipynb")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"yaer": 2024}, ["yaer", "year"]),
        ({"year": "2024"}, ["year", "int", "'2024'"]),
        ({"year": 2024, "names": ["甲", 1]}, ["names", "list[str]", "甲"]),
        ({"names": []}, ["year", "int"]),
        ({"year": 2024, "not a name": 1}, ["not a name"]),
        ({"year": 2024, "": 1}, []),
        ({"year": 2024, 3: 1}, ["3"]),
    ],
)
def test_a_fault_names_the_parameter_what_it_takes_and_what_it_was_given(
    parameters: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(UsageError) as raised:
        check(parameters, declares("year: int\nnames: list[str] = []"), file="run.yaml", place=7)
    assert all(word in str(raised.value) for word in ["run.yaml", "第 7 行", *words]), str(raised.value)


def test_a_long_value_is_told_in_short() -> None:
    with pytest.raises(UsageError) as raised:
        check({"x": ["字" * 10_000] * 10_000}, declares("x: int"), file="own.ipynb")
    assert len(str(raised.value)) < 500


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
Typed = tuple[str, st.SearchStrategy[Any], Callable[[Any], bool]]
"""A type as it is written, its values, and whether a value is of it."""

words = st.sampled_from(["a", "b", 1, 0, True, False, None, -7])
simple: list[Typed] = [
    ("str", st.text(max_size=5), lambda value: isinstance(value, str)),
    ("int", st.integers(), lambda value: isinstance(value, int) and not isinstance(value, bool)),
    (
        "float",
        st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    ),
    ("bool", st.booleans(), lambda value: value is True or value is False),
    ("None", st.none(), lambda value: value is None),
    ("list", st.lists(plain, max_size=3), lambda value: isinstance(value, list)),
    ("dict", st.dictionaries(st.text(), plain, max_size=3), lambda value: isinstance(value, dict)),
]


def literal(values: list[Any]) -> Typed:
    return (
        f"Literal[{', '.join(map(repr, values))}]",
        st.sampled_from(values),
        lambda value: repr(value) in map(repr, values),
    )


def list_of(item: Typed) -> Typed:
    name, values, is_one = item
    return (
        f"list[{name}]",
        st.lists(values, max_size=3),
        lambda value: isinstance(value, list) and all(is_one(each) for each in value),
    )


def dict_of(item: Typed) -> Typed:
    name, values, is_one = item
    return (
        f"dict[str, {name}]",
        st.dictionaries(st.text(max_size=3), values, max_size=3),
        lambda value: isinstance(value, dict) and all(is_one(each) for each in value.values()),
    )


def either(one: Typed, other: Typed) -> Typed:
    return f"{one[0]} | {other[0]}", one[1] | other[1], lambda value: one[2](value) or other[2](value)


types: st.SearchStrategy[Typed] = st.recursive(
    st.sampled_from(simple) | st.lists(words, min_size=1, max_size=4).map(literal),
    lambda inner: st.one_of(
        inner.map(list_of),
        inner.map(dict_of),
        st.tuples(inner, inner).map(lambda both: either(*both)),
        inner.map(lambda each: (f"Optional[{each[0]}]", *either(each, simple[4])[1:])),
        inner.map(lambda each: each if "'" in each[0] else (repr(each[0]), *each[1:])),
    ),
    max_leaves=4,
)


@given(types, st.data())
def test_a_value_of_a_type_fits_it(kind: Typed, data: st.DataObject) -> None:
    assert fits(kind[0], data.draw(kind[1]))


@given(types, plain)
def test_plain_data_fits_a_type_exactly_where_it_is_of_it(kind: Typed, value: object) -> None:
    assert fits(kind[0], value) == kind[2](value)


@given(plain)
def test_plain_data_is_plain_and_survives_as_code(value: object) -> None:
    assert is_plain(value)
    assert json.loads(json.dumps(value)) == value


@given(st.text(max_size=30))
def test_no_annotation_whatever_makes_more_than_an_error_of_ours(text: str) -> None:
    with suppress(AuthoringError):
        declares(f"x: {text}")


@given(st.dictionaries(st.text(max_size=5), plain, max_size=2))
def test_only_declared_names_pass(parameters: dict[str, Any]) -> None:
    found = declares("x = 1\nname = 2")
    if parameters.keys() <= {"x", "name"}:
        check(parameters, found, file="own.ipynb")
    else:
        with pytest.raises(UsageError):
            check(parameters, found, file="own.ipynb")
