"""Files of own rules that are meant to harm, and what becomes of one that is loaded and run."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from gongkai.consistency import check
from gongkai.errors import AuthoringError
from gongkai.filing import Filing, Text
from gongkai.rules import load_rules
from tests.helpers import balanced_filing

CANARY = "canary"
"""A file that whatever runs from a rule would make."""
SYSTEM = f"__import__('os').system('touch {CANARY}')"

WORDS = {"zh": "甲", "en": "a"}
BALANCE: dict[str, Any] = {
    "rule": "QX-001", "title": WORDS, "basis": "b", "severity": "info", "table": "requests", "each": "column",
    "balance": "received = processed",
}  # fmt: skip
EXPECT: dict[str, Any] = {
    "rule": "QX-002", "title": WORDS, "basis": "b", "severity": "info", "view": "passages", "message": WORDS,
    "expect": "expect_column_values_to_not_match_regex", "arguments": {"column": "words", "regex": "a"},
}  # fmt: skip
BETWEEN = EXPECT | {"view": "texts", "expect": "expect_column_values_to_be_between"}
ADJUST: dict[str, Any] = {"adjust": "XX-TEST", "reason": "r", "severity": "info"}

FORMULAS = [
    SYSTEM, f"{SYSTEM} = 1", "received.__class__ = 1", "received.__class__.__mro__ = processed",
    "__builtins__ = 1", "9**9**9 = received", "9" * 400 + " received = processed", "@received = processed",
    "received @ processed = 1", "received = processed; import os", "received == processed",
    "(received) = processed", "received = processed = total", "{received} = processed", "${PATH} = processed",
    "`id` = received", "previous.previous.received = received", "previous. = 1",
    "999999999 received = 999999998 processed", "٣ received = processed", "-" * 900 + "received = 1",
    "received" + " + received" * 80 + " = processed", "received + " * 200, "1 = 1", "0 = 1", "0 received = 0",
    "received = processed\n\n", "received\x00 = processed", "received = lambda: 0", "f'{1}' = received",
    "received <> processed", "ｒｅｃｅｉｖｅｄ = processed", "received = processed # x",
    "- - received = processed", "1e9 = received", "received /0 = 1", "[x for x in received] = 1",
    "received.total = processed.total", "(" * 450 + "received" + ")" * 450 + " = 1",
]  # fmt: skip
MESSAGES = [
    "{text.__class__}", "{0}", "{}", "{text!r}", "{text:>1000000000}", "{text[0]}", "{quote:{text}}", "{", "}",
    "{{text}}", "{text.__init__.__globals__}", "%s%n", "{cells.__len__}", "{words:.999999999f}", "{ text }",
    "{text}" * 600, "{text!s:^9}", "{__builtins__}", "{self}", "\x1b[2J", "{text", "${text}",
    "{text:{quote}{quote}}", "x" * 50000, "{words!a}",
]  # fmt: skip
PATTERNS = [
    "(a+)+b", "(?:a+)+b", "(?:a|a)*b", "(?:a|ab)*c", "(?:a?){50}a{50}", "(?:.*a){30}", ".*.*.*.*.*x",
    "(?:[^x]*)*y", "(?:x+x+)+y", r"(a)\1", r"(?P<n>a)(?P=n)", "(?(1)a|b)", "a{4294967295}", "(?:a{1000}){1000}",
    "(?:(?:a{99}){99}){99}", "(" * 480, "[" * 900, "(?:" * 300 + ")" * 300, "[[a]", "*", "\\", "(?<=a+)b",
    "(?=(?:a+)+b)", "(?>a+)+b", "(?:a++)+b", "(?i)(?:İ|ı)*x", "(?s)(?:.|\n)*x", "x" * 5000, "(?P<a.b>x)",
    "(?#" + "x" * 900 + ")", "(?x) a # b", "[\U0001f600-\U0001f64f]+", "(?:\\s*\\s*)*;", "(?a:\\w+)+",
    "^(?:\\d+)*$", "(?:(?:(?:a*)*)*)*b", "|" * 900, "(?:|a)+", "(?L)a", "\\N{BULLET}", "(?-i:a)" * 100,
]  # fmt: skip
_NAMES = ["row_condition", "condition_parser", "mostly", "meta", "result_format", "catch_exceptions", "batch_id",
          "__class__", "severity"]  # fmt: skip
_COLUMNS: list[Any] = ["__class__", "key", "filing", "", None, 5, ["length"], {"$PARAMETER": "x"}, "length; drop",
                       "Length", "row"]  # fmt: skip
_LARGEST: list[Any] = [float("nan"), float("inf"), 10**30, True, "5", [1], {"$PARAMETER": "now() - x"}, None,
                       {"a": {}}, 1e308, -0.0, "2024-01-01", SYSTEM]  # fmt: skip
ARGUMENTS: list[dict[str, Any]] = [
    *({"column": "length", "max_value": 1, name: SYSTEM} for name in _NAMES),
    *({"column": column, "max_value": 1} for column in _COLUMNS),
    *({"column": "length", "max_value": bound} for bound in _LARGEST),
    {"column": "length", "min_value": 3, "max_value": 1}, {"column": "length"}, {}, {"max_value": 1},
    {"column": "length", "strict_max": True}, {"column": "length", "max_value": 1, "strict_max": "yes"},
]  # fmt: skip
SETS: list[Any] = [
    None, [], "missing", {"missing": 1}, [None], [["missing"]], [1, "missing"], [True], ["missing"] * 4000,
    ["missing", "missing"], [float("nan")], {"$PARAMETER": "x"}, ["gone"], [10**40],
]  # fmt: skip
TYPES = [
    "expect_table_row_count_to_equal", "expect_column_to_exist", "expect_column_mean_to_be_between",
    "unexpected_rows_expectation", "expect_table_columns_to_match_set", "expect_column_values_to_be_unique",
    "expect_column_kl_divergence_to_be_less_than", "expect_column_values_to_match_json_schema",
    "expect_column_values_to_be_of_type", "expect_column_values_to_be_null", "", "__class__", "os.system",
    "../../etc/passwd", "expect_column_values_to_match_strftime_format",
    "expect_column_distinct_values_to_be_in_set", "ExpectColumnValuesToBeBetween",
    "expect_query_results_to_match_comparison", "expect_column_values_to_be_increasing", 5, None, ["a"],
]  # fmt: skip
VALUES: list[Any] = [
    None,
    5,
    1.5,
    True,
    [],
    {},
    "",
    "x" * 20000,
    [[[[]]]],
    {"a": {"b": 1}},
    SYSTEM,
    "{0}",
    float("nan"),
    10**50,
]
CODES = [
    "QX-００１", "ＱＸ-1", "QХ-1", "qx-1", "QX", "QX-", "-1", "QX-1\n", "../../x-1", "QX-" + "1" * 3000,
    "T3-IDENTITY", "XY-Z", "QX-😀", "QX 1", "DL-LOCAL", "__class__", "QX-1\u202e", "PRS-NEW", SYSTEM,
]  # fmt: skip
ADJUSTMENTS: list[dict[str, Any]] = [
    {"off": value} for value in (1, "true", "yes", None, [True], SYSTEM)
] + [
    {"arguments": {"row_condition": SYSTEM}}, {"arguments": {"__class__": 1}}, {"arguments": []},
    {"arguments": SYSTEM}, {"balance": SYSTEM}, {"balance": "9 received = processed"},
    {"balance": "received + received = processed"}, {"when": "received = 1"}, {"tolerance": 10**30},
    {"tolerance": -1}, {"tolerance": 10**15}, {"severity": "none"}, {"agencies": {"name": "(a+)+b"}},
    {"agencies": {"level": "all"}}, {"part": SYSTEM}, {"reason": ""}, {"reason": "x" * 9999}, {"rule": "QX-1"},
    {"adjust": "*"}, {"adjust": "XX-TEST.*"}, {"adjust": None}, {"adjust": ["XX-TEST"]}, {"message": WORDS},
]  # fmt: skip

_BOMB = "- &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"- &{chr(98 + number)} [{', '.join(['*' + chr(97 + number)] * 10)}]\n" for number in range(12)
)
_VALID = yaml.safe_dump([BALANCE], allow_unicode=True)
_TAGS = [
    "!!python/object/apply:os.system", "!!python/name:os.system", "!!python/module:os", "!!python/tuple",
    "!!python/object/new:os.system", "!<tag:yaml.org,2002:python/object/apply:os.system>", "!x", "!!binary", "!!set",
    "!!omap", "!!timestamp", "!!float", "!!int", "!!null",
]  # fmt: skip
TEXTS: list[bytes] = [
    b"", b"\x00", b"\xff\xfe", _VALID.encode("utf-16"), _VALID.encode("gb18030") + "—甲".encode("gb18030"),
    b"rule: QX-1", b"5", b"- 5", b"- []", b"[" * 60000, b"- " * 30000, b"{a: " * 15000,
    b"[" * 20000 + b"]" * 20000, _BOMB.encode(), _BOMB.encode() + b"- {rule: *m}\n",
    _BOMB.encode() + b"- {? *m : 1}\n", _BOMB.encode() + b"- {rule: QX-1, arguments: *m}\n",
    _BOMB.encode() + b"- {rule: QX-1, where: {key: *m}}\n", b"&a [*a]", b"- &a {rule: QX-1, arguments: {x: *a}}",
    b"- &a {rule: QX-1, title: [*a]}", b"- &a {<<: *a}", b"- {<<: {rule: QX-1}, basis: x}",
    b"- &b {rule: QX-1}\n- {<<: *b, basis: c}", b"- {rule: QX-1, rule: QX-2}", b"- {off: true, off: false}",
    *(f"- {tag} 'touch {CANARY}'".encode() for tag in _TAGS),
    b"---\n- 1\n---\n- 2\n", b"- " + b"9" * 9000, b"- 0x" + b"f" * 9000, b"- 1:59:59:59:59", b"- 2024-01-01",
    b"- 0x_", b"- .inf", b"- ~", b"%YAML 9.9\n---\n- 1", b"%TAG ! tag:evil,2000:\n---\n- !x 1", b"\t- 1",
    b"- a: b: c", b"- 'x", b"# nothing", b"x" * 60000, b"- " + b"a" * 60000, b"- a\n" * 200000,
    b"- {a: 1}\n" * 7000, b"- " + b'"\\x1b[2J"', b'- {rule: QX-1, basis: "\\0"}', b'- {rule: "QX-\\u202e1"}',
    b"- {1: 2, null: 3, true: 4, [a]: 5}", b"- ? {a: b}\n  : c", b"\xef\xbb\xbf- 1", _VALID.encode() * 100,
    b"- &x y\n" * 7000, b"- [" + b"a, " * 20000 + b"]", b"-" * 60000, b"&" * 60000, b"!" * 60000,
    b"- |\n" + b" x\n" * 20000,
]  # fmt: skip


def files() -> Iterator[bytes]:
    """The files."""
    yield from TEXTS
    for data in _entries():
        yield yaml.safe_dump([data], allow_unicode=True).encode()


def _entries() -> Iterator[dict[str, Any]]:
    for formula in FORMULAS:
        yield BALANCE | {"balance": formula}
        yield BALANCE | {"when": formula}
    yield from (EXPECT | {"message": {"zh": each, "en": "a"}} for each in MESSAGES)
    for pattern in PATTERNS:
        yield EXPECT | {"arguments": {"column": "words", "regex": pattern}}
        yield BALANCE | {"agencies": {"name": pattern}}
    yield from (BETWEEN | {"arguments": each} for each in ARGUMENTS)
    inside = EXPECT | {"view": "texts", "expect": "expect_column_values_to_be_in_set"}
    yield from (inside | {"arguments": {"column": "kind", "value_set": each}} for each in SETS)
    yield from (EXPECT | {"expect": each} for each in TYPES)
    for base in (BALANCE, EXPECT):
        for name in (*base, "part", "agencies", "only", "tolerance", "where", "together", "in_workbook", "editions"):
            yield from (base | {name: each} for each in VALUES)
    yield from (BALANCE | {"rule": each} for each in CODES)
    yield from (
        {name: each for name, each in (ADJUST | changes).items() if changes != {"off": name}} for changes in ADJUSTMENTS
    )


def _filings() -> tuple[Filing, Filing]:
    told = {"overview": (Text("县财政局全年收到申请" + "aaab" * 300),), "issues": (Text("x" * 1500),)}
    facts = {"title": Text("青杉县财政局2024年政府信息公开工作年度报告"), "published": Text("2025-01-20")}
    return replace(balanced_filing(), texts=told, facts=facts, medium="document"), balanced_filing(1, year=2023)


_FORBIDDEN = ("exec", "compile", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen",
              "socket.connect", "os.remove")  # fmt: skip
_events: list[str] = []


def prepare() -> None:
    """Once in each process: import what a check needs, and listen to what Python says that it does."""
    check([_filings()[0]], previous=[_filings()[1]])
    # What never ends shall end the process, and what fills the memory.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, resource.RLIM_INFINITY))
    sys.addaudithook(lambda event, _: _events.append(event) if event in _FORBIDDEN else None)


def trial(folder: Path) -> tuple[str, float, list[str]]:
    """How loading and running a folder's rules went, the seconds of the processor it took, and what it did."""
    limit = int(time.process_time()) + 20
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    _events.clear()
    began = time.process_time()
    try:
        load_rules("2021", folder)
        loaded = list(_events)
        filing, last = _filings()
        check([filing], previous=[last], rules=folder)
        outcome = "accepted"
    except AuthoringError as error:
        loaded = list(_events)
        outcome = f"refused: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}", time.process_time() - began, list(_events)
    # Great Expectations may compile in a check, but it starts nothing.
    return outcome, time.process_time() - began, loaded + [each for each in _events if each not in ("exec", "compile")]
