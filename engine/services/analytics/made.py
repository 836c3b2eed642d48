"""When something was made: what stands while the market moves grows old, though nobody quoted it anew."""

from typing import NamedTuple


class Made(NamedTuple):
    """By the monotonic clock, and in the market's sequence."""

    at: float
    sequence: int

    def is_old(self, seconds: float, *, now: float, sequence: int) -> bool:
        """It has stood for so long, while anything in the market moved."""
        return now - self.at >= seconds and sequence != self.sequence
