"""HAR and HARQ: tomorrow's realised variance from the last day's, the last week's and the last month's, by ordinary least squares.

    RV_{t+1} = β0 + β1 RV_t + β2 RV_t(5) + β3 RV_t(22) + ε        (HAR)
    RV_{t+1} = β0 + (β1 + β1Q √RQ_t) RV_t + β2 RV_t(5) + β3 RV_t(22) + ε        (HARQ)

RV_t(n) the mean over the n days up to and with t. F. Corsi, "A Simple Approximate Long-Memory Model of Realized Volatility", Journal of
Financial Econometrics 7 (2009), p. 174; T. Bollerslev, A. J. Patton and R. Quaedvlieg, "Exploiting the errors: A simple approach
for improved volatility forecasting", Journal of Econometrics 192 (2016), p. 1. HARQ trusts a noisy day less: β1Q is negative.
A horizon of h days regresses the mean of RV over the next h days on the same three, one regression a horizon. Units: any unit of variance
(a fraction a day, or percent squared), RQ in its square.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.volatility.realized import SESSIONS_A_YEAR
from engine.quant.volatility.series import whole_series

DAY, WEEK, MONTH = 1, 5, 22
LEAST = 60
"""Days of realised variance: a month to look back on and a month and a half to learn from."""


class HarFit(NamedTuple):
    """An ordinary least squares fit and its plain facts."""

    coefficients: Floats
    """β0, β1 (day), β2 (week), β3 (month), and β1Q in HARQ."""
    standard_errors: Floats
    """Newey-West with 5 lags and more for a longer horizon (h - 1 at least), as forecasts overlap and errors come in clusters."""
    r_squared: float
    observations: int
    """Days regressed on."""
    horizon: int
    lowest: float
    highest: float
    average: float
    """The range of the variances it learned from, and their mean: what a forecast outside the range is replaced by."""
    conditioning: float
    """Condition number of the regressors, each scaled to length one; above 1e8 the coefficients are not to be told apart."""

    @property
    def quarticity(self) -> bool:
        """It is a HARQ fit."""
        return self.coefficients.size == 5


def fit_har(*, variances: ArrayLike, horizon: int = 1) -> HarFit:
    """HAR by least squares on all the days given; ValueError for a series that cannot be fitted."""
    series = _whole(variances, horizon, "HAR")
    return _fit(series, None, horizon)


def fit_harq(*, variances: ArrayLike, quarticities: ArrayLike, horizon: int = 1) -> HarFit:
    """HARQ by least squares; the realised quarticity stands beside each day's realised variance, in its unit squared."""
    series = _whole(variances, horizon, "HARQ")
    quarticity = _quarticities(quarticities, series.size)
    return _fit(series, quarticity, horizon)


def forecast_variances(fit: HarFit, *, variances: ArrayLike, quarticities: ArrayLike | None = None) -> Floats:
    """The fit's forecast after each day: the mean variance of the next ``horizon`` days from the days up to it; NaN in the first 21.

    A regression on variances can forecast a negative one: a forecast below all that the fit has seen becomes its mean (the "insanity
    filter" of Bollerslev, Patton and Quaedvlieg), one above all that was seen up to its day becomes the highest of that.
    """
    series = np.ascontiguousarray(variances, dtype=np.float64)
    if fit.quarticity != (quarticities is not None):
        message = "a HARQ fit needs the quarticities, a HAR fit has no use for them"
        raise ValueError(message)
    quarticity = None if quarticities is None else _quarticities(quarticities, series.size)
    found = _regressors(series, quarticity) @ fit.coefficients
    seen = np.maximum(np.fmax.accumulate(series), fit.highest)
    with np.errstate(all="ignore"):
        result: Floats = np.where(found < fit.lowest, fit.average, np.minimum(found, seen))
    return result


