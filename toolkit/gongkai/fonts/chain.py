"""Which fonts set which role, and which characters none of them has."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gongkai.fonts.faces import FOLDER, ROLES, Role, faces
from gongkai.fonts.office import home, registered


@dataclass(frozen=True)
class Font:
    """One font of a role: its family as typst sees it, its file, and whether an office registered it."""

    family: str
    file: Path
    of_office: bool = False


def chain(role: Role) -> tuple[Font, ...]:
    """The fonts of `role`, in the order in which a character is looked for: the office's, ours, then our others.

    Raises AuthoringError where a registered font has vanished or changed, or where the register is malformed.
    """
    office = registered().get(role)
    fonts = [Font(office.family, home() / office.file, of_office=True)] if office else []
    # After the role's own face, every face of ours: serif, sans, then Kai, which has a sign that neither has.
    own: tuple[Role, ...] = (role, "body", "heading", "subheading")
    fonts += [Font(faces()[each].family, FOLDER / faces()[each].file) for each in own]
    first: dict[str, Font] = {}  # of each family; typst chooses among its weights
    for font in fonts:
        first.setdefault(font.family, font)
    return tuple(first.values())


def families() -> dict[Role, tuple[str, ...]]:
    """For every role the names of its families as typst sees them, in order of preference; errors as of `chain`.

    Our face of the role title is the bold of its family: set it with weight 700, of which a font with one weight
    takes no notice.
    """
    return {role: tuple(font.family for font in chain(role)) for role in ROLES}


def files(role: Role) -> tuple[Path, ...]:
    """The font files of `role`, in the order of `families`, as matplotlib needs them; errors as of `chain`."""
    return tuple(font.file for font in chain(role))


def folders() -> tuple[Path, ...]:
    """Where typst shall look for fonts, and nowhere else: our folder, and the workspace's where there is one."""
    return (FOLDER, home()) if home().is_dir() else (FOLDER,)


def missing(text: str, role: Role) -> tuple[str, ...]:
    """The characters of `text` that no font of `role` has, each once, in order; errors as of `chain`.

    Ends of lines, tabs and characters that are by default not drawn (Unicode's Default_Ignorable_Code_Point: zero
    width spaces, soft hyphens, variation selectors, marks of direction) are never missing. A font is read when a
    character has not been found before it, ours first, and once for as long as its file stays the same.
    """
    left = dict.fromkeys(_NEVER_DRAWN.sub("", text))
    for font in sorted(chain(role), key=lambda font: font.of_office):
        if not left:
            break
        covered = coverage(font)
        left = {character: None for character in left if not covered[ord(character)]}
    return tuple(left)


def coverage(font: Font) -> bytes:
    """For each code point a byte that is 1 where `font` has it; read once for as long as its file stays the same."""
    status = font.file.stat()
    return _coverage(font.file, status.st_mtime_ns, status.st_size)


_NEVER_DRAWN = re.compile(
    r"[\t\n\r\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164"
    r"\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]"
)


@lru_cache(maxsize=32)
def _coverage(file: Path, modified: int, size: int) -> bytes:  # noqa: ARG001  # they are the key of the cache
    """The coverage of the (first) face in `file`: sets take ten times as much memory."""
    from fontTools.ttLib import TTFont

    with TTFont(file, fontNumber=0, lazy=True) as font:
        # Which glyph it is does not matter: its number will do, for names take ten times the memory and time.
        font.setGlyphOrder(range(1 << 16))
        covered = bytearray(sys.maxunicode + 1)
        for point in font.getBestCmap():
            covered[point] = 1
        return bytes(covered)
