"""Every contract of an underlying on its fitted surface: volatility, price and Greeks, each with the flag of how it was come by.

These are Black's Greeks at the surface's volatility, strike by strike, for European exercise; those at the quotes' own volatilities, and of
American exercise, are :mod:`engine.quant.chain.series`'s.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Flags, Floats, Indices
from engine.quant.chain.segments import Segments
from engine.quant.codes import SurfaceFlag
from engine.quant.european.black import Greeks, greeks_on_forward
from engine.quant.smiles.curves import curve_vols
from engine.quant.smiles.surface import UNIT, Surface, SurfaceVols, vols_at


class ContractNumbers(NamedTuple):
    """A number a contract; NaN where the surface has none."""

    vols: Floats
    """By ACT/365, a year."""
    flags: Flags
    """:class:`engine.quant.codes.SurfaceFlag` bits."""
    greeks: Greeks
    """In model units, on the spot less the present value of its dividends, D F, as the chain has them."""


def contract_numbers(
    *,
    surface: Surface,
    strikes: ArrayLike,
    rights: ArrayLike,
    segments: Segments,
    forwards: ArrayLike,
    discounts: ArrayLike,
    years: ArrayLike,
    variance_years: ArrayLike | None = None,
    yields: ArrayLike = 0.0,
) -> ContractNumbers:
    """Of flat contracts cut by ``segments``; forwards, discounts, years (ACT/365) and yields are a number a series.

    ``variance_years`` are those that the surface was fitted by, where these are another clock's. Yields serve theta and charm alone.
    """
    owner = segments.owner
    F, D, T = (np.asarray(column, dtype=np.float64) for column in (forwards, discounts, years))
    clock = T if variance_years is None else np.asarray(variance_years, dtype=np.float64)
    carry = np.broadcast_to(np.asarray(yields, dtype=np.float64), T.shape)
    with np.errstate(all="ignore"):
        k = np.log(np.asarray(strikes, dtype=np.float64) / F[owner])
        rates, change = -np.log(D) / T, np.sqrt(clock / T)
        found = _at_expiries(surface, k, owner, clock)
        vols = found.vols if variance_years is None else found.vols * change[owner]
        greeks = greeks_on_forward(
            spots=(D * F)[owner],
            forwards=F[owner],
            strikes=strikes,
            years=T[owner],
            vols=vols,
            rights=rights,
            rates=np.where(np.isfinite(rates), rates, 0.0)[owner],
            yields=carry[owner],
        )
    return ContractNumbers(vols, found.flags, greeks)


def _at_expiries(surface: Surface, k: Floats, owner: Indices, years: Floats) -> SurfaceVols:
    """As :func:`engine.quant.smiles.surface.vols_at` has it; series that are slices of the surface are read off these alone."""
    count = surface.years.size
    if not count:
        return vols_at(surface=surface, log_moneyness=k, years=years[owner])
    place = np.clip(np.searchsorted(surface.years, years * (1.0 - UNIT)), 0, count - 1)
    fitted = np.abs(surface.years[place] - years) <= UNIT * years
    which = place[owner]
    vols = curve_vols(log_moneyness=k, slices=surface.slices, splines=surface.splines, which=which, years=surface.years[which])
    flags = np.where((k >= surface.lows[which]) & (k <= surface.highs[which]), SurfaceFlag.FITTED, SurfaceFlag.BEYOND_STRIKES)
    flags = np.where(np.isfinite(vols), flags, SurfaceFlag.NOT_DEFINED).astype(np.uint8)
    other = np.flatnonzero(~fitted[owner])
    if other.size:
        found = vols_at(surface=surface, log_moneyness=k[other], years=years[owner[other]])
        vols[other], flags[other] = found
    return SurfaceVols(vols, flags)
