"""The compiled fit of put-call parity, one series after another: the pairs nearest to the money and the line through them.

Rows are added up from the first pair to the last, so that a series has its bits in any company.
"""

import math

import numpy as np

from engine.quant.arrays import Floats, Indices
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
from engine.quant.kernels.compiling import inlined, kernel


@inlined
def _greatest(a: float, b: float) -> float:
    """The greater number; NaN where either is."""
    return a if a >= b or a != a else b  # noqa: PLR0124 - only NaN differs from itself


@kernel("(f8[::1], f8[::1])")
def _sort(values: Floats, beside: Floats) -> None:
    """Into rising order, NaN last, and the numbers beside them along (D. L. Shell, Communications of the ACM 2 (1959), p. 30)."""
    gap = values.size // 2
    while gap > 0:
        for i in range(gap, values.size):
            value, other = values[i], beside[i]
            j = i
            while j >= gap and (values[j - gap] > value or (values[j - gap] != values[j - gap] and value == value)):  # noqa: PLR0124
                values[j], beside[j] = values[j - gap], beside[j - gap]
                j -= gap
            values[j], beside[j] = value, other
        gap //= 2


@kernel("(f8[::1], f8[::1])")
def _median(values: Floats, weights: Floats) -> float:
    """Weighted median, NaN where nothing has weight; both columns are put in order."""
    _sort(values, weights)
    total = 0.0
    for i in range(values.size):
        total += weights[i]
    if not total > 0.0:
        return math.nan
    share = 0.0
    for i in range(values.size):
        share += weights[i]
        if share >= 0.5 * total:
            middle: float = values[i]
            return middle
    return math.nan


