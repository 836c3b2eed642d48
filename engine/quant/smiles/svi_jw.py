"""SVI in the numbers a trader reads off a smile, "jump wings", and back.

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59: definition 3.3 (eq. 3.5) and
lemma 3.2, T the time to expiry in years:

    v = w(0)/T,  ψ = w'(0)/(2√w(0)),  p = b(1-ρ)/√w(0),  c = b(1+ρ)/√w(0),  ṽ = (a + bs√(1-ρ²))/T
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.smiles.svi import RawSvi, smile

BENDLESS = 1e-9
"""Difference of the angles of skew and wings below which the bend has no width that could be told."""


class JumpWings(NamedTuple):
    """The five numbers, or columns of them."""

    variances: Floats
    """v: variance a year at the money forward."""
    skews: Floats
    """ψ: √T times the slope of volatility in k at the money forward."""
    put_slopes: Floats
    """p: slope of the left wing."""
    call_slopes: Floats
    """c: slope of the right wing."""
    least_variances: Floats
    """ṽ: least variance a year."""


def to_jump_wings(*, slices: RawSvi, years: ArrayLike) -> JumpWings:
    """Jump wings of raw slices; NaN where the total variance at the money is not positive.

    A. Vogt's slice over one year (Gatheral and Jacquier (2014), section 5.1):

    >>> vogt = RawSvi(*map(np.float64, (-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)))
    >>> [round(float(number), 6) for number in to_jump_wings(slices=vogt, years=1.0)]
    [0.017426, -0.175211, 0.699738, 1.316798, 0.011625]
    """
    T = np.asarray(years, dtype=np.float64)
    a, b, rho, _, sigma = (np.asarray(part, dtype=np.float64) for part in slices)
    with np.errstate(all="ignore"):
        level, slope, _ = smile(log_moneyness=0.0, slices=slices)
        root = np.sqrt(np.where((level > 0.0) & (T > 0.0), level, np.nan))
        return JumpWings(
            root * root / T,
            0.5 * slope / root,
            b * (1.0 - rho) / root,
            b * (1.0 + rho) / root,
            np.where(np.isnan(root), np.nan, (a + b * sigma * np.sqrt(1.0 - rho * rho)) / T),
        )


def from_jump_wings(*, jump_wings: JumpWings, years: ArrayLike) -> RawSvi:
    """Raw slices of jump wings (lemma 3.2); NaN where no slice has such wings (v not positive, ψ outside [-p/2, c/2], ṽ > v).

    With ψ = 0 the least variance is that at the money, and nothing says how wide the bend is: NaN as well.
    """
    T = np.asarray(years, dtype=np.float64)
    v, psi, p, c, least = (np.asarray(part, dtype=np.float64) for part in jump_wings)
    with np.errstate(all="ignore"):
        level = v * T
        root = np.sqrt(level)
        b = 0.5 * root * (c + p)
        rho = np.where(c + p > 0.0, (c - p) / (c + p), 0.0)  # 1 - p√w/b without a difference
        rest = np.sqrt(1.0 - rho * rho)
        beta = rho - 2.0 * psi * root / b
        # (v - ṽ)T = b(-ρm + √(m² + σ²) - σ√(1-ρ²)); with m = βR, σ = √(1-β²)R it is bR(1 - cos(arcsin ρ - arcsin β)): no division by m
        half = np.sin(0.5 * (np.arcsin(rho) - np.arcsin(beta)))
        radius = (v - least) * T / (2.0 * b * half * half)
        m, sigma = beta * radius, np.sqrt(np.maximum(1.0 - beta * beta, 0.0)) * radius
        a = least * T - b * sigma * rest
        good = (v > 0.0) & (T > 0.0) & (p >= 0.0) & (c >= 0.0) & (b > 0.0) & (np.abs(beta) <= 1.0) & (radius > 0.0) & (least >= 0.0)
        good &= np.abs(half) > BENDLESS
    return RawSvi(*(np.where(good, part, np.nan) for part in (a, b, rho, m, sigma)))
