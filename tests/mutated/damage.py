"""What becomes of a workbook as a file: cut, flipped, repacked, wrongly labelled."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable

from tests.mutated.packing import BOOK, BOOK_RELATIONS, TEXTS, TYPES, packed, parts_of, shared, sheet_parts
from tests.mutated.said import BROKEN, UNTOUCHED, Mutated, Said
from tests.mutated.samples import Sample

UNREAD = ("docProps/", "xl/theme/")
"""Parts that say nothing."""


def cut(sample: Sample, draw: random.Random) -> Mutated:
    size = draw.choice((draw.randrange(1, len(sample.content)), len(sample.content) - draw.randint(1, 30)))
    return Mutated(sample.content[:size], BROKEN)


def flipped(sample: Sample, draw: random.Random) -> Mutated:
    content = bytearray(sample.content)
    for _ in range(draw.choice((1, 1, 2, 20))):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return Mutated(bytes(content), BROKEN)


def zeroed(sample: Sample, draw: random.Random) -> Mutated:
    """A sector of the disk is lost."""
    content, size = bytearray(sample.content), draw.choice((16, 512, 4096))
    start = draw.randrange(max(1, len(content) - size))
    content[start : start + size] = bytes(len(content[start : start + size]))
    return Mutated(bytes(content), BROKEN)


def line_ends(sample: Sample, draw: random.Random) -> Mutated:
    """Sent as text: line ends are changed, or the upper half of the bytes."""
    swaps = (lambda raw: raw.replace(b"\n", b"\r\n"), lambda raw: bytes(each & 127 for each in raw))
    return Mutated(draw.choice(swaps)(sample.content), BROKEN)


def surrounded(sample: Sample, draw: random.Random) -> Mutated:
    junk = draw.randbytes(draw.randint(1, 3000))
    if draw.random() < 0.5:
        return Mutated(sample.content + junk, BROKEN)
    return Mutated(junk + sample.content, BROKEN)


def inside_another(sample: Sample, draw: random.Random) -> Mutated:
    return Mutated(packed({draw.choice(("a.xlsx", "年报/a.xlsx")): sample.content}), BROKEN)


def repacked(sample: Sample, draw: random.Random) -> Mutated:
    parts = list(parts_of(sample.content).items())
    draw.shuffle(parts)
    method = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    odd = method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    return Mutated(packed(dict(parts), method), BROKEN if odd else UNTOUCHED)


def encrypted(sample: Sample, draw: random.Random) -> Mutated:
    """Every part says that it has a password."""
    content = bytearray(sample.content)
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(start), sample.content):
            content[match.start() + flags] |= 1
    return Mutated(bytes(content), BROKEN)


def _part(parts: dict[str, bytes], draw: random.Random) -> str:
    return draw.choice(sorted(parts))


def _without(name: str, parts: dict[str, bytes]) -> Said:
    """What is said where a part is lost: those that nobody reads do not matter, any other is named, or its sheet."""
    if name.startswith(UNREAD):
        return UNTOUCHED
    sheets = {part: sheet for sheet, part in sheet_parts(parts).items()}
    if name in sheets:
        return Said(refusal=(sheets[name], name))
    return Said(refusal=(name, "")) if name in (TEXTS, BOOK, BOOK_RELATIONS, TYPES) else Said(refusal=("",))


def part_lost(sample: Sample, draw: random.Random) -> Mutated:
    parts = parts_of(shared(sample.content))
    name = _part(parts, draw)
    said = _without(name, parts)
    if name == TEXTS and draw.random() < 0.5:
        parts[TYPES] = re.sub(rb"<Override[^>]*sharedStrings[^>]*>", b"", parts[TYPES])
    del parts[name]
    return Mutated(packed(parts), said)


def part_emptied(sample: Sample, draw: random.Random) -> Mutated:
    parts = parts_of(sample.content)
    name = _part(parts, draw)
    said = _without(name, parts)
    parts[name] = draw.choice((b"", b"\0" * 40, b"<x/>", b"\xef\xbb\xbf", b"404 Not Found"))
    # An archive whose parts are no XML is damaged, whoever reads them.
    return Mutated(packed(parts), Said(refusal=(name, *(said.refusal or ()))))


def part_cut(sample: Sample, draw: random.Random) -> Mutated:
    """One part breaks off, in an archive that is whole."""
    parts = parts_of(shared(sample.content))
    name = _part(parts, draw)
    said = _without(name, parts)
    parts[name] = parts[name][: draw.randrange(len(parts[name]))]
    return Mutated(packed(parts), Said(refusal=(name, *(said.refusal or ()))))


def part_twice(sample: Sample, draw: random.Random) -> Mutated:
    import io

    parts = parts_of(sample.content)
    name = _part(parts, draw)
    stream = io.BytesIO(sample.content)
    with zipfile.ZipFile(stream, "a") as archive:
        # Written under another name, which is then made the same: zipfile warns of twice the same one.
        other = "~" + name[1:]
        archive.writestr(other, parts[name])
    return Mutated(stream.getvalue().replace(other.encode(), name.encode()), Said(refusal=(name,)))


def sheets_exchanged(sample: Sample, draw: random.Random) -> Mutated:
    """The parts of two sheets under each other's name."""
    parts = parts_of(sample.content)
    sheets = sheet_parts(parts)
    one, other = draw.sample(sorted(sheets), 2)
    parts[sheets[one]], parts[sheets[other]] = parts[sheets[other]], parts[sheets[one]]
    return Mutated(packed(parts), Said(refusal=(one, other)))


