"""The only clocks of the engine: the market's time, the wall's, and one for durations."""

import time

from engine.domain.ids import UtcNanos


class Clock:
    """Market time is the wall clock for live feeds, and for a market with its own clock whatever its newest batch says."""

    def __init__(self) -> None:
        self.own = False
        self._market = UtcNanos(0)

    def wall(self) -> UtcNanos:
        """The wall clock."""
        return UtcNanos(time.time_ns())

    def monotonic(self) -> float:
        """Seconds that never go back: for durations and timeouts."""
        return time.monotonic()

    def now(self) -> UtcNanos:
        """The market's time; before a market with its own clock has spoken, the wall's."""
        return self._market if self.own and self._market else self.wall()

    def advance(self, at: UtcNanos) -> None:
        """A market with its own clock says what time it is; it never goes back."""
        self._market = max(self._market, at)

    def restart(self, *, own: bool) -> None:
        """Another feed begins: forgets its predecessor's time."""
        self.own = own
        self._market = UtcNanos(0)


class FrozenClock(Clock):
    """A clock for tests: it moves when it is told to."""

    def __init__(self, at: UtcNanos) -> None:
        super().__init__()
        self._wall = at
        self._seconds = 0.0

    def wall(self) -> UtcNanos:
        return self._wall

    def monotonic(self) -> float:
        return self._seconds

    def pass_seconds(self, seconds: float) -> None:
        """Time goes by, on the wall and for durations."""
        self._seconds += seconds
        self._wall = UtcNanos(self._wall + round(seconds * 1e9))