@inlined
def _middle(quotes: Floats, spare: Floats) -> float:
    """The upper median of the forwards that the pairs say; NaN where none says one."""
    size = 0
    for i in range(quotes.shape[1]):
        implied = quotes[STRIKE, i] + quotes[CALL, i] - quotes[PUT, i]
        if math.isfinite(implied):
            spare[0, size], spare[1, size] = implied, 0.0
            size += 1
    _sort(spare[0, :size], spare[1, :size])
    if size == 0:
        return math.nan
    middle: float = spare[0, size // 2]
    return middle


@kernel("(f8[:,:], f8[::1], f8[:,::1], f8[:,::1], f8[:,::1])")
def _pairs(quotes: Floats, known: Floats, rows: Floats, spare: Floats, pairs: Floats) -> tuple[int, float]:
    """How many pairs are looked at and their unit; ``pairs`` are moneyness, value, deviation and weight, as of the numpy tier's."""
    inverse, american = known[INVERSE] > 0.0, known[AMERICAN] > 0.0
    middle = _middle(quotes, spare) if known[CHECKED] > 0.0 else math.nan
    size = 0
    strikes, values, deviations, apart = rows[0], rows[1], rows[2], rows[3]
    for i in range(quotes.shape[1]):
        strike, difference = quotes[STRIKE, i], quotes[CALL, i] - quotes[PUT, i]
        implied = strike + quotes[CALL, i] - quotes[PUT, i]
        if not (math.isfinite(difference) and strike > 0.0) or abs(implied - middle) > CONTRADICTING * middle:
            continue
        spread = quotes[CALL_SPREAD, i] + quotes[PUT_SPREAD, i]
        deviation = 0.25 * _greatest(_greatest(spread, known[TICK]), LEAST_SPREAD * strike)
        if inverse:
            forward = 1.0 - difference  # K/F of a coin-settled pair
            sane = forward > 0.0
            forward = forward if sane else 1.0
            difference = strike * difference / forward
            deviation = deviation * strike / (forward * forward) if sane else math.inf
        strikes[size], values[size], deviations[size], apart[size] = strike, difference, deviation, abs(difference)
        size += 1
    centre, least = -1, math.inf
    for i in range(size):
        calm = apart[i]  # three neighbours together: one wrong pair far from the money does not lead astray
        if 0 < i < size - 1:
            calm = _greatest(_greatest(apart[i - 1], apart[i + 1]), apart[i])
        if calm < least or (calm == least and centre < 0):
            centre, least = i, calm
    unit = strikes[centre] + values[centre] if centre >= 0 else 1.0
    unit = unit if unit > 0.0 else 1.0
    most = AMERICAN_PAIRS if american else PAIRS
    first = min(max(centre - most // 2, 0), max(size - most, 0))
    count, told = min(size - first, most), 0
    for k in range(count):
        pairs[0, k], pairs[1, k] = strikes[first + k] / unit - 1.0, values[first + k] / unit
        pairs[2, k] = deviations[first + k] / unit
        told += math.isfinite(pairs[2, k])
        spare[0, k], spare[1, k] = pairs[2, k], 0.0
    _sort(spare[0, :count], spare[1, :count])
    tightest = spare[0, told // 10] if told else 1.0
    for k in range(count):
        away, wide = pairs[0, k] / AMERICAN_NEARNESS, pairs[2, k] / (WIDTH * tightest)
        near = 1.0 / (1.0 + away * away) if american else 1.0
        pairs[3, k] = near / (1.0 + (wide * wide) * (wide * wide)) / (pairs[2, k] * pairs[2, k])
    return count, unit


@kernel("(f8[:,::1], i8, f8, f8, f8[:,::1], f8[::1])")
def _scatter(pairs: Floats, count: int, level: float, discount: float, spare: Floats, residuals: Floats) -> float:
    """Each pair's distance from the line in deviations, and the robust scale of all, at least 1."""
    for k in range(count):
        residuals[k] = (pairs[1, k] - level + discount * pairs[0, k]) / pairs[2, k]
        spare[0, k], spare[1, k] = abs(residuals[k]), pairs[3, k]
    scale = MAD_TO_DEVIATION * _median(spare[0, :count], spare[1, :count])
    return scale if scale > 1.0 else 1.0  # noqa: FURB136 - 1 where the scale is NaN


@kernel("(f8[:,::1], i8, f8[::1], f8, f8, f8[:,::1], f8[::1], f8[::1], f8[:,::1], i8)")
def _line(
    pairs: Floats,
    count: int,
    known: Floats,
    level: float,
    discount: float,
    spare: Floats,
    residuals: Floats,
    weights: Floats,
    out: Floats,
    one: int,
) -> None:
    """Iterated weighted least squares with the biweight, the slope drawn towards the expected discount."""
    years = known[TIME]
    expected = math.exp(-known[EXPECTED_RATE] * years)
    prior = 1.0 / _greatest(expected * years * known[RATE_DEVIATION], LEAST_PRIOR) ** 2
    lowest, highest = math.exp(-HIGHEST_RATE * years), math.exp(-LOWEST_RATE * years)
    if math.isnan(level):
        discount = expected
        for k in range(count):
            spare[0, k], spare[1, k] = pairs[1, k] + discount * pairs[0, k], pairs[3, k]
        level = _median(spare[0, :count], spare[1, :count])
        level = 0.0 if math.isnan(level) else level
    for _ in range(ITERATIONS):
        scale = _scatter(pairs, count, level, discount, spare, residuals)
        total, middle, mean = 0.0, 0.0, 0.0
        for k in range(count):
            part = residuals[k] / (TUKEY * scale)
            share = _greatest(1.0 - part * part, 0.0) / scale
            weights[k] = pairs[3, k] * (share * share)
            total += weights[k]
            middle += weights[k] * pairs[0, k]
            mean += weights[k] * pairs[1, k]
        total = _greatest(total, LEAST_WEIGHT)
        middle, mean = middle / total, mean / total
        spread, lean = 0.0, 0.0
        for k in range(count):
            away = weights[k] * (pairs[0, k] - middle)
            spread += away * pairs[0, k]
            lean += away * pairs[1, k]
        slope = (prior * expected - lean) / (prior + spread)
        discount = highest if slope > highest else lowest if slope < lowest else slope  # noqa: FURB136 - NaN where it is NaN
        error = 1.0 / math.sqrt(prior + spread)
        level = mean + discount * middle
        out[LEVEL, one], out[DISCOUNT, one], out[DISCOUNT_ERROR, one] = level, discount, error
        out[LEVEL_ERROR, one] = math.sqrt(1.0 / total + (middle * error) * (middle * error))
        out[INFORMED, one] = 1.0 if (spread > prior) & (slope == discount) else 0.0


@kernel("(f8[:,::1], i8[::1], i8[::1], f8[:,::1], f8[:,::1], f8[:,::1])")
def lines(quotes: Floats, starts: Indices, sizes: Indices, series: Floats, begin: Floats, out: Floats) -> None:
    """The line of each series from the levels and discounts to begin with, if they are known, and how far its pairs lie from it."""
    longest = PAIRS
    for one in range(sizes.size):
        longest = max(longest, sizes[one])
    rows, spare, pairs = np.empty((4, longest)), np.empty((2, longest)), np.empty((4, PAIRS))
    residuals, weights, known = np.empty(PAIRS), np.empty(PAIRS), np.empty(series.shape[0])
    for one in range(sizes.size):
        for row in range(known.size):
            known[row] = series[row, one]
        count, unit = _pairs(quotes[:, starts[one] : starts[one] + sizes[one]], known, rows, spare, pairs)
        _line(pairs, count, known, begin[0, one], begin[1, one], spare, residuals, weights, out, one)
        scale = _scatter(pairs, count, out[LEVEL, one], out[DISCOUNT, one], spare, residuals)
        greatest, used = 0.0, 0
        for k in range(count):
            greatest = max(greatest, pairs[3, k])
        for k in range(count):
            counts = pairs[3, k] > COUNTED * greatest and abs(residuals[k]) < TUKEY * scale
            used += counts
            away = residuals[k] * pairs[2, k]
            spare[0, k], spare[1, k] = abs(away) if math.isfinite(pairs[2, k]) else 0.0, 1.0 if counts else 0.0
        out[UNIT, one], out[COUNT, one] = unit, used
        out[RESIDUAL, one] = _median(spare[0, :count], spare[1, :count])
