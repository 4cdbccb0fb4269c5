"""CSV for Excel and WPS: a line for each finding and doubt, UTF-8 with its mark, nothing that would be a formula."""

from __future__ import annotations

import csv
import io
import unicodedata

from gongkai.catalogues import say
from gongkai.filing import Number, decimal_text
from gongkai.formats.entries import COLUMNS, Result

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that programs take for a formula; in the wide forms of these as well."""


def written(result: Result) -> bytes:
    """The table of all entries. Without the mark at its beginning, Excel in China takes UTF-8 for GBK."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(say(f"column.{name}") for name in COLUMNS)
    for entry in result.all:
        values = entry.values()
        writer.writerow(_field(values.get(name)) for name in COLUMNS)
    return stream.getvalue().encode("utf-8-sig")


def _field(value: str | Number) -> str:
    """A number as it is; a text after an apostrophe where it would run as a formula, since inputs are not ours."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) else decimal_text(value)
    return f"'{value}" if unicodedata.normalize("NFKC", value[:1]).startswith(_FORMULA) else value
