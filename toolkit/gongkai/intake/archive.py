"""ZIP archives, which workbooks and Word files are: what kind it is, and whether it may be unpacked at all.

The one place of these limits. Sizes are read from the archive's directory before anything is inflated; they can be
trusted, since zipfile inflates no more than the directory says.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Literal
from xml.parsers import expat

from gongkai.errors import InputError
from gongkai.intake.interface import Document

Kind = Literal["xlsx", "docx", "ods", "odt", "ofd", "presentation", "xlsb", "other"]

MAX_MEMBERS = 1000
"""A report has some 20; with a picture on each page some 100."""
MAX_PART, MAX_XML = 16 * 2**20, 32 * 2**20
"""Bytes of one part and of all parts that are XML, inflated; an honest sheet or text has less than 4 MiB."""
MAX_MARKS = 1_000_000
"""Signs that begin a tag, in all parts that are XML: parsers take a second for some millions. A report has some
thousands; a sheet whose blank cells all look like something, some hundred thousand."""
_FEWER: Mapping[str, int] = {
    r".*\.rels|\[Content_Types\]\.xml": 30_000,
    r"word/document\.xml|content\.xml": 200_000,
}
"""The limits of parts that are slower to read, by their names."""
MAX_TOTAL = 256 * 2**20
"""Bytes of all members, inflated. Readers inflate no picture, so these may be large."""
MAX_RATIO, RATIO_FROM = 200, 2**20
"""How many times smaller what has more than `RATIO_FROM` bytes may be packed; XML is so by 10 to 50 times."""
MAX_PROLOG = 2**16
"""Bytes before the first element of an XML part."""

_ENTRY = b"PK\x01\x02"
_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_XML = (".xml", ".rels", ".vml", ".rdf")
_UNREAD = ("customXml/", "META-INF/")
"""Folders of parts that no reader opens."""
_MAIN_PARTS: Sequence[tuple[bytes, Kind]] = (
    (rb"spreadsheetml\.(sheet|template)\.main\+xml|ms-excel\.(sheet|template)\.macroEnabled\.main\+xml", "xlsx"),
    (rb"wordprocessingml\.(document|template)\.main\+xml|ms-word\.\w+\.macroEnabledTemplate\.main\+xml", "docx"),
    (rb"ms-word\.document\.macroEnabled\.main\+xml", "docx"),
    (rb"ms-excel\.sheet\.binary\.macroEnabled\.main", "xlsb"),
    (rb"presentationml\.|ms-powerpoint\.", "presentation"),
)
_MIMETYPES: Sequence[tuple[bytes, Kind]] = (
    (rb"opendocument\.spreadsheet", "ods"),
    (rb"opendocument\.text", "odt"),
    (rb"opendocument\.presentation", "presentation"),
)
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/"
"""The namespaces of ISO 29500, in its strict form and as all programs write them unless asked for the other."""
_NAMES: Mapping[str, Kind] = {"OFD.xml": "ofd", "xl/workbook.xml": "xlsx", "word/document.xml": "docx"}


def recognises(content: bytes) -> bool:
    """Whether `content` is a ZIP archive, or was one that is now broken."""
    return content.startswith(_STARTS)


def kind(document: Document) -> Kind | None:
    """What an archive is, by its content; None where it is no archive, or a broken one."""
    if not recognises(document.content) or _too_many(document.content):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
            return _kind(archive)
    except Exception:  # a broken archive raises a dozen kinds of errors
        return None


def part(document: Document, name: str) -> bytes | None:
    """The beginning (`MAX_PART` bytes) of a part of an archive; None where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
            return _beginning(archive, name, MAX_PART)
    except Exception:  # as above
        return None


def refuse_dangerous(document: Document) -> None:
    """Refuse an archive that is broken, encrypted, or would fill the memory. Raises InputError.

    Beyond the directory, what is not XML is inflated at its beginning only; XML is refused where it declares entities
    or has more tags than any report, before a parser sees it.
    """
    if _too_many(document.content):
        raise InputError("archive_members", file=document.name, limit=MAX_MEMBERS)
    try:
        archive = zipfile.ZipFile(io.BytesIO(document.content))
    except Exception as error:  # as above
        raise InputError("broken_archive", file=document.name, reason=type(error).__name__) from error
    with archive:
        members = archive.infolist()
        _refuse_odd(document, members)
        _refuse_large(document, members)
        if _is_encrypted(archive):
            raise InputError("encrypted_file", file=document.name)
        marks = 0
        for member in members:
            if not member.filename.startswith(_UNREAD) and _is_plain_xml(document, archive, member):
                found = _marks(document, archive, member)
                marks += found
                if marks > MAX_MARKS or found > _limit(member.filename):
                    raise InputError(
                        "xml_marks", file=document.name, place=member.filename, limit=_limit(member.filename)
                    )


