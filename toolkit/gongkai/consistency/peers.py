"""Which texts of a run are most like which: each held against all others, without looking at every pair.

Texts are counters of sentences. Each sentence leads to the texts that hold it, so that only texts with something in
common ever meet; what stands in more than `EVERYBODYS` different texts is everybody's, and not compared. So a text
costs at most `EVERYBODYS` steps a sentence, however many texts there are, and nothing is left to chance. Texts that are
equal count as one: a hundred copies of one text are found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gongkai.consistency.views.likeness import ENOUGH, share

EVERYBODYS = 50
"""Different texts up to which a sentence is somebody's own, or somebody else's; what stands in more is everybody's."""
FLOOR = 0.5
"""The share from which on two texts are alike enough to be told to a rule."""

Different = Callable[[int, int], bool]
"""Whether the texts at two positions are those of different agencies."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, by position: of `ours` the share `alike` of `extent` characters stands in `theirs`, by `sentences`."""

    ours: int
    theirs: int
    alike: float
    extent: int
    sentences: Counter[str]


def nearest(texts: Mapping[int, Counter[str]], different: Different) -> list[Pair]:
    """Each text with that of another agency which is most like it, where `FLOOR` or more of the one is in the other.

    A pair is told once, from the side of which more is in the other, else from the first.
    """
    found = {frozenset((pair.ours, pair.theirs)): pair for pair in _each(_Groups(texts), different)}
    return sorted(found.values(), key=lambda pair: (pair.ours, pair.theirs))


class _Groups:
    """Equal texts together, each group with its positions; and for each sentence the groups that hold it."""

    def __init__(self, texts: Mapping[int, Counter[str]]) -> None:
        found: dict[frozenset[tuple[str, int]], list[int]] = defaultdict(list)
        for position, text in texts.items():
            found[frozenset(text.items())].append(position)
        self.members: Sequence[list[int]] = list(found.values())
        whole = [texts[members[0]] for members in self.members]
        count = Counter(sentence for text in whole for sentence in text)
        self.texts = [
            Counter({sentence: number for sentence, number in text.items() if count[sentence] <= EVERYBODYS})
            for text in whole
        ]
        self.holders: dict[str, list[int]] = defaultdict(list)
        for group, text in enumerate(self.texts):
            for sentence in text:
                self.holders[sentence].append(group)

    def extent(self, group: int) -> int:
        """The characters that are compared of one."""
        return sum(len(sentence) * number for sentence, number in self.texts[group].items())

    def pairs(self, *both: tuple[int, int]) -> Iterator[Pair]:
        """Two texts, each a group and a position of it, from the side of either that is long enough."""
        for (group, ours), (other, theirs) in (both, both[::-1]):
            alike, extent = share(self.texts[group], self.texts[other])
            if extent >= ENOUGH:
                yield Pair(ours, theirs, alike, extent, self.texts[group] & self.texts[other])

    def others(self, group: int) -> list[int]:
        """The groups that have something in common with one, those with most first, and that itself before all."""
        text = self.texts[group]
        common: Counter[int] = Counter()
        for sentence, number in text.items():
            for other in self.holders[sentence]:
                common[other] += len(sentence) * min(number, self.texts[other][sentence])
        return sorted(common, key=lambda other: (other != group, -common[other], other))


def _each(groups: _Groups, different: Different) -> Iterator[Pair]:
    for group in range(len(groups.texts)):
        if groups.extent(group) < ENOUGH:
            continue
        others = groups.others(group)
        for position in groups.members[group]:
            there = ((other, each) for other in others for each in groups.members[other] if different(position, each))
            if found := next(there, None):
                pair = max(groups.pairs((group, position), found), key=lambda pair: (pair.alike, -pair.ours))
                if pair.alike >= FLOOR:
                    yield pair
