"""Files that are made to fill memory and time, to deceive, or that are not what they seem: one clear line each."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from gongkai.catalogues import LANGUAGES, speaking
from gongkai.errors import InputError
from gongkai.intake import archive, read
from gongkai.intake.interface import Document
from gongkai.intake.printed import Grid
from gongkai.intake.ranges import MAX_ROWS
from gongkai.intake.sheets import printed
from tests.helpers import ROOT
from tests.pdfs import drawn, saved, words

SECONDS, MEGABYTES = 2.0, 200
"""What refusing a bomb may take, in time of the processor. A quiet machine needs a quarter; tests run on busy ones."""

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


def workbook(rows: str = "", parts: Mapping[str, bytes | str] | None = None) -> bytes:
    """A plain workbook of one sheet, with other parts in place of its own, or added, where they are given."""
    overrides = [
        override("xl/workbook.xml", "spreadsheetml.sheet.main"),
        override("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
        override("xl/sharedStrings.xml", "spreadsheetml.sharedStrings"),
    ]
    listed = '<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
    relation = f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    own = {
        "[Content_Types].xml": TYPES.format(overrides="".join(overrides)),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{listed}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    return zipped(own | dict(parts or {}))


def strings(content: bytes | str) -> bytes:
    """A workbook with these shared strings."""
    return workbook(parts={"xl/sharedStrings.xml": content})


def sheet(content: bytes | str) -> bytes:
    """A workbook with this sheet."""
    return workbook(parts={"xl/worksheets/sheet1.xml": content})


ROW = '<row><c t="str"><v>1</v></c></row>'
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE sst [<!ENTITY l0 "lol">{ENTITIES}]><sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'
OUTSIDE = f'<!DOCTYPE sst SYSTEM "file:///etc/hostname"><sst xmlns="{MAIN}"/>'
FETCHED = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/hostname">]><sst xmlns="{MAIN}"><si><t>&x;</t></si></sst>'
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
OPENDOCUMENT = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def spreadsheet(rows: str) -> bytes:
    """An OpenDocument workbook of one sheet."""
    body = f'<office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet>'
    content = f"<office:document-content {OPENDOCUMENT}><office:body>{body}</office:body></office:document-content>"
    return zipped({"mimetype": SPREADSHEET, "content.xml": content})


WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(body: str, parts: Mapping[str, bytes | str] | None = None) -> bytes:
    """A Word document, with other parts added."""
    kind = override("word/document.xml", "wordprocessingml.document.main")
    xml = f'<w:document xmlns:w="{WORDS}" xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": TYPES.format(overrides=kind), "word/document.xml": xml} | dict(parts or {}))


def records(*parts: tuple[int, bytes]) -> bytes:
    """A stream of BIFF records."""
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in parts)


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE

BOF = (0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 1996, 0, 0))
SHEET = (0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 1996, 0, 0))
EOF = (0x0A, b"")


def biff(*sheet: tuple[int, bytes], top: Iterable[tuple[int, bytes]] = ()) -> bytes:
    """An old workbook of one sheet called A."""
    before = [BOF, *top]
    start = len(records(*before)) + 13 + 4
    listed = (0x85, struct.pack("<IBBBB", start, 0, 0, 1, 0) + b"A")
    return records(*before, listed, EOF, SHEET, *sheet, EOF)


def container(name: str, content: bytes) -> bytes:
    """An OLE2 container with one stream, which is at least as long as those that have sectors of their own."""
    content = content.ljust(4096, b"\0")
    sectors = -(-len(content) // 512)
    # The allocation table fills one sector, the directory the next, then comes the stream.
    table = [0xFFFFFFFD, _END, *range(3, sectors + 2), _END]
    assert len(table) <= 128
    numbers = (62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header = OLE + bytes(16) + struct.pack("<5H6x9I", *numbers)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text) + 2 if text else 0, kind, 1, _FREE, _FREE, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, _END, 0) + entry(name, 2, _FREE, 2, len(content))
    folder += entry("", 0, _FREE, 0, 0) * 2
    listed = struct.pack("<109I", 0, *[_FREE] * 108)
    return header + listed + struct.pack("<128I", *table, *[_FREE] * (128 - len(table))) + folder + content


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
    inner = {f"{n}.zip": zipped({"0": zeros[: 2**24]}) for n in range(9)}
    texts = f'<sst xmlns="{MAIN}">{"<si><t>a</t></si>" * 3_600_000}</sst>'
    blanks = {f"xl/{n}.xml": b" " * 2**23 for n in range(9)}
    return {
        "a million rows": ("part_too_large", sheet(million)),
        "rows up to the limit of a part": ("xml_marks", workbook(fitting)),
        "rows up to the limit of tags": (
            "sheet_too_large",
            workbook(fitting[: fitting.index("150000")] + "1</v></c></row>"),
        ),
        "ratio": ("part_too_large", sheet(zeros)),
        "ratio within the limit": ("archive_ratio", sheet(zeros[: archive.MAX_PART])),
        "ratio of what is no part": ("archive_too_large", workbook(parts={"xl/media/a": zeros})),
        "parts together": ("archive_ratio", workbook(parts=blanks)),
        "nested": ("bundle", zipped({f"{n}.zip": zipped(inner) for n in range(9)})),
        "shared strings": ("part_too_large", strings(texts)),
        "laughs": ("xml_declares", strings(LAUGHS)),
        "entity from outside": ("xml_declares", strings(FETCHED)),
        "declarations from outside": ("xml_declares", strings(OUTSIDE)),
        "laughs in UTF-16": ("xml_declares", strings(LAUGHS.encode("utf-16"))),
        "laughs after comments": ("xml_declares", strings("<!-- -->" * 1000 + LAUGHS)),
        "comments without end": ("broken_archive", strings("<!-- -->" * 100_000 + LAUGHS)),
        "laughs under another name": ("xml_declares", workbook(parts={"xl/a.png": LAUGHS})),
        "parts": ("archive_members", zipped({f"{n}.xml": "" for n in range(20_000)})),
        "columns": ("sheet_too_large", workbook('<row><c r="XFD1"><v>1</v></c></row>' * 20_000)),
        "fields": ("sheet_too_large", workbook('<row><c r="GR1"><v>1</v></c></row>' + ROW * 19_000)),
        "ODS: rows": ("sheet_too_large", spreadsheet(row.format(times=rows, cell=cell.format(times="")))),
        "ODS: columns": ("sheet_too_large", spreadsheet(row.format(times="", cell=cell.format(times=columns)))),
        "ODS: laughs": ("xml_declares", zipped({"mimetype": SPREADSHEET, "content.xml": LAUGHS})),
        "XLS: rows": ("sheet_too_large", biff(*(number(n, 0) for n in range(65_536)))),
        "XLS: records": ("workbook_records", biff(*[(0x10, b"")] * 3_000_000)),
        "XLS: texts": ("too_many_texts", biff(top=[(0xFC, struct.pack("<II", 9, 10**7) + b"\1\0\0a" * 999)])),
        "text": ("file_too_large", b"1,2,3,4,5,6\n" * 5_000_000),
        "CSV": ("sheet_too_large", b"1,2,3,4,5,6\n" * 1_000_000),
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
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        key = read(path) and "read"
    except InputError as error:
        key = error.key
    seconds = time.process_time() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([path.stem, key, seconds, grown / 1024]), flush=True)
    os._exit(0)
"""


