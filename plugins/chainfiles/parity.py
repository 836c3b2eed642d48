"""The underlying's price by put-call parity: what a chain itself says of its spot."""

from datetime import date
from math import nan

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from engine.domain.instruments import OptionSeries
from plugins.chainfiles.model import Contracts

_PAIRS = 7
"""Strikes around the money that are used."""
_FEWEST = 3


class ParitySpot(Struct, frozen=True, kw_only=True):
    """What one expiry says of the spot."""

    price: float
    expiry: date
    settles_at: UtcNanos


def parity_spot(series: tuple[OptionSeries, ...], contracts: Contracts, at: UtcNanos) -> ParitySpot | None:
    """Median of C - P + K over the pairs nearest the money of the first expiry still alive; None where no expiry has three of them.

    It is the forward, discounting left out: of the nearest expiry that is the spot but for a few days of carry.
    """
    mid = _mids(contracts)
    alive = sorted((entry.settles_at, index) for index, entry in enumerate(series) if entry.settles_at > at)
    for settles_at, index in alive:
        inside = contracts.series == index
        calls = _by_strike(contracts, mid, inside & (contracts.right > 0))
        puts = _by_strike(contracts, mid, inside & (contracts.right < 0))
        pairs = sorted((abs(calls[strike] - puts[strike]), strike) for strike in calls.keys() & puts.keys())[:_PAIRS]
        price = float(np.median([calls[strike] - puts[strike] + strike for _, strike in pairs])) if len(pairs) >= _FEWEST else nan
        if price > 0:
            return ParitySpot(price=price, expiry=series[index].expiry, settles_at=settles_at)
    return None


def _mids(contracts: Contracts) -> Floats:
    two_sided = (contracts.bid > 0) & (contracts.ask >= contracts.bid)
    return np.where(two_sided, (contracts.bid + contracts.ask) / 2, nan)


def _by_strike(contracts: Contracts, mid: Floats, chosen: NDArray[np.bool_]) -> dict[float, float]:
    chosen = chosen & ~np.isnan(mid)
    return dict(zip(contracts.strike[chosen].tolist(), mid[chosen].tolist(), strict=True))
