"""``jupyter nbconvert --to gongkai_html``, ``gongkai_docx``, ``gongkai_pdf``: one document, three ways to write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import Exporter
from traitlets import Bool

if TYPE_CHECKING:
    from gongkai.export.blocks import Document


class GongkaiExporter(Exporter):  # type: ignore[misc]
    """Makes the final file; with `draft` the file for review, with marks and appendix.

    Raises NotebookError for a notebook that holds an error, JobError for an output that has no place in a report.
    """

    # nbconvert would validate the notebook after each of its eleven preprocessors, all of which are off by default.
    optimistic_validation = Bool(True).tag(config=True)

    draft = Bool(False, help="Mark each page as a draft, show the findings and mark their cells.").tag(config=True)

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """What is written, and nbconvert's resources."""
        from gongkai.catalogues import say
        from gongkai.export.document import document
        from gongkai.workspace import standing_in

        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        about = resources["metadata"]
        report = document(notebook, name=about["name"], draft=self.draft)
        for cell in report.unnamed_figures:
            self.log.warning(say("page.unnamed_figure", cell=cell))
        # A server stands elsewhere than the notebook whose workspace holds template and fonts.
        with standing_in(Path(about.get("path") or ".")):
            return self.write(report), resources

    @staticmethod
    def write(document: Document) -> str | bytes:
        """The file of `document`."""
        raise NotImplementedError


class GongkaiHTMLExporter(GongkaiExporter):
    """The report as one HTML page that prints as the official layout."""

    export_from_notebook = "Gongkai HTML"
    output_mimetype = "text/html"
    file_extension = ".html"

    @staticmethod
    def write(document: Document) -> str:
        """The page."""
        from gongkai.export.html import write_html

        return write_html(document)


class GongkaiDOCXExporter(GongkaiExporter):
    """The report as a Word file, styled by the workspace's ``reference.docx`` where there is one."""

    export_from_notebook = "Gongkai Word"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    file_extension = ".docx"

    @staticmethod
    def write(document: Document) -> bytes:
        """The Word file."""
        from gongkai.export.docx import write_docx
        from gongkai.workspace import find_workspace

        reference = find_workspace() / "reference.docx"
        return write_docx(document, reference=reference if reference.exists() else None)


class GongkaiPDFExporter(GongkaiExporter):
    """The report as a PDF for the archive (PDF/A-2a) that screen readers can read (PDF/UA-1)."""

    export_from_notebook = "Gongkai PDF"
    output_mimetype = "application/pdf"
    file_extension = ".pdf"

    @staticmethod
    def write(document: Document) -> bytes:
        """The PDF."""
        from gongkai.export.pdf import write_pdf

        return write_pdf(document)


EXPORTERS = {each.file_extension: each for each in (GongkaiHTMLExporter, GongkaiDOCXExporter, GongkaiPDFExporter)}
"""By the extension of what they write."""


def exported(notebook: str, *, drafts: bool, formats: Iterable[str] = EXPORTERS) -> Iterator[tuple[str, bytes]]:
    """Each file of the report in `notebook` (JSON text), by what follows its name, such as ``.draft.pdf``.

    The final ones come first, with `drafts` the others after them. Raises what the exporters raise.
    """
    import nbformat

    from gongkai.export.document import document

    read = nbformat.reads(notebook, as_version=4)
    for draft in (False, True)[: 1 + drafts]:
        report = document(read, name="report", draft=draft)
        for extension in formats:
            written = EXPORTERS[extension].write(report)
            yield f"{'.draft' * draft}{extension}", written.encode() if isinstance(written, str) else written


PRIORITY = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
"""What is shown of an output that has several forms; there is no script among them."""

_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'\">"
)
"""Pictures of other sites are no script, so they are not cleaned away: they are not loaded, wherever the page lies."""


def notebook_page(notebook: str, *, title: str) -> str:
    """An executed notebook (JSON text) as a page of its cells and outputs, cleaned of whatever could run or load."""
    import html

    import nbformat
    from nbconvert.exporters import HTMLExporter

    from gongkai.catalogues import say

    exporter = HTMLExporter(template_name="basic", sanitize_html=True)
    exporter.display_data_priority = list(PRIORITY)
    body, _ = exporter.from_notebook_node(nbformat.reads(notebook, as_version=4))
    style = (Path(__file__).parent / "notebook.css").read_text(encoding="utf-8")
    head = f'<meta charset="utf-8">{_POLICY}<title>{html.escape(title)}</title><style>{style}</style>'
    return f'<!DOCTYPE html><html lang="{say("page.lang")}"><head>{head}</head><body><main>{body}</main></body></html>'


def rehearse(notebook: Any) -> None:
    """Load all that the exporters work with, and write the report in `notebook` as far as no page is set.

    A process that forks afterwards may do that, see `gongkai.export.typesetting`.
    """
    from gongkai.export import pdf
    from gongkai.export.document import document

    for draft in (False, True):
        report = document(notebook, name="report", draft=draft)
        GongkaiHTMLExporter.write(report)
        GongkaiDOCXExporter.write(report)
        pdf.rehearse(report)
