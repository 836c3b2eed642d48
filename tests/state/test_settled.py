"""What has settled leaves the listing; its rows are given to what is listed next, and its contracts are still found."""

from datetime import date, timedelta

import numpy as np

from engine.domain.columns import ints, longs
from engine.domain.ids import ContractId, Symbol, UtcNanos
from engine.domain.instruments import Right
from engine.state.instruments import SETTLED, Instruments
from engine.state.market import Market
from engine.state.settled import MOST_SETTLED, Settled, SettledSeries
from tests.kit.market import DECEMBER, MONDAY, NOON, listing, series_of

SPX = Symbol("SPX")
NOTHING = longs(np.empty(0))


def two_series() -> Instruments:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPXW", MONDAY), series_of("SPXW", DECEMBER)))
    return instruments


def after_monday() -> UtcNanos:
    return UtcNanos(series_of("SPXW", MONDAY).settles_at)


def test_a_series_leaves_the_listing_at_its_settlement_instant_and_not_before() -> None:
    instruments = two_series()
    told: list[str] = []
    instruments.on_retired(lambda ladders: told.extend(ladder.series.id for ladder in ladders))
    assert instruments.retire(SPX, UtcNanos(after_monday() - 1), 0.0) == ()
    instruments.retire(SPX, after_monday(), 0.0)
    assert told == ["SPXW/2026-11-23/PM"]
    assert [ladder.series.id for ladder in instruments.chain(SPX)] == ["SPXW/2026-12-18/PM"]
    assert instruments.ladder(series_of("SPXW", MONDAY).id) is None
    assert [one.id for one in instruments.listing(NOON).series] == ["SPXW/2026-12-18/PM"]


def test_a_settled_contract_is_still_found_before_and_after_its_row_is_given_away() -> None:
    instruments = two_series()
    name = ContractId("SPXW  261123P00100000")
    instruments.retire(SPX, after_monday(), 0.0)
    before = instruments.contract(name)
    instruments.release(NOTHING, 0.0)
    after = instruments.contract(name)
    assert before == after
    assert after is not None
    assert (after.strike, after.right, after.series.id) == (100.0, Right.PUT, "SPXW/2026-11-23/PM")
    assert instruments.contract(ContractId("SPXW  261123P00105000")) is None, "that strike was never listed"
    assert [one.contract(90.0, Right.CALL).id for one in instruments.settled.on(SPX, MONDAY)] == ["SPXW  261123C00090000"]


def test_rows_of_settled_contracts_are_used_anew_but_for_those_that_are_still_spoken_of() -> None:
    instruments = two_series()
    size, count = instruments.size, instruments.count
    held = instruments.row("SPXW  261123C00090000")
    instruments.retire(SPX, after_monday(), 5.0)
    assert not instruments.retired_before(4.0)
    assert instruments.release(longs([held]), 4.0).rows.size == 0, "it was retired a moment ago"
    released = instruments.release(longs([held]), 5.0)
    assert released.rows.size == 5
    assert released.series.size == 0, "a print still speaks of it"
    assert instruments.count == count - 5
    assert instruments.contract(ContractId("SPXW  261123C00090000")) is not None
    assert instruments.release(NOTHING, 6.0).series.tolist() == [0]
    instruments.enlist(listing(series_of("SPXW", date(2026, 11, 30)), first=100))
    assert (instruments.size, len(instruments.ladders)) == (size, 2)
    assert instruments.names[held] == "" or instruments.names[held].startswith("SPXW  261130")
    ladder = instruments.ladder(series_of("SPXW", date(2026, 11, 30)).id)
    assert ladder is not None
    assert [instruments.names[row] for row in ladder.rows.ravel().tolist()] == list(ladder.names)


def test_a_handle_whose_contract_has_settled_leads_nowhere_and_is_not_unknown() -> None:
    instruments = two_series()
    instruments.retire(SPX, after_monday(), 0.0)
    assert (instruments.rows_of(ints([1, 2])) >= 0).all(), "a late trade still finds it"
    instruments.release(NOTHING, 0.0)
    assert instruments.rows_of(ints([1, 2])).tolist() == [SETTLED, SETTLED]
    assert instruments.rows_of(ints([0, 7])).min() >= 0


def test_a_settled_series_that_a_feed_lists_again_stays_out_until_time_runs_back() -> None:
    instruments = two_series()
    instruments.retire(SPX, after_monday(), 0.0)
    instruments.enlist(listing(series_of("SPXW", MONDAY), first=50, at=after_monday()))
    assert len(instruments.chain(SPX)) == 1
    assert instruments.rows_of(ints([51])).tolist() == [SETTLED]
    instruments.enlist(listing(series_of("SPXW", MONDAY), first=50, at=NOON))
    assert [ladder.series.id for ladder in instruments.chain(SPX)] == ["SPXW/2026-11-23/PM", "SPXW/2026-12-18/PM"]
    assert instruments.chain(SPX)[0].strikes.size == 3
    assert len(instruments.settled) == 0


def test_a_series_whose_rows_were_given_away_may_be_listed_anew_as_well() -> None:
    instruments = two_series()
    instruments.retire(SPX, after_monday(), 0.0)
    instruments.release(NOTHING, 0.0)
    instruments.enlist(listing(series_of("SPXW", MONDAY), first=50, at=NOON))
    assert instruments.chain(SPX)[0].names == tuple(instruments.names[row] for row in instruments.chain(SPX)[0].rows.ravel().tolist())


def test_weeks_of_daily_series_take_no_more_room_than_the_first() -> None:
    instruments = Instruments()
    market = Market(instruments)
    day, sizes = MONDAY, []
    for number in range(40):
        series = series_of("SPXW", day)
        instruments.enlist(listing(series, first=100 * number, at=series.settles_at - 1))
        market.fit()
        market.bid[instruments.ladder(series.id).rows] = 1.0
        instruments.retire(SPX, series.settles_at, float(number))
        market.release(instruments.release(NOTHING, float(number)))
        sizes.append((instruments.size, len(instruments.ladders), len(instruments._row), market.bid.shape[0]))
        day += timedelta(days=1 if day.weekday() < 4 else 3)
    assert set(sizes) == {(7, 1, 1, 64)}
    assert np.isnan(market.bid).all(), "nothing of the old is told of the new"


def test_no_more_settled_series_are_remembered_than_there_is_room_for() -> None:
    kept = SettledSeries()
    for number in range(MOST_SETTLED + 3):
        series = series_of("SPXW", date(2026, 1, 1) + timedelta(days=number))
        kept.keep(Settled(series, np.array([100.0]), np.ones((2, 1), dtype=bool)))
    assert len(kept) == MOST_SETTLED
    assert series_of("SPXW", date(2026, 1, 1)).id not in kept
