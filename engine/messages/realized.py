"""How much names have moved, how much they may, and how they move together: cones, rolling series, scored forecasts, correlations."""

from enum import StrEnum

from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.messages.base import Query


class VolatilityEstimator(StrEnum):
    """How the volatility of past sessions is measured; only the first, the fifth and the last see what happens overnight."""

    CLOSE = "close"
    """Close to close, no mean taken off."""
    PARKINSON = "parkinson"
    """High and low."""
    GARMAN_KLASS = "garman-klass"
    ROGERS_SATCHELL = "rogers-satchell"
    YANG_ZHANG = "yang-zhang"
    INTRADAY = "intraday"
    """Σ of squared five-minute returns of a session, and the squared overnight return."""


class VolatilityCone(Struct, frozen=True, kw_only=True):
    """How one estimator's volatility has been spread over windows of each length; fractions a year, NaN where refused."""

    estimator: VolatilityEstimator
    windows: Longs
    """Sessions."""
    probabilities: Floats
    quantiles: Floats
    """Windows down, probabilities across."""
    latest: Floats
    """Over the newest sessions: known where they are, however short the past."""
    ranks: Floats
    """Share of the windows that lie below the latest."""
    counts: Longs
    """Windows that the quantiles stand on; they overlap."""
    independent: Longs
    """Of them as many as fit end to end: below ten the outer quantiles say little."""
    refusals: tuple[str, ...]
    """A window each: why there are no quantiles; "" where there are."""


class RollingVolatility(Struct, frozen=True, kw_only=True):
    """One estimator over one window, a value a session; fractions a year, NaN where a session of the window is not known."""

    estimator: VolatilityEstimator
    window: int
    values: Floats


class RealizedVolatility(Struct, frozen=True, kw_only=True):
    """What the finished sessions of a name say of its volatility."""

    symbol: Symbol
    source: SourceId
    as_of: UtcNanos
    """Close of the newest session that counts: one that runs does not."""
    sessions_a_year: float
    """252, or 365 for what trades every day."""
    known: int
    """Sessions with a bar, first to last."""
    missing: int
    """Sessions between them without one: no window runs over them."""
    filled: int = 0
    """Sessions among the known that nobody recorded, and the feed was asked for afterwards."""
    intraday_sessions: int
    """Sessions with enough minute bars for a variance of their own; 0 where no estimator asked for stands on minutes."""
    cones: tuple[VolatilityCone, ...]
    implied: Floats
    """At-the-forward implied volatility now, at the calendar days of each window of the cones; NaN where unknown."""
    implied_as_of: UtcNanos
    implied_reason: str
    """Why there is none; "" where there is."""
    day: Longs
    """Start (UTC) of each session's date, oldest first: of the columns below and of the rolling series."""
    close: Floats
    implied_30: Floats
    """30-day implied volatility stored of each session; NaN where none is."""
    rolling: tuple[RollingVolatility, ...]


class GetRealized(Query[RealizedVolatility], frozen=True):
    """How volatile has this name been? Cones over ``windows`` and rolling series over ``rolling``, of each estimator (none named: all)."""

    symbol: Symbol
    estimators: tuple[VolatilityEstimator, ...] = ()
    windows: tuple[int, ...] = (5, 10, 21, 42, 63, 126, 252)
    rolling: tuple[int, ...] = (10, 21, 63)
    sessions: int = 1_260
    """The newest so many finished sessions."""
    corrected: bool = False
    """The cone's variances are spread by what the overlap of their windows hides."""


class ForecastModel(StrEnum):
    """Where a forecast comes from; the first two are the naive ones."""

    LAST = "last realised"
    IMPLIED = "implied"
    EWMA = "ewma"
    AR = "ar"
    HAR = "har"
    HARQ = "harq"
    GARCH = "garch"
    GJR = "gjr"


