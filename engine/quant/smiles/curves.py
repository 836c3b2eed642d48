"""The curve of a slice, whichever it is: raw SVI, or a spline that stands in for it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, Indices
from engine.quant.smiles.spline import Splines, smiles
from engine.quant.smiles.svi import RawSvi, Smile, smile, total_variances


def curves(*, log_moneyness: ArrayLike, slices: RawSvi, splines: Splines, which: Indices) -> Smile:
    """w, w' and w'' at every point of the slice that ``which`` names; the arguments are broadcast against one another."""
    k, own = np.broadcast_arrays(np.asarray(log_moneyness, dtype=np.float64), which)
    found = smile(log_moneyness=k, slices=slices.of(own))
    bent = splines.present
    if not bent.any():
        return found
    on_spline = bent[own]
    drawn = smiles(log_moneyness=k[on_spline], splines=splines, slices=own[on_spline])
    parts = [np.array(part) for part in found]
    for part, values in zip(parts, drawn, strict=True):
        part[on_spline] = values
    return Smile(*parts)


def curve_variances(*, log_moneyness: ArrayLike, slices: RawSvi, splines: Splines, which: Indices) -> Floats:
    """Total variance alone; a slice for each column of many points is looked up once a column."""
    return curves_of(slices=slices, splines=splines, which=which)(np.asarray(log_moneyness, dtype=np.float64))


def curves_of(*, slices: RawSvi, splines: Splines, which: Indices) -> Callable[[Floats], Floats]:
    """Total variances of the slices that ``which`` names, looked up once, as a function of log-moneyness."""
    if splines.present[which].any():
        return lambda k: curves(log_moneyness=k, slices=slices, splines=splines, which=which).variances
    own = slices.of(which)

    def variances(k: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return total_variances(log_moneyness=k, slices=own)

    return variances


def curve_vols(*, log_moneyness: ArrayLike, slices: RawSvi, splines: Splines, which: Indices, years: ArrayLike) -> Floats:
    """Implied volatilities √(w/T) of the same; NaN where w is below zero or no time is left."""
    with np.errstate(all="ignore"):
        T = np.asarray(years, dtype=np.float64)
        w = curve_variances(log_moneyness=log_moneyness, slices=slices, splines=splines, which=which)
        result: Floats = np.sqrt(np.where((w >= 0.0) & (T > 0.0), w / T, np.nan))
    return result
