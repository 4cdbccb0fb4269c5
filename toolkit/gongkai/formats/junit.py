"""JUnit's XML, which CI servers show as tests: a suite for each filing.

What is told of a check is who failed and what was not run, never that a rule passed: which rules had something to look
at in a filing is not known one by one. So a suite has

- one test of the filing as a whole, which fails where something forbids the release;
- a test for each rule with an error or something not assessable, failed, and for each kind of doubt;
- a test for each rule with warnings or hints only, and for each rule that was not run, skipped with the reason: servers
  show that, while they hide what passing tests print.

A file that could not be read is a suite with an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from gongkai.catalogues import say
from gongkai.filing import Filing
from gongkai.finding import Finding
from gongkai.formats.entries import Entry, Result
from gongkai.intake.escapes import legal

_OUTCOMES = ("tests", "failures", "errors", "skipped")


def written(result: Result) -> bytes:
    """The suites of all filings and of what could not be read."""
    root = ET.Element("testsuites", name="gongkai")
    not_run: dict[tuple[str | None, int | None], dict[str, str]] = {}
    for each in result.check.not_run:
        not_run.setdefault((each.agency, each.year), {})[each.rule] = each.reason
    for filing, found in result.by_filing:
        every = (*found, *(each for each in result.between if each.filing is filing))
        root.append(_suite(filing, every, not_run.get((filing.agency, filing.year), {})))
    for unread in result.unread:
        suite = ET.SubElement(root, "testsuite", name=legal(unread["file"]))
        case = _case(suite, unread["file"], say("junit.read"))
        _tell(case, "error", unread["message"], unread["message"])
        _count(suite)
    for outcome in _OUTCOMES:
        root.set(outcome, str(sum(int(suite.get(outcome, "0")) for suite in root)))
    ET.indent(root, " ")
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _suite(filing: Filing, found: Sequence[Entry], not_run: Mapping[str, str]) -> ET.Element:
    who = filing.agency or say("check.unknown_agency")
    year = filing.year if filing.year is not None else say("check.unknown_year")
    file = filing.inputs[0].file if filing.inputs else "-"
    suite = ET.Element("testsuite", name=legal(say("check.who", agency=who, year=year, file=file)))
    blocking = [entry for entry in found if _blocks(entry)]
    whole = _case(suite, who, say("junit.release"))
    if blocking:
        _tell(whole, "failure", say("junit.blocked", count=len(blocking)), "\n".join(_lines(blocking)))
    for rule in dict.fromkeys(entry.rule for entry in found):
        own = [entry for entry in found if entry.rule == rule]
        case = _case(suite, who, f"{rule} {own[0].title}".strip())
        words = "\n".join(_lines(own))
        outcome = "failure" if any(map(_blocks, own)) else "skipped"
        _tell(case, outcome, f"{say(f'severity.{own[0].kind}')} {own[0].message}", words)
    for rule, reason in not_run.items():
        if not any(entry.rule == rule for entry in found):
            _tell(_case(suite, who, rule), "skipped", say("check.not_run", reason=reason, rules=rule), "")
    _count(suite)
    return suite


def _blocks(entry: Entry) -> bool:
    return entry.told.blocks if isinstance(entry.told, Finding) else True


def _lines(found: Sequence[Entry]) -> Iterator[str]:
    for entry in found:
        parts = (say(f"severity.{entry.kind}"), entry.rule, entry.where, entry.message, entry.source)
        yield "  ".join(part for part in parts if part)


def _case(suite: ET.Element, who: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=legal(who), name=legal(name))


def _tell(case: ET.Element, outcome: str, message: str, words: str) -> None:
    told = ET.SubElement(case, outcome, message=legal(message))
    told.text = legal(words) or None


def _count(suite: ET.Element) -> None:
    for outcome, tag in zip(_OUTCOMES, ("", "failure", "error", "skipped"), strict=True):
        suite.set(outcome, str(len(suite.findall(f"testcase/{tag}".rstrip("/")))))
