"""``jupyter nbconvert --to gongkai_html``: the report as one HTML page that prints as the official layout."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Bool


class GongkaiHTMLExporter(Exporter):  # type: ignore[misc]
    """Makes the final page; with `draft` the page for review, with marks and appendix.

    Raises NotebookError for a notebook that holds an error, JobError for an output that has no place on a page.
    """

    export_from_notebook = "Gongkai HTML"
    output_mimetype = "text/html"
    file_extension = ".html"

    # nbconvert would validate the notebook after each of its eleven preprocessors, all of which are off by default.
    optimistic_validation = Bool(True).tag(config=True)

    draft = Bool(False, help="Mark each page as a draft, show the findings and mark their cells.").tag(config=True)

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """The page, and nbconvert's resources."""
        from gongkai.export.page import page

        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        return page(notebook, name=resources["metadata"]["name"], draft=self.draft), resources


def to_html(notebook: str, *, draft: bool = False) -> str:
    """The page of an executed notebook that is given as JSON text."""
    import nbformat

    html, _ = GongkaiHTMLExporter(draft=draft).from_notebook_node(nbformat.reads(notebook, as_version=4))
    return str(html)
