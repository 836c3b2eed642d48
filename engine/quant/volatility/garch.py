"""GARCH(1,1) and GJR-GARCH(1,1): fitted by maximum likelihood, with what the fit is worth, and the term structure it forecasts.

Formulas and their sources: :mod:`engine.quant.formulas.garch`. The mean is taken off before (the sample's, or none), not fitted along; for
daily returns the parameters agree with a joint fit to three digits. The variance before the first return is the exponentially weighted mean
of the first 75 squares (decay 0.94), the convention of the arch package, whose published fits of the S&P 500 are met to their last digit.
"""

import math
from enum import IntEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.formulas.garch import BETA, DECREMENT, DOWN, FIT_ROWS, LOSS, NATURAL, NU, OMEGA, ROUNDS_TAKEN, STATUS, UP
from engine.quant.volatility.jobs import ROOM
from engine.quant.volatility.realized import SESSIONS_A_YEAR
from engine.quant.volatility.series import whole_series

LEAST = 100
"""Returns below which a GARCH fit is noise; 500 and more are usual."""
BACKCAST_RETURNS = 75
BACKCAST_WEIGHTS = 0.94 ** np.arange(BACKCAST_RETURNS)
NEAR_ONE = 1e-9
"""A persistence so close to 1 is that."""
Mean = Literal["sample", "zero"]
Innovations = Literal["normal", "t"]


class FitStatus(IntEnum):
    """What a fit is worth."""

    CONVERGED = 0
    AT_EDGE = 1
    """The likelihood is highest at the edge of the domain: no reaction, no memory, persistence 1, or a t that is a normal."""
    NOT_CONVERGED = 2
    """The search stopped short of the maximum: not to be used."""


class GarchFit(NamedTuple):
    """h_t = ω + (α + γ [e_{t-1} < 0]) e²_{t-1} + β h_{t-1}, in squared returns a period."""

    omega: float
    alpha: float
    gamma: float
    """0 in GARCH; in GJR the part that only a fall adds."""
    beta: float
    degrees: float
    """Degrees of freedom ν of t innovations; infinite for normal ones."""
    mean: float
    """Taken off the returns."""
    status: FitStatus
    log_likelihood: float
    observations: int
    """Returns."""
    rounds: int
    """Newton steps tried."""
    decrement: float
    """gᵀH⁻¹g before the last step: twice the log-likelihood which that step had to gain."""
    backcast: float
    """The variance before the first return."""
    variances: Floats
    """Of each return before it was known, and last the forecast of the next one: one more than the returns."""

    @property
    def persistence(self) -> float:
        """α + γ/2 + β: what is left of a shock to the variance one period later."""
        return self.alpha + 0.5 * self.gamma + self.beta

    @property
    def half_life(self) -> float:
        """Periods until half of a shock is gone."""
        return (
            float(np.log(0.5) / np.log(self.persistence)) if 0.0 < self.persistence < 1.0 else (0.0 if self.persistence <= 0.0 else np.inf)
        )

    @property
    def long_run_variance(self) -> float:
        """ω / (1 - persistence), a period."""
        rest = 1.0 - self.persistence
        return self.omega / rest if rest > 0.0 else np.inf


def fit_garch(*, returns: ArrayLike, innovations: Innovations = "normal", mean: Mean = "sample") -> GarchFit:
    """GARCH(1,1): rises and falls count alike. Returns as fractions a period; ValueError for what cannot be fitted at all."""
    return _fit(returns, "GARCH(1,1)", innovations, mean, asymmetric=False)


def fit_gjr(*, returns: ArrayLike, innovations: Innovations = "normal", mean: Mean = "sample") -> GarchFit:
    """GJR-GARCH(1,1): a fall may add more to the variance than a rise, or less (α >= 0 and α + γ >= 0)."""
    return _fit(returns, "GJR-GARCH(1,1)", innovations, mean, asymmetric=True)


