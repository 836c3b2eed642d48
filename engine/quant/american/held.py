"""European options on a share that pays cash dividends, in the spot model: the share itself falls by the amount on the ex-date.

Between ex-dates the share is lognormal, so that the value just after one ex-date is an integral over where the share may stand just before
the next, and after the last one it is Black and Scholes's (E. G. Haug, J. Haug and A. Lewis, "Back to basics: a new approach to the
discrete dividend problem", Wilmott magazine (September 2003), p. 37, eq. 3). Against a Gaussian the trapezoidal rule converges faster than
any power of its step: with one of :data:`STEP` deviations the integral is good to 1e-10, and its derivatives against the spot are the same
sum with Hermite's polynomials. Error below 1e-6 per 100 of spot; up to 1e-4 where a dividend falls in the last hours of a long option.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from engine.quant.american.trees import Payments
from engine.quant.arrays import Floats, Indices
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.tiers import core

REACH: Final = 6.5
"""Deviations to either side that are looked at; what lies beyond weighs 8e-11."""
STEP: Final = 0.9
"""Of the least deviation in sight; the rule's own error is exp(-2π²/STEP²) = 3e-11."""
LEAST_SHARE: Final = 0.01
"""Of the forward: below it, where only very great dividends lead, the value is that here."""
MOST_NODES: Final = 1_000
CELLS: Final = 200_000
"""Numbers of one temporary, about: 1.6 MB."""
SAME_DAY: Final = 2e-4
"""Part of the time by which two dividends must be apart to be told from one."""
NO_SHARE: Final = 1e-12
"""Of the strike: what a share is worth that its dividends have used up."""
VOL_BUMP: Final = 4e-3
"""Of the volatility, to either side."""
RATE_BUMP: Final = 1e-4
VOL, RATE, YIELD = 3, 4, 5
"""The rows that are moved."""
DERIVATIVES: Final = 5
"""Price and the derivatives against the spot up to the fourth."""


def held_values(rows: Floats, payments: Payments) -> Floats:
    """Price, delta, gamma, speed and the fourth derivative of (spots, strikes, years, vols, rates, yields, signs), each of which has a
    dividend before its end; years and volatilities must be positive.
    """
    out = np.empty((DERIVATIVES, rows.shape[1]))
    with np.errstate(all="ignore"):
        for chosen, times, amounts in _alike(_merged(payments), rows.shape[1]):
            grid = _grid(rows[:, chosen], times, amounts)
            for block in _blocks(grid):
                part = _Grid(*(column[:, block] for column in grid))
                out[:, chosen[block]] = _block(rows[:, chosen[block]], amounts[:, block], part)
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


class _Alike(NamedTuple):
    """Rows with as many dividends, and (dividends, rows) their times and amounts."""

    rows: Indices
    times: Floats
    amounts: Floats


def _alike(payments: Payments, size: int) -> Iterator[_Alike]:
    counts = np.bincount(payments.rows, minlength=size)
    firsts = np.cumsum(counts) - counts
    for count in np.flatnonzero(np.bincount(counts)):
        rows = np.flatnonzero(counts == count)
        places = firsts[rows] + np.arange(count)[:, None]
        yield _Alike(rows, payments.years[places], payments.amounts[places])


class _Grid(NamedTuple):
    """Where the share may stand just before each ex-date, as logarithms, and the stretches of time between; all (dividends, rows)."""

    lows: Floats
    highs: Floats
    counts: Floats
    """Nodes that are needed."""
    drifts: Floats
    """Of the logarithm since the ex-date before, or now."""
    deviations: Floats
    waits: Floats
    """Years since the ex-date before, or now; one more for the stretch from the last to the end."""


