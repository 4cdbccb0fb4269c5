"""The command line: wiring only. Heavy modules are imported by the command that needs them.

Help and messages come from the catalogues, under ``cli.<command>.help`` and ``cli.option.<its long name>``; `--lang`
and `--debug` may stand anywhere on the line.
"""

from __future__ import annotations

from gongkai.cli import claims, decisions, filings, fonts, review, rules, runs
from gongkai.cli.group import cli
from gongkai.cli.line import main, speak

__all__ = ["claims", "cli", "decisions", "filings", "fonts", "main", "review", "rules", "runs", "speak"]
