"""Builders of surfaces and marks for what remembers them; every value has a default that a test can overwrite."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.columns import codes, flags, floats, ints, longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import YEAR_NS
from engine.domain.instruments import OptionSeries
from engine.domain.market import FeedState
from engine.domain.marks import BreachMark, ExposureMark, FlowMarks, FlowSums, MeasureMark, Opening, Openings
from engine.domain.volatility import (
    Grade,
    Maturities,
    MaturityFlag,
    PointUse,
    SliceModel,
    SurfaceModel,
    SurfaceSlice,
    VolatilitySurface,
)
from tests.kit.market import NAN, NOON, series_of

TENORS = (7, 30, 60, 90, 180, 365)
_DAYS = (date(2026, 11, 27), date(2026, 12, 18))


def fitted_slice(
    series: OptionSeries | None = None, *, at: int = NOON, level: float = 0.2, strikes: int = 3, **changed: Any
) -> SurfaceSlice:
    """A fitted expiry of a flat level with a little smile; its quotes are one point wide about the fit."""
    entry = series or series_of("SPY")
    years, forward = (entry.settles_at - at) / YEAR_NS, 100.5
    parameters = floats([0.9 * level * level * years, 0.1 * level * level * years, -0.4, 0.01, 1.0])
    a, b, rho, m, sigma = parameters
    strike = floats(np.linspace(90.0, 110.0, strikes) if strikes else [])
    k = np.log(strike / forward)
    fit = np.sqrt((a + b * (rho * (k - m) + np.sqrt((k - m) ** 2 + sigma**2))) / years)
    facts: dict[str, Any] = {
        "series": entry,
        "as_of": UtcNanos(at - 5),
        "years": years,
        "forward": forward,
        "rate": 0.043,
        "model": SliceModel.SVI,
        "parameters": parameters,
        "least_k": -0.125,
        "greatest_k": 0.0625,
        "atm_iv": level,
        "risk_reversal_25": -0.03125,
        "butterfly_25": 0.0078125,
        "grade": Grade.FAIR,
        "reasons": ("0.7 widths off at the money", "few quotes, and wide"),
        "rmse_vol": 0.001953125,
        "median_residual": 0.25,
        "inside": 0.875,
        "butterfly_ok": True,
        "calendar_ok": False,
        "quotes": strikes,
        "left_out": {"no bid": 7, "in the money": 40},
        "strikes": strike,
        "right": codes(np.where(k < 0, -1, 1)),
        "use": codes(np.full(strikes, PointUse.USED)),
        "bid_iv": floats(fit - 0.005),
        "mid_iv": floats(fit),
        "ask_iv": floats(fit + 0.005),
        "fit_iv": floats(fit),
        "residual": floats(np.zeros(strikes)),
    }
    return SurfaceSlice(**{**facts, **changed})


def maturities(level: float = 0.2) -> Maturities:
    """A flat term structure; the longest is not known."""
    known = floats([*np.full(len(TENORS) - 1, level), NAN])
    same = floats(known * 0.125)
    return Maturities(
        days=longs(TENORS),
        atm_iv=known,
        risk_reversal_25=same,
        butterfly_25=same,
        risk_reversal_10=same,
        butterfly_10=same,
        variance_iv=known,
        flags=flags([MaturityFlag.EXTRAPOLATED, *[MaturityFlag.INTERPOLATED] * (len(TENORS) - 2), MaturityFlag.UNKNOWN]),
    )


def surface(
    symbol: str = "SPY",
    *,
    at: int = NOON,
    level: float = 0.2,
    model: SurfaceModel = SurfaceModel.SVI,
    slices: tuple[SurfaceSlice, ...] | None = None,
    spot: float = 100.0,
    strikes: int = 3,
    **changed: Any,
) -> VolatilitySurface:
    """A surface of two expiries."""
    of_model = SliceModel.SVI if model is SurfaceModel.SVI else SliceModel.ESSVI
    made = [fitted_slice(series_of(symbol, day), at=at, level=level, strikes=strikes, model=of_model) for day in _DAYS]
    facts: dict[str, Any] = {
        "symbol": Symbol(symbol),
        "source": SourceId("venue"),
        "state": FeedState.LIVE,
        "as_of": UtcNanos(at),
        "spot": spot,
        "model": model,
        "slices": tuple(made) if slices is None else slices,
        "maturities": maturities(level),
    }
    return VolatilitySurface(**{**facts, **changed})


def measure(symbol: str = "SPY", *, at: int = NOON, **values: float) -> MeasureMark:
    """Measures by their spelling with ``_`` for ``:``."""
    return MeasureMark(
        at=UtcNanos(at), symbol=Symbol(symbol), measures=tuple(name.replace("_", ":") for name in values), values=floats([*values.values()])
    )


def exposure(symbol: str = "SPY", *, at: int = NOON, net: float = 1e9, flip: float = 99.0, **changed: Any) -> ExposureMark:
    """A gamma exposure."""
    facts: dict[str, Any] = {
        "low": net / 2,
        "high": net * 2,
        "positive_wall": 105.0,
        "negative_wall": 95.0,
        "contracts": 100,
        "left_out": 3,
    }
    return ExposureMark(at=UtcNanos(at), symbol=Symbol(symbol), spot=100.0, net=net, flip=flip, **{**facts, **changed})


def flow(handle: ArrayLike, price: ArrayLike = 1.0, *, at: int = NOON, flag: int = 1, side: int = 1, **changed: Any) -> FlowMarks:
    """Flagged prints."""
    rows = ints(np.atleast_1d(handle))
    count = rows.shape[0]
    facts: dict[str, Any] = {
        name: floats(np.full(count, value))
        for name, value in {
            "size": 50.0,
            "premium": 5000.0,
            "bid": 0.9,
            "ask": 1.0,
            "spot": 100.0,
            "iv": 0.25,
            "delta": -0.5,
            "volume": 60.0,
            "open_interest": NAN,
        }.items()
    }
    return FlowMarks(
        at=UtcNanos(at),
        handle=rows,
        price=floats(np.broadcast_to(np.asarray(price, dtype=float), count)),
        side=codes(np.full(count, side)),
        flags=flags(np.full(count, flag)),
        event_at=longs(np.full(count, at)),
        **{**facts, **changed},
    )


def sums(day: int, symbol: str = "SPY", *, at: int = NOON, puts: float = 50.0, calls: float = 100.0, **changed: Any) -> FlowSums:
    """A day's flow so far."""
    facts: dict[str, Any] = {
        "call_volume": calls,
        "put_volume": puts,
        "call_premium": 1000.0,
        "put_premium": 2000.0,
        "call_prints": 3,
        "put_prints": 4,
        "call_open_interest": NAN,
        "put_open_interest": 10.0,
    }
    return FlowSums(at=UtcNanos(at), symbol=Symbol(symbol), day=UtcNanos(day), **{**facts, **changed})


def openings(handle: ArrayLike, day: int, verdict: int = Opening.OPENING, *, at: int = NOON) -> Openings:
    """What the next day's open interest said."""
    rows = ints(np.atleast_1d(handle))
    return Openings(
        at=UtcNanos(at),
        day=UtcNanos(day),
        handle=rows,
        verdict=codes(np.full(rows.shape[0], verdict)),
        before=floats(np.full(rows.shape[0], 100.0)),
        after=floats(np.full(rows.shape[0], 150.0)),
    )


def breach(rule: str = "rich skew", symbol: str = "SPY", *, at: int = NOON, entered: bool = True, **changed: Any) -> BreachMark:
    """A broken rule."""
    facts: dict[str, Any] = {"measure": "rr25:30", "value": -0.06, "estimate": -0.04, "deviation": -2.5, "threshold": 2.0}
    return BreachMark(at=UtcNanos(at), symbol=Symbol(symbol), rule=rule, entered=entered, **{**facts, **changed})
