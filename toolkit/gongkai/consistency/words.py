"""Words and signs of Chinese prose that the views need: data, in the YAML beside this module."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from gongkai.authored import load_yaml


@cache
def pattern(name: str) -> re.Pattern[str]:
    """One of the patterns of the file, compiled."""
    return re.compile(load_yaml(Path(__file__).with_suffix(".yaml"))[name])
