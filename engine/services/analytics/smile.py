"""The quotes of one series as a fit takes them."""

from typing import NamedTuple

from engine.domain.chain import SeriesSummary
from engine.domain.columns import Flags, Floats


class Smile(NamedTuple):
    """What a fit needs of a series, which is less than a chain shows: no Greeks, which are most of the work of American options.

    The volatilities of their bids and asks are those with the premium of the mid. Names and shapes are those of :class:`ChainSlice`.
    """

    summary: SeriesSummary
    strikes: Floats
    contract: tuple[str, ...]
    bid: Floats
    ask: Floats
    verdict: Flags
    iv: Floats
    iv_bid: Floats
    iv_ask: Floats
    greek_iv: Floats
    """(strikes,): the volatility that call and put of a strike share, that of the one out of the money where it has one."""
