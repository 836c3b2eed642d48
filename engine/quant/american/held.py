"""European options on a share that pays cash dividends, in the spot model: the share itself falls by the amount on the ex-date.

Between ex-dates the share is lognormal, so that the value just after one ex-date is an integral over where the share may stand just before
the next, and after the last one it is Black and Scholes's (E. G. Haug, J. Haug and A. Lewis, "Back to basics: a new approach to the
discrete dividend problem", Wilmott magazine (September 2003), p. 37, eq. 3). Against a Gaussian the trapezoidal rule converges faster than
any power of its step: with one of :data:`STEP` deviations the integral is good to 1e-10, and its derivatives against the spot are the same
sum with Hermite's polynomials. Error below 1e-6 per 100 of spot; up to 1e-4 where a dividend falls in the last hours of a long option, and
1e-3 where dividends may well use up the share, as half of it or a volatility of 250 % does.
"""

from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from engine.quant import tiers
from engine.quant.american import plain_held
from engine.quant.american.trees import Payments
from engine.quant.arrays import Floats, for_loops
from engine.quant.formulas.american_held import DERIVATIVES, build_edges
from engine.quant.numpy_tier import PRIMITIVES

STEP: Final = 0.9
"""Of the least deviation in sight; the rule's own error is exp(-2π²/STEP²) = 3e-11."""
LIKELY: Final = 4.5
"""Deviations down within which a share that dividends use up bends the value at 0 ..."""
CLOSER: Final = 4.0
"""... and so many times as many places are looked at: the rule's error there is that of a bend, by the square of its step."""
LEAST_NODES, MOST_NODES = 2, 1_000
"""Places looked at."""
SAME_DAY: Final = 2e-4
"""Part of the time by which two dividends must be apart to be told from one."""
VOL_BUMP: Final = 4e-3
"""Of the volatility, to either side."""
RATE_BUMP: Final = 1e-4
VOL, RATE, YIELD = 3, 4, 5
"""The rows that are moved."""
_edges = build_edges(PRIMITIVES)


class Jobs(Protocol):
    """The pass over options that each have dividends before their end."""

    def held(self, rows: Floats, begins: NDArray[np.int64], times: Floats, amounts: Floats, counts: NDArray[np.int64], out: Floats) -> None:
        """Price and spot derivatives of (spots, strikes, years, vols, rates, yields, signs), with the places looked at a dividend."""


ROOM: Final = tiers.Room("held", cast(Jobs, plain_held))


def held_values(rows: Floats, payments: Payments, moved: int = 1) -> Floats:
    """Price, delta, gamma, speed and the fourth derivative of (spots, strikes, years, vols, rates, yields, signs), each of which has a
    dividend before its end; years and volatilities must be positive. The rows come ``moved`` times over, each time a little moved: all of
    them are looked at in as many places, so that their differences are smooth.
    """
    merged = _merged(payments)
    begins = np.searchsorted(merged.rows, np.arange(rows.shape[1] + 1)).astype(np.int64)
    counts = _counts(rows, merged)
    counts = np.tile(counts.reshape(moved, -1).max(axis=0), moved)
    out = np.empty((DERIVATIVES, rows.shape[1]))
    ROOM.jobs().held(for_loops(rows), begins, for_loops(merged.years), for_loops(merged.amounts), counts, out)
    return out


def _merged(payments: Payments) -> Payments:
    """Dividends of the same day as one, at the time of the last."""
    owners, times, amounts = payments
    if owners.size == 0:
        return payments
    apart = (owners[1:] != owners[:-1]) | (times[1:] - times[:-1] > SAME_DAY * times[1:])
    firsts = np.flatnonzero(np.concatenate([[True], apart]))
    lasts = np.concatenate([firsts[1:], [owners.size]]) - 1
    return Payments(owners[firsts], times[lasts], np.add.reduceat(amounts, firsts))


def _counts(rows: Floats, payments: Payments) -> NDArray[np.int64]:
    """Places that are needed just before each ex-date: the steps between them go by the deviations before and after it, as both smooth
    what is summed.
    """
    owners, times, amounts = payments
    spots, _, years, vols, rates, yields, _ = rows[:, owners]
    carry = rates - yields
    with np.errstate(all="ignore"):
        growth = np.exp(carry * times)
        worth = amounts / growth
        sums = np.cumsum(worth) - worth
        firsts = np.searchsorted(owners, owners)
        low, high = _edges(spots, carry, vols, times, growth * (sums - sums[firsts]))
        first, last = np.ones(owners.size, dtype=np.bool_), np.ones(owners.size, dtype=np.bool_)
        first[1:] = last[:-1] = owners[1:] != owners[:-1]
        before = np.where(first, times, times - np.roll(times, 1))
        after = np.where(last, years, np.roll(times, -1)) - times
        steps = STEP * vols * np.sqrt(before * after / (before + after))
        lowest = spots * np.exp((carry - 0.5 * vols * vols) * times - LIKELY * vols * np.sqrt(times))
        steps = np.where(lowest < np.exp(carry * times) * (sums - sums[firsts] + worth), steps / CLOSER, steps)
        wanted = np.minimum(np.ceil((high - low) / steps) + 1.0, MOST_NODES)
    places: NDArray[np.int64] = np.nan_to_num(wanted, nan=LEAST_NODES).astype(np.int64)
    return places


def held_greeks(rows: Floats, payments: Payments) -> Floats:
    """Price and Greeks of the same rows, in the order of :class:`engine.quant.american.greeks.AmericanGreeks`.

    Theta, charm and color follow from the derivatives against the spot by the equation that the value obeys between ex-dates; the
    derivatives against volatility, rate and yield are differences of values that are good to 1e-9, so that they hold six digits.
    """
    size = rows.shape[1]
    steps = np.stack([VOL_BUMP * rows[VOL], np.full(size, RATE_BUMP), np.full(size, RATE_BUMP)])
    moves = [(row, sign * step) for row, step in zip((VOL, RATE, YIELD), steps, strict=True) for sign in (1.0, -1.0)]
    many = np.tile(rows, 1 + len(moves))
    for place, (row, step) in enumerate(moves, start=1):
        many[row, place * size : (place + 1) * size] += step
    copies = range(1 + len(moves))
    owners = np.concatenate([payments.rows + copy * size for copy in copies])
    paid = Payments(owners, np.tile(payments.years, len(copies)), np.tile(payments.amounts, len(copies)))
    base, up, down, rate_up, rate_down, yield_up, yield_down = (
        held_values(many, paid, len(copies)).reshape(DERIVATIVES, len(copies), size).swapaxes(0, 1)
    )
    vega, vanna, zomma = (up - down)[:3] / (2.0 * steps[0])
    volga = (up - 2.0 * base + down)[0] / steps[0] ** 2
    rho, dividend_rho = ((over - under)[0] / (2.0 * RATE_BUMP) for over, under in ((rate_up, rate_down), (yield_up, yield_down)))
    price, delta, gamma, speed, fourth = base
    spot, _, _, vol, rate, dividend, _ = rows
    carry, variance = rate - dividend, vol * vol
    theta = rate * price - carry * spot * delta - 0.5 * variance * spot * spot * gamma
    charm = dividend * delta - (carry + variance) * spot * gamma - 0.5 * variance * spot * spot * speed
    color = (dividend - carry - variance) * gamma - (carry + 2.0 * variance) * spot * speed - 0.5 * variance * spot * spot * fourth
    return np.stack([price, delta, gamma, vega, theta, rho, vanna, volga, charm, speed, zomma, color, dividend_rho])
