"""What earlier runs heard of the day is added up by contract, no print twice, and the time between them is named."""

from pathlib import Path

import numpy as np
import pytest

from engine.domain.flow import Place
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from engine.domain.market import FeedCondition, FeedState, PrintFlag, Side
from engine.services.market.flow.places import inferred_sides, places_of
from tests.kit.market import NAN, NOON, OPEN, listing, quotes, series_of, trades
from tests.kit.storage import opened

SPY, AAPL = Symbol("SPY"), Symbol("AAPL")
LISTED = listing(series_of("SPY"), series_of("AAPL"), at=OPEN)
C100, P100 = 4, 5
CALL, PUT = LISTED.name[C100], LISTED.name[P100]
MIDNIGHT = UtcNanos(OPEN - 9 * HOUR_NS - 30 * MINUTE_NS)
TEN = OPEN + 30 * MINUTE_NS


def heard(store, *events, begins=OPEN):
    store.record(LISTED)
    store.record(FeedCondition(at=UtcNanos(begins), state=FeedState.LIVE, reason=""))
    for event in events:
        store.record(event)


async def run(folder, name, *events, begins=OPEN, **kept):
    """A run that hears events and ends."""
    with opened(folder, run=name, **kept) as store:
        heard(store, *events, begins=begins)
        await store.flush()


async def so_far(folder, until=NOON, symbol=SPY, since=MIDNIGHT, name="now", **kept):
    """What a run that begins at ``until`` is told."""
    with opened(folder, run=name, **kept) as store:
        return await store.flow_so_far(symbol, since, UtcNanos(until))


def by_name(found, column):
    return dict(zip(found.name, getattr(found, column).tolist(), strict=True))


async def test_prints_of_runs_before_add_up_by_contract_side_and_place(tmp_path: Path) -> None:
    told = quotes([C100, P100], 2.0, 2.2, at=OPEN)
    await run(tmp_path, "a", told, trades(C100, 2.2, size=3.0, at=OPEN + 1), trades(P100, 2.0, size=5.0, at=OPEN + 2))
    await run(tmp_path, "b", told, trades([C100, C100], [2.1, 2.0], size=[1.0, 2.0], side=[0, Side.BUY], at=TEN), begins=TEN - 1)
    found = await so_far(tmp_path)
    assert by_name(found, "volume") == {CALL: 6.0, PUT: 5.0}
    assert by_name(found, "at_ask") == {CALL: 3.0, PUT: 0.0}
    assert by_name(found, "premium") == pytest.approx({CALL: 660.0 + 210.0 + 400.0, PUT: 1_000.0})
    assert by_name(found, "bought") == pytest.approx({CALL: 1_060.0, PUT: 0.0})
    assert by_name(found, "sold") == pytest.approx({CALL: 0.0, PUT: 1_000.0})
    assert by_name(found, "prints") == {CALL: 3, PUT: 1}
    assert dict(zip(found.name, found.right.tolist(), strict=True)) == {CALL: 1, PUT: -1}
    assert (found.first, found.last) == (OPEN + 1, TEN)


async def test_the_time_in_which_nobody_listened_is_named(tmp_path: Path) -> None:
    await run(tmp_path, "a", trades(C100, 2.2, at=OPEN + MINUTE_NS))
    await run(tmp_path, "b", quotes(C100, 2.0, 2.2, at=TEN), quotes(C100, 2.0, 2.2, at=TEN + 5 * MINUTE_NS), begins=TEN)
    found = await so_far(tmp_path)
    assert found.gaps == ((OPEN + MINUTE_NS, TEN), (TEN + 5 * MINUTE_NS, NOON))


async def test_a_run_that_was_told_nothing_of_a_name_did_not_listen_to_it(tmp_path: Path) -> None:
    await run(tmp_path, "a", trades(C100, 2.2, at=OPEN + MINUTE_NS))
    await run(tmp_path, "b", trades(11, 2.2, at=TEN), begins=TEN)
    assert (await so_far(tmp_path)).gaps == ((OPEN + MINUTE_NS, NOON),)
    assert (await so_far(tmp_path, symbol=AAPL)).gaps == ((TEN, NOON),)


async def test_what_a_source_tells_again_after_a_restart_counts_once(tmp_path: Path) -> None:
    first, second, missed = (
        trades(C100, 2.2, size=3.0, at=OPEN + 1),
        trades(C100, 2.1, size=5.0, at=OPEN + 2),
        trades(C100, 2.1, at=OPEN + 9),
    )
    await run(tmp_path, "a", first, second)
    await run(tmp_path, "b", first, second, missed, begins=OPEN + 20)
    assert by_name(await so_far(tmp_path), "volume") == {CALL: 9.0}


