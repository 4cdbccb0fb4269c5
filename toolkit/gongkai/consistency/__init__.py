"""Consistency: filings laid out as tidy views, checked by Great Expectations, told as findings."""

from gongkai.consistency.check import Check, NotRun, check, warm

__all__ = ["Check", "NotRun", "check", "warm"]
