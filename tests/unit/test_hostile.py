"""Files that are made to fill memory and time, to deceive, or that are not what their name says: one clear line each."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.errors import InputError
from gongkai.intake import archive, read
from gongkai.intake.ranges import MAX_ROWS
from tests.helpers import ROOT

SECONDS, MEGABYTES = 2.0, 200
"""What refusing a bomb may take. A quiet machine needs a quarter of the time; tests run on busy ones."""

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def override(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


def workbook(rows: str = "", **parts: bytes | str) -> bytes:
    """A plain workbook of one sheet, with other parts in place of its own where they are given (dots for slashes)."""
    overrides = [
        override("xl/workbook.xml", "spreadsheetml.sheet.main"),
        override("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
        override("xl/sharedStrings.xml", "spreadsheetml.sharedStrings"),
    ]
    own = {
        "[Content_Types].xml": TYPES.format(overrides="".join(overrides)),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    return zipped(own | {name.replace("__", "/"): content for name, content in parts.items()})


def part(**parts: bytes | str) -> bytes:
    """A workbook with one part that is given by its place."""
    return workbook(**{f"xl__{name}.xml": content for name, content in parts.items()})


ROW = '<row><c t="str"><v>1</v></c></row>'
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE sst [<!ENTITY l0 "lol">{ENTITIES}]><sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'
OUTSIDE = f'<!DOCTYPE sst SYSTEM "file:///etc/hostname"><sst xmlns="{MAIN}"/>'
FETCHED = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/hostname">]><sst xmlns="{MAIN}"><si><t>&x;</t></si></sst>'
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
OPENDOCUMENT = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def spreadsheet(rows: str, **parts: bytes | str) -> bytes:
    """An OpenDocument workbook of one sheet."""
    body = f'<office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body>'
    content = f"<office:document-content {OPENDOCUMENT}>{body}</office:document-content>"
    return zipped({"mimetype": SPREADSHEET, "content.xml": content, **parts})


def records(*parts: tuple[int, bytes]) -> bytes:
    """A stream of BIFF records."""
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in parts)


BOF = (0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 1996, 0, 0))
SHEET = (0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 1996, 0, 0))
EOF = (0x0A, b"")


def biff(*sheet: tuple[int, bytes], top: Iterable[tuple[int, bytes]] = ()) -> bytes:
    """An old workbook of one sheet called A."""
    before = [BOF, *top]
    start = len(records(*before)) + 13 + 4
    listed = (0x85, struct.pack("<IBBBB", start, 0, 0, 1, 0) + b"A")
    return records(*before, listed, EOF, SHEET, *sheet, EOF)


def number(row: int, column: int) -> tuple[int, bytes]:
    return 0x0203, struct.pack("<HHHd", row, column, 0, 1.0)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Bombs by name, each with the key of what is said of it."""
    million = f'<worksheet xmlns="{MAIN}"><sheetData>{ROW * 1_000_000}</sheetData></worksheet>'
    fitting = "".join(f"<row><c><v>{n}</v></c></row>" for n in range(480_000))
    cell = '<table:table-cell office:value-type="float" office:value="1"{times}/>'
    row = "<table:table-row{times}>{cell}</table:table-row>"
    rows, columns = ' table:number-rows-repeated="1048576"', ' table:number-columns-repeated="16384"'
    zeros = bytes(300 * 2**20)
    nested = zipped({f"{n}.zip": zipped({f"{m}.zip": zipped({"0": zeros[: 2**24]}) for m in range(9)}) for n in range(9)})
    strings = f'<sst xmlns="{MAIN}">{"<si><t>a</t></si>" * 3_600_000}</sst>'
    return {
        "a million rows": ("part_too_large", part(worksheets__sheet1=million)),
        "rows up to the limit": ("sheet_too_large", workbook(fitting)),
        "ratio": ("part_too_large", part(worksheets__sheet1=zeros)),
        "ratio within the limit": ("archive_ratio", part(worksheets__sheet1=zeros[: archive.MAX_PART])),
        "ratio of what is no part": ("archive_too_large", workbook(xl__media__a=zeros)),
        "parts together": ("archive_ratio", workbook(**{f"xl__{n}.xml": b" " * 2**23 for n in range(9)})),
        "nested": ("bundle", nested),
        "shared strings": ("part_too_large", part(sharedStrings=strings)),
        "laughs": ("xml_declares", part(sharedStrings=LAUGHS)),
        "entity from outside": ("xml_declares", part(sharedStrings=FETCHED)),
        "declarations from outside": ("xml_declares", part(sharedStrings=OUTSIDE)),
        "laughs in UTF-16": ("xml_declares", part(sharedStrings=LAUGHS.encode("utf-16"))),
        "laughs after comments": ("xml_declares", part(sharedStrings="<!-- -->" * 1000 + LAUGHS)),
        "comments without end": ("broken_archive", part(sharedStrings="<!-- -->" * 100_000 + LAUGHS)),
        "parts": ("archive_members", zipped({f"{n}.xml": "" for n in range(20_000)})),
        "columns": ("sheet_too_large", workbook('<row><c r="XFD1"><v>1</v></c></row>' * 20_000)),
        "fields": ("sheet_too_large", workbook('<row><c r="GR1"><v>1</v></c></row>' + ROW * 19_000)),
        "ODS: rows": ("sheet_too_large", spreadsheet(row.format(times=rows, cell=cell.format(times="")))),
        "ODS: columns": ("sheet_too_large", spreadsheet(row.format(times="", cell=cell.format(times=columns)))),
        "ODS: laughs": ("xml_declares", zipped({"mimetype": SPREADSHEET, "content.xml": LAUGHS})),
        "XLS: rows": ("sheet_too_large", biff(*(number(n, 0) for n in range(65_536)))),
        "XLS: records": ("workbook_records", biff(*[(0x10, b"")] * 3_000_000)),
        "XLS: texts": ("too_many_texts", biff(top=[(0xFC, struct.pack("<II", 9, 10**7) + b"\1\0\0a" * 999)])),
        "CSV": ("sheet_too_large", b"1,2,3,4,5,6\n" * 5_000_000),
        "CSV: one row": ("sheet_too_large", b"1,2,3,4,5\n" * 500 + b"1," * 5_000_000),
    }