async def test_a_market_that_is_played_anew_does_not_count_what_its_predecessor_heard_of_the_same_hours(tmp_path: Path) -> None:
    prints = [trades(C100, 2.2, size=1.0, at=OPEN + minute * MINUTE_NS) for minute in range(1, 60)]
    kept = {"store": "sim", "variant": "seed 7"}
    await run(tmp_path, "a", *prints, **kept)
    await run(tmp_path, "b", *prints[:10], **kept)
    assert await so_far(tmp_path, until=OPEN, **kept) is None
    found = await so_far(tmp_path, until=OPEN + 10 * MINUTE_NS + SECOND_NS, **kept)
    assert by_name(found, "volume") == {CALL: 10.0}


async def test_other_days_sources_and_worlds_are_left_out(tmp_path: Path) -> None:
    await run(tmp_path, "a", trades(C100, 2.2, at=OPEN + 1))
    await run(tmp_path, "b", trades(C100, 2.2, size=50.0, at=OPEN + 1), source="another venue")
    await run(tmp_path, "c", trades(C100, 2.2, size=70.0, at=OPEN + 1), variant="another world")
    assert by_name(await so_far(tmp_path), "volume") == {CALL: 1.0}
    tomorrow = UtcNanos(MIDNIGHT + DAY_NS)
    assert await so_far(tmp_path, until=tomorrow + HOUR_NS, since=tomorrow) is None
    assert await so_far(tmp_path, symbol=Symbol("QQQ")) is None


async def test_its_own_prints_are_no_earlier_ones_and_an_empty_history_knows_nothing(tmp_path: Path) -> None:
    assert await so_far(tmp_path) is None
    with opened(tmp_path, run="now") as store:
        heard(store, trades(C100, 2.2, at=OPEN + 1))
        await store.flush()
        assert await store.flow_so_far(SPY, MIDNIGHT, UtcNanos(NOON)) is None


async def test_prints_without_size_or_taken_back_or_malformed_add_nothing_they_do_not_say(tmp_path: Path) -> None:
    await run(
        tmp_path,
        "a",
        trades(C100, 2.2, size=NAN, at=OPEN + 1),
        trades(C100, 2.2, size=9.0, flag=PrintFlag.CANCELLED, at=OPEN + 2),
        trades([C100, C100], [-1.0, NAN], size=9.0, at=OPEN + 3),
        trades(C100, 2.2, size=-9.0, at=OPEN + 4),
    )
    found = await so_far(tmp_path)
    assert (by_name(found, "volume"), by_name(found, "prints"), by_name(found, "priced")) == ({CALL: 0.0}, {CALL: 1}, {CALL: 0})


async def test_a_coins_premium_is_in_dollars_at_its_spot(tmp_path: Path) -> None:
    coins = listing(series_of("BTC"), at=OPEN)
    with opened(tmp_path, run="a") as store:
        store.record(coins)
        store.record(quotes(0, 89_999.0, 90_001.0, at=OPEN))
        store.record(trades(3, 0.05, size=2.0, at=OPEN + 1))
        await store.flush()
    found = await so_far(tmp_path, symbol=Symbol("BTC"))
    assert found.premium.tolist() == pytest.approx([0.05 * 2.0 * 90_000.0])


async def test_places_are_those_that_the_flow_gives_prints_as_they_come(tmp_path: Path) -> None:
    dice = np.random.default_rng(5)
    shape = 400
    bid = dice.choice([NAN, 0.0, 1.0, 1.1, 1.3], shape)
    ask = dice.choice([NAN, 0.0, 1.0, 1.1, 1.2, 1.3], shape)
    price = dice.choice([0.9, 1.0, 1.05, 1.1, 1.2, 1.3, 1.4], shape)
    events = []
    for i in range(shape):
        at = OPEN + (i + 1) * SECOND_NS
        events += [quotes(C100, bid[i], ask[i], at=at), trades(C100, price[i], size=float(i + 1), at=at + 1)]
    await run(tmp_path, "a", *events)
    found = await so_far(tmp_path)
    place = places_of(price=price, bid=bid, ask=ask)
    side, size = inferred_sides(place), np.arange(1.0, shape + 1)
    assert found.at_ask.tolist() == [size[place >= Place.ASK].sum()]
    assert found.bought.tolist() == pytest.approx([(100 * price * size)[side > 0].sum()])
    assert found.sold.tolist() == pytest.approx([(100 * price * size)[side < 0].sum()])


async def test_what_has_moved_to_the_archive_counts_as_well(tmp_path: Path) -> None:
    with opened(tmp_path, run="a") as store:
        heard(store, quotes(C100, 2.0, 2.2, at=OPEN), trades(C100, 2.2, size=3.0, at=OPEN + 1))
        store.record(quotes(C100, 2.0, 2.2, at=OPEN + DAY_NS))
        await store.vacuum()
        assert (tmp_path / "archive" / "live" / "trades" / "2026-11-20.parquet").exists()
    found = await so_far(tmp_path)
    assert (by_name(found, "volume"), by_name(found, "bought")) == ({CALL: 3.0}, pytest.approx({CALL: 660.0}))
