"""Where a print met the quote in force, and what that says of its aggressor."""

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Floats
from engine.domain.flow import Place
from engine.domain.market import Side

HALF_TICK = 1e-9
_SIDES = np.array([Side.UNKNOWN, Side.SELL, Side.SELL, Side.UNKNOWN, Side.BUY, Side.BUY], dtype=np.int8)
"""By place."""


def places_of(*, price: Floats, bid: Floats, ask: Floats) -> Bytes:
    """The :class:`Place` of each print; a crossed quote says nothing, a one-sided one only what it can."""
    with np.errstate(invalid="ignore"):
        has_bid, has_ask = bid > 0.0, ask > 0.0
        usable = np.isfinite(price) & ~(has_bid & has_ask & (bid > ask))
        conditions: list[NDArray[np.bool_]] = [
            ~usable,
            has_ask & (price > ask + HALF_TICK),
            has_bid & (price < bid - HALF_TICK),
            has_bid & has_ask & (bid == ask),
            has_ask & (price >= ask - HALF_TICK),
            has_bid & (price <= bid + HALF_TICK),
            has_bid & has_ask,
        ]
    choices = [Place.UNKNOWN, Place.ABOVE, Place.BELOW, Place.MID, Place.ASK, Place.BID, Place.MID]
    return np.select(conditions, [np.int8(choice) for choice in choices], np.int8(Place.UNKNOWN)).astype(np.int8)


def inferred_sides(places: Bytes) -> Bytes:
    """The likely aggressor: at the ask or above a buyer, at the bid or below a seller, else nobody knows."""
    return _SIDES[places]
