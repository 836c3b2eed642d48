"""Of which day the venue's volumes are: yesterday's are never shown as today's, in totals, in the ranks, on the map, or beside a print."""

import gzip
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest

from engine.domain.columns import floats, longs
from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, new_york_instant, utc_instant
from engine.domain.instruments import SessionName
from engine.messages.flow import ActiveBy, GetMostActive
from engine.services.market.flow.venue import days_of
from plugins.chainfiles.events import Handles, listing, summaries
from plugins.chainfiles.read import read_chain
from tests.kit import market, synthetic
from tests.kit.flow_room import FlowRoom
from tests.kit.market import MONDAY, NAN, NOON, TODAY, quotes, series_of, trades
from tests.kit.market_room import turn_to

FRIDAY = utc_instant(TODAY)
SATURDAY = FRIDAY + DAY_NS
NEXT = utc_instant(MONDAY)
FRIDAYS_TRADE = new_york_instant(TODAY, time(15, 30))
EARLY, OPENED = new_york_instant(MONDAY, time(8, 0)), new_york_instant(MONDAY, time(9, 30))
MONDAYS_TRADE = OPENED + MINUTE_NS
AAPL = Symbol("AAPL")
C100, P100 = 3, 4


def day_of(now, volume, *, traded_at=0, before=NAN, before_of=0, name=SessionName.NYSE):
    found = days_of(
        name,
        now,
        volume=floats([volume]),
        traded_at=longs([traded_at]),
        before=floats([before]),
        before_of=longs([before_of]),
    )
    return int(found[0])


@pytest.mark.parametrize(
    ("now", "volume", "known", "day"),
    [
        (NOON, 50.0, {}, FRIDAY),
        (NOON, 50.0, {"traded_at": NOON - HOUR_NS}, FRIDAY),
        (NOON, 50.0, {"traded_at": NOON - DAY_NS}, FRIDAY - DAY_NS),
        (NOON, 0.0, {"traded_at": NOON - DAY_NS}, FRIDAY),
        (EARLY, 50.0, {}, FRIDAY),
        (EARLY, 50.0, {"traded_at": FRIDAYS_TRADE}, FRIDAY),
        (EARLY, 50.0, {"traded_at": FRIDAYS_TRADE - DAY_NS}, FRIDAY - DAY_NS),
        (EARLY, 0.0, {"traded_at": FRIDAYS_TRADE}, NEXT),
        (EARLY, 0.0, {"traded_at": FRIDAYS_TRADE - DAY_NS}, FRIDAY),
        (EARLY, 0.0, {"before": 50.0, "before_of": FRIDAY}, NEXT),
        (EARLY, 49.0, {"before": 50.0, "before_of": FRIDAY}, FRIDAY),
        (EARLY, 3.0, {"before": 0.0, "before_of": NEXT}, NEXT),
        (EARLY, 3.0, {"traded_at": EARLY - HOUR_NS}, NEXT),
        (SATURDAY + 15 * HOUR_NS, 50.0, {}, FRIDAY),
        (SATURDAY + 15 * HOUR_NS, 0.0, {"before": 50.0, "before_of": FRIDAY}, NEXT),
        (OPENED, 50.0, {"before": 50.0, "before_of": FRIDAY}, FRIDAY),
        (OPENED, 50.0, {"traded_at": FRIDAYS_TRADE}, FRIDAY),
        (OPENED, 51.0, {"before": 50.0, "before_of": FRIDAY}, NEXT),
        (OPENED, 50.0, {"before": 7.0, "before_of": NEXT}, NEXT),
    ],
)
def test_a_volume_is_of_the_session_it_was_traded_in(now, volume, known, day):
    assert day_of(now, volume, **known) == day


MIDNIGHT = SATURDAY


@pytest.mark.parametrize(
    ("now", "volume", "known", "day"),
    [
        (MIDNIGHT + HOUR_NS, 500.0, {"traded_at": MIDNIGHT + MINUTE_NS}, SATURDAY),
        (MIDNIGHT + HOUR_NS, 500.0, {"traded_at": MIDNIGHT - MINUTE_NS}, FRIDAY),
        (MIDNIGHT + SECOND_NS, 500.0, {"before": 500.0, "before_of": FRIDAY}, FRIDAY),
        (MIDNIGHT + HOUR_NS, 490.0, {"before": 500.0, "before_of": FRIDAY, "traded_at": MIDNIGHT + MINUTE_NS}, FRIDAY),
        (MIDNIGHT + HOUR_NS, 510.0, {"before": 500.0, "before_of": FRIDAY, "traded_at": MIDNIGHT + MINUTE_NS}, FRIDAY),
        (MIDNIGHT + HOUR_NS, 3.0, {"before": 500.0, "before_of": FRIDAY, "traded_at": MIDNIGHT + MINUTE_NS}, SATURDAY),
        (MIDNIGHT + HOUR_NS, 4.0, {"before": 3.0, "before_of": SATURDAY}, SATURDAY),
        (MIDNIGHT + HOUR_NS, 500.0, {"before": 500.0, "before_of": FRIDAY - 2 * DAY_NS}, FRIDAY),
    ],
)
def test_a_market_without_a_night_begins_anew_only_where_its_volume_falls(now, volume, known, day):
    assert day_of(now, volume, name=SessionName.CRYPTO, **known) == day


