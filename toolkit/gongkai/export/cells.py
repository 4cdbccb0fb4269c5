"""What the cells of an executed notebook show, as HTML. Code is not shown, nor what went to standard error.

Of what a cell shows in several ways HTML comes first, then Markdown, pictures, text: as Jupyter shows it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

from gongkai.catalogues import say
from gongkai.export.refused import RefusedError
from gongkai.report import CHECKED_MIME, FINDINGS_MIME, REPORT_MIME

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
PLAIN = {"text/plain", REPORT_MIME, FINDINGS_MIME, CHECKED_MIME}
WRITTEN = ("text/html", "text/markdown")
MATHEMATICS = ("block_math", "inline_math", "multiline_math", "latex_environment")
WEB_ADDRESS = r"""https?://[!-;=?-~]+(?<![.,:;!?"')\]])"""
"""An address within running text. Chinese goes on without a space, so what is not ASCII is not of it."""
TAG = re.compile("<[^<>]*>")


class RaisedError(Exception):
    """A cell holds an error."""


def shown(cell: Any) -> Iterator[str]:
    """The HTML of each thing that `cell` shows.

    Raises RaisedError for a cell that holds an error, RefusedError for what has no place in a report.
    """
    if cell.cell_type == "markdown":
        yield _markdown(_joined(cell.source), cell.get("attachments", {}))
    elif cell.cell_type == "raw":
        yield _raw(cell)
    for output in cell.get("outputs", ()):
        yield _output(output, cell.metadata.get("alt", ""))


def _raw(cell: Any) -> str:
    """As nbconvert understands raw cells: text for one kind of format, of which ours take two."""
    kind = cell.metadata.get("format") or cell.metadata.get("raw_mimetype") or ""
    source = _joined(cell.source)
    if not source.strip():
        return ""
    if kind not in WRITTEN:
        raise RefusedError(say("refused.raw_cell", kind=kind or say("refused.no_format")))
    return _of(kind, source)


def _output(output: Any, alt: str) -> str:
    if output.output_type == "error":
        raise RaisedError(f"{output.ename}: {output.evalue}".splitlines()[0])
    if output.output_type == "stream":
        return _printed(_joined(output.text)) if output.name == "stdout" else ""
    data = output.data
    for mime in WRITTEN:
        # Blank where a library leaves the showing to a script.
        if (text := _joined(data.get(mime, ""))).strip():
            return _of(mime, text)
    for mime in PICTURES:
        if mime in data:
            return _image(mime, _joined(data[mime]), output.get("metadata", {}), alt)
    if unknown := sorted(set(data) - PLAIN - {*WRITTEN}):
        raise RefusedError(say("refused.output", kind=say("list.separator").join(unknown)))
    return "" if data.keys() & {*WRITTEN} else _preformatted(_joined(data.get("text/plain", "")))


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)


def _of(mime: str, text: str) -> str:
    return text if mime == "text/html" else _markdown(text, {})


def _image(mime: str, data: str, metadata: Any, alt: str) -> str:
    if mime == "image/svg+xml":
        data = base64.b64encode(data.encode()).decode()
    about = {**metadata, **metadata.get(mime, {})} if isinstance(metadata.get(mime, {}), dict) else metadata
    width = f' width="{escape(str(about["width"]))}"' if "width" in about else ""
    alt = escape(str(about.get("alt") or alt))
    return f'<img src="data:{mime};base64,{"".join(data.split())}" alt="{alt}"{width}>'


def _printed(text: str) -> str:
    """What is printed, each line in its last state: a bar of progress returns to the start and is written over."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in filter(None, line.split("\r")):
            shown = part + shown[len(part) :]
        lines.append(shown)
    return _preformatted("\n".join(lines))


def _preformatted(text: str) -> str:
    from nbconvert.filters.ansi import strip_ansi

    text = strip_ansi(text).rstrip()
    # An HTML parser drops the first line end of what is preformatted.
    return f"<pre>\n{escape(text)}</pre>" if text else ""


def _markdown(source: str, attachments: Any) -> str:
    from mistune.plugins.table import table_in_list, table_in_quote
    from nbconvert.filters.markdown_mistune import InvalidNotebook, MarkdownWithMath

    markdown = MarkdownWithMath(renderer=_renderer()(escape=False, attachments=attachments))
    markdown.inline.specification["url_link"] = WEB_ADDRESS
    table_in_list(markdown)
    table_in_quote(markdown)
    try:
        return str(markdown.render(source))
    except RecursionError as error:
        raise RefusedError(say("refused.nesting")) from error
    # The second where the attachment of that name is empty: nbconvert asks for its first kind.
    except (InvalidNotebook, RuntimeError) as error:
        raise RefusedError(say("refused.attachment")) from error


@cache
def _renderer() -> type[Any]:
    """Jupyter's own reading of Markdown, but for mathematics and diagrams, which no report can set.

    Code stays as it is, without colours; a heading has the anchor that Jupyter gives it, without the sign beside it.
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer

    def refuse(*_: object, **__: object) -> str:
        raise RefusedError(say("refused.mathematics"))

    def block_code(_: object, code: str, info: str | None = None) -> str:
        if info and info.startswith("mermaid"):
            raise RefusedError(say("refused.output", kind="mermaid"))
        return f"<pre>\n{escape(code)}</pre>"

    def heading(_: object, text: str, level: int, **__: object) -> str:
        name = TAG.sub("", text).strip().replace(" ", "-").replace('"', "&quot;")
        return f'<h{level} id="{name}">{text}</h{level}>'

    own = {**dict.fromkeys(MATHEMATICS, refuse), "block_code": block_code, "heading": heading}
    return type("Renderer", (IPythonRenderer,), own)
