"""All Greeks of American options on an underlying with a continuous yield, in model units.

Delta, gamma and speed come from the integral for the premium. Theta and charm follow from them by the equation that the value obeys where
it is held, V_t = r V - (r-q) S V_S - σ²S²V_SS/2, and its derivative against S. Vega, volga, rho and the dividend rho, vanna, zomma and
color come from solving again with a moved volatility, rate, yield or time: the boundary moves too, and held fixed it would give a wrong
vega. Where the option is to be exercised at once it is worth S - K or K - S whatever else changes, and every Greek but delta is 0.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american.regimes import Method, as_puts, methods
from engine.quant.american.values import Values, checked, values
from engine.quant.arrays import Bools, Bytes, Floats
from engine.quant.european.black import GREEKS, HIGHER_GREEKS
from engine.quant.tiers import core

VOL_BUMP: Final = 4e-3
"""Of the volatility."""
RATE_BUMP: Final = 1e-4
TIME_BUMP: Final = 2e-3
"""Of the time left."""
TREE_BUMPS: Final = 10.0
"""Times the others where a tree answers: its values are not smooth enough for less."""
MOVES: Final = (("vol", 3), ("rate", 4), ("yield", 5), ("time", 2))
"""What is moved, and its row."""


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
    spots, _, _, vols, rates, yields, _ = rows
    with np.errstate(all="ignore"):
        base = values(rows, how)
        vol, rate, dividend, time = (_moved(rows, how, base, name, row) for name, row in MOVES)
        variance = vols * vols
        carry = rates - yields
        value, delta, gamma, speed = base.prices, base.deltas, base.gammas, base.speeds
        theta = rates * value - carry * spots * delta - 0.5 * variance * spots * spots * gamma
        charm = yields * delta - (carry + variance) * spots * gamma - 0.5 * variance * spots * spots * speed
        volga = (vol.upper.prices - 2.0 * value + vol.lower.prices) / (vol.step * vol.step)
        found = np.stack(
            [
                value,
                delta,
                gamma,
                vol.slope("prices", value),
                theta,
                rate.slope("prices", value),
                vol.slope("deltas", delta),
                volga,
                charm,
                speed,
                vol.slope("gammas", gamma),
                -time.slope("gammas", gamma),
                dividend.slope("prices", value),
            ]
        )
        european = how == Method.EUROPEAN
        if european.any():
            found = np.where(european, _european(rows), found)
        found[3:] = np.where(base.exercised, 0.0, found[3:])
        found[1:] = np.where(how == Method.CERTAIN, np.nan, found[1:])
    return AmericanGreeks(*found)


def _moved(rows: Floats, how: Bytes, base: Values, name: str, row: int) -> _Moved:
    step = {"vol": VOL_BUMP * rows[3], "time": TIME_BUMP * rows[2]}.get(name, RATE_BUMP)
    step = np.where(how == Method.TREE, TREE_BUMPS, 1.0) * step
    sides = []
    for sign in (1.0, -1.0):
        moved = rows.copy()
        moved[row] += sign * step
        kinds = methods(moved, as_puts(moved), "fast")
        used = np.where((kinds >= Method.FAST) & (how >= Method.FAST), how, kinds).astype(np.int8)
        found = values(moved, used)
        sides.append((found, (used == how) & (found.exercised == base.exercised)))
    (upper, upper_counts), (lower, lower_counts) = sides
    return _Moved(upper, lower, step, upper_counts, lower_counts)


def _european(rows: Floats) -> Floats:
    """The European Greeks in the order of :class:`AmericanGreeks`."""
    spots, strikes, years, vols, rates, yields, signs = rows
    first, more = np.empty((GREEKS, spots.size)), np.empty((HIGHER_GREEKS, spots.size))
    forwards = spots * np.exp((rates - yields) * years)
    core().greeks(np.stack([spots, forwards, strikes, years, vols, rates, yields, signs]), first)
    core().higher_greeks(np.stack([spots, strikes, years, vols, rates, yields, signs]), more)
    return np.vstack([first[:9], more[:3], more[5:6]])
