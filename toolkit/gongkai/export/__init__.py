"""The one door to nbconvert: executed notebooks become files that an office can issue.

nbconvert makes one of every registered exporter when it starts, so what an exporter works with is imported late.
"""

from gongkai.export.exporters import (
    GongkaiDOCXExporter,
    GongkaiExporter,
    GongkaiHTMLExporter,
    GongkaiPDFExporter,
    exported,
    notebook_page,
    rehearse,
)

__all__ = [
    "GongkaiDOCXExporter",
    "GongkaiExporter",
    "GongkaiHTMLExporter",
    "GongkaiPDFExporter",
    "exported",
    "notebook_page",
    "rehearse",
]
