"""Web pages as agencies publish and save them: any table markup, any encoding; nothing of a page is run or fetched."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from typing import Any

from gongkai.errors import InputError
from gongkai.filing import Filing, Source
from gongkai.intake.interface import Document, Reader
from gongkai.intake.printed import LAYOUT, Field, Grid, Paragraph, Printed, bounded, too_long
from gongkai.intake.published import filing_of

MAX_MARKS = 100_000
"""Signs that begin a tag; a page has some thousands, one that a word processor saved some ten thousand."""
MAX_ATTRIBUTES = 2000
"""Characters of the attributes of a tag, from which on these are counted."""
MAX_EFFORT = 4 * 10**8
"""How often the parser may compare two attributes: each with all others of its tag. A second has a thousand million."""
MAX_SPAN = 100
"""Columns or rows that one cell spans at most; the tables of the form have fifteen and twenty-eight."""
MAX_PLACES = 500_000
"""Columns that the cells of all tables cover or pass by."""
MAX_NAME = 80
"""Characters of the name of a picture."""
UNSEEN = {"script", "style", "noscript", "template", "head", "select", "option", "textarea", "button", "iframe", "svg"}
BREAKS = {"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "nav"}
BREAKS |= {"ul", "ol", "dl", "dt", "dd", "tr", "table", "blockquote", "center", "form", "main", "pre", "hr", "aside"}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_TAG = re.compile(
    r"""<[a-z][^\s/>]*+((?>[\s/]*[^\s/>][^\s/>=]*(?>\s*=\s*(?>"[^"]*"|'[^']*'|[^\s>]*))?)*)""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""[\s/]*[^\s/>][^\s/>=]*(?>\s*=\s*(?>"[^"]*"|'[^']*'|[^\s>]*))?""")
_HTML_PART = re.compile(rb"^content-type:\s*text/html\b", re.IGNORECASE | re.MULTILINE)
_PACKED = re.compile(rb"^content-transfer-encoding:\s*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|table|div|p|meta|title)\b", re.IGNORECASE)


class HTMLReader(Reader):
    """Reads a web page, also one that was saved whole (MHTML) or that calls itself .doc or .xls."""

    def recognises(self, document: Document) -> bool:
        start = document.content[:4096]
        return _is_archive(start) or (b"\0" not in start[:512] and bool(_MARKUP.search(start))) or _utf16(start)

    def read(self, document: Document) -> Filing:
        return filing_of(printed(document), document)


def printed(document: Document) -> Printed:
    """What a page shows. Raises InputError where it cannot be parsed or is nested as no page is."""
    text = _decoded(_page(document))
    _refuse_dangerous(text, document.name)
    from lxml import etree

    # The parser of lxml.html makes the same tree of elements that know more, which takes a while.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        tree = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise InputError("broken_page", file=document.name, reason=type(error).__name__) from error
    if tree is None:
        raise InputError("broken_page", file=document.name, reason="HTML")
    if any("depth" in error.message.lower() for error in parser.error_log):
        # What is nested deeper than the parser goes would be missing without a word.
        raise InputError("broken_page", file=document.name, reason="depth")
    return list(bounded(_Page(document.name).blocks(tree), document.name))


def _refuse_dangerous(text: str, file: str) -> None:
    """Refuse what the parser would take long for: very many tags, or tags with very many attributes."""
    effort = 0
    if text.count("<") <= MAX_MARKS:
        for tag in _TAG.finditer(text):
            if len(tag[1]) > MAX_ATTRIBUTES:
                effort += sum(1 for _ in _ATTRIBUTE.finditer(tag[1])) ** 2
        if effort <= MAX_EFFORT:
            return
    raise InputError("page_marks", file=file, limit=MAX_MARKS)


class _Page:
    def __init__(self, file: str) -> None:
        self.file = file
        self.left = MAX_PLACES

    def source(self, element: Any) -> Source:
        return Source(file=self.file, line=element.sourceline)

    def blocks(self, root: Any) -> Iterator[Paragraph | Grid]:
        """The paragraphs and tables below `root`, in reading order."""
        words: list[str] = []
        pictures: list[Paragraph] = []
        place, blank = root, 0

        def flush() -> Iterator[Paragraph]:
            nonlocal blank
            blank = 0
            text = _spaced("".join(words))
            words.clear()
            if text.strip():
                yield Paragraph(text, self.source(place))
            yield from pictures
            pictures.clear()

        # A loop and no recursion: pages are nested as deep as whoever wrote them likes.
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            element, leaving = stack.pop()
            breaks = element.tag in BREAKS
            if leaving:
                if breaks:
                    yield from flush()
                words.append(element.tail or "")
                continue
            if breaks:
                yield from flush()
                place = element
            if not _seen(element):
                words.append(element.tail or "")
            elif element.tag == "table" and not _lays_out(element):
                yield self._grid(element)
                words.append(element.tail or "")
            else:
                pictures += self._picture(element)
                words.append(element.text or "")
                while blank < len(words) - 1 and not words[blank].strip():
                    blank += 1
                place = element if blank == len(words) - 1 else place
                stack.append((element, True))
                stack += [(child, False) for child in reversed(element)]
        yield from flush()

    def _picture(self, element: Any) -> list[Paragraph]:
        """The picture that an element is, called as its page or else its file is; nothing if it is none."""
        if element.tag != "img":
            return []
        file = re.match(r"(?!data:)(?:[^?#]*/)?([^/?#]+)", element.get("src") or "")
        name = (element.get("alt") or "").strip() or (file[1] if file else element.tag)
        return [Paragraph("", self.source(element), name[:MAX_NAME])]

    def _grid(self, table: Any) -> Grid:
        """A table as it is shown; a merged cell spans columns of the grid that cells above it leave free."""
        rows: list[tuple[Field, ...]] = []
        until: dict[int, int] = {}
        for number, row in enumerate(each for each in table.iter("tr") if _seen(each) and _seen(each.getparent())):
            fields: list[Field] = []
            column = 0
            for cell in filter(_seen, row.iterchildren("td", "th")):
                while until.get(column, 0) > number:
                    column += 1
                    self.left -= 1
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                text = _text(cell)
                fields.append(Field(text, column, column + width, self.source(cell), height))
                until |= dict.fromkeys(range(column, column + width), number + height)
                column += width
                self.left -= width
                if self.left < 0:
                    raise too_long(self.file)
            if fields:
                rows.append(tuple(fields))
        return Grid(tuple(rows))


def _seen(element: Any) -> bool:
    return (
        isinstance(element.tag, str)
        and element.tag not in UNSEEN
        and element.get("hidden") is None
        and not _HIDDEN.search(element.get("style") or "")
    )


def _lays_out(table: Any) -> bool:
    """Whether a table lays out the page: it holds other tables, nothing but pictures, or in one cell a page's text."""
    if next(table.iterdescendants("table"), None) is not None:
        return True
    if next(table.iterdescendants("img"), None) is not None and not "".join(table.itertext()).strip():
        return True
    return any(len("".join(cell.itertext())) > LAYOUT for cell in table.iter("td"))


def _text(cell: Any) -> str:
    """The text of a cell, a line for each line that is shown."""
    parts = [_spaced(cell.text or "")]
    stack: list[tuple[Any, bool]] = [(child, False) for child in reversed(cell)]
    while stack:
        element, leaving = stack.pop()
        if element.tag in BREAKS:
            parts.append("\n")
        if leaving or not _seen(element):
            # Line breaks of the source are spaces.
            parts.append(_spaced(element.tail or ""))
        else:
            parts.append(_spaced(element.text or ""))
            stack += [(element, True), *((child, False) for child in reversed(element))]
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _spaced(text: str) -> str:
    return _SPACES.sub(" ", text)


def _span(cell: Any, name: str) -> int:
    found = re.match(r"\s*(\d{1,4})", cell.get(name) or "")
    return max(1, min(int(found[1]), MAX_SPAN)) if found else 1


def _is_archive(start: bytes) -> bool:
    head = start.lstrip().lower()
    return head.startswith((b"mime-version:", b"from:", b"subject:")) and b"multipart/related" in head


def _page(document: Document) -> bytes:
    """The page itself, taken out of its archive where it was saved as one."""
    if not _is_archive(document.content[:4096]):
        return document.content
    # Python's own reader of mail parses every part and header: for long where there are very many, or deep.
    kind = _HTML_PART.search(document.content)
    start = document.content.rfind(b"\n--", 0, kind.start()) if kind else -1
    boundary, _, rest = document.content[start + 1 :].partition(b"\n")
    head, blank, body = rest.partition(b"\n\r\n" if boundary.endswith(b"\r") else b"\n\n")
    if start < 0 or not blank:
        raise InputError("broken_page", file=document.name, reason="MHTML")
    body = body.partition(b"\n" + boundary.strip())[0]
    packed = _PACKED.search(head)
    try:
        match packed[1].lower() if packed else b"":
            case b"base64":
                return binascii.a2b_base64(body)
            case b"quoted-printable":
                return quopri.decodestring(body)
    except binascii.Error as error:
        raise InputError("broken_page", file=document.name, reason="MHTML") from error
    return body


def _utf16(content: bytes) -> bool:
    return content.startswith((b"\xff\xfe", b"\xfe\xff")) and b"<\0" in content[:512] + b"\0"


def _decoded(content: bytes) -> str:
    """The page as text: by its byte order mark, as UTF-8 where it is, else as it says, else in GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    declared = _DECLARED.search(content[:4096])
    named = declared[1].decode("ascii").lower() if declared else "gb18030"
    # What calls itself GB2312 holds characters of its successors.
    wanted = "gb18030" if named.startswith(("gb", "x-gbk", "hz")) else named
    for encoding in ("utf-8-sig", wanted, "gb18030"):
        try:
            return content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return content.decode("utf-8", errors="replace")
