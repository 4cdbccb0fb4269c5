"""The findings of a report: in short at its beginning, one by one in its appendix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from gongkai.catalogues import say
from gongkai.filing import Doubt, Filing
from gongkai.finding import Finding, findings_from_json
from gongkai.forms import Form
from gongkai.intake import load
from gongkai.report.display import CHECKED_MIME, FINDINGS_MIME, Page, element, lines
from gongkai.waivers import FILE, Waiver, from_json, judged, standing, waived, waivers
from gongkai.wording import doubt_in_words, source_in_words
from gongkai.workspace import find_workspace, resolve

Kind = Literal["error", "not_assessable", "warning", "info", "doubt", "waived"]

KINDS: tuple[Kind, ...] = ("error", "not_assessable", "warning", "info", "doubt", "waived")
"""What an entry of the appendix may be, the gravest first."""


COLUMNS = {"number": None, "kind": None, "rule": None} | dict.fromkeys(
    ("message", "waiver", "basis", "source"), "text-align: left"
)
"""The columns of the appendix, and how each is set; one in which nothing stands is left out."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A filing, what was found in it, and what of that is waived.

    Shown as one line of counts, beside which its findings are kept as data.
    """

    filing: Filing
    findings: tuple[Finding, ...]
    waivers: tuple[Waiver, ...] = ()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {**self.summary._repr_mimebundle_(), CHECKED_MIME: [each.to_data() for each in self.findings]}

    @property
    def summary(self) -> Page:
        """How many entries of each kind there are."""
        kinds = [entry["kind"] for entry in entries(self)]
        shown = KINDS if "waived" in kinds else KINDS[:-1]
        counts = [say("report.count", kind=say(f"severity.{kind}"), count=kinds.count(kind)) for kind in shown]
        text = say("report.summary", counts=say("list.separator").join(counts))
        return Page(element("p", escape(text), class_="summary"), text)


def check(
    filing: Filing, *, previous: Filing | None = None, findings: str | None = None, rules: str | None = None
) -> Checked:
    """What is wrong with `filing`: read from the file `findings` where one is given, else found by running the rules.

    `rules` is the folder of the rules, where they are not the workspace's expectations or else gongkai's own. What is
    waived is read from the ``waivers.json`` beside the findings; where neither is there, from the workspace's decision
    log. Raises InputError where one of them cannot be read, and whatever the check itself raises.
    """
    if findings is not None:
        document = load(resolve(findings))
        found = findings_from_json("\n".join(document.lines()), file=document.name)
    else:
        from gongkai.consistency import check as run

        found = run([filing], previous=[previous], rules=resolve(rules) if rules else None).all
    beside = resolve(findings or "./findings.json").with_name(FILE)
    if beside.exists():
        given = from_json("\n".join(load(beside).lines()))
    else:
        given = () if findings else waivers(find_workspace())
    return Checked(filing, found, judged(given, filing, found))


def appendix(checked: Checked) -> Page:
    """All findings and doubts, numbered; an exporter marks the cells of each with its number."""
    title = say("report.appendix.title")
    found = entries(checked)
    if not found:
        body = Page(element("p", escape(say("report.appendix.none"))), say("report.appendix.none"))
    else:
        body = _table(found)
    void = [each.as_line() for each in checked.waivers if each.state == "void"]
    parts = [element("h2", escape(title)), body.html, *(element("p", escape(each)) for each in void)]
    html = element("section", lines(parts), class_="appendix")
    return Page(html, lines([title, body.text, *void]), {FINDINGS_MIME: [_bare(entry) for entry in found]})


def entries(checked: Checked) -> list[dict[str, Any]]:
    """The entries of the appendix: the findings in their order, then the doubts."""
    form = checked.filing.form
    waivers = standing(checked.waivers)
    told = [_of_finding(form, finding, waivers.get(finding.fingerprint)) for finding in checked.findings]
    told += [_of_doubt(form, doubt) for doubt in checked.filing.doubts]
    return [{"number": number, **entry} for number, entry in enumerate(told, start=1)]


def _of_finding(form: Form, finding: Finding, waiver: Waiver | None) -> dict[str, Any]:
    return {
        "kind": "waived" if waiver and finding.waived(waived([waiver])) else finding.kind,
        "rule": finding.rule,
        "cells": list(finding.cells),
        "message": finding.message,
        "waiver": waiver.in_words() if waiver else "",
        "basis": finding.basis,
        "source": source_in_words(form, finding.source),
    }


def _of_doubt(form: Form, doubt: Doubt) -> dict[str, Any]:
    return {
        "kind": "doubt",
        "rule": doubt.code,
        "cells": list(doubt.cells),
        "message": doubt_in_words(form, doubt),
        "waiver": "",
        "basis": "",
        "source": source_in_words(form, doubt.source),
    }


def _bare(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("number", "kind", "rule", "cells")} | {"message": _told(entry)}


def _told(entry: dict[str, Any]) -> str:
    """The words of an entry, and of its waiver where it has one."""
    return f"{entry['message']} {entry['waiver']}".strip()


def _table(found: Sequence[dict[str, Any]]) -> Page:
    rows = [dict(_row(entry)) for entry in found]
    columns = [column for column in COLUMNS if any(row[column] for row in rows)]
    head = "".join(element("th", escape(say(f"report.appendix.{column}")), scope="col") for column in columns)
    body = [
        element("tr", "".join(element("td", row[column], style=COLUMNS[column]) for column in columns), id=_id(entry))
        for entry, row in zip(found, rows, strict=True)
    ]
    html = element("table", lines(["", element("thead", element("tr", head)), element("tbody", lines(body)), ""]))
    return Page(html, lines(f"{entry['number']}. {entry['rule']} {_told(entry)}" for entry in found))


def _row(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    number = str(entry["number"])
    # The cell that it leads back to gets its id from the exporter, and only where it is marked.
    yield "number", element("a", number, href=f"#cell-{entry['cells'][0]}") if entry["cells"] else number
    yield "kind", escape(say(f"severity.{entry['kind']}"))
    for column in ("rule", "message", "waiver", "basis", "source"):
        yield column, escape(entry[column])


def _id(entry: dict[str, Any]) -> str:
    return f"finding-{entry['number']}"
