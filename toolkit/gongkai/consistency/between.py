"""The views across the agencies of a run: texts beside those of others, names of others, who has handed in nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from gongkai.consistency.group import Group, compared, plain
from gongkai.consistency.lines import Line, Subject
from gongkai.consistency.peers import EVERYBODYS, nearest
from gongkai.consistency.views.likeness import told
from gongkai.consistency.views.prose import PREAMBLE
from gongkai.consistency.views.reports import place
from gongkai.consistency.words import pattern
from gongkai.filing import Filing, Number
from gongkai.narrative.mentions import Mention, other_agencies

LONG = 10
"""Characters of a sentence, bare of names and digits, from which on no two agencies write it by chance."""


class Row(NamedTuple):
    """A row of a view: whose it is, by position; which other agency it is about, and what they have in common."""

    position: int
    line: Line
    other: Filing | None = None
    alike: Number = None
    sentences: tuple[str, ...] = ()


def peers(group: Group) -> Iterator[Row]:
    """The view `peers`."""
    for (_, key), texts in group.texts.items():
        for pair in nearest(texts, group.differ):
            ours, theirs = group.whose[pair.ours], group.whose[pair.theirs]
            sentences = told(ours, compared(ours)[key], without=group.without)
            common = dict.fromkeys(words for bare, words in sentences if bare in pair.sentences)
            values = {"key": key, "other": theirs.agency or theirs.agency_code, "alike": pair.alike}
            line = Line(values=values | {"extent": pair.extent}, text=key)
            yield Row(pair.ours, line, theirs, Decimal(repr(pair.alike)), tuple(common))


def others(group: Group) -> Iterator[Row]:
    """The view `others`: where an agency speaks of itself, and in sentences that the other agency has as well."""
    known, copies = frozenset(group.named), _copies(group)
    for position, filing in enumerate(group.filings):
        found = list(copies(position, filing))
        if filing.agency and _names_others(group, filing):
            found += [(each, each.quote, None) for each in other_agencies(filing, known)]
        told_of: set[tuple[str, int, int]] = set()
        for mention, name, sentence in found:
            if (at := (mention.text, mention.passage, mention.start)) not in told_of:
                told_of.add(at)
                other = next(each for each in group.named[plain(name)] if group.differ(position, each))
                values = {"name": name, "agency": filing.agency}
                line = Line(values=values, **place(Subject(filing, None), mention))
                line = replace(line, quote=sentence) if sentence else line
                yield Row(position, line, group.whose[other], None, (sentence,) if sentence else ())


def roster(group: Group) -> Iterator[Row]:
    """The view `roster`."""
    for number, (filing, missing) in enumerate(zip(group.expected, group.missing, strict=True)):
        values = {"agency": filing.agency, "kind": "missing" if missing else "present"}
        yield Row(len(group.filings) + number, Line(values=values))


VIEWS: Mapping[str, Callable[[Group], Iterator[Row]]] = {"peers": peers, "others": others, "roster": roster}

Found = tuple[Mention, str, str | None]
"""A mention of another agency, the name, and the sentence where it is a copied one."""


def _names_others(group: Group, filing: Filing) -> bool:
    """Whether any other agency's name stands anywhere in a filing; few do, and finding out where takes long."""
    words = [each.text for each in filing.facts.values()]
    words += [each.text for passages in filing.texts.values() for each in passages]
    own = plain(filing.agency or "")
    return any(each.group() != own for each in group.names.finditer(plain("\n".join(words))))


def _copies(group: Group) -> Callable[[int, Filing], Iterator[Found]]:
    """What finds, for a position, the sentences that name another agency and are one of its own as well."""
    written: dict[int, set[str]] = defaultdict(set)
    for texts in group.texts.values():
        for position, text in texts.items():
            written[position].update(text)
    count = Counter(sentence for sentences in written.values() for sentence in sentences)

    def is_copied(bare: str, position: int, other: int) -> bool:
        return (
            len(bare) >= LONG
            and count[bare] <= EVERYBODYS
            and bare in written.get(other, ())
            and group.whose[other].level != "government"
            and group.whose[other].year == group.whose[position].year
            and group.differ(position, other)
        )

    def copies(position: int, filing: Filing) -> Iterator[Found]:
        passages = [(key, n, each.text) for key, each_ in filing.texts.items() for n, each in enumerate(each_)]
        for key, number, text in passages:
            if key == PREAMBLE or not group.names.search(text):
                continue
            for sentence in pattern("sentence").finditer(text):
                bare = group.without.sub("", "".join(sentence.group().split()))
                for name in group.names.finditer(text, *sentence.span()):
                    if any(is_copied(bare, position, other) for other in group.named[name.group()]):
                        start, end = name.span()
                        mention = Mention(text=key, passage=number, start=start, end=end, quote=name.group())
                        yield mention, name.group(), sentence.group().strip()

    return copies
