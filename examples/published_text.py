"""A filing as people get it when they take the text out of a published document.

Tables are torn by page breaks, label columns vanish behind a break, words have spaces inside, and lines end in empty
fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gongkai.filing import Filing
from gongkai.forms import Node


def published_text(filing: Filing) -> str:
    """The text of `filing` as its agency would publish it."""
    form = filing.form
    lines = ["", str(filing.agency), "", f"{filing.year} 年{form.title.zh}", ""]
    lines += _paragraphs(filing, "preamble")
    for section in form.sections:
        lines += [f"{section.ordinal.zh}、{section.title.zh}", ""]
        if section.table:
            lines += [*_printed_table(filing, section.table), ""]
        else:
            lines += _paragraphs(filing, section.key)
        for part in section.parts:
            lines += [f"{part.ordinal.zh}{part.title.zh}", "", *_paragraphs(filing, part.text)]
    lines += [filing.facts["signature"].text, "", filing.facts["signed"].text]
    return "\n".join(lines) + "\n"


def _paragraphs(filing: Filing, key: str) -> list[str]:
    return [line for passage in filing.texts.get(key, ()) for line in (passage.text, "")]


def _printed_table(filing: Filing, table: str) -> list[str]:
    match table:
        case "disclosure":
            return list(_printed_disclosure(filing))
        case "requests":
            return [*REQUESTS_HEAD, *_printed_requests(filing)]
    values = [cell.raw for address, cell in filing.cells.items() if address.startswith("disputes.")]
    return [*DISPUTES_HEAD, "\t".join(values)]


REQUESTS_HEAD = (
    "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）\t\t申请人情况\t\t\t\t\t\t总计\t",
    "\t\t自然人\t法人或其他 组织\t\t\t\t\t\t",
    "\t\t\t商业 企业\t科研 机构\t社会公益 组织\t法律服务 机构\t其他\t\t",
)
DISPUTES_HEAD = (
    "行政复议\t\t\t\t\t行政诉讼\t\t\t\t\t\t\t\t\t",
    "结果 维持\t结果 纠正\t其他 结果\t尚未 审结\t总计\t未经复议 直接起诉\t\t\t\t\t复议后 起诉\t\t\t\t",
    "\t\t\t\t\t" + "\t".join(["结果 维持\t结果 纠正\t其他 结果\t尚未 审结\t总计"] * 2),
)


def _printed_disclosure(filing: Filing) -> Iterator[str]:
    for number, band in enumerate(filing.form.tables["disclosure"].bands):
        width = 4 if number < 2 else 2
        heads = [column.label.zh for column in band.leaf_columns]
        lines = [[band.caption.zh if band.caption else ""], [band.head.zh if band.head else "", *heads]]
        for row in band.leaf_rows:
            addresses = [f"disclosure.{row.key}.{column.key}" for column in band.leaf_columns]
            lines.append([row.label.zh, *(filing.cells[address].raw for address in addresses)])
        for line in lines:
            yield "\t".join(line + [""] * (width - len(line)))
        if number == 1:
            yield ""  # the page ends here, and with it the two columns that only the first band needs


def _printed_requests(filing: Filing) -> Iterator[str]:
    (band,) = filing.form.tables["requests"].bands
    columns = [str(column.key) for column in band.leaf_columns]
    shown, width = 3, 10
    for labels in _label_paths(band.rows, ()):
        key = str(labels[-1].key)
        if key in ("unavailable.not_held", "processed"):
            yield ""
            shown, width = (2, 9) if key == "unavailable.not_held" else (1, 8)
        printed = [_spaced(node) if _is_first(node, labels) else "" for node in labels]
        if len(labels) > 1:
            printed = printed[-shown:]
        values = [filing.cells[f"requests.{key}.{column}"].raw for column in columns]
        line = printed + [""] * (len(labels) == 1 and shown > 1) + values
        yield "\t".join(line + [""] * (width - len(line)))


def _label_paths(nodes: Sequence[Node], above: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    for node in nodes:
        if node.children:
            yield from _label_paths(node.children, (*above, node))
        else:
            yield (*above, node)


def _is_first(node: Node, labels: tuple[Node, ...]) -> bool:
    """Whether a label that spans rows is printed in this one: only in the first of them."""
    return next(iter(node.leaves())) is labels[-1]


def _spaced(node: Node) -> str:
    """A label as it comes out of a narrow column: a space behind its number, or inside it where it spans rows."""
    label = node.label.zh
    return f"{label[:5]} {label[5:]}" if node.children else re.sub(r"^(（.）|\d\.)", r"\1 ", label)