MEASURING = """
import json, os, resource, sys, time
from pathlib import Path
from gongkai.errors import InputError
from gongkai.intake import read
for warm in sys.argv[1].split(":"):
    try:
        read(Path(warm))
    except InputError:
        pass
for path in sorted(Path(sys.argv[2]).iterdir()):
    sys.stdout.flush()
    if os.fork():
        os.wait()
        continue
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    try:
        key = read(path) and "read"
    except InputError as error:
        key = error.key
    seconds = time.perf_counter() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([path.stem, key, seconds, grown / 1024]), flush=True)
    os._exit(0)
"""


def test_bombs_are_refused_before_they_fill_time_or_memory(tmp_path: Path) -> None:
    cases = bombs()
    (tmp_path / "bombs").mkdir()
    for name, (_, content) in cases.items():
        (tmp_path / "bombs" / f"{name}.xlsx").write_bytes(content)
    warm = {"a.xlsx": workbook(ROW), "a.xls": biff(number(0, 0)), "a.ods": spreadsheet("")}
    for name, content in warm.items():
        (tmp_path / name).write_bytes(content)
    arguments = [":".join(str(tmp_path / name) for name in warm), str(tmp_path / "bombs")]
    done = subprocess.run(
        [sys.executable, "-c", MEASURING, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    measured = {name: rest for name, *rest in map(json.loads, done.stdout.splitlines())}
    assert {name: measured[name][0] for name in cases} == {name: key for name, (key, _) in cases.items()}
    large = {name: rest for name, rest in measured.items() if rest[1] > SECONDS or rest[2] > MEGABYTES}
    assert not large
