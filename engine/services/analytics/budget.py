"""A share of the time, kept on average: what is in hand is answered at once, and only who has overdrawn rests."""

ADVANCE_SECONDS = 0.25
"""Work that may be ahead of its share: some fits on end."""


class Budget:
    """Of someone who may work no more of the time than ``share`` of it."""

    def __init__(self, share: float, now: float) -> None:
        self._share = share
        self._owed = 0.0
        """Seconds worked beyond the share; never below zero, since what was idle is not made up for."""
        self._at = now

    def rest(self, took: float, now: float) -> float:
        """Seconds to rest after work that took so long and ended now."""
        self._owed = max(0.0, self._owed - self._share * max(0.0, now - self._at - took)) + (1.0 - self._share) * took
        self._at = now
        return max(0.0, self._owed - ADVANCE_SECONDS) / self._share
