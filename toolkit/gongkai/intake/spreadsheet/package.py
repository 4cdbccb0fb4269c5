"""The file of a workbook as its parts: what is not asked for stays as it is, byte for byte."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from gongkai.intake.escapes import encoded, legal

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "[Content_Types].xml"


def main(name: str) -> str:
    """The full name of an element of workbooks."""
    return f"{{{MAIN}}}{name}"


def content_type(kind: str) -> str:
    """What the list of parts says that a part of workbooks is."""
    return f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"


class Package:
    """The parts of a workbook that was checked before (`archive.refuse_dangerous`); its trees may be changed."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self._parts = {member.filename: archive.read(member) for member in archive.infolist()}
        self._trees: dict[str, Any] = {}

    def tree(self, part: str) -> Any:
        """The root of a part; what is done to it is written. VML may be no XML, and is read as far as it is."""
        from lxml import etree

        if part not in self._trees:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=part.endswith(".vml"))
            self._trees[part] = etree.fromstring(self._parts[part], parser)
        return self._trees[part]

    def put(self, part: str, root: Any, content_type: str) -> None:
        """A new part, or another one in its place; what it was related to it is no more."""
        from lxml import etree

        self._trees[part] = root
        for each in (self._parts, self._trees):
            each.pop(_relations(part), None)
        types = self.tree(_TYPES)
        for each in [each for each in types if each.get("PartName") == f"/{part}"]:
            types.remove(each)
        etree.SubElement(types, f"{{{_PACKAGE}/content-types}}Override", PartName=f"/{part}", ContentType=content_type)

    def unused(self, pattern: str) -> str:
        """The first name of a part that is not there, with nothing or a number in the place of the star."""
        known = {name.lower() for name in (*self._parts, *self._trees)}
        numbers = ("", *map(str, range(1, len(known) + 2)))
        return next(name for number in numbers if (name := pattern.replace("*", number)).lower() not in known)

    def related(self, part: str, kind: str) -> Iterator[tuple[str, str]]:
        """Name of the relation and part, of each part that `part` is related to as `kind`; "" is the whole."""
        name = _relations(part)
        if name not in self._parts and name not in self._trees:
            return
        for each in self.tree(name):
            if each.get("TargetMode") != "External" and each.get("Type", "").endswith(f"/{kind}"):
                target = posixpath.join("/", posixpath.dirname(part), each.get("Target", ""))
                yield each.get("Id", ""), posixpath.normpath(target).lstrip("/")

    def relate(self, part: str, kind: str, target: str) -> str:
        """The name of a new relation from `part` to the part `target`."""
        from lxml import etree

        name, namespace = _relations(part), f"{_PACKAGE}/relationships"
        if name not in self._parts and name not in self._trees:
            self._trees[name] = parsed("<Relationships/>", namespace)
        root = self.tree(name)
        taken = {each.get("Id") for each in root}
        new = next(each for number in range(len(taken) + 1) if (each := f"gongkai{number}") not in taken)
        about = {"Id": new, "Type": f"{OFFICE}/{kind}", "Target": f"/{target}"}
        etree.SubElement(root, f"{{{namespace}}}Relationship", about)
        return new

    def content(self) -> bytes:
        """The file: the same parts in the same order, then the new ones."""
        from lxml import etree

        for name, root in self._trees.items():
            self._parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
            for name, data in self._parts.items():
                written.writestr(zipfile.ZipInfo(name, date_time=(2021, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        return stream.getvalue()


def _relations(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def parsed(xml: str, namespace: str = MAIN) -> Any:
    """An element of workbooks, or of another namespace, from its text."""
    from lxml import etree

    return etree.fromstring(f'<parsed xmlns="{namespace}">{xml}</parsed>')[0]


def insert(root: Any, element: Any, after: Sequence[str]) -> None:
    """Put `element` before whatever must stand after it."""
    names = {main(name) for name in after}
    root.insert(next((place for place, each in enumerate(root) if each.tag in names), len(root)), element)


def say_in(element: Any, text: str) -> None:
    """Put `text` into `element`, spaces and line breaks kept; nothing in it is ever taken for a formula."""
    from lxml import etree

    said = etree.SubElement(element, main("t"))
    said.text = encoded(legal(text))
    said.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
