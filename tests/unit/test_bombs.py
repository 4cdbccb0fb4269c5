"""More files that are made to fill memory and time: what parsers, patterns and pdfium take long for."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pikepdf import Dictionary, Name

from gongkai.errors import InputError
from gongkai.filing import Filing
from gongkai.intake import pdf as pdf_reader
from gongkai.intake import read, word
from gongkai.intake.containers import contained
from gongkai.intake.interface import Document
from gongkai.intake.printed import Grid, Paragraph
from gongkai.intake.sheets import printed
from tests.pdfs import drawn, saved, words
from tests.unit.test_hostile import (
    MAIN,
    OFFICE,
    OPENDOCUMENT,
    RELATIONS,
    ROW,
    SPREADSHEET,
    TYPES,
    WORDS,
    assert_refused,
    biff,
    container,
    document,
    number,
    override,
    sheet,
    spreadsheet,
    workbook,
    zipped,
)

TITLE = "某某县某某局2024年政府信息公开工作年度报告"
HEADS = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、行政复议")


def text(inside: str) -> bytes:
    """A report as plain text, with something in place of its second table."""
    return "\n".join([TITLE, *HEADS[:3], inside, HEADS[3]]).encode()


def page(inside: str) -> bytes:
    heads = "".join(f"<p>{each}</p>" for each in HEADS[:3])
    return f"<html><meta charset=utf-8><h1>{TITLE}</h1>{heads}{inside}<p>{HEADS[3]}</p></html>".encode()


def loose(content: bytes) -> bytes:
    """An archive anew, nothing packed, so that no ratio tells."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return stream.getvalue()


def paragraph(inside: str) -> str:
    return f"<w:p><w:r><w:t>{inside}</w:t></w:r></w:p>"


def nested(opening: str, closing: str, times: int, inside: str = "") -> str:
    return opening * times + inside + closing * times


def styled(styles: str) -> bytes:
    kinds = [("xl/workbook.xml", "sheet.main"), ("xl/worksheets/sheet1.xml", "worksheet"), ("xl/styles.xml", "styles")]
    types = TYPES.format(overrides="".join(override(part, f"spreadsheetml.{kind}") for part, kind in kinds))
    sheet = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    return loose(workbook(ROW, {"[Content_Types].xml": types, "xl/styles.xml": sheet}))


def listing(inside: str, sheets: str = '<sheet name="A" sheetId="1" r:id="r1"/>') -> bytes:
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>{inside}</workbook>'
    return loose(workbook(ROW, {"xl/workbook.xml": book}))


