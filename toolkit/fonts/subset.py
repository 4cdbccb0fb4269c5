"""Makes the fonts of ``gongkai.fonts``: subsets of Noto CJK and of LXGW WenKai; same packages, same bytes.

    apt-get install fonts-noto-cjk fonts-lxgw-wenkai
    python toolkit/fonts/subset.py

The Debian packages are fonts-noto-cjk 1:20220127+repack1-1 and fonts-lxgw-wenkai 1.250+repack-1, of Debian 12. Each
subset has the official standard characters, those of place names (the two lists beside this file), and the
punctuation, numerals, signs and units of reports; those of Noto have all of GBK, which would make WenKai's three times
as large. Both fonts are under the Open Font License, whose reserved names no subset may bear: WenKai's is called
Gongkai Kai; Noto CJK has none. It takes some four minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent
TARGET = HERE.parent / "gongkai" / "fonts"
SYSTEM = Path("/usr/share/fonts")
NOTO = SYSTEM / "opentype" / "noto"
WENKAI = SYSTEM / "truetype" / "lxgw-wenkai" / "LXGWWenKai-Regular.ttf"
FACES = {
    "NotoSerifCJKsc-Regular.otf": NOTO / "NotoSerifCJK-Regular.ttc",
    "NotoSerifCJKsc-Bold.otf": NOTO / "NotoSerifCJK-Bold.ttc",
    "NotoSansCJKsc-Regular.otf": NOTO / "NotoSansCJK-Regular.ttc",
}
BLOCKS = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0xFF),  # Latin-1
    (0x2000, 0x206F),  # general punctuation
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x218F),  # letter-like signs, fractions, Roman numerals
    (0x2190, 0x22FF),  # arrows, mathematics
    (0x2460, 0x24FF),  # enclosed numerals
    (0x2500, 0x25FF),  # box drawing, blocks, geometric shapes
    (0x2600, 0x27BF),  # stars, ticks, dingbat numerals
    (0x3000, 0x303F),  # CJK punctuation
    (0x3200, 0x33FF),  # enclosed ideographs and numerals, units
    (0xFE10, 0xFE1F),  # vertical punctuation, as characters
    (0xFE30, 0xFE6F),  # compatibility and small forms
    (0xFF00, 0xFFEF),  # full-width forms
)


def encoded(codec: str) -> set[int]:
    """The code points of a codec of two bytes a character."""
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    texts = (pair.decode(codec, "ignore") for pair in pairs)
    return {ord(text) for text in texts if len(text.encode(codec)) == 2}


def common() -> set[int]:
    """The code points that every subset shall have where its font has them."""
    wanted = encoded("gb2312").union(*(range(first, last + 1) for first, last in BLOCKS))
    for name in ("place_characters.txt", "standard_characters.txt"):
        lines = (HERE / name).read_text(encoding="utf-8").splitlines()
        wanted.update(ord(character) for line in lines if not line.startswith("#") for character in line)
    return wanted


def chinese_face(path: Path) -> TTFont:
    """The face for simplified Chinese of a Noto collection."""
    faces: list[Any] = TTCollection(path, lazy=True).fonts
    return next(face for face in faces if face["name"].getDebugName(1).endswith(" CJK SC"))


def renamed(font: TTFont) -> TTFont:
    """`font` as Gongkai Kai: every name is new but for the notice of copyright, version and licence, which stay."""
    names: Any = font["name"]
    kept = {number: names.getDebugName(number) for number in (0, 5, 13, 14)}
    made = {1: "Gongkai Kai", 2: "Regular", 3: "Gongkai Kai Regular", 4: "Gongkai Kai", 6: "GongkaiKai-Regular"}
    names.names = []
    for number, words in sorted((kept | made).items()):
        names.setName(words, number, 3, 1, 0x409)
    font["OS/2"].achVendID = "    "
    return font


def subset(font: TTFont, wanted: set[int], target: Path) -> None:
    """Write to `target` what `font` has of `wanted`, for horizontal lines only."""
    options = Options()
    options.layout_features = ["kern"]  # typst draws adjacent punctuation together by itself
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["DSIG", "VORG", "vhea", "vmtx", "BASE"]
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    font.recalcTimestamp = False
    font.save(target, reorderTables=True)
    sys.stdout.write(f"{target.name}: {target.stat().st_size:,} bytes, {len(font.getGlyphOrder()):,} glyphs\n")


def main() -> None:
    wanted = common()
    for name, source in FACES.items():
        subset(chinese_face(source), wanted | encoded("gbk"), TARGET / name)
    subset(renamed(TTFont(WENKAI)), wanted, TARGET / "GongkaiKai-Regular.ttf")


if __name__ == "__main__":
    main()
