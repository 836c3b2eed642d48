"""Smiles that are known, and quotes around them."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.smiles.ssvi import raw_slices
from engine.quant.smiles.svi import RawSvi, vols

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