def variances_under(fit: GarchFit, *, returns: ArrayLike) -> Floats:
    """The fitted parameters run over other returns (a longer series that begins with the same ones), as :attr:`GarchFit.variances`."""
    series = np.ascontiguousarray(returns, dtype=np.float64) - fit.mean
    out = np.empty(series.size + 1)
    natural = np.array([fit.omega, fit.alpha, fit.alpha + fit.gamma, fit.beta, 0.0])
    ROOM.jobs().garch_variances(series, fit.backcast, natural, out)
    return out


def expected_variances(fit: GarchFit, *, horizons: ArrayLike) -> Floats:
    """E[h_{T+k}], k = 1 the next period: V + p^(k-1) (h_{T+1} - V), p the persistence, V the long-run variance."""
    steps = _steps(horizons)
    p, h = fit.persistence, float(fit.variances[-1])
    decayed = p ** (steps - 1.0)
    result: Floats = decayed * h + fit.omega * _geometric(p, steps - 1.0)
    return result


def term_structure(fit: GarchFit, *, horizons: ArrayLike, periods_a_year: float = SESSIONS_A_YEAR) -> Floats:
    """The volatility a year that the fit forecasts over each of the next ``horizons`` periods: √(252/n Σ E[h_{T+k}], k = 1..n).

    J. C. Hull, "Options, Futures, and Other Derivatives", 10th ed., section 23.6 (there in continuous time).
    """
    steps = _steps(horizons)
    p, h, n = fit.persistence, float(fit.variances[-1]), steps
    weight = _geometric(p, n)
    # Σ_{k<n} of ω (1 + p + ... + p^(k-1)) = ω (n - Σ p^k) / (1 - p); near p = 1 it is ω n (n-1)/2
    rest = 1.0 - p
    drift = fit.omega * (0.5 * n * (n - 1.0) if abs(rest) < NEAR_ONE else (n - weight) / rest)
    result: Floats = np.sqrt(periods_a_year * (h * weight + drift) / n)
    return result


def _geometric(p: float, n: Floats) -> Floats:
    """1 + p + ... + p^(n-1)."""
    rest = 1.0 - p
    if abs(rest) < NEAR_ONE:
        return n.copy()
    result: Floats = -np.expm1(n * np.log(p)) / rest if p > 0.0 else (1.0 - p**n) / rest  # 1 - p^n would lose the digits near p = 1
    return result


def _steps(horizons: ArrayLike) -> Floats:
    steps = np.asarray(horizons, dtype=np.float64)
    if not (steps >= 1.0).all():
        message = "a forecast reaches 1 period or more"
        raise ValueError(message)
    return steps


def _fit(returns: ArrayLike, model: str, innovations: Innovations, mean: Mean, *, asymmetric: bool) -> GarchFit:
    if innovations not in {"normal", "t"} or mean not in {"sample", "zero"}:
        message = f"innovations {innovations!r} with mean {mean!r}: choose normal or t, and sample or zero"
        raise ValueError(message)
    series = whole_series(returns, least=LEAST, model=model)
    centre = float(series.sum()) / series.size if mean == "sample" else 0.0
    scaled = series - centre
    scale = math.sqrt(float(scaled @ scaled) / series.size)
    scaled /= scale
    backcast = _backcast(scaled)
    out = np.empty(FIT_ROWS)
    jobs, student = ROOM.jobs(), innovations == "t"
    jobs.garch_fit(scaled, backcast, asymmetric, student, out)
    variances = np.empty(series.size + 1)
    jobs.garch_variances(scaled, backcast, out[:NATURAL], variances)
    square = scale * scale
    variances *= square
    return GarchFit(
        omega=float(out[OMEGA]) * square,
        alpha=float(out[UP]),
        gamma=float(out[DOWN] - out[UP]),
        beta=float(out[BETA]),
        degrees=float(out[NU]) if student else np.inf,
        mean=centre,
        status=FitStatus(int(out[STATUS])),
        log_likelihood=-float(out[LOSS]) - series.size * math.log(scale),
        observations=series.size,
        rounds=int(out[ROUNDS_TAKEN]),
        decrement=float(out[DECREMENT]),
        backcast=backcast * square,
        variances=variances,
    )


def _backcast(series: Floats) -> float:
    weights = BACKCAST_WEIGHTS[: series.size]
    return float(weights @ series[: weights.size] ** 2 / weights.sum())
