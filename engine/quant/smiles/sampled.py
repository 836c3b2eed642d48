"""A fitted surface as it is sent and stored: five numbers a slice, or samples of the fit where it is a spline; read between its points.

A slice with raw SVI parameters is evaluated exactly. One without is read between its samples (k, fitted volatility): total variance w = σ²T
linear in k, nothing beyond the last sample, since no wing was sent. Between expiries w is linear in time at fixed k, as in
:mod:`engine.quant.smiles.surface`; before the first expiry volatility is that of the first at the same k, after the last that of the last.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats, Indices
from engine.quant.smiles.delta import SmileStrike
from engine.quant.smiles.svi import RawSvi, smile

REACH = 8.0
"""Deviations to each side of the money in which a delta is looked for."""
GRID = 321
SLOPE_STEP = 1e-3
"""In k: half the distance over which a slope is taken."""


@dataclass(frozen=True, slots=True)
class SampledSurface:
    """Slices in order of expiry; one without a fit has NaN parameters and no samples, and is NaN everywhere."""

    years: Floats
    parameters: Floats
    """A row of raw SVI a, b, ρ, m, σ a slice; NaN where samples stand instead."""
    samples: tuple[tuple[Floats, Floats], ...]
    """Rising k and the fitted volatility there, for the slices without parameters; empty for the others."""

    def rows(self, slices: Indices) -> "SampledSurface":
        """Of these slices, in this order; a slice may come more than once."""
        return SampledSurface(self.years[slices], self.parameters[slices], tuple(self.samples[place] for place in slices.tolist()))


def sampled_surface(
    *, years: ArrayLike, parameters: ArrayLike, log_moneyness: tuple[Floats, ...], vols: tuple[Floats, ...]
) -> SampledSurface:
    """From the columns of a surface: ``log_moneyness`` and ``vols`` are a column a slice, any order, NaN for unknown."""
    T = np.asarray(years, dtype=np.float64)
    matrix = np.asarray(parameters, dtype=np.float64).reshape(-1, 5)
    if not T.size == matrix.shape[0] == len(log_moneyness) == len(vols):
        message = f"parameters and samples must be one for each of {T.size} slices"
        raise ValueError(message)
    fitted = [bool(row.all()) for row in np.isfinite(matrix)]
    nothing = (np.empty(0), np.empty(0))
    rows = zip(fitted, log_moneyness, vols, strict=True)
    return SampledSurface(T, matrix, tuple(nothing if known else _samples(k, vol) for known, k, vol in rows))


def _samples(k: Floats, vols: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(k) & np.isfinite(vols)
    order = np.argsort(k[known], kind="stable")
    return k[known][order], vols[known][order]


def slice_vols(*, surface: SampledSurface, log_moneyness: ArrayLike) -> Floats:
    """Volatilities of every slice at its own row of k (n slices by m), or at one row for all; NaN where there is no fit.

    >>> one = sampled_surface(years=[1.0], parameters=[[0.04, 0.0, 0.0, 0.0, 0.1]], log_moneyness=(np.empty(0),), vols=(np.empty(0),))
    >>> slice_vols(surface=one, log_moneyness=[0.0, 0.1]).tolist()
    [[0.2, 0.2]]
    """
    T = surface.years[:, None]
    with np.errstate(all="ignore"):
        w = _variances(surface, log_moneyness)
        found: Floats = np.sqrt(np.where((w >= 0.0) & (T > 0.0), w / T, np.nan))
    return found


def vols_between(*, surface: SampledSurface, years: ArrayLike, log_moneyness: ArrayLike) -> Floats:
    """Volatilities at times between the expiries: a row of k for each of ``years``. Slices without a fit are passed over."""
    T = np.asarray(years, dtype=np.float64)
    k = np.broadcast_to(np.asarray(log_moneyness, dtype=np.float64), (T.size, np.shape(log_moneyness)[-1]))
    known = np.flatnonzero(has_fit(surface) & (surface.years > 0.0))
    if not known.size:
        return np.full(k.shape, np.nan)
    times = surface.years[known]
    right = np.clip(np.searchsorted(times, T, side="right"), 0, known.size - 1)
    left = np.clip(np.searchsorted(times, T, side="right") - 1, 0, known.size - 1)
    with np.errstate(all="ignore"):
        low = _variances(surface.rows(known[left]), k)
        high = _variances(surface.rows(known[right]), k)
        t0, t1 = times[left], times[right]
        share = np.where(t1 > t0, (T - t0) / np.where(t1 > t0, t1 - t0, 1.0), 0.0)[:, None]
        before, after = (times[0] > T)[:, None], (times[-1] < T)[:, None]
        w = np.where(before | after, low * (T / t0)[:, None], low + share * (high - low))
        found: Floats = np.sqrt(np.where((w >= 0.0) & (T[:, None] > 0.0), w / T[:, None], np.nan))
    return found


def has_fit(surface: SampledSurface) -> Bools:
    """Which slices can be evaluated at the money, as booleans."""
    found: Bools = np.isfinite(slice_vols(surface=surface, log_moneyness=[0.0])[:, 0])
    return found


def moneyness_at_delta(*, surface: SampledSurface, targets: ArrayLike, rights: ArrayLike) -> SmileStrike:
    """Where each slice (a row) has these forward deltas (sizes, as 0.25; ``rights`` +1 call, -1 put): k, and its volatility there.

    The same strikes as :func:`engine.quant.smiles.delta.strikes_at_delta` finds, a hundred times as fast, for drawing: d1, which is nearly
    straight in k, is looked up on a grid and set right by one secant step. NaN where no strike within :data:`REACH` deviations has it.
    """
    target, right = np.broadcast_arrays(np.asarray(targets, dtype=np.float64), np.asarray(rights, dtype=np.float64))
    count = surface.years.size
    k = np.full((count, target.size), np.nan)
    wanted = np.array([_quantile(share) for share in np.where(right > 0.0, target, 1.0 - target).ravel().tolist()])
    root = np.sqrt(surface.years)
    with np.errstate(all="ignore"):
        spread = REACH * root * slice_vols(surface=surface, log_moneyness=[0.0])[:, 0]
        grid = np.linspace(1.0, -1.0, GRID)[None, :] * np.where(np.isfinite(spread), spread, 0.0)[:, None]
        d1 = _d1(surface, grid)
        for place in range(count):
            rising = np.isfinite(d1[place])
            if rising.sum() > 1 and spread[place] > 0.0:
                climb = np.maximum.accumulate(d1[place][rising])
                k[place] = np.interp(wanted, climb, grid[place][rising], left=np.nan, right=np.nan)
        step = (spread / GRID)[:, None]
        missed = _d1(surface, k) - wanted
        slope = (_d1(surface, k + step) - _d1(surface, k - step)) / (2.0 * step)
        moved = k - missed / slope
        k = np.where(np.isfinite(moved) & (np.abs(moved - k) <= step), moved, k)
    return SmileStrike(k, slice_vols(surface=surface, log_moneyness=k))


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share) if 0.0 < share < 1.0 else float("nan")


def _d1(surface: SampledSurface, k: Floats) -> Floats:
    s = slice_vols(surface=surface, log_moneyness=k) * np.sqrt(surface.years)[:, None]
    found: Floats = -k / s + 0.5 * s
    return found


def slopes_at_the_money(*, surface: SampledSurface) -> Floats:
    """dσ/dk of every slice at the forward: the change of volatility, a fraction a year, for each 1 of k, by central difference."""
    ends = slice_vols(surface=surface, log_moneyness=[-SLOPE_STEP, SLOPE_STEP])
    found: Floats = (ends[:, 1] - ends[:, 0]) / (2.0 * SLOPE_STEP)
    return found


def _variances(surface: SampledSurface, log_moneyness: ArrayLike) -> Floats:
    k = np.asarray(log_moneyness, dtype=np.float64)
    k = np.broadcast_to(k, (surface.years.size, k.shape[-1]))
    w = np.array(smile(log_moneyness=k, slices=RawSvi(*(column[:, None] for column in surface.parameters.T))).variances)
    for place, (at, vols) in enumerate(surface.samples):
        if at.size:
            w[place] = np.interp(k[place], at, vols * vols * surface.years[place], left=np.nan, right=np.nan)
    return w
