from pathlib import Path

import numpy as np

from engine.domain.ids import RunId, SourceId, Symbol
from engine.domain.instants import DAY_NS
from engine.services.market.recall import Recall
from engine.storage.store import Store
from tests.kit.market import NOON, OPEN, bars, listing, series_of, volatility
from tests.kit.market_room import MarketRoom

SPY = Symbol("SPY")
MIDNIGHT = OPEN - OPEN % DAY_NS


async def recorded(folder: Path) -> Store:
    """A store that remembers 150 sessions of SPY."""
    store = Store.open(folder, store="sim", run=RunId("r"), source=SourceId("test"), started_at=NOON, budget_bytes=10**9, variant="seed 7")
    store.record(listing(series_of("SPY")))
    store.record(volatility("SPY", [0.2] * 150))
    store.record(bars("SPY", MIDNIGHT - DAY_NS * np.arange(40, 0, -1), 100.0, seconds=86_400))
    await store.flush()
    return store


async def test_a_name_whose_feed_tells_no_history_has_that_of_the_store(tmp_path: Path) -> None:
    store = await recorded(tmp_path)
    try:
        room = MarketRoom()
        room.emit(listing(series_of("SPY")), volatility("SPY", [0.33]))
        await Recall(state=room.state, store=store, clock=room.clock).recall(SPY)
        history = room.state.history.volatility(SPY)
        assert history.day.shape == (150,)
        assert history.atm_iv[-1] == 0.33
        assert room.state.bars.days(SPY).size == 40
    finally:
        await store.aclose()


async def test_ranks_see_the_sessions_that_were_stored_before_those_the_feed_tells(tmp_path: Path) -> None:
    store = await recorded(tmp_path)
    try:
        room = MarketRoom()
        days = bars("SPY", MIDNIGHT - DAY_NS * np.arange(35, 0, -1), 50.0, seconds=86_400)
        room.emit(listing(series_of("SPY")), volatility("SPY", [0.3] * 120), days)
        await Recall(state=room.state, store=store, clock=room.clock).recall(SPY)
        assert room.state.history.volatility(SPY).atm_iv.tolist() == [0.2] * 30 + [0.3] * 120
        assert room.state.bars.days(SPY).size == 35
    finally:
        await store.aclose()


async def test_a_feed_that_tells_a_year_is_not_supplemented(tmp_path: Path) -> None:
    store = await recorded(tmp_path)
    try:
        room = MarketRoom()
        room.emit(listing(series_of("SPY")), volatility("SPY", [0.3] * 252))
        version = room.state.history.version
        await Recall(state=room.state, store=store, clock=room.clock).recall(SPY)
        assert room.state.history.version == version
    finally:
        await store.aclose()


async def test_a_store_that_cannot_be_read_leaves_the_past_unknown(tmp_path: Path) -> None:
    store = await recorded(tmp_path)
    await store.aclose()
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    recall = Recall(state=room.state, store=store, clock=room.clock)
    recall.listed((SPY, SPY))
    await recall.recall(SPY)
    assert room.state.history.volatility(SPY).day.size == 0


async def test_names_that_are_asked_about_are_recalled_at_once_and_only_once(tmp_path: Path) -> None:
    store = await recorded(tmp_path)
    try:
        room = MarketRoom()
        room.emit(listing(series_of("SPY")))
        recall = Recall(state=room.state, store=store, clock=room.clock)
        await recall.ahead([SPY])
        assert room.state.history.volatility(SPY).day.shape == (150,)
        version = room.state.history.version
        await recall.ahead([SPY])
        assert room.state.history.version == version
    finally:
        await store.aclose()
