"""What each Word file starts from: our own empty document, or the ``reference.docx`` of an office, completed by us.

Of a reference its styles, page, headers and footers are kept, its text is not. What it lacks of ours is added.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any
from zipfile import BadZipFile, ZipFile

import docx
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart
from lxml.etree import XMLSyntaxError

from gongkai.errors import AuthoringError
from gongkai.export.docx.pack import pack

TEMPLATES = Path(__file__).parent / "template"
FONTS = ("title", "body", "one", "two")
"""The places in the style sheet that name a font of Latin letters."""
KEPT = ("STYLES", "SETTINGS", "NUMBERING", "HEADER", "FOOTER", "FONT_TABLE", "THEME", "FOOTNOTES", "ENDNOTES")
"""What a document keeps of what its body leads to; pictures, comments, links and the like go with the text."""
LARGEST = 64 * 2**20
"""Bytes that a reference may unfold to."""
COMPOUND = b"\xd0\xcf\x11\xe0"
"""How an encrypted document begins, and a .doc."""
LEVELS = 9
"""Of lists; Word knows no more."""
NOT_WORD = (
    BadZipFile,
    XMLSyntaxError,
    zlib.error,
    KeyError,
    ValueError,
    AttributeError,
    RuntimeError,
    NotImplementedError,
)
"""What python-docx, lxml and zipfile raise of a file that is not a Word document, or is damaged."""


@dataclass(frozen=True, slots=True)
class Base:
    """An empty document.

    `styles` are its ids of styles by ours, `bullets` and `numbers` its two kinds of list; the numberings of lists count
    from `lists`.
    """

    data: bytes
    styles: Mapping[str, str]
    bullets: int
    numbers: int
    lists: int


@lru_cache(maxsize=4)
def prepared(reference: bytes | None, name: str, fonts: tuple[str, ...]) -> Base:
    """The base, made from the `reference` called `name` if there is one; `fonts` are those of Latin letters by `FONTS`.

    Raises AuthoringError for a reference that is no Word document, is encrypted or damaged, holds macros, or has
    headers or footers that lead outside.
    """
    document = _blank() if reference is None else _opened(reference, name)
    _emptied(document)
    styles = _styled(document, fonts)
    _paged(document, styles)
    bullets, numbers, lists = _lists(document)
    return Base(pack(document.part.package), styles, bullets, numbers, lists)


def template(name: str, **values: object) -> Any:
    """The element in one of our files, with `values` filled in."""
    return parse_xml(Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values).encode())


def _blank() -> Any:
    """python-docx's own document without what is in it."""
    document = docx.Document()
    document.styles.element[:] = []
    document.part.numbering_part.element[:] = []
    document.settings.element[:] = list(template("settings.xml"))
    document.element.body[:] = [template("section.xml")]
    for key, relationship in list(document.part.rels.items()):
        if relationship.reltype in (RELATIONSHIP_TYPE.FONT_TABLE, RELATIONSHIP_TYPE.THEME):
            del document.part.rels[key]
    fonts = (TEMPLATES / "fonts.xml").read_bytes()
    part = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, fonts, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)
    return document


def _opened(data: bytes, name: str) -> Any:
    if data.startswith(COMPOUND):
        raise AuthoringError("reference_encrypted", file=name)
    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise AuthoringError("reference_too_large", file=name, limit=LARGEST // 2**20)
            if any(member.filename.endswith("vbaProject.bin") for member in archive.infolist()):
                raise AuthoringError("reference_macros", file=name)
        document = docx.Document(BytesIO(data))
        # Each is read where it is there, and made where it is missing, numberings by us as python-docx makes none.
        _ = document.styles.element, document.settings.element, _numbered(document).element
        _ = document.sections[-1].page_width
    except NOT_WORD as error:
        raise AuthoringError("reference_broken", file=name) from error
    _shut(document, name)
    return document


def _numbered(document: Any) -> Any:
    main = document.part
    if all(each.reltype != RELATIONSHIP_TYPE.NUMBERING for each in main.rels.values()):
        empty = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        name = PackURI("/word/numbering.xml")
        main.relate_to(
            NumberingPart(name, CONTENT_TYPE.WML_NUMBERING, empty, main.package), RELATIONSHIP_TYPE.NUMBERING
        )
    return main.numbering_part


def _shut(document: Any, name: str) -> None:
    """Cut what leads outside: a template attached to the settings goes, a link in a header or footer is refused."""
    for relationship in document.part.rels.values():
        if relationship.is_external:
            continue
        part = relationship.target_part
        outside = [key for key, each in part.rels.items() if each.is_external]
        if outside and relationship.reltype == RELATIONSHIP_TYPE.SETTINGS:
            for element in [each for each in part.element.iter() if each.get(qn("r:id")) in outside]:
                element.getparent().remove(element)
            for key in outside:
                del part.rels[key]
        elif outside and relationship.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER):
            raise AuthoringError("reference_links", file=name, target=part.rels[outside[0]].target_ref)


