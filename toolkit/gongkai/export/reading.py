"""From the HTML that a cell shows to blocks: structure and text; what has no place in a report is refused.

Nothing of the HTML itself reaches a page: each format is written anew from the blocks, so nothing in it can run, load
or break out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from typing import Any, cast
from urllib.parse import unquote

from gongkai.catalogues import say
from gongkai.export.blocks import (
    Block,
    Figure,
    Heading,
    Line,
    List,
    Look,
    PageBreak,
    Paragraph,
    Preformatted,
    Run,
    Signature,
    Title,
)
from gongkai.export.css import Declarations, Styles
from gongkai.export.fitting import title_lines
from gongkai.export.inline import BREAK, CHECKBOXES, INLINE, LOOKS, SPACE, refuse_text, styled, tidy
from gongkai.export.pictures import picture
from gongkai.export.refused import RefusedError

GROUPS = {"article", "aside", "body", "center", "div", "footer", "header", "html", "main", "nav", "p", "section"}
"""Elements that hold blocks and mean nothing by themselves."""
FLOWS = {"dl": "", "dt": "", "dd": "", "blockquote": "quote"}
"""Elements that hold blocks, and the style that their paragraphs take on."""
SILENT = {"head", "meta", "style", "title"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
"""The first ``h1`` is the title of the report, a later one is a section, as an ``h2`` is."""
ANCHORED = (*HEADINGS, "tr", "td", "th")
"""Elements that may be the target of a link."""
STYLES = {"front", "summary"}
ALIGNMENTS = {"left", "center", "right"}
LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+|#\S+", re.IGNORECASE)
DEEPEST_LIST = 9
"""Levels of a list that word processors know."""
MOST_LINES = 1000
"""Lines of output that somebody may still read; as many as rows of a table."""
NUMBER = re.compile("[0-9]{1,6}")

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2029-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
"""What files cannot hold, or what lets numbers be read backwards."""
# Neither takes more time than its text is long, whatever that is.
SVG = re.compile(r"""<svg\b(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>|</svg\s*>""", re.IGNORECASE)
END = re.compile(r"</(?:body|html)\b[^<>]*>", re.IGNORECASE)


def parse(html: str) -> Any:
    """The tree of a piece of HTML. Raises RefusedError for control characters, also those written as entities."""
    from lxml import etree

    _check(html)
    # What follows the end of the page would be lost.
    html = END.sub("", "".join(_drawn(html.replace("\r\n", "\n").replace("\r", "\n"))))
    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    root: Any = etree.fromstring(f"<html><body>{html}".encode(), parser).find("body")
    if "&" in html:
        _check(str(etree.tostring(root, encoding="unicode", method="html")))
    return root


def _check(text: str) -> None:
    if found := CONTROL.search(text):
        raise RefusedError(say("refused.control_character", code=f"U+{ord(found.group()):04X}"))


def _drawn(html: str) -> Iterator[str]:
    """The parts of `html`, each drawing as a picture: an HTML parser would put the names in it into small letters."""
    depth = start = done = 0
    for tag in SVG.finditer(html):
        if depth == 0:
            start = tag.start()
        if tag.group().startswith("</"):
            depth -= depth > 0
        elif not tag.group().endswith("/>"):
            depth += 1
        if depth == 0 and not html.startswith("</", start):
            yield html[done:start]
            yield _drawing(html[start : tag.end()])
            done = tag.end()
    yield html[done:]


def _drawing(text: str) -> str:
    from lxml import etree

    if "xmlns=" not in text.partition(">")[0]:
        text = re.sub(r"<svg\b", '<svg xmlns="http://www.w3.org/2000/svg"', text, count=1, flags=re.IGNORECASE)
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise RefusedError(say("picture.damaged")) from error
    title = root.find("{*}title")
    alt = root.get("aria-label") or ("" if title is None else title.text or "")
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}">'


class Reader:
    """Reads the pieces of one report one after the other: levels of headings go on from cell to cell."""

    def __init__(self, anchors: frozenset[str] = frozenset(), title: Any = None) -> None:
        """`anchors` are those that a link of the report leads to; others are left out. `title` is its title."""
        self.anchors = anchors
        self._title = title
        self.seen: set[str] = set()
        self._level = 0
        self._styles = Styles(parse(""))

    def read(self, root: Any) -> tuple[Block, ...]:
        """The blocks of a parsed piece. Raises RefusedError for what has no place in a report."""
        try:
            self._styles = Styles(root)
            return tuple(self._flow(root, Look()))
        except RecursionError as error:
            raise RefusedError(say("refused.nesting")) from error

    def anchor(self, element: Any) -> str:
        """The anchor of `element` where a link leads to it and no element before has the same."""
        name = element.get("id") or ""
        if name not in self.anchors or name in self.seen:
            return ""
        self.seen.add(name)
        return str(name)

    def declared(self, element: Any) -> Declarations:
        """What the style sheet declares for `element`."""
        return self._styles.of(element)

    def _flow(self, element: Any, look: Look, style: str = "body") -> Iterator[Block]:
        """The blocks in `element`; text between them makes paragraphs."""
        gathered: list[Run | Figure] = [Run(element.text or "", look)]

        def paragraphs() -> Iterator[Block]:
            yield from _paragraphs(gathered, Paragraph((), cast("Any", style), self._align(element)))
            gathered.clear()

        for child in element:
            if child.tag in INLINE:
                gathered += self._inline(child, look)
            else:
                yield from paragraphs()
                yield from self._block(child, look, style)
            gathered.append(Run(child.tail or "", look))
        yield from paragraphs()

    def _block(self, element: Any, look: Look, style: str) -> Iterator[Block]:
        from gongkai.export.tables import table

        tag = element.tag
        if tag == "table":
            yield table(self, element, look)
            return
        look = styled(look, self.declared(element))
        if tag in GROUPS:
            yield from self._group(element, look, style)
        elif tag in FLOWS:
            yield from self._flow(element, replace(look, bold=look.bold or tag == "dt"), FLOWS[tag] or style)
        elif tag in HEADINGS:
            yield from self._heading(element, look)
        elif tag in ("ul", "ol"):
            yield self._list(element, look)
        elif tag == "figure":
            yield self._figure(element, look)
        elif tag == "pre":
            yield from self._preformatted(element)
        elif tag == "hr":
            yield PageBreak()
        elif tag not in SILENT:
            raise RefusedError(say("refused.element", name=tag))

    def _group(self, element: Any, look: Look, style: str) -> Iterator[Block]:
        classes = (element.get("class") or "").split()
        if "signature" in classes:
            yield from self._signature(element)
            return
        if "appendix" in classes:
            yield PageBreak()
        yield from self._flow(element, look, next((each for each in classes if each in STYLES), style))

    def _align(self, element: Any) -> Any:
        """The alignment of what stands in `element`, its own or that of the nearest around it."""
        for each in (element, *element.iterancestors()):
            given = self.declared(each).get("text-align") or (each.get("align") or "").lower()
            if given or each.tag == "center":
                return given if given in ALIGNMENTS else "" if given else "center"
        return ""

    def _signature(self, element: Any) -> Iterator[Signature]:
        refuse_text(element)
        if others := [child.tag for child in element if child.tag != "p"]:
            raise RefusedError(say("refused.element", name=f"signature > {others[0]}"))
        if found := "\n".join(filter(None, (_text(self.line(child, Look())) for child in element))):
            yield Signature(tuple(found.split("\n")))

    def _heading(self, element: Any, look: Look) -> Iterator[Block]:
        line = self.line(element, look)
        if not _text(line).strip():
            return
        if element is self._title:
            yield Title(tuple(part for each in _text(line).split("\n") for part in title_lines(each)))
            return
        # Readers that jump from heading to heading, and PDF/UA, know no level that is left out.
        self._level = min(max(HEADINGS.index(element.tag), 1), self._level + 1)
        yield Heading(self._level, line, self.anchor(element))

    def _list(self, element: Any, look: Look) -> List:
        if sum(1 for above in element.iterancestors("ul", "ol")) >= DEEPEST_LIST:
            raise RefusedError(say("refused.nesting"))
        start, found = self.items(element)
        items = (tuple(self._flow(item, styled(look, self.declared(item)))) for item in found)
        return List(tuple(items), element.tag == "ol", start)

    @staticmethod
    def items(element: Any) -> tuple[int, list[Any]]:
        """The number that a list starts from, and its items. Raises RefusedError for what else it holds."""
        refuse_text(element)
        for child in element:
            if child.tag != "li":
                raise RefusedError(say("refused.element", name=f"{element.tag} > {child.tag}"))
        if element.tag == "ul":
            return 1, list(element)
        start = (element.get("start") or "1").strip()
        if not NUMBER.fullmatch(start) or "reversed" in element.attrib or element.find("li[@value]") is not None:
            raise RefusedError(say("refused.numbering"))
        return int(start), list(element)

    def _preformatted(self, element: Any) -> Iterator[Preformatted]:
        # Programs differ in how wide they set a tabulator.
        text = "".join(run.text for run in _only_text(self._inside(element, Look()))).replace(BREAK, "\n").expandtabs()
        text = text.strip("\n").rstrip()
        if (lines := text.count("\n") + 1) > MOST_LINES:
            raise RefusedError(say("refused.long_text", lines=lines, most=MOST_LINES))
        if text:
            yield Preformatted(text)

    def _figure(self, element: Any, look: Look) -> Figure:
        captions = [self.line(each, look) for each in element.iter("figcaption")]
        pictures = list(element.iter("img"))
        others = {each.tag for each in element} - {"img", "figcaption", "p", "a"}
        others |= {text.strip() for text in element.xpath(".//text()[not(ancestor::figcaption)]")} - {""}
        if len(pictures) != 1 or len(captions) > 1 or others:
            raise RefusedError(say("refused.element", name="figure"))
        return replace(_picture(pictures[0]), caption=next(iter(captions), ()))

    def line(self, element: Any, look: Look) -> Line:
        """The text of `element` as one line. Raises RefusedError where it holds blocks or pictures."""
        return tidy(_only_text(self._inside(element, look)))

    def runs(self, element: Any, look: Look) -> list[Run]:
        """The text of an element within a line. Raises RefusedError where it holds a picture."""
        return _only_text(self._inline(element, look))

    def _inside(self, element: Any, look: Look) -> Iterator[Run | Figure]:
        yield Run(element.text or "", look)
        for child in element:
            yield from self._inline(child, look)
            yield Run(child.tail or "", look)

    def _inline(self, element: Any, look: Look) -> Iterator[Run | Figure]:
        if element.tag == "br":
            yield Run(BREAK, look)
        elif element.tag == "img":
            yield _picture(element)
        elif element.tag == "input" and element.get("type") == "checkbox":
            yield Run(CHECKBOXES["checked" in element.attrib], look)
        elif element.tag in LOOKS:
            look = styled(replace(look, **LOOKS[element.tag]), self.declared(element))
            if element.tag == "a" and (address := element.get("href")):
                look = replace(look, link=self._link(address.strip()))
            yield from self._inside(element, look)
        elif element.tag not in SILENT:
            raise RefusedError(say("refused.element", name=element.tag))

    def _link(self, address: str) -> str:
        _check(address)
        if not LINK.fullmatch(address):
            raise RefusedError(say("refused.link", address=address[:60]))
        if not address.startswith("#"):
            return address
        return f"#{name}" if (name := place(address)) in self.anchors else ""


def place(address: str) -> str:
    """The anchor in the report that a link leads to."""
    return unquote(address.strip().removeprefix("#"))


def _text(line: Line) -> str:
    return "".join(run.text for run in line)


def _only_text(gathered: Iterable[Run | Figure]) -> list[Run]:
    runs = []
    for each in gathered:
        if isinstance(each, Figure):
            raise RefusedError(say("refused.picture_in_line"))
        runs.append(each)
    return runs


def _paragraphs(gathered: list[Run | Figure], like: Paragraph) -> Iterator[Block]:
    """The text gathered as paragraphs like `like`, pictures between them as figures of their own."""
    runs: list[Run] = []
    for each in [*gathered, None]:
        if isinstance(each, Run):
            runs.append(each)
            continue
        if line := tidy(runs):
            yield replace(like, line=line)
        runs = []
        if each is not None:
            yield each


def _picture(element: Any) -> Figure:
    width = (element.get("width") or "").removesuffix("px")
    # Widths of HTML are pixels of 1/96 inch.
    points = float(width) * 0.75 if width.replace(".", "", 1).isdecimal() else None
    alt = SPACE.sub(" ", element.get("alt") or "").strip()
    return Figure(picture(element.get("src") or "", width=points), alt)
