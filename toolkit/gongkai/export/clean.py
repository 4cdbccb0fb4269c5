"""What HTML may reach a page: structure and text; nothing that runs, nothing that is loaded from elsewhere."""

from __future__ import annotations

import re

import nh3

# fmt: off
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p", "pre",
    "q", "s", "section", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "u", "ul", "var",
}
# fmt: on
ATTRIBUTES = {
    "*": {"id", "class", "title", "lang", "aria-label", "data-table"},
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "img": {"src", "alt"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"rowspan", "colspan", "headers", "data-cell"},
    "th": {"rowspan", "colspan", "headers", "scope"},
}
PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*", re.ASCII)


class RefusedError(Exception):
    """Something that has no place on a page; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def clean(html: str) -> str:
    """`html` with nothing in it that runs or loads. Raises RefusedError for a picture from elsewhere."""
    pictures = 0

    def keep(tag: str, attribute: str, value: str) -> str | None:
        nonlocal pictures
        if attribute == "href":
            # Links within the page stay; an address elsewhere has no use on paper.
            return value if value.startswith("#") else None
        if (tag, attribute) == ("img", "src"):
            if not PICTURE.fullmatch(value):
                return None
            pictures += 1
        return value

    cleaned: str = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=keep, link_rel=None, url_schemes={"data"}
    )
    # An error raised by the filter would not reach our caller, and it does not see every address.
    if cleaned.count("<img") != pictures:
        raise RefusedError("<img>")
    return cleaned
