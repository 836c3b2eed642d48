"""Forecasts of volatility by every model, scored out of sample beside one naive walk: arrays in, structs out.

All models are held to the same outcomes: the mean variance of the next sessions, each measured by its five-minute returns where all have
them, else by its range and the squared overnight return. The naive walk says that the mean of the last 22 sessions goes on.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import Floats, floats
from engine.messages.realized import ForecastModel, ForecastVerdict, VolatilityForecast
from engine.quant.volatility import garch, har
from engine.quant.volatility.autoregressive import LEAST as LEAST_AR
from engine.quant.volatility.autoregressive import RECENT, innovation_vols
from engine.quant.volatility.ewma import DAILY_DECAY, WARM_UP, ewma_variances
from engine.quant.volatility.rolling import (
    BENCHMARK_DAYS,
    benchmark_variances,
    realized_ahead,
    rolling_garch_terms,
    rolling_har,
)
from engine.quant.volatility.scores import LEAST as LEAST_SCORED
from engine.quant.volatility.scores import Score, score
from engine.services.volatility.implied import IMPLIED_SESSIONS

LEAST_LEARNING, MOST_LEARNING = 126, 500
"""Sessions before the first scored forecast: half of what is known, between these."""
LEAST_FOR_INTERVAL = 40
COVERED = (0.05, 0.95)
SURE = 0.05


class ForecastInputs(NamedTuple):
    """What every model is given: sessions in a row, none missing, oldest first."""

    returns: Floats
    """Close to close, log."""
    variances: Floats
    """Of whole days; fractions squared."""
    quarticities: Floats
    """Beside them where they are of five-minute bars; NaN else."""
    implied: Floats
    """30-day implied volatility of each session, a fraction a year; NaN where none is stored."""
    a_year: float
    outcome: str
    """How the variances are measured, in words."""
    intraday_sessions: int

    @property
    def observations(self) -> int:
        """Sessions in a row."""
        return int(self.returns.size)

    @property
    def learning(self) -> int:
        """Sessions before the first scored forecast."""
        return min(max(self.observations // 2, LEAST_LEARNING), MOST_LEARNING)


class Fitted(NamedTuple):
    """A model now: the variance a session over each horizon, and its parameters in words."""

    variances: Floats
    words: str


def forecast(inputs: ForecastInputs, model: ForecastModel, horizon: int, horizons: tuple[int, ...]) -> VolatilityForecast:
    """One model: its forecasts now over each horizon, and what those over ``horizon`` were worth; what it refuses is said in words."""
    try:
        now = _fitted(inputs, model, horizons)
    except ValueError as error:
        return unscored(model, str(error), len(horizons))
    levels = np.sqrt(np.maximum(now.variances, 0.0) * inputs.a_year)
    low, high = np.full((2, len(horizons)), np.nan)
    refusal = ""
    scored: tuple[Floats, Floats] | None = None
    pasts = _pasts(inputs, model, horizons)
    for place, ahead in enumerate(horizons):
        if not math.isfinite(float(levels[place])):
            continue
        made = pasts[place]
        if isinstance(made, str):
            refusal = made if ahead == horizon else refusal
            continue
        came = realized_ahead(variances=inputs.variances, horizon=ahead)
        low[place], high[place] = _interval(made, came)
        if ahead == horizon:
            scored = made, came
    at = horizons.index(horizon)
    return VolatilityForecast(
        model=model,
        fit=now.words,
        volatility=float(levels[at]),
        low=float(levels[at] * low[at]),
        high=float(levels[at] * high[at]),
        term=floats(levels),
        term_low=floats(levels * low),
        term_high=floats(levels * high),
        **_score(inputs, model, horizon, scored),
        refusal=refusal,
    )


def unscored(model: ForecastModel, refusal: str, horizons: int) -> VolatilityForecast:
    """A model that has no forecast."""
    nothing = floats(np.full(horizons, np.nan))
    numbers = dict.fromkeys("volatility low high qlike qlike_naive p_value rmse rmse_naive r_squared".split(), math.nan)
    return VolatilityForecast(
        model=model,
        fit="",
        term=nothing,
        term_low=nothing,
        term_high=nothing,
        scored=0,
        verdict=ForecastVerdict.UNSCORED,
        rank=0,
        refusal=refusal,
        **numbers,
    )


def ranked(found: tuple[VolatilityForecast, ...]) -> tuple[VolatilityForecast, ...]:
    """The same, those that do not lose numbered by QLIKE, best first; the others keep 0."""
    worthy = [one for one in found if one.verdict in {ForecastVerdict.BEATS, ForecastVerdict.AHEAD}]
    order = [one.model for one in sorted(worthy, key=lambda one: one.qlike)]
    return tuple(replace(one, rank=order.index(one.model) + 1) if one.model in order else one for one in found)


def _fitted(inputs: ForecastInputs, model: ForecastModel, horizons: tuple[int, ...]) -> Fitted:
    """The forecasts as of the newest session; ValueError says why there are none."""
    if model is ForecastModel.LAST:
        return _flat(benchmark_variances(variances=inputs.variances), horizons, f"mean of the last {BENCHMARK_DAYS} sessions")
    if model is ForecastModel.IMPLIED:
        return _implied(inputs, horizons)
    if model is ForecastModel.EWMA:
        return _flat(ewma_variances(returns=inputs.returns), horizons, f"λ {DAILY_DECAY:g}")
    if model is ForecastModel.AR:
        return _flat(innovation_vols(returns=inputs.returns) ** 2, horizons, f"AR(1), last {RECENT} residuals")
    if model in {ForecastModel.GARCH, ForecastModel.GJR}:
        return _garch(inputs, model, horizons)
    return _har(inputs, model, horizons)


def _flat(variances: Floats, horizons: tuple[int, ...], words: str) -> Fitted:
    last = float(variances[-1]) if variances.size else math.nan
    if not math.isfinite(last):
        needed = max(BENCHMARK_DAYS, WARM_UP, LEAST_AR)
        message = f"{variances.size} sessions in a row are known; {needed} are needed"
        raise ValueError(message)
    return Fitted(np.full(len(horizons), last), words)


def _implied(inputs: ForecastInputs, horizons: tuple[int, ...]) -> Fitted:
    last = float(inputs.implied[-1]) if inputs.implied.size else math.nan
    if not math.isfinite(last):
        message = "no implied volatility is stored of the newest session"
        raise ValueError(message)
    if IMPLIED_SESSIONS not in horizons:
        message = f"stored implied volatility is of 30 days, {IMPLIED_SESSIONS} sessions: no other horizon has one"
        raise ValueError(message)
    found = np.where(np.array(horizons) == IMPLIED_SESSIONS, last**2 / inputs.a_year, np.nan)
    return Fitted(found, "30-day at-the-forward, risk premium and all")


def _garch(inputs: ForecastInputs, model: ForecastModel, horizons: tuple[int, ...]) -> Fitted:
    fit = (garch.fit_garch if model is ForecastModel.GARCH else garch.fit_gjr)(returns=inputs.returns)
    if fit.status is garch.FitStatus.NOT_CONVERGED:
        message = "the fit did not converge: it is not to be used"
        raise ValueError(message)
    reaction = f"α {fit.alpha:.3f}" + (f" γ {fit.gamma:.3f}" if model is ForecastModel.GJR else "")
    edge = ", at the edge" if fit.status is garch.FitStatus.AT_EDGE else ""
    words = f"{reaction} β {fit.beta:.3f}, {_half_life(fit.half_life)}{edge}"
    term = garch.term_structure(fit, horizons=np.array(horizons, dtype=np.float64), periods_a_year=1.0)
    return Fitted(term**2, words)


def _half_life(sessions: float) -> str:
    """How soon a shock of variance is half gone."""
    if not np.isfinite(sessions):
        return "shocks do not fade"
    whole = f"{sessions:.0f}"
    return f"half-life {whole} session{'' if whole == '1' else 's'}"


def _har(inputs: ForecastInputs, model: ForecastModel, horizons: tuple[int, ...]) -> Fitted:
    quarticities = _quarticities(inputs) if model is ForecastModel.HARQ else None
    found = np.full(len(horizons), np.nan)
    words = ""
    for place, ahead in enumerate(horizons):
        if inputs.observations < har.LEAST + ahead:
            continue
        if quarticities is None:
            fit = har.fit_har(variances=inputs.variances, horizon=ahead)
        else:
            fit = har.fit_harq(variances=inputs.variances, quarticities=quarticities, horizon=ahead)
        found[place] = har.forecast_variances(fit, variances=inputs.variances, quarticities=quarticities)[-1]
        if ahead in {1, IMPLIED_SESSIONS}:
            day, week, month = (round(float(one), 2) + 0.0 for one in fit.coefficients[1:4])
            words = f"day {day:.2f} week {week:.2f} month {month:.2f} ({ahead} ahead)"
    if not np.isfinite(found).any():
        message = f"{inputs.observations} sessions in a row are known; HAR needs {har.LEAST} and the horizon"
        raise ValueError(message)
    return Fitted(found, words)


def _quarticities(inputs: ForecastInputs) -> Floats:
    if not np.isfinite(inputs.quarticities).all() or not inputs.quarticities.size:
        message = f"HARQ needs minute bars on each of {har.LEAST} sessions and more: {inputs.intraday_sessions} have them"
        raise ValueError(message)
    return inputs.quarticities


def _pasts(inputs: ForecastInputs, model: ForecastModel, horizons: tuple[int, ...]) -> tuple[Floats | str, ...]:
    """What would have been forecast after each session from the past alone, a variance a session; or why nothing could."""
    needed = [inputs.learning + ahead + LEAST_SCORED for ahead in horizons]
    enough = tuple(ahead for ahead, least in zip(horizons, needed, strict=True) if inputs.observations >= least)
    terms: dict[int, Floats] = {}
    if enough and model in {ForecastModel.GARCH, ForecastModel.GJR}:
        made = rolling_garch_terms(asymmetric=model is ForecastModel.GJR, returns=inputs.returns, horizons=enough, learning=inputs.learning)
        terms = dict(zip(enough, made, strict=True))
    elif enough:
        terms = {ahead: _past(inputs, model, ahead) for ahead in enough}
    short = f"{inputs.observations} sessions in a row are known; a score over {{}} needs {{}}"
    return tuple(terms.get(ahead, short.format(ahead, least)) for ahead, least in zip(horizons, needed, strict=True))


def _past(inputs: ForecastInputs, model: ForecastModel, horizon: int) -> Floats:
    """Of the models that are no GARCH."""
    if model in {ForecastModel.HAR, ForecastModel.HARQ}:
        quarticities = _quarticities(inputs) if model is ForecastModel.HARQ else None
        return rolling_har(variances=inputs.variances, quarticities=quarticities, horizon=horizon, learning=inputs.learning).forecasts
    if model is ForecastModel.LAST:
        made = benchmark_variances(variances=inputs.variances)
    elif model is ForecastModel.IMPLIED:
        made = inputs.implied**2 / inputs.a_year
    elif model is ForecastModel.EWMA:
        made = ewma_variances(returns=inputs.returns)
    else:
        made = innovation_vols(returns=inputs.returns) ** 2
    made = made.copy()
    made[: inputs.learning - 1] = np.nan
    return made


def _interval(made: Floats, came: Floats) -> tuple[float, float]:
    """By which factors of the forecast volatility nine of ten outcomes lay apart from it; NaN where too few have come."""
    known = np.isfinite(made) & np.isfinite(came) & (made > 0.0)
    if known.sum() < LEAST_FOR_INTERVAL:
        return math.nan, math.nan
    low, high = np.sqrt(np.quantile(came[known] / made[known], COVERED))
    return float(low), float(high)


def _score(inputs: ForecastInputs, model: ForecastModel, horizon: int, scored: tuple[Floats, Floats] | None) -> dict[str, Any]:
    nothing = dict.fromkeys("qlike qlike_naive p_value rmse rmse_naive r_squared".split(), math.nan)
    if scored is None:
        return {**nothing, "scored": 0, "verdict": ForecastVerdict.UNSCORED, "rank": 0}
    made, came = scored
    naive = benchmark_variances(variances=inputs.variances)
    found = score(forecasts=made, benchmarks=naive, outcomes=came, horizon=horizon)
    ours, walk = found.rmse.loss * inputs.a_year, found.rmse.benchmark * inputs.a_year
    return {
        "scored": found.observations,
        "qlike": found.qlike.loss,
        "qlike_naive": found.qlike.benchmark,
        "p_value": found.qlike.p_value,
        "rmse": ours,
        "rmse_naive": walk,
        "r_squared": 1.0 - (ours / walk) ** 2 if walk > 0.0 else math.nan,
        "verdict": _verdict(model, found),
        "rank": 0,
    }


def _verdict(model: ForecastModel, found: Score) -> ForecastVerdict:
    if not math.isfinite(found.qlike.loss):
        return ForecastVerdict.UNSCORED
    if model is ForecastModel.LAST:
        return ForecastVerdict.BENCHMARK
    if found.qlike.loss >= found.qlike.benchmark:
        return ForecastVerdict.LOSES
    return ForecastVerdict.BEATS if found.qlike.p_value < SURE else ForecastVerdict.AHEAD
