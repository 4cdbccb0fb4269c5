"""Trees by hand, of which Word files are made in tests."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from gongkai.export.blocks import (
    Block,
    Document,
    Figure,
    Heading,
    Line,
    List,
    Look,
    Note,
    Paragraph,
    Picture,
    Piece,
    Preformatted,
    Row,
    Run,
    Signature,
    Table,
    TableCell,
    Title,
)
from gongkai.filing import Filing
from tests.trees import official_table

SENTENCE = "本机关认真贯彻落实《中华人民共和国政府信息公开条例》，坚持以公开为常态、不公开为例外。"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="150pt" viewBox="0 0 300 150">'
    b'<rect width="300" height="150" fill="#eee"/>'
    b'<path d="M10 140 L100 60 L200 90 L290 10" fill="none" stroke="#000"/></svg>'
)


def line(text: str, **look: Any) -> Line:
    return (Run(text, Look(**look)),)


def document(*blocks: Block, **more: Any) -> Document:
    given: dict[str, Any] = {"title": "报告", "language": "zh", "issued": date(2025, 1, 20)} | more
    return Document(pieces=(Piece("cell", blocks),), **given)


def frame(rows: int, columns: int = 4, text: str = "数据") -> Table:
    """A table of no form, with a head."""
    head = Row(tuple(TableCell(n, (line(f"第{n}列"),), scope="col") for n in range(columns)))
    body = tuple(Row(tuple(TableCell(n, (line(f"{text}{r}"),)) for n in range(columns))) for r in range(rows))
    return Table(((head,), body), 1, (1 / columns,) * columns, 10.0, 10.0, caption=line("表 1　各类情况"))


def nested() -> List:
    def item(text: str, *more: Block) -> tuple[Block, ...]:
        return (Paragraph(line(text)), *more)

    deepest = List((item("第三层"), item("第三层之二")))
    inner = List((item("内层甲" * 12), item("内层乙", deepest)), ordered=True, start=3)
    return List((item("外层一" * 15, Paragraph(line("同一条的第二段。" * 5))), item("外层二", inner), item("外层三")))


def png(width: int = 60, height: int = 40) -> Picture:
    from PIL import Image

    target = BytesIO()
    Image.new("RGB", (width, height), "#88aacc").save(target, "PNG")
    return Picture("png", target.getvalue(), width * 5.0, height * 5.0)


LOOKS = (
    Look(),
    Look(bold=True),
    Look(italic=True),
    Look(underline=True),
    Look(strike=True),
    Look(code=True),
    Look(position="sub"),
    Look(position="super"),
    Look(color="#c00000"),
    Look(background="#ffff00"),
    Look(link="https://example.org/a?b=1&c=2"),
    Look(link="#two"),
    Look(link="#nowhere"),
    Look(bold=True, italic=True, underline=True, strike=True, code=True, position="super", color="#0000ff",
         background="#eeeeee", link="https://example.org/"),
)  # fmt: skip


def report(
    filing: Filing, *more: Block, draft: bool = False, notes: dict[str, tuple[Note, ...]] | None = None
) -> Document:
    """A whole report."""
    tables = [
        block
        for number, key in enumerate(filing.form.tables, start=2)
        for block in (Heading(1, line(f"{number}、{filing.form.tables[key].name}")), official_table(filing, key, notes))
    ]
    summary = [Paragraph(line("核对结果：错误 2、警告 1。"), "summary")] if draft else []
    return document(
        *summary,
        Title((filing.agency or "某县财政局", "2024年政府信息公开工作年度报告")),
        Paragraph(line(SENTENCE * 2)),
        Heading(1, line("一、总体情况")),
        Heading(2, line("（一）主动公开"), anchor="two"),
        Paragraph(line(SENTENCE * 5)),
        Heading(3, line("1.细目")),
        Paragraph(tuple(Run(f"看法{n}", look) for n, look in enumerate(LOOKS))),
        *tables,
        Heading(1, line("五、存在的主要问题及改进情况")),
        Paragraph(line(SENTENCE * 3)),
        *more,
        Signature((filing.agency or "某县财政局", "2025年1月20日")),
        draft=draft,
    )


def everything(filing: Filing) -> tuple[Block, ...]:
    """One of each other kind of block."""
    return (
        nested(),
        frame(4),
        frame(3),
        Figure(png(), "各月公开数量", line("图 1　各月公开数量")),
        Figure(Picture("svg", SVG, 300, 150), "走势", line("图 2　走势")),
        Preformatted("a  = 1\n  编号   数量\n  甲        12"),
        Paragraph(line("引用的话。" * 20), "quote"),
        Paragraph(line("居右"), align="right"),
    )
