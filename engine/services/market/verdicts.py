"""What is wrong with a quote by itself, for a whole batch at once: nothing is thrown away silently and nothing false gets a middle."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Flags, Floats, Longs
from engine.domain.instants import SECOND_NS
from engine.domain.market import Verdict

WIDE_OPTION = 0.5
"""An option is wide where its spread is more than half of its middle, and more than ten price steps."""
WIDE_SECURITY = 0.01
"""A security is wide where its spread is more than a hundredth of its middle, and more than ten price steps."""
WIDE_STEPS = 10.0
FUTURE_NS = 60 * SECOND_NS
"""A venue's clock may run this far ahead of the batch; a time beyond it is nonsense and the batch's own time is taken."""


class Judged(NamedTuple):
    """A batch of quotes after the look: unusable numbers are NaN, and each row says what is wrong with it."""

    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    verdict: Flags


def judge(*, bid: Floats, ask: Floats, bid_size: Floats, ask_size: Floats, tick: Floats, option: NDArray[np.bool_]) -> Judged:
    """Verdicts on quotes; a negative or infinite number is taken out and its row called malformed."""
    bad_bid = np.isinf(bid) | (bid < 0.0)
    bad_ask = np.isinf(ask) | (ask < 0.0)
    bad_size = np.isinf(bid_size) | (bid_size < 0.0) | np.isinf(ask_size) | (ask_size < 0.0)
    malformed = bad_bid | bad_ask | bad_size
    if malformed.any():
        bid = np.where(bad_bid, np.nan, bid)
        ask = np.where(bad_ask, np.nan, ask)
        bid_size = np.where(bad_size, np.nan, bid_size)
        ask_size = np.where(bad_size, np.nan, ask_size)
    has_bid = bid > 0.0
    has_ask = ask > 0.0
    both = has_bid & has_ask
    spread = ask - bid
    allowed = np.maximum(np.where(option, WIDE_OPTION, WIDE_SECURITY) * 0.5 * (bid + ask), WIDE_STEPS * tick)
    verdict = (
        np.where(has_bid, 0, Verdict.NO_BID)
        | np.where(has_ask, 0, Verdict.NO_ASK)
        | np.where(both & (spread == 0.0), Verdict.LOCKED, 0)
        | np.where(both & (spread < 0.0), Verdict.CROSSED, 0)
        | np.where(both & (spread > allowed), Verdict.WIDE, 0)
        | np.where(malformed, Verdict.MALFORMED, 0)
    )
    return Judged(bid, ask, bid_size, ask_size, verdict.astype(np.uint8))


def market_times(event_at: Longs, at: int) -> Longs:
    """The venue's own times, and the batch's where a row says none or says one from the future."""
    return np.where((event_at <= 0) | (event_at > at + FUTURE_NS), at, event_at)
