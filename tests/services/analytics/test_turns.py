from datetime import date

from engine.domain.ids import Symbol
from engine.domain.market import FeedCondition, FeedState
from engine.services.analytics import turns as turns_module
from engine.services.analytics.turns import Turns
from tests.kit.market import DECEMBER, MONDAY, NOON, listing, quotes, series_of
from tests.kit.market_room import MarketRoom

LATER = date(2027, 1, 15)


def room_of_names() -> tuple[MarketRoom, Turns]:
    room = MarketRoom()
    chain = [series_of("SPXW", day) for day in (MONDAY, DECEMBER, date(2026, 12, 24), LATER)]
    names = (listing(*chain), listing(series_of("SPY", MONDAY), symbols=("VIX",), first=500))
    room.emit(*names, *(quotes(listed.handle, 1.0, 1.1) for listed in names))
    return room, Turns(state=room.state, clock=room.clock)


def move(room: MarketRoom) -> None:
    """Something somewhere changes: a market that stands still has no turns."""
    room.emit(quotes([0], 6_000.0, 6_000.1, at=int(room.clock.now())))


def told(turns: Turns, *watched: str) -> list[tuple[str, int, bool]]:
    due = turns.due(watched)
    for turn in due:
        turns.done(turn)
    return [(turn.symbol, len(turn.ladders), turn.complete) for turn in due]


def test_every_name_with_options_has_its_turn_at_once() -> None:
    _, turns = room_of_names()
    assert told(turns) == [("SPX", 4, True), ("SPY", 1, True)]
    assert told(turns) == []


def test_a_watched_name_has_all_its_expiries_each_second_the_others_only_those_next_to_thirty_days() -> None:
    room, turns = room_of_names()
    told(turns, "SPX")
    room.clock.pass_time(1.0)
    move(room)
    assert told(turns, "SPX") == [("SPX", 4, True)]
    room.clock.pass_time(2.0)
    move(room)
    assert ("SPY", 1, False) in told(turns, "SPX")
    room.clock.pass_time(1.0)
    move(room)
    told(turns)
    room.clock.pass_time(3.0)
    move(room)
    assert ("SPX", 2, False) in told(turns)


def test_the_expiries_next_to_thirty_days_are_the_one_before_and_the_one_after() -> None:
    _, turns = room_of_names()
    dates = [ladder.series.expiry for ladder in turns.around_thirty_days(Symbol("SPX")).ladders]
    assert dates == [DECEMBER, date(2026, 12, 24)]


def test_the_longest_overdue_comes_first_and_a_tick_is_not_overfilled(monkeypatch) -> None:
    monkeypatch.setattr(turns_module, "CONTRACTS_A_TICK", 10)
    room, turns = room_of_names()
    assert told(turns) == [("SPX", 4, True)]
    assert told(turns) == [("SPY", 1, True)]
    room.clock.pass_time(15.0)
    move(room)
    assert told(turns)[0][0] == "SPX"
    assert turns.age(Symbol("SPY")) == 15.0


def test_a_market_that_stands_still_is_not_priced_again_until_its_state_changes() -> None:
    room, turns = room_of_names()
    told(turns)
    room.clock.pass_time(60.0)
    assert told(turns, "SPX") == []
    room.emit(FeedCondition(at=NOON, state=FeedState.FROZEN))
    assert [name for name, _, _ in told(turns, "SPX")] == ["SPX", "SPY"]


def test_a_look_at_everything_waits_until_everything_was_quoted_once_but_not_for_ever() -> None:
    room, turns = room_of_names()
    room.emit(listing(series_of("QQQ", MONDAY), series_of("QQQ", LATER), first=900))
    room.emit(quotes([900, 901, 902], 1.0, 1.1))
    assert ("QQQ", 2, False) in told(turns)
    room.clock.pass_time(5.0)
    move(room)
    assert ("QQQ", 2, True) in told(turns)


def test_a_volatility_somebody_waits_for_is_looked_for_more_often() -> None:
    room, turns = room_of_names()
    told(turns)
    room.state.wanted.ask(Symbol("SPX"))
    room.clock.pass_time(0.4)
    move(room)
    assert told(turns) == [("SPX", 2, False)]
