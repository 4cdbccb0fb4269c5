"""From the tree to a PDF for the archive and for every reader: PDF/A-2a and PDF/UA-1."""

from __future__ import annotations

import json

from gongkai.catalogues import speaking
from gongkai.export.blocks import Document
from gongkai.export.pdf.data import setting
from gongkai.export.pdf.tags import tagged
from gongkai.export.typesetting import typeset


def write_pdf(document: Document) -> bytes:
    """The PDF of `document`, the same bytes each time.

    Raises JobError that names the cell for a character that no font has, InternalError for what typst does not set.
    """
    with speaking(document.language.partition("-")[0]):
        made = setting(document)
    data = json.dumps(made.data, ensure_ascii=False).encode()
    return tagged(typeset("report.typ", {**made.files, "data.json": data}), made.tables)
