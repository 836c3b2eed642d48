"""The chain as it is shown: one slice a series, in matrices of two rows (row 0 the calls, row 1 the puts) by the series' strikes."""

from enum import IntEnum, StrEnum

import numpy as np
from msgspec import Struct, field

from engine.domain.columns import Bytes, Flags, Floats, Longs, floats
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instruments import OptionSeries
from engine.domain.market import FeedState


class IvStatus(IntEnum):
    """What an implied volatility is worth. Only OK is a number to use; ILL_CONDITIONED is one to show greyed."""

    OK = 0
    NO_TIME_VALUE = 1
    """The price is at or below its discounted intrinsic value."""
    ABOVE_BOUND = 2
    """The price is above what any volatility gives."""
    BAD_INPUT = 3
    """No price, no forward, no time, or no number."""
    ILL_CONDITIONED = 4
    """A rounding of the price alone moves the answer by more than 0.0001."""


IV_STATUS_WORDS: dict[IvStatus, str] = {
    IvStatus.OK: "ok",
    IvStatus.NO_TIME_VALUE: "no time value",
    IvStatus.ABOVE_BOUND: "above bound",
    IvStatus.BAD_INPUT: "bad input",
    IvStatus.ILL_CONDITIONED: "ill-conditioned",
}


class ForwardMethod(StrEnum):
    """Where a series' forward comes from."""

    PARITY = "put-call parity"
    CARRY = "spot and carry"
    """Too few two-sided pairs: spot, the rate of a neighbouring expiry, and the stated yield."""
    NONE = "none"


class RateSource(StrEnum):
    """Where the rate that a series is priced with comes from."""

    PARITY = "put-call parity"
    """Its own pairs say it surely."""
    CURVE = "curve"
    """Its own pairs say too little of it: the rate of the longer expiries of its name, or of the market's European index."""
    ASSUMED = "assumed"
    """Nobody says it: as much as its own pairs do, drawn to a usual rate."""
    NONE = "none"
    """Coin-settled: there is no discounting."""


class ChainModel(StrEnum):
    """The model the numbers are computed with; it is named wherever they are shown."""

    BLACK_76 = "Black-76 on the parity forward"
    AMERICAN = "American, continuous yield implied by the parity forward"
    INVERSE_BLACK_76 = "Black-76 on the parity forward, coin-settled"


class SeriesSummary(Struct, frozen=True, kw_only=True):
    """One expiry in a row: what the header of a chain and the expirations screen show. NaN is "unknown"."""

    series: OptionSeries
    as_of: UtcNanos
    """Market time of the newest quote in it."""
    years: float
    """ACT/365 to the settlement instant, from ``as_of`` or from the frozen market's own instant."""
    spot: float
    forward: float
    forward_method: ForwardMethod
    forward_residual: float
    """Median absolute put-call parity residual of the pairs used, in price."""
    pairs: int
    rate: float
    """Continuous, a fraction a year."""
    rate_source: RateSource = RateSource.ASSUMED
    atm_iv: float
    """At the forward, a fraction a year."""
    expected_move: float
    """One standard deviation: spot * atm_iv * sqrt(years), ~68 %."""
    straddle: float
    """At-the-forward straddle price = E|move|, ~57.5 %."""
    risk_reversal_25: float
    """iv(25-delta call) - iv(25-delta put)."""
    butterfly_25: float
    call_volume: float
    put_volume: float
    call_open_interest: float
    put_open_interest: float
    max_pain: float
    """The strike at which the open interest would be worth least at expiry."""
    contracts: int
    model: ChainModel
    state: FeedState


def _nothing() -> Floats:
    return floats(np.empty(0))


class ChainSlice(Struct, frozen=True, kw_only=True):
    """One series with all its numbers; every matrix is (2, strikes), NaN where unknown.

    Greeks are in trader units, per share of the underlying.
    """

    symbol: Symbol
    source: SourceId
    summary: SeriesSummary
    strikes: Floats
    contract: tuple[str, ...]
    """2n names, calls first; "" where no such contract is listed."""
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    last: Floats
    volume: Floats
    open_interest: Floats
    quoted_at: Longs
    """Market time of the quote, ns UTC, 0 never."""
    verdict: Flags
    """:class:`engine.domain.market.Verdict` bits."""
    mid: Floats
    """(bid + ask) / 2 of two-sided, uncrossed quotes."""
    iv: Floats
    """Of the mid; a fraction a year."""
    iv_status: Bytes
    """:class:`IvStatus`."""
    iv_bid: Floats
    iv_ask: Floats
    delta: Floats
    gamma: Floats
    """Delta a unit of the underlying."""
    theta: Floats
    """Price a calendar day."""
    vega: Floats
    """Price a vol point (0.01)."""
    rho: Floats
    """Price a 1 % rise of the rate."""
    probability_itm: Floats
    """Risk-neutral, lognormal: N(d2) or N(-d2)."""
    vendor_iv: Floats
    vendor_delta: Floats
    fit_iv: Floats = field(default_factory=_nothing)
    """(strikes,): of the SVI smile through the slice's own quotes; NaN where nothing goes through them, empty where none was fitted."""
    residual: Floats = field(default_factory=_nothing)
    """(fit_iv - iv) / (iv_ask - iv_bid), in bid-ask widths, of the options out of the money; NaN where it is not measured."""
    fit_delta: Floats = field(default_factory=_nothing)
    """(2, strikes): the Greeks at ``fit_iv`` instead of the quotes' own volatility, in the same convention, units and model, early exercise
    included; NaN where nothing was fitted, empty where nobody asked for them."""
    fit_gamma: Floats = field(default_factory=_nothing)
    fit_theta: Floats = field(default_factory=_nothing)
    fit_vega: Floats = field(default_factory=_nothing)
