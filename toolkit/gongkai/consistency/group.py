"""The filings of a run together, and what is known of their agencies: who is who, how they are called, what they write.

Texts are counters of sentences, bare of names of agencies and digits: whoever copies a report changes those.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gongkai.consistency import applying
from gongkai.consistency.naming import any_of, bare
from gongkai.consistency.views.likeness import told
from gongkai.consistency.words import pattern
from gongkai.filing import Filing
from gongkai.forms import editions, form_for_year
from gongkai.narrative import mentions
from gongkai.rules import Rule

Text = Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An agency that is to hand in a report."""

    agency: str
    agency_code: str | None = None
    level: str | None = None
    handed_in: bool = False
    """Whether there is a report of it that could not be read, or that nobody has looked at yet."""


class Group:
    """The filings of a run, and the agencies that are expected to have one."""

    def __init__(self, filings: Sequence[Filing], expected: Sequence[Expected], year: int | None) -> None:
        self.filings = filings
        self.year = year or next((filing.year for filing in filings if filing.year), None)
        known = form_for_year(self.year).edition if self.year else None
        self.edition = known or next((filing.edition for filing in filings), [*editions()][-1])
        self.expected = [
            Filing(edition=self.edition, cells={}, year=self.year, **{name: getattr(each, name) for name in _NAMES})
            for each in expected
        ]
        self.whose = [*filings, *self.expected]
        """By position, a filing, or one without anything in it of an agency that is expected."""
        there = {each for filing in filings for each in (filing.agency_code, filing.agency) if each}
        self.missing = [not each.handed_in and (each.agency_code or each.agency) not in there for each in expected]
        """Of each that is expected, whether it has handed in nothing."""

    @cached_property
    def named(self) -> Mapping[str, list[int]]:
        """Plain names of agencies, and their positions."""
        found: dict[str, list[int]] = defaultdict(list)
        for position, filing in enumerate(self.whose):
            if filing.agency:
                found[plain(filing.agency)].append(position)
        return dict(found)

    @cached_property
    def names(self) -> re.Pattern[str]:
        """Any agency's name in full."""
        return re.compile(any_of(self.named))

    @cached_property
    def without(self) -> re.Pattern[str]:
        """What sentences are compared without."""
        return bare(self.named)

    @cached_property
    def texts(self) -> Mapping[tuple[int | None, str], Mapping[int, Text]]:
        """By year and key, the texts of all positions that have one."""
        found: dict[tuple[int | None, str], dict[int, Text]] = defaultdict(dict)
        usual = pattern("usual")
        for position, filing in enumerate(self.filings):
            for key, keys in compared(filing).items() if filing.agency_code or filing.agency else ():
                sentences = (sentence for sentence, _ in told(filing, keys, without=self.without))
                if text := Counter(each for each in sentences if not usual.match(each)):
                    found[filing.year, key][position] = text
        return found

    def differ(self, one: int, other: int) -> bool:
        """Whether two positions are of different agencies; a government and its office report for each other."""
        a, b = self.whose[one], self.whose[other]
        if a.agency_code and b.agency_code and "government" not in (a.level, b.level):
            return a.agency_code != b.agency_code
        if a.agency and b.agency:
            return not mentions.same_agency(a.agency, b.agency)
        return one != other and a.agency_code != b.agency_code

    def applies(self, rule: Rule, position: int) -> bool:
        """Whether a rule is for the agency at a position."""
        agencies, filing = rule.agencies, self.whose[position]
        return applying.missing(agencies, filing) is None and applying.is_for(agencies, filing)

    def lacks(self, filing: Filing, view: str) -> str | None:
        """The key of what a filing would need for a view across agencies, and has not."""
        if view == "roster":
            return None
        if len(self.whose) < 2:
            return "peers"
        return "agency" if not filing.agency else None if filing.texts else "prose"


_NAMES = ("agency", "agency_code", "level")


def compared(filing: Filing) -> dict[str, tuple[str, ...]]:
    """The keys of the texts that are compared, with those of their parts. The preamble is everybody's."""
    sections = (section for section in filing.form.sections if section.text)
    return {str(each.text): (str(each.text), *(part.text for part in each.parts)) for each in sections}


def plain(words: str) -> str:
    """Words without white space, in plain signs."""
    return "".join(unicodedata.normalize("NFKC", words).split())
