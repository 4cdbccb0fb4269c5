"""JSON: the filings, the findings and the summary, as records that other programs read back."""

from __future__ import annotations

from gongkai.filing import canonical_json, plain_data
from gongkai.formats.entries import Result


def written(result: Result) -> bytes:
    """The canonical JSON text of `result`; findings in the order of the filings and of the rules."""
    data = {
        "filings": [filing.to_data() for filing in result.filings],
        "findings": [finding.to_data() for finding in result.check.all],
        "summary": result.summary,
    }
    if any(result.waivers):
        data["waivers"] = [each.to_data() for own in result.waivers for each in own]
    if result.across:
        data["across"] = [plain_data(each) for each in result.across.concerns]
    return canonical_json(data).encode()