def _grid(rows: Floats, times: Floats, amounts: Floats) -> _Grid:
    spots, _, years, vols, rates, yields, _ = rows
    carry = rates - yields
    waits = np.diff(np.concatenate([np.zeros((1, spots.size)), times, years[None]]), axis=0)
    deviations, drifts = vols * np.sqrt(waits), (carry - 0.5 * vols * vols) * waits
    middle, reach = np.log(spots) + (carry - 0.5 * vols * vols) * times, REACH * vols * np.sqrt(times)
    growth = np.exp(carry * times)
    paid = growth * (np.cumsum(amounts / growth, axis=0) - amounts / growth)
    lows = np.log(np.maximum(np.exp(middle - reach) - paid, LEAST_SHARE * spots * growth))
    before, after = deviations[:-1], deviations[1:]
    steps = STEP * before * after / np.sqrt(before * before + after * after)  # both smooth what is summed
    counts = np.minimum(np.ceil((middle + reach - lows) / steps) + 1.0, MOST_NODES)
    return _Grid(lows, middle + reach, counts, drifts[:-1], before, waits)


def _blocks(grid: _Grid) -> Iterator[Indices]:
    """Places of rows that need about as many nodes, so many at a time that a temporary stays small."""
    cells = (grid.counts * np.concatenate([np.ones_like(grid.counts[:1]), grid.counts[:-1]])).max(axis=0)
    order = np.argsort(cells, kind="stable")
    start = 0
    while start < order.size:
        fitting = cells[order[start:]] * np.arange(1, order.size - start + 1) <= CELLS
        end = start + max(int(np.argmin(fitting)) if not fitting.all() else fitting.size, 1)
        yield order[start:end]
        start = end


def _block(rows: Floats, amounts: Floats, grid: _Grid) -> Floats:
    """Of rows with as many dividends, the last one first."""
    spots, strikes, _, vols, rates, yields, signs = (row[:, None] for row in rows)
    last = len(amounts) - 1
    values: Floats = np.empty(0)
    nodes: Floats = np.empty(0)
    for k in range(last, -1, -1):
        size = int(grid.counts[k].max())
        later, nodes = nodes, grid.lows[k][:, None] + (grid.highs[k] - grid.lows[k])[:, None] * np.linspace(0.0, 1.0, size)
        share = np.maximum(np.exp(nodes) - amounts[k][:, None], NO_SHARE * strikes)
        wait = grid.waits[k + 1][:, None]
        discount = np.exp(-rates * wait)
        if k == last:
            forward = share * np.exp((rates - yields) * wait)
            terms = np.stack([np.broadcast_to(term, share.shape).ravel() for term in (forward, strikes, wait, vols, discount, signs)])
            out = np.empty(share.size)
            core().prices(terms, out)
            values = out.reshape(share.shape)
            continue
        centre = np.maximum(np.log(share) + grid.drifts[k + 1][:, None], grid.lows[k + 1][:, None])
        z = (later[:, None, :] - centre[:, :, None]) / grid.deviations[k + 1][:, None, None]
        masses = np.exp(-0.5 * z * z)
        values = discount * (masses @ values[:, :, None])[:, :, 0] / masses.sum(axis=2)
    deviation = grid.deviations[0][:, None]
    z = (nodes - np.log(spots) - grid.drifts[0][:, None]) / deviation
    spacing = (grid.highs[0] - grid.lows[0]) / (nodes.shape[1] - 1)
    weights = values * np.exp(-0.5 * z * z) * (INVERSE_SQRT_2_PI * spacing[:, None] * np.exp(-rates * grid.waits[0][:, None]) / deviation)
    square = z * z
    hermite = (1.0, z, square - 1.0, z * (square - 3.0), square * (square - 6.0) + 3.0)
    one = deviation.ravel()
    price, first, second, third, fourth = ((weights * each).sum(axis=1) / one**power for power, each in enumerate(hermite))
    spot = rows[0]
    return np.stack(
        [
            price,
            first / spot,
            (second - first) / spot**2,
            (third - 3.0 * second + 2.0 * first) / spot**3,
            (fourth - 6.0 * third + 11.0 * second - 6.0 * first) / spot**4,
        ]
    )


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
        held_values(many, paid).reshape(DERIVATIVES, len(copies), size).swapaxes(0, 1)
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
