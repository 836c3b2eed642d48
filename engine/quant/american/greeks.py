"""All Greeks of American options on an underlying with a continuous yield, in model units.

Delta, gamma and speed come from the integral for the premium; vega, volga, vanna and zomma from solving again with the volatility moved up
and down, rho and the dividend rho with the rate or the yield moved by so little that one side is enough: the boundary moves too, and held
fixed it would give a wrong vega. The value knows time only in σ²T, rT and qT, so that theta, charm and color need nothing more:
T V_T = σ/2 V_σ + r V_r + q V_q, and the same of delta and gamma. So five boundaries a row are solved, and none where exercise never pays.
Where the option is to be exercised at once it is worth S - K or K - S whatever else changes, and every Greek but delta is 0.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american.regimes import Method, as_puts, certain_values, methods
from engine.quant.american.values import Values, checked, values
from engine.quant.arrays import Bools, Bytes, Floats
from engine.quant.european.black import GREEKS, HIGHER_GREEKS
from engine.quant.tiers import core

VOL_BUMP: Final = 4e-3
"""Of the volatility."""
RATE_BUMP: Final = 1e-7
"""Of a rate, to one side: the error is half of it times the second derivative, 1e5 near exercise, and a price's noise of 1e-13 over it."""
WIDE_RATE_BUMP: Final = 1e-5
"""Where there are two boundaries, whose meeting is not so smooth."""
VOL, RATE, YIELD = 3, 4, 5
"""The rows that are moved."""
SLOPED: Final = ("prices", "deltas", "gammas")


class AmericanGreeks(NamedTuple):
    """As :class:`engine.quant.european.black.Greeks` and ``HigherGreeks``: dV/dt is calendar time passing."""

    prices: Floats
    deltas: Floats
    gammas: Floats
    vegas: Floats
    thetas: Floats
    rhos: Floats
    vannas: Floats
    volgas: Floats
    charms: Floats
    speeds: Floats
    zommas: Floats
    colors: Floats
    dividend_rhos: Floats


class _Moved(NamedTuple):
    """One input moved up and down: values, by how much, and where they are of the same kind as the unmoved ones."""

    upper: Values
    lower: Values
    step: Floats
    upper_counts: Bools
    lower_counts: Bools

    def slope(self, name: str, middle: Floats) -> Floats:
        """The first derivative of a column; one-sided where only one side is of the same kind."""
        up, down = getattr(self.upper, name), getattr(self.lower, name)
        both = self.upper_counts & self.lower_counts
        one = np.where(self.upper_counts, up - middle, np.where(self.lower_counts, middle - down, np.nan)) / self.step
        result: Floats = np.where(both, (up - down) / (2.0 * self.step), one)
        return result


def greeks(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> AmericanGreeks:
    """Price and Greeks; ``auto`` is at least the accurate setting here. NaN where time or volatility is 0.

    >>> found = greeks(spots=100, strikes=100, years=1, vols=0.25, rights=-1, rates=0.05, yields=0.05)
    >>> round(float(found.prices), 4), bool(found.deltas > -0.5), bool(found.thetas < 0)
    (9.5694, True, True)
    """
    rows, shape = checked(spots, strikes, years, vols, rates, yields, rights, setting)
    how = methods(rows, as_puts(rows), setting)
    if setting == "auto":
        how = np.where(how == Method.FAST, Method.ACCURATE, how).astype(np.int8)
    return AmericanGreeks(*(column.reshape(shape) for column in american_greeks(rows, how)))


def american_greeks(rows: Floats, how: Bytes) -> AmericanGreeks:
    """The Greeks of (spots, strikes, years, vols, rates, yields, signs), each by its method."""
    with np.errstate(all="ignore"):
        found = np.full((len(AmericanGreeks._fields), how.size), np.nan)
        if (how == Method.EUROPEAN).any():
            found = np.where(how == Method.EUROPEAN, _european(rows), found)
        if (how == Method.CERTAIN).any():
            found[0] = np.where(how == Method.CERTAIN, certain_values(rows), found[0])
        early = np.flatnonzero(how > Method.EUROPEAN)
        if early.size:
            found[:, early] = _early(rows[:, early], how[early])
    return AmericanGreeks(*found)


def _early(rows: Floats, how: Bytes) -> Floats:
    """The columns of :class:`AmericanGreeks` where early exercise may pay."""
    _, _, years, vols, rates, yields, _ = rows
    base, step = values(rows, how), VOL_BUMP * vols
    by_rate, by_yield = (_by_rate(rows, how, base, row) for row in (RATE, YIELD))
    moved = _moved(rows, how, base, step)
    value, delta, gamma = here = base.prices, base.deltas, base.gammas
    by_vol = np.stack([moved.slope(name, middle) for name, middle in zip(SLOPED, here, strict=True)])
    theta, charm, color = -(0.5 * vols * by_vol + rates * by_rate + yields * by_yield) / years
    vega, vanna, zomma = by_vol
    volga = (moved.upper.prices - 2.0 * value + moved.lower.prices) / (step * step)
    found = np.stack(
        [value, delta, gamma, vega, theta, by_rate[0], vanna, volga, charm, base.speeds, zomma, color, by_yield[0]],
    )
    found[3:] = np.where(base.exercised, 0.0, found[3:])
    return found


def _by_rate(rows: Floats, how: Bytes, base: Values, row: int) -> Floats:
    """The derivatives of :data:`SLOPED` against the rate or the yield, from above, or from below where above is of another kind."""
    step = np.where(how >= Method.FAST, RATE_BUMP, WIDE_RATE_BUMP)
    moved = rows.copy()
    moved[row] += step
    other = ~_alike(methods(moved, as_puts(moved), "fast"), how)
    step = np.where(other, -step, step)
    moved[row] = rows[row] + step
    kinds = methods(moved, as_puts(moved), "fast")
    found = values(moved, np.where(_alike(kinds, how), how, kinds).astype(np.int8))
    result: Floats = np.stack([getattr(found, name) - getattr(base, name) for name in SLOPED]) / step
    return result


def _moved(rows: Floats, how: Bytes, base: Values, step: Floats) -> _Moved:
    """With the volatility greater and less by this step."""
    sides = []
    for sign in (1.0, -1.0):
        moved = rows.copy()
        moved[VOL] += sign * step
        kinds = methods(moved, as_puts(moved), "fast")
        used = np.where(_alike(kinds, how), how, kinds).astype(np.int8)
        found = values(moved, used)
        sides.append((found, (used == how) & (found.exercised == base.exercised)))
    (upper, upper_counts), (lower, lower_counts) = sides
    return _Moved(upper, lower, step, upper_counts, lower_counts)


def _alike(kinds: Bytes, how: Bytes) -> Bools:
    """Whether moved rows have as many boundaries as before."""
    result: Bools = (kinds > Method.EUROPEAN) & ((kinds >= Method.FAST) == (how >= Method.FAST))
    return result


def _european(rows: Floats) -> Floats:
    """The European Greeks in the order of :class:`AmericanGreeks`."""
    spots, strikes, years, vols, rates, yields, signs = rows
    first, more = np.empty((GREEKS, spots.size)), np.empty((HIGHER_GREEKS, spots.size))
    forwards = spots * np.exp((rates - yields) * years)
    core().greeks(np.stack([spots, forwards, strikes, years, vols, rates, yields, signs]), first)
    core().higher_greeks(np.stack([spots, strikes, years, vols, rates, yields, signs]), more)
    return np.vstack([first[:9], more[:3], more[5:6]])
