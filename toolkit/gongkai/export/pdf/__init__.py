"""From the tree to a PDF for the archive and for every reader: PDF/A-2a and PDF/UA-1."""

from __future__ import annotations

import json

from gongkai.catalogues import speaking
from gongkai.export.blocks import Document
from gongkai.export.pdf.data import Setting, setting
from gongkai.export.pdf.tags import load_library, tagged
from gongkai.export.typesetting import load_fonts, typeset
from gongkai.fonts import ROLES, chain, coverage


def write_pdf(document: Document) -> bytes:
    """The PDF of `document`, the same bytes each time.

    Raises JobError that names the cell for a character that no font has, InternalError for what typst does not set.
    """
    made = _setting(document)
    data = json.dumps(made.data, ensure_ascii=False).encode()
    return tagged(typeset("report.typ", {**made.files, "data.json": data}), made.tables)


def rehearse(document: Document) -> None:
    """All that `write_pdf` needs once and that may be shared with children: not the setting of a page."""
    _setting(document)
    load_fonts()
    load_library()
    for font in (font for role in ROLES for font in chain(role)):
        coverage(font)


def _setting(document: Document) -> Setting:
    with speaking(document.language.partition("-")[0]):
        return setting(document)
