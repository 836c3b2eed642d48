"""What a structure is worth at other spots, at any date up to its first expiry, with the smile moving as one is told it does."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np

from engine.quant.american.regimes import as_puts, methods
from engine.quant.american.values import american_prices
from engine.quant.arrays import Floats, columns
from engine.quant.formulas.black import LEAST_VOL
from engine.quant.structures.legs import Kind, Legs
from engine.quant.tiers import core

Smile = Callable[[Floats, Floats], Floats]
"""Volatility at log-moneyness ln(K/F) and years to expiry."""


class Pricer(Protocol):
    """Prices of options in model units; all arguments broadcast."""

    def __call__(
        self, *, spots: Floats, strikes: Floats, years: Floats, vols: Floats, rights: Floats, rates: Floats, yields: Floats
    ) -> Floats: ...


class Dynamics(StrEnum):
    """What a leg's volatility does when the spot moves."""

    STICKY_STRIKE = "sticky strike"
    """It stays with the strike."""
    STICKY_DELTA = "sticky delta"
    """It stays with the moneyness ln(K/F): the smile moves along."""


class Shift(NamedTuple):
    """A state of the market other than today's, apart from the spot."""

    elapsed: float = 0.0
    """Years from now; at most to the first expiry."""
    vol: float = 0.0
    """Added to every volatility, 0.01 is a vol point ..."""
    relative_vol: float = 0.0
    """... and every volatility times one plus this."""
    dynamics: Dynamics = Dynamics.STICKY_STRIKE


NOW = Shift()


def european(*, spots: Floats, strikes: Floats, years: Floats, vols: Floats, rights: Floats, rates: Floats, yields: Floats) -> Floats:
    """Black-Scholes-Merton prices; a scenario may shift any leg's volatility beyond what a market quotes."""
    with np.errstate(all="ignore"):
        forwards, discounts = spots * np.exp((rates - yields) * years), np.exp(-rates * years)
    rows, shape = columns(forwards, strikes, years, vols, discounts, rights)
    out = np.empty(rows.shape[1])
    core().prices(rows, out)
    return out.reshape(shape)


def american(*, spots: Floats, strikes: Floats, years: Floats, vols: Floats, rights: Floats, rates: Floats, yields: Floats) -> Floats:
    """Prices with early exercise, of :mod:`engine.quant.american`."""
    rows, shape = columns(spots, strikes, years, vols, rates, yields, rights)
    return american_prices(rows, methods(rows, as_puts(rows), "auto")).reshape(shape)


def profits(*, legs: Legs, spots: Floats, spot: float, shift: Shift = NOW, smile: Smile | None = None, pricer: Pricer = european) -> Floats:
    """Profit or loss of the whole structure with the underlying at each of ``spots``; ``spot`` is today's, at which the legs' vols stand.

    A leg that expires at the shifted date is worth what it settles for. Sticky delta moves each leg's own volatility by what ``smile``
    changes between the leg's moneyness before and after, so that the leg's residual from the smile stays its own.
    ValueError past the first expiry (what became of that leg would depend on the path) or for sticky delta without a smile.
    """
    total: Floats = leg_profits(legs=legs, spots=spots, spot=spot, shift=shift, smile=smile, pricer=pricer).sum(axis=0)
    return total


def leg_profits(
    *, legs: Legs, spots: Floats, spot: float, shift: Shift = NOW, smile: Smile | None = None, pricer: Pricer = european
) -> Floats:
    """The same leg by leg: one row a leg, one column a spot."""
    if shift.elapsed > legs.first_expiry * (1.0 + 1e-12):
        message = f"{shift.elapsed:g} years from now is after the first expiry, in {legs.first_expiry:g} years: choose a date up to it"
        raise ValueError(message)
    left = np.maximum(legs.years - shift.elapsed, 0.0)
    at = np.asarray(spots, dtype=np.float64)
    values = np.empty((legs.kinds.size, at.size))
    for row, kind in enumerate(legs.kinds):
        carried = np.exp((legs.rates[row] - legs.yields[row]) * left[row]) if kind == Kind.FUTURE else 1.0
        values[row] = at * carried
    options = legs.options
    alive = options[left[options] > 0.0]
    over = options[left[options] == 0.0]
    values[over] = np.maximum(legs.kinds[over, None] * (at - legs.strikes[over, None]), 0.0)
    if alive.size:
        column = Legs._make(part[alive, None] for part in legs)
        time = left[alive, None]
        values[alive] = pricer(
            spots=at[None, :],
            strikes=column.strikes,
            years=time,
            vols=_vols(column, at, spot, time, shift, smile),
            rights=column.kinds.astype(np.float64),
            rates=column.rates,
            yields=column.yields,
        )
    result: Floats = legs.units[:, None] * (values - legs.prices[:, None])
    return result


def _vols(legs: Legs, spots: Floats, spot: float, left: Floats, shift: Shift, smile: Smile | None) -> Floats:
    """Volatility of each leg at each spot, after the shift."""
    vols = np.broadcast_to(legs.vols, (legs.strikes.size, spots.size))
    if shift.dynamics is Dynamics.STICKY_DELTA:
        if smile is None:
            raise ValueError("sticky delta moves along a smile: give the fitted one, or take sticky strike")
        before = np.log(legs.strikes / (spot * np.exp((legs.rates - legs.yields) * legs.years)))
        after = np.log(legs.strikes / (spots[None, :] * np.exp((legs.rates - legs.yields) * left)))
        vols = vols + smile(after, np.broadcast_to(left, after.shape)) - smile(before, legs.years)
    moved: Floats = np.maximum((vols + shift.vol) * (1.0 + shift.relative_vol), LEAST_VOL)
    return moved
