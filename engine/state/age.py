"""Which quotes are old: one that is silent where its neighbours speak, or all of them where the feed does not."""

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Ints, Longs
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedState
from engine.state.condition import FeedHealth
from engine.state.market import Market

LEAST_SECONDS = 60.0
"""A contract may be without a new quote this long while its name is quoted; far strikes move seldom."""
MOVING = frozenset({FeedState.LIVE, FeedState.DELAYED, FeedState.DEGRADED})


def stale_rows(market: Market, health: FeedHealth, symbol: int | Ints, rows: Longs) -> NDArray[np.bool_]:
    """True at quotes not to be believed for their age, by market time; a row never quoted is not old but absent.

    ``symbol`` is the dense number of the rows' underlying, or one a row.
    """
    quoted = market.quoted_at[rows]
    known = (quoted > 0) & (rows >= 0)
    if health.stale:
        return known
    if health.state not in MOVING:
        return np.zeros(rows.shape, dtype=np.bool_)
    limit = max(LEAST_SECONDS, 3.0 * health.expected_gap) * max(1.0, health.speed)
    oldest = market.symbol_quoted_at[symbol] - int(limit * SECOND_NS)
    return known & (quoted < oldest)
