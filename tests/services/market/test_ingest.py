import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import longs
from engine.domain.ids import Symbol
from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.market import BarBatch, FeedCondition, FeedEvent, FeedState, PrintFlag, Pulse, Verdict
from tests.kit.market import NAN, NOON, OPEN, bars, listing, quotes, series_of, summaries, trades, volatility
from tests.kit.market_room import MarketRoom, turn_to


def spy_room() -> MarketRoom:
    """SPY at handle 0; calls and puts at 90, 100, 110 at handles 1 to 6."""
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    return room


def test_a_batch_is_in_force_once_it_was_handed_over() -> None:
    room = spy_room()
    room.emit(quotes([0, 3], [99.9, 2.0], [100.1, 2.1]))
    market = room.state.market
    assert market.spot[0] == 100.0
    assert (market.bid[3], market.ask[3], market.quoted_at[3]) == (2.0, 2.1, NOON)
    assert market.updates == 2


def test_a_row_with_an_unknown_handle_is_dropped_and_counted() -> None:
    room = spy_room()
    room.emit(quotes([3, 77, -1], [2.0, 9.0, 9.0], [2.1, 9.1, 9.1]))
    assert room.state.health.unknown_rows == 2
    assert room.state.health.rows == 3
    assert room.state.market.bid[3] == 2.0


def test_a_row_older_than_the_one_in_force_is_dropped_and_counted() -> None:
    room = spy_room()
    room.emit(quotes([3], 2.0, 2.1, event_at=NOON))
    room.emit(quotes([3], 1.0, 1.1, event_at=NOON - SECOND_NS))
    assert room.state.market.bid[3] == 2.0
    assert room.state.health.late_rows == 1
    assert room.state.health.dropped_rows == 1


def test_rows_of_one_batch_are_put_in_the_order_of_their_events() -> None:
    room = spy_room()
    room.emit(quotes([3, 3], [2.0, 1.0], [2.1, 1.1], event_at=[NOON, NOON - SECOND_NS]))
    assert room.state.market.bid[3] == 2.0
    assert room.state.health.late_rows == 0


@pytest.mark.bar("F-F-04")
def test_a_malformed_row_is_kept_out_and_counted_and_its_neighbours_stay() -> None:
    room = spy_room()
    room.emit(quotes([3, 4], [-2.0, 2.0], [float("inf"), 2.1]))
    assert room.state.market.verdict[3] & Verdict.MALFORMED
    assert np.isnan(room.state.market.bid[3])
    assert room.state.market.bid[4] == 2.0
    assert room.state.health.malformed_rows == 1


def test_crossed_and_locked_quotes_are_shown_with_their_verdict() -> None:
    room = spy_room()
    room.emit(quotes([3, 4], [2.2, 2.0], [2.1, 2.0]))
    assert room.state.market.verdict[[3, 4]].tolist() == [Verdict.CROSSED, Verdict.LOCKED]


def test_a_print_keeps_the_quote_and_the_spot_in_force() -> None:
    room = spy_room()
    room.emit(quotes([0, 3], [99.9, 2.0], [100.1, 2.1]))
    room.emit(trades([3], 2.1, size=5.0, side=1, flag=PrintFlag.SWEEP))
    room.emit(quotes([0, 3], [100.9, 2.4], [101.1, 2.5]))
    prints = room.state.trades.newest(0, 10, options_only=True)
    assert (prints.price[0], prints.bid[0], prints.ask[0], prints.spot[0]) == (2.1, 2.0, 2.1, 100.0)
    assert room.state.market.last[3] == 2.1


def test_a_cancelled_print_is_on_the_tape_but_moves_no_last_price() -> None:
    room = spy_room()
    room.emit(trades([3], 2.1))
    room.emit(trades([3], 99.0, flag=PrintFlag.CANCELLED))
    assert room.state.market.last[3] == 2.1
    assert room.state.trades.total(0, options_only=True) == 2


def test_a_print_without_a_price_is_dropped_and_counted() -> None:
    room = spy_room()
    room.emit(trades([3, 4, 5], [NAN, -1.0, 2.0]))
    assert room.state.health.malformed_rows == 2
    assert room.state.trades.total(0, options_only=True) == 1


def test_quotes_of_the_underlying_grow_its_minute() -> None:
    room = spy_room()
    closed: list[BarBatch] = []
    room.ingest.on_minute = closed.append
    for second, middle in ((0, 100.0), (20, 101.0), (40, 99.0), (60, 100.5)):
        room.emit(quotes([0], middle - 0.05, middle + 0.05, at=OPEN + second * SECOND_NS))
    minutes = room.state.bars.minutes(Symbol("SPY")).columns()
    assert minutes.start.tolist() == [OPEN, OPEN + MINUTE_NS]
    assert [float(column[0]) for column in minutes[1:5]] == pytest.approx([100.0, 101.0, 99.0, 99.0])
    assert [bar.symbol for bar in closed] == ["SPY"]
    assert closed[0].close[0] == pytest.approx(99.0)


def test_volume_of_a_minute_is_the_growth_of_the_days_volume() -> None:
    room = spy_room()
    room.emit(summaries([0], last=100.0, volume=1_000.0, at=OPEN))
    room.emit(summaries([0], last=101.0, volume=1_300.0, at=OPEN + SECOND_NS))
    room.emit(trades([0], 101.0, size=300.0, at=OPEN + 2 * SECOND_NS))
    assert room.state.bars.minutes(Symbol("SPY")).columns().volume.tolist() == [300.0]


