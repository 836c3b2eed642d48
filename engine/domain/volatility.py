"""The volatility surface of a name as it is shown, recorded and asked for: fitted slices, how far to believe them, and what they imply."""

from enum import IntEnum, StrEnum

from msgspec import Struct

from engine.domain.columns import Bytes, Flags, Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instruments import OptionSeries
from engine.domain.market import FeedState


class SurfaceModel(StrEnum):
    """What the slices are fitted with."""

    SVI = "svi"
    """Closest to the quotes, a slice at a time: what is displayed. Expiries may cross, which the flags say."""
    ESSVI = "essvi"
    """Free of butterfly and calendar arbitrage over the whole surface: what risk is computed on."""


class SliceModel(StrEnum):
    """What one slice is made of."""

    SVI = "SVI"
    ESSVI = "eSSVI"
    SPLINE = "spline"
    """Stands in where no SVI goes through the quotes; graded fair at best."""
    NONE = "none"
    """There is no fit: too few quotes, or nothing that goes through them."""


class Grade(StrEnum):
    """What a fit is worth. Only GOOD and FAIR are to be used without looking at the residuals."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    FAILED = "failed"


class PointUse(IntEnum):
    """What became of a quote in the fit; numbered as :class:`engine.quant.codes.QuoteUse`, and the market's own reasons after it."""

    USED = 0
    IN_THE_MONEY = 1
    """The other side of the strike says the same with less spread."""
    NO_BID = 2
    NO_ASK = 3
    CROSSED = 4
    NO_VOLATILITY = 5
    """A price below intrinsic value, above its bound, or one that hardly moves with volatility."""
    TOO_WIDE = 6
    LITTLE_VEGA = 7
    """Too far out for its price to say anything of volatility."""
    NO_TIME = 8
    """The series has no forward or no time left."""
    STALE = 9
    """Silent where its neighbours speak."""
    NOT_LISTED = 10
    """There is no such contract."""


POINT_WORDS: dict[PointUse, str] = {
    PointUse.USED: "used",
    PointUse.NO_TIME: "no time or forward",
    PointUse.NO_BID: "no bid",
    PointUse.NO_ASK: "no ask",
    PointUse.CROSSED: "crossed",
    PointUse.IN_THE_MONEY: "in the money",
    PointUse.NO_VOLATILITY: "no volatility",
    PointUse.TOO_WIDE: "too wide",
    PointUse.LITTLE_VEGA: "little vega",
    PointUse.STALE: "stale",
    PointUse.NOT_LISTED: "not listed",
}


class SurfaceSlice(Struct, frozen=True, kw_only=True):
    """One expiry's smile. Columns over ``strikes`` hold one number a strike, of its out-of-the-money option; NaN is "unknown"."""

    series: OptionSeries
    as_of: UtcNanos
    years: float
    """ACT/365 to the settlement instant."""
    forward: float
    rate: float
    """Continuous, a fraction a year."""
    model: SliceModel
    parameters: Floats
    """(5,): raw SVI a, b, rho, m, sigma of total variance against k = ln(K/F); all NaN where the slice is a spline or not fitted."""
    least_k: float
    """The quoted range of k: beyond it the smile is the model's wings."""
    greatest_k: float
    atm_iv: float
    """At the forward, of the fit; a fraction a year. So the two below."""
    risk_reversal_25: float
    """iv(25-delta call) - iv(25-delta put), forward delta."""
    butterfly_25: float
    """(iv(25-delta call) + iv(25-delta put)) / 2 - atm_iv."""
    grade: Grade
    reasons: tuple[str, ...]
    """What keeps it from being good, in words."""
    rmse_vol: float
    """Root mean square of fit less mid, in volatility, over the quotes it is measured against."""
    median_residual: float
    """Median of |fit - mid| in bid-ask widths."""
    inside: float
    """Share of the measured quotes whose bid and ask hold the fit between them."""
    butterfly_ok: bool
    calendar_ok: bool
    """Against the expiry before, over the strikes that both quote."""
    quotes: int
    """How many the fit stands on."""
    left_out: dict[str, int]
    """Quotes left out, by reason."""
    strikes: Floats
    right: Bytes
    """+1 where the call is the out-of-the-money side, -1 the put."""
    use: Bytes
    """:class:`PointUse` of that side."""
    bid_iv: Floats
    mid_iv: Floats
    ask_iv: Floats
    fit_iv: Floats
    """At every strike, beyond the quotes too."""
    residual: Floats
    """(fit - mid) / (IV(ask) - IV(bid)), in bid-ask widths; NaN where it is not measured."""


class MaturityFlag(IntEnum):
    """How a constant-maturity figure was come by."""

    LISTED = 0
    INTERPOLATED = 1
    EXTRAPOLATED = 2
    """Before the first or after the last expiry."""
    UNKNOWN = 3


class Maturities(Struct, frozen=True, kw_only=True):
    """Figures at maturities nobody trades, 1 week to 2 years, from the fitted surface: total variance linear in time at fixed moneyness."""

    days: Longs
    atm_iv: Floats
    risk_reversal_25: Floats
    butterfly_25: Floats
    risk_reversal_10: Floats
    butterfly_10: Floats
    variance_iv: Floats
    """VIX-style: root of the fair variance that the smile replicates, a fraction a year."""
    flags: Flags
    """:class:`MaturityFlag`."""


class VolatilitySurface(Struct, frozen=True, kw_only=True):
    """A name's surface at one instant."""

    symbol: Symbol
    source: SourceId
    state: FeedState
    as_of: UtcNanos
    """Market time of the newest quote in it."""
    spot: float
    model: SurfaceModel
    slices: tuple[SurfaceSlice, ...]
    """Nearest first; adjusted series and those without a quote are left out."""
    maturities: Maturities
    recorded: bool = False
    """It comes from the history."""
