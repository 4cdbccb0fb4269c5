"""The one door to olefile: OLE2 containers (.xls, .doc, .et, .wps), told by the streams inside."""

from __future__ import annotations

import io
import re
from typing import Literal

from gongkai.errors import InputError
from gongkai.intake import archive
from gongkai.intake.interface import Document

Kind = Literal["workbook", "word", "package"]

_BEGINNING = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = 0x0100
"""The bit of a Word file's flags, at offset 10, that says that it has a password."""


def recognises(content: bytes) -> bool:
    """Whether `content` is an OLE2 container, or was one that is now broken."""
    return content.startswith(_BEGINNING)


def inside(document: Document) -> tuple[Kind, Document]:
    """What `document` holds: a workbook as its stream of records, an old Word file as it is, an OOXML package.

    Raises InputError for a container that is broken or encrypted, or that holds something else.
    """
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(document.content)) as container:
            streams = {path[0].lower(): path for path in container.listdir() if len(path) == 1}
            found = {name: container.openstream(streams[name]).read() for name in _WANTED if name in streams}
            folders = [path[0] for path in container.listdir(streams=True, storages=True)]
            issues = bool(container.parsing_issues)
    except Exception as error:  # olefile lets through whatever its parsers raise
        raise InputError("broken_container", file=document.name, reason=type(error).__name__) from error
    if "encryptedpackage" in found or "encryptioninfo" in found:
        raise InputError("encrypted_file", file=document.name)
    for name in ("workbook", "book"):
        if name in found:
            return "workbook", document.holding(found[name])
    if "worddocument" in found:
        if int.from_bytes(found["worddocument"][10:12], "little") & _ENCRYPTED:
            raise InputError("encrypted_file", file=document.name)
        return "word", document
    if archive.recognises(found.get("package", b"")):
        return "package", document.holding(found["package"])
    if issues or not folders:
        raise InputError("broken_container", file=document.name, reason="OLE2")
    names = ", ".join(re.sub(r"[^ -~]", "", each) for each in dict.fromkeys(folders))
    raise InputError("unknown_container", file=document.name, found=names[:80])


_WANTED = ("workbook", "book", "worddocument", "encryptedpackage", "encryptioninfo", "package")