def types_changed(sample: Sample, draw: random.Random) -> Mutated:
    """Content types are wrong or missing."""
    parts = parts_of(sample.content)
    changes: tuple[Callable[[bytes], bytes], ...] = (
        lambda raw: re.sub(rb"<Override[^>]*worksheets[^>]*>", b"", raw),
        lambda raw: re.sub(rb"<Override[^>]*workbook\.xml[^>]*>", b"", raw),
        lambda raw: raw.replace(b"sheet.main+xml", b"template.main+xml"),
        lambda raw: raw.replace(b"spreadsheetml.sheet.main+xml", b"wordprocessingml.document.main+xml"),
        lambda raw: re.sub(rb"application/[^\"]*", b"text/plain", raw),
        lambda raw: raw.replace(b"worksheet+xml", b"chartsheet+xml"),
    )
    parts[TYPES] = draw.choice(changes)(parts[TYPES])
    return Mutated(packed(parts), BROKEN)


def relations_changed(sample: Sample, draw: random.Random) -> Mutated:
    """Relations lead nowhere, elsewhere or outside."""
    parts = parts_of(sample.content)
    part, sheet = draw.choice([(part, sheet) for sheet, part in sheet_parts(parts).items()])
    target = draw.choice(
        ("/xl/worksheets/sheet9.xml", "http://198.51.100.7/a.xml", "../../etc/passwd", "/xl/styles.xml")
    )
    name = re.escape(part.removeprefix("xl/").encode())
    changed, count = re.subn(rb'Target="/?(?:xl/)?%s"' % name, f'Target="{target}"'.encode(), parts[BOOK_RELATIONS])
    assert count == 1
    parts[BOOK_RELATIONS] = changed
    return Mutated(packed(parts), Said(refusal=(sheet, part)))


DAMAGE: dict[str, Callable[[Sample, random.Random], Mutated]] = {
    "archive cut": cut,
    "bytes flipped": flipped,
    "bytes lost": zeroed,
    "sent as text": line_ends,
    "something before or after": surrounded,
    "archive in an archive": inside_another,
    "packed otherwise": repacked,
    "encrypted": encrypted,
    "parts lost": part_lost,
    "parts emptied": part_emptied,
    "parts cut": part_cut,
    "parts twice": part_twice,
    "parts exchanged": sheets_exchanged,
    "content types wrong": types_changed,
    "relations wrong": relations_changed,
}
