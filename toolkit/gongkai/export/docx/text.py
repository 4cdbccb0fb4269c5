"""Text as WordprocessingML: characters, runs and paragraphs, their properties in the order of the standard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from gongkai.export.blocks import Line, Look, Run

if TYPE_CHECKING:
    from gongkai.export.docx.parts import Parts

ILLEGAL = [*range(9), 11, 12, *range(13, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
ESCAPES: dict[int, str | None] = dict.fromkeys(ILLEGAL) | {38: "&amp;", 60: "&lt;", 62: "&gt;", 34: "&quot;"}

ORDER = ("keepNext", "keepLines", "pageBreakBefore", "numPr", "spacing", "ind", "jc")
"""The properties that we give to single paragraphs, as CT_PPr orders them (ISO/IEC 29500-1, 17.3.1.26)."""
NOTHING: Mapping[str, str] = {}
KEEP_NEXT = {"keepNext": "<w:keepNext/>"}
SPLIT = re.compile(r"([\n\t])")
BREAKS = {"\n": "<w:br/>", "\t": "<w:tab/>"}


def escape(text: str) -> str:
    """`text` for an element or an attribute; what XML cannot hold is left out."""
    return text.translate(ESCAPES)


def plain(line: Line) -> str:
    """The text of a paragraph alone."""
    return "".join(run.text for run in line)


def paragraph(style: str, content: str, properties: Mapping[str, str] = NOTHING) -> str:
    """A paragraph of the style with this id; `properties` are elements by name."""
    own = "".join(properties[name] for name in ORDER if name in properties) if properties else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{own}</w:pPr>{content}</w:p>'


def runs(line: Line, parts: Parts, size: float | None = None) -> str:
    """The runs of a paragraph, set in `size` points where that is not the size of its style."""
    return "".join(_run(run, parts, size) for run in line)


def _run(run: Run, parts: Parts, size: float | None) -> str:
    look = run.look
    anchored = not look.link.startswith("#") or look.link[1:] in parts.anchors
    properties = _properties(look, size, parts.style["HTMLCode"], parts.style["Hyperlink"] if anchored else "")
    xml = f"<w:r>{properties}{_content(run.text)}</w:r>"
    if not look.link or not anchored:
        return xml
    if look.link.startswith("#"):
        return f'<w:hyperlink w:anchor="{bookmark_name(look.link[1:])}">{xml}</w:hyperlink>'
    return f'<w:hyperlink r:id="{parts.link(look.link)}">{xml}</w:hyperlink>'


def _content(text: str) -> str:
    pieces = [text] if text.isprintable() else SPLIT.split(text)
    return "".join(BREAKS.get(piece) or f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in pieces if piece)


@lru_cache(maxsize=1024)
def _properties(look: Look, size: float | None, code: str, hyperlink: str) -> str:
    """How a run differs from its paragraph, as CT_RPr orders it (ISO/IEC 29500-1, 17.3.2.28)."""
    style = code if look.code else hyperlink if look.link else ""
    half = size and round(size * 2)
    found = (
        style and f'<w:rStyle w:val="{style}"/>',
        look.bold and "<w:b/><w:bCs/>",
        look.italic and "<w:i/><w:iCs/>",
        look.strike and "<w:strike/>",
        look.color and f'<w:color w:val="{look.color[1:]}"/>',
        half and f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>',
        look.underline and '<w:u w:val="single"/>',
        look.background and f'<w:shd w:val="clear" w:color="auto" w:fill="{look.background[1:]}"/>',
        look.position and f'<w:vertAlign w:val="{look.position}script"/>',
    )
    own = "".join(each for each in found if each)
    return f"<w:rPr>{own}</w:rPr>" if own else ""


def bookmark_name(name: str) -> str:
    """`name` as a bookmark may be called: a letter, then at most 39 letters, digits and underscores.

    The address of a cell has its dots doubled to underscores; where that is not enough, the name ends in a digest, so
    that two names never share a bookmark. Names of the addresses of a form make the way back.
    """
    changed = name.replace(".", "__")
    if "__" not in name and re.fullmatch(r"[A-Za-z][0-9A-Za-z_]{0,39}", changed):
        return changed
    digest = blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return "b" * (not changed[:1].isalpha()) + re.sub(r"[^0-9A-Za-z_]", "_", changed)[:30] + "_" + digest
