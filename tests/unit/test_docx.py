"""The Word file: what python-docx reads of it, and what stands in its parts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.catalogues import catalogue
from gongkai.errors import AuthoringError
from gongkai.export.blocks import (
    TEXT_WIDTH,
    Document,
    Heading,
    List,
    Note,
    PageBreak,
    Paragraph,
    Preformatted,
    Run,
    Signature,
    Table,
    Title,
)
from gongkai.export.docx import write_docx
from gongkai.export.docx.text import bookmark_name
from gongkai.forms import editions, load_form
from gongkai.report.tables import shown
from gongkai.tables import layout
from tests.helpers import ROOT, balanced_filing
from tests.trees import official_table
from tests.unit.docx_trees import LOOKS, document, everything, frame, line, nested, report

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FILING = balanced_filing(1)
NOTES = {
    "requests.received.total": (Note(1, "warning", "TBL-2", "偏多"), Note(2, "error", "TBL-1", "不等 <&>")),
    "disclosure.fees.amount": (Note(3, "info", "FEE", "请看"),),
}
TABLES = [(edition, table) for edition in editions() for table in load_form(edition).tables]


def opened(made: Document, **more: Any) -> Any:
    return docx.Document(BytesIO(write_docx(made, **more)))


def part(data: bytes, name: str) -> Any:
    with ZipFile(BytesIO(data)) as archive:
        return parse_xml(archive.read(name))


def values(found: Any) -> dict[str, str]:
    """The text of each cell that holds a bookmark, by its name."""
    return {
        mark.get(qn("w:name")): "".join(text.text or "" for text in cell.iter(qn("w:t")))
        for cell in found.element.iter(qn("w:tc"))
        for mark in cell.iter(qn("w:bookmarkStart"))
    }


def merged(table: Any) -> set[tuple[int, int, int, int, str]]:
    """Row, column, rows, columns and text of each cell, from gridSpan and vMerge."""
    found: dict[tuple[int, int], list[Any]] = {}
    above: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(table.tr_lst):
        column = 0
        for cell in row.tc_lst:
            if cell.vMerge == "continue":
                assert found[above[column]][1] == cell.grid_span
                found[above[column]][0] += 1
            else:
                text = "".join(each.text or "" for each in cell.iter(qn("w:t")))
                found[number, column] = [1, cell.grid_span, text]
                above[column] = number, column
            column += cell.grid_span
        assert column == len(table.tblGrid.gridCol_lst)
    return {(*place, *spans) for place, spans in found.items()}


@pytest.mark.parametrize(("edition", "table"), TABLES)
def test_the_merged_cells_are_those_of_the_form(edition: str, table: str) -> None:
    filing = replace(FILING, edition=edition)
    tree = opened(document(official_table(filing, table))).tables[0]._tbl
    wanted = {
        (*cell.place, cell.rowspan, cell.colspan, shown(filing, cell.address) if cell.address else str(cell.words))
        for cell in layout(edition, table).cells
    }
    assert merged(tree) == wanted
    assert sum(each.w for each in tree.tblGrid.gridCol_lst) == Pt(442.2)


def test_python_docx_reads_the_grid_too() -> None:
    table = opened(document(official_table(FILING, "requests"))).tables[0]
    for cell in layout("2021", "requests").values():
        assert table.cell(*cell.place).text == shown(FILING, cell.address or "")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([3, 40, 10**6, 10**8]))
def test_the_numbers_read_back_under_their_addresses(seed: int, largest: int) -> None:
    filing = balanced_filing(seed, largest=largest)
    found = values(opened(report(filing)))
    assert found == {bookmark_name(address): shown(filing, address) for address in filing.cells}


@given(st.text())
def test_a_bookmark_has_a_name_that_word_takes(name: str) -> None:
    assert bookmark_name(name).isascii() and bookmark_name(name).isidentifier() and len(bookmark_name(name)) <= 40


def test_no_two_cells_share_a_bookmark() -> None:
    addresses = [address for edition in editions() for address in load_form(edition).cells]
    assert len({bookmark_name(address) for address in addresses}) == len(set(addresses))
    assert bookmark_name("disclosure.fees.amount") == "disclosure__fees__amount"


def test_headings_are_headings() -> None:
    found = opened(document(Title(("题", "目")), *(Heading(level, line(f"第{level}级")) for level in range(1, 12))))
    names = [each.style.name for each in found.paragraphs]
    assert names == ["Title", *(f"Heading {min(level, 9)}" for level in range(1, 12))]
    assert found.paragraphs[0].text == "题\n目"
    for level in range(1, 10):
        style = found.styles[f"Heading {level}"].element
        assert style.find(qn("w:pPr")).find(qn("w:outlineLvl")).get(qn("w:val")) == str(level - 1)


def test_heads_repeat_and_no_row_is_broken() -> None:
    rows = opened(document(official_table(FILING, "requests"))).tables[0]._tbl.tr_lst
    heads = layout("2021", "requests").head_rows
    assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows] == [
        number < heads for number, _ in enumerate(rows)
    ]
    assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)


def kept(table: Table) -> list[bool]:
    """Of each row whether it stays with the next."""
    rows = opened(document(table)).tables[0]._tbl.tr_lst
    return [next(row.iter(qn("w:pPr"))).find(qn("w:keepNext")) is not None for row in rows]


def test_short_tables_and_bands_stay_on_one_page_and_long_ones_do_not() -> None:
    assert kept(frame(5)) == [True] * 5 + [False]
    assert kept(official_table(FILING, "disclosure")).count(False) == 4
    long = kept(frame(30))
    assert long[:2] == [True, True] and long[-2:] == [True, False] and not any(long[2:-2])


def test_a_merged_cell_of_few_rows_stays_on_one_page() -> None:
    grid, keeps = layout("2021", "requests"), kept(official_table(FILING, "requests"))
    for cell in grid.cells:
        if 1 < cell.rowspan <= 10:
            assert all(keeps[cell.row : cell.row + cell.rowspan - 1])
    assert not all(keeps[grid.head_rows : -1])


def fonts(found: Any, style: str) -> tuple[str, str]:
    found = found.styles[style].element.rPr.rFonts
    return found.get(qn("w:ascii")), found.get(qn("w:eastAsia"))


def test_fonts_have_their_names() -> None:
    found = opened(document(Paragraph(line("文"))))
    assert fonts(found, "Title")[1] == "方正小标宋简体"
    assert fonts(found, "Normal")[1] == "仿宋_GB2312"
    assert fonts(found, "Heading 1")[1] == "黑体"
    assert fonts(found, "Heading 2")[1] == "楷体_GB2312"
    assert found.styles["表格数字"].element.rPr.rFonts.get(qn("w:ascii")) == "Times New Roman"
    styles = part(write_docx(document()), "word/styles.xml")
    assert not [key for each in styles.iter(qn("w:rFonts")) for key in each.keys() if "Theme" in key]  # noqa: SIM118
    english = opened(document(language="en"))
    assert fonts(english, "Normal") == ("Times New Roman", "仿宋_GB2312")


def test_type_has_the_official_sizes() -> None:
    found = opened(document())
    normal, title = found.styles["Normal"], found.styles["Title"]
    assert (normal.font.size, normal.paragraph_format.line_spacing) == (Pt(16), Pt(28.95))
    assert (title.font.size, title.paragraph_format.line_spacing) == (Pt(22), Pt(35))


@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_the_document_states_its_language_title_and_day(language: str, tag: str) -> None:
    about = opened(document(title="某局<报告>", language=language)).core_properties
    assert (about.title, about.language, about.author) == ("某局<报告>", tag, "")
    assert about.created == about.modified == datetime.fromisoformat("2025-01-20T00:00:00+00:00")
    data = write_docx(document())
    assert next(part(data, "word/styles.xml").iter(qn("w:lang"))).get(qn("w:eastAsia")) == "zh-CN"
    assert next(part(data, "word/settings.xml").iter(qn("w:themeFontLang"))).get(qn("w:eastAsia")) == "zh-CN"


def test_the_page_is_official() -> None:
    found = opened(document())
    section = found.sections[0]
    lengths = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    for length, wanted in zip(lengths, (37, 26, 35, 28), strict=True):
        assert abs(length - Mm(wanted)) < Pt(0.1)
    assert abs(section.page_width - Mm(210)) < Pt(0.1) and abs(section.page_height - Mm(297)) < Pt(0.1)
    assert found.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        assert footer.paragraphs[0].style.name.lower() == "footer"
        xml = footer.paragraphs[0]._p.xml
        assert ' PAGE "' in xml and f'w:val="{side}"' in xml and f'w:{side}="280"' in xml


def properties(found: Any, text: str) -> str:
    run = next(each for each in found.element.iter(qn("w:r")) if each.text == text)
    return str(run.xml)


def test_every_look_is_shown() -> None:
    runs = tuple(Run(f"看{number}。", look) for number, look in enumerate(LOOKS))
    found = opened(document(Heading(1, line("二"), anchor="two"), Paragraph(runs)))
    wanted = ["", "<w:b/>", "<w:i/>", 'w:u w:val="single"', "<w:strike/>", "HTMLCode", "subscript", "superscript"]
    wanted += ['w:color w:val="c00000"', 'w:fill="ffff00"', "Hyperlink", "Hyperlink", "", 'w:fill="eeeeee"']
    for number, each in enumerate(wanted):
        assert each in properties(found, f"看{number}。")
    assert "rPr" not in properties(found, "看0。") and "rPr" not in properties(found, "看12。")
    links = list(found.element.iter(qn("w:hyperlink")))
    outside = found.part.rels[links[0].get(qn("r:id"))]
    assert outside.is_external and outside.target_ref == "https://example.org/a?b=1&c=2"
    assert links[1].get(qn("w:anchor")) == "two" and len(links) == 3


def test_lists_count_for_themselves() -> None:
    again = List(((Paragraph(line("又一")),),), ordered=True, start=7)
    data = write_docx(document(nested(), again))
    marks = [
        (int(each.find(qn("w:ilvl")).get(qn("w:val"))), each.find(qn("w:numId")).get(qn("w:val")))
        for each in part(data, "word/document.xml").iter(qn("w:numPr"))
    ]
    assert [level for level, _ in marks] == [0, 0, 1, 1, 2, 2, 0, 0]
    assert len({number for _, number in marks}) == 4
    begins = [each.get(qn("w:val")) for each in part(data, "word/numbering.xml").iter(qn("w:startOverride"))]
    assert begins == ["3", "7"]


def test_a_long_name_is_centred_over_the_date_which_has_four_characters_free() -> None:
    found = opened(document(Signature(("某" * 20, "1" * 10))))
    long = found.paragraphs[-1].paragraph_format
    assert long.right_indent.pt == 0 and long.left_indent.pt > 0
    short = opened(document(Signature(("某局", "1" * 10)))).paragraphs[-1].paragraph_format
    assert short.right_indent.pt == 48


def test_an_ordinal_has_a_line_of_its_own_in_a_narrow_column() -> None:
    texts = {cell.text for row in opened(report(balanced_filing(1))).tables[1].rows for cell in row.cells}
    assert {"（三）\n不予公开", "（一）予以公开"} <= texts


def test_a_table_in_a_list_stands_under_its_text() -> None:
    found = opened(document(List(((Paragraph(line("甲")), frame(2)),)))).tables[0]
    properties = found._tbl.tblPr
    assert properties.find(qn("w:tblInd")).get(qn("w:w")) == "1120"
    assert sum(int(each.get(qn("w:w"))) for each in found._tbl.tblGrid) == round(TEXT_WIDTH * 20) - 1120


def test_what_follows_a_page_break_begins_a_page() -> None:
    found = opened(document(Paragraph(line("一")), PageBreak(), Paragraph(line("二")), PageBreak(), frame(1)))
    assert [each.paragraph_format.page_break_before for each in found.paragraphs] == [None, True, True, None]


def test_pictures_have_alternative_texts_and_vectors() -> None:
    found = opened(document(*everything(FILING)))
    drawings = [each.get("descr") for each in found.element.iter(qn("wp:docPr"))]
    assert drawings == ["各月公开数量", "走势"]
    kinds = sorted(each.target_part.content_type for each in found.part.rels.values() if "image" in each.reltype)
    assert kinds == ["image/png", "image/png", "image/svg+xml"]


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    found = opened(document(Paragraph(line("甲\x00\x0b\ud800\uffff\r乙\n丙\t丁")), Preformatted("a\n\x1bb")))
    assert [each.text for each in found.paragraphs] == ["甲乙\n丙\t丁", "a\nb"]


def test_a_draft_has_a_mark_and_comments_at_its_cells() -> None:
    found = opened(report(FILING, draft=True, notes=NOTES))
    texts = [comment.text for comment in found.comments]
    assert len(texts) == 3 and texts[0] == "3\u3000提示\u3000FEE\n请看" and texts[2].endswith("不等 <&>")
    assert not [each for comment in found.comments for each in comment._comment_elm.attrib if "date" in each]
    cells = {
        mark.get(qn("w:name")): cell
        for cell in found.element.iter(qn("w:tc"))
        for mark in cell.iter(qn("w:bookmarkStart"))
    }
    cell = cells[bookmark_name("requests.received.total")]
    assert len(list(cell.iter(qn("w:commentReference")))) == 2
    assert cell.find(f"{qn('w:tcPr')}/{qn('w:shd')}").get(qn("w:fill")) == "FBD9D3"
    for header in (found.sections[0].header, found.sections[0].even_page_header):
        assert 'string="草稿"' in header.paragraphs[0]._p.xml


def test_a_final_report_has_neither_mark_nor_comments() -> None:
    with ZipFile(BytesIO(write_docx(report(FILING)))) as archive:
        assert not [name for name in archive.namelist() if "comment" in name or "header" in name]


MAKE = """
import sys
from tests.helpers import balanced_filing
from tests.unit.docx_trees import everything, report
from tests.unit.test_docx import NOTES
from gongkai.export.docx import write_docx
from pathlib import Path
filing = balanced_filing(5)
Path("made.docx").write_bytes(write_docx(report(filing, *everything(filing), draft=True, notes=NOTES)))
"""


def test_the_same_report_makes_the_same_bytes(tmp_path: Path) -> None:
    made = set()
    for seed, zone in (("1", "Asia/Shanghai"), ("2", "America/New_York")):
        folder = tmp_path / seed
        folder.mkdir()
        where = {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", MAKE], cwd=folder, env=os.environ | where, check=True)
        made.add((folder / "made.docx").read_bytes())
    assert len(made) == 1


@pytest.fixture
def reference(tmp_path: Path) -> Callable[..., Path]:
    def save(change: Callable[[Any], None] = lambda office: None) -> Path:
        office = docx.Document()
        office.add_paragraph("不应留下的正文")
        office.styles["Heading 1"].font.color.rgb = RGBColor(0xC0, 0, 0)
        office.styles["Heading 1"].element.set(qn("w:styleId"), "1")
        office.sections[0].left_margin = Mm(40)
        office.sections[0].header.paragraphs[0].text = "某局"
        change(office)
        office.save(str(tmp_path / "reference.docx"))
        return tmp_path / "reference.docx"

    return save


def test_a_reference_restyles(reference: Callable[..., Path]) -> None:
    found = opened(report(FILING, draft=True, notes=NOTES), reference=reference())
    heading = next(each for each in found.paragraphs if each.text == "一、总体情况")
    assert heading.style.style_id == "1" and heading.style.font.color.rgb == RGBColor(0xC0, 0, 0)
    assert found.sections[0].left_margin == pytest.approx(Mm(40), abs=Pt(0.1))
    header = found.sections[0].header.paragraphs[0]
    assert header.text == "某局" and "PowerPlusWaterMark" in header._p.xml
    assert "不应留下的正文" not in found.element.xml
    assert found.core_properties.author == ""
    table = next(found.element.iter(qn("w:tbl")))
    used = {each.get(qn("w:val")) for each in table.iter(qn("w:pStyle"))}
    assert used <= {each.style_id for each in found.styles} and "TableNumber" in used


def test_a_reference_without_headers_gets_page_numbers(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "plain.docx"))
    found = opened(document(), reference=tmp_path / "plain.docx")
    assert " PAGE " in found.sections[0].footer.paragraphs[0]._p.xml


def test_a_template_attached_to_a_reference_is_cut(reference: Callable[..., Path]) -> None:
    def attach(office: Any) -> None:
        settings = office.settings.element
        key = office.part._settings_part.relate_to("file:///C:/x.dotm", f"{OFFICE}/attachedTemplate", is_external=True)
        settings.insert(1, parse_xml(f'<w:attachedTemplate {nsdecls("w", "r")} r:id="{key}"/>'))

    data = write_docx(document(), reference=reference(attach))
    with ZipFile(BytesIO(data)) as archive:
        assert not [name for name in archive.namelist() if b"x.dotm" in archive.read(name)]
    assert not list(part(data, "word/settings.xml").iter(qn("w:attachedTemplate")))


def test_a_reference_may_lack_numberings_and_name_a_printer(reference: Callable[..., Path]) -> None:
    def lack(office: Any) -> None:
        rels = office.part.rels
        del rels[next(key for key, each in rels.items() if each.reltype == RELATIONSHIP_TYPE.NUMBERING)]
        key = office.part.relate_to(office.part.package.parts[0], f"{OFFICE}/printerSettings")
        office.element.body.sectPr.append(parse_xml(f'<w:printerSettings {nsdecls("w", "r")} r:id="{key}"/>'))

    found = opened(document(nested()), reference=reference(lack))
    assert len(found.part.numbering_part.element.findall(qn("w:abstractNum"))) == 2
    assert "printerSettings" not in found.element.xml


def broken() -> Iterator[tuple[str, bytes]]:
    target = BytesIO()
    docx.Document().save(target)
    whole = target.getvalue()
    yield "reference_encrypted", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    yield "reference_broken", b""
    yield "reference_broken", b"not a document"
    yield "reference_broken", whole[: len(whole) // 2]
    yield "reference_broken", whole[:2000] + b"\0" * 500 + whole[2500:]
    for name, key in (("xl/workbook.xml", "reference_broken"), ("word/vbaProject.bin", "reference_macros")):
        other = BytesIO(whole if "vba" in name else b"")
        with ZipFile(other, "a") as archive:
            archive.writestr(name, "<x/>")
        yield key, other.getvalue()


@pytest.mark.parametrize(("key", "data"), list(broken()))
def test_a_reference_that_cannot_be_used_is_named(key: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "reference.docx").write_bytes(data)
    with pytest.raises(AuthoringError, match=r"reference\.docx") as caught:
        write_docx(document(), reference=tmp_path / "reference.docx")
    assert caught.value.key == key and f"error.{key}" in catalogue("en")


def test_a_header_that_leads_outside_is_refused(reference: Callable[..., Path]) -> None:
    def lead(office: Any) -> None:
        office.sections[0].header.part.relate_to("http://example.org/x.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)

    with pytest.raises(AuthoringError, match=r"example\.org"):
        write_docx(document(), reference=reference(lead))


def test_importing_the_exporters_loads_no_word() -> None:
    code = "import sys, gongkai.export; print([name for name in ('docx', 'typst') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
