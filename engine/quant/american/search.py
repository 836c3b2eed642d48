"""The volatility at which an American price is met, by the fixed point σ <- European IV(P - premium(σ)), for any way of pricing.

The premium hardly depends on the volatility, so two or three prices are enough; steps are mixed by the secant rule and kept in a bracket,
which is halved where they leave it. All rows go side by side, and those that are done fall out.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.codes import IvStatus
from engine.quant.formulas.implied import ILL_CONDITIONED_FROM, ULP
from engine.quant.tiers import core

Pricer: TypeAlias = Callable[[Indices, Floats, int], Floats]
"""American prices of some rows at these volatilities; the third argument counts the rounds."""
MET: Final = 1e-7
"""A price is met when it is this close, as a part of the greater of spot and strike; a hundredth of what the prices are good for."""
ROUNDS: Final = 80
LEAST_VOL: Final = 1e-4
GREATEST_VOL: Final = 20.0
GUESS: Final = 0.3
"""Where the European formula has no answer."""
NARROW: Final = 1e-10


class Search(NamedTuple):
    """What is searched, a column each; forwards and discounts are those of the European option beside it."""

    prices: Floats
    spots: Floats
    forwards: Floats
    strikes: Floats
    years: Floats
    discounts: Floats
    signs: Floats
    least: Floats
    """The price without volatility."""
    greatest: Floats
    """The bound that no volatility reaches."""

    def of(self, rows: Indices) -> "Search":
        return Search(*(column[rows] for column in self))


def search(wanted: Search, american: Pricer, met: float = MET) -> tuple[Floats, Bytes]:
    """Volatilities, and their :class:`engine.quant.codes.IvStatus`."""
    with np.errstate(all="ignore"):
        known = (wanted.prices >= 0.0) & (wanted.years > 0.0) & np.isfinite(wanted.forwards + wanted.discounts + wanted.prices)
        known &= (wanted.spots > 0.0) & (wanted.strikes > 0.0) & (wanted.signs * wanted.signs == 1.0) & (wanted.forwards > 0.0)
        something = wanted.prices > wanted.least * (1.0 + ULP)
        within = wanted.prices < wanted.greatest
        statuses = np.select(
            [~known, ~something, ~within], [IvStatus.BAD_INPUT, IvStatus.NO_TIME_VALUE, IvStatus.ABOVE_BOUND], IvStatus.OK
        ).astype(np.int8)
        vols = np.full(wanted.prices.shape, np.nan)
        rows = np.flatnonzero(statuses == IvStatus.OK)
        if rows.size:
            vols[rows], statuses[rows] = _solved(rows, wanted.of(rows), american, met)
    return vols, statuses


def _solved(rows: Indices, wanted: Search, american: Pricer, met: float) -> tuple[Floats, Bytes]:
    found, statuses = np.full(rows.size, np.nan), np.zeros(rows.size, dtype=np.int8)
    active = np.arange(rows.size)
    vols, has = _european_vols(wanted, wanted.prices)
    high = np.where(has, vols * (1.0 + 1e-6), GREATEST_VOL)
    vols = np.where(has, vols, GUESS)
    low = np.full(rows.size, LEAST_VOL)
    last_vols, last_moves = vols, np.full(rows.size, np.nan)
    slopes, last_prices = np.full(rows.size, np.nan), np.full(rows.size, np.nan)
    for turn in range(ROUNDS):
        prices = american(rows[active], vols, turn)
        excess = prices - wanted.prices
        high = np.where(excess > 0.0, np.minimum(high, vols), high)
        low = np.where(excess < 0.0, np.maximum(low, vols), low)
        slopes = np.where(vols != last_vols, (prices - last_prices) / (vols - last_vols), slopes)
        close = np.abs(excess) <= met * np.maximum(wanted.spots, wanted.strikes)
        done = close | (high - low <= NARROW * high)
        found[active[done]] = vols[done]
        steep = np.where(np.isfinite(slopes), slopes, _european_vegas(wanted, vols))
        flat = ULP * wanted.prices > ILL_CONDITIONED_FROM * steep
        statuses[active[done]] = np.where(flat, IvStatus.ILL_CONDITIONED, IvStatus.OK)[done]
        going = ~done
        if not going.any():
            break
        active, wanted = active[going], wanted.of(np.flatnonzero(going))
        low, high, vols, prices = low[going], high[going], vols[going], prices[going]
        moves, has = _european_vols(wanted, wanted.prices - (prices - _european_prices(wanted, vols)))
        moves = np.where(has, moves - vols, np.nan)
        last_vols, last_moves, slopes = last_vols[going], last_moves[going], slopes[going]
        mixed = vols - moves * (vols - last_vols) / (moves - last_moves)
        following = np.where(np.isfinite(mixed), mixed, vols + moves)
        following = np.where((following > low) & (following < high), following, np.sqrt(low * high) if turn % 2 else 0.5 * (low + high))
        last_vols, last_moves, last_prices, vols = vols, moves, prices, following
    else:
        statuses[active] = IvStatus.ILL_CONDITIONED
        found[active] = vols
    return found, statuses


def _european_prices(wanted: Search, vols: Floats) -> Floats:
    out = np.empty(vols.size)
    core().prices(np.stack([wanted.forwards, wanted.strikes, wanted.years, vols, wanted.discounts, wanted.signs]), out)
    return out


def _european_vegas(wanted: Search, vols: Floats) -> Floats:
    deviation = vols * np.sqrt(wanted.years)
    d1 = np.log(wanted.forwards / wanted.strikes) / deviation + 0.5 * deviation
    result: Floats = wanted.discounts * wanted.forwards * np.exp(-0.5 * d1 * d1) * np.sqrt(wanted.years / (2.0 * np.pi))
    return result


def _european_vols(wanted: Search, prices: Floats) -> tuple[Floats, Bools]:
    """Volatilities, and where there are any."""
    vols, statuses = np.empty(prices.size), np.empty(prices.size, dtype=np.int8)
    core().implied_vols(np.stack([prices / wanted.discounts, wanted.forwards, wanted.strikes, wanted.years, wanted.signs]), vols, statuses)
    return vols, np.isfinite(vols) & (vols > LEAST_VOL) & (vols < GREATEST_VOL)
