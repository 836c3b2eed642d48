"""Fitted surfaces of the frozen market: smiles of the usual shape, with the fits that go wrong among them.

Of SPX the second expiry is not fitted at all, the third stands on a spline, the fifth is poor and not free of butterfly arbitrage, the
eighth crosses the one before it, and an event on 10 December lifts all that expire after it.
"""

import math
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import Floats, codes, flags, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.market import FeedState
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
from engine.messages.surface import GetStoredSurfaces, GetSurface, GetSurfaceTimes, StoredSurfaces, SurfaceChanged, SurfaceTimes
from tests.kit import facts
from tests.kit.fake_engine import FakeEngine

EVENT, EVENT_VARIANCE = date(2026, 12, 10), 0.00022
MATURITIES = (7, 14, 30, 60, 91, 182, 365, 730)
NOTHING = floats([math.nan] * 5)


def _smile(years: float, level: float, skew: float, event: float) -> Floats:
    """Raw SVI of an SSVI slice with a power law: J. Gatheral and A. Jacquier (2014), "Arbitrage-free SVI volatility surfaces", 4."""
    base = level * (0.88 + 0.24 * math.sqrt(min(years, 1.5)) + 0.10 * math.exp(-years * 40))
    theta = base**2 * years + event
    phi = min(1.05 * skew * theta**-0.46, 1.6 / theta)
    rho = -0.58 - 0.06 * min(years, 1)
    rest = 1 - rho * rho
    return floats([theta / 2 * rest, theta * phi / 2, rho, -rho / phi, math.sqrt(rest) / phi])


def vols(parameters: Floats, k: Any, years: float) -> Any:
    """The volatility of raw SVI."""
    a, b, rho, m, sigma = parameters
    return np.sqrt(np.maximum(a + b * (rho * (k - m) + np.sqrt((k - m) ** 2 + sigma**2)), 1e-8) / years)


def slice_of(
    root: str = "SPXW", expiry: date = date(2026, 11, 24), *, lift: float = 0.0, skew: float = 1.0, **changes: Any
) -> SurfaceSlice:
    """One fitted expiry; ``lift`` is added to its level of volatility."""
    summary = facts.summary(root, expiry)
    level = facts.quote(summary.series.underlying).iv30 + lift
    years, forward = summary.years, summary.forward
    event = EVENT_VARIANCE if expiry >= EVENT else 0.0
    shape = _smile(years, level, skew, event)
    reach = 5.5 * level * math.sqrt(years)
    low, high = forward * math.exp(-min(reach, 0.55)), forward * math.exp(min(reach * 0.62, 0.3))
    step = next((size for size in (0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000) if (high - low) / size <= 62), 1000)
    strikes = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
    k = np.log(strikes / forward)
    fit = vols(shape, k, years)
    deviations = k / (fit * math.sqrt(years))
    noise = 0.0011 * np.sin(np.arange(strikes.size) * 2.399) * (1 + np.abs(deviations) * 0.4)
    half = 0.0013 + 0.0009 * deviations**2
    mid = fit + noise
    use = np.full(strikes.size, PointUse.USED, np.int8)
    use[deviations < -4.2] = PointUse.NO_BID
    use[deviations > 2.6] = PointUse.LITTLE_VEGA
    if strikes.size > 20:
        use[strikes.size // 3], use[strikes.size // 2 + 3] = PointUse.TOO_WIDE, PointUse.CROSSED
    used = use == PointUse.USED
    known = np.where(used | (use == PointUse.TOO_WIDE), 1.0, np.nan)
    width = np.where(use == PointUse.TOO_WIDE, 6 * half, half)
    a, b, c = _wings(shape, years)
    return replace(
        SurfaceSlice(
            series=summary.series,
            as_of=UtcNanos(facts.NOW - 250_000_000),
            years=years,
            forward=forward,
            rate=summary.rate,
            model=SliceModel.SVI,
            parameters=shape,
            least_k=float(k[used].min()),
            greatest_k=float(k[used].max()),
            atm_iv=b,
            risk_reversal_25=c - a,
            butterfly_25=(a + c) / 2 - b,
            grade=Grade.GOOD,
            reasons=(),
            rmse_vol=float(np.sqrt(np.mean(noise[used] ** 2))),
            median_residual=float(np.median(np.abs(noise / (2 * half))[used])),
            inside=float(np.mean((np.abs(noise) <= half)[used])),
            butterfly_ok=True,
            calendar_ok=True,
            quotes=int(used.sum()),
            left_out={"in the money": strikes.size, **_counts(use)},
            strikes=floats(strikes),
            right=codes(np.where(strikes >= forward, 1, -1)),
            use=codes(use),
            bid_iv=floats((mid - width) * known),
            mid_iv=floats(mid * known),
            ask_iv=floats((mid + width) * known),
            fit_iv=floats(fit),
            residual=floats(np.where(used, -noise / (2 * half), np.nan)),
        ),
        **changes,
    )


def _counts(use: Any) -> dict[str, int]:
    from engine.domain.volatility import POINT_WORDS

    return {POINT_WORDS[one]: int((use == one).sum()) for one in PointUse if one is not PointUse.USED and (use == one).any()}


def _wings(shape: Floats, years: float) -> tuple[float, float, float]:
    """Volatility of the 25-delta put, at the money and of the 25-delta call, linear between strikes in delta."""
    k = np.linspace(-0.9, 0.9, 1441)
    at = vols(shape, k, years)
    s = at * math.sqrt(years)
    delta = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in (-k / s + s / 2)])
    put, call = np.interp([-0.75, -0.25], -delta, at)
    return float(put), float(at[720]), float(call)