class ForecastVerdict(StrEnum):
    """What a model's forecasts were worth beside the naive walk's, by QLIKE, out of sample."""

    BENCHMARK = "benchmark"
    """It is the naive walk."""
    BEATS = "beats"
    """Better, and chance alone would seldom part them by as much (5 %)."""
    AHEAD = "ahead"
    """Better, by no more than chance may do."""
    LOSES = "loses"
    """No better than the naive walk: not ranked."""
    UNSCORED = "unscored"


class VolatilityForecast(Struct, frozen=True, kw_only=True):
    """One model's forecast and its score; volatilities are fractions a year over the horizon, NaN is unknown."""

    model: ForecastModel
    fit: str
    """The fitted parameters in words."""
    volatility: float
    low: float
    """Between which nine of ten of the past outcomes lay, relative to what was forecast then."""
    high: float
    term: Floats
    """Forecasts over each horizon of the table; NaN where there is none."""
    term_low: Floats
    term_high: Floats
    scored: int
    """Days that were forecast and came, out of sample; their horizons overlap."""
    qlike: float
    """x/f + ln(f/m), x what came, f the forecast, m the mean of what came: lower is better."""
    qlike_naive: float
    """The walk's, on the same days."""
    p_value: float
    """Diebold-Mariano on QLIKE, two-sided."""
    rmse: float
    """Of the annual variance."""
    rmse_naive: float
    r_squared: float
    """1 - Σ(x-f)² / Σ(x-naive)²: above zero where it is closer than the walk."""
    verdict: ForecastVerdict
    rank: int
    """1 is the best by QLIKE; 0 where it loses, has no score, or is the walk itself."""
    refusal: str
    """Why there is no forecast, or no score; "" where there are both."""


class ForecastTable(Struct, frozen=True, kw_only=True):
    """All models of a name over one horizon."""

    symbol: Symbol
    source: SourceId
    as_of: UtcNanos
    """Close of the newest session that counts."""
    horizon: int
    """Sessions ahead that the scores are of."""
    horizons: Longs
    """Sessions ahead of each ``term``."""
    sessions_a_year: float
    observations: int
    """Sessions in a row that the models were given."""
    learning: int
    """Of them those before the first scored forecast."""
    outcome: str
    """How a session's variance is measured, in words."""
    forecasts: tuple[VolatilityForecast, ...]


class GetForecasts(Query[ForecastTable], frozen=True):
    """How volatile may this name be over the next ``horizon`` sessions, and which model is worth being listened to?"""

    symbol: Symbol
    horizon: int = 21
    sessions: int = 1_260


class CorrelationPair(Struct, frozen=True, kw_only=True):
    """Two names over time, a value a common session."""

    one: Symbol
    other: Symbol
    day: Longs
    """Start (UTC) of the date of each common session, oldest first."""
    rolling: Floats
    """Over the window that ends there; NaN before there are enough."""


class CorrelationTable(Struct, frozen=True, kw_only=True):
    """Correlations of daily log returns over common sessions; rows lead columns by ``lag`` sessions. NaN is refused or unknown."""

    symbols: tuple[Symbol, ...]
    unknown: tuple[str, ...]
    """Names this market does not list, or tells no sessions of."""
    source: SourceId
    as_of: UtcNanos
    window: int
    lag: int
    least: int
    """Common sessions below which no number is given."""
    value: Floats
    """Names down and across."""
    low: Floats
    """95 % interval."""
    high: Floats
    p_value: Floats
    """Of no correlation, two-sided, by Fisher's z: it takes returns as independent of those before."""
    common: Longs
    """Returns over common sessions that each number stands on."""
    volatility: Floats
    """Of each name over its newest ``window`` sessions, close to close, a fraction a year."""
    pair: CorrelationPair | None


class GetCorrelation(Query[CorrelationTable], frozen=True):
    """How do these names move together, over the newest ``window`` common sessions?"""

    symbols: tuple[Symbol, ...]
    window: int = 63
    lag: int = 0
    """The row's name so many sessions before the column's."""
    pair: tuple[Symbol, Symbol] | None = None
    """Two of them through time."""
    sessions: int = 504
    """How far back the pair is told."""
