"""The views of single filings, by name; `cells` and the balances are laid out for many at once, see `check`."""

from collections.abc import Mapping

from gongkai.consistency.lines import View
from gongkai.consistency.views import figures, likeness, prose, reports, tables

LAYOUTS: Mapping[str, View] = {
    "labels": tables.labels,
    "tables": tables.tables,
    "reports": reports.reports,
    "titles": reports.titles,
    "names": reports.names,
    "years": reports.years,
    "periods": reports.periods,
    "dates": reports.dates,
    "signatures": reports.signatures,
    "sections": prose.sections,
    "texts": prose.texts,
    "passages": prose.passages,
    "specifics": prose.specifics,
    "announced": prose.announced,
    "claims": figures.stated,
    "parts": figures.parts,
    "repeated": figures.repeated,
    "fees": figures.fees,
    "charged": figures.charged,
    "uncharged": figures.uncharged,
    "likeness": likeness.with_last_year,
}

__all__ = ["LAYOUTS"]
