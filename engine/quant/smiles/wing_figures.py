"""Risk reversals and butterflies of many smiles in one pass: what a surface that is fitted many times a second is summed up by.

The same strikes as :func:`engine.quant.smiles.delta.strikes_at_delta` finds for forward deltas, which asks the smile two hundred times as
often: d1 = -k/s + s/2, s = σ(k)√T, is nearly straight in k, so that a grid finds the place and a few secant steps settle it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, Indices
from engine.quant.smiles.delta import VolOfMoneyness

REACH = 6.0
"""Deviations at the money, to either side, in which a strike is looked for."""
GRID = 97
SECANTS = 3
DEVIATIONS = {0.25: 0.6744897501960817, 0.10: 1.2815515655446004}
"""d1 of a put of this forward delta, N⁻¹(1 - delta); a call's is its opposite."""


class Wings(NamedTuple):
    """Figures of smiles, a number each, fractions a year; NaN where no strike has the delta."""

    at_the_money: Floats
    risk_reversal_25: Floats
    """σ(call) - σ(put)."""
    butterfly_25: Floats
    """(σ(call) + σ(put)) / 2 - σ at the forward."""
    risk_reversal_10: Floats
    butterfly_10: Floats


@np.errstate(all="ignore")
def wing_figures(*, smile: VolOfMoneyness, years: ArrayLike) -> Wings:
    """Figures of smiles that are the columns of what ``smile`` is asked; of several strikes of one delta the one furthest out counts.

    >>> wings = wing_figures(smile=lambda k: 0.2 - 0.1 * k, years=[0.25])
    >>> [round(float(figure[0]), 5) for figure in wings[:3]]
    [0.2, -0.0134, -0.00027]
    """
    T = np.asarray(years, dtype=np.float64)
    root = np.sqrt(np.where(T > 0.0, T, np.nan))
    middle = np.asarray(smile(np.zeros((1, T.size))), dtype=np.float64)[0]
    k = np.linspace(-REACH, REACH, GRID)[:, np.newaxis] * (middle * root)
    d1 = _d1(smile, k, root)
    wanted = np.array([sign * size for size in DEVIATIONS.values() for sign in (-1.0, 1.0)])
    cells = np.stack([_cell(d1, target) for target in wanted.tolist()])
    columns = np.arange(T.size)
    low, high = k[cells, columns], k[cells + 1, columns]
    begun, ended = d1[cells, columns], d1[cells + 1, columns]
    targets = wanted[:, np.newaxis]
    crossed = (begun >= targets) & (ended < targets)
    slope = (ended - begun) / (high - low)
    at = low + (targets - begun) / slope
    for _ in range(SECANTS):
        at = np.clip(at + (targets - _d1(smile, at, root)) / slope, low, high)
    call, put, far_call, far_put = np.where(crossed, smile(np.where(crossed, at, np.nan)), np.nan)
    return Wings(middle, call - put, 0.5 * (call + put) - middle, far_call - far_put, 0.5 * (far_call + far_put) - middle)


def _d1(smile: VolOfMoneyness, k: Floats, root: Floats) -> Floats:
    s = np.asarray(smile(k), dtype=np.float64) * root
    found: Floats = -k / s + 0.5 * s
    return found


def _cell(d1: Floats, target: float) -> Indices:
    """Of each column the outermost cell of the grid in which d1 falls through the target: the last for calls, the first for puts."""
    crossing = (d1[:-1] >= target) & (d1[1:] < target)
    found: Indices = np.argmax(crossing, axis=0) if target > 0.0 else crossing.shape[0] - 1 - np.argmax(crossing[::-1], axis=0)
    return found
