"""The Word file of a report. Whoever imports this loads python-docx."""

from gongkai.export.docx.writer import write_docx

__all__ = ["write_docx"]
