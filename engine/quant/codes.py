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
    """A rounding of the price moves the answer by more than 0.0001, or half a tick of its quotation by more than a vol point."""


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


class FitStatus(IntEnum):
    """What of a slice's quotes its smile could be fitted to."""

    OK = 0
    FEW_STRIKES = 1
    """Three or four strikes: a slice of three numbers (SSVI) instead of five."""
    TWO_STRIKES = 2
    """Level and slope are the quotes', the bend is the model's."""
    ONE_STRIKE = 3
    """Flat at that volatility."""
    NO_QUOTES = 4
    """Nothing usable, or no time left."""


class FitGrade(IntEnum):
    """What a fitted slice is worth."""

    GOOD = 0
    FAIR = 1
    POOR = 2
    FAILED = 3


class GradeReason(IntFlag):
    """Why a grade is not better; bits."""

    NONE = 0
    FEW_STRIKES = 1
    """Fewer than the smile has numbers: the fit proves nothing."""
    OUTSIDE_QUOTES = 2
    """Too many quotes whose bid-ask interval the smile misses."""
    OFF_AT_THE_MONEY = 4
    """Further from a mid than the bid-ask is wide, at the money."""
    OFF_IN_THE_WINGS = 8
    """The same near 15 % below or above the forward."""
    BUTTERFLY = 16
    """g < 0 somewhere: a negative density."""
    CALENDAR = 32
    """Total variance below that of the expiry before, where both are quoted, by more than the quotes are wide."""
    DEGENERATE = 64
    """No number, total variance not positive, or a slope beyond Lee's bound."""
    NO_WIDTHS = 128
    """No bid and ask volatility to measure against."""
    NARROW = 256
    """The quotes do not reach to both sides of the forward."""
    FALLBACK = 512
    """No model fits: a smoothing spline goes through the quotes, which proves nothing by meeting them."""
    NOTHING_NEAR = 1024
    """No quote near the forward: what is told at the money is the smile's form alone."""


class QuoteUse(IntEnum):
    """Whether a quote took part in a fit, and if not, why."""

    USED = 0
    IN_THE_MONEY = 1
    """The strike's out-of-the-money option stands for it."""
    NO_BID = 2
    NO_ASK = 3
    CROSSED = 4
    NO_VOLATILITY = 5
    """The mid, the bid or the ask has none."""
    TOO_WIDE = 6
    """IV(ask) - IV(bid) is too great a part of the volatility."""
    LITTLE_VEGA = 7
    """So far out that the price says nothing of the volatility."""
    NO_TIME = 8
    """The series has no forward or no time left."""


class SurfaceFlag(IntFlag):
    """How a number of a surface was come by; bits, 0 is: at a fitted expiry, between its quoted strikes."""

    FITTED = 0
    BETWEEN_EXPIRIES = 1
    """Interpolated in total variance at fixed forward moneyness."""
    BEFORE_FIRST = 2
    AFTER_LAST = 4
    BEYOND_STRIKES = 8
    """Outside the strikes that were quoted."""
    NOT_DEFINED = 16
    """No number: outside the domain, or (local volatility) where the smile has arbitrage."""