def har_term_structure(
    *,
    variances: ArrayLike,
    quarticities: ArrayLike | None = None,
    horizons: tuple[int, ...] = (1, 5, 10, 22, 44, 66),
    sessions_a_year: float = SESSIONS_A_YEAR,
) -> Floats:
    """The volatility a year forecast over each horizon from the last day, one regression a horizon; variances as fractions a day."""
    found = []
    for horizon in horizons:
        if quarticities is None:
            fit = fit_har(variances=variances, horizon=horizon)
        else:
            fit = fit_harq(variances=variances, quarticities=quarticities, horizon=horizon)
        found.append(float(forecast_variances(fit, variances=variances, quarticities=quarticities)[-1]))
    result: Floats = np.sqrt(np.array(found) * sessions_a_year)
    return result


def _whole(variances: ArrayLike, horizon: int, model: str) -> Floats:
    if horizon < 1:
        message = f"a forecast over {horizon} days is none: give 1 or more"
        raise ValueError(message)
    series = whole_series(variances, least=LEAST + horizon, model=model, noun="realised variances")
    if (series < 0.0).any():
        message = f"{int((series < 0.0).sum())} realised variances are negative: give squares, not returns"
        raise ValueError(message)
    return series


def _quarticities(quarticities: ArrayLike, size: int) -> Floats:
    quarticity = np.ascontiguousarray(quarticities, dtype=np.float64)
    if quarticity.shape != (size,) or not (quarticity >= 0.0).all():
        message = f"HARQ needs {size} quarticities, none missing or negative, one beside each variance"
        raise ValueError(message)
    return quarticity


def _regressors(series: Floats, quarticity: Floats | None) -> Floats:
    """1, day, week, month, and day x √RQ, a row a day; NaN where the month is not full."""
    columns = [np.ones(series.size), series, _trailing(series, WEEK), _trailing(series, MONTH)]
    if quarticity is not None:
        columns.append(series * np.sqrt(quarticity))
    return np.column_stack(columns)


def _trailing(series: Floats, days: int) -> Floats:
    """The mean of the last days, each summed anew; NaN before there are so many."""
    result = np.full(series.size, np.nan)
    if series.size >= days:
        result[days - 1 :] = np.convolve(series, np.full(days, 1.0 / days), "valid")
    return result


def _fit(series: Floats, quarticity: Floats | None, horizon: int) -> HarFit:
    last = series.size - horizon
    design = _regressors(series, quarticity)[MONTH - 1 : last]
    target = _trailing(series, horizon)[MONTH - 1 + horizon :]
    lengths = np.sqrt(np.einsum("nk,nk->k", design, design))
    lengths[lengths == 0.0] = 1.0
    q, r = np.linalg.qr(design / lengths)
    u, singular, v = np.linalg.svd(r)
    kept = singular > singular[0] * 1e-12
    inverse = np.where(kept, 1.0 / np.where(kept, singular, 1.0), 0.0)
    coefficients = (v.T * inverse) @ (u.T @ (q.T @ target)) / lengths
    residuals = target - design @ coefficients
    bread = (v.T * inverse**2) @ v / np.outer(lengths, lengths)
    total = float(np.sum((target - target.mean()) ** 2))
    return HarFit(
        coefficients=coefficients,
        standard_errors=_newey_west(design, residuals, bread, max(WEEK, horizon - 1)),
        r_squared=1.0 - float(residuals @ residuals) / total if total > 0.0 else np.nan,
        observations=target.size,
        horizon=horizon,
        lowest=float(target.min()),
        highest=float(target.max()),
        average=float(target.mean()),
        conditioning=float(singular[0] / singular[-1]) if singular[-1] > 0.0 else np.inf,
    )


def _newey_west(design: Floats, residuals: Floats, bread: Floats, lags: int) -> Floats:
    """√ of the diagonal of (X'X)⁻¹ S (X'X)⁻¹ with Bartlett weights (W. K. Newey and K. D. West, Econometrica 55 (1987), p. 703)."""
    scores = design * residuals[:, None]
    middle = scores.T @ scores
    for lag in range(1, min(lags, scores.shape[0] - 1) + 1):
        crossed = scores[lag:].T @ scores[:-lag]
        middle += (1.0 - lag / (lags + 1.0)) * (crossed + crossed.T)
    result: Floats = np.sqrt(np.maximum(np.diag(bread @ middle @ bread), 0.0))
    return result
