"""Whether a font file can set Chinese in a report, and what it calls itself."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from gongkai.errors import InputError
from gongkai.fonts.faces import faces
from gongkai.workspace import cannot_write

LIMIT = 64
"""MiB that a font file may have; the largest of an office's have some 20."""

_KINDS = {b"\0\1\0\0": ".ttf", b"true": ".ttf", b"OTTO": ".otf", b"ttcf": ".ttc"}
"""How font files that typst reads begin, and how their names end."""

_CHINESE = (0x4E00, 0x516C)
"""Two characters that every Chinese font has: one, public."""

_NAMES = (1, 4, 6, 16)
"""The name records by which a font's role is told: family, full name, PostScript name, typographic family."""


@dataclass(frozen=True)
class FontFile:
    """A font that can be used: its copy, its family as typst sees it, and all its names (of the first face)."""

    copy: Path
    family: str
    names: tuple[str, ...]


def inspect(file: Path, scratch: Path) -> FontFile:
    """The font in `file`, copied into the folder `scratch`. Raises InputError for what cannot or must not be used."""
    data = _read(file)
    kind = _KINDS.get(data[:4])
    if kind is None:
        raise InputError("not_a_font", file=file.name)
    names = _examine(data, file.name)
    copy = scratch / f"font{kind}"
    try:
        copy.write_bytes(data)
    except OSError as error:
        raise cannot_write(file, error) from error
    family = _family(copy)
    if family is None:
        raise InputError("damaged_font", file=file.name, problem="typst")
    if family in {face.family for face in faces().values()}:
        raise InputError("font_of_ours", file=file.name, family=family)
    return FontFile(copy, family, names)


def _read(file: Path) -> bytes:
    if file.is_dir():
        raise InputError("is_directory", file=file.name)
    try:
        if file.stat().st_size > LIMIT * 2**20:
            raise InputError("font_too_large", file=file.name, limit=LIMIT)
        return file.read_bytes()
    except FileNotFoundError as error:
        raise InputError("no_such_file", file=file.name) from error
    except OSError as error:
        raise InputError("unreadable_file", file=file.name, reason=error.strerror) from error


def _examine(data: bytes, file: str) -> tuple[str, ...]:
    """The names of the first face. Raises InputError for a font that is damaged, or that is not to be used."""
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.ttLib import TTFont

    try:
        font: Any = TTFont(BytesIO(data), fontNumber=0, lazy=True)
        for tag in font.reader.keys():  # noqa: SIM118  # the reader is no mapping
            font.reader[tag]
        characters = font.getBestCmap() or {}
        glyphs = font.getGlyphSet()
        for point in _CHINESE:
            if point in characters:
                glyphs[characters[point]].draw(RecordingPen())
        names = dict.fromkeys(record.toUnicode() for record in font["name"].names if record.nameID in _NAMES)
        rights = font["OS/2"].fsType if "OS/2" in font else 0
    except Exception as error:  # fontTools raises whatever it stumbles over
        raise InputError("damaged_font", file=file, problem=str(error) or type(error).__name__) from error
    # Restricted (and no lesser right given), never in part, or bitmaps only: typst embeds outlines, and in part.
    if rights & 0xE == 0x2 or rights & 0x300:
        raise InputError("font_forbids_embedding", file=file)
    if not all(point in characters for point in _CHINESE):
        raise InputError("font_without_chinese", file=file)
    return tuple(names)


def _family(copy: Path) -> str | None:
    """The family of the first face in `copy` as typst sees it; None where typst does not take the file."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(copy.parent)])
    found = (each for each in fonts.fonts() if each.path and Path(each.path).name == copy.name)
    return next((each.family for each in found if each.index == 0), None)
