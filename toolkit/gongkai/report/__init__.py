"""What notebooks import, and all that they import: one call a cell, each of which shows a piece of the report."""

from gongkai.report.checking import KINDS, Checked, appendix, check
from gongkai.report.display import CHECKED_MIME, FINDINGS_MIME, REPORT_MIME, Page
from gongkai.report.figures import figure
from gongkai.report.opening import About, Opened, open, read_pair  # noqa: A004
from gongkai.report.pages import heading, page_break, preamble, section, signature

__all__ = [
    "CHECKED_MIME",
    "FINDINGS_MIME",
    "KINDS",
    "REPORT_MIME",
    "About",
    "Checked",
    "Opened",
    "Page",
    "appendix",
    "check",
    "figure",
    "heading",
    "open",
    "page_break",
    "preamble",
    "read_pair",
    "section",
    "signature",
]
