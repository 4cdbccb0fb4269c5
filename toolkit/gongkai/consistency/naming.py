"""The names of all agencies of a run as one pattern, so that a text is searched for thousands of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from gongkai.consistency.words import pattern

SHORTEST = 2
"""Characters of what an agency may be called by."""


def any_of(words: Iterable[str]) -> str:
    """A regular expression of `words`, the longest that fits first, written as a tree: it branches by character."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    # Most places are ruled out by their first character alone: looked up in a set, not tried branch by branch.
    first = "".join(re.escape(character) for character in tree)
    return f"(?=[{first}]){_branches(tree)}" if tree else r"(?!)"


def _branches(node: dict[str, Any]) -> str:
    chain = ""
    while len(node) == 1 and "" not in node:
        ((character, node),) = node.items()
        chain += re.escape(character)
    branches = [re.escape(character) + _branches(rest) for character, rest in node.items() if character]
    if not branches:
        return chain
    return chain + f"(?:{'|'.join(branches)})" + ("?" if "" in node else "")


def bare(names: Iterable[str]) -> re.Pattern[str]:
    """What sentences are compared without: `names` of agencies in all their ways, words for oneself, numbers."""
    called = any_of(way for name in dict.fromkeys(names) for way in _ways("".join(name.split())))
    before, after = pattern("before_name").pattern, pattern("after_name").pattern
    return re.compile(rf"{before}{called}{after}|(?:{pattern('self').pattern}){after}|\d+(?:[.,]\d+)*")


def _ways(name: str) -> Iterable[str]:
    """How an agency may be called: without the places above it, without the word for its office or its kind."""
    ways = {name}
    while found := pattern("name_outer").match(name):
        ways |= {found.group(), name[found.end() :]}
        name = name[found.end() :]
    for ending in ("name_office", "name_kind"):
        ways |= {pattern(ending).sub("", way) for way in ways}
    return sorted(way for way in ways if len(way) >= SHORTEST)