class Listed(FlowRoom):
    """Three strikes of one name."""

    def __init__(self, root="AAPL", *, at=NOON):
        super().__init__(at=at)
        self.root = Symbol(root)
        self.emit(market.listing(series_of(root)), quotes(0, 99.9, 100.1), quotes([C100, P100], 2.0, 2.2))
        self.collector.turn_days()

    def tell(self, handle, volume, **said):
        self.emit(market.summaries(handle, volume=volume, at=self.clock.now(), **said))

    def to(self, at):
        turn_to(self.clock, at)
        self.clock.pass_time(2.0)
        self.collector.turn_days()

    def day(self):
        """The day of the volumes in totals, then volume and ratio of calls and puts."""
        told = self.totals.of(self.state.instruments.number(self.root))
        return int(told.volume_day), told.call_volume, told.put_volume, told.put_call_volume

    def ranked(self, by=ActiveBy.VOLUME):
        told = self.active.ranked(self.root, GetMostActive(symbol=self.root, by=by))
        return told.volume.tolist()

    def mapped(self):
        told = self.maps.map_of(self.root)
        return float(np.nansum(told.call_volume)), float(np.nansum(told.put_volume))


def test_before_the_open_yesterdays_volume_is_shown_as_of_yesterday_and_each_contract_begins_anew_by_itself():
    room = Listed()
    room.tell([C100, P100], [5_000.0, 2_000.0])
    room.emit(market.summaries([C100, P100], open_interest=1_000.0))
    assert room.day() == (FRIDAY, 5_000.0, 2_000.0, 0.4)
    assert not room.totals.of(0).is_volume_of_before
    room.to(EARLY)
    assert room.totals.of(0).is_volume_of_before
    assert room.day() == (FRIDAY, 5_000.0, 2_000.0, 0.4)
    assert room.ranked() == [5_000.0, 2_000.0]
    assert room.ranked(ActiveBy.VOLUME_OVER_OI) == [5_000.0, 2_000.0]
    assert room.mapped() == (5_000.0, 2_000.0)
    room.to(MONDAYS_TRADE)
    assert room.totals.of(0).is_volume_of_before, "the venue has told nothing yet"
    room.tell(C100, 120.0)
    room.clock.pass_time(2.0)
    day, calls, puts, ratio = room.day()
    assert (day, calls) == (NEXT, 120.0)
    assert np.isnan(puts), "of puts nothing of today is known"
    assert np.isnan(ratio)
    assert room.ranked() == [120.0]
    assert room.mapped() == (120.0, 0.0)
    assert not room.totals.of(0).is_volume_of_before


def test_a_print_of_today_is_never_added_to_the_volume_of_yesterday():
    room = Listed()
    room.tell([C100, P100], [5_000.0, 2_000.0])
    room.to(MONDAYS_TRADE)
    room.emit(trades(C100, 2.1, size=3.0, at=MONDAYS_TRADE))
    room.settle()
    room.clock.pass_time(2.0)
    assert room.tape("AAPL").volume.tolist() == [3.0]
    day, calls, puts, _ = room.day()
    assert (day, calls) == (NEXT, 3.0)
    assert np.isnan(puts)
    assert room.ranked() == [3.0]


def test_an_engine_that_starts_before_the_open_takes_the_standing_volumes_for_the_last_sessions():
    room = Listed(at=EARLY)
    room.tell([C100, P100], [5_000.0, 2_000.0])
    assert room.day() == (FRIDAY, 5_000.0, 2_000.0, 0.4)
    assert room.totals.of(-1).is_volume_of_before


def test_of_all_names_only_those_that_tell_of_the_newest_day_are_added_up():
    room = Listed(at=EARLY)
    room.emit(market.listing(series_of("SPY"), first=20))
    room.collector.turn_days()
    room.tell([C100, P100], [5_000.0, 2_000.0])
    room.tell([23, 24], [40.0, 10.0], last_at=EARLY - HOUR_NS)
    told = room.totals.of(-1)
    assert (told.volume_day, told.call_volume, told.put_volume) == (NEXT, 40.0, 10.0)
    told = room.active.ranked(Symbol(""), GetMostActive())
    assert (told.volume.tolist(), set(told.symbols)) == ([40.0, 10.0], {"SPY"})


def test_at_a_coins_midnight_the_volume_of_before_stays_yesterdays_until_the_venue_begins_anew():
    room = Listed("BTC", at=MIDNIGHT - MINUTE_NS)
    room.tell([C100, P100], [500.0, 200.0], last_at=MIDNIGHT - HOUR_NS)
    assert room.day()[:3] == (FRIDAY, 500.0, 200.0)
    room.to(MIDNIGHT + MINUTE_NS)
    room.tell([C100, P100], [492.0, 200.0], last_at=MIDNIGHT + SECOND_NS)
    assert room.day()[:3] == (FRIDAY, 492.0, 200.0)
    assert room.totals.of(0).is_volume_of_before
    room.emit(trades(C100, 2.1, size=3.0, at=room.clock.now()))
    room.settle()
    assert room.tape("BTC").volume.tolist() == [3.0]
    room.tell([C100, P100], [5.0, 1.0], last_at=MIDNIGHT + MINUTE_NS)
    room.clock.pass_time(2.0)
    assert room.day()[:3] == (SATURDAY, 5.0, 1.0)
    assert not room.totals.of(0).is_volume_of_before


