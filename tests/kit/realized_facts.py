"""Realised volatility of the frozen market: sessions that move with one factor, two of them missing, models that win, lose and refuse."""

from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.domain.calendar import session, sessions
from engine.domain.columns import floats, longs
from engine.domain.errors import UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.messages.queries import BarTable
from engine.messages.realized import (
    CorrelationPair,
    CorrelationTable,
    ForecastModel,
    ForecastTable,
    ForecastVerdict,
    GetCorrelation,
    GetForecasts,
    GetRealized,
    RealizedVolatility,
    VolatilityEstimator,
    VolatilityForecast,
)
from engine.services.volatility.correlation import LEAST_COMMON, matrix_of, recent_volatility, rolling_pair
from engine.services.volatility.intraday import IntradayVariances
from engine.services.volatility.realized import cone_struct, rolling_struct
from engine.services.volatility.sessions import DailySessions, sessions_of
from tests.kit import facts
from tests.kit.fake_engine import FakeEngine

NAN = facts.NAN
SESSIONS = 380
MISSING = (60, 61)
"""Places of the sessions that nobody recorded."""
YOUNG = Symbol("META")
"""Listed for 12 sessions."""
LOADINGS = {"VIX": -4.0, "NVDA": 1.6, "TSLA": 1.4, "BTC": 0.4, "ETH": 0.4}
NOISES = {"SPX": 0.0004, "SPY": 0.0005, "QQQ": 0.004, "VIX": 0.045, "NVDA": 0.019, "TSLA": 0.026, "BTC": 0.026, "ETH": 0.03}
HORIZONS = (1, 5, 10, 21, 42, 63)


@lru_cache(32)
def days(symbol: str = "SPX", *, missing: bool = True) -> DailySessions:
    """Finished sessions of a name up to yesterday's close: a shared factor in waves, and a noise of the name's own."""
    name = facts.security(symbol)
    count = 12 if symbol == YOUNG else SESSIONS
    dates = sessions(name.session, facts.TODAY.replace(year=facts.TODAY.year - 2), facts.TODAY)[-count:]
    starts = np.array([session(name.session, day).open_at for day in dates])  # type: ignore[union-attr]
    number = np.array([day.toordinal() for day in dates])
    factor = np.random.default_rng(11).normal(0, 1, 1200)[number - number.max() - 1]
    wave = 0.0075 * (1 + 0.45 * np.sin(number / 31.0))
    dice = np.random.default_rng([5, *map(ord, symbol)])
    moves = LOADINGS.get(symbol, 1.0) * factor * wave + dice.normal(0, NOISES.get(symbol, 0.011), count)
    close = np.exp(np.cumsum(moves))
    close = np.round(close / close[-1] * facts.quote(symbol).previous_close, 2)
    opened = np.round(np.concatenate([close[:1], close[:-1]]) * np.exp(0.35 * moves), 2)
    reach = np.abs(dice.normal(0, 0.35, (2, count))) * np.maximum(np.abs(moves), 0.003) * close
    table = BarTable(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        seconds=86_400,
        start=longs(starts),
        open=floats(opened),
        high=floats(np.maximum(opened, close) + reach[0]),
        low=floats(np.minimum(opened, close) - reach[1]),
        close=floats(np.where(np.isin(np.arange(count), MISSING if missing else ()), NAN, close)),
        volume=floats(np.full(count, 1e6)),
        vwap=floats(close),
        complete=True,
        session_open=UtcNanos(0),
    )
    return sessions_of(name, table, facts.NOW)


def intraday(of: DailySessions) -> IntradayVariances:
    """Minute bars of the newest 30 sessions."""
    known = np.arange(of.day.size) >= of.day.size - 30
    return IntradayVariances(np.where(known, of.returns() ** 2, NAN), np.full(of.day.size, NAN))


