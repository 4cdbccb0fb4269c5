"""Figures stated in prose: found, given their meaning, held against the tables.

A passage is made into tokens (`lexicon`), these into sentences and clauses (`statements`), whose words and figures are
read (`reader`) as statements; `resolving` looks each up in the tables. All words are in ``patterns.yaml``.
"""

from __future__ import annotations

from gongkai.narrative.claim import Claim, Kind, Verdict, Wording
from gongkai.narrative.finding import claims, claims_in

__all__ = ["Claim", "Kind", "Verdict", "Wording", "claims", "claims_in"]