def texts() -> dict[str, tuple[str, bytes]]:
    long = {
        "brackets": "（[{" * 90_000,
        "spaces": "a" + " " * 290_000 + "b",
        "digits": "9" * 290_000,
        "commas": "," * 290_000,
        "years": "2024年" * 50_000,
    }
    pages = {
        "tags": ("page_marks", "<p>1" * 1_000_000),
        "attributes": ("page_marks", "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">x"),
        "spans": ("report_too_long", "<table><tr>" + "<td colspan=999999999 rowspan=999999999>1" * 30_000),
        "depth": ("broken_page", "<div>" * 90_000),
        "one attribute": ("read", f'<p title="{"x" * 10_000_000}">a</p>'),
        "styles": ("read", "<i style='visibility '>b</i>" * 40_000),
        "entities": ("read", "&amp;" * 200_000),
    }
    related = b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="B0"'
    levels = "".join(f'\n\n--B{n}\nContent-Type: multipart/related; boundary="B{n + 1}"' for n in range(3000))
    return {
        **{f"text: {name}": ("read", text(each)) for name, each in long.items()},
        **{f"page: {name}": (key, page(each)) for name, (key, each) in pages.items()},
        "text: numbers": ("report_too_long", text("9 " * 140_000)),
        "text: tabs": ("report_too_long", text("\t" * 290_000 + "x")),
        "text: lines": ("report_too_long", text("\n" * 15_000_000)),
        "page: saved with parts": ("broken_page", related + b"\n\n--B0\nContent-Type: text/plain\n\nx" * 200_000),
        "page: saved in levels": ("broken_page", related + levels.encode()),
        "page: saved with parameters": ("broken_page", related + b"; a=b" * 1_000_000),
        "CSV: a field": ("delimited_csv", b"1,2,3,4,5\n" * 5 + b"1,2,3,4," + b"x" * (15 * 2**20) + b"\n"),
        "CSV: NUL": ("unknown_kind", b"1,2,3,4,5\n" * 5 + b"1,\0,3,4,5\n"),
        "filing": ("report_too_long", b'{"a":[' + b"{}," * 5_000_000 + b"{}]}"),
    }


def archives() -> dict[str, tuple[str, bytes]]:
    column = nested("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>", 60, paragraph("x") * 15_000)
    cell = "<table:table-cell {}><text:p>{}</text:p></table:table-cell>"
    spaces = cell.format(
        'office:value-type="string" table:number-columns-repeated="199"', "a<text:s text:c='999'/>" * 999
    )
    lost = '<!DOCTYPE w [<!ENTITY a "' + "a" * 50_000 + '">]><w>' + "&a;" * 50_000 + "</w>"
    merged = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 300_000))
    ranges = f"<sheetData>{ROW}</sheetData><mergeCells>{merged}</mergeCells>"
    ranges = f'<worksheet xmlns="{MAIN}">{ranges}</worksheet>'
    twice = "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="r1"/>' for n in range(900))
    shared, long = "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si><t>{"x" * 9_000_000}</t></si></sst>'
    names = "".join(f'<definedName name="n{n}">A!$A$1</definedName>' for n in range(200_000))
    return {
        "DOCX: quadratic entities": ("xml_declares", document("", {"word/footnotes.xml": lost})),
        "DOCX: cells": ("xml_marks", loose(document("<w:tbl><w:tr>" + "<w:tc/>" * 1_000_000))),
        "DOCX: boxes": ("no_report", document(nested("<w:p><w:r><w:txbxContent>", "</w:txbxContent></w:r></w:p>", 60))),
        "DOCX: tables in tables": ("report_too_long", loose(document(column))),
        "DOCX: depth": ("broken_word", loose(document("<w:sdt>" * 100_000))),
        "XLSX: styles": ("no_report", styled("<cellXfs>" + '<xf numFmtId="14"/>' * 200_000 + "</cellXfs>")),
        "XLSX: formats": (
            "no_report",
            styled(
                f'<numFmts><numFmt numFmtId="200" formatCode="{"[" * 200_000}d"/></numFmts>'
                '<cellXfs><xf numFmtId="200"/></cellXfs>'
            ),
        ),
        "XLSX: names": ("xml_marks", listing(f"<definedNames>{names}</definedNames>")),
        "XLSX: a sheet many times": ("broken_workbook", listing("", twice)),
        "XLSX: ranges": ("sheet_too_large", loose(sheet(ranges))),
        "XLSX: a text": ("report_too_long", loose(workbook('<row><c t="s"><v>0</v></c></row>', {shared: long}))),
        "XLSX: size that lies": (
            "no_report",
            sheet(
                f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{ROW}</sheetData></worksheet>'
            ),
        ),
        "XLSX: strings by another name": (
            "part_too_large",
            loose(workbook(ROW, {"xl/a.png": "<sst>" + "<si/>" * 4_000_000})),
        ),
        "ODS: cells": ("xml_marks", loose(spreadsheet("<table:table-row>" + "<table:table-cell/>" * 600_000))),
        "ODS: spaces": (
            "sheet_too_large",
            spreadsheet(f'<table:table-row table:number-rows-repeated="999">{spaces}</table:table-row>'),
        ),
        "ODS: repeated": (
            "broken_workbook",
            spreadsheet(
                f'<table:table-row table:number-rows-repeated="{"9" * 9000}">{cell.format("", "1")}</table:table-row>'
            ),
        ),
        "ZIP: parts that overlap": ("archive_twice", overlapping()),
        "XLS: styles": ("workbook_records", biff(top=[(0xE0, bytes(20))] * 200_000)),
        "XLS: fields": (
            "sheet_too_large",
            biff(*((0xBD, struct.pack("<HH", n, 0) + bytes(1538)) for n in range(5000))),
        ),
        "OLE: chain that loops": ("no_report", looping()),
    }


def overlapping() -> bytes:
    """An archive whose directory lists one part nine hundred times."""
    content = b"<a>" + b" " * 1_000_000 + b"</a>"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, name = packer.compress(content) + packer.flush(), b"xl/a.bin"
    sizes = (zlib.crc32(content), len(packed), len(content), len(name))
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, *sizes, 0) + name + packed
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, 0, 0, 0, 0, 0, 0) + name
    return local + entry * 900 + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 900, 900, len(entry) * 900, len(local), 0)


