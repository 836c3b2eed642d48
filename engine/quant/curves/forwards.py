r"""Forward and rate of every expiry from put-call parity, robustly and for many expiries in one pass.

European options obey C - P = D (F - K) (H. R. Stoll, "The relationship between put and call option prices", Journal of Finance 24 (1969),
p. 801), a straight line in K whose slope is the discount and whose zero is the forward. It is fitted through the mids of the pairs quoted
on both sides that lie nearest to the money, each weighted by its spreads, with Tukey's biweight against stale and wrong quotes
(P. J. Huber and E. M. Ronchetti, "Robust Statistics", 2nd ed. (2009)), and with a normal prior on the rate (ridge on the slope).
With little time or few pairs the slope says nothing about the rate: then the rate hint or that of the well-determined expiries beside it
decides, and only the forward is solved. A discount outside what rates can plausibly be is not believed.

For American options parity holds only as S - K <= C - P <= S - K D (without dividends), the nearer to the money the closer; so their
forward comes from few pairs close to the money, and their rate from the hint, the European expiries beside them, or is the usual one: the
slope of so few says nothing, and exercise bends it. (:mod:`engine.quant.chain.exercise` takes the premiums out of those pairs.)

Coin-settled options are quoted in the coin, c - p = 1 - K/F with no discounting (:mod:`engine.quant.european.inverse`).
"""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Floats, Indices, or_zero
from engine.quant.chain.segments import Segments
from engine.quant.codes import ForwardSource

PAIRS = 128
"""Most pairs of a European expiry that are looked at, those nearest to the money."""
AMERICAN_PAIRS = 24
AMERICAN_NEARNESS = 0.03
"""Distance from the money, a fraction, at which an American pair has half its weight."""
DEFAULT_RATE = 0.04
"""Taken where neither a hint nor an expiry says more."""
RATE_DEVIATIONS = {"none": 0.03, "hint": 0.02, "neighbours": 0.003, "american": 0.002}
"""Standard deviation of the prior on the rate, by where it comes from."""
TRUSTED_RATE_ERROR = 0.005
"""An expiry whose slope gives the rate to within this may teach its neighbours."""
LOWEST_RATE, HIGHEST_RATE = -0.05, 0.30
TUKEY = 4.685
MAD_TO_DEVIATION = 1.4826
WIDTH = 3.0
"""Pairs quoted more than so many times as wide as the tightest tenth hardly count: wide quotes err together, and no mean heals that."""
COUNTED = 0.01
"""Pairs with less than this part of the greatest weight are not counted as used."""
ITERATIONS = 3
LEAST_SPREAD = 1e-7
"""Of the strike: no pair is trusted beyond this, not even a locked one without a tick."""
WORST_FORWARD_ERROR = 0.05
"""A parity forward less certain than this fraction of itself gives way to spot and carry."""


class Expiries(NamedTuple):
    """What is known of each expiry beside its quotes, one number a series."""

    spots: Floats
    years: Floats
    rate_hints: Floats
    """NaN: none."""
    yield_hints: Floats
    """NaN: taken as zero where spot and carry must do."""
    inverse: Bools
    american: Bools
    ticks: Floats


class Forwards(NamedTuple):
    """One number a series; NaN where there is neither a pair nor a spot."""

    forwards: Floats
    discounts: Floats
    rates: Floats
    """Continuous, a fraction a year."""
    residuals: Floats
    """Median distance of the pairs used from the fitted line, in price (in the underlying's currency for coin-settled ones)."""
    pairs: Indices
    """How many were used; outliers and pairs of hardly any weight are not counted."""
    sources: Indices
    """:class:`engine.quant.codes.ForwardSource`."""
    errors: Floats
    """Standard error of the forward, by the quotes' spreads and scatter."""
    rate_errors: Floats


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
    """The pairs say more about the discount than the prior does."""


