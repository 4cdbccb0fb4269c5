"""Years, periods, dates and names that a report mentions, and which years may rightly stand where they do.

The patterns are data (`mentions.yaml`). Nothing here judges: rules hold what is found against the report's own year
and name.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import MAXYEAR, MINYEAR, date
from functools import cache, lru_cache

from gongkai.filing import Filing
from gongkai.narrative.mention_patterns import (
    Announced,
    Mention,
    Passage,
    PeriodMention,
    YearMention,
    facts,
    patterns,
    plain,
    texts,
)

__all__ = [
    "Announced",
    "Mention",
    "PeriodMention",
    "YearMention",
    "announced",
    "day",
    "names",
    "other_agencies",
    "period",
    "same_agency",
    "stated_periods",
    "years",
]

LONGEST_NAME = 40
"""Characters that the name of an agency has at most."""
AROUND = 200
"""Characters on each side of a year that say what it is doing there; a longer sentence has other matters there."""
OPENING = 2000
"""Characters of a passage within which the parts of the report are announced."""


def years(filing: Filing) -> tuple[YearMention, ...]:
    """Every year in the texts, the title and the date of the signature, but those of the period of the statistics.

    A mistyped one (20224, 202) is a year that fits nowhere. None where the filing's own year is not known.
    """
    if filing.year is None:
        return ()
    covered = {
        (each.text, each.passage, place) for each in stated_periods(filing) for place in range(each.start, each.end)
    }
    return tuple(
        each
        for passage in (*facts(filing, "title", "signed"), *texts(filing))
        for each in _years(passage, filing.year)
        if (each.text, each.passage, each.start) not in covered
    )


def _years(passage: Passage, own: int) -> Iterator[YearMention]:
    text = passage.plain
    for match in re.finditer(patterns().year, text):
        start, end = match.span()
        if end - start > 4 and passage.is_torn(start, end):
            # A number that another one stood before.
            start = end - 4
        written = _in_digits(text[start:end])
        if len(written) < 4 and not any(written in _shortened_years(each) for each in (own - 1, own, own + 1)):
            continue
        if re.fullmatch(patterns().history, written):
            continue
        earliest, latest = _fitting(passage, start, end, own)
        yield YearMention(
            **passage.where(start, end),
            year=int(written),
            earliest=earliest,
            latest=latest,
        )


def _shortened_years(year: int) -> set[str]:
    """The year with one of its digits lost."""
    return {str(year)[:place] + str(year)[place + 1 :] for place in range(4)}


def _in_digits(written: str) -> str:
    """A number written in digits or, one by one, in words; zero is written with whatever looks like it."""
    digits = {each: str(number) for number, each in enumerate(patterns().numerals)}
    return "".join(digits.get(each, each) for each in re.sub(patterns().zeros, "0", written))


def _fitting(passage: Passage, start: int, end: int, own: int) -> tuple[int, int]:
    """From which to which year may stand from `start` to `end` of the passage."""
    if passage.key == "facts.title":
        return own, own
    if passage.key == "facts.signed":
        first, last = patterns().dates_of_signing
        return own + first, own + last
    text, stop = passage.plain, patterns().sentence_end
    before = re.split(stop, text[max(0, start - AROUND) : start])[-1]
    after = re.split(stop, text[end + 1 : end + AROUND])[0]
    for context in patterns().years:
        if context.holds(passage.key, before, after):
            earliest, latest = context.years
            first, last = patterns().bounds
            return (first if earliest is None else own + earliest, last if latest is None else own + latest)
    return own, own


def day(text: str) -> date | None:
    """The day that the whole of `text` writes; None where it is none that can be read."""
    written = plain(text)
    for pattern in patterns().dates:
        if match := re.fullmatch(pattern, written):
            return _day(*(_number(match[part]) for part in ("year", "month", "day")))
    return None


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _number(written: str) -> int:
    """A number in digits, or in words: a year one by one, others as they are counted."""
    if written.isdecimal():
        return int(written)
    if len(written) == 4:
        return int(_in_digits(written))
    ten = 0
    for each in written:
        value = int(unicodedata.numeric(each))
        ten = (ten or 1) * 10 if value == 10 else ten + value
    return ten


def period(text: str) -> tuple[date, date] | None:
    """The first and last day of the period that the whole of `text` writes; None where it is none that can be read."""
    written = plain(text)
    for pattern in patterns().periods:
        if match := re.fullmatch(pattern, written):
            first, last = _bounds(match.groupdict())
            return (first, last) if first and last and first <= last else None
    return None


def _bounds(parts: dict[str, str | None]) -> tuple[date | None, date | None]:
    if first := parts.get("first"):
        last = parts.get("last") or patterns().rest_of_year.format(**parts)
        return day(first), day(last)
    year, month, until = (int(parts.get(key) or default) for key, default in (("year", 0), ("month", 1), ("until", 12)))
    if not (MINYEAR <= year <= MAXYEAR and 1 <= until <= 12):
        return None, None
    return _day(year, month, 1), date(year, until, calendar.monthrange(year, until)[1])


def stated_periods(filing: Filing) -> tuple[PeriodMention, ...]:
    """The periods that a report says its statistics to cover: in its prose, and the fact where the prose has it not."""
    found = [each for passage in texts(filing) for each in _stated_periods(passage)]
    for passage in facts(filing, "period"):
        # The fact of a document was taken from its prose: what is stated once is told once.
        if filing.medium != "document" or not any(passage.plain in plain(each.quote) for each in found):
            found.append(_period(passage, 0, len(passage.plain)))
    return tuple(found)


def _stated_periods(passage: Passage) -> Iterator[PeriodMention]:
    taken: set[int] = set()
    for pattern in patterns().stated_period:
        for match in re.finditer(pattern, passage.plain):
            start, end = match.span("period")
            if start not in taken:
                taken.add(start)
                yield _period(passage, start, end)


def _period(passage: Passage, start: int, end: int) -> PeriodMention:
    first, last = period(passage.plain[start:end]) or (None, None)
    return PeriodMention(**passage.where(start, end), first=first, last=last)


def announced(filing: Filing) -> Announced | None:
    """What the preamble (or else the overview) says of which parts the report is made; None where it says nothing."""
    for passage in sorted(texts(filing), key=lambda each: each.key != "preamble"):
        if passage.key not in patterns().opening:
            continue
        for pattern in patterns().announced:
            if match := re.search(pattern, passage.plain[:OPENING]):
                written = match.groupdict().get("count")
                return Announced(
                    **passage.where(*match.span()),
                    count=_number(written) if written else None,
                    names=tuple(_listed(passage, *match.span("names"))),
                )
    return None


def _listed(passage: Passage, start: int, end: int) -> Iterator[Mention]:
    """The names that are listed from `start` to `end`, without what stands around them."""
    place = start
    separators = [match.span() for match in re.finditer(patterns().name_separator, passage.plain[start:end])]
    for first, last in [*((start + a, start + b) for a, b in separators), (end, end)]:
        piece = passage.plain[place:first]
        without = re.sub(patterns().name_before, "", piece)
        begin = place + len(piece) - len(without)
        kept = re.sub(patterns().name_after, "", without)
        if kept:
            yield passage.mention(begin, begin + len(kept))
        place = last


def names(filing: Filing) -> tuple[Mention, ...]:
    """The names that a report gives its own agency: in title, signature, preamble, and as who reports in the prose."""
    found = [each for passage in facts(filing, "title") for each in _name_in_title(passage)]
    found += [passage.mention(0, len(passage.plain)) for passage in facts(filing, "signature") if passage.plain]
    own = [each.quote for each in found] + ([filing.agency] if filing.agency else [])
    for passage in texts(filing):
        for start, end in _own_places(passage):
            name = passage.plain[start:end]
            if passage.key == "preamble" or not any(_is_spoken_of(name, each) for each in own):
                found.append(passage.mention(start, end))
    return tuple(found)


def _name_in_title(passage: Passage) -> Iterator[Mention]:
    match = re.match(patterns().title, passage.plain[:AROUND])
    if match and not re.fullmatch(r"\d+.?", match["name"]):
        yield passage.mention(*match.span("name"))


def _own_places(passage: Passage) -> Iterator[tuple[int, int]]:
    """Where names of agencies stand as that of the report itself."""
    opening = passage.key in patterns().opening
    if not opening and passage.key.split(".", maxsplit=1)[0] in patterns().opening:
        # Further down, a part may tell what others do.
        first = _own_pattern(True).match(passage.plain)
        if first and not re.search(patterns().no_name, first["name"]):
            yield first.span("name")
    place = 0
    while match := _own_pattern(opening).search(passage.plain, place):
        is_name = not re.search(patterns().no_name, match["name"])
        if is_name:
            yield match.span("name")
        # What is no name may hold one.
        place = match.end() if is_name else match.start("name") + 1


@cache
def _own_pattern(opening: bool) -> re.Pattern[str]:
    known = patterns()
    after = f"{known.own_after}|{known.opening_after}" if opening else known.own_after
    name = rf"(?P<name>[^\W\d_]{{1,{LONGEST_NAME}}}?{known.agency_end})"
    before = "|".join(f"(?<={each})" for each in (known.clause_end, *known.own_before))
    return re.compile(rf"(?:^|{before}){known.lead}{name}(?={after})")


def _is_spoken_of(name: str, own: str) -> bool:
    """Whether an agency reports on `name` in its own report: a government on its departments, they on governments."""
    kinds = [bool(re.search(patterns().government, _short(each))) for each in (name, own)]
    counties = [match["county"] for each in (name, own) if (match := re.search(patterns().county, plain(each)))]
    return kinds[0] != kinds[1] and len(set(counties)) < 2


def other_agencies(filing: Filing, known: Collection[str]) -> tuple[Mention, ...]:
    """Where a full name of `known` stands as the report's own and is another agency's.

    `known` is asked for membership only: a frozenset of names without spaces is the fastest.
    """
    if not filing.agency:
        return ()
    others = known if isinstance(known, frozenset) else frozenset(known)
    own = filing.agency
    return tuple(each for each in names(filing) if plain(each.quote) in others and not same_agency(each.quote, own))


def same_agency(a: str, b: str) -> bool:
    """Whether two names may be one agency's: written in full, without its places, shortened, or as its office.

    A government and its office report for each other.
    """
    ways = ({_short(each), re.sub(patterns().outer, "", _short(each))} for each in (a, b))
    return any(_is_short_for(x, y) or _is_short_for(y, x) for x, y in _pairs(*ways))


def _pairs(some: set[str], others: set[str]) -> Iterator[tuple[str, str]]:
    return ((x, y) for x in some for y in others)


def _is_short_for(short: str, name: str) -> bool:
    """Whether `short` keeps the order of the characters of `name`, and its last."""
    rest = iter(name)
    return short[-1:] == name[-1:] and all(each in rest for each in short)


@lru_cache(4096)
def _short(name: str) -> str:
    """A name without what is said or left out at will."""
    short = re.sub(r"\([^()]*\)", "", plain(name))
    for pattern, shorter in patterns().shortened:
        short = re.sub(pattern, shorter, short) or short
    return short
