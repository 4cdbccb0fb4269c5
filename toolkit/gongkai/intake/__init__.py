"""Intake: whatever an agency hands in or publishes becomes a filing. Readers are chosen by content, never by name."""

from __future__ import annotations

from pathlib import Path

from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.intake.cells import CellsReader
from gongkai.intake.containers import contained
from gongkai.intake.html import HTMLReader
from gongkai.intake.interface import Document, Reader
from gongkai.intake.pdf import PDFReader
from gongkai.intake.sheets import SheetsReader
from gongkai.intake.stored import StoredReader
from gongkai.intake.text import TextReader
from gongkai.intake.word import WordReader

__all__ = ["Document", "Reader", "load", "read"]

MAX_BYTES = 64 * 2**20
"""Of one input; a report has some 100 KiB, as scanned pages a few MiB."""

READERS: tuple[Reader, ...] = (
    StoredReader(),
    CellsReader(),
    WordReader(),
    PDFReader(),
    HTMLReader(),
    SheetsReader(),
    TextReader(),
)


def read(path: Path) -> Filing:
    """The filing in the file at `path`. Raises InputError for what cannot be read."""
    document = contained(load(path))
    for reader in READERS:
        if reader.recognises(document):
            return reader.read(document)
    raise InputError("unknown_kind", file=document.name)


def load(path: Path) -> Document:
    """The file at `path`. Raises InputError where there is none, nothing in it, or more than any report has."""
    if path.is_dir():
        raise InputError("is_directory", file=path.name or str(path))
    try:
        # Asked before it is read, so that a wrong file fills no memory.
        if path.stat().st_size > MAX_BYTES:
            raise InputError("file_too_large", file=path.name, limit=MAX_BYTES // 2**20)
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError("no_such_file", file=path.name) from None
    except OSError as error:
        raise InputError("unreadable_file", file=path.name, reason=error.strerror) from error
    if not content.strip():
        raise InputError("empty_file", file=path.name)
    return Document(path.name, content)