def usual(document: Document) -> Document:
    """A document as most programs write it, where it is in the strict form of ISO 29500; else `document` itself.

    The two differ in the names of their namespaces; what else differs no reader looks at. Not before it was checked.
    """
    with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
        main = next((name for name in _NAMES if name in archive.namelist()), None)
        if not main or not _STRICT.search(_beginning(archive, main, MAX_PROLOG)):
            return document
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as written:
            for member in filter(_is_xml, archive.infolist()):
                written.writestr(member.filename, _STRICT.sub(_USUAL, archive.read(member)))
    return document.holding(stream.getvalue())


def _too_many(content: bytes) -> bool:
    # Every entry of the directory begins so; zipfile would make an object of each before it could be asked.
    return content.count(_ENTRY) > MAX_MEMBERS


def _kind(archive: zipfile.ZipFile) -> Kind:
    names = set(archive.namelist())
    for name, patterns in (("mimetype", _MIMETYPES), ("[Content_Types].xml", _MAIN_PARTS)):
        said = _beginning(archive, name, MAX_PART) if name in names else b""
        for pattern, found in patterns:
            if re.search(pattern, said):
                return found
    # Also tells a package that lost its list of types: broken, but not a bundle of files.
    return next((found for name, found in _NAMES.items() if name in names), "other")


def _beginning(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    with archive.open(name) as file:
        return file.read(size)


def _refuse_odd(document: Document, members: Sequence[zipfile.ZipInfo]) -> None:
    names: set[str] = set()
    for member in members:
        if member.flag_bits & 1:
            raise InputError("encrypted_file", file=document.name)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError("broken_archive", file=document.name, place=member.filename, reason="ZIP")
        # Programs differ in which of two they take, so that a check could look at another one than a reader.
        if member.filename in names:
            raise InputError("archive_twice", file=document.name, place=member.filename)
        names.add(member.filename)


def _refuse_large(document: Document, members: Sequence[zipfile.ZipInfo]) -> None:
    parts = [member for member in members if _is_xml(member)]
    for member in parts:
        if member.file_size > MAX_PART:
            raise InputError("part_too_large", file=document.name, place=member.filename, limit=MAX_PART // 2**20)
        _refuse_ratio(document, member.file_size, member.compress_size, member.filename)
    total, xml = (sum(member.file_size for member in each) for each in (members, parts))
    for size, limit in ((xml, MAX_XML), (total, MAX_TOTAL)):
        if size > limit:
            raise InputError("archive_too_large", file=document.name, limit=limit // 2**20)
    _refuse_ratio(document, total, len(document.content), None)


def _refuse_ratio(document: Document, size: int, packed: int, name: str | None) -> None:
    if size > max(RATIO_FROM, MAX_RATIO * packed):
        raise InputError("archive_ratio", file=document.name, place=name, limit=MAX_RATIO)


def _is_xml(member: zipfile.ZipInfo) -> bool:
    return member.filename.lower().endswith(_XML)


def _is_encrypted(archive: zipfile.ZipFile) -> bool:
    """Whether a file of OpenDocument has a password: its parts are then no XML."""
    manifest = "META-INF/manifest.xml"
    try:
        return manifest in archive.namelist() and b"encryption-data" in _beginning(archive, manifest, MAX_PART)
    except Exception:  # a broken manifest; nobody reads it
        return False


def _is_plain_xml(document: Document, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a part is XML, whatever its name ends in. Raises InputError where it is broken, or has a document type.

    Those declare entities; none of our kinds of file has one.
    """
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: found.append("doctype")
    parser.StartElementHandler = lambda *_: found.append("element")
    reason = "XML"
    try:
        with archive.open(member) as file:
            while not found and file.tell() < MAX_PROLOG and (chunk := file.read(1024)):
                parser.Parse(chunk)
    except Exception as error:  # of zipfile, zlib or expat; what is wrong further on is for the reader to tell
        reason = type(error).__name__
    if found[:1] == ["doctype"]:
        raise InputError("xml_declares", file=document.name, place=member.filename)
    if member.file_size and not found and _is_xml(member):
        raise InputError("broken_archive", file=document.name, place=member.filename, reason=reason)
    return bool(found)


def _limit(name: str) -> int:
    return next((limit for pattern, limit in _FEWER.items() if re.fullmatch(pattern, name)), MAX_MARKS)


def _marks(document: Document, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """How many signs of a part may begin a tag, in any encoding that XML is written in."""
    if member.file_size > MAX_PART:
        raise InputError("part_too_large", file=document.name, place=member.filename, limit=MAX_PART // 2**20)
    try:
        return _beginning(archive, member.filename, MAX_PART).count(b"<")
    except Exception as error:  # of zipfile or zlib
        reason = type(error).__name__
        raise InputError("broken_archive", file=document.name, place=member.filename, reason=reason) from error
