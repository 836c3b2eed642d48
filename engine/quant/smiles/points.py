"""The few numbers that stand for a smile: at the money, and the 25-delta wings.

Conventions: at the money is at the forward, from total variance linear in ln K between the neighbouring strikes. The wings are taken in
delta N(d1), each strike at its own volatility, linear in delta: the call at N(d1) = 0.25, the put at N(d1) = 0.75, so that call and put of
50 delta share a strike. RR25 = σ(call) - σ(put), BF25 = (σ(call) + σ(put)) / 2 - σ(ATM): negative RR is the equity market's usual skew.
"""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats, Indices
from engine.quant.chain.segments import Segments
from engine.quant.special import normal_cdf

WING = 0.25


class SmilePoints(NamedTuple):
    """A number a series, fractions a year; NaN where the quoted strikes do not reach."""

    atm: Floats
    call_25: Floats
    put_25: Floats
    risk_reversal_25: Floats
    butterfly_25: Floats


@np.errstate(all="ignore")
def smile_points(*, strikes: Floats, vols: Floats, segments: Segments, forwards: Floats, years: Floats) -> SmilePoints:
    """Of many series in flat arrays: rising strikes, each with one good volatility; forwards and years are a number a series."""
    if strikes.size < 2:
        nothing = np.full(segments.pieces, np.nan)
        return SmilePoints(nothing, nothing, nothing, nothing, nothing)
    owner = segments.owner
    F = forwards[owner]
    s = vols * np.sqrt(years[owner])
    log_moneyness = np.log(strikes / F)
    delta = normal_cdf(-log_moneyness / s + 0.5 * s)
    joined = owner[:-1] == owner[1:]
    cut = segments._replace(owner=owner[:-1])  # a position stands for the gap between it and the next

    at = cut.first(joined & (log_moneyness[:-1] <= 0.0) & (log_moneyness[1:] >= 0.0))
    atm = np.sqrt(_between(log_moneyness, vols * vols, at, 0.0))
    at = cut.first(joined & (delta[:-1] >= WING) & (delta[1:] <= WING) & (log_moneyness[1:] > 0.0))
    call = _between(delta, vols, at, WING)
    at = cut.last(joined & (delta[:-1] >= 1.0 - WING) & (delta[1:] <= 1.0 - WING) & (log_moneyness[:-1] < 0.0))
    put = _between(delta, vols, at, 1.0 - WING)
    return SmilePoints(atm, call, put, call - put, 0.5 * (call + put) - atm)


def _between(x: Floats, y: Floats, at: Indices, target: float) -> Floats:
    """Value of y where x is ``target``, linear between positions ``at`` and ``at`` + 1; NaN where ``at`` is -1."""
    before = np.maximum(at, 0)
    after = before + 1  # there is one: a position is that of a gap
    x0, x1, y0, y1 = x[before], x[after], y[before], y[after]
    flat = x1 == x0
    weight = np.where(flat, 0.0, (target - x0) / np.where(flat, 1.0, x1 - x0))
    result: Floats = np.where(at >= 0, y0 + weight * (y1 - y0), np.nan)
    return result
