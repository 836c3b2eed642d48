"""Fitting a model's parameters to a surface of volatilities: trust-region Levenberg-Marquardt within bounds, from several starts.

Residuals are volatilities, model less market, so that the sum of squares is in the unit a trader reads; their derivatives are exact: that
of the price under the integral over Black's vega (Y. Cui, S. del Baño Rollin and G. Germano, European Journal of Operational Research 263
(2017), p. 625, who show what exact derivatives save). Where a price has no volatility, the residual is the price's distance over the
market's vega. Every start is told with where it ended: a fit is only as sure as its starts agree.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Floats, columns
from engine.quant.codes import IvStatus
from engine.quant.european import black
from engine.quant.european.implied import implied_vols
from engine.quant.meant import require_fractions

MOST_EVALUATIONS = 100
TOLERANCE = 1e-10
AGREEING = 1.01
"""Starts that end within 1 % of the best sum of squares have found the same fit."""
AT_BOUND = 1e-6
"""Of the bounds' distance."""
LEAST_VEGA = 1e-6
"""Of F√T: five deviations from the forward a price says nothing of its volatility."""

Model = Callable[[Floats, "Quotes"], tuple[Floats, Floats]]
"""Undiscounted call prices at parameters, and their derivatives, parameters down."""


class Quotes(NamedTuple):
    """The volatilities to be met, flat; weights multiply the residuals."""

    forwards: Floats
    strikes: Floats
    years: Floats
    vols: Floats
    weights: Floats
    prices: Floats
    """Undiscounted calls at the volatilities."""
    vegas: Floats


class Ending(NamedTuple):
    """Where one start led."""

    start: Floats
    end: Floats
    sse: float
    """Sum of squared errors in volatility points (1 = 1 % of volatility)."""
    converged: bool
    evaluations: int


class Fitted(NamedTuple):
    """The best ending and what it is worth."""

    values: Floats
    sse: float
    """Sum of squared errors in volatility points, unweighted."""
    rmse: float
    """√(sse / quotes), volatility points."""
    residuals: Floats
    """Model less market volatility, as fractions, in the shape of the quotes; NaN where the model's price has none."""
    converged: bool
    agreeing: int
    """Starts that ended at this fit, itself included."""
    at_bounds: Bools
    """Which parameters ended on a bound: those the quotes do not determine."""
    endings: tuple[Ending, ...]


def quotes_of(
    *, forwards: ArrayLike, strikes: ArrayLike, years: ArrayLike, vols: ArrayLike, weights: ArrayLike = 1.0, least: int
) -> tuple[Quotes, Bools, tuple[int, ...]]:
    """The usable quotes, which they are, and the shape of all; ValueError with the count where fewer than ``least`` are."""
    require_fractions(vols=vols, years=years)
    rows, shape = columns(forwards, strikes, years, vols, weights)
    usable = np.isfinite(rows).all(axis=0) & (rows[:4] > 0.0).all(axis=0) & (rows[4] > 0.0)
    if np.nanmax(rows[3][usable], initial=0.0) > 10.0:
        message = f"a volatility of {np.nanmax(rows[3][usable]):g} cannot be meant: give 0.2 for 20 %"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        every = black.greeks(spots=rows[0], strikes=rows[1], years=rows[2], vols=rows[3], rights=1.0)
        usable &= every.vegas > LEAST_VEGA * rows[0] * np.sqrt(rows[2])
    count = int(usable.sum())
    if count < least:
        message = (
            f"{count} of {usable.size} volatilities are usable, too few for {least} parameters: "
            f"give {least} or more that are above zero and within five deviations of the forward"
        )
        raise ValueError(message)
    F, K, T, vol, weight = rows[:, usable]
    found = black.greeks(spots=F, strikes=K, years=T, vols=vol, rights=1.0)
    return Quotes(F, K, T, vol, weight, found.prices, found.vegas), usable, shape


def fitted(
    model: Model, quotes: Quotes, usable: Bools, shape: tuple[int, ...], *, starts: Sequence[Floats], lower: ArrayLike, upper: ArrayLike
) -> Fitted:
    """The least squares over all starts; what of a start lies outside the bounds is moved inside."""
    low, high = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    endings = tuple(_from(model, quotes, start, low, high) for start in starts)
    best = min(endings, key=lambda ending: ending.sse if np.isfinite(ending.sse) else np.inf)
    if not np.isfinite(best.sse):
        message = f"no start of {len(endings)} led to a finite error: the quotes contradict the model (check forwards, strikes and years)"
        raise ValueError(message)
    prices, _ = model(best.end, quotes)
    vols = _vols(prices, quotes)
    residuals = np.full(usable.size, np.nan)
    residuals[usable] = vols - quotes.vols
    return Fitted(
        values=best.end,
        sse=best.sse,
        rmse=float(np.sqrt(best.sse / quotes.vols.size)),
        residuals=residuals.reshape(shape),
        converged=best.converged,
        agreeing=sum(ending.sse <= AGREEING * best.sse + 1e-12 for ending in endings),
        at_bounds=(best.end - low < AT_BOUND * (high - low)) | (high - best.end < AT_BOUND * (high - low)),
        endings=endings,
    )


def _from(model: Model, quotes: Quotes, start: Floats, low: Floats, high: Floats) -> Ending:
    from scipy.optimize import least_squares

    span = high - low
    inside = np.clip(start, low + 1e-4 * span, high - 1e-4 * span)
    kept: dict[bytes, tuple[Floats, Floats]] = {}

    def evaluated(values: Floats) -> tuple[Floats, Floats]:
        key = values.tobytes()
        if key not in kept:
            kept.clear()
            kept[key] = _residuals(model, values, quotes)
        return kept[key]

    first, _ = evaluated(inside)
    if not np.isfinite(first).all():
        return Ending(start, inside, np.inf, converged=False, evaluations=1)
    found = least_squares(
        lambda values: evaluated(values)[0],
        inside,
        jac=lambda values: evaluated(values)[1].T,
        bounds=(low, high),
        x_scale="jac",
        ftol=TOLERANCE,
        xtol=TOLERANCE,
        gtol=TOLERANCE,
        max_nfev=MOST_EVALUATIONS,
    )
    errors = np.asarray(evaluated(found.x)[0]) / quotes.weights
    return Ending(start, found.x, float(1e4 * errors @ errors), converged=bool(found.status > 0), evaluations=int(found.nfev))


def _vols(prices: Floats, quotes: Quotes) -> Floats:
    F, K = quotes.forwards, quotes.strikes
    right = np.where(K >= F, 1.0, -1.0)
    value = np.where(right > 0.0, prices, prices - F + K)
    found = implied_vols(prices=value, forwards=F, strikes=K, years=quotes.years, rights=right)
    vols: Floats = np.where(found.statuses == IvStatus.OK, found.vols, np.nan)
    return vols


def _residuals(model: Model, values: Floats, quotes: Quotes) -> tuple[Floats, Floats]:
    """Weighted residuals and their derivatives, parameters down."""
    prices, slopes = model(values, quotes)
    vols = _vols(prices, quotes)
    known = np.isfinite(vols)
    at = np.where(known, vols, quotes.vols)
    vegas = black.greeks(spots=quotes.forwards, strikes=quotes.strikes, years=quotes.years, vols=at, rights=1.0).vegas
    reliable = known & (vegas > 1e-3 * quotes.vegas)
    vega = np.where(reliable, vegas, quotes.vegas)
    error = np.where(reliable, vols - quotes.vols, (prices - quotes.prices) / quotes.vegas)
    return error * quotes.weights, slopes / vega * quotes.weights
