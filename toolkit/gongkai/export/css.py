"""What a table's own style sheet says of its cells: the few properties that a report can show.

pandas writes the colours of a styled table as rules for the ids of its cells. Sizes, frames and spacing are set by the
layout of the report; what would carry meaning and cannot be shown (bars, pictures, hidden text) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gongkai.catalogues import say
from gongkai.export.refused import RefusedError

SHOWN = {
    "background",
    "background-color",
    "color",
    "font-style",
    "font-weight",
    "text-align",
    "text-decoration",
    "text-decoration-line",
    "vertical-align",
}
REFUSED = re.compile(r"gradient|url|image-set|hidden|none|collapse", re.IGNORECASE)
"""What the properties below must not be."""
WATCHED = {"background", "background-image", "display", "visibility"}
EMPTY = re.compile(r"none|transparent|normal|initial|inherit|unset|''|\"\"", re.IGNORECASE)

SAME = {"background": "background-color"}

Declarations = dict[str, str]


class Styles:
    """The declarations for each element of a parsed piece of HTML, those of its attribute ``style`` last."""

    def __init__(self, root: Any) -> None:
        """Reads the style sheets in `root`. Raises RefusedError for what cannot be shown."""
        self._of: dict[Any, Declarations] = {}
        self._ids: dict[str, Any] = {}
        sheets = ["".join(sheet.itertext()) for sheet in root.iter("style")]
        if any(sheets):
            self._ids = {each.get("id"): each for each in root.iter() if each.get("id")}
            for sheet in sheets:
                self._apply(root, sheet)
        for element in root.xpath(".//*[@style or @hidden]"):
            if "hidden" in element.attrib:
                raise RefusedError(say("refused.style", declaration="hidden"))
            self._of.setdefault(element, {}).update(_declarations(element.get("style")))

    def of(self, element: Any) -> Declarations:
        """What is declared for `element` itself."""
        return self._of.get(element, {})

    def _apply(self, root: Any, sheet: str) -> None:
        import tinycss2

        rules = [
            (tinycss2.serialize(rule.prelude).split(","), found)
            for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
            if rule.type == "qualified-rule" and (found := _declarations(tinycss2.serialize(rule.content)))
        ]
        # A rule for an id outweighs all others, wherever it stands.
        for by_id in (False, True):
            for selectors, found in rules:
                for selector in map(str.strip, selectors):
                    if (selector.startswith("#") and selector[1:] in self._ids) is by_id:
                        for element in self._chosen(root, selector, by_id):
                            self._of.setdefault(element, {}).update(found)

    def _chosen(self, root: Any, selector: str, by_id: bool) -> Iterator[Any]:
        from cssselect import ExpressionError, SelectorError

        if by_id:
            yield self._ids[selector[1:]]
            return
        try:
            yield from root.cssselect(selector)
        except (ExpressionError, SelectorError):
            # What is chosen by hovering or focus is not on paper.
            return


def _declarations(text: str) -> Declarations:
    import tinycss2

    found = {}
    for each in tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True):
        if each.type != "declaration":
            continue
        value = tinycss2.serialize(each.value).strip()
        if _is_refused(each.lower_name, value):
            raise RefusedError(say("refused.style", declaration=f"{each.lower_name}: {value}"[:60]))
        if each.lower_name in SHOWN:
            found[SAME.get(each.lower_name, each.lower_name)] = value.lower()
    return found


def _is_refused(name: str, value: str) -> bool:
    """Whether it draws what no cell can, adds text, or hides what stands there."""
    is_empty = bool(EMPTY.fullmatch(value))
    if name == "content":
        return not is_empty
    return name in WATCHED and bool(REFUSED.search(value)) and not (is_empty and name.startswith("background"))


def color(value: str) -> str:
    """`value` as ``#rrggbb``; "" for what is transparent, inherited or no colour."""
    import tinycss2.color4

    parsed = tinycss2.color4.parse_color(value)
    if parsed is None or parsed == "currentcolor" or not parsed.alpha:
        return ""
    red, green, blue = (
        round(255 * (1 - parsed.alpha + parsed.alpha * min(max(part, 0), 1))) for part in parsed.to("srgb").coordinates
    )
    return f"#{red:02x}{green:02x}{blue:02x}"
