"""What every input passes before a reader sees it: what is packed into it is taken out, what nobody reads is refused.

All limits of size are checked here; nothing of an input is run, followed or fetched.
"""

from __future__ import annotations

import re

from gongkai.errors import InputError
from gongkai.intake import archive, old_word, ole
from gongkai.intake.interface import Document

MAX_TEXT = 16 * 2**20
"""Bytes of a text or web page; a report has some 100 KiB, with pictures inside of a page a few MiB."""

_READ_AS_IS = ("xlsx", "docx", "ods")
_REFUSALS = {"ofd": "ofd", "presentation": "presentation", "xlsb": "xlsb", "other": "bundle"}
"""What is said of the kinds of archives that no reader reads."""
_SIGNATURES = {
    "bundle": (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08"),
    "picture_only": (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*"),
}
_RTF, _PDF = b"{\\rtf", b"%PDF"
_XML_KINDS = re.compile(rb"progid=[\"'](?:Word|Excel)\.|<office:document\b|<pkg:package\b")
"""XML that office programs save in place of their usual files; it says so at its beginning."""


def contained(document: Document) -> Document:
    """The document inside of a container, converted where that is needed; `document` itself where it is no container.

    Raises InputError for what is damaged, encrypted, dangerous, or of a kind that no reader reads.
    """
    content = document.content
    for key, beginnings in _SIGNATURES.items():
        if content.startswith(beginnings):
            raise InputError(key, file=document.name)
    if ole.recognises(content):
        kind, inner = ole.inside(document)
        if kind == "word":
            return _checked(old_word.converted(inner, "doc"))
        return _checked(inner) if kind == "package" else inner
    if archive.recognises(content):
        return _checked(document)
    if len(content) > MAX_TEXT and _PDF not in content[:1024]:
        raise InputError("file_too_large", file=document.name, limit=MAX_TEXT // 2**20)
    if content.lstrip().startswith(_RTF):
        return _checked(old_word.converted(document, "rtf"))
    if content.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml") and _XML_KINDS.search(content[:4096]):
        raise InputError("office_xml", file=document.name)
    return document


def _checked(document: Document) -> Document:
    """An archive that may be read."""
    archive.refuse_dangerous(document)
    kind = archive.kind(document) or "other"
    if kind == "odt":
        return _checked(old_word.converted(document, "odt"))
    if kind not in _READ_AS_IS:
        raise InputError(_REFUSALS[kind], file=document.name)
    return archive.usual(document)