def test_a_coin_that_was_not_heard_of_for_hours_is_judged_by_its_last_trade():
    room = Listed("BTC", at=MIDNIGHT - HOUR_NS)
    room.tell(C100, 500.0)
    room.to(MIDNIGHT + 14 * HOUR_NS)
    room.tell(C100, 400.0, last_at=MIDNIGHT + 13 * HOUR_NS)
    assert room.day()[:2] == (SATURDAY, 400.0)


def test_what_settles_on_a_day_stays_in_the_volume_of_that_day_and_goes_with_it():
    room = FlowRoom()
    room.emit(market.listing(series_of("AAPL", TODAY), series_of("AAPL")), quotes(0, 99.9, 100.1))
    room.collector.turn_days()
    room.emit(market.summaries([1, 2, 7, 8], volume=[500.0, 300.0, 40.0, 10.0], open_interest=1_000.0))
    before = room.totals.of(0)
    assert (before.call_volume, before.put_volume, before.put_open_interest) == (540.0, 310.0, 2_000.0)
    close = new_york_instant(TODAY, time(16, 0))
    turn_to(room.clock, close)
    assert room.state.instruments.retire(AAPL, close, room.clock.monotonic())
    room.clock.pass_time(2.0)
    after = room.totals.of(0)
    assert (after.call_volume, after.put_volume, after.put_call_volume) == (540.0, 310.0, before.put_call_volume)
    assert after.put_open_interest == 1_000.0, "what has settled is open no more"
    turn_to(room.clock, EARLY)
    room.clock.pass_time(2.0)
    room.collector.turn_days()
    assert (room.totals.of(0).call_volume, room.totals.of(0).volume_day) == (40.0, FRIDAY)


def test_a_file_that_stands_at_the_close_counts_the_volume_of_what_settled_with_it():
    room = FlowRoom(at=new_york_instant(TODAY, time(16, 0)))
    room.emit(market.listing(series_of("AAPL", TODAY), series_of("AAPL")), quotes(0, 99.9, 100.1))
    room.collector.turn_days()
    room.emit(market.summaries([1, 2, 7, 8], volume=[500.0, 300.0, 40.0, 10.0], open_interest=1_000.0))
    told = room.totals.of(0)
    assert (told.call_volume, told.put_volume, told.call_open_interest) == (540.0, 310.0, 1_000.0)


def test_a_chain_of_cboe_before_the_open_tells_the_volumes_of_its_contracts_last_session(fixtures: Path):
    path = fixtures / "cboe_delayed_json/AAPL_2025-06-06.json.gz"
    file = read_chain(path.name, gzip.decompress(path.read_bytes()))
    room = FlowRoom(at=new_york_instant(date(2025, 6, 9), time(8, 0)))
    handles = Handles()
    names = listing(file, handles, room.clock.now())
    assert names is not None
    room.emit(names, summaries(file, handles, room.clock.now()))
    room.collector.turn_days()
    told = room.totals.of(room.state.instruments.number(AAPL))
    of_friday = file.contracts.last_at >= new_york_instant(date(2025, 6, 6), time(0))
    for right, volume in ((1, told.call_volume), (-1, told.put_volume)):
        mine = of_friday & (file.contracts.right == right)
        assert volume == file.contracts.volume[mine].sum() > 0.0
    assert (told.volume_day, told.day) == (utc_instant(date(2025, 6, 6)), utc_instant(date(2025, 6, 9)))
    assert told.is_volume_of_before


def test_over_a_night_of_the_simulated_market_no_volume_of_the_day_before_counts_for_the_new_one():
    _, source, told = synthetic.opened("SPY", "BTC", start="2026-11-20")
    source.at = source.closing - 2 * MINUTE_NS
    told += synthetic.played(source, 20, step=SECOND_NS)
    room = FlowRoom(own_clock=True)
    room.emit(*told)
    room.settle()
    friday = room.totals.of(-1)
    assert friday.call_volume > 0.0
    assert not friday.is_volume_of_before
    first = source.closed()
    dawn = [event for step in source.dawn() for event in step.events]
    room.emit(first, *dawn)
    room.settle()
    assert room.totals.of(-1).is_volume_of_before
    assert room.totals.of(-1).call_volume >= friday.call_volume * 0.5
    room.emit(*(event for step in source.reopened() for event in step.events))
    room.settle()
    monday = room.totals.of(-1)
    assert (monday.day, monday.volume_day) == (utc_instant(MONDAY), utc_instant(MONDAY))
    spy = room.totals.of(room.state.instruments.number(Symbol("SPY")))
    assert spy.call_volume == 0.0, "nothing is traded yet at the open"
