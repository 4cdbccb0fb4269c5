"""Which rules were not run on which filings, and why: a few reasons, which thousands of filings share."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gongkai.catalogues import say
from gongkai.consistency import applying
from gongkai.consistency.lines import Absent, Subject
from gongkai.consistency.running import Laid, selects
from gongkai.filing import Filing
from gongkai.forms import Form
from gongkai.rules import Agencies, Equation, Rule, can_be_run, condition


@dataclass(frozen=True, slots=True)
class NotRun:
    """A rule that was not run on a filing because what it needs besides the tables was not given."""

    rule: str
    reason: str
    agency: str | None
    year: int | None


class Lacking(NamedTuple):
    """A filing, and why rules were not run on it, by their code."""

    agency: str | None
    year: int | None
    reasons: Mapping[str, str]


@dataclass(slots=True)
class NotRuns(Collection[NotRun]):
    """What was not run, filing by filing. It is made as it is read: there may be millions."""

    filings: list[Lacking] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(len(each.reasons) for each in self.filings)

    def __iter__(self) -> Iterator[NotRun]:
        return (
            NotRun(rule, reason, each.agency, each.year)
            for each in self.filings
            for rule, reason in each.reasons.items()
        )

    def __contains__(self, wanted: object) -> bool:
        return any(each == wanted for each in self)


def not_run(
    subjects: Sequence[Subject], rules: Sequence[Rule], equations: Sequence[Equation], laid: Mapping[str, Laid]
) -> Iterator[Lacking]:
    """The filings on which some of `rules` were not run, with the reasons in words."""
    known: dict[Hashable, Mapping[str, str]] = {}
    search = _Search(subjects[0].filing.form, rules, equations)
    for position, subject in enumerate(subjects):
        filing, absent = subject.filing, {view: each.absent[position] for view, each in laid.items()}
        alike = search.alike(subject, absent)
        if alike not in known:
            known[alike] = search.reasons(subject, absent)
        if known[alike]:
            yield Lacking(filing.agency, filing.year, known[alike])


class _Search:
    """Looks for the rules that were not run on a filing."""

    def __init__(self, form: Form, rules: Sequence[Rule], equations: Sequence[Equation]) -> None:
        self._form, self._rules = form, rules
        self._asking = [
            (each, when) for each in equations if not can_be_run(each, when := condition(each, form), form, None)
        ]
        chosen = [rule.agencies for rule in rules if rule.agencies.model_fields_set]
        self._agencies = list(dict.fromkeys(chosen))

    def alike(self, subject: Subject, absent: Mapping[str, Sequence[Absent]]) -> Hashable:
        """What decides which rules are run: filings that agree in it have the same reasons."""
        return (
            subject.previous and subject.previous.edition,
            *(self._whether(each, subject.filing) for each in self._agencies),
            *((view, each.reason, *each.values.items()) for view, some in absent.items() for each in some),
        )

    @staticmethod
    def _whether(agencies: Agencies, filing: Filing) -> str | bool:
        return applying.missing(agencies, filing) or applying.is_for(agencies, filing)

    def reasons(self, subject: Subject, absent: Mapping[str, Sequence[Absent]]) -> Mapping[str, str]:
        """Why rules were not run on a filing, by their code."""
        filing, last = subject.filing, subject.previous
        found: dict[str, str] = {}
        for rule in self._rules:
            lacking = applying.missing(rule.agencies, filing)
            if lacking or not applying.is_for(rule.agencies, filing):
                found |= {rule.rule: lacking} if lacking else {}
            else:
                asked = [each for each in absent.get(rule.view or "", ()) if selects(rule, each.values)]
                found |= {rule.rule: asked[0].reason} if asked else {}
        for each, when in self._asking:
            if applying.is_for(each.rule.agencies, filing) and not can_be_run(each, when, self._form, last):
                found[each.rule.rule] = "previous" if last is None else "edition"
        return {rule: say(f"not_run.{reason}") for rule, reason in found.items()}
