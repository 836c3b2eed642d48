"""Small numbers that say what a result is worth; ``engine.domain`` has the same ones under the same names, and a test holds them equal."""

from enum import IntEnum, IntFlag


class IvStatus(IntEnum):
    """What an implied volatility is worth."""

    OK = 0
    NO_TIME_VALUE = 1
    """The price is at or below its discounted intrinsic value."""
    ABOVE_BOUND = 2
    """The price is above what any volatility gives."""
    BAD_INPUT = 3
    """No price, no forward, no time, or no number."""
    ILL_CONDITIONED = 4
    """A rounding of the price alone moves the answer by more than 0.0001."""


class QuoteVerdict(IntFlag):
    """What is wrong with a quote, as far as the quote itself and its forward can tell (its age is the market's matter)."""

    FINE = 0
    NO_BID = 1
    NO_ASK = 2
    LOCKED = 4
    CROSSED = 8
    WIDE = 16
    BELOW_INTRINSIC = 64
    MALFORMED = 128


class ForwardSource(IntEnum):
    """Where a forward comes from."""

    NONE = 0
    PARITY = 1
    """Put-call parity, forward and rate from the same pairs."""
    PARITY_AT_GIVEN_RATE = 2
    """Put-call parity for the forward; the rate is the one that was given, or that of the neighbouring expiries."""
    CARRY = 3
    """Spot, rate and yield: no pair is quoted on both sides."""


class GreekSource(IntEnum):
    """Whose volatility the Greeks of a strike are computed with."""

    NONE = 0
    OUT_OF_THE_MONEY = 1
    """The mid volatility of the strike's out-of-the-money option, for its call and its put alike."""
    IN_THE_MONEY = 2
    """The mid volatility of the strike's in-the-money option, since the other one has none."""
    NEIGHBOURS = 3
    """The smile: interpolated between the nearest strikes that have a volatility, flat beyond the last of them."""