def looping() -> bytes:
    """A container in which the sectors of its stream lead back to the first."""
    content = bytearray(container("Workbook", biff(number(0, 0))))
    struct.pack_into("<I", content, 512 + 4 * 3, 2)
    return bytes(content)


def forms(levels: int, program: str, inside: str = "") -> bytes:
    """A PDF whose page draws a form, which runs `program`, in which N is the next one."""
    pdf = drawn(words(50, 200, "1") + " /N Do")
    form = pdf.make_stream(inside.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 300, 400])
    for _ in range(levels):
        outer = pdf.make_stream(program.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 300, 400])
        outer.Resources = Dictionary(XObject=Dictionary(N=form))
        form = outer
    pdf.pages[0].Resources.XObject = Dictionary(N=form)
    return saved(pdf).content


def inherited() -> bytes:
    """Forms that have no resources of their own and find each other in those of the page."""
    pdf = drawn(" /F30 Do")
    found = Dictionary()
    for level in range(31):
        program = f"/F{level - 1} Do " * 2 if level else ""
        found[f"/F{level}"] = pdf.make_stream(
            program.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 300, 400]
        )
    pdf.pages[0].Resources.XObject = found
    return saved(pdf).content


def filed(objects: list[bytes]) -> bytes:
    """A PDF of these objects, the first of which is its root."""
    content, places = b"%PDF-1.7\n", []
    for count, each in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n" % count + each + b"\nendobj\n"
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + b"xref\n0 %d\n" % (len(objects) + 1) + table + end


def paged(contents: bytes, *streams: tuple[bytes, bytes]) -> bytes:
    """A PDF of one page with these contents; streams begin with object 4, each with its keys and its data."""
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    parts.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents %s>>" % contents)
    for keys, data in streams:
        parts.append(b"<</Length %d%s>>\nstream\n" % (len(data), keys) + data + b"\nendstream")
    return filed(parts)


def pdfs() -> dict[str, tuple[str, bytes]]:
    once = zlib.compress(b" " * (300 * 2**20), 9)
    twice = zlib.compress(once, 9)
    some = zlib.compress(b" " * (20 * 2**20), 9)
    flate, both = b"/Filter/FlateDecode", b"/Filter[/Fl#61teDecode/Fl]"
    listed = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[" + b"3 0 R " * 1_000_000 + b"]/Count 9>>"]
    around = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"]
    return {
        "forms": ("pdf_unfolds", forms(30, "/N Do " * 2)),
        "forms with escapes": ("pdf_unfolds", forms(30, "/#4E Do%\n/N %\nDo\t")),
        "forms of the page": ("pdf_unfolds", inherited()),
        "forms of nothing": ("pdf_unfolds", forms(1, "/N Do " * 200_000)),
        "forms in depth": ("pdf_unfolds", forms(2000, "/N Do")),
        "packed twice": ("pdf_unfolds", paged(b"4 0 R", (both, twice))),
        "packed as a picture": ("pdf_unfolds", paged(b"4 0 R", (flate + b"/Subtype/Image", once))),
        "packed in hexadecimal": (
            "pdf_unfolds",
            paged(b"4 0 R", (b"/Filter[/AHx/Fl/Fl]", twice.hex().encode() + b">")),
        ),
        "a part many times": ("pdf_unfolds", paged(b"[" + b"4 0 R " * 300 + b"]", (flate, some))),
        "many parts": ("pdf_unfolds", paged(b"[4 0 R 5 0 R 6 0 R 7 0 R 8 0 R]", *[(flate, some)] * 5)),
        "runs": ("broken_pdf", paged(b"4 0 R", (b"/Filter/RunLengthDecode", b"\x81 " * 4_000_000 + b"\x80"))),
        "states": ("pdf_unfolds", paged(b"4 0 R", (b"", b"q " * 2_000_000))),
        "letters": ("pdf_unfolds", saved(drawn("BT /H 9 Tf " + "(1) Tj " * 1_000_000 + "ET")).content),
        "pages": ("pdf_unfolds", filed(listed)),
        "pages in a circle": ("broken_pdf", filed(around)),
        "a list": ("pdf_unfolds", filed([*around, b"[" + b"0 " * 25_000_000 + b"]"])),
        "words": ("pdf_unfolds", b"%PDF-1.7\n" + b"stream\n" * 2_000_000),
    }


@pytest.mark.parametrize("cases", [texts, archives, pdfs])
def test_what_takes_long_is_refused_or_does_no_harm(
    cases: Callable[[], dict[str, tuple[str, bytes]]], tmp_path: Path
) -> None:
    assert_refused(cases(), tmp_path)


