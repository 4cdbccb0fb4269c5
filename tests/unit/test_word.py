"""Word documents: what is shown is read; what is deleted, hidden or doubled for old programs is not."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from gongkai.errors import InputError
from gongkai.intake.interface import Document
from gongkai.intake.printed import Grid, Paragraph
from gongkai.intake.word import WordReader, printed


def saved(made: docx.document.Document) -> Document:
    stream = io.BytesIO()
    made.save(stream)
    return Document("report.docx", stream.getvalue())


def texts(made: docx.document.Document) -> list[str]:
    return [each.text for each in printed(saved(made)) if isinstance(each, Paragraph) and each.text]


def test_merged_cells_have_the_columns_and_rows_that_they_span() -> None:
    made = docx.Document()
    table = made.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(1, 1)).text = "甲"
    table.cell(1, 2).text = "乙"
    table.cell(2, 1).text = "1"
    (grid,) = [each for each in printed(saved(made)) if isinstance(each, Grid)]
    shown = [[(each.text, each.left, each.right, each.height) for each in row] for row in grid.rows]
    assert shown == [
        [("甲", 0, 2, 2), ("", 2, 3, 1)],
        [("乙", 2, 3, 1)],
        [("", 0, 1, 1), ("1", 1, 2, 1), ("", 2, 3, 1)],
    ]


def test_deletions_hidden_text_and_field_codes_are_left_out_and_insertions_kept() -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("留")
    made.element.body.insert(0, parse_xml(
        f'<w:p {nsdecls("w")}><w:r><w:t>前</w:t></w:r>'
        '<w:del w:id="1" w:author="x"><w:r><w:delText>删</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="x"><w:r><w:t>增</w:t></w:r></w:ins>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:tab/><w:t>后</w:t><w:br/><w:t>行</w:t></w:r></w:p>"
    ))  # fmt: skip
    assert paragraph.text == "留"
    assert texts(made) == ["前增\t后", "行", "留"]


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    made = docx.Document()
    made.add_table(1, 1).cell(0, 0).text = "字" * 400
    assert texts(made) == ["字" * 400]


def test_text_in_a_box_is_read_once() -> None:
    made = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
    made.element.body.insert(0, parse_xml(
        f'<w:p {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r>'
        f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
        "</w:r></w:p>"
    ))  # fmt: skip
    assert texts(made) == ["框"]


def test_a_document_with_entities_or_cut_off_is_refused() -> None:
    content = saved(docx.Document()).content
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["word/document.xml"] = (
        b'<!DOCTYPE x [<!ENTITY a "1">]>'
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b"<w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    for broken in (stream.getvalue(), stream.getvalue().replace(b"<w:body>", b"<w:bodx>")):
        with pytest.raises(InputError) as error:
            printed(Document("x.docx", broken))
        assert error.value.key == "broken_word"
    assert not WordReader().recognises(Document("x.docx", content[: len(content) // 2]))