def fit_forwards(
    *,
    strikes: Floats,
    call_mids: Floats,
    put_mids: Floats,
    call_spreads: Floats,
    put_spreads: Floats,
    segments: Segments,
    expiries: Expiries,
) -> Forwards:
    """Forwards of many series; the first five are flat arrays of rising strikes cut by ``segments``, NaN where not quoted on both sides."""
    alive = expiries.years > 0.0
    years = np.where(alive, expiries.years, 1.0)
    pairs = _nearest_pairs(strikes, call_mids, put_mids, call_spreads + put_spreads, segments, expiries)
    hinted = np.isfinite(expiries.rate_hints)
    rates = np.where(expiries.inverse, 0.0, np.where(hinted, expiries.rate_hints, DEFAULT_RATE))
    deviations = np.where(hinted, RATE_DEVIATIONS["hint"], RATE_DEVIATIONS["none"])
    deviations = np.where(expiries.american, RATE_DEVIATIONS["american"], deviations)
    deviations = np.where(expiries.inverse, 0.0, deviations)
    line = _fit(pairs, years, rates, deviations, _start(pairs, np.exp(-rates * years)))
    lesson = _taught(line, years, rates, deviations, expiries)
    if lesson is not None:
        rates, deviations = lesson
        line = _fit(pairs, years, rates, deviations, line)
    return _result(pairs, line, rates, years, alive, expiries)


def _nearest_pairs(strikes: Floats, calls: Floats, puts: Floats, spreads: Floats, segments: Segments, expiries: Expiries) -> _Pairs:
    """The pairs nearest to the money of each series; the first guess of the money is where calls and puts cost the same."""
    at, cut = segments.chosen(np.isfinite(calls - puts) & (strikes > 0.0))
    K = strikes[at]
    difference = calls[at] - puts[at]
    deviation = 0.25 * np.maximum(np.maximum(spreads[at], expiries.ticks[cut.owner]), LEAST_SPREAD * K)
    inverse = expiries.inverse[cut.owner]
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

    width = np.where(expiries.american, AMERICAN_PAIRS, PAIRS)
    position = np.arange(at.size) - cut.starts[cut.owner]
    lowest = np.clip(centre - cut.starts - width // 2, 0, np.maximum(cut.sizes - width, 0))
    column = position - lowest[cut.owner]
    inside = (column >= 0) & (column < width[cut.owner])
    rows, columns = cut.owner[inside], column[inside]
    columns_needed = int(columns.max()) + 1 if columns.size else 1
    shape = (cut.pieces, columns_needed)
    moneyness, value, spread = np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)
    moneyness[rows, columns] = K[inside] / unit[rows] - 1.0
    value[rows, columns] = difference[inside] / unit[rows]
    spread[rows, columns] = deviation[inside] / unit[rows]
    near = np.where(expiries.american[:, None], 1.0 / (1.0 + (moneyness / AMERICAN_NEARNESS) ** 2), 1.0)
    near /= 1.0 + (spread / (WIDTH * _tightest(spread))[:, None]) ** 4
    return _Pairs(moneyness, value, spread, near / (spread * spread), unit)


