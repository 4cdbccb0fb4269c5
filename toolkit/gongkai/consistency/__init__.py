"""Consistency: filings laid out as tidy views, checked by Great Expectations, told as findings."""

from gongkai.consistency.across import Across, Expected, across
from gongkai.consistency.check import Check, check, warm
from gongkai.consistency.unrun import NotRun

__all__ = ["Across", "Check", "Expected", "NotRun", "across", "check", "warm"]
