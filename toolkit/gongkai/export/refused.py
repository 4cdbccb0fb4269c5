"""What reading a notebook raises for something that no format can show."""

from __future__ import annotations


class RefusedError(Exception):
    """Something that has no place in a report; `what` names it, in the reader's language."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
