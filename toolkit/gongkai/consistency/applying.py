"""Which filings a rule is for."""

from __future__ import annotations

import re

from gongkai.filing import Filing
from gongkai.rules import Agencies

BELOW_COUNTY = ("township", "subdistrict")

_DIVISION = re.compile(r"(?P<province>\d\d)(?P<city>\d\d)(?P<county>\d\d)")


def tier(filing: Filing) -> str | None:
    """How high an agency stands: province, city, county or township; None where its code does not tell.

    A code begins with that of the administrative division (GB/T 2260, six digits), a unified social credit code
    (GB 32100, 18 characters) has it after its first two.
    """
    if filing.level in BELOW_COUNTY:
        return "township"
    code = filing.agency_code or ""
    found = _DIVISION.match(code[2:8] if len(code) == 18 else code[:6]) if len(code) >= 6 else None
    if found is None:
        return None
    return "county" if found["county"] != "00" else "city" if found["city"] != "00" else "province"


def missing(agencies: Agencies, filing: Filing) -> str | None:
    """The key of what must be known of the agency to tell whether a rule is for it, and is not known."""
    if agencies.level and filing.level is None:
        return "level"
    if agencies.tier and tier(filing) is None:
        return "code"
    return "agency" if agencies.name and filing.agency is None else None


def is_for(agencies: Agencies, filing: Filing) -> bool:
    """Whether a rule is for the agency of a filing, as far as that is known."""
    return (
        (not agencies.level or filing.level in agencies.level)
        and (not agencies.tier or tier(filing) in agencies.tier)
        and (agencies.name is None or bool(re.search(agencies.name, filing.agency or "")))
    )