def test_prints_make_the_volume_where_the_feed_tells_no_days_volume() -> None:
    room = spy_room()
    room.emit(trades([0, 0], [100.0, 102.0], size=[100.0, 300.0], at=OPEN))
    minutes = room.state.bars.minutes(Symbol("SPY")).columns()
    assert (minutes.volume[0], minutes.close[0]) == (400.0, 102.0)


@pytest.mark.parametrize("told", [NAN, 0.0], ids=["no volume told", "nought told"])
def test_the_bars_of_an_index_have_no_volume_rather_than_nought(told: float) -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPX")))
    room.emit(summaries([0], last=6_700.0, volume=told, at=OPEN))
    room.emit(quotes([0], 6_700.9, 6_701.1, at=OPEN + MINUTE_NS))
    assert np.isnan(room.state.bars.minutes(Symbol("SPX")).columns().volume).all()


def test_a_share_that_has_not_traded_yet_has_a_volume_of_nought() -> None:
    room = spy_room()
    room.emit(summaries([0], last=100.0, volume=0.0, at=OPEN))
    assert room.state.bars.minutes(Symbol("SPY")).columns().volume.tolist() == [0.0]


def test_a_market_with_its_own_clock_moves_it() -> None:
    room = MarketRoom(own_clock=True)
    room.emit(listing(series_of("SPY"), at=OPEN))
    room.emit(Pulse(at=OPEN + SECOND_NS))
    assert room.clock.now() == OPEN + SECOND_NS
    assert room.clock.wall() == NOON


def test_a_wall_clock_is_not_moved_by_a_feed() -> None:
    room = MarketRoom(own_clock=False, at=NOON)
    room.emit(Pulse(at=NOON + SECOND_NS))
    assert room.clock.now() == NOON


def test_the_lag_from_the_venue_is_counted_by_its_length() -> None:
    room = spy_room()
    turn_to(room.clock, NOON + 30_000_000)
    room.emit(quotes([3, 4], 2.0, 2.1, event_at=[NOON, NOON + 29_500_000], at=NOON + 30_000_000))
    room.emit(quotes([5], 2.0, 2.1, event_at=[0], at=NOON + 30_000_000))
    assert room.state.health.lag_counts.sum() == 2
    assert room.state.health.lag_counts.tolist()[:6] == [1, 0, 0, 0, 0, 1]


def test_the_feeds_word_on_itself_is_heard() -> None:
    room = spy_room()
    room.emit(FeedCondition(at=NOON, state=FeedState.DELAYED, reason="15 minutes late", expected_gap=90.0))
    assert room.state.health.told is FeedState.DELAYED
    assert room.state.health.expected_gap == 90.0


def test_history_is_taken_in() -> None:
    room = spy_room()
    room.emit(bars("SPY", [OPEN], [100.0]))
    room.emit(volatility("SPY", [0.2, 0.21]))
    assert room.state.bars.minutes(Symbol("SPY")).size == 1
    assert room.state.history.volatility(Symbol("SPY")).atm_iv.tolist() == [0.2, 0.21]


def test_recorders_hear_everything_the_feed_says_and_nothing_else() -> None:
    room = spy_room()
    heard: list[FeedEvent] = []

    class Ear:
        def record(self, event: FeedEvent) -> None:
            heard.append(event)

    ear = Ear()
    room.ingest.tap(ear)
    events = [quotes([0], 99.0, 101.0, at=OPEN), quotes([0], 99.0, 101.0, at=OPEN + MINUTE_NS), Pulse(at=OPEN)]
    for event in events:
        room.emit(event)
    room.ingest.untap(ear)
    room.emit(Pulse(at=OPEN))
    assert heard == events


def test_a_feed_that_starts_anew_may_use_other_handles_and_an_earlier_time() -> None:
    room = spy_room()
    room.emit(quotes([3], 2.0, 2.1, at=NOON))
    room.ingest.begin(room.traits)
    room.emit(listing(series_of("SPY"), first=10))
    room.emit(quotes([13], 1.0, 1.1, at=NOON - SECOND_NS))
    room.emit(quotes([3], 7.0, 7.1, at=NOON))
    assert room.state.market.bid[3] == 1.0
    assert room.state.health.unknown_rows == 1


def test_a_market_with_its_own_clock_that_starts_anew_begins_at_its_own_time() -> None:
    room = MarketRoom(own_clock=True)
    room.emit(listing(series_of("SPY"), at=OPEN), quotes([0, 3], 99.0, 99.2, at=NOON))
    room.ingest.begin(room.traits)
    assert room.clock.now() == NOON
    room.emit(listing(series_of("SPY"), at=OPEN), quotes([0, 3], 99.0, 99.2, at=OPEN))
    assert room.clock.now() == OPEN
    assert room.state.market.symbol_quoted_at[0] == OPEN


def test_new_strikes_in_mid_session_are_told_and_quoted() -> None:
    room = spy_room()
    told: list[tuple[Symbol, ...]] = []
    room.ingest.on_listed = told.append
    room.emit(listing(series_of("SPY"), strikes=(120.0,), first=50))
    room.emit(quotes([51], 0.5, 0.6))
    assert told == [("SPY",)]
    assert room.state.market.bid[room.state.instruments.row("SPY   261218C00120000")] == 0.5


def test_an_empty_batch_changes_nothing() -> None:
    room = spy_room()
    room.emit(quotes([], [], []))
    room.emit(trades([], []))
    room.emit(summaries([]))
    assert room.state.market.updates == 0


def test_a_time_far_in_the_future_does_not_shut_out_what_follows() -> None:
    room = spy_room()
    far = replace(quotes([3], 9.0, 9.1), event_at=longs([NOON + 10**18]))
    room.emit(far)
    room.emit(quotes([3], 2.0, 2.1, at=NOON + SECOND_NS))
    assert room.state.market.bid[3] == 2.0
