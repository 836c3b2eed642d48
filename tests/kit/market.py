"""Builders of a small market: names, series, batches of columns; every value has a default that a test can overwrite."""

from collections.abc import Sequence
from datetime import date, time
from math import erf, exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.columns import codes, floats, ints, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, new_york_instant
from engine.domain.instruments import OptionSeries, Right, Settlement
from engine.domain.market import BarBatch, Listing, QuoteBatch, SummaryBatch, TradeBatch, VolatilityHistory
from engine.domain.osi import format_osi
from engine.domain.roots import make_security, make_series

NAN = float("nan")
TODAY = date(2026, 11, 20)
"""A Friday without a holiday near."""
OPEN = new_york_instant(TODAY, time(9, 30))
NOON = new_york_instant(TODAY, time(12))
MONDAY = date(2026, 11, 23)
DECEMBER = date(2026, 12, 18)


def series_of(root: str, expiry: date = DECEMBER, settlement: Settlement | None = None) -> OptionSeries:
    """A series by the terms of its root."""
    return make_series(root=root, expiry=expiry, settlement=settlement)


def listing(
    *series: OptionSeries, strikes: Sequence[float] = (90.0, 100.0, 110.0), symbols: Sequence[str] = (), first: int = 0, at: int = NOON
) -> Listing:
    """Securities first (of the series, then those named), then each series' calls and puts by strike; handles count from ``first``."""
    names = list(dict.fromkeys([entry.underlying for entry in series] + [Symbol(name) for name in symbols]))
    security = list(range(len(names)))
    index = [-1] * len(names)
    strike = [NAN] * len(names)
    right = [0] * len(names)
    label = [str(name) for name in names]
    for number, entry in enumerate(series):
        for price in strikes:
            for side in (Right.CALL, Right.PUT):
                security.append(-1)
                index.append(number)
                strike.append(price)
                right.append(1 if side is Right.CALL else -1)
                label.append(format_osi(entry.root, entry.expiry, side, price))
    return Listing(
        at=UtcNanos(at),
        securities=tuple(make_security(name) for name in names),
        series=series,
        handle=ints(np.arange(first, first + len(label))),
        security=ints(security),
        series_index=ints(index),
        strike=floats(strike),
        right=codes(right),
        name=tuple(label),
    )


def quotes(
    handle: ArrayLike, bid: ArrayLike, ask: ArrayLike, *, at: int = NOON, size: float = 10.0, event_at: ArrayLike | None = None
) -> QuoteBatch:
    """A batch of quotes, all sizes alike."""
    rows = ints(np.atleast_1d(handle))
    count = rows.shape[0]
    sizes = floats(np.full(count, size))
    return QuoteBatch(
        at=UtcNanos(at),
        handle=rows,
        bid=floats(np.broadcast_to(np.asarray(bid, dtype=float), count)),
        ask=floats(np.broadcast_to(np.asarray(ask, dtype=float), count)),
        bid_size=sizes,
        ask_size=sizes,
        event_at=longs(np.full(count, at) if event_at is None else np.broadcast_to(np.asarray(event_at), count)),
    )


def trades(
    handle: ArrayLike, price: ArrayLike, *, size: ArrayLike = 1.0, side: ArrayLike = 0, flag: ArrayLike = 0, at: int = NOON
) -> TradeBatch:
    """A batch of prints."""
    rows = ints(np.atleast_1d(handle))
    count = rows.shape[0]
    return TradeBatch(
        at=UtcNanos(at),
        handle=rows,
        price=floats(np.broadcast_to(np.asarray(price, dtype=float), count)),
        size=floats(np.broadcast_to(np.asarray(size, dtype=float), count)),
        side=codes(np.broadcast_to(np.asarray(side), count)),
        flags=codes(np.broadcast_to(np.asarray(flag), count)),
        event_at=longs(np.full(count, at)),
    )


def summaries(handle: ArrayLike, *, at: int = NOON, last_at: int = 0, **said: ArrayLike) -> SummaryBatch:
    """A batch of day figures; what is not named is "not said"."""
    rows = ints(np.atleast_1d(handle))
    count = rows.shape[0]
    names = ("last", "open", "high", "low", "previous_close", "volume", "open_interest", "vendor_iv", "vendor_delta")
    columns = {name: floats(np.broadcast_to(np.asarray(said.get(name, NAN), dtype=float), count)) for name in names}
    return SummaryBatch(at=UtcNanos(at), handle=rows, last_at=longs(np.full(count, last_at)), **columns)


def bars(symbol: str, start: ArrayLike, close: ArrayLike, *, seconds: int = 60, volume: ArrayLike = 100.0, at: int = NOON) -> BarBatch:
    """Bars that close at ``close`` and reach one unit above and below it."""
    starts = longs(np.atleast_1d(start))
    count = starts.shape[0]
    price = np.broadcast_to(np.asarray(close, dtype=float), count)
    return BarBatch(
        at=UtcNanos(at),
        symbol=Symbol(symbol),
        seconds=seconds,
        start=starts,
        open=floats(price),
        high=floats(price + 1.0),
        low=floats(price - 1.0),
        close=floats(price),
        volume=floats(np.broadcast_to(np.asarray(volume, dtype=float), count)),
        vwap=floats(price),
    )


def volatility(symbol: str, iv: Sequence[float], *, last_day: int = OPEN) -> VolatilityHistory:
    """A run of sessions, one a day, the last of them the day before ``last_day``."""
    count = len(iv)
    day_ns = 86_400 * SECOND_NS
    midnight = last_day - last_day % day_ns
    return VolatilityHistory(
        at=UtcNanos(last_day),
        symbol=Symbol(symbol),
        day=longs(midnight - day_ns * np.arange(count, 0, -1)),
        atm_iv=floats(iv),
        risk_reversal_25=floats(np.full(count, -0.03)),
        butterfly_25=floats(np.full(count, 0.01)),
    )


def _normal(x: float) -> float:
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def black_price(*, forward: float, strike: float, iv: float, years: float, rate: float, call: bool) -> float:
    """An independent Black-76 price: what a test's quotes are made of."""
    spread = iv * sqrt(years)
    d1 = log(forward / strike) / spread + 0.5 * spread
    sign = 1.0 if call else -1.0
    return exp(-rate * years) * sign * (forward * _normal(sign * d1) - strike * _normal(sign * (d1 - spread)))
