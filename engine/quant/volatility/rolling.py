"""Every forecast as it would have been made: rolling origins, fitted on the past alone, scored on what came after.

A forecast stands at the day on which it could be made: position t holds the mean variance a day expected over t+1 .. t+h, from what was
known at the close of t. Parameters are fitted anew every ``refit`` days and are never of a later day. The benchmark is the variance of the
last 22 days, held.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.volatility import garch, har
from engine.quant.volatility.autoregressive import innovation_vols
from engine.quant.volatility.ewma import DAILY_DECAY, ewma_variances
from engine.quant.volatility.scores import Score, score
from engine.quant.volatility.windows import window_means

LEARNING = 500
"""Days before the first forecast of a fitted model."""
REFIT = 22
BENCHMARK_DAYS = 22
ReturnModel = Literal["ewma", "ar", "garch", "gjr"]


class Scored(NamedTuple):
    """Forecasts made in time and their score."""

    forecasts: Floats
    """Variance a day over the next ``horizon`` days, at the day it was made; NaN before the learning is done."""
    score: Score


def rolling_returns_model(
    *,
    model: ReturnModel,
    returns: ArrayLike,
    outcomes: ArrayLike | None = None,
    horizon: int = 1,
    learning: int = LEARNING,
    refit: int = REFIT,
    innovations: garch.Innovations = "normal",
) -> Scored:
    """EWMA, the AR estimator, GARCH or GJR on daily returns, against ``outcomes``: variances a day (default the squared returns).

    GARCH and GJR learn from all days up to the origin; a fit that did not converge forecasts nothing until the next one.
    """
    series = np.ascontiguousarray(returns, dtype=np.float64)
    _check(series, horizon, learning, refit)
    if model == "ewma":
        forecasts = ewma_variances(returns=series, decay=DAILY_DECAY)
    elif model == "ar":
        forecasts = innovation_vols(returns=series) ** 2
    elif model in {"garch", "gjr"}:
        fit = garch.fit_garch if model == "garch" else garch.fit_gjr
        forecasts = _rolling_garch(series, lambda past: fit(returns=past, innovations=innovations), (horizon,), learning, refit)[0]
    else:
        message = f"there is no model {model!r} of returns: choose ewma, ar, garch or gjr"
        raise ValueError(message)
    forecasts[: learning - 1] = np.nan
    came = series**2 if outcomes is None else np.asarray(outcomes, dtype=np.float64)
    return _scored(forecasts, came, series**2, horizon)


def rolling_har(
    *,
    variances: ArrayLike,
    quarticities: ArrayLike | None = None,
    horizon: int = 1,
    learning: int = LEARNING,
    refit: int = REFIT,
) -> Scored:
    """HAR, or with quarticities HARQ, on realised variances a day; learns from the last ``learning`` days, which the score never sees."""
    series = np.ascontiguousarray(variances, dtype=np.float64)
    quarticity = None if quarticities is None else np.ascontiguousarray(quarticities, dtype=np.float64)
    _check(series, horizon, learning, refit)
    forecasts = np.full(series.size, np.nan)
    for origin in range(learning - 1, series.size, refit):
        past = slice(origin + 1 - learning, origin + 1)
        held = slice(past.start, min(origin + refit, series.size))
        if quarticity is None:
            fit = har.fit_har(variances=series[past], horizon=horizon)
            made = har.forecast_variances(fit, variances=series[held])
        else:
            fit = har.fit_harq(variances=series[past], quarticities=quarticity[past], horizon=horizon)
            made = har.forecast_variances(fit, variances=series[held], quarticities=quarticity[held])
        forecasts[origin : held.stop] = made[learning - 1 :]
    return _scored(forecasts, series, series, horizon)


def benchmark_variances(*, variances: ArrayLike, days: int = BENCHMARK_DAYS) -> Floats:
    """The naive forecast: the mean variance of the last ``days`` days holds for any horizon."""
    return window_means(np.asarray(variances, dtype=np.float64), window=days).means


def realized_ahead(*, variances: ArrayLike, horizon: int) -> Floats:
    """What came: the mean variance of t+1 .. t+h at position t, NaN where it has not all come."""
    series = np.asarray(variances, dtype=np.float64)
    result = np.full(series.shape, np.nan)
    if series.size > horizon:
        result[:-horizon] = window_means(series, window=horizon).means[horizon:]
    return result


def rolling_garch_terms(
    *, asymmetric: bool, returns: ArrayLike, horizons: tuple[int, ...], learning: int = LEARNING, refit: int = REFIT
) -> Floats:
    """GARCH's (or GJR's) forecasts over several horizons from one pass of fits: a row a horizon, as :class:`Scored` has them."""
    series = np.ascontiguousarray(returns, dtype=np.float64)
    _check(series, min(horizons, default=0), learning, refit)
    fit = garch.fit_gjr if asymmetric else garch.fit_garch
    return _rolling_garch(series, lambda past: fit(returns=past), horizons, learning, refit)


def _rolling_garch(series: Floats, fit: Callable[[Floats], garch.GarchFit], horizons: tuple[int, ...], learning: int, refit: int) -> Floats:
    forecasts = np.full((len(horizons), series.size), np.nan)
    ahead_of = np.array(horizons, dtype=np.float64)
    for origin in range(learning - 1, series.size, refit):
        found = fit(series[: origin + 1])
        if found.status == garch.FitStatus.NOT_CONVERGED:
            continue
        end = min(origin + refit, series.size)
        run = garch.variances_under(found, returns=series[:end])
        for day in range(origin, end):
            ahead = found._replace(variances=run[: day + 2])
            forecasts[:, day] = garch.term_structure(ahead, horizons=ahead_of, periods_a_year=1.0) ** 2
    return forecasts


def _scored(forecasts: Floats, outcomes: Floats, past: Floats, horizon: int) -> Scored:
    if outcomes.shape != forecasts.shape:
        message = f"{outcomes.size} outcomes do not stand beside {forecasts.size} days: give one a day"
        raise ValueError(message)
    came = realized_ahead(variances=outcomes, horizon=horizon)
    return Scored(forecasts, score(forecasts=forecasts, benchmarks=benchmark_variances(variances=past), outcomes=came, horizon=horizon))


def _check(series: Floats, horizon: int, learning: int, refit: int) -> None:
    if series.ndim != 1 or horizon < 1 or refit < 1:
        message = "rolling origins need one series, a horizon and a refit of 1 day or more"
        raise ValueError(message)
    if series.size <= learning + horizon:
        message = (
            f"{series.size} days are too few for a forecast over {horizon} after learning from {learning}: give more, or learn from fewer"
        )
        raise ValueError(message)
