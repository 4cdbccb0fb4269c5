"""The closed list of views that `expect` rules run over: one row per thing that is checked, and what its columns hold.

A column holds what was read or what it is compared with, never a verdict or a difference. Beside its columns every row
knows its filing and its place there, which findings tell; a row of cells that are written alike knows each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

ColumnKind = Literal["text", "number"]

_VIEWS: dict[str, dict[str, ColumnKind]] = {
    # A cell of the form. `kind`: number, blank, placeholder, unreadable, or missing where the input has no such cell;
    # `measure`: count, amount or change; `value`: plain writing of the number, else empty; `raw`: as it stood.
    "cells": {"address": "text", "table": "text", "kind": "text", "measure": "text", "value": "text", "raw": "text"},
    # A label of a table as a document prints it, where it is not as the form has it.
    "labels": {"printed": "text", "wanted": "text"},
    # A table of a document or workbook. `kind`: present, picture where one stands in its place, or missing.
    "tables": {"table": "text", "kind": "text"},
    # A filing whose year is known. `applicable`: the edition that applies to its year.
    "reports": {"year": "text", "edition": "text", "applicable": "text"},
    # The title of a report, without white space.
    "titles": {"title": "text"},
    # A section of the form in a document, or a heading beyond them. `kind`: present, missing or beyond; `ordinal` and
    # `title` as printed, the others as the form has them; all without white space, punctuation and brackets.
    "sections": dict.fromkeys(("section", "kind", "ordinal", "wanted_ordinal", "title", "wanted_title"), "text"),
    # A text that the form asks for, its parts included. `kind`: present, nothing (a word for nothing) or missing;
    # `words`: all of it, without white space; `length`: characters of that.
    "texts": {"key": "text", "kind": "text", "words": "text", "length": "number"},
    # A passage of prose, with `lines` drawn together.
    "passages": {"key": "text", "words": "text"},
    # What a report says of itself. `own`: how often it names itself or states a figure of its own.
    "specifics": {"own": "number"},
    # What the preamble says of the sections. `what`: count (stated; of those it lists, or of the form) or name (as it
    # lists a section; as the form has it).
    "announced": {"what": "text", "stated": "text", "wanted": "text"},
    # A place where a report names its own agency, and the name of the agency.
    "names": {"place": "text", "name": "text", "agency": "text"},
    # A mention of a year. `place`: title, signed or prose; `legitimate`: of the years that may stand there, the one
    # nearest to it.
    "years": {"place": "text", "year": "text", "legitimate": "text"},
    # The first and the last day of the period of statistics that a report states, YYYY-MM-DD.
    "periods": {"first": "text", "wanted_first": "text", "last": "text", "wanted_last": "text"},
    # A date of a report. `what`: published or signed; `day`: years after the report's, month and day as one number:
    # 10131 is 31 January of the next year.
    "dates": {"what": "text", "day": "number"},
    # Signature and publication of a report, each as a number of days.
    "signatures": {"signed": "number", "published": "number"},
    # A figure stated in prose that the tables have as well. `kind`: figure, zero, all, share or change; `subject`: its
    # meaning without column; `group`: the row or group of table 3, the channel, the kind of document that it is about;
    # `column`: "" where it is the total; `wording`: strict or loose; `stated`: of the numbers that the words allow,
    # the one nearest to `computed`.
    "claims": {
        **dict.fromkeys(("kind", "subject", "group", "column", "wording"), "text"),
        **dict.fromkeys(("stated", "computed"), "number"),
    },
    # The parts of an enumeration in prose, and the total that is stated. `family`: processing_fee or other.
    "parts": {"family": "text", "stated": "number", "computed": "number"},
    # A figure that one report states twice. `family`: the first word of its meaning.
    "repeated": {"family": "text", "meaning": "text", "first": "number", "second": "number"},
    # Processing fees as the prose states them, in yuan, plainly written.
    "fees": {"amount": "text"},
    # Processing fees as the prose states them beside all administrative fees of table 2, both in yuan.
    "charged": {"yuan": "number", "fees": "number"},
    # That no processing fees were charged, stated in prose, and the requests that ended since one was not paid.
    "uncharged": {"unpaid": "number"},
    # A text or table beside that of last year's report. `what`: text or table; `alike`: the share of it that the other
    # has too, from 0 to 1; `extent`: its characters, or figures.
    "likeness": {"what": "text", "key": "text", "alike": "number", "extent": "number"},
    # Views across the agencies of a run, see `gongkai.consistency.across`.
    # A text and, of the same text of all `other` agencies, the one most like it, if half of it or more is alike.
    # `alike`: the share of its characters that stand there too, sentence by sentence, without names of agencies and
    # digits, from 0 to 1; `extent`: the characters that are compared.
    "peers": {"key": "text", "other": "text", "alike": "number", "extent": "number"},
    # The `name` of another agency of the run where `agency` should speak of itself.
    "others": {"name": "text", "agency": "text"},
    # An agency of the roster. `kind`: present, or missing where no report was handed in.
    "roster": {"agency": "text", "kind": "text"},
}

VIEWS: Mapping[str, Mapping[str, ColumnKind]] = MappingProxyType(
    {name: MappingProxyType(columns) for name, columns in _VIEWS.items()}
)

MESSAGE_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: (*columns, "text", "quote", "cells") for name, columns in _VIEWS.items()}
    | {"cells": ("cell", "raw", "value", "table", "count", "cells")}
)
"""What the message of an `expect` rule may hold in braces, by its view: its columns, what the text is called, the
words that are meant, the cells in words."""
