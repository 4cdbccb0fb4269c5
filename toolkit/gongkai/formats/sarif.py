"""SARIF 2.1.0, which code servers and editors show beside what was checked.

By the standard (3.27.9, 3.27.10) only a failure has a level; so of what is not assessable the kind is "open" (there was
not enough to decide), and of a doubt "review" (a person must compare with the original), both of level "none". What was
not run or not read is no result but a notification about the run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from gongkai import __version__
from gongkai.catalogues import say
from gongkai.filing import Filing, Source, plain_data
from gongkai.finding import Finding
from gongkai.formats.entries import Entry, Result
from gongkai.rules import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
KINDS = {"not_assessable": "open", "doubt": "review"}
FINGERPRINT = "gongkai/v1"


def written(result: Result) -> bytes:
    """One run, its rules with their titles in both languages and a result for each entry."""
    rules = _descriptors(result)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    artifacts, places = _artifacts(result.filings)
    driver = {"name": "gongkai", "version": __version__, "language": say("page.lang"), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "language": say("page.lang"),
        "columnKind": "unicodeCodePoints",
        "artifacts": artifacts,
        "invocations": [_invocation(result, numbers)],
        "results": [_result(entry, numbers, places) for entry in result.all],
    }
    data = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _descriptors(result: Result) -> list[dict[str, Any]]:
    """All rules of the editions that were checked, then codes that are no rules: those of doubts."""
    found = {code: _descriptor(rule) for code, rule in result.rules().items()}
    for entry in result.all:
        told = entry.told
        text = told.basis if isinstance(told, Finding) else say("severity.doubt")
        level = LEVELS[told.severity] if isinstance(told, Finding) else "none"
        plain = {"shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        found.setdefault(entry.rule, {"id": entry.rule} | plain)
    return list(found.values())


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.rule,
        "shortDescription": {"text": str(rule.title)},
        "help": {"text": rule.basis},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"titles": {"zh": rule.title.zh, "en": rule.title.en}},
    }


def _artifacts(filings: Sequence[Filing]) -> tuple[list[dict[str, Any]], dict[tuple[str, str], int]]:
    """The files that were read, and the number of each by its name and hash: names alone may be the same."""
    places: dict[tuple[str, str], int] = {}
    for each in (each for filing in filings for each in filing.inputs):
        places.setdefault((each.file, each.sha256), len(places))
    files = [{"location": {"uri": quote(file)}, "hashes": {"sha-256": digest}} for file, digest in places]
    return files, places


def _invocation(result: Result, numbers: Mapping[str, int]) -> dict[str, Any]:
    unread = [
        {
            "level": "error",
            "message": {"text": each["message"]},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": quote(each["file"])}}}],
        }
        for each in result.unread
    ]
    not_run = [
        {
            "level": "note",
            "message": {"text": say("check.not_run", reason=each.reason, rules=each.rule)},
            "associatedRule": {"id": each.rule} | ({"index": numbers[each.rule]} if each.rule in numbers else {}),
            "properties": {"agency": each.agency, "year": each.year},
        }
        for each in result.check.not_run
    ]
    return {"executionSuccessful": not unread, "toolExecutionNotifications": [*unread, *not_run]}


def _result(entry: Entry, numbers: Mapping[str, int], places: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    told = entry.told
    about: dict[str, Any] = {"ruleId": entry.rule, "ruleIndex": numbers[entry.rule]}
    about |= {"kind": KINDS.get(entry.kind, "fail"), "level": LEVELS.get(entry.kind, "none")}
    about |= {"message": {"text": entry.message}, "locations": [_location(entry, places)]}
    values = entry.values()
    names = ["agency", "agency_code", "year"]
    if isinstance(told, Finding):
        about["partialFingerprints"] = {FINGERPRINT: told.fingerprint}
        names += ["left", "right", "delta", "basis"]
    if entry.waiver:
        # What is only proposed is not suppressed yet: "underReview" is SARIF's word for it.
        status = "accepted" if entry.waiver.state == "confirmed" else "underReview"
        words = entry.waiver.in_words()
        about["suppressions"] = [{"kind": "external", "status": status, "justification": words}]
    return about | {"properties": {name: plain_data(values[name]) for name in names} | {"cells": list(told.cells)}}


def _location(entry: Entry, places: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """The file, and the lines where it has any; the cells of the form; in words the place and what is quoted."""
    told, filing = entry.told, entry.filing
    location: dict[str, Any] = {}
    file = told.source.file if told.source else filing.inputs[0].file if filing.inputs else None
    if file is not None:
        number = next((places[each.file, each.sha256] for each in filing.inputs if each.file == file), None)
        artifact = {"uri": quote(file)} | ({} if number is None else {"index": number})
        location["physicalLocation"] = {"artifactLocation": artifact} | _region(told.source, entry.quote)
    cells = [{"fullyQualifiedName": address, "kind": "cell"} for address in told.cells]
    if told.source and told.source.sheet:
        cells.append({"fullyQualifiedName": f"{told.source.sheet}!{told.source.cell}", "kind": "cell"})
    if cells:
        location["logicalLocations"] = cells
    words = "  ".join(part for part in (entry.where, entry.source) if part)
    return location | ({"message": {"text": words}} if words else {})


def _region(source: Source | None, words: str) -> dict[str, Any]:
    """The lines of a text. A line of a page, or a cell, is no line of its file."""
    if source is None or source.line is None or source.page is not None:
        return {}
    region: dict[str, Any] = {"startLine": source.line, "endLine": source.last_line or source.line}
    return {"region": region | ({"snippet": {"text": words}} if words else {})}
