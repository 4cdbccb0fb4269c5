"""What invented agencies write: sentences from the YAML beside this module, their figures those of the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from gongkai.authored import Model, Words, load_yaml, validate
from gongkai.example.arithmetic import plain
from gongkai.example.bodies import Body, Example
from gongkai.example.figures import Figures
from gongkai.filing import Text


class Sentence(Model):
    """A sentence that may only be said where all of `when` hold."""

    say: str
    when: tuple[str, ...]


class Listed(Model):
    """How figures are told one after the other, those that are not zero."""

    item: str
    separator: str
    of: tuple[str, ...]


class Prose(Model):
    """What `sentences.yaml` holds."""

    facts: dict[str, str]
    date: str
    late: Words
    lists: dict[str, Listed]
    conditions: dict[str, tuple[str, ...]]
    sentences: dict[str, tuple[str | Sentence, ...]]
    texts: dict[str, dict[str, tuple[tuple[str, ...], ...]]]


@cache
def prose() -> Prose:
    """The sentences and how texts are made of them."""
    path = Path(__file__).parent / "sentences.yaml"
    return validate(Prose, load_yaml(path), file=path.name)


def day(when: date) -> str:
    """A date as reports write it."""
    return prose().date.format(year=when.year, month=when.month, day=when.day)


def late(published: date, deadline: date) -> dict[str, str]:
    """That a report was published too late, in each language."""
    words = prose().late
    return {
        "zh": words.zh.format(published=day(published), deadline=day(deadline)),
        "en": words.en.format(published=published, deadline=deadline),
    }


def facts_of(agency: str, code: str, year: int, form: str, dates: Mapping[str, str]) -> dict[str, Text]:
    """The facts of a report on the form called `form`, `dates` among them."""
    words = {"agency": agency, "code": code, "form": form, "year": year, "next_year": year + 1}
    facts = {key: pattern.format(**words) for key, pattern in prose().facts.items()}
    return {key: Text(value) for key, value in {**facts, **dates}.items()}


@dataclass(slots=True)
class Author:
    """Writes the texts of one agency and year: the same each time, and not what it wrote last year."""

    example: Example
    body: Body
    year: int
    figures: Figures
    words: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        body, year = self.body, self.year
        self.words = {
            "agency": body.agency,
            "county": body.county,
            "we": body.kind.we,
            "year": str(year),
            "next_year": str(year + 1),
            "period": prose().facts["period"].format(year=year),
        }
        self.words |= {key: self._list(listed) for key, listed in prose().lists.items()}

    def texts(self) -> dict[str, tuple[Text, ...]]:
        """All texts of the report, in the order of the form."""
        parts = prose().texts[self.body.kind.level]
        return {
            key: tuple(Text(self._passage(slots)) for slots in parts[key])
            for key in self.figures.form.text_keys
            if key in parts
        }

    def _list(self, listed: Listed) -> str:
        counts = {meaning: plain(self.figures.value(meaning)) for meaning in listed.of}
        told = [
            listed.item.format(name=self.figures.name(meaning), count=count)
            for meaning, count in counts.items()
            if count != "0"
        ]
        return listed.separator.join(told)

    def _passage(self, slots: Iterable[str]) -> str:
        return "".join(self._told(slot) for slot in slots)

    def _told(self, slot: str) -> str:
        """One of the slot's sentences; none where none may be said."""
        sayable = [each for each in prose().sentences[slot] if isinstance(each, str) or self._holds(each)]
        if not sayable:
            return ""
        # Always from the same start, so that each year has another sentence and another subject than the last.
        start = self.example.draw(self.body.code, slot).randrange(1000) + self.year
        chosen = sayable[start % len(sayable)]
        subjects = self.body.kind.subjects
        about = {"subject": subjects[start % len(subjects)], "other": subjects[(start + 1) % len(subjects)]}
        text = self._drawn(chosen if isinstance(chosen, str) else chosen.say, slot)
        return self.figures.told(text, self.words | about)

    def _holds(self, sentence: Sentence) -> bool:
        return all(self.figures.holds(prose().conditions[each]) for each in sentence.when)

    def _drawn(self, text: str, slot: str) -> str:
        """`text` with its numbers of things that no table counts."""
        draw = self.example.draw(self.body.code, slot, self.year)
        return re.sub(r"\{draw:(\d+)-(\d+)\}", lambda match: str(draw.randint(int(match[1]), int(match[2]))), text)
