"""Chain files of our own making in every shape that is read, and the columns of a real one, expiry by expiry."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import erf, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from engine.domain.instruments import OptionSeries
from plugins.chainfiles.read import read_chain_file

SAVED = "2026-06-29 15:45:00"
"""UTC: 11:45 New York, inside Monday's session."""
EXPIRIES = (date(2026, 7, 2), date(2026, 7, 17), date(2026, 9, 18))
STRIKES = (580.0, 590.0, 600.0, 610.0, 620.0)


class Option(Struct, kw_only=True):
    """One made-up option; a test changes what it is about."""

    root: str
    expiry: date
    strike: float
    right: str
    bid: float
    ask: float
    last: float
    iv: float = 0.15
    delta: float = 0.5
    volume: float = 120.0
    open_interest: float = 900.0

    @property
    def name(self) -> str:
        return f"{self.root}{self.expiry:%y%m%d}{self.right}{round(self.strike * 1000):08d}"


def black(forward: float, strike: float, sigma: float, years: float, right: str) -> tuple[float, float]:
    """Undiscounted price and delta."""
    d1 = (log(forward / strike) + sigma * sigma * years / 2) / (sigma * sqrt(years))
    n1, n2 = (0.5 * (1 + erf(x / sqrt(2))) for x in (d1, d1 - sigma * sqrt(years)))
    call = forward * n1 - strike * n2
    return (call, n1) if right == "C" else (call - forward + strike, n1 - 1)


def options(
    root: str = "SPY", spot: float = 600.0, expiries: Sequence[date] = EXPIRIES, strikes: Sequence[float] = STRIKES
) -> list[Option]:
    """A small chain without oddities: one volatility, quotes two cents around the price."""
    made = []
    for expiry in expiries:
        years = max((expiry - date(2026, 6, 29)).days, 1) / 365
        for strike in strikes:
            for right in "CP":
                price, delta = black(spot, strike, 0.15, years, right)
                fair = round(price, 2)
                made.append(
                    Option(
                        root=root,
                        expiry=expiry,
                        strike=strike,
                        right=right,
                        bid=round(max(fair - 0.02, 0.0), 2),
                        ask=round(fair + 0.02, 2),
                        last=max(fair, 0.01),
                        delta=round(delta, 4),
                    )
                )
    return made


def cboe_json(
    chain: Sequence[Option] | None = None,
    *,
    symbol: str = "SPY",
    spot: float = 600.0,
    saved: str = SAVED,
    header: Mapping[str, Any] | None = None,
) -> bytes:
    """As Cboe's address sends it; naive trade times are New York's, the naive stamp is UTC."""
    rows = [
        {
            "option": entry.name,
            "bid": entry.bid,
            "bid_size": 11.0,
            "ask": entry.ask,
            "ask_size": 7.0,
            "iv": entry.iv,
            "open_interest": entry.open_interest,
            "volume": entry.volume,
            "delta": entry.delta,
            "gamma": 0.01,
            "last_trade_price": entry.last,
            "last_trade_time": "2026-06-29T11:29:30",
            "prev_day_close": 1.0,
        }
        for entry in (options() if chain is None else chain)
    ]
    data = {
        "options": rows,
        "symbol": symbol.replace("_", "^"),
        "security_type": "stock",
        "current_price": spot,
        "price_change": 2.0,
        "bid": spot - 0.01,
        "ask": spot + 0.01,
        "bid_size": 3,
        "ask_size": 4,
        "open": spot - 1,
        "high": spot + 2,
        "low": spot - 3,
        "close": spot,
        "prev_day_close": spot - 2,
        "volume": 1000,
        "last_trade_time": "2026-06-29T11:29:59",
    }
    return json.dumps({"timestamp": saved, "data": {**data, **(header or {})}, "symbol": symbol}).encode()


CBOE_TITLES = (
    "Expiration Date,Calls,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest,"
    "Strike,Puts,Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest"
)
CBOE_PREAMBLE = (
    "\r\nSPDR S&P 500 ETF Trust,Last: 600.00,Change:  2.00\r\n"
    '"Date: June 29, 2026 at 11:45 AM EDT",Bid: 599.99,Ask: 600.01,Size: 3*4,"Volume: 71,039,449"\r\n'
)