def _emptied(document: Any) -> None:
    """Leave of the document its last section, and of its parts those that a new text can use."""
    body = document.element.body
    section = body.sectPr if body.sectPr is not None else template("section.xml")
    body[:] = [section]
    used = {each.get(qn("r:id")) for each in section}
    kept = {getattr(RELATIONSHIP_TYPE, name) for name in KEPT}
    paged = (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
    for key, relationship in list(document.part.rels.items()):
        if relationship.reltype not in kept or (relationship.reltype in paged and key not in used):
            del document.part.rels[key]
    for each in list(section):
        if each.get(qn("r:id"), "") not in ("", *document.part.rels):
            section.remove(each)
    package = document.part.package
    for key, relationship in list(package.rels.items()):
        if relationship.reltype != RELATIONSHIP_TYPE.OFFICE_DOCUMENT:
            del package.rels[key]


def _styled(document: Any, fonts: tuple[str, ...]) -> dict[str, str]:
    """The document's ids of our styles; what it has under another id it keeps, what it lacks it gets."""
    ours = template("styles.xml", **dict(zip(FONTS, fonts, strict=True)))
    theirs = document.styles.element
    if theirs.find(qn("w:docDefaults")) is None:
        theirs.insert(0, ours.find(qn("w:docDefaults")))
    _speaks(theirs)
    known = {_name(style): style.get(qn("w:styleId")) for style in theirs.findall(qn("w:style"))}
    taken = set(known.values())
    added, ids = [], {}
    for style in ours.findall(qn("w:style")):
        own = style.get(qn("w:styleId"))
        ids[own] = known.get(_name(style)) or (f"gk{own}" if own in taken else own)
        if _name(style) not in known:
            added.append(style)
    for style in added:
        _rename(style, ids)
        theirs.append(style)
    return ids


def _name(style: Any) -> tuple[str, str]:
    """What a style is known by: its kind, and its name, which programs write in small letters or large ones."""
    return style.get(qn("w:type"), "paragraph"), style.find(qn("w:name")).get(qn("w:val")).lower()


def _rename(style: Any, ids: Mapping[str, str]) -> None:
    style.set(qn("w:styleId"), ids[style.get(qn("w:styleId"))])
    for tag in ("w:basedOn", "w:next"):
        element = style.find(qn(tag))
        if element is not None:
            element.set(qn("w:val"), ids[element.get(qn("w:val"))])


def _speaks(styles: Any) -> None:
    """State the languages in the defaults of all text: characters are Chinese, letters English, as Word has it.

    Letters that were called Chinese would be torn at the end of a line.
    """
    defaults = styles.find(qn("w:docDefaults"))
    holder = defaults.find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
    if holder is None:
        for old in defaults.findall(qn("w:rPrDefault")):
            defaults.remove(old)
        defaults.insert(0, parse_xml(f"<w:rPrDefault {nsdecls('w')}><w:rPr/></w:rPrDefault>"))
        holder = defaults[0][0]
    for old in holder.findall(qn("w:lang")):
        holder.remove(old)
    after = [each for each in holder if each.tag in (qn("w:eastAsianLayout"), qn("w:specVanish"), qn("w:oMath"))]
    element = parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>')
    holder.insert(len(holder) - len(after), element)


def _paged(document: Any, styles: Mapping[str, str]) -> None:
    """Number the pages of a document that has neither headers nor footers."""
    section = document.sections[-1]
    if any(each.tag in (qn("w:headerReference"), qn("w:footerReference")) for each in section._sectPr):
        return
    document.settings.odd_and_even_pages_header_footer = True
    names = {"footer": styles["Footer"], "number": styles["PageNumber"]}
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        footer._element[:] = [template("footer.xml", side=side, **names)]


def _lists(document: Any) -> tuple[int, int, int]:
    """Add our two kinds of list: their ids, and the first id that is free for the numbering of a list."""
    numbering = document.part.numbering_part.element
    kinds = [int(each.get(qn("w:abstractNumId"))) for each in numbering.findall(qn("w:abstractNum"))]
    used = [int(each.get(qn("w:numId"))) for each in numbering.findall(qn("w:num"))]
    bullets = max(kinds, default=-1) + 1
    marks: tuple[Callable[[int], str], ...] = (lambda level: "\u2022\u2013"[level % 2], lambda level: f"%{level + 1}.")
    place = len(numbering.findall(qn("w:numPicBullet"))) + len(kinds)
    for number, (form, mark) in enumerate(zip(("bullet", "decimal"), marks, strict=True)):
        numbering.insert(place + number, _kind(bullets + number, form, mark))
    return bullets, bullets + 1, max(used, default=0) + 1


def _kind(number: int, form: str, mark: Callable[[int], str]) -> Any:
    """A kind of list: the mark two characters in like a paragraph, the text beside it, each level further in."""
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{mark(level)}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{1120 + 480 * level}" w:hanging="480"/></w:pPr></w:lvl>'
        for level in range(LEVELS)
    )
    return parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>{levels}'
        "</w:abstractNum>"
    )
