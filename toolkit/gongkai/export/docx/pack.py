"""A package of Office parts as bytes: the same parts, the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from gongkai.export.blocks import UNDATED

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS = "application/vnd.openxmlformats-package.relationships+xml"


def pack(package: Any) -> bytes:
    """The parts that python-docx's `package` leads to, sorted by name, with a fixed date and fixed compression."""
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, data in _members(package):
            info = ZipInfo(name, (*UNDATED.timetuple()[:3], 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, data, compresslevel=6)
    return target.getvalue()


def _members(package: Any) -> Iterator[tuple[str, bytes]]:
    parts = sorted(package.iter_parts(), key=lambda part: str(part.partname))
    overrides = "".join(f'<Override PartName="{part.partname}" ContentType="{part.content_type}"/>' for part in parts)
    default = f'<Default Extension="rels" ContentType="{RELATIONSHIPS}"/>'
    yield "[Content_Types].xml", f'{HEAD}<Types xmlns="{TYPES}">{default}{overrides}</Types>'.encode()
    yield "_rels/.rels", package.rels.xml
    for part in parts:
        yield part.partname.membername, part.blob
        if part.rels:
            yield part.partname.rels_uri.membername, part.rels.xml
