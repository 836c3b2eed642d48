"""Coordinates that are read from the state: what is known, and what is not."""

from math import isnan

import pytest

from engine.domain.ids import Symbol
from engine.domain.measures import parse_measure
from engine.services.volatility.coordinates import Coordinates
from tests.kit.market import listing, quotes, series_of, summaries
from tests.kit.market_room import MarketRoom

AAPL, RATIO = Symbol("AAPL"), parse_measure("pcr:oi")
CALL, PUT = 1, 2


@pytest.fixture
def room() -> MarketRoom:
    room = MarketRoom()
    room.emit(listing(series_of("AAPL")), quotes([0, CALL, PUT], 2.0, 2.2))
    return room


@pytest.mark.parametrize("told", [(), (CALL,), (PUT,)])
def test_puts_over_calls_is_unknown_where_one_side_was_not_told(room: MarketRoom, told: tuple[int, ...]) -> None:
    if told:
        room.emit(summaries([*told], open_interest=500.0))
    assert isnan(Coordinates(room.state).value(AAPL, RATIO))


def test_puts_over_calls_is_of_what_was_told(room: MarketRoom) -> None:
    room.emit(summaries([CALL, PUT], open_interest=[500.0, 250.0]))
    assert Coordinates(room.state).value(AAPL, RATIO) == 0.5
    room.emit(summaries([PUT], open_interest=[0.0]))
    assert Coordinates(room.state).value(AAPL, RATIO) == 0.0
