"""The facts of a published report: title, agency, level, year, period, signature, dates."""

from __future__ import annotations

import re
import unicodedata
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
        text = "".join(re.sub(r"\s+", "", each.text) for each in self.paragraphs)
        return re.sub(vocabulary()["title_end"], "", re.sub(vocabulary()["title_start"], "", text))


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
    text = re.sub(vocabulary()["year_words"], _in_digits, re.sub(vocabulary()["title_start"], "", text))
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


def _in_digits(year: re.Match[str]) -> str:
    """A year that was written in words."""
    # Zero is written with whatever looks like it.
    return "".join(str(int(unicodedata.numeric(each, 0))) for each in year.group())


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
        if fact := _stated(every, vocabulary()[key]):
            facts[key] = fact
    signature, signed = _take_signature(body, found, form)
    facts |= {"signed": signed} if signed else {}
    facts |= {"signature": signature} if signature else {}
    agency = (found.agency if found else None) or (signature.text if signature else None)
    return Facts(agency, _level(agency), facts)


def _level(agency: str | None) -> str | None:
    """What kind of agency it is, by its name."""
    levels: dict[str, str] = vocabulary()["levels"]
    name = re.sub(r"\([^()]*\)$", "", plain(agency or ""))
    return next((level for level, pattern in levels.items() if name and re.search(pattern, name)), None)


def _stated(lines: Sequence[Paragraph], patterns: Sequence[str]) -> Text | None:
    """What the first line states that has the first of `patterns` that any line has."""
    for pattern in patterns:
        for line in lines:
            if match := re.search(pattern, plain(line.text)):
                return Text(match.groupdict().get("date") or match.group(), line.source)
    return None


def year_of_statistics(body: Body) -> int | None:
    """The year whose statistics a report says that it holds; None where it says none, or more than one."""
    lines = [each for _, each in body.front] + [each for lines in body.sections.values() for _, each in lines]
    period = _stated(lines, vocabulary()["period"])
    years = set(re.findall(vocabulary()["year"], period.text)) if period else set()
    return int(years.pop()) if len(years) == 1 else None


Signature = tuple[Text | None, Text | None]
"""Who signed a report, and when."""


def _take_signature(body: Body, found: Title | None, form: Form) -> Signature:
    """The signature at the end, taken out of the last section with all that follows it there; else one at the title."""
    last = next((body.sections[each.key] for each in reversed(form.sections) if each.key in body.sections), [])
    filled = [line for line in last if line[1].text.strip()]
    lines = [line for _, line in filled]
    signed = [(place, *each) for place in range(len(lines)) if (each := _signed(lines, place))]
    if signed:
        # A date that somebody signed goes before one that stands alone.
        place, above, signature = next(
            (each for each in signed if each[2][0] and is_agency(each[2][0].text)), signed[0]
        )
        del last[last.index(filled[place - above]) :]
        return signature
    _drop_footer(last)
    return _take_below_title(body, found) if found else (None, None)


def _signed(lines: Sequence[Paragraph], place: int) -> tuple[int, Signature] | None:
    """The signature whose date stands on a line, and how many lines above it belongs to it."""
    line = lines[place]
    match = re.match(vocabulary()["signed"], plain(line.text))
    if match is None or (match["agency"] and not is_agency(match["agency"])):
        return None
    date = Text(match["date"], line.source)
    if match["agency"]:
        return 0, (Text(match["agency"], line.source), date)
    before, after = lines[place - 1] if place else None, lines[place + 1] if place + 1 < len(lines) else None
    if before and len(plain(before.text)) <= NAME and not re.search(vocabulary()["sentence_end"], before.text):
        return 1, (Text(plain(before.text), before.source), date)
    signer = Text(plain(after.text), after.source) if after and is_agency(after.text) else None
    return 0, (signer, date)


def _take_below_title(body: Body, found: Title) -> Signature:
    """Who signed and when, where that stands right below the title; taken out of what stands there."""
    title = next(place for place, (_, each) in enumerate(body.front) if each is found.paragraphs[-1])
    below = [line for line in body.front[title + 1 :] if line[1].text.strip()][:2]
    for place, line in enumerate(below):
        match = re.match(vocabulary()["signed"], plain(line[1].text))
        above = [each for _, each in below[:place]]
        if match is None or not all(is_agency(each.text) for each in above):
            continue
        found_there = _signed([*above, line[1]], place)
        if found_there:
            body.front[:] = [each for each in body.front if each not in below[: place + 1]]
            return found_there[1]
    return None, None


def _drop_footer(last: list[tuple[int, Paragraph]]) -> None:
    """Take what a site prints below a report out of its last section."""
    for place, (_, each) in enumerate(last):
        if any(re.match(vocabulary()[key], plain(each.text)) for key in ("footer", "about_page")):
            del last[place:]
            return