def measured(cases: Mapping[str, bytes], folder: Path) -> dict[str, tuple[str, float, float]]:
    """What each case ends in, after how many seconds and MiB, each in a child of a process that is warm."""
    warm = {
        "a.xlsx": workbook(ROW),
        "a.xls": biff(number(0, 0)),
        "a.ods": spreadsheet(""),
        "a.html": b"<html><table><tr><td>1</table>",
        "a.docx": document(""),
        "a.pdf": saved(drawn(words(50, 200, "1"))).content,
    }
    (folder / "cases").mkdir()
    for name, content in warm.items():
        (folder / name).write_bytes(content)
    for name, content in cases.items():
        (folder / "cases" / f"{name}.xlsx").write_bytes(content)
    arguments = [":".join(str(folder / name) for name in warm), str(folder / "cases")]
    done = subprocess.run(
        [sys.executable, "-c", MEASURING, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name: (key, seconds, grown) for name, key, seconds, grown in map(json.loads, done.stdout.splitlines())}


def assert_refused(cases: Mapping[str, tuple[str, bytes]], folder: Path) -> None:
    """Each case ends as it says, within the limits."""
    found = measured({name: content for name, (_, content) in cases.items()}, folder)
    assert {name: found[name][0] for name in cases} == {name: key for name, (key, _) in cases.items()}
    assert not {name: rest for name, rest in found.items() if rest[1] > SECONDS or rest[2] > MEGABYTES}


def test_bombs_are_refused_before_they_fill_time_or_memory(tmp_path: Path) -> None:
    assert_refused(bombs(), tmp_path)


def encrypted_zip() -> bytes:
    """A workbook whose members say that they have a password."""
    content = bytearray(workbook(ROW))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            content[place + offset] |= 1
    return bytes(content)


def doubled() -> bytes:
    """A workbook that has a sheet twice."""
    stream = io.BytesIO(workbook(ROW))
    with zipfile.ZipFile(stream, "a") as archived, pytest.warns(UserWarning, match="Duplicate"):
        archived.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return stream.getvalue()


def typed(kind: str) -> bytes:
    return zipped({"[Content_Types].xml": TYPES.format(overrides=override("main.xml", kind))})


ENCRYPTED_ODS: dict[str, bytes | str] = {
    "mimetype": SPREADSHEET,
    "content.xml": b"\x93\x01\x7f",
    "META-INF/manifest.xml": '<manifest:file-entry><manifest:encryption-data manifest:checksum="x"/>',
}
TWICE = '<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'
REFUSED = {
    "cut in half": ("broken_archive", workbook(ROW)[:400]),
    "nothing but its beginning": ("broken_archive", b"PK\3\4"),
    "an empty archive": ("bundle", zipped({})),
    "noise in a container": ("broken_container", OLE + bytes(504)),
    "a container cut short": ("broken_container", OLE),
    "a container with a password": ("encrypted_file", container("EncryptedPackage", b"")),
    "a container of something else": ("unknown_container", container("VisioDocument", b"")),
    "Word with a password": ("encrypted_file", container("WordDocument", bytes(10) + b"\0\1")),
    "an old workbook with a password": ("encrypted_file", container("Workbook", biff(top=[(0x2F, bytes(54))]))),
    "a package of noise": ("unknown_container", container("Package", bytes(99))),
    "a bomb in a package": ("xml_declares", container("Package", strings(LAUGHS))),
    "an archive of reports": ("bundle", zipped({"a.docx": b"PK", "b.docx": b"PK"})),
    "RAR": ("bundle", b"Rar!\x1a\7\0"),
    "gzip": ("bundle", b"\x1f\x8b\x08\0"),
    "OFD": ("ofd", zipped({"OFD.xml": "<ofd:OFD/>", "Doc_0/Document.xml": "<a/>"})),
    "a presentation": ("presentation", typed("presentationml.presentation.main")),
    "a binary workbook": (
        "xlsb",
        zipped(
            {"[Content_Types].xml": TYPES.format(overrides="application/vnd.ms-excel.sheet.binary.macroEnabled.main")}
        ),
    ),
    "members with a password": ("encrypted_file", encrypted_zip()),
    "ODS with a password": ("encrypted_file", zipped(ENCRYPTED_ODS)),
    "XLS with a password": ("encrypted_file", biff(top=[(0x2F, bytes(54))])),
    "XLS cut short": ("broken_workbook", biff(*(number(n, 0) for n in range(9)))[:60]),
    "a part twice": ("archive_twice", doubled()),
    "a cell twice": ("cell_twice", workbook(TWICE)),
    "a sheet cut short": ("broken_workbook", sheet(f'<worksheet xmlns="{MAIN}"><sheetData><row><c')),
    "a workbook without sheets": ("no_sheets", workbook(parts={"xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'})),
    "a picture": ("picture_only", b"\x89PNG\r\n\x1a\n" + bytes(99)),
    "an XML workbook": ("office_xml", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
    "an XML text": ("office_xml", b'\xef\xbb\xbf<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?><w/>'),
    "CSV with an open quotation": ("delimited_csv", b'a,b,c,d,e\n1,2,3,4,5\n"1,2,3,4,5\n'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_clear_line(name: str, tmp_path: Path) -> None:
    key, content = REFUSED[name]
    # Named as something else: the content tells.
    path = tmp_path / "report.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.key == key
    for lang in LANGUAGES:
        with speaking(lang):
            assert str(caught.value).startswith("report.xlsx")
            assert "\n" not in str(caught.value)


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "report"
    for whole in (workbook(ROW), spreadsheet("<table:table-row/>"), biff(number(0, 0))):
        for size in range(4, len(whole), max(1, len(whole) // 60)):
            path.write_bytes(whole[:size])
            with pytest.raises(InputError):
                read(path)


def test_rows_that_only_look_like_something_do_not_count(tmp_path: Path) -> None:
    styled = "".join(f'<row r="{n}" ht="15"><c r="A{n}" s="0"/></row>' for n in range(2, 3 * MAX_ROWS))
    (grid,) = printed(Document("a.xlsx", workbook(ROW + styled)))
    assert isinstance(grid, Grid)
    assert [field.text for row in grid.rows for field in row] == ["1"]


def test_a_relation_to_another_file_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(f'<worksheet xmlns="{MAIN}"><sheetData>{ROW}</sheetData></worksheet>')
    for target in (f"../../../..{secret}", secret.as_uri(), str(secret)):
        relation = f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="{target}" TargetMode="External"/>'
        parts = {"xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'}
        with pytest.raises(InputError):
            printed(Document("a.xlsx", workbook(ROW, parts)))