def test_forms_are_counted_as_often_as_they_are_drawn_and_not_more(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(forms(8, "/N Do " * 2, words(50, 100, "9")))
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.pdf")
    assert caught.value.key == "no_report"


def test_a_page_that_is_a_picture_among_pages_of_text_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = drawn(*(words(50, 350, "1") for _ in range(3)))
    picture = pdf.make_stream(bytes(100), Type=Name.XObject, Subtype=Name.Image, Width=10, Height=10)
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
    pdf.pages[1].Contents = pdf.make_stream(b"q 290 0 0 390 5 5 cm /I Do Q " + words(150, 9, "2").encode())
    pdf.pages[1].Resources.XObject = Dictionary(I=picture)
    monkeypatch.setattr(pdf_reader, "filing_of", lambda *_: Filing(edition="2021", cells={}))
    found = pdf_reader.PDFReader().read(saved(pdf))
    assert [(each.code, each.read, each.source and each.source.page) for each in found.doubts][-1:] == [
        ("PRS-PAGE-PICTURE", "2", 2)
    ]


def strict(content: bytes) -> bytes:
    """An office document in the namespaces of the strict form of ISO 29500."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for usual in (MAIN, OFFICE, WORDS):
        other = usual.replace("schemas.openxmlformats.org", "purl.oclc.org/ooxml").replace("/2006", "")
        parts = {name: part.replace(usual.encode(), other.encode()) for name, part in parts.items()}
    return zipped(parts)


def test_the_strict_form_of_office_documents_is_read_as_the_usual_one() -> None:
    given = Document("a", strict(workbook(ROW)))
    book, report = (contained(each) for each in (given, Document("a", strict(document(paragraph("a"))))))
    (grid,) = printed(book)
    assert isinstance(grid, Grid)
    assert [field.text for row in grid.rows for field in row] == ["1"]
    assert [each.text for each in word.printed(report) if isinstance(each, Paragraph)] == ["a"]
    # A filing remembers the file as it came.
    assert book.record == given.record


MACROS = "application/vnd.ms-{}.{}.macroEnabled.main+xml"


@pytest.mark.parametrize(
    "kind",
    [
        *(MACROS.format("excel", each) for each in ("sheet", "template")),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    ],
)
def test_workbooks_with_macros_and_templates_are_read_as_workbooks(kind: str) -> None:
    usual = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    with zipfile.ZipFile(io.BytesIO(workbook(ROW, {"xl/vbaProject.bin": b"\xd0\xcf"}))) as old:
        parts = {name: old.read(name).replace(usual.encode(), kind.encode()) for name in old.namelist()}
    assert len(printed(Document("a", zipped(parts)))) == 1


def test_nothing_that_a_document_refers_to_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("secret")
    relation = f'<Relationship Id="r9" Type="{OFFICE}/{{}}" Target="{secret.as_uri()}" TargetMode="External"/>'
    relations = "".join(map(relation.format, ("aFChunk", "attachedTemplate", "subDocument")))
    parts = {"word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>'}
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    field = (
        f'<w:p><w:fldSimple w:instr=" INCLUDETEXT &quot;{secret}&quot; "><w:r><w:t>b</w:t></w:r></w:fldSimple></w:p>'
    )
    body = f'<?xml-stylesheet href="{secret}"?>{include}<w:altChunk r:id="r9"/><w:subDoc r:id="r9"/>{field}'
    blocks = word.printed(contained(Document("a", document(paragraph("a") + body, parts))))
    assert [each.text for each in blocks if isinstance(each, Paragraph)] == ["a", "b"]
    source = f'<table:table-source xmlns:x="http://www.w3.org/1999/xlink" x:href="{secret.as_uri()}"/>'
    linked = zipped({"mimetype": SPREADSHEET, "content.xml": f"<a {OPENDOCUMENT}>{source}</a>"})
    assert not printed(Document("a", linked))


def test_a_title_below_dates_and_links_is_kept_where_no_section_is_headed(tmp_path: Path) -> None:
    for before in ("2024年1月1日", "打印"):
        (tmp_path / "a.txt").write_text(f"{before}\n{TITLE}\n正文。\n", encoding="utf-8")
        found = read(tmp_path / "a.txt")
        assert found.year == 2024
        assert [each.text for each in found.texts["preamble"]] == ["正文。"]
