"""What a quote is worth by itself: its mid where it has one, and what is wrong with it where something is."""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Flags, Floats
from engine.quant.codes import QuoteVerdict

WIDE_SHARE = 0.25
"""A spread of more than this part of the mid is wide ..."""
WIDE_TICKS = 4.0
"""... unless it is no more than so many ticks: a 0.05 x 0.20 wing is not wide, it is small."""


_NO_BID, _NO_ASK, _LOCKED = (np.uint8(flag) for flag in (QuoteVerdict.NO_BID, QuoteVerdict.NO_ASK, QuoteVerdict.LOCKED))
_CROSSED, _WIDE, _MALFORMED = (np.uint8(flag) for flag in (QuoteVerdict.CROSSED, QuoteVerdict.WIDE, QuoteVerdict.MALFORMED))


class JudgedQuotes(NamedTuple):
    """Quotes without their zeros and nonsense; NaN is "none"."""

    bids: Floats
    asks: Floats
    mids: Floats
    """(bid + ask) / 2 of two-sided, uncrossed quotes."""
    spreads: Floats
    """ask - bid of the same."""
    verdicts: Flags
    """:class:`engine.quant.codes.QuoteVerdict` bits."""


def judge(*, bids: Floats, asks: Floats, ticks: Floats) -> JudgedQuotes:
    """Judge quotes one by one: a zero or missing price is no price, a negative or infinite one is malformed and no price either."""
    malformed = (bids < 0.0) | (asks < 0.0) | np.isinf(bids) | np.isinf(asks)
    has_bid = (bids > 0.0) & (bids < np.inf)
    has_ask = (asks > 0.0) & (asks < np.inf)
    bids = np.where(has_bid, bids, np.nan)
    asks = np.where(has_ask, asks, np.nan)
    good = (bids <= asks) & ~malformed
    spreads = np.where(good, asks - bids, np.nan)
    mids = np.where(good, 0.5 * bids + 0.5 * asks, np.nan)  # halves, as the sum of two prices may be no number any more
    wide = (spreads > WIDE_SHARE * mids) & (spreads / WIDE_TICKS > ticks)
    verdicts = (
        _NO_BID * ~has_bid
        + _NO_ASK * ~has_ask
        + _LOCKED * (bids == asks)
        + _CROSSED * (bids > asks)
        + _WIDE * wide
        + _MALFORMED * malformed
    ).astype(np.uint8)
    return JudgedQuotes(bids, asks, mids, spreads, verdicts)
