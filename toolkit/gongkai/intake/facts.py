"""The facts of a published report: title, agency, level, year, period, signature, dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gongkai.filing import Text
from gongkai.forms import Form
from gongkai.intake.body import Body
from gongkai.intake.numbers import plain, vocabulary
from gongkai.intake.printed import Paragraph

NAME = 40
"""Characters that the name of an agency has at most."""


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a report and the paragraphs that it takes: one, or the agency's name on a line of its own before."""

    agency: str | None
    year: int
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        return re.sub(vocabulary()["title_end"], "", "".join(re.sub(r"\s+", "", each.text) for each in self.paragraphs))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report says of itself."""

    agency: str | None
    level: str | None
    facts: dict[str, Text]


def title(front: Sequence[Paragraph]) -> Title | None:
    """The title in what stands before the first section: the last one, since links to other reports come before it.

    One that names the agency goes before one that does not.
    """
    lines = [each for each in front if each.text.strip()]
    found: list[Title] = []
    for number, line in enumerate(lines):
        before = lines[number - 1 : number] if number else []
        each = _titled(before, [line])
        if each is None and number + 1 < len(lines) and _titled([], lines[number + 1 : number + 2]) is None:
            # A long title is broken over two lines.
            each = _titled(before, lines[number : number + 2])
        found += [each] if each else []
    return next((each for each in reversed(found) if each.agency), found[-1] if found else None)


def _titled(before: Sequence[Paragraph], lines: Sequence[Paragraph]) -> Title | None:
    """The title that `lines` print together, with the agency's name on the line before them if it stands there."""
    text = re.sub(vocabulary()["title_end"], "", "".join(plain(each.text) for each in lines))
    for pattern in vocabulary()["titles"]:
        match = re.match(pattern, text)
        if match is None:
            continue
        agency = match["agency"]
        if agency:
            return Title(agency, int(match["year"]), tuple(lines)) if is_agency(agency, loosely=True) else None
        if before and is_agency(before[0].text):
            return Title(plain(before[0].text), int(match["year"]), (*before, *lines))
        return Title(None, int(match["year"]), tuple(lines))
    return None


def is_agency(text: str, *, loosely: bool = False) -> bool:
    """Whether `text` may be the name of an agency; `loosely`, of a place too."""
    tight = plain(text)
    if not tight or len(tight) > NAME or re.search(vocabulary()["no_name"], tight):
        return False
    return loosely or bool(re.search(vocabulary()["agency_end"], tight))


def facts_of(body: Body, found: Title | None, form: Form) -> Facts:
    """The facts of a report, the signature taken out of its last section."""
    facts: dict[str, Text] = {}
    if found:
        facts["title"] = Text(found.text, found.paragraphs[-1].source)
    every = [each for _, each in body.front]
    every += [each for section in form.sections for _, each in body.sections.get(section.key, [])]
    for key in ("period", "published"):
        for line in every:
            if match := re.search(vocabulary()[key], plain(line.text)):
                facts[key] = Text(match.groupdict().get("date") or match.group(), line.source)
                break
    signature = _take_signature(body, form, found)
    if signature:
        facts["signed"] = Text(plain(signature[-1].text), signature[-1].source)
    if signature[:-1]:
        facts["signature"] = Text(plain(signature[0].text), signature[0].source)
    agency = (found.agency if found else None) or (plain(signature[0].text) if signature[:-1] else None)
    return Facts(agency, _level(agency), facts)


def _level(agency: str | None) -> str | None:
    """What kind of agency it is, by its name."""
    levels: dict[str, str] = vocabulary()["levels"]
    return next((level for level, pattern in levels.items() if agency and re.search(pattern, agency)), None)


def _take_signature(body: Body, form: Form, found: Title | None) -> list[Paragraph]:
    """The signature at the end (agency, then date), taken out of the last section with all that follows it there."""
    last = next((body.sections[each.key] for each in reversed(form.sections) if each.key in body.sections), body.front)
    # Where no section is headed, a site may print dates and links above the title.
    titles = [place for place, (_, each) in enumerate(last) if found and each == found.paragraphs[-1]]
    after = titles[-1] + 1 if titles else 0
    filled = [(place, each) for place, (_, each) in enumerate(last) if place >= after and each.text.strip()]
    for number, (place, each) in enumerate(filled):
        if re.match(vocabulary()["date"], plain(each.text)):
            before = filled[number - 1] if number else None
            named = before and not re.search(vocabulary()["sentence_end"], before[1].text)
            signature = [before[1], each] if before and named else [each]
            del last[before[0] if before and named else place :]
            return signature
    _drop_footer(last, filled)
    return []


def _drop_footer(last: list[tuple[int, Paragraph]], filled: Sequence[tuple[int, Paragraph]]) -> None:
    """Take what a site prints below a report out of its last section."""
    for place, each in filled:
        if re.match(vocabulary()["footer"], plain(each.text)):
            del last[place:]
            return
