"""What a fitted surface says of maturities nobody trades: one week to two years, with how each figure was come by."""

import numpy as np

from engine.domain.columns import flags, floats, longs
from engine.domain.volatility import Maturities, MaturityFlag
from engine.quant.arrays import Bools, Flags, Floats
from engine.quant.indices.smile_variance import smile_variances
from engine.quant.smiles.fitting import SurfaceFit
from engine.quant.smiles.surface import Surface, smiles_at, surface_of
from engine.quant.smiles.svi import RawSvi
from engine.quant.smiles.wing_figures import wing_figures

DAYS = (7, 14, 30, 61, 91, 183, 274, 365, 548, 730)
"""1W, 2W, 1M, 2M, 3M, 6M, 9M, 1Y, 18M, 2Y."""
SAME_DAY = 0.5
"""Days within which an expiry is the maturity itself."""
SHORTER, LONGER = 4.0, 2.0
"""How many times shorter than the first expiry, and longer than the last, a maturity may be to be told at all, as extrapolated."""
STRIP_STEPS = 200
"""To either side of the money: the error is below a hundredth of a basis point of volatility."""
UNKNOWN = np.full(len(DAYS), np.nan)


def maturities_of(fit: SurfaceFit, *, forwards: Floats, years: Floats, believed: Bools) -> Maturities:
    """Figures of the believed slices: total variance linear in time at fixed moneyness, extrapolated at the ends and said so."""
    surface = surface_of(
        years=years,
        forwards=forwards,
        slices=RawSvi(*(np.where(believed, part, np.nan) for part in fit.slices)),
        lows=fit.lows,
        highs=fit.highs,
        splines=fit.splines.only(believed),
    )
    if not surface.years.size:
        return no_maturities()
    T = np.array(DAYS) / 365.0
    smile = smiles_at(surface=surface, years=T)
    told = (surface.years[0] / SHORTER <= T) & (surface.years[-1] * LONGER >= T)
    wings = wing_figures(smile=smile, years=T)
    columns = (*wings, np.sqrt(smile_variances(vols_at=smile, years=T, steps=STRIP_STEPS)))
    atm, reversal, butterfly, far_reversal, far_butterfly, variance = (floats(np.where(told, column, np.nan)) for column in columns)
    return Maturities(
        days=longs(DAYS),
        atm_iv=atm,
        risk_reversal_25=reversal,
        butterfly_25=butterfly,
        risk_reversal_10=far_reversal,
        butterfly_10=far_butterfly,
        variance_iv=variance,
        flags=flags(_flags(surface, T, atm)),
    )


def no_maturities() -> Maturities:
    """Of a surface without a slice to believe."""
    return Maturities(
        days=longs(DAYS),
        atm_iv=floats(UNKNOWN),
        risk_reversal_25=floats(UNKNOWN),
        butterfly_25=floats(UNKNOWN),
        risk_reversal_10=floats(UNKNOWN),
        butterfly_10=floats(UNKNOWN),
        variance_iv=floats(UNKNOWN),
        flags=flags(np.full(len(DAYS), MaturityFlag.UNKNOWN)),
    )


def _flags(surface: Surface, years: Floats, atm: Floats) -> Flags:
    apart = np.abs(surface.years[:, np.newaxis] - years).min(axis=0) * 365.0
    outside = (years < surface.years[0]) | (years > surface.years[-1])
    found = np.where(outside, MaturityFlag.EXTRAPOLATED, MaturityFlag.INTERPOLATED)
    found = np.where(apart <= SAME_DAY, MaturityFlag.LISTED, found)
    return np.where(np.isnan(atm), MaturityFlag.UNKNOWN, found).astype(np.uint8)
