import numpy as np

from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS, MINUTE_NS, SECOND_NS
from engine.domain.market import BarBatch, FeedCondition, FeedState, VolatilityHistory
from engine.services.market.session_ends import SessionEnds
from engine.state.priced import ThirtyDays
from tests.kit.market import NAN, NOON, OPEN, bars, listing, quotes, series_of, volatility
from tests.kit.market_room import MarketRoom, turn_to

SPY = Symbol("SPY")
CLOSE = OPEN + int(6.5 * 3_600) * SECOND_NS
MIDNIGHT = OPEN - OPEN % DAY_NS


def room_before_the_close(
    *, iv: float = 0.22, state: FeedState = FeedState.LIVE
) -> tuple[MarketRoom, SessionEnds, list[BarBatch | VolatilityHistory]]:
    room = MarketRoom(at=NOON)
    room.emit(listing(series_of("SPY")), FeedCondition(at=NOON, state=state))
    for minute, price in enumerate((100.0, 104.0, 102.0)):
        room.emit(quotes([0], price - 0.01, price + 0.01, at=OPEN + minute * MINUTE_NS))
    room.state.priced.thirty[SPY] = ThirtyDays(as_of=CLOSE - SECOND_NS, iv=iv, risk_reversal_25=-0.03, butterfly_25=0.01)
    kept: list[BarBatch | VolatilityHistory] = []
    ends = SessionEnds(state=room.state, clock=room.clock, remember=kept.append)
    ends.look()
    return room, ends, kept


def test_as_a_session_ends_its_bar_and_its_volatility_are_remembered_once() -> None:
    room, ends, kept = room_before_the_close()
    assert kept == []
    turn_to(room.clock, CLOSE + SECOND_NS)
    ends.look()
    ends.look()
    told, bar = kept
    assert isinstance(told, VolatilityHistory)
    assert isinstance(bar, BarBatch)
    assert (told.day[0], told.atm_iv[0]) == (MIDNIGHT, 0.22)
    assert (bar.seconds, bar.start[0]) == (86_400, MIDNIGHT)
    assert np.round([bar.open[0], bar.high[0], bar.low[0], bar.close[0]], 6).tolist() == [100.0, 104.0, 100.0, 102.0]
    assert room.state.history.volatility(SPY).atm_iv.tolist() == [0.22]
    assert room.state.bars.days(SPY).size == 1


def test_what_the_feed_told_of_the_day_stands() -> None:
    room, ends, kept = room_before_the_close()
    room.emit(volatility("SPY", [0.3], last_day=MIDNIGHT + DAY_NS), bars("SPY", [MIDNIGHT], [50.0], seconds=86_400))
    turn_to(room.clock, CLOSE + SECOND_NS)
    ends.look()
    assert kept == []
    assert room.state.history.volatility(SPY).atm_iv.tolist() == [0.3]


def test_an_unknown_volatility_is_not_remembered_and_the_bar_is() -> None:
    room, ends, kept = room_before_the_close(iv=NAN)
    turn_to(room.clock, CLOSE + SECOND_NS)
    ends.look()
    assert [type(told) for told in kept] == [BarBatch]


def test_a_market_that_stands_still_or_is_not_believed_ends_no_session() -> None:
    for state in (FeedState.FROZEN, FeedState.DEGRADED, FeedState.DISCONNECTED):
        room, ends, kept = room_before_the_close(state=state)
        turn_to(room.clock, CLOSE + SECOND_NS)
        ends.look()
        assert kept == []
