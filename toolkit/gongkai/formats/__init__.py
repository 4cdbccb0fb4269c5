"""What a check found, as a file: for programs (JSON), code servers (SARIF, JUnit) and offices (CSV, XLSX).

Each format is a module with one function that makes the bytes of a `Result`, in the language in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gongkai.formats.entries import Result

FORMATS = ("json", "sarif", "junit", "csv", "xlsx")
"""The names of the formats; known without loading any of them."""


def written(form: str, result: Result) -> bytes:
    """`result` in the format called `form`. Raises UsageError for what a format cannot hold."""
    from gongkai.formats import delimited, junit, records, sarif, sheets

    writers = (records.written, sarif.written, junit.written, delimited.written, sheets.written)
    return dict(zip(FORMATS, writers, strict=True))[form](result)
