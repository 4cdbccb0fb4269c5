"""Places in a sheet as (row, column), counted from one."""

from __future__ import annotations

from gongkai.intake.ranges import cell_name

Place = tuple[int, int]


def place_name(place: Place) -> str:
    """The name of a place as people see it: "D7"."""
    return cell_name(place[0] - 1, place[1] - 1)
