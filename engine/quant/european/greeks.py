"""The shape in which every European model gives its price and its Greeks to third order."""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Floats


class FullGreeks(NamedTuple):
    """Price V, its derivatives by underlying U (each module says which), volatility σ, rate r and calendar time t, in model units."""

    prices: Floats
    deltas: Floats
    """dV/dU."""
    gammas: Floats
    """d²V/dU²."""
    vegas: Floats
    """dV/dσ."""
    thetas: Floats
    """dV/dt, a year of calendar time passing."""
    rhos: Floats
    """dV/dr."""
    vannas: Floats
    """d²V/dUdσ."""
    volgas: Floats
    """d²V/dσ²."""
    charms: Floats
    """d²V/dUdt."""
    speeds: Floats
    """d³V/dU³."""
    zommas: Floats
    """d³V/dU²dσ."""
    colors: Floats
    """d³V/dU²dt."""
    ultimas: Floats
    """d³V/dσ³."""
    dividend_rhos: Floats
    """dV/dq at a fixed spot; 0 where the underlying is a forward, which is held."""
    borrow_rhos: Floats
    """dV/db: a borrow fee lowers the forward as a yield does, F = S e^((r-q-b)T), so it is the dividend rho; give q + b as the yield."""


def full_greeks(known: Bools, shape: tuple[int, ...], *columns: Floats) -> FullGreeks:
    """The columns from the prices to the dividend rhos in the caller's shape; NaN outside the domain."""
    found = [np.where(known, column, np.nan).reshape(shape) for column in columns]
    return FullGreeks._make([*found, found[-1]])
