"""From an executed notebook to one HTML page. Code is not shown; what cells show is, cleaned."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from gongkai.catalogues import language, say, speaking
from gongkai.errors import JobError, NotebookError
from gongkai.export.clean import RefusedError, clean
from gongkai.export.marks import mark
from gongkai.report import FINDINGS_MIME, REPORT_MIME

DRAFT_TAG = "gongkai-draft"
"""Cells with this tag are for review only."""

PICTURES = ("image/png", "image/jpeg")
PLAIN = {"text/plain", REPORT_MIME, FINDINGS_MIME}


def page(notebook: Any, *, name: str, draft: bool) -> str:
    """The page of `notebook`, in the language of its report; `name` is its title where no report is in it.

    Raises NotebookError for a cell that holds an error, JobError for one that cannot be shown.
    """
    report = next(iter(_data(notebook, REPORT_MIME)), {"title": name, "language": language()})
    with speaking(report["language"]):
        blocks = [block for cell in notebook.cells for block in _blocks(cell, draft)]
        if draft:
            entries = [entry for found in _data(notebook, FINDINGS_MIME) for entry in found]
            blocks = mark(blocks, entries)
        return str(_template().render(title=report["title"], blocks=blocks, draft=draft, say=say))


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")


def _data(notebook: Any, mime: str) -> Iterator[Any]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if mime in output.get("data", {}):
                yield output.data[mime]


def _blocks(cell: Any, draft: bool) -> Iterator[str]:
    if DRAFT_TAG in cell.metadata.get("tags", ()) and not draft:
        return
    try:
        if cell.cell_type == "markdown":
            yield clean(_markdown(cell.source, cell.get("attachments", {})))
        for output in cell.get("outputs", ()):
            yield _output(output)
    except RefusedError as refused:
        raise JobError("cannot_show", place=cell.get("id"), what=refused.what) from refused
    except _RaisedError as raised:
        raise NotebookError("cell_raised", place=cell.get("id"), problem=raised) from raised


class _RaisedError(Exception):
    """A cell holds an error."""


def _output(output: Any) -> str:
    if output.output_type == "error":
        raise _RaisedError(f"{output.ename}: {output.evalue}".splitlines()[0])
    if output.output_type == "stream":
        return _preformatted(output.text) if output.name == "stdout" else ""
    data = output.data
    if "text/html" in data:
        return clean(data["text/html"])
    if "text/markdown" in data:
        return clean(_markdown(data["text/markdown"], {}))
    for mime in PICTURES:
        if mime in data:
            return clean(f'<p class="figure"><img src="data:{mime};base64,{"".join(data[mime].split())}" alt=""></p>')
    if unknown := sorted(set(data) - PLAIN):
        raise RefusedError(", ".join(unknown))
    return _preformatted(data.get("text/plain", ""))


def _preformatted(text: str) -> str:
    return f"<pre>{escape(text.rstrip())}</pre>" if text.strip() else ""


def _markdown(source: str, attachments: Any) -> str:
    from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    try:
        return str(MarkdownWithMath(renderer=renderer).render(source))
    except InvalidNotebook as error:
        raise RefusedError(str(error)) from error
