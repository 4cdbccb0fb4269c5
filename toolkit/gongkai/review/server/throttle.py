"""How often a name may be tried: after some wrong secrets each further one has to wait, longer each time."""

from __future__ import annotations

import time
from collections import OrderedDict

FREE = 5
"""Wrong secrets that nobody has to wait for."""

LONGEST = 300.0
"""Seconds at most; whoever has mistyped is not kept out for good."""

MOST = 10_000
"""Names that are remembered; the oldest are forgotten first."""


class Throttle:
    """Wrong tries by name."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Seconds until `name` may be tried again."""
        _, until = self._tries.get(name, (0, 0.0))
        return max(0.0, until - time.monotonic())

    def wrong(self, name: str) -> None:
        """A secret was given for `name`, which is wrong unless `right` follows."""
        count = self._tries.pop(name, (0, 0.0))[0] + 1
        pause = 0.0 if count < FREE else min(LONGEST, 2.0 ** min(count - FREE, 30))
        self._tries[name] = (count, time.monotonic() + pause)
        if len(self._tries) > MOST:
            self._tries.popitem(last=False)

    def right(self, name: str) -> None:
        """The right one was given."""
        self._tries.pop(name, None)
