"""When to ask again: exponential back-off with jitter after failures, forgotten only after a minute of health."""

import random

FIRST, LONGEST, HEALTHY = 2.0, 60.0, 60.0
"""Seconds: the first ceiling, the last one, and how long all must be well before failures are forgotten."""


class Patience:
    """The one memory of a host's failures; times are the loop's."""

    def __init__(self, scale: float, chance: random.Random) -> None:
        self._scale = scale
        self._chance = chance
        self._failures = 0
        self._well_since: float | None = None
        self.not_before = 0.0
        """No request before this time."""

    def failed(self, now: float, retry_after: float = 0.0) -> float:
        """Counts a failure; answers how long to wait. Never less than a sixth of the ceiling: six attempts a minute at most."""
        self._well_since = None
        ceiling = min(LONGEST, FIRST * 2.0 ** min(self._failures, 10)) * self._scale
        self._failures += 1
        wait = max(ceiling / 6.0, self._chance.uniform(0.0, ceiling), retry_after * self._scale)
        self.not_before = now + wait
        return wait

    def succeeded(self, now: float) -> None:
        """Counts an answer; the failures before it are forgotten once it has been well for a minute."""
        self.not_before = now
        if self._well_since is None:
            self._well_since = now
        elif now - self._well_since >= HEALTHY * self._scale:
            self._failures = 0
