"""What the simulated market knows of itself: the numbers every fit can be judged against."""

from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.ids import SeriesId, Symbol, UtcNanos


class Truth(Struct, frozen=True, kw_only=True):
    """The true state of one series at one instant."""

    symbol: Symbol
    series: SeriesId
    at: UtcNanos
    spot: float
    years: float
    """ACT/365 to settlement."""
    forward: float
    rate: float
    """Continuous, a fraction a year, to this expiry; 0 of a coin."""
    dividend_yield: float
    """Continuous yield that carries spot to the forward at that rate."""
    theta: float
    """At-the-money total variance."""
    rho: float
    eta: float
    gamma: float
    phi: float
    atm_iv: float
    strikes: Floats
    iv: Floats
    """The surface's own volatility at those strikes, a fraction a year."""
    call: Floats
    """Fair values before any rounding, in the currency of the quotes."""
    put: Floats
