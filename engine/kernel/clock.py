"""What time it is: by the wall, or by a market that lives on a clock of its own."""

import time

from engine.domain.ids import UtcNanos


class Clock:
    """The engine's only source of time."""

    def __init__(self, *, own: bool = False) -> None:
        self.own = own
        """Market time is what the feed says, not what the wall clock says."""
        self._market = UtcNanos(0)

    def now(self) -> UtcNanos:
        """The market's time; of a market with its own clock that has said nothing yet, the wall's."""
        return self._market if self.own and self._market else self.wall()

    def wall(self) -> UtcNanos:
        """The wall clock's time."""
        return UtcNanos(time.time_ns())

    def monotonic(self) -> float:
        """Seconds that never jump, for measuring spans."""
        return time.monotonic()

    def advance(self, at: UtcNanos) -> None:
        """The feed says that it is ``at``; its time never runs back."""
        self._market = max(at, self._market)

    def restart(self, *, own: bool) -> None:
        """A feed starts, or starts anew: by its own time or by the wall's, and perhaps earlier than before."""
        self.own = own
        self._market = UtcNanos(0)


class FrozenClock(Clock):
    """A clock that stands still until it is moved: tests, goldens, screens as pictures."""

    def __init__(self, at: UtcNanos, *, own: bool = False) -> None:
        super().__init__(own=own)
        self._wall = at
        self._monotonic = 1_000.0

    def wall(self) -> UtcNanos:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def pass_time(self, seconds: float) -> None:
        """Moves wall and monotonic time on."""
        self._monotonic += seconds
        self._wall = UtcNanos(self._wall + round(seconds * 1e9))
