"""The fit of put-call parity in the numpy tier: the pairs of all series in one matrix, a row a series.

Every row is as wide as there can be pairs, since the width decides in which order a row is added up: a series has its bits in any company.
"""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Floats, Indices, or_zero
from engine.quant.chain.segments import Segments, picked
from engine.quant.formulas.forward_fit import (
    AMERICAN,
    AMERICAN_NEARNESS,
    AMERICAN_PAIRS,
    CALL,
    CALL_SPREAD,
    CHECKED,
    CONTRADICTING,
    COUNT,
    COUNTED,
    DISCOUNT,
    DISCOUNT_ERROR,
    EXPECTED_RATE,
    HIGHEST_RATE,
    INFORMED,
    INVERSE,
    ITERATIONS,
    LEAST_PRIOR,
    LEAST_SPREAD,
    LEAST_WEIGHT,
    LEVEL,
    LEVEL_ERROR,
    LOWEST_RATE,
    MAD_TO_DEVIATION,
    PAIRS,
    PUT,
    PUT_SPREAD,
    RATE_DEVIATION,
    RESIDUAL,
    STRIKE,
    TICK,
    TIME,
    TUKEY,
    UNIT,
    WIDTH,
)


class _Pairs(NamedTuple):
    """Pairs in a matrix, a row a series, in units of a first guess of the forward."""

    moneyness: Floats
    """K/F₀ - 1."""
    value: Floats
    """(C - P)/F₀."""
    deviation: Floats
    """How far a mid may be off; infinite where there is no pair."""
    weight: Floats
    """By deviation and distance from the money; zero where there is no pair."""
    unit: Floats
    """F₀."""


class _Line(NamedTuple):
    """value = level - discount * moneyness."""

    level: Floats
    discount: Floats
    level_error: Floats
    discount_error: Floats
    informed: Bools


def lines(quotes: Floats, starts: Indices, sizes: Indices, series: Floats, begin: Floats, out: Floats) -> None:
    """The line of each series from the levels and discounts to begin with, if they are known, and how far its pairs lie from it."""
    segments = Segments(starts, sizes, np.repeat(np.arange(sizes.size), sizes))
    with np.errstate(all="ignore"):
        calls = _agreeing(quotes, segments, series[CHECKED] > 0.0)
        spreads = quotes[CALL_SPREAD] + quotes[PUT_SPREAD]
        pairs = _nearest_pairs(quotes[STRIKE], calls, quotes[PUT], spreads, segments, series)
        first = _start(pairs, np.exp(-series[EXPECTED_RATE] * series[TIME]))
        there = ~np.isnan(begin[0])
        level, discount = np.where(there, begin[0], first[0]), np.where(there, begin[1], first[1])
        line = _fit(pairs, series[TIME], series[EXPECTED_RATE], series[RATE_DEVIATION], level, discount)
        out[[LEVEL, DISCOUNT, LEVEL_ERROR, DISCOUNT_ERROR, INFORMED]] = np.stack(line)
        residual, scale = _scatter(pairs, line.level, line.discount)
        counted = pairs.weight > COUNTED * pairs.weight.max(axis=1, keepdims=True)
        used = counted & (np.abs(residual) < TUKEY * scale)
        present = np.isfinite(pairs.deviation)
        away = np.abs(np.where(present, residual, 0.0) * np.where(present, pairs.deviation, 0.0))
        out[UNIT], out[COUNT], out[RESIDUAL] = pairs.unit, used.sum(axis=1), _median(away, used.astype(np.float64))


