"""Put-call parity of one expiry as it lies on the table: forward, rate, their standard errors, and how far each pair is from the line."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.chain.quotes import judge
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import ForwardSource
from engine.quant.curves.forwards import Expiries, fit_forwards
from engine.quant.meant import require_fractions

NAN = float("nan")


class ParityFit(NamedTuple):
    """One expiry's line C - P = D (F - K); NaN is unknown."""

    forward: float
    forward_error: float
    """Standard error, by the quotes' spreads and scatter."""
    rate: float
    rate_error: float
    discount: float
    source: ForwardSource
    pairs: int
    """How many pairs the line went by."""
    residual: float
    """Their median distance from it, in price."""
    residuals: Floats
    """Of every strike: (C - P) - D (F - K) in price, coin for coin-settled ones; NaN where it is not quoted on both sides."""
    deviations: Floats
    """The same over a quarter of the pair's two spreads, which is how far a mid may be off: beyond 3 or so a quote is wrong."""


def parity_fit(
    *,
    strikes: ArrayLike,
    bid: ArrayLike,
    ask: ArrayLike,
    years: float,
    spot: float = NAN,
    rate_hint: float = NAN,
    yield_hint: float = NAN,
    inverse: bool = False,
    american: bool = False,
    tick: float = 0.01,
) -> ParityFit:
    """The fit of :mod:`engine.quant.curves.forwards` for rising strikes and quotes in two rows, calls and puts.

    >>> bid, ask = [[12.0, 5.0, 1.6], [0.9, 3.8, 10.1]], [[12.1, 5.1, 1.7], [1.0, 3.9, 10.2]]
    >>> found = parity_fit(strikes=[90, 100, 110], bid=bid, ask=ask, years=0.25, rate_hint=0.04)
    >>> round(found.forward, 2), found.pairs, found.residuals.round(2).tolist()
    (101.26, 3, [-0.0, -0.04, 0.11])
    """
    require_fractions(years=years, rates=rate_hint, yields=yield_hint)
    K = np.asarray(strikes, dtype=np.float64)
    bids, asks = (np.asarray(values, dtype=np.float64) for values in (bid, ask))
    if K.ndim != 1 or bids.shape != (2, K.size) or asks.shape != (2, K.size) or (np.diff(K) <= 0.0).any():
        message = f"parity needs rising strikes and a row of calls and one of puts: {K.shape} strikes, {bids.shape} bids, {asks.shape} asks"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        quotes = judge(bids=bids, asks=asks, ticks=np.full(bids.shape, tick))
        expiry = Expiries(*(np.array([value]) for value in (spot, years, rate_hint, yield_hint, inverse, american, tick)))
        fit = fit_forwards(
            strikes=K,
            call_mids=quotes.mids[0],
            put_mids=quotes.mids[1],
            call_spreads=quotes.spreads[0],
            put_spreads=quotes.spreads[1],
            segments=of_sizes(np.array([K.size])),
            expiries=expiry,
        )
        forward, discount = float(fit.forwards[0]), float(fit.discounts[0])
        line = 1.0 - K / forward if inverse else discount * (forward - K)
        residuals = quotes.mids[0] - quotes.mids[1] - line
        deviations = residuals / (0.25 * np.maximum(quotes.spreads[0] + quotes.spreads[1], tick))
    return ParityFit(
        forward=forward,
        forward_error=float(fit.errors[0]),
        rate=float(fit.rates[0]),
        rate_error=float(fit.rate_errors[0]),
        discount=discount,
        source=ForwardSource(int(fit.sources[0])),
        pairs=int(fit.pairs[0]),
        residual=float(fit.residuals[0]),
        residuals=residuals,
        deviations=deviations,
    )
