"""Workbooks as archives of XML parts: taken apart, changed and put together again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK, TYPES, TEXTS = "xl/workbook.xml", "[Content_Types].xml", "xl/sharedStrings.xml"
BOOK_RELATIONS = "xl/_rels/workbook.xml.rels"

_TEXTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The part of each sheet, by its name."""
    targets = {each.get("Id"): each.get("Target", "") for each in etree.fromstring(parts[BOOK_RELATIONS])}
    sheets = etree.fromstring(parts[BOOK]).iter(f"{{{MAIN}}}sheet")
    return {
        each.get("name", ""): re.sub("^/?(?:xl/)?", "xl/", targets[each.get(f"{{{RELATIONS}}}id")]) for each in sheets
    }


def tagged(name: str) -> str:
    return f"{{{MAIN}}}{name}"


def cells_of(sheet: etree._Element) -> dict[str, etree._Element]:
    """The cells of a sheet by their names."""
    return {each.get("r", ""): each for each in sheet.iter(tagged("c"))}


def shared(content: bytes) -> bytes:
    """The same workbook with each text once in a list of its own, as the usual programs keep it."""
    parts = parts_of(content)
    if TEXTS in parts:
        return content
    texts: dict[str, int] = {}
    for part in sheet_parts(parts).values():
        sheet = etree.fromstring(parts[part])
        for cell in sheet.iter(tagged("c")):
            if cell.get("t") == "inlineStr":
                text = "".join(map(str, cell.itertext()))
                cell.set("t", "s")
                for child in list(cell):
                    cell.remove(child)
                etree.SubElement(cell, tagged("v")).text = str(texts.setdefault(text, len(texts)))
        parts[part] = etree.tostring(sheet, encoding="UTF-8", xml_declaration=True)
    listed = etree.fromstring(f'<sst xmlns="{MAIN}"/>')
    for text in texts:
        item = etree.SubElement(etree.SubElement(listed, tagged("si")), tagged("t"))
        item.text = text
        item.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    parts[TEXTS] = etree.tostring(listed, encoding="UTF-8", xml_declaration=True)
    entry = f'<Override PartName="/{TEXTS}" ContentType="{_TEXTS_TYPE}"/></Types>'
    parts[TYPES] = parts[TYPES].replace(b"</Types>", entry.encode())
    relation = f'<Relationship Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml" Id="rIdTexts"/>'
    parts[BOOK_RELATIONS] = parts[BOOK_RELATIONS].replace(b"</Relationships>", f"{relation}</Relationships>".encode())
    return packed(parts)