def _agreeing(quotes: Floats, segments: Segments, checked: Bools) -> Floats:
    """The calls' mids, unknown where a pair of a series to be checked contradicts its middle one."""
    if not checked.any():
        result: Floats = quotes[CALL]
        return result
    implied = quotes[STRIKE] + quotes[CALL] - quotes[PUT]
    known, cut = segments.chosen(np.isfinite(implied))
    in_order = implied[known][np.lexsort((implied[known], cut.owner))]
    middle = picked(in_order, np.where(cut.sizes > 0, cut.starts + cut.sizes // 2, -1))[segments.owner]
    wrong = checked[segments.owner] & (np.abs(implied - middle) > CONTRADICTING * middle)
    return np.where(wrong, np.nan, quotes[CALL])


def _nearest_pairs(strikes: Floats, calls: Floats, puts: Floats, spreads: Floats, segments: Segments, series: Floats) -> _Pairs:
    """The pairs nearest to the money of each series; the first guess of the money is where calls and puts cost the same."""
    at, cut = segments.chosen(np.isfinite(calls - puts) & (strikes > 0.0))
    K = strikes[at]
    difference = calls[at] - puts[at]
    deviation = 0.25 * np.maximum(np.maximum(spreads[at], series[TICK, cut.owner]), LEAST_SPREAD * K)
    inverse = series[INVERSE, cut.owner] > 0.0
    american = series[AMERICAN] > 0.0
    forward = 1.0 - np.where(inverse, difference, 0.0)  # K/F of a coin-settled pair
    sane = forward > 0.0
    forward = np.where(sane, forward, 1.0)
    difference = np.where(inverse, K * difference / forward, difference)
    deviation = np.where(sane, np.where(inverse, deviation * K / (forward * forward), deviation), np.inf)

    apart = np.abs(difference)
    calm = apart.copy()  # three neighbours together: one wrong pair far from the money does not lead astray
    if calm.size > 2:
        inner = (cut.owner[:-2] == cut.owner[1:-1]) & (cut.owner[2:] == cut.owner[1:-1])
        calm[1:-1] = np.where(inner, np.maximum(np.maximum(apart[:-2], apart[2:]), apart[1:-1]), apart[1:-1])
    centre = cut.lowest(calm)
    unit = np.ones(cut.pieces)
    unit[centre >= 0] = (K + difference)[centre[centre >= 0]]
    unit = np.where(unit > 0.0, unit, 1.0)

    width = np.where(american, AMERICAN_PAIRS, PAIRS)
    position = np.arange(at.size) - cut.starts[cut.owner]
    lowest = np.clip(centre - cut.starts - width // 2, 0, np.maximum(cut.sizes - width, 0))
    column = position - lowest[cut.owner]
    inside = (column >= 0) & (column < width[cut.owner])
    rows, columns = cut.owner[inside], column[inside]
    shape = (cut.pieces, PAIRS)
    moneyness, value, spread = np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)
    moneyness[rows, columns] = K[inside] / unit[rows] - 1.0
    value[rows, columns] = difference[inside] / unit[rows]
    spread[rows, columns] = deviation[inside] / unit[rows]
    near = np.where(american[:, None], 1.0 / (1.0 + (moneyness / AMERICAN_NEARNESS) ** 2), 1.0)
    near /= 1.0 + (spread / (WIDTH * _tightest(spread))[:, None]) ** 4
    return _Pairs(moneyness, value, spread, near / (spread * spread), unit)


def _tightest(spread: Floats) -> Floats:
    """The tenth percentile of each row's deviations; 1 where there is none."""
    count = np.isfinite(spread).sum(axis=1)
    tenth = np.sort(spread, axis=1)[np.arange(count.size), count // 10]
    return np.where(count > 0, tenth, 1.0)


def _start(pairs: _Pairs, discount: Floats) -> tuple[Floats, Floats]:
    """The line of the expected slope through the median pair."""
    offsets = pairs.value + discount[:, None] * pairs.moneyness
    return or_zero(_median(offsets, pairs.weight)), discount


def _median(values: Floats, weights: Floats) -> Floats:
    """Weighted median of each row; NaN where nothing has weight. A handful of tight quotes outvotes a crowd of wide ones."""
    order = np.argsort(values, axis=1)
    share = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    total = share[:, -1]
    middle = np.argmax(share >= 0.5 * total[:, None], axis=1)
    rows = np.arange(values.shape[0])
    return np.where(total > 0.0, values[rows, order[rows, middle]], np.nan)


def _scatter(pairs: _Pairs, level: Floats, discount: Floats) -> tuple[Floats, Floats]:
    """Each pair's distance from the line in deviations, and the robust scale of the row (at least 1)."""
    residual = (pairs.value - level[:, None] + discount[:, None] * pairs.moneyness) / pairs.deviation
    scale = MAD_TO_DEVIATION * _median(np.abs(residual), pairs.weight)
    return residual, np.maximum(or_zero(scale), 1.0)[:, None]


def _fit(pairs: _Pairs, years: Floats, rates: Floats, deviations: Floats, level: Floats, discount: Floats) -> _Line:
    """Iterated weighted least squares with the biweight, the slope drawn towards the expected discount."""
    expected = np.exp(-rates * years)
    prior = 1.0 / np.maximum(expected * years * deviations, LEAST_PRIOR) ** 2
    for _ in range(ITERATIONS):
        residual, scale = _scatter(pairs, level, discount)
        inside = np.maximum(1.0 - (residual / (TUKEY * scale)) ** 2, 0.0)
        weight = pairs.weight * (inside / scale) ** 2
        total = np.maximum(weight.sum(axis=1), LEAST_WEIGHT)
        middle = (weight * pairs.moneyness).sum(axis=1) / total
        mean = (weight * pairs.value).sum(axis=1) / total
        away = weight * (pairs.moneyness - middle[:, None])
        spread = (away * pairs.moneyness).sum(axis=1)
        slope = (prior * expected - (away * pairs.value).sum(axis=1)) / (prior + spread)
        discount = np.clip(slope, np.exp(-HIGHEST_RATE * years), np.exp(-LOWEST_RATE * years))
        discount_error = 1.0 / np.sqrt(prior + spread)
        level = mean + discount * middle
    return _Line(
        level=level,
        discount=discount,
        level_error=np.sqrt(1.0 / total + (middle * discount_error) ** 2),
        discount_error=discount_error,
        informed=(spread > prior) & (slope == discount),
    )