def realized(symbol: str = "SPX", query: GetRealized | None = None, **changes: Any) -> RealizedVolatility:
    """What the sessions say, by the engine's own figures; the implied stands 1.5 points over a flat 12.5."""
    asked = query or GetRealized(symbol=Symbol(symbol))
    of = days(symbol)
    minutes, estimators = intraday(of), asked.estimators or tuple(VolatilityEstimator)
    level = facts.quote(symbol).iv30
    wave = level * (1 + 0.18 * np.sin(np.arange(of.day.size) / 17.0))
    told = RealizedVolatility(
        symbol=of.symbol,
        source=of.source,
        as_of=of.as_of,
        sessions_a_year=of.a_year,
        known=of.known,
        missing=of.day.size - of.known,
        intraday_sessions=minutes.known,
        cones=tuple(cone_struct(of, minutes, one, asked.windows, corrected=asked.corrected) for one in estimators),
        implied=floats([level * (1 + 0.05 * sqrt(window / 252)) for window in asked.windows]),
        implied_as_of=UtcNanos(facts.NOW - 300_000_000),
        implied_reason="",
        day=longs(of.day),
        close=floats(of.close),
        implied_30=floats(np.where(np.arange(of.day.size) % 40 == 7, NAN, wave)),
        rolling=tuple(rolling_struct(of, minutes, one, window) for one in estimators for window in asked.rolling),
    )
    return replace(told, **changes)


def nothing_known(symbol: str = "SPX") -> RealizedVolatility:
    """A name without one finished session, as the engine tells it."""
    none = floats([])
    windows = GetRealized(symbol=Symbol(symbol)).windows
    empty = days(symbol).newest(0)
    return realized(
        symbol,
        as_of=UtcNanos(0),
        known=0,
        missing=0,
        intraday_sessions=0,
        cones=tuple(cone_struct(empty, intraday(empty), one, windows, corrected=False) for one in VolatilityEstimator),
        implied=floats(np.full(len(windows), NAN)),
        implied_as_of=UtcNanos(0),
        implied_reason=f"no option of {symbol} has a quote",
        day=longs([]),
        close=none,
        implied_30=none,
        rolling=tuple(rolling_struct(empty, intraday(empty), one, 21) for one in VolatilityEstimator),
    )


def forecast(model: ForecastModel, **changes: Any) -> VolatilityForecast:
    """One model's line: nothing known of it but what is given."""
    unknown = dict.fromkeys("volatility low high qlike qlike_naive p_value rmse rmse_naive r_squared".split(), NAN)
    none = floats(np.full(len(HORIZONS), NAN))
    built = VolatilityForecast(
        model=model,
        fit="",
        term=none,
        term_low=none,
        term_high=none,
        scored=0,
        verdict=ForecastVerdict.UNSCORED,
        rank=0,
        refusal="",
        **unknown,
    )
    return replace(built, **changes)


def _scored(
    model: ForecastModel, level: float, qlike: float, p_value: float, verdict: ForecastVerdict, rank: int, fit: str
) -> VolatilityForecast:
    term = floats(level + 0.004 * np.log(np.array(HORIZONS)))
    return forecast(
        model,
        fit=fit,
        volatility=float(term[3]),
        low=float(term[3]) * 0.7,
        high=float(term[3]) * 1.4,
        term=term,
        term_low=floats(term * 0.7),
        term_high=floats(term * 1.4),
        scored=190,
        qlike=qlike,
        qlike_naive=1.052,
        p_value=p_value,
        rmse=0.0065 * qlike,
        rmse_naive=0.0068,
        r_squared=2 * (1.052 - qlike),
        verdict=verdict,
        rank=rank,
    )