def _tightest(spread: Floats) -> Floats:
    """The tenth percentile of each row's deviations; 1 where there is none."""
    count = np.isfinite(spread).sum(axis=1)
    tenth = np.sort(spread, axis=1)[np.arange(count.size), count // 10]
    return np.where(count > 0, tenth, 1.0)


def _start(pairs: _Pairs, discount: Floats) -> _Line:
    """The line of the expected slope through the median pair."""
    offsets = pairs.value + discount[:, None] * pairs.moneyness
    level = _median(offsets, pairs.weight)
    unknown = np.full(level.shape, np.inf)
    return _Line(or_zero(level), discount, unknown, unknown, np.zeros(level.shape, dtype=bool))


def _median(values: Floats, weights: Floats) -> Floats:
    """Weighted median of each row; NaN where nothing has weight. A handful of tight quotes outvotes a crowd of wide ones."""
    order = np.argsort(values, axis=1)
    share = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    total = share[:, -1]
    middle = np.argmax(share >= 0.5 * total[:, None], axis=1)
    rows = np.arange(values.shape[0])
    return np.where(total > 0.0, values[rows, order[rows, middle]], np.nan)


def _scatter(pairs: _Pairs, line: _Line) -> tuple[Floats, Floats]:
    """Each pair's distance from the line in deviations, and the robust scale of the row (at least 1)."""
    residual = (pairs.value - line.level[:, None] + line.discount[:, None] * pairs.moneyness) / pairs.deviation
    scale = MAD_TO_DEVIATION * _median(np.abs(residual), pairs.weight)
    return residual, np.maximum(or_zero(scale), 1.0)[:, None]


def _fit(pairs: _Pairs, years: Floats, rates: Floats, deviations: Floats, line: _Line) -> _Line:
    """Iterated weighted least squares with the biweight, the slope drawn towards the expected discount."""
    expected = np.exp(-rates * years)
    prior = 1.0 / np.maximum(expected * years * deviations, 1e-12) ** 2
    for _ in range(ITERATIONS):
        residual, scale = _scatter(pairs, line)
        inside = np.maximum(1.0 - (residual / (TUKEY * scale)) ** 2, 0.0)
        weight = pairs.weight * (inside / scale) ** 2
        total = np.maximum(weight.sum(axis=1), 1e-300)
        middle = (weight * pairs.moneyness).sum(axis=1) / total
        mean = (weight * pairs.value).sum(axis=1) / total
        away = weight * (pairs.moneyness - middle[:, None])
        spread = (away * pairs.moneyness).sum(axis=1)
        slope = (prior * expected - (away * pairs.value).sum(axis=1)) / (prior + spread)
        discount = np.clip(slope, np.exp(-HIGHEST_RATE * years), np.exp(-LOWEST_RATE * years))
        discount_error = 1.0 / np.sqrt(prior + spread)
        line = _Line(
            level=mean + discount * middle,
            discount=discount,
            level_error=np.sqrt(1.0 / total + (middle * discount_error) ** 2),
            discount_error=discount_error,
            informed=(spread > prior) & (slope == discount),
        )
    return line


def _taught(line: _Line, years: Floats, rates: Floats, deviations: Floats, expiries: Expiries) -> tuple[Floats, Floats] | None:
    """The prior again, from the European expiries whose own slope is sure, interpolated in time; none if nobody teaches or learns."""
    errors = line.discount_error / (line.discount * years)
    sure = line.informed & (errors < TRUSTED_RATE_ERROR) & ~expiries.american & ~expiries.inverse
    pupils = ~expiries.inverse & ~(expiries.american & np.isfinite(expiries.rate_hints)) & ~sure
    if not (sure.any() and pupils.any()):
        return None
    times, order = np.unique(years[sure], return_index=True)
    curve = np.interp(years, times, (-np.log(line.discount[sure]) / years[sure])[order])
    known = np.where(expiries.american, RATE_DEVIATIONS["american"], RATE_DEVIATIONS["neighbours"])
    return np.where(pupils, curve, rates), np.where(pupils, known, deviations)


def _result(pairs: _Pairs, line: _Line, rates: Floats, years: Floats, alive: Bools, expiries: Expiries) -> Forwards:
    """Forwards from the lines; spot and carry where a line is missing or too unsure."""
    residual, scale = _scatter(pairs, line)
    counted = pairs.weight > COUNTED * pairs.weight.max(axis=1, keepdims=True)
    used = counted & (np.abs(residual) < TUKEY * scale)
    count = used.sum(axis=1)
    present = np.isfinite(pairs.deviation)
    away = np.abs(np.where(present, residual, 0.0) * np.where(present, pairs.deviation, 0.0))
    residuals = _median(away, used.astype(np.float64)) * pairs.unit
    fitted = pairs.unit * (1.0 + line.level / line.discount)
    errors = pairs.unit * line.level_error / line.discount
    believed = alive & (count > 0) & (fitted > 0.0) & (errors < WORST_FORWARD_ERROR * fitted)

    carried = expiries.spots * np.exp((rates - or_zero(expiries.yield_hints)) * years)
    possible = alive & (carried > 0.0) & np.isfinite(carried)
    sources = np.where(
        believed,
        np.where(line.informed, ForwardSource.PARITY, ForwardSource.PARITY_AT_GIVEN_RATE),
        np.where(possible, ForwardSource.CARRY, ForwardSource.NONE),
    )
    known = believed | possible
    discounts = np.where(believed, line.discount, np.exp(-rates * years))
    return Forwards(
        forwards=np.where(believed, fitted, np.where(possible, carried, np.nan)),
        discounts=np.where(known, discounts, np.nan),
        rates=np.where(known, 0.0 - np.log(discounts) / years, np.nan),
        residuals=np.where(believed, residuals, np.nan),
        pairs=np.where(believed, count, 0),
        sources=sources,
        errors=np.where(believed, errors, np.nan),
        rate_errors=np.where(believed, line.discount_error / (line.discount * years), np.nan),
    )
