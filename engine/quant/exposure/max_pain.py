"""Max pain: the settlement at which the open interest of an expiry would be worth least."""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.chain.segments import Segments, of_sizes, picked


def max_pain(*, strikes: Floats, call_open_interest: Floats, put_open_interest: Floats) -> float:
    """The strike where the holders of one series get least (the lower of equals); NaN without open interest.

    >>> max_pain(strikes=np.array([90.0, 100.0, 110.0]), call_open_interest=np.array([5.0, 9.0, 30.0]),
    ...          put_open_interest=np.array([20.0, 10.0, 1.0]))
    100.0
    """
    segments = of_sizes(np.array([strikes.size]))
    return float(
        max_pains(strikes=strikes, call_open_interest=call_open_interest, put_open_interest=put_open_interest, segments=segments)[0]
    )


def max_pains(*, strikes: Floats, call_open_interest: Floats, put_open_interest: Floats, segments: Segments) -> Floats:
    """The same of many series in flat arrays of rising strikes. Unknown interest counts as none, which vendors leave out alike."""
    calls, puts = (np.where(np.isfinite(side), side, 0.0) for side in (call_open_interest, put_open_interest))
    with np.errstate(all="ignore"):
        below = _running(calls, segments)
        call_value = strikes * below - _running(calls * strikes, segments)
        put_total = np.bincount(segments.owner, weights=puts, minlength=segments.pieces)[segments.owner]
        put_money = np.bincount(segments.owner, weights=puts * strikes, minlength=segments.pieces)[segments.owner]
        put_value = (put_money - _running(puts * strikes, segments)) - strikes * (put_total - _running(puts, segments))
    at = segments.lowest(call_value + put_value)
    anybody = np.bincount(segments.owner, weights=calls + puts, minlength=segments.pieces) > 0.0
    return np.where(anybody, picked(strikes, at), np.nan)


def _running(values: Floats, segments: Segments) -> Floats:
    """Sums from each piece's start up to and with each position."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    result: Floats = total[1:] - total[segments.starts[segments.owner]]
    return result
