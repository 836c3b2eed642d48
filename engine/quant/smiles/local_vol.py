"""Dupire's local volatility from a fitted surface, in Gatheral's form.

B. Dupire, "Pricing with a smile", Risk 7 (January 1994), p. 18; J. Gatheral, "The Volatility Surface" (2006), p. 13, eq. 1.10: in total
variance w(k, T) at k = ln(K/F_T)

    σ²(K, T) = (∂w/∂T) / g(k),  g(k) = 1 - (k/w) w' + ¼(-¼ - 1/w + k²/w²) w'² + ½ w''

and g is Durrleman's function, so local volatility is there exactly where the surface has no static arbitrage. Time between expiries is
linear in total variance, hence local variance is constant in time along k between them and jumps at an expiry.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Flags, Floats
from engine.quant.codes import SurfaceFlag
from engine.quant.formulas.smile import build_durrleman
from engine.quant.numpy_tier import PRIMITIVES
from engine.quant.smiles.surface import Surface, smile_at

_durrleman = build_durrleman(PRIMITIVES)


class LocalVols(NamedTuple):
    """Local volatilities a year; NaN, flagged NOT_DEFINED, where the surface has a butterfly (g <= 0) or calendar (falling w) arbitrage."""

    vols: Floats
    flags: Flags
    """:class:`engine.quant.codes.SurfaceFlag` bits."""


def local_vols(*, surface: Surface, log_moneyness: ArrayLike, years: ArrayLike) -> LocalVols:
    """Local volatility at every (k, T); the arguments are broadcast against one another."""
    k = np.asarray(log_moneyness, dtype=np.float64)
    found = smile_at(surface=surface, log_moneyness=k, years=years)
    with np.errstate(all="ignore"):
        g = _durrleman(k, found.variances, found.slopes, found.curvatures)
        good = (found.variances > 0.0) & (g > 0.0) & (found.growths >= 0.0)
        vols = np.sqrt(np.where(good, found.growths / g, np.nan))
    lost = np.where(np.isnan(vols), SurfaceFlag.NOT_DEFINED, 0).astype(np.uint8)
    return LocalVols(vols, found.flags | lost)
