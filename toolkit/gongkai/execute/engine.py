"""``papermill --engine gongkai-warm``: runs any notebook of this Python in a child forked from a warm parent."""

from __future__ import annotations

from typing import Any

NAME = "gongkai-warm"


def __getattr__(name: str) -> Any:
    """`WarmEngine`, which papermill asks for while it is itself half imported, and which needs half of it."""
    if name != "WarmEngine":
        raise AttributeError(name)
    import papermill.engines  # noqa: F401  # before what needs it

    from gongkai.execute.warm.engine import WarmEngine

    return WarmEngine
