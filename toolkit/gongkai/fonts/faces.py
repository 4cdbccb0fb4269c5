"""The official roles of fonts, and the faces that travel with the package, one for each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, get_args

from gongkai.authored import Model, load_yaml, validate

Role = Literal["title", "body", "heading", "subheading", "page_number"]
"""Xiaobiaosong, Fangsong, Heiti (headings of level one), Kaiti (level two) and Songti of the official format."""

ROLES: tuple[Role, ...] = get_args(Role)
FOLDER = Path(__file__).parent


class Face(Model):
    """Our font of a role; `names` is the pattern of what an office's font of that role calls itself."""

    file: str
    family: str
    names: str


@cache
def faces() -> dict[Role, Face]:
    """Our face of every role."""
    return validate(dict[Role, Face], load_yaml(FOLDER / "faces.yaml"), file="faces.yaml")
