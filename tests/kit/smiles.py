"""Smiles that are known, and quotes around them."""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.quant.chain.book import SeriesQuotes
from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.chain.series import price_book
from engine.quant.european.black import prices
from engine.quant.smiles.quotes import SmileQuotes, quotes_of_series
from engine.quant.smiles.ssvi import raw_slices
from engine.quant.smiles.svi import RawSvi, smile, vols
from tests.kit.quant import recorded_chain

Floats = NDArray[np.float64]
VOGT = RawSvi(*(np.array([value]) for value in (-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)))
"""A. Vogt's example of butterfly arbitrage, over one year."""


class Quoted(NamedTuple):
    """Volatilities of many slices as a fit takes them."""

    log_moneyness: Floats
    vols: Floats
    segments: Segments
    years: Floats


def vogt_table(fixtures: Path) -> dict[str, Floats]:
    """Vogt's smile as published: k, total variance and g."""
    with (fixtures / "model_tables" / "svi_vogt_smile.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def ssvi_market(
    *, slices: int = 16, points: int = 41, noise: float = 0.0, seed: int = 1, rho: float = -0.6, eta: float = 1.0, gamma: float = 0.45
) -> tuple[Quoted, RawSvi]:
    """Quotes on an equity-like SSVI surface from three days to two years, and its slices."""
    years = np.geomspace(3 / 365, 2.0, slices)
    thetas = 0.04 * years * (1.0 + 0.4 * np.exp(-years))
    surface = raw_slices(thetas=thetas, rhos=rho, etas=eta, gammas=gamma)
    k = np.concatenate([np.linspace(-3.2, 2.0, points) * root for root in np.sqrt(thetas)])
    segments = of_sizes(np.full(slices, points))
    quoted = vols(log_moneyness=k, slices=surface.of(segments.owner), years=years[segments.owner])
    quoted = quoted + noise * np.random.default_rng(seed).standard_normal(k.size)
    return Quoted(k, quoted, segments, years), surface


noisy_markets = st.fixed_dictionaries(
    {
        "slices": st.integers(1, 8),
        "points": st.integers(3, 25),
        "noise": st.sampled_from([0.0, 0.002, 0.02, 0.1]),
        "seed": st.integers(0, 10_000),
        "rho": st.floats(-0.95, 0.95),
        "eta": st.floats(0.1, 3.0),
        "gamma": st.floats(0.05, 0.95),
    }
)
"""Quotes around surfaces with and without arbitrage, down to plain noise."""


def smile_quotes(
    *,
    surface: RawSvi,
    years: Floats,
    forward: float = 5000.0,
    width: float = 0.004,
    points: int = 25,
    reach: tuple[float, float] = (-3.0, 2.0),
    noise: float = 0.0,
    seed: int = 1,
) -> SmileQuotes:
    """Two-sided options, calls and puts of every strike, whose volatilities are those of a surface and a width about them."""
    T = np.asarray(years, dtype=np.float64)
    roots = np.sqrt(smile(log_moneyness=0.0, slices=surface).variances)
    k = np.concatenate([np.repeat(np.linspace(*reach, points) * root, 2) for root in roots])
    segments = of_sizes(np.full(T.size, 2 * points))
    rights = np.tile([1.0, -1.0], k.size // 2)
    mids = vols(log_moneyness=k, slices=surface.of(segments.owner), years=T[segments.owner])
    mids = mids + noise * np.random.default_rng(seed).standard_normal(k.size)
    strikes = forward * np.exp(k)
    sides = [mids - 0.5 * width, mids + 0.5 * width]
    bids, asks = (prices(forwards=forward, strikes=strikes, years=T[segments.owner], vols=side, rights=rights) for side in sides)
    return SmileQuotes(strikes, rights, bids, asks, mids, sides[0], sides[1], segments, np.full(T.size, forward), T)


@cache
def recorded_quotes(path: Path, at: datetime) -> SmileQuotes:
    """A recorded chain as the smiles take it, by our own forwards and volatilities, in the order of expiry."""
    spot, expiries = recorded_chain(path)
    alive = sorted((expiry for expiry in expiries if expiry.years_from(at) > 0.0), key=lambda expiry: expiry.years_from(at))
    years = [expiry.years_from(at) for expiry in alive]
    series = [
        SeriesQuotes(strikes=expiry.strikes, bid=expiry.bid, ask=expiry.ask, spot=spot, years=time, tick=0.05)
        for expiry, time in zip(alive, years, strict=True)
    ]
    return quotes_of_series(series=series, numbers=price_book(series))