def forecasts(symbol: str = "SPX", horizon: int = 21, **changes: Any) -> ForecastTable:
    """One model that beats the walk, two that are ahead, two that lose, and one that is refused."""
    told = ForecastTable(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        as_of=days(symbol).as_of,
        horizon=horizon,
        horizons=longs(HORIZONS),
        sessions_a_year=252.0,
        observations=317,
        learning=150,
        outcome="Garman-Klass and overnight, x1.04 to the level of squared returns",
        forecasts=(
            _scored(ForecastModel.LAST, 0.112, 1.052, NAN, ForecastVerdict.BENCHMARK, 0, "mean of the last 22 sessions"),
            forecast(
                ForecastModel.IMPLIED, fit="30-day at-the-forward, risk premium", volatility=0.124, low=0.081, high=0.152,
                term=floats([NAN, NAN, NAN, 0.124, NAN, NAN]), term_low=floats([NAN, NAN, NAN, 0.081, NAN, NAN]),
                term_high=floats([NAN, NAN, NAN, 0.152, NAN, NAN]), qlike=1.031, qlike_naive=1.052, p_value=0.21, rmse=0.0064, scored=190,
                rmse_naive=0.0068, r_squared=0.08, verdict=ForecastVerdict.AHEAD, rank=2,
            ),
            _scored(ForecastModel.EWMA, 0.109, 1.071, 0.33, ForecastVerdict.LOSES, 0, "λ 0.94"),
            _scored(ForecastModel.AR, 0.097, 1.214, 0.0004, ForecastVerdict.LOSES, 0, "AR(1), last 10 residuals"),
            _scored(ForecastModel.HAR, 0.118, 1.008, 0.012, ForecastVerdict.BEATS, 1, "day 0.09 week 0.31 month 0.42 (21 ahead)"),
            forecast(ForecastModel.HARQ, refusal="HARQ needs minute bars on each of 60 sessions and more: 30 have them"),
            _scored(ForecastModel.GARCH, 0.116, 1.040, 0.48, ForecastVerdict.AHEAD, 3, "α 0.068 β 0.905, half-life 26 sessions"),
            forecast(ForecastModel.GJR, refusal="the fit did not converge: it is not to be used"),
        ),
    )  # fmt: skip
    return replace(told, **changes)


def no_forecasts(symbol: str = "META") -> ForecastTable:
    """Of a name too young for any model."""
    why = "12 sessions in a row are known; 60 are needed"
    return forecasts(symbol, observations=12, learning=0, forecasts=tuple(forecast(model, refusal=why) for model in ForecastModel))


def correlation(query: GetCorrelation) -> CorrelationTable:
    """The names that the frozen market lists, by the engine's own figures; one that it does not list is named apart."""
    listed = tuple(name for name in query.symbols if name in facts.SYMBOLS)
    if not listed:
        raise UnknownSymbol(f"{', '.join(query.symbols)}: not listed")
    told = tuple(days(name) for name in listed)
    found = matrix_of(told, window=query.window, lag=query.lag)
    pair = None
    if query.pair and set(query.pair) <= set(listed):
        one, other = (days(name) for name in query.pair)
        day, rolling = rolling_pair(one, other, window=query.window, lag=query.lag)
        pair = CorrelationPair(one=one.symbol, other=other.symbol, day=longs(day), rolling=floats(rolling))
    return CorrelationTable(
        symbols=listed,
        unknown=tuple(name for name in query.symbols if name not in facts.SYMBOLS),
        source=facts.SOURCE,
        as_of=max(one.as_of for one in told),
        window=query.window,
        lag=query.lag,
        least=LEAST_COMMON,
        value=floats(found.value),
        low=floats(found.low),
        high=floats(found.high),
        p_value=floats(found.p_value),
        common=longs(found.common),
        volatility=floats([recent_volatility(one, query.window) for one in told]),
        pair=pair,
    )


def table(*symbols: str, **wanted: Any) -> CorrelationTable:
    """Correlations of these names; the first two of them through time."""
    names = tuple(Symbol(name) for name in symbols or ("SPY", "QQQ", "VIX", "BTC"))
    return correlation(GetCorrelation(symbols=names, **{"pair": (names[0], names[1]), **wanted}))


def teach(engine: FakeEngine) -> FakeEngine:
    """Lets a fake engine answer what concerns realised volatility."""
    engine.answers[GetRealized] = lambda query: realized(query.symbol, query)
    engine.answers[GetForecasts] = lambda query: (
        no_forecasts(query.symbol) if query.symbol == YOUNG else forecasts(query.symbol, query.horizon)
    )
    engine.answers[GetCorrelation] = correlation
    return engine