def cboe_csv(
    chain: Sequence[Option] | None = None, *, preamble: str = CBOE_PREAMBLE, titles: str = CBOE_TITLES, end: str = "\r\n"
) -> bytes:
    """As Cboe's page saves it: call on the left, put on the right."""
    by_strike: dict[tuple[date, str, float], dict[str, Option]] = {}
    for entry in options() if chain is None else chain:
        by_strike.setdefault((entry.expiry, entry.root, entry.strike), {})[entry.right] = entry
    lines = []
    for (expiry, _, strike), sides in by_strike.items():
        call, put = (
            f"{side.name},{side.last},0.5,{side.bid},{side.ask},{side.volume:g},{side.iv},{side.delta},0.001,{side.open_interest:g}"
            for side in (sides["C"], sides["P"])
        )
        lines.append(f"{expiry:%a %b %d %Y},{call},{strike:.2f},{put}")
    return (preamble + end.join([titles, *lines]) + end).encode()


def yahoo_csv(chain: Sequence[Option] | None = None, *, spot: float | None = 600.0) -> bytes:
    """As yfinance's users save it: one contract a row."""
    titles = "contractSymbol,expiry,type,strike,lastPrice,bid,ask,volume,openInterest,impliedVolatility,inTheMoney,lastTradeDate"
    lines = [titles + (",spot" if spot is not None else "")]
    for entry in options() if chain is None else chain:
        cells = (
            entry.name,
            entry.expiry.isoformat(),
            entry.right,
            entry.strike,
            entry.last,
            entry.bid,
            entry.ask,
            entry.volume,
            entry.open_interest,
            entry.iv,
            "True",
            "2026-06-29 15:44:10+00:00",
        )
        lines.append(",".join(str(cell) for cell in cells) + (f",{spot}" if spot is not None else ""))
    return ("\n".join(lines) + "\n").encode()


def collected_json(chain: Sequence[Option] | None = None, *, spot: float = 600.0) -> bytes:
    """As a collector puts it together: pieces of a name, plain words for the columns."""
    rows = [
        {
            "type": entry.right,
            "exp": entry.expiry.isoformat(),
            "strike": entry.strike,
            "bid": entry.bid,
            "ask": entry.ask,
            "oi": entry.open_interest,
            "volume": entry.volume,
            "iv": entry.iv,
            "delta": entry.delta,
            "last_trade_time": None,
        }
        for entry in (options() if chain is None else chain)
    ]
    return json.dumps({"ticker": "SPY", "feed_timestamp": SAVED, "spot": spot, "prev_close": spot - 2, "options": rows}).encode()


SHAPES: dict[str, bytes] = {
    "spy.json": cboe_json(),
    "spy_quotedata.csv": cboe_csv(),
    "yahoo.csv": yahoo_csv(),
    "collected.json": collected_json(),
    "spy.json.gz": gzip.compress(cboe_json(), mtime=0),
    "spy_quotedata.csv.gz": gzip.compress(cboe_csv(), mtime=0),
}
"""One good file of every shape."""


class SeriesArrays(Struct, frozen=True, kw_only=True):
    """One expiry of a real file as the pricing takes it, with the vendor's own numbers beside; matrices are (2, strikes), calls first."""

    series: OptionSeries
    market_at: UtcNanos
    spot: float
    strikes: Floats
    bid: Floats
    ask: Floats
    vendor_iv: Floats
    vendor_delta: Floats


def arrays_by_series(path: Path) -> Iterator[SeriesArrays]:
    """All expiries of a chain file, nearest first."""
    file = read_chain_file(path)
    columns = file.contracts
    for index, series in enumerate(file.series):
        inside = np.flatnonzero(columns.series == index)
        strikes, places = np.unique(columns.strike[inside], return_inverse=True)
        sides = np.where(columns.right[inside] > 0, 0, 1)
        matrices = {}
        for name in ("bid", "ask", "vendor_iv", "vendor_delta"):
            matrices[name] = np.full((2, len(strikes)), np.nan)
            matrices[name][sides, places] = getattr(columns, name)[inside]
        yield SeriesArrays(series=series, market_at=file.market_at, spot=file.spot, strikes=strikes, **matrices)
