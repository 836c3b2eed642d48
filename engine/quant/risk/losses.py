"""Value at risk and expected shortfall, from profits in many scenarios, each with how uncertain it is.

VaR at level c is the loss that is not exceeded with probability c; expected shortfall is the mean of the losses beyond it. Both are
positive for a loss. The estimate is the order statistic, its interval from the binomial law of ranks (P. Jorion, "Value at Risk", 3rd ed.
(2007)); the shortfall averages the tail's worst (1-c) n scenarios, the last of them in part (C. Acerbi, D. Tasche, "On the
coherence of expected shortfall", Journal of Banking & Finance 26 (2002), p. 1487, def. 2.6).
"""

import math
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.special import TWO_SIDED_95

FEWEST = 100


class Method(StrEnum):
    """How the profits were found; it stands beside every figure that is made of them."""

    FULL = "full revaluation"
    """Every contract priced anew in every scenario."""
    GRID = "P&L grid"
    """Every contract priced anew on a grid, the scenarios read between its nodes (:mod:`engine.quant.risk.slide`)."""
    ESTIMATE = "delta-gamma-vega estimate"
    """Today's Greeks alone, by :func:`estimated_profits`: wrong in the tails of books that are short options."""


class Losses(NamedTuple):
    """One level's figures, in the currency of the profits; NaN where there are too few scenarios."""

    method: Method
    level: float
    value_at_risk: float
    low: float
    high: float
    """Between which the true VaR lies with 95 %, if the scenarios are drawn fairly."""
    expected_shortfall: float
    worst: float
    """The largest loss of all."""
    scenarios: int


def losses(profits: Floats, *, method: Method, level: float = 0.99) -> Losses:
    """Of equally likely scenarios. ValueError for an unknown profit, which would hide from the tail, or a level outside (0.5, 1)."""
    if not 0.5 < level < 1.0:
        message = f"a level lies between 0.5 and 1, such as 0.99; {level:g} was given"
        raise ValueError(message)
    if profits.ndim != 1:
        message = f"scenarios are one column of profits, not an array of shape {profits.shape}"
        raise ValueError(message)
    count = profits.size
    if np.isnan(profits).any():
        message = f"{int(np.isnan(profits).sum())} of {count} scenarios have no known profit: price them or leave their positions out"
        raise ValueError(message)
    tail = (1.0 - level) * count
    if count < FEWEST or tail < 1.0:
        return Losses(method, level, math.nan, math.nan, math.nan, math.nan, math.nan, count)
    beyond = min(math.ceil(tail + 4.0 * math.sqrt(tail)) + 1, count)
    lost = -np.sort(np.partition(profits, beyond - 1)[:beyond])  # the largest losses, falling
    whole = math.floor(tail + 1e-9)
    part = max(tail - whole, 0.0)
    with np.errstate(all="ignore"):
        shortfall = (lost[:whole].sum() + (part * lost[whole] if part > 1e-9 else 0.0)) / tail
    spread = TWO_SIDED_95 * math.sqrt(tail * level)
    deeper, nearer = (min(max(math.floor(rank), 0), beyond - 1) for rank in (tail - spread, tail + spread))
    at = min(max(math.ceil(tail - 1e-9) - 1, 0), beyond - 1)
    return Losses(method, level, float(lost[at]), float(lost[nearer]), float(lost[deeper]), float(shortfall), float(lost[0]), count)


class Sensitivities(NamedTuple):
    """Of a book of one underlying, in model units."""

    delta: float
    gamma: float
    vega: float
    theta: float
    vanna: float = 0.0
    volga: float = 0.0


def estimated_profits(*, of: Sensitivities, spot: float, log_returns: Floats, vol_moves: Floats, elapsed: float = 0.0) -> Floats:
    """The second-order estimate Δ dS + ½ Γ dS² + ν dσ + vanna dS dσ + ½ volga dσ² + Θ dt; ``vol_moves`` in fractions, 0.01 is a point.

    Quick, and wrong where it matters: with short options the worst scenarios are off by a third and more. It is :attr:`Method.ESTIMATE`.
    """
    move = spot * np.expm1(log_returns)
    estimate: Floats = (
        of.delta * move
        + 0.5 * of.gamma * move * move
        + of.vega * vol_moves
        + of.vanna * move * vol_moves
        + 0.5 * of.volga * vol_moves * vol_moves
        + of.theta * elapsed
    )
    return estimate
