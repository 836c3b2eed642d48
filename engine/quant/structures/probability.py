"""How likely a structure ends with a profit, under a distribution of the underlying at its first expiry."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.smiles.density import probabilities_above
from engine.quant.smiles.svi import Smile
from engine.quant.special import normal_cdf
from engine.quant.structures.extremes import TINY

Distribution = Callable[[Floats], Floats]
"""P(S ≤ x) at the first expiry."""


class Outcome(NamedTuple):
    """Probabilities under the distribution that was given, risk-neutral where it comes from option prices."""

    profit: float
    """Probability of a profit above nothing."""
    intervals: list[tuple[float, float]]
    """Where the profit is: from, to; the last may end at infinity."""


def probability_of_profit(*, breakevens: Floats, profits: Callable[[Floats], Floats], distribution: Distribution) -> Outcome:
    """From the breakevens of :func:`engine.quant.structures.extremes.extremes` and the profit at the same date."""
    edges = np.concatenate([[0.0], breakevens[breakevens > 0.0], [np.inf]])
    last = edges[-2]
    inside = np.concatenate([0.5 * (edges[:-2] + edges[1:-1]), [2.0 * last if last > 0.0 else 1.0]])
    won = np.atleast_1d(profits(inside))
    wins = won > TINY * max(float(np.abs(won).max()), 1.0)  # a stretch of nothing is no profit, whatever its rounding
    below = np.concatenate([[0.0], distribution(edges[1:-1]), [1.0]])
    intervals: list[tuple[float, float]] = []
    for low, high, win in zip(edges[:-1], edges[1:], wins, strict=True):
        if win and intervals and intervals[-1][1] == low:
            intervals[-1] = (intervals[-1][0], float(high))
        elif win:
            intervals.append((float(low), float(high)))
    return Outcome(float(np.sum(np.diff(below)[wins])), intervals)


def fitted(*, forward: float, smile: Callable[[Floats], Smile]) -> Distribution:
    """The distribution that a fitted smile implies (:mod:`engine.quant.smiles.density`); ``smile`` gives total variance at ln(K/F).

    It is a distribution where the smile has no butterfly arbitrage; with one it falls somewhere, and so do probabilities made of it.
    """

    def distribution(spots: Floats) -> Floats:
        at = np.asarray(spots, dtype=np.float64)
        with np.errstate(all="ignore"):
            k = np.log(np.where(at > 0.0, at, forward) / forward)
            below = 1.0 - probabilities_above(log_moneyness=k, smile=smile(k))
        return np.where(np.isnan(at), np.nan, np.where(at > 0.0, np.where(at < np.inf, below, 1.0), 0.0))

    return distribution


def lognormal(*, forward: float, vol: float, years: float) -> Distribution:
    """Black's distribution: N((ln(x/F) + σ²T/2)/(σ√T)); for want of a fitted smile, and to be labelled so.

    With no time or volatility left all of it stands at the forward.
    """
    deviation = vol * np.sqrt(years)

    def distribution(spots: Floats) -> Floats:
        at = np.asarray(spots, dtype=np.float64)
        if deviation == 0.0:
            return np.where(np.isnan(at), np.nan, np.where(at >= forward, 1.0, 0.0))
        with np.errstate(divide="ignore"):
            return normal_cdf(np.log(at / forward) / deviation + 0.5 * deviation)

    return distribution
