"""What was found, in words and in the order in which it is read: every format, and the terminal, shows these.

Agencies stand together, in the order in which they were given; inside of one the gravest finding comes first. Doubts
are about the reading and not about the report: they come last and never look like findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from gongkai.catalogues import say
from gongkai.consistency import Across, Check
from gongkai.filing import Doubt, Filing, Number
from gongkai.finding import Finding, kinds_of
from gongkai.rules import Rule, load_rules
from gongkai.waivers import Waiver, standing
from gongkai.wording import doubt_in_words, place_in_words, source_in_words, text_in_words

GRAVITY = ("error", "not_assessable", "warning", "info", "doubt")
"""The kinds of entries, what blocks a release before what does not; doubts, which are none of the report, last."""

COLUMNS = (
    *("agency", "agency_code", "year", "file", "kind", "rule", "title", "place", "quote", "message"),
    *("left", "right", "delta", "basis", "source", "cells", "fingerprint", "waiver"),
)
"""What is known of an entry, in the order of the columns of a table."""

COUNTS = ("agency", "agency_code", "year", "file", *GRAVITY)
"""The columns of the summary: a line for each filing."""

LONGEST_QUOTE = 60
"""Characters of the report's own words that are shown; more of them only hide where to look."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding, or a doubt, of a filing in the words of the language in use."""

    filing: Filing
    told: Finding | Doubt
    title: str
    waiver: Waiver | None = None
    """What is decided or proposed of it."""

    @property
    def kind(self) -> str:
        """One of `GRAVITY`."""
        return self.told.kind if isinstance(self.told, Finding) else "doubt"

    @property
    def rule(self) -> str:
        """The code of the rule, or of the doubt."""
        return self.told.rule if isinstance(self.told, Finding) else self.told.code

    @property
    def place(self) -> str:
        """Which cells it is about, or which passage; "" where it is about the report as a whole."""
        form, told = self.filing.form, self.told
        if told.cells:
            return place_in_words(form, told.cells)
        if isinstance(told, Doubt) or told.text is None:
            return ""
        text = text_in_words(form, told.text)
        return text if told.passage is None else say("entry.passage", text=text, number=told.passage + 1)

    @property
    def quote(self) -> str:
        """The words of the report that are meant; "" where none are."""
        told = self.told
        if isinstance(told, Doubt) or told.text is None or told.passage is None:
            return ""
        passages = self.filing.texts.get(told.text, ())[told.passage :][:1]
        words = "".join(each.text for each in passages)
        words = words[slice(*told.span)] if told.span else words
        return words if len(words) <= LONGEST_QUOTE else words[:LONGEST_QUOTE] + "…"

    @property
    def where(self) -> str:
        """The place, and the words that are quoted from it."""
        return say("entry.quoted", place=self.place, quote=self.quote) if self.quote else self.place

    @property
    def message(self) -> str:
        """What is wrong: both sides and the difference, where the rule compares any."""
        return self.told.message if isinstance(self.told, Finding) else doubt_in_words(self.filing.form, self.told)

    @property
    def source(self) -> str:
        """Where it stood in the file that was read."""
        return source_in_words(self.filing.form, self.told.source)

    def values(self) -> dict[str, str | Number]:
        """What stands in each of the `COLUMNS`."""
        told = self.told
        values: dict[str, str | Number] = dict(about(self.filing))
        values |= {"kind": say(f"severity.{self.kind}"), "cells": " ".join(told.cells)}
        values |= {name: getattr(self, name) for name in ("rule", "title", "place", "quote", "message", "source")}
        if isinstance(told, Finding):
            own = ("left", "right", "delta", "basis", "fingerprint")
            values |= {name: getattr(told, name) for name in own}
        return values | {"waiver": self.waiver.in_words() if self.waiver else ""}


@dataclass(frozen=True)
class Result:
    """A check as it is shown: the filings, what was found of each, and what could not be read."""

    filings: Sequence[Filing]
    check: Check
    unread: Sequence[Mapping[str, str]] = ()
    """The name of each file that could not be read, and why."""
    waivers: Sequence[tuple[Waiver, ...]] = ()
    """What is waived of each filing; nothing where it is not given."""
    across: Across | None = None
    """What was found across the agencies, of more than one."""

    @cached_property
    def by_filing(self) -> tuple[tuple[Filing, tuple[Entry, ...]], ...]:
        """Each filing and its entries, as the module says."""
        given = self.waivers or [()] * len(self.filings)
        told = list(zip(self.filings, self.check.findings, given, strict=True))
        first: dict[str, int] = {}
        for number, (filing, *_) in enumerate(told):
            first.setdefault(_who(filing), number)
        told.sort(key=lambda each: first[_who(each[0])])
        return tuple((each[0], entries(*each)) for each in told)

    @cached_property
    def between(self) -> tuple[Entry, ...]:
        """What was found across the agencies; each with the filing that it is told of."""
        filings = {_which(each): each for each in self.filings}
        concerns = self.across.concerns if self.across else ()
        told = [each for each in concerns if _which(each.finding) in filings]
        return tuple(Entry(filings[_which(each.finding)], each.finding, each.title) for each in told)

    @property
    def all(self) -> Iterator[Entry]:
        """All entries, one filing after the other, and then what was found across the agencies."""
        return chain((entry for _, found in self.by_filing for entry in found), self.between)

    @property
    def summary(self) -> dict[str, Any]:
        """The counts, what was not run and what was not read, as plain JSON data."""
        states = Counter(str(each.state) for own in self.waivers for each in own)
        waived = {"waived": dict(states)} if states else {}
        return self.check.summary(tuple(self.filings)) | {"unread": list(self.unread)} | waived

    def counts(self) -> Iterator[Mapping[str, str | Number]]:
        """What stands in each of the `COUNTS`, for each filing."""
        for filing, found in self.by_filing:
            kinds = kinds_of(filing, [each.told for each in found if isinstance(each.told, Finding)])
            yield dict(about(filing)) | {kind: kinds.get(kind, 0) for kind in GRAVITY}

    def rules(self) -> dict[str, Rule]:
        """All rules of the editions that were checked, by their codes."""
        return {code: rule for edition in _editions(self.filings) for code, rule in _rules(edition).items()}


def entries(filing: Filing, findings: Sequence[Finding], waivers: Iterable[Waiver] = ()) -> tuple[Entry, ...]:
    """The entries of one filing, the gravest first, else in the order of the rules."""
    rules, given = _rules(filing.edition), standing(waivers)
    ordered = sorted(findings, key=lambda finding: GRAVITY.index(finding.kind))
    titles = {each.rule: str(rules[each.rule].title) if each.rule in rules else "" for each in ordered}
    found = [Entry(filing, each, titles[each.rule], given.get(each.fingerprint)) for each in ordered]
    return (*found, *(Entry(filing, doubt, "") for doubt in filing.doubts))


def about(filing: Filing) -> Iterator[tuple[str, str | int | None]]:
    """Whose filing it is, and the name of its file."""
    yield from (("agency", filing.agency), ("agency_code", filing.agency_code), ("year", filing.year))
    yield "file", filing.inputs[0].file if filing.inputs else None


def _who(filing: Filing) -> str:
    return filing.agency_code or filing.agency or f"\0{id(filing)}"


def _which(told: Filing | Finding) -> tuple[str | None, str | None, int | None]:
    return told.agency_code, told.agency, told.year


def _rules(edition: str) -> dict[str, Rule]:
    return {rule.rule: rule for rule in load_rules(edition)}


def _editions(filings: Sequence[Filing]) -> dict[str, None]:
    return dict.fromkeys(filing.edition for filing in filings)