def unfitted(one: SurfaceSlice) -> SurfaceSlice:
    """The same expiry where nothing went through the quotes."""
    gone = floats(np.full(one.strikes.size, math.nan))
    return replace(
        one,
        model=SliceModel.NONE,
        parameters=NOTHING,
        atm_iv=math.nan,
        risk_reversal_25=math.nan,
        butterfly_25=math.nan,
        grade=Grade.FAILED,
        reasons=("two strikes are quoted on both sides; a fit needs three",),
        rmse_vol=math.nan,
        median_residual=math.nan,
        inside=math.nan,
        quotes=2,
        left_out={"no bid": int(one.strikes.size - 2)},
        use=codes(np.where(np.arange(one.strikes.size) % (one.strikes.size // 2) == 1, PointUse.USED, PointUse.NO_BID)),
        fit_iv=gone,
        residual=gone,
    )


def splined(one: SurfaceSlice) -> SurfaceSlice:
    """The same expiry where a spline stands in."""
    return replace(one, model=SliceModel.SPLINE, parameters=NOTHING, grade=Grade.FAIR, reasons=("no SVI goes through the quotes",))


def poor(one: SurfaceSlice) -> SurfaceSlice:
    """The same expiry with a fit that misses the quotes."""
    off = 0.006 * np.sin(np.linspace(0, 9, one.strikes.size))
    width = one.ask_iv - one.bid_iv
    return replace(
        one,
        grade=Grade.POOR,
        reasons=("the median quote is 1.6 bid-ask widths off", "the density is negative near 6,420"),
        mid_iv=floats(one.mid_iv + off),
        bid_iv=floats(one.bid_iv + off),
        ask_iv=floats(one.ask_iv + off),
        residual=floats(np.where(np.isfinite(one.residual), (one.fit_iv - one.mid_iv - off) / width, np.nan)),
        rmse_vol=0.0043,
        median_residual=1.6,
        inside=0.21,
        butterfly_ok=False,
    )


def maturities(slices: tuple[SurfaceSlice, ...]) -> Maturities:
    """Constant maturities of fitted slices: total variance linear in time."""
    fitted = [one for one in slices if math.isfinite(one.atm_iv)]
    years = np.array(MATURITIES) / 365
    times = np.array([one.years for one in fitted])
    unknown = np.full(years.size, math.nan)
    if not fitted:
        return Maturities(
            days=longs(MATURITIES),
            **dict.fromkeys("atm_iv risk_reversal_25 butterfly_25 risk_reversal_10 butterfly_10 variance_iv".split(), floats(unknown)),
            flags=flags(np.full(years.size, MaturityFlag.UNKNOWN)),
        )
    atm = np.sqrt(np.interp(years, times, np.array([one.atm_iv**2 * one.years for one in fitted])) / years)
    outside = (years < times[0]) | (years > times[-1])
    atm = np.where(years > times[-1], fitted[-1].atm_iv, np.where(years < times[0], fitted[0].atm_iv, atm))
    reversal = np.interp(years, times, [one.risk_reversal_25 for one in fitted])
    butterfly = np.interp(years, times, [one.butterfly_25 for one in fitted])
    return Maturities(
        days=longs(MATURITIES),
        atm_iv=floats(atm),
        risk_reversal_25=floats(reversal),
        butterfly_25=floats(butterfly),
        risk_reversal_10=floats(reversal * 1.85),
        butterfly_10=floats(butterfly * 3.1),
        variance_iv=floats(atm * 1.07),
        flags=flags(np.where(outside, MaturityFlag.EXTRAPOLATED, MaturityFlag.INTERPOLATED)),
    )


_kept = lru_cache(256)(slice_of)


def surface(symbol: str = "SPX", *, lift: float = 0.0, skew: float = 1.0, only_good: bool = False, **changes: Any) -> VolatilitySurface:
    """A name's surface, with its troubles unless they are not wanted."""
    slices = [_kept(root, day, lift=lift, skew=skew) for root, day in facts.expiries(symbol)]
    if not only_good and len(slices) > 8:
        slices[1] = unfitted(slices[1])
        slices[2] = splined(slices[2])
        slices[4] = poor(slices[4])
        slices[7] = replace(slices[7], grade=Grade.FAIR, calendar_ok=False, reasons=("it crosses the expiry before at 6,900",))
    made = tuple(slices)
    return replace(
        VolatilitySurface(
            symbol=Symbol(symbol),
            source=facts.SOURCE,
            state=FeedState.LIVE,
            as_of=UtcNanos(facts.NOW - 250_000_000),
            spot=facts.quote(symbol).last,
            model=SurfaceModel.SVI,
            slices=made,
            maturities=maturities(made),
        ),
        **changes,
    )


def empty_surface(symbol: str = "SPX") -> VolatilitySurface:
    """A name none of whose options has a quote."""
    return surface(symbol, only_good=True, slices=(), maturities=maturities(()))


def risk_surface(symbol: str = "SPX") -> VolatilitySurface:
    """The arbitrage-free one, a little off the quotes."""
    found = surface(symbol, skew=0.97, only_good=True)
    slices = tuple(replace(one, model=SliceModel.ESSVI) for one in found.slices)
    return replace(found, model=SurfaceModel.ESSVI, slices=slices)


def stored(symbol: str, days_ago: float) -> VolatilitySurface:
    """What was stored so many days ago: levels wander by a point or so."""
    lift = 0.009 * math.sin(days_ago * 0.9) + 0.004
    return surface(
        symbol,
        lift=lift,
        skew=1 + 0.12 * math.sin(days_ago * 0.53),
        only_good=True,
        as_of=UtcNanos(int(facts.NOW - days_ago * DAY_NS)),
        recorded=True,
    )


def times(symbol: str = "SPX", days: int = 40, per_day: int = 2) -> SurfaceTimes:
    """Instants at which surfaces were stored, the last of them some minutes ago."""
    ago = np.arange(days * per_day - 1, -1, -1) / per_day + 0.01
    at = (facts.NOW - ago * DAY_NS).astype(np.int64)
    level = facts.quote(symbol).iv30
    return SurfaceTimes(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        at=longs(at),
        spot=floats(np.full(at.size, facts.quote(symbol).last)),
        atm_iv_30=floats(level + 0.009 * np.sin(ago * 0.9) + 0.004),
    )


def answer(query: GetSurface) -> VolatilitySurface:
    """What a told engine says of a surface."""
    if query.at is not None:
        return stored(query.symbol, (facts.NOW - query.at) / DAY_NS)
    return risk_surface(query.symbol) if query.model is SurfaceModel.ESSVI else surface(query.symbol)


def teach(engine: FakeEngine, *, days: int = 40) -> FakeEngine:
    """The engine knows the surfaces of all its names, and so many days of them."""
    engine.answers[GetSurface] = answer
    engine.answers[GetStoredSurfaces] = lambda query: StoredSurfaces(
        symbol=query.symbol, model=query.model, surfaces=(stored(query.symbol, (facts.NOW - query.since) / DAY_NS),)
    )
    engine.answers[GetSurfaceTimes] = lambda query: between(query, times(query.symbol, days))
    return engine


def between(query: GetSurfaceTimes, known: SurfaceTimes) -> SurfaceTimes:
    """The instants within the bounds of the question, the newest where there are too many."""
    inside = (known.at >= (query.since or 0)) & (known.at < (query.until or 2**62))
    chosen = np.flatnonzero(inside)[-query.limit :]
    return replace(known, at=longs(known.at[chosen]), spot=floats(known.spot[chosen]), atm_iv_30=floats(known.atm_iv_30[chosen]))


def changed(symbol: str = "SPX", **changes: Any) -> SurfaceChanged:
    """A surface was fitted anew."""
    return SurfaceChanged(surface=surface(symbol, **changes))
