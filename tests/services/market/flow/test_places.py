"""Where a print met its quote."""

import numpy as np
import pytest

from engine.domain.flow import Place
from engine.domain.market import Side
from engine.services.market.flow.places import inferred_sides, places_of

NAN = float("nan")


@pytest.mark.parametrize(
    ("price", "bid", "ask", "place", "side"),
    [
        (1.10, 1.00, 1.10, Place.ASK, Side.BUY),
        (1.15, 1.00, 1.10, Place.ABOVE, Side.BUY),
        (1.00, 1.00, 1.10, Place.BID, Side.SELL),
        (0.95, 1.00, 1.10, Place.BELOW, Side.SELL),
        (1.05, 1.00, 1.10, Place.MID, Side.UNKNOWN),
        (1.00, 1.00, 1.00, Place.MID, Side.UNKNOWN),
        (1.05, 1.10, 1.00, Place.UNKNOWN, Side.UNKNOWN),
        (1.05, NAN, NAN, Place.UNKNOWN, Side.UNKNOWN),
        (1.05, NAN, 1.10, Place.UNKNOWN, Side.UNKNOWN),
        (1.10, NAN, 1.10, Place.ASK, Side.BUY),
        (0.90, 1.00, NAN, Place.BELOW, Side.SELL),
        (NAN, 1.00, 1.10, Place.UNKNOWN, Side.UNKNOWN),
    ],
    ids=[
        "ask",
        "above",
        "bid",
        "below",
        "mid",
        "locked",
        "crossed",
        "no quote",
        "half open",
        "half open at ask",
        "half open below",
        "no price",
    ],
)
def test_a_print_is_placed_by_the_quote_in_force(price: float, bid: float, ask: float, place: Place, side: Side) -> None:
    found = places_of(price=np.array([price]), bid=np.array([bid]), ask=np.array([ask]))
    assert found.tolist() == [place]
    assert inferred_sides(found).tolist() == [side]


def test_a_rounding_of_the_price_moves_it_to_no_other_place() -> None:
    assert places_of(price=np.array([0.1 + 0.2]), bid=np.array([0.2]), ask=np.array([0.3])).tolist() == [Place.ASK]
